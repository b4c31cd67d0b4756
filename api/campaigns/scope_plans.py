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

from api.campaigns import deliverables, lots, periods, retainers
from api.campaigns.deliverable_models import Deliverable, DeliverableStatus
from api.campaigns.deliverables import DueDayMissing, LineWithoutDeliverables, Unplanned
from api.campaigns.lines import of_scope
from api.campaigns.lot_models import ScopeLot
from api.campaigns.models import Scope, ScopeLine
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
    """What is wanted of one line, whose lots are held, the oldest first."""

    line: ScopeLine
    lots: Sequence[ScopeLot]
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
            session, scope, each.line, each.lots, each.wanted, assignee_id=each.assignee_id
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
    held = [
        (line, found)
        for line, found in retainers.by_line(session, scope.id, document.values())
        if line.measure in deliverables.REVIEWED
    ]
    counted = [
        (line, found, *_count(session, line, found, chosen.get(line.id, {})))
        for line, found in held
    ]
    asked = sum(wanted for *_, wanted in counted)
    if asked > MOST:
        raise TooManyAtOnce(asked)
    today = periods.today(session, scope.client_id)
    return scope, [
        _of_line(session, scope, line, found, free, wanted, chosen.get(line.id, {}), today)
        for line, found, free, wanted in counted
    ]


def _count(
    session: Session, line: ScopeLine, found: Sequence[ScopeLot], choice: Mapping[str, Any]
) -> tuple[int, int]:
    """How many are free, and how many of them are wanted."""
    free = sum(lot.available for lot in retainers.living(session, line, found))
    wanted = choice.get("count")
    if wanted is None:
        return free, free
    if wanted > free:
        raise lots.ScopeExhausted(free)
    return free, int(wanted)


def _of_line(
    session: Session,
    scope: Scope,
    line: ScopeLine,
    found: Sequence[ScopeLot],
    free: int,
    wanted: int,
    choice: Mapping[str, Any],
    today: date,
) -> _Draft:
    assignee_id = choice.get("assignee_id")
    deliverables.check_assignee(session, assignee_id)
    days = _days(session, scope, line, found[-1], choice, wanted, today)
    places = islice(_places(session, line, found[-1]), wanted)
    units = [
        Unplanned(deliverables.placed(line.label, place, found[-1].quantity), due_on=day)
        for place, day in zip(places, days, strict=True)
    ]
    return _Draft(line, found, assignee_id, free, units)


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
        return [deliverables.due(session, scope, line, lot)] * wanted
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
