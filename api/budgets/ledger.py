"""
What can be entered on a line: allocation, transfer, commitment, release, spending, refund.

The verbs take lines that came through `database.get`, and hold them before they look at anything.
They may also run in what follows from a client's decision, where the caller's own permissions say
nothing. The same source enters the same thing once: a second time gives what it entered first.
Spending and refunds take the book of a line that is held already; their expense, which is held
too, knows what was entered for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from api.budgets.book import (
    Book,
    Moved,
    check_active,
    hold,
    known,
    open_of,
    settle,
    sight_of,
)
from api.budgets.models import Budget, BudgetEntry, BudgetLine, BudgetStatus, EntryKind, PaidBy
from api.budgets.sources import Why
from tenants.errors import Conflict, Unprocessable


class CommitmentExceeded(Conflict):
    """More than is still open of the commitment: `open_minor`, and `open_units` of its units."""


class NotACommitment(Unprocessable):
    """This is not a commitment on this line."""


class TransferNotPossible(Unprocessable):
    """Allocation moves between two lines of one budget."""


@dataclass(frozen=True)
class Wanted:
    """How much of something is asked back; all that is left when no amount is named."""

    amount_minor: int | None = None
    units: int = 0

    def of(self, left: Moved) -> Moved:
        """What that is of what is left: the last of the money takes the last of the units along."""
        amount = left.amount_minor if self.amount_minor is None else self.amount_minor
        if amount == left.amount_minor and self.units <= left.units:
            return left
        return Moved(amount, self.units)


@dataclass(frozen=True)
class LineFigures:
    """One line of a budget, for those who report on it. Minor units of `currency`."""

    budget_id: UUID
    budget_name: str
    period_start: date
    period_end: date
    status: BudgetStatus
    line_id: UUID
    category: str
    label: dict[str, str]
    campaign_id: UUID | None
    channel: str | None
    activity: str | None
    paid_by: PaidBy
    pass_through: bool
    currency: str
    planned_minor: int
    allocated_minor: int
    committed_minor: int
    spent_minor: int
    unfunded_minor: int

    @property
    def available_minor(self) -> int:
        return self.allocated_minor - self.committed_minor - self.spent_minor


def of_client(session: Session, client_id: UUID, start: date, end: date) -> list[LineFigures]:
    """The lines of a client's active and closed budgets whose periods touch these days."""
    query = (
        select(Budget, BudgetLine)
        .join(
            BudgetLine,
            (col(BudgetLine.agency_id) == col(Budget.agency_id))
            & (col(BudgetLine.budget_id) == col(Budget.id)),
        )
        .where(
            col(Budget.agency_id) == sight_of(session).agency_id,
            col(Budget.client_id) == client_id,
            col(Budget.status).in_([BudgetStatus.active, BudgetStatus.closed]),
            col(Budget.period_start) <= end,
            col(Budget.period_end) >= start,
        )
        .order_by(col(Budget.period_start), col(Budget.id), col(BudgetLine.id))
    )
    return [
        LineFigures(
            budget_name=budget.name,
            period_start=budget.period_start,
            period_end=budget.period_end,
            line_id=line.id,
            category=line.category.value,
            **{name: getattr(line, name) for name in _FIGURES},
        )
        for budget, line in session.exec(query)
    ]


_FIGURES = (
    *("budget_id", "status", "label", "campaign_id", "channel", "activity", "paid_by"),
    *("pass_through", "currency"),
    *("planned_minor", "allocated_minor", "committed_minor", "spent_minor", "unfunded_minor"),
)


def open_lines(session: Session, budget: Budget, lines: Sequence[BudgetLine]) -> None:
    """The first entries of a budget that becomes active: what was planned is allocated."""
    for book in hold(session, Why("budgets", budget.id), *lines):
        planned = Moved(book.line.planned_minor, book.line.planned_units)
        if planned != Moved(0):
            book.enter(EntryKind.allocation, planned)
        book.write()


def allocate(session: Session, line: BudgetLine, moved: Moved, why: Why) -> BudgetEntry:
    """Raise a line's allocation, or (below zero) lower it by what is available at most."""
    (book,) = hold(session, why, line)
    if before := known(session, line, EntryKind.allocation, why):
        return before[0]
    check_active(line)
    book.check_unit(moved.units, line.unit)
    book.check_room(-moved)
    entry = book.enter(EntryKind.allocation, moved)
    settle("budget_line.allocated", book)
    return entry


