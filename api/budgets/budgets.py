"""What can be done to a budget: drafted, proposed, decided on, closed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func
from sqlalchemy import update as update_rows
from sqlmodel import Session, col, select

from api.approvals import approvals, edits, subjects
from api.approvals.models import ApprovalStatus, Outcome
from api.budgets import ledger, pacing
from api.budgets.book import sight_of
from api.budgets.lines import check_draft, check_editable, check_plan, of_budget, plan
from api.budgets.models import Budget, BudgetLine, BudgetStatus, Expense, ExpenseStatus
from api.budgets.shapes import BudgetQuery
from api.comments import subjects as commented
from api.comments.models import SubjectType
from tenants import database, outbox
from tenants.errors import Conflict, MoveNotAllowed, Unprocessable
from tenants.models import ApprovalMode, Client
from tenants.money import MoneyRead
from tenants.pages import Rows, paginate

MOVES: dict[BudgetStatus, frozenset[BudgetStatus]] = {
    BudgetStatus.draft: frozenset({BudgetStatus.proposed}),
    BudgetStatus.proposed: frozenset({BudgetStatus.draft, BudgetStatus.active}),
    BudgetStatus.active: frozenset({BudgetStatus.closed}),
    BudgetStatus.closed: frozenset(),
}
SUMMED = ("planned_minor", "allocated_minor", "committed_minor", "spent_minor", "unfunded_minor")


class PeriodBackwards(Unprocessable):
    """The period ends before it starts."""


class EmptyBudget(Conflict):
    """A budget without any planned money cannot be proposed."""


class AlreadyProposed(Conflict):
    """What was once proposed is not deleted."""


class ProposedTogether(Conflict):
    """This was proposed together with something else; take the whole proposal back there."""


class BudgetUnsettled(Conflict):
    """Before it closes: cover what is unfunded, release commitments, decide on expenses."""


@dataclass(frozen=True)
class Totals:
    """The sums of a budget's lines."""

    planned_minor: int = 0
    allocated_minor: int = 0
    committed_minor: int = 0
    spent_minor: int = 0
    unfunded_minor: int = 0

    @property
    def available_minor(self) -> int:
        return self.allocated_minor - self.committed_minor - self.spent_minor


@dataclass(frozen=True)
class Opened:
    """A budget with what is read with it."""

    budget: Budget
    totals: Totals
    lines: Sequence[BudgetLine] = ()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.budget, name)


def search(session: Session, page: BudgetQuery) -> Rows:
    """The budgets in sight, newest first."""
    query = select(Budget)
    if page.client_id:
        query = query.where(col(Budget.client_id) == page.client_id)
    if page.status:
        query = query.where(col(Budget.status) == page.status)
    if page.state:
        query = query.where(pacing.stands(sight_of(session).agency_id, page.state))
    rows = paginate(session, query, Budget, page)
    totals = _totals(session, [budget.id for budget in rows.data])
    shown = [Opened(budget, totals.get(budget.id, Totals())) for budget in rows.data]
    return Rows(shown, rows.next_cursor, rows.total)


def read(session: Session, budget_id: UUID) -> Opened:
    return _opened(session, database.get(session, Budget, budget_id))


def create(session: Session, client_id: UUID, **values: Any) -> Opened:
    """Draft a budget with its lines; in the client's currency when none is named."""
    client = database.get(session, Client, client_id)
    planned, currency = values.pop("lines"), values.pop("currency")
    budget = Budget(client_id=client.id, currency=currency or client.currency, **values)
    _check_period(budget)
    lines = [plan(budget, line) for line in planned]
    check_plan(lines)
    database.add(session, budget)
    session.add_all(lines)
    outbox.emit(session, "budget.created", budget)
    return _opened(session, budget)


def update(session: Session, budget_id: UUID, **changes: Any) -> Opened:
    """Change a draft, or a proposal, which that takes back if it changes what was shown."""
    budget = database.get(session, Budget, budget_id)
    with edits.of(session, budget):
        database.check_version(session, budget)
        check_editable(budget.status)
        budget.sqlmodel_update(changes)
        _check_period(budget)
        outbox.emit(session, "budget.updated", budget)
    return _opened(session, budget)


