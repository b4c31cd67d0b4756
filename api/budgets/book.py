"""
The book of one line: held, entered in, settled.

A line is held (locked and read anew) before anything is looked at, and its budget after it, with
what all its lines add up to, in one round trip. Entries are added, and the balances that follow are
written once, at the end: they travel with the COMMIT, so that nobody waits for a line longer than
it takes to decide. Whatever makes room covers what is unfunded on the line first, the oldest of it
first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from api.budgets import alerts
from api.budgets.models import (
    Budget,
    BudgetEntry,
    BudgetLine,
    BudgetStatus,
    EntryKind,
    EntryNote,
    PaidBy,
)
from api.budgets.sources import Why
from tenants import clock, database, outbox, pipeline, rows
from tenants.errors import Conflict, Unprocessable
from tenants.ids import new_id
from tenants.models import Client
from tenants.money import LARGEST
from tenants.pipeline import Statement

Row = TypeVar("Row", Budget, BudgetLine)
ALLOCATED, COMMITTED = "allocated_minor", "committed_minor"
SPENT, UNFUNDED = "spent_minor", "unfunded_minor"
ALLOCATED_UNITS, COMMITTED_UNITS = "allocated_units", "committed_units"
SPENT_UNITS = "spent_units"
OTHER_PAYER = "other_payer_minor"
BALANCES = (
    *(ALLOCATED, COMMITTED, SPENT, UNFUNDED),
    *(ALLOCATED_UNITS, COMMITTED_UNITS, SPENT_UNITS, OTHER_PAYER),
)

# The balance each kind of entry adds to; spending that is not funded adds to `unfunded_minor`.
BALANCE: dict[EntryKind, str] = {
    EntryKind.allocation: ALLOCATED,
    EntryKind.transfer: ALLOCATED,
    EntryKind.commitment: COMMITTED,
    EntryKind.release: COMMITTED,
    EntryKind.expense: SPENT,
    EntryKind.refund: SPENT,
}
UNITS = {ALLOCATED: ALLOCATED_UNITS, COMMITTED: COMMITTED_UNITS, SPENT: SPENT_UNITS}


class BudgetNotActive(Conflict):
    """Only an active budget takes entries and expenses; `state` says what this one is."""


class LineExceeded(Conflict):
    """More than the line has left: `available_minor`, and `available_units` where it has units."""


class UnitNotPlanned(Unprocessable):
    """The line plans no units, or others than these."""


class BeforePeriod(Unprocessable):
    """An entry is dated in its budget's period or after it; `period_start` is the first day."""


class TotalTooLarge(Unprocessable):
    """The amounts add up to more than 2^53 - 1 minor units."""


@dataclass
class Held:
    """A budget that is held, and what its lines add up to."""

    budget: Budget
    allocated: int
    spent: int
    unfunded: int

    def count(self, balances: dict[str, int]) -> None:
        """Add what a line's balances have changed by. Sums are JSON integers too."""
        self.allocated += balances[ALLOCATED]
        self.spent += balances[SPENT]
        self.unfunded += balances[UNFUNDED]
        if max(self.allocated, self.unfunded) > LARGEST:
            raise TotalTooLarge(pointer="/amount_minor")


@dataclass(frozen=True)
class Moved:
    """What an entry adds to a line: minor units of its currency, and units of its own."""

    amount_minor: int
    units: int = 0

    def __neg__(self) -> "Moved":
        return Moved(-self.amount_minor, -self.units)


