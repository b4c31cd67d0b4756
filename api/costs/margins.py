"""
What is left of the price: facts brought together by client, campaign, line or month.

    margin    = revenue − labour cost − direct cost                          (grossMargin)
    margin_bp = margin ÷ revenue in basis points, half-even; null when nothing was earned
    effective hourly rate = (revenue − direct cost) ÷ hours, half-even; null without time

The formulas are those of Productive and Alga PSA: revenue recognised as delivered, pass-through in
neither side. Currencies are never added up: a row is in one, with the labour of clients whose
currency it is. Where labour, or something else of a client's, is in another one, there is no
margin, and the amounts stand side by side.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf
from typing import cast
from uuid import UUID

from sqlmodel import Session, col, select

from api.budgets.budgets import PeriodBackwards
from api.costs import facts
from api.costs.facts import Fact
from api.costs.shapes import MarginGroup, MarginQuality
from tenants import clients, clock, database, pipeline
from tenants.errors import Unprocessable
from tenants.models import Agency, Client
from tenants.money import LARGEST, part_of

READ = "margins:read"
MOST_ROWS, MOST_DAYS = 2_000, 400
KEYS: dict[MarginGroup, tuple[str, ...]] = {
    MarginGroup.client: ("client_id",),
    MarginGroup.campaign: ("client_id", "campaign_id"),
    MarginGroup.scope_line: ("client_id", "campaign_id", "scope_line_id"),
    MarginGroup.month: ("month",),
}


class MarginsTooLarge(Unprocessable):
    """More than 400 days, 2,000 rows, or amounts beyond 2^53 - 1: ask for less at once."""


@dataclass(frozen=True)
class Margin:
    """One row, in one currency."""

    client_id: UUID | None
    campaign_id: UUID | None
    scope_line_id: UUID | None
    month: date | None
    currency: str
    revenue_minor: int
    labour_cost_minor: int
    labour_currency: str
    direct_cost_minor: int
    pass_through_minor: int
    minutes: int
    minutes_without_rate: int
    over_serviced_minor: int
    rounds_over: int
    mixed: bool  # something of the same key is in another currency

    @property
    def quality(self) -> MarginQuality:
        if self.mixed or (self.minutes and self.labour_currency != self.currency):
            return MarginQuality.mixed_currency
        return MarginQuality.partial if self.minutes_without_rate else MarginQuality.complete

    @property
    def margin_minor(self) -> int | None:
        if self.quality is MarginQuality.mixed_currency:
            return None
        return self.revenue_minor - self.labour_cost_minor - self.direct_cost_minor

    @property
    def margin_bp(self) -> int | None:
        if self.margin_minor is None or self.revenue_minor <= 0:
            return None
        return part_of(self.margin_minor, 10_000, self.revenue_minor)

    @property
    def effective_hourly_rate_minor(self) -> int | None:
        if self.mixed or not self.minutes:
            return None
        return part_of(self.revenue_minor - self.direct_cost_minor, 60, self.minutes)


@dataclass(frozen=True)
class Margins:
    """The margins of a period of whole days."""

    period_start: date
    period_end: date
    rows: list[Margin]


@dataclass(frozen=True)
class ClientMargin:
    """A client's margins in a period of whole days: in all, by campaign and by line."""

    client_id: UUID
    period_start: date
    period_end: date
    totals: list[Margin]
    campaigns: list[Margin]
    scope_lines: list[Margin]


def search(
    session: Session,
    group_by: MarginGroup,
    start: date | None,
    end: date | None,
    client_id: UUID | None,
) -> Margins:
    """The margins of all clients whose margin one may read, or of one of them."""
    agency = clients.current_agency(session)
    if client_id:
        zone, wanted = database.get(session, Client, client_id).timezone, [client_id]
    else:
        zone, wanted = agency.timezone, _readable(session)
    start, end = _period(start, end, zone)
    keys = KEYS[group_by]
    rows = _rows(agency, _facts(session, agency, wanted, start, end, keys), keys)
    if group_by is MarginGroup.client:
        rows.sort(key=_worst_first)
    return Margins(start, end, rows)


