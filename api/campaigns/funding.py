"""What happens to a campaign's budget within its proposal: put forward with it, taken back."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from api.budgets.models import Budget, BudgetLine, BudgetStatus
from tenants import database, outbox
from tenants.errors import Conflict, MoveNotAllowed, NotFound


class BudgetUnplanned(Conflict):
    """The budget plans no money: there is nothing to propose."""


def put_forward(session: Session, budget_id: UUID, client_id: UUID) -> Budget:
    """From draft to proposed, with the campaign that it pays for."""
    lines = _hold_lines(session, budget_id)
    budget = database.get(session, Budget, budget_id, lock=True)
    if budget.client_id != client_id:
        raise NotFound
    if budget.status is not BudgetStatus.draft:
        raise MoveNotAllowed(budget.status)
    if not any(line.planned_minor for line in lines):
        raise BudgetUnplanned
    _move(budget, lines, BudgetStatus.proposed)
    outbox.emit(session, "budget.proposed", budget, audience="client")
    return budget


def take_back(session: Session, budget_id: UUID | None, approval_id: UUID | None) -> None:
    """Back to draft, if it was put to this very decision."""
    if budget_id is None or approval_id is None:
        return
    lines = _hold_lines(session, budget_id)
    query = select(Budget).where(
        col(Budget.id) == budget_id,
        col(Budget.approval_id) == approval_id,
        col(Budget.status) == BudgetStatus.proposed,
    )
    budget = session.exec(query.with_for_update(key_share=True)).first()
    if budget is not None:
        _move(budget, lines, BudgetStatus.draft)
        outbox.emit(session, "budget.withdrawn", budget, audience="client")


def _hold_lines(session: Session, budget_id: UUID) -> Sequence[BudgetLine]:
    """Lines by id, and only then the budget: the order in which budgets hold them."""
    query = select(BudgetLine).where(col(BudgetLine.budget_id) == budget_id)
    return session.exec(query.order_by(col(BudgetLine.id)).with_for_update(key_share=True)).all()


def _move(budget: Budget, lines: Sequence[BudgetLine], to: BudgetStatus) -> None:
    budget.status = to
    for line in lines:
        line.status = to
