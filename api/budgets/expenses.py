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

from api.budgets import ledger
from api.budgets.book import check_active, hold, sight_of, today_of
from api.budgets.models import BudgetEntry, BudgetLine, Expense, ExpenseStatus
from api.budgets.shapes import ExpenseQuery
from api.budgets.sources import Why, by_hand
from tenants import clients, clock, database, outbox
from tenants.errors import Conflict, Forbidden, MoveNotAllowed, Unprocessable
from tenants.models import Assignment, Membership, MembershipKind, MembershipStatus
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
    """Money already spent needs its evidence, or the number of its document."""


class InvoiceTooLarge(Unprocessable):
    """The amount and its tax add up to more than 2^53 - 1 minor units."""


class OwnExpense(Forbidden):
    """Somebody else must approve the expense you asked for."""


class NotPosted(Conflict):
    """Only a posted expense has something to give back; `state` says what this one is."""


class RefundExceeded(Conflict):
    """More than what is left of the expense; `refundable_minor` says how much that is."""


def search(session: Session, page: ExpenseQuery) -> Listing:
    """The expenses in sight, newest first."""
    query = select(Expense)
    for name in ("client_id", "budget_id", "line_id", "status"):
        if (wanted := getattr(page, name)) is not None:
            query = query.where(getattr(Expense, name) == wanted)
    return Listing(query, Expense, page)


def request(session: Session, line_id: UUID, **values: Any) -> Expense:
    """Ask for an expense; it is posted at once unless it has to wait for a second person."""
    line = database.get(session, BudgetLine, line_id)
    _check(line, values)
    hold(session, line)
    check_active(line)
    original = values.pop("original") or {}
    expense = Expense(
        client_id=line.client_id,
        budget_id=line.budget_id,
        line_id=line.id,
        original_amount_minor=original.get("amount_minor"),
        original_currency=original.get("currency"),
        requested_by=sight_of(session).membership_id,
        **values,
    )
    expense.paid_by = expense.paid_by or line.paid_by
    expense.spent_on = expense.spent_on or today_of(session, line.client_id)
    commitment = _commitment(session, line, expense)
    database.add(session, expense)
    if _waits(session, expense):
        outbox.emit(session, "expense.requested", expense)
    else:
        _post(session, line, expense, commitment)
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
    _post(session, line, expense, _commitment(session, line, expense))
    return expense


def refuse(session: Session, expense_id: UUID, reason: str) -> Expense:
    """Say no to what waited, and why."""
    expense = database.get(session, Expense, expense_id, lock=True)
    _check_move(expense, ExpenseStatus.refused)
    expense.status, expense.refusal = ExpenseStatus.refused, reason
    expense.decided_by, expense.decided_at = sight_of(session).membership_id, clock.now()
    outbox.emit(session, "expense.refused", expense)
    return expense


def refund(session: Session, expense_id: UUID, amount_minor: int | None, **why: Any) -> Expense:
    """Take back a posted expense, or a part of it, by a reversing entry: the only correction."""
    expense = database.get(session, Expense, expense_id, lock=True)
    if expense.status is not ExpenseStatus.posted:
        raise NotPosted(extra={"state": expense.status.value}, state=expense.status.value)
    left = expense.amount_minor - expense.refunded_minor
    amount = left if amount_minor is None else amount_minor
    if not 0 < amount <= left:
        raise RefundExceeded(extra={"refundable_minor": left})
    line = database.get(session, BudgetLine, expense.line_id)
    reason = by_hand(why["booked_on"], note=why["reason"])
    ledger.refund(session, line, _source(expense), amount, reason)
    expense.refunded_minor += amount
    outbox.emit(session, "expense.refunded", expense)
    return expense


def _post(
    session: Session, line: BudgetLine, expense: Expense, commitment: BudgetEntry | None
) -> None:
    ledger.spend(
        session,
        line,
        expense.amount_minor,
        _source(expense),
        paid_by=expense.paid_by,
        fact=expense.already_spent,
        commitment=commitment,
    )
    expense.status = ExpenseStatus.posted
    outbox.emit(session, "expense.posted", expense)


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
    if values["already_spent"] and not (values["evidence"] or values["document_number"]):
        raise EvidenceRequired(pointer="/evidence")


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
