"""
What can be done to an expense: asked for, approved by a second person, refused, refunded.

Up to the agency's `expense_approval_threshold_minor` (none: any amount) an expense posts at once;
above it waits. The threshold is in the agency's currency: in another one every expense waits.
`four_eyes` is `required`, or `when_possible` (unless set): waived, and recorded, when nobody else
active may approve.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, select

from api.budgets import ledger, originals, passing
from api.budgets.book import Book, Moved, check_active, hold, sight_of, today_of
from api.budgets.expense_shapes import ExpenseFilter, ExpenseQuery
from api.budgets.ledger import Wanted
from api.budgets.models import BudgetEntry, BudgetLine, Expense, ExpenseStatus
from api.budgets.sources import Why, by_hand
from api.files import files
from tenants import clients, clock, database, outbox
from tenants.errors import Conflict, Forbidden, MoveNotAllowed, Unprocessable
from tenants.models import Assignment, Audience, Membership, MembershipKind, MembershipStatus
from tenants.money import LARGEST
from tenants.pages import Listing
from tenants.permissions import AgencyRole, duties_with

APPROVE = "expenses:approve"
MOVES: dict[ExpenseStatus, frozenset[ExpenseStatus]] = {
    ExpenseStatus.pending: frozenset({ExpenseStatus.posted, ExpenseStatus.refused}),
    ExpenseStatus.posted: frozenset(),
    ExpenseStatus.refused: frozenset(),
}


class CurrencyDiffers(Unprocessable):
    """An expense is in its budget's currency; `original` keeps what the document says."""


class EvidenceRequired(Unprocessable):
    """Money already spent needs its evidence, a receipt, or the number of its document."""


class InvoiceTooLarge(Unprocessable):
    """The amount and its tax add up to more than 2^53 - 1 minor units."""


class OwnExpense(Forbidden):
    """Somebody else must approve the expense you asked for."""


class NotPosted(Conflict):
    """Only a posted expense has something to give back; `state` says what this one is."""


class RefundExceeded(Conflict):
    """More than is left of the expense: `refundable_minor`, and `refundable_units` of its units."""


def search(session: Session, page: ExpenseQuery) -> Listing:
    """The expenses in sight, newest first."""
    return Listing(filtered(select(Expense), page), Expense, page)