def remove(session: Session, budget_id: UUID) -> None:
    """Delete a draft that nobody was ever asked about."""
    budget, _ = _held(session, budget_id)
    check_draft(budget.status)
    if budget.approval_id is not None:
        raise AlreadyProposed
    outbox.emit(session, "budget.removed", budget)
    session.exec(delete(BudgetLine).where(col(BudgetLine.budget_id) == budget.id))
    session.delete(budget)


def propose(session: Session, budget_id: UUID) -> Opened:
    """Ask for the decision the client's policy wants; where it wants none, this activates."""
    budget = put_forward(session, budget_id)
    approvals.ask(session, budget.client_id, [budget], title=budget.name)
    return _opened(session, budget)


def put_forward(session: Session, budget_id: UUID) -> Budget:
    """Make a draft ready for a decision that may cover more than it; the caller asks for that."""
    budget, lines = _held(session, budget_id)
    _check_move(budget, BudgetStatus.proposed)
    if not any(line.planned_minor for line in lines):
        raise EmptyBudget
    _move(session, budget, BudgetStatus.proposed)
    outbox.emit(session, "budget.proposed", budget, audience="client")
    return budget


def withdraw(session: Session, budget_id: UUID) -> Opened:
    """Take a proposal back before it is decided."""
    budget = database.get(session, Budget, budget_id)
    database.check_version(session, budget)
    if budget.status is not BudgetStatus.proposed or budget.approval_id is None:
        raise MoveNotAllowed(budget.status, sorted(MOVES[budget.status]))
    if approvals.covers_more(session, budget.approval_id):
        raise ProposedTogether
    approvals.withdraw(session, budget.approval_id)
    take_back(session, budget_id, budget.approval_id)
    return _opened(session, budget)


def take_back(session: Session, budget_id: UUID | None, approval_id: UUID | None) -> None:
    """What the withdrawal of an approval does to the budget it covered, if it did cover it."""
    if budget_id is None or approval_id is None:
        return
    budget, _ = _held(session, budget_id)
    if budget.status is not BudgetStatus.proposed or budget.approval_id != approval_id:
        return
    _move(session, budget, BudgetStatus.draft)
    outbox.emit(session, "budget.withdrawn", budget)


def activate(session: Session, budget_id: UUID) -> Opened:
    """
    Make a draft active for a client whose policy asks for no decision. Where it asks for one, the
    decision activates; an active budget stays as it is.
    """
    budget = database.get(session, Budget, budget_id)
    client = database.get(session, Client, budget.client_id)
    free = budget.status is BudgetStatus.draft and client.approval_mode == ApprovalMode.none
    if free:
        return propose(session, budget_id)
    if budget.status is not BudgetStatus.active:
        raise MoveNotAllowed(budget.status, sorted(MOVES[budget.status] - {BudgetStatus.active}))
    return _opened(session, budget)


def close(session: Session, budget_id: UUID) -> Opened:
    """End a period for good: from here on nothing of it changes."""
    budget, lines = _held(session, budget_id)
    _check_move(budget, BudgetStatus.closed)
    _check_settled(session, budget, lines)
    _move(session, budget, BudgetStatus.closed)
    outbox.emit(session, "budget.closed", budget, audience="client")
    return _opened(session, budget)


def _held(session: Session, budget_id: UUID) -> tuple[Budget, list[BudgetLine]]:
    """A budget and its lines, locked in everybody's order: the lines by id, then the budget."""
    database.get(session, Budget, budget_id)
    of_budget(session, budget_id, lock=True)
    budget = database.get(session, Budget, budget_id, lock=True)
    return budget, of_budget(session, budget_id)


def _move(session: Session, budget: Budget, to: BudgetStatus) -> None:
    """Change the state of a budget and of all its lines."""
    _check_move(budget, to)
    budget.status = to
    session.exec(
        update_rows(BudgetLine)
        .where(
            col(BudgetLine.agency_id) == budget.agency_id, col(BudgetLine.budget_id) == budget.id
        )
        .values(status=to, version=BudgetLine.version + 1)
    )


