"""
On-time rates: of what was delivered in a period, how much was out by the day it was due.

    on time as promised  delivered by the first due day ÷ delivered
    on time as agreed    delivered by the due day it had in the end ÷ delivered

Deliverables are counted, whatever their units, in the period of the client's day on which they were
out; a rate is rounded half-even to 6 places. What was late as promised has one cause: out after the
day it had in the end, of whom it last waited on, or the agency if it never did; else, of the last
move of its day. The causes stand in what is the agency's to read, and are told to its people alone.

What is due in the period, not delivered and past its day is overdue; it is in no rate yet.
"""

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from api.budgets.budgets import PeriodBackwards
from api.campaigns.deliverable_models import WaitCause
from api.campaigns.deliverables import OPEN
from tenants import clock, database
from tenants.models import Client

PLACES = 6


@dataclass(frozen=True)
class Rate:
    """numerator ÷ denominator, rounded half-even to 6 places; null when nothing is divided by."""

    numerator: int
    denominator: int

    @property
    def value(self) -> float | None:
        if not self.denominator:
            return None
        scaled = round(Fraction(self.numerator * 10**PLACES, self.denominator))
        return float(Decimal(scaled).scaleb(-PLACES))

    @property
    def missing_reason(self) -> Literal["no_denominator"] | None:
        return None if self.denominator else "no_denominator"


@dataclass(frozen=True)
class CauseCount:
    """How many, by whose cause."""

    cause: WaitCause
    count: int


@dataclass(frozen=True)
class Punctuality:
    """How punctual some deliveries were; without causes for whom they are not told."""

    delivered: int
    on_time_as_promised: Rate
    on_time_as_agreed: Rate
    late: int
    late_by_cause: list[CauseCount] | None
    overdue: int
    overdue_by_cause: list[CauseCount] | None


@dataclass(frozen=True)
class CampaignPunctuality:
    """A campaign's; of no campaign: what was sold outside of one."""

    campaign_id: UUID | None
    punctuality: Punctuality


@dataclass(frozen=True)
class ClientPunctuality:
    """A client's in a period of whole days, and campaign by campaign."""

    client_id: UUID
    period_start: date
    period_end: date
    total: Punctuality
    campaigns: list[CampaignPunctuality]


def of_client(
    session: Session, client_id: UUID, start: date | None = None, end: date | None = None
) -> ClientPunctuality:
    """How punctual a client's deliveries were in a period; this month, unless said."""
    client = database.get(session, Client, client_id)
    today = clock.today(client.timezone)
    start, end = _period(start, end, today)
    asked = {
        "agency": client.agency_id,
        "client": client.id,
        "start": start,
        "end": end,
        "today": today,
        "open": sorted(map(str, OPEN)),
    }
    told = session.sight.may("deliverables:read_dates", client.id)  # type: ignore[attr-defined]
    found = _counted(session, _TELLING if told else _COUNTING, asked)
    campaigns = [
        CampaignPunctuality(campaign_id, _punctuality([counts], told))
        for campaign_id, counts in sorted(found.items(), key=lambda each: str(each[0] or ""))
    ]
    return ClientPunctuality(client.id, start, end, _punctuality(found.values(), told), campaigns)


def _period(start: date | None, end: date | None, today: date) -> tuple[date, date]:
    """The days that are asked about: the month of what is said, or this one."""
    start = start or (end or today).replace(day=1)
    end = end or start.replace(day=monthrange(start.year, start.month)[1])
    if end < start:
        raise PeriodBackwards(pointer="?to")
    return start, end


@dataclass
class _Counts:
    delivered: int = 0
    promised: int = 0
    agreed: int = 0
    overdue: int = 0


_Group = tuple[_Counts, Counter[str], Counter[str]]


def _counted(session: Session, query: Any, asked: Mapping[str, Any]) -> dict[UUID | None, _Group]:
    """campaign → its counts, and by cause what was late and what is overdue."""
    found: dict[UUID | None, _Group] = defaultdict(lambda: (_Counts(), Counter(), Counter()))
    for row in session.connection().execute(query, asked):
        counts, late, overdue = found[row.campaign_id]
        if row.is_delivered:
            counts.delivered += row.amount
            counts.promised += row.amount * row.as_promised
            counts.agreed += row.amount * row.as_agreed
            late[row.cause] += row.amount * (not row.as_promised)
        else:
            counts.overdue += row.amount
            overdue[row.cause] += row.amount
    return found


def _punctuality(groups: Iterable[_Group], told: bool) -> Punctuality:
    groups = list(groups)
    delivered, promised, agreed, overdue = (
        sum(getattr(counts, name) for counts, _, _ in groups)
        for name in ("delivered", "promised", "agreed", "overdue")
    )
    return Punctuality(
        delivered=delivered,
        on_time_as_promised=Rate(promised, delivered),
        on_time_as_agreed=Rate(agreed, delivered),
        late=delivered - promised,
        late_by_cause=_causes([late for _, late, _ in groups]) if told else None,
        overdue=overdue,
        overdue_by_cause=_causes([each for _, _, each in groups]) if told else None,
    )


def _causes(counts: Iterable[Counter[str]]) -> list[CauseCount]:
    total = sum(counts, Counter[str]())
    return [CauseCount(cause, total[cause]) for cause in WaitCause if total[cause]]


_QUERY = """
select d.campaign_id, d.status = 'delivered' as is_delivered,
    d.delivered_on <= d.original_due_on as as_promised, d.delivered_on <= d.due_on as as_agreed,
    {cause} as cause, count(*) as amount
from deliverables d
where d.agency_id = :agency and d.client_id = :client
    and (d.delivered_on between :start and :end
        or d.status = any(:open) and d.due_on between :start and :end and d.due_on < :today)
group by 1, 2, 3, 4, 5
"""
_CAUSE = """
case
    when d.status <> 'delivered' then coalesce(d.blocked_cause, 'agency')
    when d.delivered_on > d.due_on then coalesce(d.waited_on, 'agency')
    else (
        select moved.cause from deliverable_dates moved
        where moved.agency_id = d.agency_id and moved.deliverable_id = d.id
            and moved.new_due_on > moved.old_due_on
        order by moved.id desc limit 1
    )
end
"""
_TELLING = text(_QUERY.format(cause=_CAUSE))
_COUNTING = text(_QUERY.format(cause="null"))