def transfer(
    session: Session, line: BudgetLine, to: BudgetLine, moved: Moved, why: Why
) -> BudgetEntry:
    """Move allocation to another line of the same budget; gives the first line's entry."""
    if to.id == line.id or to.budget_id != line.budget_id:
        raise TransferNotPossible(pointer="/to_line_id")
    giving, taking = hold(session, why, line, to)
    if before := known(session, line, EntryKind.transfer, why):
        return before[0]
    check_active(line)
    taking.check_unit(moved.units, line.unit)
    giving.check_room(moved)
    entry = giving.enter(EntryKind.transfer, -moved)
    taking.enter(EntryKind.transfer, moved)
    settle("budget_line.transferred", giving, taking)
    return entry


def commit(session: Session, line: BudgetLine, moved: Moved, why: Why) -> BudgetEntry:
    """Set money of a line aside, and units of it."""
    (book,) = hold(session, why, line)
    if before := known(session, line, EntryKind.commitment, why):
        return before[0]
    check_active(line)
    book.check_unit(moved.units, line.unit)
    book.check_room(moved)
    entry = book.enter(EntryKind.commitment, moved)
    settle("budget_line.committed", book)
    return entry


def release(
    session: Session, line: BudgetLine, commitment: BudgetEntry, wanted: Wanted, why: Why
) -> BudgetEntry:
    """Give back what of a commitment is no longer needed."""
    check_commitment(line, commitment)
    (book,) = hold(session, why, line)
    if before := known(session, line, EntryKind.release, why):
        return before[0]
    check_active(line)
    left = open_of(session, commitment)
    freed = wanted.of(left)
    if not (0 < freed.amount_minor <= left.amount_minor and freed.units <= left.units):
        units = {"open_units": left.units} if line.unit else {}
        raise CommitmentExceeded(extra={"open_minor": left.amount_minor, **units})
    entry = book.enter(EntryKind.release, -freed, reversal_of=commitment.id)
    settle("budget_line.released", book)
    return entry


def spend(
    book: Book,
    moved: Moved,
    *,
    paid_by: PaidBy | None = None,
    fact: bool = False,
    commitment: BudgetEntry | None = None,
) -> None:
    """
    Spend on a held line, first of all what was set aside for it. Beyond what is then available a
    plan is refused; a fact is kept, its money as unfunded, its units as over.
    """
    check_active(book.line)
    book.check_unit(moved.units, book.line.unit)
    if commitment is not None:
        _use(book, commitment, moved)
    if not fact:
        book.check_room(moved)
    funded = min(moved.amount_minor, book.room)
    unfunded = moved.amount_minor - funded
    if funded:
        book.enter(EntryKind.expense, Moved(funded, moved.units), paid_by=paid_by)
    if unfunded:
        units = 0 if funded else moved.units
        book.enter(EntryKind.expense, Moved(unfunded, units), funded=False, paid_by=paid_by)
    settle("budget_line.unfunded" if unfunded else "budget_line.spent", book)


def refund(book: Book, spent: Why, moved: Moved) -> None:
    """Take back, on a held line, what was entered for `spent`: first what is still unfunded."""
    check_active(book.line)
    entries = known(book.session, book.line, EntryKind.expense, spent)
    payer, left, units = entries[0].paid_by, moved.amount_minor, moved.units
    for entry in entries:
        back = 0 if entry.funded else min(open_of(book.session, entry).amount_minor, left)
        if back:
            given = Moved(-back, -units)
            book.enter(EntryKind.refund, given, funded=False, reversal_of=entry.id, paid_by=payer)
            left, units = left - back, 0
    if left:
        given = Moved(-left, -units)
        book.enter(EntryKind.refund, given, reversal_of=entries[0].id, paid_by=payer)
    settle("budget_line.refunded", book)


def _use(book: Book, commitment: BudgetEntry, moved: Moved) -> None:
    """Free what was set aside for what is now spent."""
    check_commitment(book.line, commitment)
    left = open_of(book.session, commitment)
    if amount := min(left.amount_minor, moved.amount_minor):
        freed = Wanted(amount, min(left.units, moved.units)).of(left)
        book.enter(EntryKind.release, -freed, reversal_of=commitment.id)


def check_commitment(line: BudgetLine, commitment: BudgetEntry) -> None:
    if commitment.kind is not EntryKind.commitment or commitment.line_id != line.id:
        raise NotACommitment(pointer="/commitment_id")