class Book:
    """What one command enters on one held line."""

    def __init__(
        self, session: Session, line: BudgetLine, held: Held, why: Why, booked_on: date
    ) -> None:
        self.session = session
        self.line = line
        self.held = held
        self.why = why
        self.booked_on = booked_on
        self.balances: dict[str, int] = {name: getattr(line, name) for name in BALANCES}

    @property
    def room(self) -> int:
        """What is available; never below zero."""
        return self.balances[ALLOCATED] - self.balances[COMMITTED] - self.balances[SPENT]

    @property
    def room_units(self) -> int:
        """The units that are available; facts may have used more than there are."""
        balances = self.balances
        left = balances[ALLOCATED_UNITS] - balances[COMMITTED_UNITS] - balances[SPENT_UNITS]
        return max(left, 0)

    def check_unit(self, units: int, of: str | None) -> None:
        """Whether the line counts units at all, and these."""
        if units and (of is None or self.line.unit != of):
            raise UnitNotPlanned(pointer="/units")

    def check_room(self, moved: Moved) -> None:
        if moved.amount_minor > self.room or moved.units > self.room_units:
            units = {"available_units": self.room_units} if self.line.unit else {}
            raise LineExceeded(extra={"available_minor": self.room, **units})

    def enter(
        self,
        kind: EntryKind,
        moved: Moved,
        *,
        funded: bool = True,
        reversal_of: UUID | None = None,
        paid_by: PaidBy | None = None,
    ) -> BudgetEntry:
        """Add an entry, with its note when there is something to note."""
        entry = self._add(self.why, kind, moved, funded, reversal_of, paid_by)
        if self.why.payee or self.why.note:
            self.session.flush()
            self.session.add(
                EntryNote(
                    id=entry.id,
                    client_id=entry.client_id,
                    payee=self.why.payee,
                    note=self.why.note,
                )
            )
        return entry

    def write(self) -> None:
        """Cover what can be covered, and give the line its balances."""
        if self.balances[UNFUNDED] and self.room:
            self._cover()
        before = {name: getattr(self.line, name) for name in BALANCES}
        self.held.count({name: self.balances[name] - before[name] for name in BALANCES})
        for name, balance in self.balances.items():
            if balance != before[name]:
                setattr(self.line, name, balance)

    def _cover(self) -> None:
        for entry_id, paid_by, left in _unfunded_of(self.session, self.line):
            if not (part := min(left, self.room)):
                return
            why = Why("cover", new_id(), self.booked_on)
            for amount, funded in ((-part, False), (part, True)):
                self._add(why, EntryKind.expense, Moved(amount), funded, entry_id, paid_by)

    def _add(
        self,
        why: Why,
        kind: EntryKind,
        moved: Moved,
        funded: bool,
        reversal_of: UUID | None,
        paid_by: PaidBy | None,
    ) -> BudgetEntry:
        self._count(BALANCE[kind] if funded else UNFUNDED, moved.amount_minor, "/amount_minor")
        self._count(UNITS[BALANCE[kind]], moved.units, "/units")
        payer = paid_by or self.line.paid_by
        if payer is not self.line.paid_by:
            self._count(OTHER_PAYER, moved.amount_minor, "/amount_minor")
        entry = BudgetEntry(
            client_id=self.line.client_id,
            line_id=self.line.id,
            kind=kind,
            amount_minor=moved.amount_minor,
            units=moved.units,
            currency=self.line.currency,
            funded=funded,
            category=self.line.category,
            paid_by=payer,
            booked_on=self.booked_on,
            reversal_of=reversal_of,
            source_type=why.source_type,
            source_id=why.source_id,
            entered_by=sight_of(self.session).membership_id,
            request_id=self.session.info.get("request_id"),
        )
        self.session.add(entry)
        return entry

    def _count(self, balance: str, more: int, pointer: str) -> None:
        self.balances[balance] += more
        if self.balances[balance] > LARGEST:
            raise TotalTooLarge(pointer=pointer)


def settle(event: str, *books: Book) -> None:
    """Write the balances of these lines of one budget, count its new version, and tell."""
    session, lines, held = books[0].session, [book.line for book in books], books[0].held
    for book in books:
        book.write()
    database.touch(held.budget)
    for line in lines:
        outbox.emit(session, event, line)
    alerts.tell(session, held.budget, held.allocated, held.spent + held.unfunded, lines)


def hold(session: Session, why: Why, *lines: BudgetLine) -> list[Book]:
    """
    Lock these lines of one budget until the transaction ends, in the order of their ids, then the
    budget, and open their books as they are now: what was read before the lock is an overspend.
    """
    if not lines:
        return []
    session.flush()
    values = {
        "agency": sight_of(session).agency_id,
        "budget": lines[0].budget_id,
        "lines": sorted(line.id for line in lines),
    }
    asked = [Statement(each, values) for each in (_hold_lines(), _hold_budget(), _SUM_LINES)]
    found, (budget,), (sums,) = pipeline.ask_together(session.connection(), asked)
    held = Held(_read(session, Budget, budget), *map(int, sums))
    books = {}
    for *cells, starts_on, zone in found:
        line = _read(session, BudgetLine, cells)
        books[line.id] = Book(session, line, held, why, _booked_on(why.booked_on, starts_on, zone))
    return [books[line.id] for line in lines]


def _read(session: Session, model: type[Row], cells: Sequence[Any]) -> Row:
    row: Row = rows.loaded(session, model, cells, anew=True)
    database.hold(session, row)
    return row