def of_client(
    session: Session, client_id: UUID, start: date | None, end: date | None
) -> ClientMargin:
    """One client's margin in a period; this month, unless said."""
    client, agency = database.get(session, Client, client_id), clients.current_agency(session)
    start, end = _period(start, end, client.timezone)
    total, campaign, line = (
        KEYS[each] for each in (MarginGroup.client, MarginGroup.campaign, MarginGroup.scope_line)
    )
    found = _facts(session, agency, [client.id], start, end, line)
    made = [_rows(agency, found, keys) for keys in (total, campaign, line)]
    return ClientMargin(client.id, start, end, *made)


def _readable(session: Session) -> list[UUID]:
    """The clients whose margin one may read."""
    sight = cast(database.Session, session).sight
    seen = session.exec(select(Client.id).where(col(Client.agency_id) == sight.agency_id))
    return [each for each in seen if sight.may(READ, each)]


def _period(start: date | None, end: date | None, zone: str) -> tuple[date, date]:
    """The days that are asked about: the month of what is said, or this one."""
    start = start or (end or clock.today(zone)).replace(day=1)
    end = end or start.replace(day=monthrange(start.year, start.month)[1])
    if end < start:
        raise PeriodBackwards(pointer="?to")
    if (end - start).days >= MOST_DAYS:
        raise MarginsTooLarge(pointer="?to")
    return start, end


def _facts(
    session: Session,
    agency: Agency,
    wanted: list[UUID],
    start: date,
    end: date,
    by: Sequence[str],
) -> list[Fact]:
    asked = facts.asked(agency.id, agency.currency, wanted, start, end, by)
    _, rows = pipeline.ask_together(session.connection(), [facts.PLANNED_ANEW, asked])
    return facts.read(rows)


def _rows(agency: Agency, found: list[Fact], keys: tuple[str, ...]) -> list[Margin]:
    """Bring facts together by these members and their currency."""
    groups: dict[tuple[Hashable, ...], list[Fact]] = defaultdict(list)
    for fact in found:
        groups[(*_key(fact, keys), fact.currency)].append(fact)
    mixed = {_key(fact, keys) for fact in found if fact.foreign}
    rows = [
        _margin(together, keys, agency.currency, _key(together[0], keys) in mixed)
        for together in groups.values()
    ]
    if len(rows) > MOST_ROWS or any(map(_is_too_large, rows)):
        raise MarginsTooLarge
    return sorted(rows, key=_in_order)


def _key(fact: Fact, keys: tuple[str, ...]) -> tuple[Hashable, ...]:
    return tuple(getattr(fact, name) for name in keys)


def _margin(
    together: list[Fact], keys: tuple[str, ...], labour_currency: str, mixed: bool
) -> Margin:
    def total(name: str) -> int:
        return sum(getattr(fact, name) for fact in together)

    named = {name: getattr(together[0], name) if name in keys else None for name in _NAMES}
    return Margin(
        **named,
        currency=together[0].currency,
        revenue_minor=total("revenue"),
        labour_cost_minor=total("labour_cost"),
        labour_currency=labour_currency,
        direct_cost_minor=total("direct_cost"),
        pass_through_minor=total("pass_through"),
        minutes=total("minutes"),
        minutes_without_rate=total("minutes_without_rate"),
        over_serviced_minor=total("over_serviced"),
        rounds_over=total("rounds_over"),
        mixed=mixed,
    )


_NAMES = ("client_id", "campaign_id", "scope_line_id", "month")


def _is_too_large(row: Margin) -> bool:
    amounts = [value for value in vars(row).values() if type(value) is int]
    return max(map(abs, (*amounts, row.margin_minor or 0, row.margin_bp or 0))) > LARGEST


def _in_order(row: Margin) -> tuple[str, ...]:
    return (*(str(getattr(row, name) or "") for name in _NAMES), row.currency)


def _worst_first(row: Margin) -> float:
    """A cost without any revenue is worse than any share of it; what is not known comes last."""
    if row.margin_minor is None:
        return inf
    if row.margin_bp is None:
        return -inf if row.margin_minor < 0 else inf
    return row.margin_bp
