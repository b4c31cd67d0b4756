"""
Scope consumption: what was sold, planned, delivered and given beyond it, line by line.

Two statements that travel together: every lot with what was counted on it and how its work stands,
and the proofs of what was delivered in the period. How a line is called is decided here.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, cast
from uuid import UUID

from pydantic_core import to_json
from sqlmodel import Session

from api.budgets.budgets import PeriodBackwards
from api.campaigns.deliverable_models import WaitCause
from api.campaigns.models import Measure
from tenants import clock, database, reads
from tenants.pipeline import Statement
from tenants.reads import Answer
from tenants.sight import Sight


class LineStatus(StrEnum):
    """How a line stands, as a client reads it."""

    planned = "planned"
    in_progress = "in_progress"
    in_review = "in_review"
    blocked = "blocked"
    late = "late"
    delivered = "delivered"


@dataclass(frozen=True)
class Proof:
    """Where something delivered can be seen."""

    deliverable_id: UUID
    label: dict[str, str]
    url: str | None
    network: str | None
    published_at: datetime | None
    file_id: UUID | None
    delivered_on: date


@dataclass(frozen=True)
class LineConsumption:
    """
    One line up to the end of a period, in units. `delivered` counts everything handed over,
    `over_serviced` what of it was beyond `contracted`; `planned` is not delivered yet, and
    `planned_over` what of that is over scope.
    """

    line_id: UUID
    scope_id: UUID
    scope_number: int
    campaign_id: UUID | None
    label: dict[str, str]
    kind: str
    measure: Measure
    network: str | None
    contracted: int
    planned: int
    planned_over: int
    in_progress: int
    delivered: int
    delivered_in_period: int
    over_serviced: int
    over_serviced_in_period: int
    rounds_over: int
    status: LineStatus
    due_on: date | None
    original_due_on: date | None
    blocked_cause: WaitCause | None
    blocked_since: date | None
    proofs: list[Proof]


@dataclass(frozen=True)
class ClientConsumption:
    """Every line in force for a client in a period."""

    client_id: UUID
    period_start: date
    period_end: date
    lines: list[LineConsumption]


class _Lot(NamedTuple):
    """One row of `_COUNTED`. What the client bought it under, what was counted, how work stands."""

    starts_on: date
    ends_on: date
    today: date
    lot_id: UUID | None
    lot_ends_on: date | None
    closed_on: date | None
    line_due_on: date | None
    line_id: UUID
    scope_id: UUID
    scope_number: int
    campaign_id: UUID | None
    label: dict[str, str]
    kind: str
    measure: str
    network: str | None
    contracted: int
    delivered: int
    delivered_in_period: int
    over_serviced: int
    over_serviced_in_period: int
    planned: int
    planned_over: int
    in_progress: int
    in_review: int
    rounds_over: int
    next_due_on: date | None
    work_due_on: date | None
    work_original_due_on: date | None
    blocked: str | None  # the day and the cause, of what has waited longest


_SHOWN = LineConsumption.__dataclass_fields__.keys() & set(_Lot._fields)


def of_client(
    session: Session, client_id: UUID, start: date | None = None, end: date | None = None
) -> ClientConsumption:
    """What a client bought and got, as `Consumption` finds it."""
    asked = Consumption(client_id, start, end)
    return cast(ClientConsumption, reads.ask_within(cast(database.Session, session), asked))


@dataclass(frozen=True)
class Consumption:
    """
    Asks what a client bought and got, in a period of whole days; this month, unless said. What the
    client accepted counts from the day it says, also where it was signed later.
    """

    client_id: UUID
    start: date | None = None
    end: date | None = None
    campaign_id: UUID | None = None

    def statements(self, agency_id: UUID) -> Sequence[Statement]:
        values = {
            "agency": agency_id,
            "client": self.client_id,
            "campaign": self.campaign_id,
            "first": self.start,
            "last": self.end,
            "now": clock.now(),
        }
        return [Statement(_COUNTED, values), Statement(_PROOFS, values)]

    def answer(
        self, sight: Sight, permission: str | None, found: Sequence[list[Any]]
    ) -> ClientConsumption:
        lots = [_Lot(*row) for row in found[0]]
        reads.check_client(sight, permission, self.client_id if lots else None)
        start, end = lots[0].starts_on, lots[0].ends_on
        if end < start:
            raise PeriodBackwards(pointer="?to")
        proofs = _proofs(found[1])
        bought = [lot for lot in lots if lot.lot_id is not None]
        lines = [_line(lot, proofs) for lot in bought if _concerns(lot)]
        return ClientConsumption(self.client_id, start, end, lines)


class ConsumptionJson(Consumption):
    """The same as JSON: a model for each line and proof would cost as much as finding them."""

    def answer(self, sight: Sight, permission: str | None, found: Sequence[list[Any]]) -> Any:
        return Answer(to_json(super().answer(sight, permission, found)))


def _proofs(rows: Sequence[Any]) -> Mapping[UUID, list[Proof]]:
    found: dict[UUID, list[Proof]] = defaultdict(list)
    for lot_id, *shown in rows:
        found[lot_id].append(Proof(*shown))
    return found


def _concerns(lot: _Lot) -> bool:
    """Whether a lot still says something about a period: in force, unfinished, or just worked."""
    if lot.delivered_in_period:
        return True
    if lot.lot_ends_on is not None and lot.lot_ends_on < lot.starts_on:
        return lot.planned > 0
    finished = lot.delivered >= lot.contracted
    closed = lot.closed_on is not None and lot.closed_on < lot.starts_on
    return not (finished or closed)


def _line(lot: _Lot, proofs: Mapping[UUID, list[Proof]]) -> LineConsumption:
    due = lot.line_due_on or lot.lot_ends_on
    shown = {name: value for name, value in lot._asdict().items() if name in _SHOWN}
    since, _, cause = (lot.blocked or "").partition(" ")
    return LineConsumption(
        **shown | {"measure": Measure(lot.measure)},
        blocked_cause=WaitCause(cause) if cause else None,
        blocked_since=date.fromisoformat(since) if since else None,
        status=_status(lot, due),
        due_on=lot.work_due_on or due,
        original_due_on=lot.work_original_due_on or due,
        proofs=proofs.get(cast(UUID, lot.lot_id), []),
    )


def _status(lot: _Lot, due: date | None) -> LineStatus:
    until = min(lot.today, lot.ends_on + timedelta(days=1))
    missing = lot.delivered < lot.contracted
    for status, holds in (
        (LineStatus.blocked, lot.blocked),
        (LineStatus.late, lot.next_due_on is not None and lot.next_due_on < until),
        (LineStatus.in_review, lot.in_review),
        (LineStatus.delivered, not lot.planned and not missing),
        (LineStatus.late, not lot.planned and missing and due is not None and due < until),
        (LineStatus.in_progress, lot.in_progress or lot.delivered),
    ):
        if holds:
            return status
    return LineStatus.planned


# Days are the client's, and so is the month that is meant when none is said.
ASKED = """
with asked as (
    select c.id, c.timezone, t.today, f.first, coalesce(
        cast(%(last)s as date), (date_trunc('month', f.first) + interval '1 month')::date - 1
    ) as last
    from clients c
    cross join lateral (
        select (cast(%(now)s as timestamptz) at time zone c.timezone)::date as today
    ) t
    cross join lateral (
        select coalesce(cast(%(first)s as date),
            date_trunc('month', coalesce(cast(%(last)s as date), t.today))::date) as first
    ) f
    where c.agency_id = %(agency)s and c.id = %(client)s
)"""
# `bought`: the lots of what the client accepted and was in force by the end of the period. What was
# counted on each is looked up lot by lot: an agency has more work than one client's.
_COUNTED = f"""
{ASKED}, bought as materialized (
    select t.id, t.quantity, t.number as lot_number, t.ends_on,
        (t.closed_at at time zone a.timezone)::date as closed_on,
        coalesce(l.due_on, (s.accepted_at at time zone a.timezone)::date + l.due_days) as due_on,
        l.id as line_id, l.label, l.kind, l.measure, l.network, l.position,
        s.id as scope_id, s.number, s.campaign_id
    from asked a
    join scopes s on s.agency_id = %(agency)s and s.client_id = a.id
    join scope_lines l on l.agency_id = %(agency)s and l.scope_id = s.id
    join scope_lots t on t.agency_id = %(agency)s and t.line_id = l.id
    where s.status in ('accepted', 'superseded')
        and (cast(%(campaign)s as uuid) is null or s.campaign_id = %(campaign)s)
        and coalesce(t.starts_on, (s.accepted_at at time zone a.timezone)::date) <= a.last
)
select a.first, a.last, a.today, b.id, b.ends_on, b.closed_on, b.due_on,
    b.line_id, b.scope_id, b.number, b.campaign_id, b.label, b.kind, b.measure, b.network,
    b.quantity, coalesce(c.total, 0)::bigint, coalesce(c.inside, 0)::bigint,
    coalesce(c.total_over, 0)::bigint, coalesce(c.inside_over, 0)::bigint,
    coalesce(w.planned, 0), coalesce(w.planned_over, 0), coalesce(w.in_progress, 0),
    coalesce(w.in_review, 0), coalesce(w.rounds_over, 0),
    w.next_due_on, w.due_on, w.original_due_on, w.blocked
