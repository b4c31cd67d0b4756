"""Scope consumption: what was sold, planned, delivered and given beyond it, line by line."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from api.budgets.budgets import PeriodBackwards
from api.campaigns.models import (
    Deliverable,
    DeliverableStatus,
    Measure,
    Scope,
    ScopeLine,
    ScopeLot,
    ScopeStatus,
    UnitEntry,
    WaitCause,
)
from tenants import clock, database
from tenants.models import Client

_State = DeliverableStatus
_DONE = frozenset({_State.delivered, _State.cancelled})
_IN_REVIEW = frozenset({_State.internal_review, _State.client_review})


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


@dataclass
class _Counted:
    """A lot's entries up to the end, and those of the period."""

    total: int = 0
    total_over: int = 0
    inside: int = 0
    inside_over: int = 0


@dataclass
class _Lot:
    scope: Scope
    line: ScopeLine
    lot: ScopeLot
    counted: _Counted = field(default_factory=_Counted)
    work: list[Deliverable] = field(default_factory=list)


def of_client(
    session: Session, client_id: UUID, start: date | None = None, end: date | None = None
) -> ClientConsumption:
    """What a client bought and got, in a period of whole days; this month, unless said."""
    client = database.get(session, Client, client_id)
    today = clock.today(client.timezone)
    start, end = period(start, end, today)
    found = _lots(session, client, end)
    _count(session, found, start, end)
    _gather(session, found)
    until = min(today, end + timedelta(days=1))
    shown = [_line(each, until, start, end) for each in found.values() if _concerns(each, start)]
    return ClientConsumption(client.id, start, end, shown)


