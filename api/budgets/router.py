"""Routes of budgets, lines, entries and expenses; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from api.approvals import quorum
from api.budgets import book, budgets, entries, expenses, exports, ledger, lines, originals
from api.budgets.expense_shapes import (
    ExpenseCreate,
    ExpenseFilter,
    ExpenseQuery,
    ExpenseRead,
    ExpenseRefund,
    ExpenseRefuse,
)
from api.budgets.ledger import Wanted
from api.budgets.models import BudgetLine, Expense
from api.budgets.pace_shapes import BudgetPaceRead
from api.budgets.pacing import BudgetPace
from api.budgets.shapes import (
    BudgetCreate,
    BudgetEntryRead,
    BudgetLineCreate,
    BudgetLineRead,
    BudgetLineUpdate,
    BudgetQuery,
    BudgetRead,
    BudgetSummary,
    BudgetUpdate,
    EntryCreate,
    EntryQuery,
)
from api.http import sheets
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from tenants.errors import MoveNotAllowed, NotFound, PreconditionFailed
from tenants.pages import InvalidCursor, Page, PageQuery
from tenants.reads import Lookup

router = domain_router("budgets")


@router.post(
    "/budgets",
    status_code=201,
    response_model=BudgetRead,
    dependencies=[needs("budgets:write")],
    responses=problems(NotFound, budgets.PeriodBackwards, lines.PlanTooLarge, book.UnitNotPlanned),
)
def create_budget(data: BudgetCreate, session: RequestSession) -> Any:
    """Draft a budget for a client and a period, with its lines."""
    return budgets.create(session, **data.model_dump())


@router.get(
    "/budgets",
    response_model=Page[BudgetSummary],
    dependencies=[needs("budgets:read")],
    responses=problems(InvalidCursor),
)
def list_budgets(page: Annotated[BudgetQuery, Query()], session: RequestSession) -> Any:
    """List budgets with their totals, newest first; a client's contacts see no drafts."""
    return budgets.search(session, page)


@router.get(
    "/budgets/{budget_id}",
    response_model=BudgetRead,
    dependencies=[needs("budgets:read")],
    responses=problems(NotFound),
)
def get_budget(budget_id: UUID, session: RequestSession) -> Any:
    """Read a budget with its lines and totals."""
    return budgets.read(session, budget_id)


@router.get(
    "/budgets/{budget_id}/pace",
    response_model=BudgetPaceRead,
    dependencies=[needs("budgets:read")],
    responses=problems(NotFound),
)
def get_budget_pace(budget_id: UUID, session: RequestSession) -> Any:
    """Read how far a budget's money has gone today, whole and line by line, and will go."""
    return BudgetPace(budget_id)


@router.patch(
    "/budgets/{budget_id}",
    response_model=BudgetRead,
    dependencies=[needs("budgets:write")],
    responses=problems(NotFound, lines.BudgetNotDraft, budgets.PeriodBackwards),
)
def update_budget(budget_id: UUID, data: BudgetUpdate, session: RequestSession) -> Any:
    """Change the name or period of a draft, or of a proposal, which that takes back."""
    return budgets.update(session, budget_id, **data.model_dump())


@router.delete(
    "/budgets/{budget_id}",
    status_code=204,
    response_model=None,
    dependencies=[needs("budgets:write")],
    responses=problems(NotFound, lines.BudgetNotDraft, budgets.AlreadyProposed),
)
def delete_budget(budget_id: UUID, session: RequestSession) -> Any:
    """Delete a draft that nobody was ever asked to decide on."""
    budgets.remove(session, budget_id)


@router.post(
    "/budgets/{budget_id}/propose",
    response_model=BudgetRead,
    dependencies=[needs("budgets:propose")],
    responses=problems(NotFound, MoveNotAllowed, budgets.EmptyBudget, quorum.QuorumOutOfReach),
)
def propose_budget(budget_id: UUID, session: RequestSession) -> Any:
    """Ask for the decision the client's policy wants; where it wants none, this activates."""
    return budgets.propose(session, budget_id)


