"""
What is passed through: money that the agency spends for a client on a line that says so is billed
on at cost, and taken back as it comes back. What the client pays itself is not billed.
"""

from uuid import UUID

from api.budgets.book import Book
from api.budgets.models import Expense, PaidBy
from billing.receivable import billables
from billing.receivable.billable_models import BillableKind


def bill(book: Book, expense: Expense) -> None:
    """Bill an expense that is posted."""
    _add(book, expense, "expenses", expense.id, expense.amount_minor)


def take_back(book: Book, expense: Expense, amount_minor: int) -> None:
    """Bill less by what a refund gives back."""
    _add(book, expense, "expense_refunds", book.why.source_id, -amount_minor)


def _add(
    book: Book, expense: Expense, source_type: str, source_id: UUID, amount_minor: int
) -> None:
    """The client is told which line it is on, and no supplier."""
    if not book.line.pass_through or expense.paid_by is not PaidBy.agency:
        return
    billables.add(
        book.session,
        BillableKind.pass_through,
        source_type,
        source_id,
        client_id=expense.client_id,
        label=book.line.label,
        amount_minor=amount_minor,
        currency=expense.currency,
        earned_on=book.booked_on,
    )
