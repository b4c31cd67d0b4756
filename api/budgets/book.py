"""
The book of one line: held, entered in, settled.

A line is held (locked and read anew) before anything is looked at. Entries are added, and the
balances that follow are written once, at the end. Whatever makes room covers what is unfunded on
the line first, the oldest of it first.
"""

from typing import Any, cast
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

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
from tenants import clock, database, outbox
from tenants.errors import Conflict, Unprocessable
from tenants.ids import new_id
from tenants.models import Client
from tenants.money import LARGEST

ALLOCATED, COMMITTED = "allocated_minor", "committed_minor"
SPENT, UNFUNDED = "spent_minor", "unfunded_minor"

# The balance each kind of entry adds to; spending that is not funded adds to `unfunded_minor`.
BALANCE: dict[EntryKind, str] = {
    EntryKind.allocation: ALLOCATED,
    EntryKind.transfer: ALLOCATED,
    EntryKind.commitment: COMMITTED,
    EntryKind.release: COMMITTED,
    EntryKind.expense: SPENT,
    EntryKind.refund: SPENT,
}


class BudgetNotActive(Conflict):
    """Only an active budget takes entries and expenses; `state` says what this one is."""


class LineExceeded(Conflict):
    """More than what is available on the line; `available_minor` says how much that is."""


class TotalTooLarge(Unprocessable):
    """The amounts add up to more than 2^53 - 1 minor units."""


class Book:
    """What one command enters on one held line."""

    def __init__(self, session: Session, line: BudgetLine, why: Why) -> None:
        self.session = session
        self.line = line
        self.why = why
        self.booked_on = why.booked_on or today_of(session, line.client_id)
        self.balances: dict[str, int] = {
            name: getattr(line, name) for name in (ALLOCATED, COMMITTED, SPENT, UNFUNDED)
        }

    @property
    def room(self) -> int:
        """What is available; never below zero."""
        return self.balances[ALLOCATED] - self.balances[COMMITTED] - self.balances[SPENT]

    def check_room(self, amount_minor: int) -> None:
        if amount_minor > self.room:
            raise LineExceeded(extra={"available_minor": self.room})

    def enter(
        self,
        kind: EntryKind,
        amount_minor: int,
        *,
        funded: bool = True,
        reversal_of: UUID | None = None,
        paid_by: PaidBy | None = None,
    ) -> BudgetEntry:
        """Add an entry, with its note when there is something to note."""
        entry = self._add(self.why, kind, amount_minor, funded, reversal_of, paid_by)
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
        for name, balance in self.balances.items():
            setattr(self.line, name, balance)

    def _cover(self) -> None:
        for entry_id, paid_by, left in _unfunded_of(self.session, self.line):
            if not (part := min(left, self.room)):
                return
            why = Why("cover", new_id(), self.booked_on)
            for amount, funded in ((-part, False), (part, True)):
                self._add(why, EntryKind.expense, amount, funded, entry_id, paid_by)

    def _add(
        self,
        why: Why,
        kind: EntryKind,
        amount_minor: int,
        funded: bool,
        reversal_of: UUID | None,
        paid_by: PaidBy | None,
    ) -> BudgetEntry:
        balance = BALANCE[kind] if funded else UNFUNDED
        self.balances[balance] += amount_minor
        if self.balances[balance] > LARGEST:
            raise TotalTooLarge(pointer="/amount_minor")
        entry = BudgetEntry(
            client_id=self.line.client_id,
            line_id=self.line.id,
            kind=kind,
            amount_minor=amount_minor,
            currency=self.line.currency,
            funded=funded,
            category=self.line.category,
            paid_by=paid_by or self.line.paid_by,
            booked_on=self.booked_on,
            reversal_of=reversal_of,
            source_type=why.source_type,
            source_id=why.source_id,
            entered_by=sight_of(self.session).membership_id,
            request_id=self.session.info.get("request_id"),
        )
        self.session.add(entry)
        return entry


def settle(event: str, *books: Book) -> None:
    """Write the balances of these lines of one budget, count its new version, and tell."""
    session, line = books[0].session, books[0].line
    for book in books:
        book.write()
    budget = locked(session, Budget, line.budget_id)
    _check_totals(session, budget)
    database.touch(budget)
    for book in books:
        outbox.emit(session, event, book.line)


def hold(session: Session, *lines: BudgetLine) -> None:
    """
    Lock these lines until the transaction ends, in the order of their ids, and read them as they
    are now: what was read before the lock is an overspend.
    """
    query = (
        select(BudgetLine)
        .where(
            col(BudgetLine.agency_id) == sight_of(session).agency_id,
            col(BudgetLine.id).in_([line.id for line in lines]),
        )
        .order_by(col(BudgetLine.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    session.exec(query).all()


def locked(session: Session, model: Any, id: UUID) -> Any:
    """A row of the agency whose sight and permission were decided through another one."""
    query = (
        select(model)
        .where(model.agency_id == sight_of(session).agency_id, model.id == id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return session.exec(query).one()


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


def open_of(session: Session, entry: BudgetEntry) -> int:
    """What is left of a commitment, or of what an expense left unfunded. Its line is held."""
    taken = select(func.coalesce(func.sum(col(BudgetEntry.amount_minor)), 0)).where(
        col(BudgetEntry.agency_id) == entry.agency_id,
        col(BudgetEntry.reversal_of) == entry.id,
        col(BudgetEntry.funded) == entry.funded,
    )
    return entry.amount_minor + int(session.exec(taken).one())


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


def _check_totals(session: Session, budget: Budget) -> None:
    """The sums of the lines are read as JSON integers too."""
    sums = select(
        func.coalesce(func.sum(col(BudgetLine.allocated_minor)), 0),
        func.coalesce(func.sum(col(BudgetLine.unfunded_minor)), 0),
    ).where(col(BudgetLine.agency_id) == budget.agency_id, col(BudgetLine.budget_id) == budget.id)
    if max(map(int, session.exec(sums).one())) > LARGEST:
        raise TotalTooLarge(pointer="/amount_minor")
