"""
What can be entered on a line: allocation, transfer, commitment, release, spending, refund.

The verbs take lines that came through `database.get`, and hold them before they look at anything.
They may also run in what follows from a client's decision, where the caller's own permissions say
nothing. The same source enters the same thing once: a second time gives what it entered first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from api.budgets.book import (
    Book,
    check_active,
    hold,
    known,
    open_of,
    settle,
    sight_of,
    today_of,
)
from api.budgets.models import Budget, BudgetEntry, BudgetLine, BudgetStatus, EntryKind, PaidBy
from api.budgets.sources import Why
from tenants.errors import Conflict, Unprocessable


class CommitmentExceeded(Conflict):
    """More than what is still open of the commitment; `open_minor` says how much that is."""


class NotACommitment(Unprocessable):
    """This is not a commitment on this line."""


class TransferNotPossible(Unprocessable):
    """Allocation moves between two lines of one budget."""


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
    *("budget_id", "status", "label", "campaign_id", "channel", "activity", "paid_by", "currency"),
    *("planned_minor", "allocated_minor", "committed_minor", "spent_minor", "unfunded_minor"),
)


def open_lines(session: Session, budget: Budget, lines: Sequence[BudgetLine]) -> None:
    """The first entries of a budget that becomes active: what was planned is allocated."""
    why = Why("budgets", budget.id, today_of(session, budget.client_id))
    for line in lines:
        book = Book(session, line, why)
        if line.planned_minor:
            book.enter(EntryKind.allocation, line.planned_minor)
        book.write()


def allocate(session: Session, line: BudgetLine, amount_minor: int, why: Why) -> BudgetEntry:
    """Raise a line's allocation, or (below zero) lower it by what is available at most."""
    hold(session, line)
    if before := known(session, line, EntryKind.allocation, why):
        return before[0]
    check_active(line)
    book = Book(session, line, why)
    book.check_room(-amount_minor)
    entry = book.enter(EntryKind.allocation, amount_minor)
    settle("budget_line.allocated", book)
    return entry


def transfer(
    session: Session, line: BudgetLine, to: BudgetLine, amount_minor: int, why: Why
) -> BudgetEntry:
    """Move allocation to another line of the same budget; gives the first line's entry."""
    if to.id == line.id or to.budget_id != line.budget_id:
        raise TransferNotPossible(pointer="/to_line_id")
    hold(session, line, to)
    if before := known(session, line, EntryKind.transfer, why):
        return before[0]
    check_active(line)
    giving, taking = Book(session, line, why), Book(session, to, why)
    giving.check_room(amount_minor)
    entry = giving.enter(EntryKind.transfer, -amount_minor)
    taking.enter(EntryKind.transfer, amount_minor)
    settle("budget_line.transferred", giving, taking)
    return entry


def commit(session: Session, line: BudgetLine, amount_minor: int, why: Why) -> BudgetEntry:
    """Set money of a line aside."""
    hold(session, line)
    if before := known(session, line, EntryKind.commitment, why):
        return before[0]
    check_active(line)
    book = Book(session, line, why)
    book.check_room(amount_minor)
    entry = book.enter(EntryKind.commitment, amount_minor)
    settle("budget_line.committed", book)
    return entry


def release(
    session: Session, line: BudgetLine, commitment: BudgetEntry, amount_minor: int | None, why: Why
) -> BudgetEntry:
    """Give back what of a commitment is no longer needed; all that is open, without an amount."""
    check_commitment(line, commitment)
    hold(session, line)
    if before := known(session, line, EntryKind.release, why):
        return before[0]
    check_active(line)
    left = open_of(session, commitment)
    amount = left if amount_minor is None else amount_minor
    if not 0 < amount <= left:
        raise CommitmentExceeded(extra={"open_minor": left})
    book = Book(session, line, why)
    entry = book.enter(EntryKind.release, -amount, reversal_of=commitment.id)
    settle("budget_line.released", book)
    return entry


def spend(
    session: Session,
    line: BudgetLine,
    amount_minor: int,
    why: Why,
    *,
    paid_by: PaidBy | None = None,
    fact: bool = False,
    commitment: BudgetEntry | None = None,
) -> None:
    """
    Spend on a line, first of all what was set aside for it. Beyond what is then available a plan
    is refused, and a fact is kept as unfunded.
    """
    hold(session, line)
    if known(session, line, EntryKind.expense, why):
        return
    check_active(line)
    book = Book(session, line, why)
    if commitment is not None:
        check_commitment(line, commitment)
        if freed := min(open_of(session, commitment), amount_minor):
            book.enter(EntryKind.release, -freed, reversal_of=commitment.id)
    if not fact:
        book.check_room(amount_minor)
    funded = min(amount_minor, book.room)
    if funded:
        book.enter(EntryKind.expense, funded, paid_by=paid_by)
    if unfunded := amount_minor - funded:
        book.enter(EntryKind.expense, unfunded, funded=False, paid_by=paid_by)
    settle("budget_line.unfunded" if unfunded else "budget_line.spent", book)


def refund(session: Session, line: BudgetLine, spent: Why, amount_minor: int, why: Why) -> None:
    """Take back what was entered for `spent`: first what of it is still unfunded."""
    hold(session, line)
    if known(session, line, EntryKind.refund, why):
        return
    check_active(line)
    entries = known(session, line, EntryKind.expense, spent)
    payer, left = entries[0].paid_by, amount_minor
    book = Book(session, line, why)
    for entry in entries:
        back = 0 if entry.funded else min(open_of(session, entry), left)
        if back:
            book.enter(EntryKind.refund, -back, funded=False, reversal_of=entry.id, paid_by=payer)
            left -= back
    if left:
        book.enter(EntryKind.refund, -left, reversal_of=entries[0].id, paid_by=payer)
    settle("budget_line.refunded", book)


def check_commitment(line: BudgetLine, commitment: BudgetEntry) -> None:
    if commitment.kind is not EntryKind.commitment or commitment.line_id != line.id:
        raise NotACommitment(pointer="/commitment_id")