def period(start: date | None, end: date | None, today: date) -> tuple[date, date]:
    """The days that are asked about: this month, unless said."""
    start = start or (end or today).replace(day=1)
    end = end or (start.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    if end < start:
        raise PeriodBackwards(pointer="?to")
    return start, end


def _lots(session: Session, client: Client, end: date) -> dict[UUID, _Lot]:
    """The lots of what the client accepted and was in force by the end of the period."""
    same = (col(ScopeLine.agency_id) == col(ScopeLot.agency_id)) & (
        col(ScopeLine.id) == col(ScopeLot.line_id)
    )
    above = (col(Scope.agency_id) == col(ScopeLine.agency_id)) & (
        col(Scope.id) == col(ScopeLine.scope_id)
    )
    query = (
        select(Scope, ScopeLine, ScopeLot)
        .join(ScopeLine, above)
        .join(ScopeLot, same)
        .where(
            col(Scope.client_id) == client.id,
            col(Scope.status).in_([ScopeStatus.accepted, ScopeStatus.superseded]),
        )
        .order_by(col(Scope.number), col(ScopeLine.position), col(ScopeLot.number))
    )
    zone = ZoneInfo(client.timezone)
    return {
        lot.id: _Lot(scope, line, lot)
        for scope, line, lot in session.exec(query)
        if _in_force_from(scope, zone) <= end
        if lot.starts_on is None or lot.starts_on <= end
    }


def _in_force_from(scope: Scope, zone: ZoneInfo) -> date:
    """A scope holds from the day it says, also where it was signed later; else from acceptance."""
    if scope.starts_on:
        return scope.starts_on
    return scope.accepted_at.astimezone(zone).date() if scope.accepted_at else date.max


def _count(session: Session, found: dict[UUID, _Lot], start: date, end: date) -> None:
    query = select(UnitEntry).where(
        col(UnitEntry.lot_id).in_(list(found)), col(UnitEntry.counted_on) <= end
    )
    for entry in session.exec(query):
        counted = found[entry.lot_id].counted
        counted.total += entry.quantity
        counted.total_over += entry.over_quantity
        if entry.counted_on >= start:
            counted.inside += entry.quantity
            counted.inside_over += entry.over_quantity


def _gather(session: Session, found: dict[UUID, _Lot]) -> None:
    query = select(Deliverable).where(
        col(Deliverable.lot_id).in_(list(found)),
        col(Deliverable.status) != DeliverableStatus.cancelled,
    )
    work: dict[UUID, list[Deliverable]] = defaultdict(list)
    for row in session.exec(query.order_by(col(Deliverable.due_on), col(Deliverable.id))):
        work[row.lot_id].append(row)
    for lot_id, rows in work.items():
        found[lot_id].work = rows


def _concerns(each: _Lot, start: date) -> bool:
    """Whether a lot still says something about a period: in force, unfinished, or just worked."""
    if each.lot.ends_on is not None and each.lot.ends_on < start and not each.counted.inside:
        return any(row.status not in _DONE for row in each.work)
    finished = each.counted.total - each.counted.inside >= each.lot.quantity
    ended = each.lot.closed_at is not None and each.lot.closed_at.date() < start
    return bool(each.counted.inside) or not (finished or ended)


def _line(each: _Lot, until: date, start: date, end: date) -> LineConsumption:
    counted, line, lot = each.counted, each.line, each.lot
    waiting = [row for row in each.work if row.status not in _DONE]
    blocked = next((row for row in waiting if row.blocked_cause is not None), None)
    return LineConsumption(
        line_id=line.id,
        scope_id=each.scope.id,
        scope_number=each.scope.number,
        campaign_id=each.scope.campaign_id,
        label=line.label,
        kind=line.kind,
        measure=line.measure,
        network=line.network,
        contracted=lot.quantity,
        planned=sum(row.units for row in waiting),
        planned_over=sum(row.units for row in waiting if row.over_scope),
        in_progress=sum(row.units for row in waiting if row.status is not _State.planned),
        delivered=counted.total,
        delivered_in_period=counted.inside,
        over_serviced=counted.total_over,
        over_serviced_in_period=counted.inside_over,
        rounds_over=sum(row.rounds_over for row in each.work),
        status=_status(each, waiting, until),
        due_on=_latest(row.due_on for row in each.work) or _due(each),
        original_due_on=_latest(row.original_due_on for row in each.work) or _due(each),
        blocked_cause=blocked.blocked_cause if blocked else None,
        blocked_since=blocked.blocked_since if blocked else None,
        proofs=[_proof(row) for row in each.work if _inside(row.delivered_on, start, end)],
    )


def _status(each: _Lot, waiting: Sequence[Deliverable], until: date) -> LineStatus:
    due = _due(each)
    overdue = due is not None and due < until and each.counted.total < each.lot.quantity
    for status, holds in (
        (LineStatus.blocked, any(row.blocked_cause is not None for row in waiting)),
        (LineStatus.late, any(row.due_on < until for row in waiting)),
        (LineStatus.in_review, any(row.status in _IN_REVIEW for row in waiting)),
        (LineStatus.delivered, not waiting and each.counted.total >= each.lot.quantity),
        (LineStatus.late, overdue and not waiting),
        (LineStatus.in_progress, any(row.status is not _State.planned for row in waiting)),
        (LineStatus.in_progress, each.counted.total > 0),
    ):
        if holds:
            return status
    return LineStatus.planned


def _due(each: _Lot) -> date | None:
    line, accepted = each.line, each.scope.accepted_at
    if line.due_on is None and line.due_days is not None and accepted is not None:
        return accepted.date() + timedelta(days=line.due_days)
    return line.due_on or each.lot.ends_on


def _latest(days: Iterable[date]) -> date | None:
    return max(days, default=None)


def _inside(day: date | None, start: date, end: date) -> bool:
    return day is not None and start <= day <= end


def _proof(row: Deliverable) -> Proof:
    shown: dict[str, Any] = {
        "url": row.proof_url,
        "network": row.proof_network,
        "published_at": row.published_at,
        "file_id": row.proof_file_id,
    }
    assert row.delivered_on is not None
    return Proof(row.id, row.label, delivered_on=row.delivered_on, **shown)