@router.post(
    "/budgets/{budget_id}/withdraw",
    response_model=BudgetRead,
    dependencies=[needs("budgets:propose")],
    responses=problems(NotFound, MoveNotAllowed, budgets.ProposedTogether),
)
def withdraw_budget(budget_id: UUID, session: RequestSession) -> Any:
    """Take a proposal back before it is decided; the budget is a draft again."""
    return budgets.withdraw(session, budget_id)


@router.post(
    "/budgets/{budget_id}/activate",
    response_model=BudgetRead,
    dependencies=[needs("budgets:propose")],
    responses=problems(NotFound, MoveNotAllowed, budgets.EmptyBudget, quorum.QuorumOutOfReach),
)
def activate_budget(budget_id: UUID, session: RequestSession) -> Any:
    """Activate a draft whose client's policy wants no decision; an active one stays as it is."""
    return budgets.activate(session, budget_id)


@router.post(
    "/budgets/{budget_id}/close",
    response_model=BudgetRead,
    dependencies=[needs("budgets:write")],
    responses=problems(NotFound, MoveNotAllowed, budgets.BudgetUnsettled),
)
def close_budget(budget_id: UUID, session: RequestSession) -> Any:
    """End a period for good, once nothing is unfunded, committed or pending."""
    return budgets.close(session, budget_id)


@router.get(
    "/budgets/{budget_id}/lines",
    response_model=Page[BudgetLineRead],
    dependencies=[needs("budgets:read")],
    responses=problems(NotFound, InvalidCursor),
)
def list_budget_lines(
    budget_id: UUID, page: Annotated[PageQuery, Query()], session: RequestSession
) -> Any:
    """List a budget's lines, in the order they were added."""
    return lines.search(session, budget_id, page)


@router.post(
    "/budgets/{budget_id}/lines",
    status_code=201,
    response_model=BudgetLineRead,
    dependencies=[needs("budgets:write")],
    responses=problems(
        NotFound,
        PreconditionFailed,
        lines.BudgetNotDraft,
        lines.TooManyLines,
        lines.PlanTooLarge,
        book.UnitNotPlanned,
    ),
)
def add_budget_line(budget_id: UUID, data: BudgetLineCreate, session: RequestSession) -> Any:
    """Plan one more line of a draft or proposal; an active budget takes an empty one."""
    return lines.add(session, budget_id, **data.model_dump())


@router.get(
    "/budget-lines/{line_id}",
    response_model=BudgetLineRead,
    dependencies=[needs("budgets:read")],
    responses=problems(NotFound),
)
def get_budget_line(line_id: UUID, session: RequestSession) -> Any:
    """Read a line and its balances."""
    return Lookup(BudgetLine, line_id)


@router.patch(
    "/budget-lines/{line_id}",
    response_model=BudgetLineRead,
    dependencies=[needs("budgets:write")],
    responses=problems(NotFound, lines.BudgetNotDraft, lines.PlanTooLarge, book.UnitNotPlanned),
)
def update_budget_line(line_id: UUID, data: BudgetLineUpdate, session: RequestSession) -> Any:
    """Change the line of a draft, or of a proposal, which that takes back."""
    return lines.update(session, line_id, **data.model_dump())


@router.delete(
    "/budget-lines/{line_id}",
    status_code=204,
    response_model=None,
    dependencies=[needs("budgets:write")],
    responses=problems(NotFound, lines.BudgetNotDraft),
)
def delete_budget_line(line_id: UUID, session: RequestSession) -> Any:
    """Take a line out of a draft, or out of a proposal, which that takes back."""
    lines.remove(session, line_id)


@router.get(
    "/budget-lines/{line_id}/entries",
    response_model=Page[BudgetEntryRead],
    dependencies=[needs("budgets:read")],
    responses=problems(NotFound, InvalidCursor),
)
def list_budget_entries(
    line_id: UUID, page: Annotated[EntryQuery, Query()], session: RequestSession
) -> Any:
    """List a line's entries, newest first; payees and notes are for the staff only."""
    return entries.search(session, line_id, page)