from asked a
left join bought b on true
left join lateral (
    select sum(u.quantity) as total, sum(u.over_quantity) as total_over,
        sum(u.quantity) filter (where u.counted_on >= a.first) as inside,
        sum(u.over_quantity) filter (where u.counted_on >= a.first) as inside_over
    from unit_entries u
    where u.agency_id = %(agency)s and u.lot_id = b.id and u.counted_on <= a.last
        and u.kind in ('delivery', 'accrual', 'reversal')
) c on true
left join lateral (
    select max(d.due_on) as due_on, max(d.original_due_on) as original_due_on,
        sum(greatest(d.rounds_used - d.rounds_included, 0)) as rounds_over,
        sum(d.units) filter (where w.waits) as planned,
        sum(d.units) filter (where w.waits and d.over_scope) as planned_over,
        sum(d.units) filter (where w.waits and d.status <> 'planned') as in_progress,
        sum(d.units) filter (where d.status in ('internal_review', 'client_review')) as in_review,
        min(d.due_on) filter (where w.waits) as next_due_on,
        min(to_char(d.blocked_since, 'YYYY-MM-DD ') || d.blocked_cause)
            filter (where w.waits and d.blocked_cause is not null) as blocked
    from deliverables d
    cross join lateral (select d.status <> 'delivered' as waits) w
    where d.agency_id = %(agency)s and d.lot_id = b.id and d.status <> 'cancelled'
) w on true
order by b.number, b.position, b.lot_number"""  # noqa: S608
_PROOFS = f"""
{ASKED}
select d.lot_id, d.id, d.label, d.proof_url, d.proof_network, d.published_at, d.proof_file_id,
    d.delivered_on
from asked a
join deliverables d on d.agency_id = %(agency)s and d.client_id = a.id
where d.delivered_on between a.first and a.last
order by d.due_on, d.id"""  # noqa: S608