def filtered(query: Any, wanted: ExpenseFilter) -> Any:
    """Only the expenses that are wanted, of a query of expenses."""
    for name in ("client_id", "budget_id", "line_id", "status"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(getattr(Expense, name) == value)
    if wanted.first:
        query = query.where(col(Expense.spent_on) >= wanted.first)
    if wanted.last:
        query = query.where(col(Expense.spent_on) <= wanted.last)
    return query


def request(session: Session, line_id: UUID, **values: Any) -> Expense:
    """Ask for an expense; it is posted at once unless it has to wait for a second person."""
    line = database.get(session, BudgetLine, line_id)
    _check(line, values)
    for each in values["receipt_ids"]:
        files.check_for(session, each, line.client_id, Audience.internal, "/receipt_ids")
    expense = _drafted(session, line, values)
    commitment, waits = _commitment(session, line, expense), _waits(session, expense)
    (book,) = hold(session, _source(expense), line)
    check_active(line)
    book.check_unit(expense.units, line.unit)
    expense.spent_on = book.booked_on
    if not waits:
        _post(book, expense, commitment)
        return expense
    session.add(expense)
    outbox.emit(session, "expense.requested", expense)
    return expense


def post_agreed(
    session: Session,
    commitment: BudgetEntry,
    amount_minor: int,
    *,
    supplier: str,
    evidence: str,
) -> Expense:
    """
    Post what was set aside when it was agreed, and is owed now. Nobody is asked a second time:
    who may bind the budget agreed to it, and an accepted piece of work is a fact.
    """
    line = database.get(session, BudgetLine, commitment.line_id)
    (book,) = hold(session, by_hand(), line)
    expense = Expense(
        client_id=line.client_id,
        budget_id=line.budget_id,
        line_id=line.id,
        commitment_id=commitment.id,
        amount_minor=amount_minor,
        currency=line.currency,
        paid_by=line.paid_by,
        already_spent=True,
        spent_on=book.booked_on,
        supplier=supplier,
        evidence=evidence,
        requested_by=sight_of(session).membership_id,
    )
    book.why = _source(expense)
    _post(book, expense, commitment)
    return expense


def approve(session: Session, expense_id: UUID) -> Expense:
    """Post what waited; by somebody other than who asked, when there is anybody."""
    expense = database.get(session, Expense, expense_id, lock=True)
    _check_move(expense, ExpenseStatus.posted)
    me = sight_of(session).membership_id
    own = expense.requested_by == me
    if own and _somebody_else_must(session, expense):
        raise OwnExpense
    expense.decided_by, expense.decided_at, expense.self_approved = me, clock.now(), own
    line = database.get(session, BudgetLine, expense.line_id)
    (book,) = hold(session, _source(expense), line)
    _post(book, expense, _commitment(session, line, expense))
    return expense


def refuse(session: Session, expense_id: UUID, reason: str) -> Expense:
    """Say no to what waited, and why."""
    expense = database.get(session, Expense, expense_id, lock=True)
    _check_move(expense, ExpenseStatus.refused)
    expense.status, expense.refusal = ExpenseStatus.refused, reason
    expense.decided_by, expense.decided_at = sight_of(session).membership_id, clock.now()
    outbox.emit(session, "expense.refused", expense)
    return expense


def refund(session: Session, expense_id: UUID, wanted: Wanted, **why: Any) -> Expense:
    """Take back a posted expense, or a part of it, by a reversing entry: the only correction."""
    expense = database.get(session, Expense, expense_id, lock=True)
    if expense.status is not ExpenseStatus.posted:
        raise NotPosted(extra={"state": expense.status.value}, state=expense.status.value)
    left = _left(expense)
    moved = wanted.of(left)
    if not (0 < moved.amount_minor <= left.amount_minor and moved.units <= left.units):
        units = {"refundable_units": left.units} if expense.units else {}
        raise RefundExceeded(extra={"refundable_minor": left.amount_minor, **units})
    line = database.get(session, BudgetLine, expense.line_id)
    (book,) = hold(session, by_hand(why["booked_on"], note=why["reason"]), line)
    ledger.refund(book, _source(expense), moved)
    expense.refunded_minor += moved.amount_minor
    expense.refunded_units += moved.units
    outbox.emit(session, "expense.refunded", expense)
    passing.take_back(book, expense, moved.amount_minor)
    return expense


def _drafted(session: Session, line: BudgetLine, values: dict[str, Any]) -> Expense:
    own = {**values, **originals.columns(values["original"])}
    del own["original"]
    own["receipt_ids"] = [str(each) for each in values["receipt_ids"]]
    own["paid_by"] = values["paid_by"] or line.paid_by
    return Expense(
        client_id=line.client_id,
        budget_id=line.budget_id,
        line_id=line.id,
        requested_by=sight_of(session).membership_id,
        **own,
    )


def _left(expense: Expense) -> Moved:
    return Moved(
        expense.amount_minor - expense.refunded_minor, expense.units - expense.refunded_units
    )


def _post(book: Book, expense: Expense, commitment: BudgetEntry | None) -> None:
    ledger.spend(
        book,
        Moved(expense.amount_minor, expense.units),
        paid_by=expense.paid_by,
        fact=expense.already_spent,
        commitment=commitment,
    )
    expense.status = ExpenseStatus.posted
    book.session.add(expense)
    outbox.emit(book.session, "expense.posted", expense)
    passing.bill(book, expense)


def _source(expense: Expense) -> Why:
    return Why("expenses", expense.id, expense.spent_on)


def _commitment(session: Session, line: BudgetLine, expense: Expense) -> BudgetEntry | None:
    if expense.commitment_id is None:
        return None
    commitment = database.get(session, BudgetEntry, expense.commitment_id)
    ledger.check_commitment(line, commitment)
    return commitment


def _check(line: BudgetLine, values: dict[str, Any]) -> None:
    if values["currency"] != line.currency:
        raise CurrencyDiffers(pointer="/currency")
    if values["amount_minor"] + values["tax_minor"] > LARGEST:
        raise InvoiceTooLarge(pointer="/tax_minor")
    proofs = (values["evidence"], values["document_number"], values["receipt_ids"])
    if values["already_spent"] and not any(proofs):
        raise EvidenceRequired(pointer="/evidence")
    if values["original"]:
        originals.check(values["amount_minor"], line.currency, values["original"])


def _check_move(expense: Expense, to: ExpenseStatus) -> None:
    if to not in MOVES[expense.status]:
        raise MoveNotAllowed(expense.status, sorted(MOVES[expense.status]))


def _waits(session: Session, expense: Expense) -> bool:
    agency = clients.current_agency(session)
    threshold = agency.settings.get("expense_approval_threshold_minor")
    if threshold is None:
        return False
    return expense.currency != agency.currency or expense.amount_minor > threshold


def _somebody_else_must(session: Session, expense: Expense) -> bool:
    if clients.current_agency(session).settings.get("four_eyes") == "required":
        return True
    today = today_of(session, expense.client_id)
    on_duty = select(Assignment.membership_id).where(
        col(Assignment.client_id) == expense.client_id,
        col(Assignment.duty).in_(duties_with(APPROVE)),
        col(Assignment.starts_on) <= today,
        or_(col(Assignment.ends_on).is_(None), col(Assignment.ends_on) >= today),
    )
    others = select(Membership.id).where(
        col(Membership.status) == MembershipStatus.active,
        col(Membership.kind) == MembershipKind.staff,
        col(Membership.id) != expense.requested_by,
        or_(
            col(Membership.role).in_([AgencyRole.owner, AgencyRole.admin]),
            col(Membership.id).in_(on_duty),
        ),
    )
    return session.exec(others.limit(1)).first() is not None