def _content(session: Session, budget: Budget) -> dict[str, Any]:
    """What those who decide are shown."""
    lines = of_budget(session, budget.id)
    return {
        "name": budget.name,
        "period_start": budget.period_start.isoformat(),
        "period_end": budget.period_end.isoformat(),
        "currency": budget.currency,
        "planned_minor": sum(line.planned_minor for line in lines),
        "lines": [
            {
                "label": line.label,
                "category": line.category.value,
                "channel": line.channel,
                "activity": line.activity,
                "paid_by": line.paid_by.value,
                "planned_minor": line.planned_minor,
                "pass_through": line.pass_through,
                "unit": line.unit,
                "planned_units": line.planned_units,
            }
            for line in lines
        ],
    }


def _undecided(session: Session, budget: Budget, ending: ApprovalStatus) -> None:
    """Nobody decided, or what was shown was changed: it is a draft again."""
    _move(session, budget, BudgetStatus.draft)
    outbox.emit(session, "budget.reopened", budget)


def _amounts(session: Session, budget: Budget) -> list[MoneyRead]:
    planned = sum(line.planned_minor for line in of_budget(session, budget.id))
    return [MoneyRead(amount_minor=planned, currency=budget.currency)]


def _keep_inside(session: Session, budget: Budget, inside: bool) -> None:
    budget.inside = inside
    session.exec(
        update_rows(BudgetLine)
        .where(
            col(BudgetLine.agency_id) == budget.agency_id, col(BudgetLine.budget_id) == budget.id
        )
        .values(inside=inside)
    )


def _decided(session: Session, budget: Budget, outcome: Outcome) -> None:
    if outcome is not Outcome.approved:
        _move(session, budget, BudgetStatus.draft)
        outbox.emit(session, f"budget.{outcome.value}", budget, audience="client")
        return
    _move(session, budget, BudgetStatus.active)
    ledger.open_lines(session, budget, of_budget(session, budget.id))
    outbox.emit(session, "budget.activated", budget, audience="client")


subjects.register(
    Budget,
    content=_content,
    decided=_decided,
    undecided=_undecided,
    keep_inside=_keep_inside,
    amounts=_amounts,
)
commented.register(SubjectType.budgets, commented.rows_of(Budget), Budget)


def _check_move(budget: Budget, to: BudgetStatus) -> None:
    if to not in MOVES[budget.status]:
        raise MoveNotAllowed(budget.status, sorted(MOVES[budget.status]))


def _check_period(budget: Budget) -> None:
    if budget.period_end < budget.period_start:
        raise PeriodBackwards(pointer="/period_end")


def _check_settled(session: Session, budget: Budget, lines: Iterable[BudgetLine]) -> None:
    pending = select(func.count()).where(
        col(Expense.agency_id) == budget.agency_id,
        col(Expense.budget_id) == budget.id,
        col(Expense.status) == ExpenseStatus.pending,
    )
    totals = _sum(lines)
    left = {
        "unfunded_minor": totals.unfunded_minor,
        "committed_minor": totals.committed_minor,
        "pending_expenses": int(session.exec(pending).one()),
    }
    if any(left.values()):
        raise BudgetUnsettled(extra=left)


def _opened(session: Session, budget: Budget) -> Opened:
    lines = of_budget(session, budget.id)
    return Opened(budget, _sum(lines), lines)


def _sum(lines: Iterable[BudgetLine]) -> Totals:
    lines = list(lines)
    return Totals(**{name: sum(getattr(line, name) for line in lines) for name in SUMMED})


def _totals(session: Session, budget_ids: Sequence[UUID]) -> dict[UUID, Totals]:
    """The sums of several budgets, in one query."""
    query = (
        select(BudgetLine.budget_id, *(func.sum(getattr(BudgetLine, name)) for name in SUMMED))
        .where(col(BudgetLine.budget_id).in_(budget_ids))
        .group_by(col(BudgetLine.budget_id))
    )
    found: Iterable[Any] = session.exec(query)
    return {budget_id: Totals(*map(int, sums)) for budget_id, *sums in found}