@router.post(
    "/budget-lines/{line_id}/entries",
    status_code=201,
    response_model=BudgetEntryRead,
    dependencies=[needs("budgets:write")],
    responses=problems(
        NotFound,
        book.BudgetNotActive,
        book.LineExceeded,
        book.TotalTooLarge,
        book.UnitNotPlanned,
        book.BeforePeriod,
        ledger.CommitmentExceeded,
        ledger.NotACommitment,
        ledger.TransferNotPossible,
        entries.AllocationApproved,
    ),
)
def enter_on_budget_line(line_id: UUID, data: EntryCreate, session: RequestSession) -> Any:
    """Commit, release, transfer or allocate money of a line; spending goes by `/v1/expenses`."""
    return entries.enter(session, line_id, data.model_dump())


@router.post(
    "/expenses",
    status_code=201,
    response_model=ExpenseRead,
    dependencies=[needs("expenses:write")],
    responses=problems(
        NotFound,
        book.BudgetNotActive,
        book.LineExceeded,
        book.TotalTooLarge,
        ledger.NotACommitment,
        expenses.CurrencyDiffers,
        expenses.EvidenceRequired,
        expenses.InvoiceTooLarge,
        book.UnitNotPlanned,
        book.BeforePeriod,
        originals.RateRequired,
        originals.OriginalDiffers,
    ),
)
def create_expense(data: ExpenseCreate, session: RequestSession) -> Any:
    """Ask for an expense: posted at once, or pending above the agency's threshold."""
    return expenses.request(session, **data.model_dump())


@router.get(
    "/expenses",
    response_model=Page[ExpenseRead],
    dependencies=[needs("expenses:read")],
    responses=problems(InvalidCursor),
)
def list_expenses(page: Annotated[ExpenseQuery, Query()], session: RequestSession) -> Any:
    """List expenses with their documents, newest first."""
    return expenses.search(session, page)


@router.get(
    "/expenses.csv",
    response_class=Response,
    dependencies=[needs("expenses:read", in_arrears=True)],
    responses={
        **problems(exports.ExportTooLarge),
        200: {
            "description": "One line for each expense, under a head in the language asked for.",
            "content": sheets.DOCUMENTED,
        },
    },
)
def export_expenses(wanted: Annotated[ExpenseFilter, Query()], session: RequestSession) -> Response:
    """Read expenses as a table, CSV in UTF-8, in the order they were spent; 20,000 at most."""
    return exports.table(session, wanted)


@router.get(
    "/expenses/{expense_id}",
    response_model=ExpenseRead,
    dependencies=[needs("expenses:read")],
    responses=problems(NotFound),
)
def get_expense(expense_id: UUID, session: RequestSession) -> Any:
    """Read an expense and its document."""
    return Lookup(Expense, expense_id)


@router.post(
    "/expenses/{expense_id}/approve",
    response_model=ExpenseRead,
    dependencies=[needs("expenses:approve")],
    responses=problems(
        NotFound,
        MoveNotAllowed,
        expenses.OwnExpense,
        book.BudgetNotActive,
        book.LineExceeded,
        book.TotalTooLarge,
    ),
)
def approve_expense(expense_id: UUID, session: RequestSession) -> Any:
    """Approve and post what somebody else asked for."""
    return expenses.approve(session, expense_id)


@router.post(
    "/expenses/{expense_id}/refuse",
    response_model=ExpenseRead,
    dependencies=[needs("expenses:approve")],
    responses=problems(NotFound, MoveNotAllowed),
)
def refuse_expense(expense_id: UUID, data: ExpenseRefuse, session: RequestSession) -> Any:
    """Refuse a pending expense, and say why."""
    return expenses.refuse(session, expense_id, data.reason)


@router.post(
    "/expenses/{expense_id}/refund",
    response_model=ExpenseRead,
    dependencies=[needs("expenses:approve")],
    responses=problems(
        NotFound,
        expenses.NotPosted,
        expenses.RefundExceeded,
        book.BudgetNotActive,
        book.BeforePeriod,
    ),
)
def refund_expense(expense_id: UUID, data: ExpenseRefund, session: RequestSession) -> Any:
    """Take back a posted expense, or a part, by a reversing entry: the only correction there is."""
    wanted = Wanted(data.amount_minor, data.units)
    return expenses.refund(
        session, expense_id, wanted, booked_on=data.booked_on, reason=data.reason
    )
