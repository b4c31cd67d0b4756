"""
A whole scope at once: a deliverable for every unit of its pieces and milestones that is free.

Which day each is due:

    the plan names a first day      that day, and every so many days after it
    the line names its day          that day, for all of them: it is what was sold
    neither                         spread over what is left of the scope's period: the k-th of n is
                                    due when k/n of its days, rounded up, have passed; the last one
                                    on the period's last day

All of it is planned or nothing, and what has been planned is not free any more.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count, islice
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.campaigns import deliverables, lots
from api.campaigns.deliverables import DueDayMissing, LineWithoutDeliverables, Unplanned
from api.campaigns.lines import of_scope
from api.campaigns.models import Deliverable, DeliverableStatus, Scope, ScopeLine, ScopeLot
from tenants import database
from tenants.errors import Conflict, NotFound, Unprocessable

MOST = 1_000
LAST_DAY = date(2200, 12, 31)


class TooManyAtOnce(Conflict):
    """More are free than can be planned at once: say how many of each line; `most` says the sum."""

    def __init__(self, asked: int) -> None:
        super().__init__(extra={"most": MOST, "asked": asked}, most=MOST, asked=asked)


class DueTooLate(Unprocessable):
    """The last of a line would be due on a day that no calendar shows."""


@dataclass(frozen=True)
class Planned:
    """One deliverable of a plan; without an id in a preview."""

    id: UUID | None
    label: dict[str, str]
    due_on: date


@dataclass(frozen=True)
class LinePlan:
    """What a plan makes of a line, of which `free` units were left."""

    line_id: UUID
    label: dict[str, str]
    free: int
    assignee_id: UUID | None
    deliverables: list[Planned]


@dataclass(frozen=True)
class ScopePlan:
    """What a plan makes of a scope."""

    scope_id: UUID
    planned: int
    lines: list[LinePlan]


@dataclass
class _Draft:
    """What is wanted of one lot, which is held."""

    line: ScopeLine
    lot: ScopeLot
    assignee_id: UUID | None
    free: int
    wanted: list[Unplanned]
    made: list[UUID] = field(default_factory=list)


def plan(
    session: Session, scope_id: UUID, *, lines: Sequence[Mapping[str, Any]], preview: bool = False
) -> ScopePlan:
    """
    Make every deliverable that is free, or as many of a line as is said of it; or none. A preview
    tells the same and makes nothing.
    """
    scope, drafts = _draft(session, scope_id, lines)
    for each in () if preview else drafts:
        rows = deliverables.plan(
            session, scope, each.line, each.lot, each.wanted, assignee_id=each.assignee_id
        )
        each.made = [row.id for row in rows]
    return _told(scope, drafts)


def _draft(
    session: Session, scope_id: UUID, choices: Sequence[Mapping[str, Any]]
) -> tuple[Scope, list[_Draft]]:
    scope = database.get(session, Scope, scope_id)
    document = {line.id: line for line in of_scope(session, scope.id)}
    chosen = {each["line_id"]: each for each in choices}
    if not chosen.keys() <= document.keys():
        raise NotFound
    if any(document[each].measure not in deliverables.REVIEWED for each in chosen):
        raise LineWithoutDeliverables(pointer="/lines")
    held = lots.of_scope(session, scope.id)
    if not held:
        raise lots.ScopeNotInForce
    counted = [
        (document[lot.line_id], lot, _count(lot, chosen.get(lot.line_id, {})))
        for lot in held
        if document[lot.line_id].measure in deliverables.REVIEWED
    ]
    asked = sum(wanted for _, _, wanted in counted)
    if asked > MOST:
        raise TooManyAtOnce(asked)
    today = deliverables.today(session, scope.client_id)
    drafts = [
        _of_lot(session, scope, line, lot, wanted, chosen.get(line.id, {}), today)
        for line, lot, wanted in counted
    ]
    return scope, sorted(drafts, key=lambda each: (each.line.position, each.lot.number))


def _count(lot: ScopeLot, choice: Mapping[str, Any]) -> int:
    wanted = choice.get("count")
    if wanted is None:
        return lot.available
    if wanted > lot.available:
        raise lots.ScopeExhausted(lot.available)
    return int(wanted)


def _of_lot(
    session: Session,
    scope: Scope,
    line: ScopeLine,
    lot: ScopeLot,
    wanted: int,
    choice: Mapping[str, Any],
    today: date,
) -> _Draft:
    assignee_id = choice.get("assignee_id")
    deliverables.check_assignee(session, assignee_id)
    days = _days(session, scope, line, lot, choice, wanted, today)
    places = islice(_places(session, line, lot), wanted)
    units = [
        Unplanned(deliverables.placed(line.label, place, lot.quantity), due_on=day)
        for place, day in zip(places, days, strict=True)
    ]
    return _Draft(line, lot, assignee_id, lot.available, units)


def _days(
    session: Session,
    scope: Scope,
    line: ScopeLine,
    lot: ScopeLot,
    choice: Mapping[str, Any],
    wanted: int,
    today: date,
) -> list[date]:
    first = choice.get("first_due_on")
    if first is not None:
        every = timedelta(days=choice.get("every_days") or 0)
        days = [first + every * place for place in range(wanted)]
        if days and days[-1] > LAST_DAY:
            raise DueTooLate(pointer="/lines")
        return days
    if line.due_on is not None or line.due_days is not None:
        return [deliverables.due(session, scope, line)] * wanted
    if lot.ends_on is None and wanted:
        raise DueDayMissing(pointer="/lines", extra={"line_id": str(line.id)})
    end = lot.ends_on or today
    return spread(max(lot.starts_on or today, today), end, wanted)


def spread(start: date, end: date, wanted: int) -> list[date]:
    """Days from a day to a later one, as even as days are; of a period that is over, its last."""
    length = max((end - start).days + 1, 1)
    begin = end - timedelta(days=length - 1)
    return [
        begin + timedelta(days=-(-place * length // wanted) - 1) for place in range(1, wanted + 1)
    ]


def _places(session: Session, line: ScopeLine, lot: ScopeLot) -> Iterator[int]:
    """The numbers that no other deliverable of the lot has in its label, the lowest first."""
    query = select(Deliverable.label).where(
        col(Deliverable.lot_id) == lot.id, col(Deliverable.status) != DeliverableStatus.cancelled
    )
    taken = {
        int(found[1])
        for label in session.exec(query)
        for language, text in line.label.items()
        if (found := re.fullmatch(re.escape(text) + r" (\d{1,9})/\d+", label.get(language, "")))
    }
    return (place for place in count(1) if place not in taken)


def _told(scope: Scope, drafts: Sequence[_Draft]) -> ScopePlan:
    told = [
        LinePlan(
            line_id=each.line.id,
            label=each.line.label,
            free=each.free,
            assignee_id=each.assignee_id,
            deliverables=[
                Planned(each.made[place] if each.made else None, unit.label, unit.due_on)
                for place, unit in enumerate(each.wanted)
                if unit.due_on is not None
            ],
        )
        for each in drafts
    ]
    return ScopePlan(scope.id, sum(len(each.deliverables) for each in told), told)