@cache
def _hold_lines() -> str:
    return f"""
        select {rows.columns(BudgetLine)}, budgets.period_start, clients.timezone
        from budget_lines
            join budgets on budgets.agency_id = budget_lines.agency_id
                and budgets.id = budget_lines.budget_id
            join clients on clients.agency_id = budget_lines.agency_id
                and clients.id = budget_lines.client_id
        where budget_lines.agency_id = %(agency)s and budget_lines.id = any(%(lines)s)
        order by budget_lines.id for no key update of budget_lines
    """  # noqa: S608


@cache
def _hold_budget() -> str:
    return f"""
        select {rows.columns(Budget)} from budgets
        where agency_id = %(agency)s and id = %(budget)s for no key update
    """  # noqa: S608


# A statement of its own: the one that waited for the budget's lock sees the lines of before.
_SUM_LINES = """
select coalesce(sum(allocated_minor), 0), coalesce(sum(spent_minor), 0),
    coalesce(sum(unfunded_minor), 0)
from budget_lines where agency_id = %(agency)s and budget_id = %(budget)s
"""


def _booked_on(said: date | None, starts_on: date, zone: str) -> date:
    """The day that was said; else today, or the period's first day while that is still to come."""
    if said is None:
        return max(clock.today(zone), starts_on)
    if said < starts_on:
        raise BeforePeriod(extra={"period_start": starts_on.isoformat()})
    return said


def check_active(line: BudgetLine) -> None:
    if line.status is not BudgetStatus.active:
        raise BudgetNotActive(extra={"state": line.status.value}, state=line.status.value)


def known(session: Session, line: BudgetLine, kind: EntryKind, why: Why) -> list[BudgetEntry]:
    """What this source has already entered on a held line, the oldest first."""
    query = (
        select(BudgetEntry)
        .where(
            col(BudgetEntry.agency_id) == sight_of(session).agency_id,
            col(BudgetEntry.source_type) == why.source_type,
            col(BudgetEntry.source_id) == why.source_id,
            col(BudgetEntry.line_id) == line.id,
            col(BudgetEntry.kind) == kind,
        )
        .order_by(col(BudgetEntry.id))
    )
    return list(session.exec(query))


def open_of(session: Session, entry: BudgetEntry) -> Moved:
    """What is left of a commitment, or of what an expense left unfunded. Its line is held."""
    taken = select(
        func.coalesce(func.sum(col(BudgetEntry.amount_minor)), 0),
        func.coalesce(func.sum(col(BudgetEntry.units)), 0),
    ).where(
        col(BudgetEntry.agency_id) == entry.agency_id,
        col(BudgetEntry.reversal_of) == entry.id,
        col(BudgetEntry.funded) == entry.funded,
    )
    amount_minor, units = map(int, session.exec(taken).one())
    return Moved(entry.amount_minor + amount_minor, entry.units + units)


def today_of(session: Session, client_id: UUID) -> Any:
    """The day it is for a client."""
    zone = select(Client.timezone).where(
        col(Client.agency_id) == sight_of(session).agency_id, col(Client.id) == client_id
    )
    return clock.today(session.exec(zone).one())


def sight_of(session: Session) -> Any:
    return cast(database.Session, session).sight


def _unfunded_of(session: Session, line: BudgetLine) -> list[tuple[UUID, PaidBy, int]]:
    """What is still unfunded on a line: entry, payer and what is left, the oldest first."""
    taken = aliased(BudgetEntry)
    left = col(BudgetEntry.amount_minor) + func.coalesce(func.sum(taken.amount_minor), 0)
    query = (
        select(BudgetEntry.id, BudgetEntry.paid_by, left)
        .outerjoin(
            taken,
            (col(taken.agency_id) == col(BudgetEntry.agency_id))
            & (col(taken.reversal_of) == col(BudgetEntry.id))
            & col(taken.funded).is_(False),
        )
        .where(
            col(BudgetEntry.agency_id) == sight_of(session).agency_id,
            col(BudgetEntry.line_id) == line.id,
            col(BudgetEntry.kind) == EntryKind.expense,
            col(BudgetEntry.funded).is_(False),
            col(BudgetEntry.reversal_of).is_(None),
        )
        .group_by(col(BudgetEntry.agency_id), col(BudgetEntry.id))
        .having(left > 0)
        .order_by(col(BudgetEntry.id))
    )
    return [(entry_id, PaidBy(payer), int(rest)) for entry_id, payer, rest in session.exec(query)]
