"""Wire shapes of budgets, lines, entries and expenses. Amounts: minor units, net of tax."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, Strict
from pydantic import Field as Constraint
from pydantic_core import PydanticCustomError

from api.budgets.models import BudgetStatus, EntryKind, ExpenseStatus, LineCategory, PaidBy
from tenants.money import LARGEST, CurrencyCode, MinorUnits, MoneyWrite, PositiveMinorUnits
from tenants.pages import PageQuery
from tenants.shapes import Day, Line, Localized, Name, ReadShape, Shape, Text, Words

MOST_LINES = 200


def _not_zero(value: int) -> int:
    if value == 0:
        raise PydanticCustomError("not_zero", "an amount above or below zero")
    return value


Amount = Annotated[PositiveMinorUnits, Strict()]
SignedAmount = Annotated[
    MinorUnits,
    Strict(),
    AfterValidator(_not_zero),
    Constraint(json_schema_extra={"not": {"const": 0}}),
]
ZeroOrMore = Annotated[int, Constraint(ge=0, le=LARGEST), Strict()]


class BudgetLineCreate(Shape):
    """A line to plan: what for, how much, and whose money it is."""

    category: LineCategory
    label: Words
    planned_minor: ZeroOrMore
    paid_by: PaidBy = PaidBy.agency
    campaign_id: UUID | None = None
    channel: Line | None = None
    activity: Line | None = None


class BudgetLineUpdate(Shape):
    """What of the line of a draft or proposal may be changed."""

    category: LineCategory | MISSING = MISSING
    label: Words | MISSING = MISSING
    planned_minor: ZeroOrMore | MISSING = MISSING
    paid_by: PaidBy | MISSING = MISSING
    campaign_id: UUID | None | MISSING = MISSING
    channel: Line | None | MISSING = MISSING
    activity: Line | None | MISSING = MISSING


class BudgetCreate(Shape):
    """A draft, with its lines. Without a currency it is the client's."""

    client_id: UUID
    name: Name
    period_start: Day
    period_end: Day
    currency: CurrencyCode | None = None
    lines: Annotated[list[BudgetLineCreate], Constraint(max_length=MOST_LINES)] = []


class BudgetUpdate(Shape):
    """What of a draft or proposal may be changed; its lines have their own operations."""

    name: Name | MISSING = MISSING
    period_start: Day | MISSING = MISSING
    period_end: Day | MISSING = MISSING


class BudgetTotals(ReadShape):
    """The sums of a budget's lines. What is unfunded is on top of what is spent."""

    planned_minor: int
    allocated_minor: int
    committed_minor: int
    spent_minor: int
    unfunded_minor: int
    available_minor: int


class BudgetLineRead(ReadShape):
    """A line: planned, then the sums of its entries. Available = allocated - committed - spent."""

    id: UUID
    version: int
    client_id: UUID
    budget_id: UUID
    status: BudgetStatus
    category: LineCategory
    label: Localized
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
    available_minor: int


class BudgetSummary(ReadShape):
    """A budget, as lists show it."""

    id: UUID
    version: int
    client_id: UUID
    name: str
    period_start: date
    period_end: date
    currency: str
    status: BudgetStatus
    approval_id: UUID | None
    totals: BudgetTotals
    created_at: datetime
    updated_at: datetime


class BudgetRead(ReadShape):
    """A budget with its lines and their sums."""

    id: UUID
    version: int
    client_id: UUID
    name: str
    period_start: date
    period_end: date
    currency: str
    status: BudgetStatus
    approval_id: UUID | None
    totals: BudgetTotals
    lines: list[BudgetLineRead]
    created_at: datetime
    updated_at: datetime


class CommitmentCreate(Shape):
    """Money to set aside on this line."""

    kind: Literal["commitment"]
    amount_minor: Amount
    booked_on: Day | None = None
    payee: Name | None = None
    note: Text | None = None


class ReleaseCreate(Shape):
    """What of a commitment is no longer needed; all that is open when no amount is given."""

    kind: Literal["release"]
    commitment_id: UUID
    amount_minor: Amount | None = None
    booked_on: Day | None = None
    note: Text | None = None


class TransferCreate(Shape):
    """Allocation to move from this line to another of the same budget."""

    kind: Literal["transfer"]
    to_line_id: UUID
    amount_minor: Amount
    booked_on: Day | None = None
    note: Text | None = None


class AllocationCreate(Shape):
    """Allocation to add to this line, or (below zero) to take from it, and why."""

    kind: Literal["allocation"]
    amount_minor: SignedAmount
    booked_on: Day | None = None
    note: Text


EntryCreate = Annotated[
    CommitmentCreate | ReleaseCreate | TransferCreate | AllocationCreate,
    Constraint(discriminator="kind"),
]


class EntryNoteRead(ReadShape):
    """What of an entry only the staff may read."""

    payee: str | None
    note: str | None


class BudgetEntryRead(ReadShape):
    """One movement of one line; `amount_minor` is what it adds to its balance."""

    id: UUID
    client_id: UUID
    line_id: UUID
    kind: EntryKind
    amount_minor: int
    currency: str
    funded: bool
    category: LineCategory
    paid_by: PaidBy
    booked_on: date
    reversal_of: UUID | None
    source_type: str
    source_id: UUID
    entered_by: UUID | None
    internal: EntryNoteRead | None
    created_at: datetime


class ExpenseCreate(Shape):
    """
    An expense on one line, net of tax. `already_spent` with evidence makes it a fact, which no
    line's end refuses. `commitment_id`: what was set aside for it.
    """

    line_id: UUID
    amount_minor: Amount
    currency: CurrencyCode
    tax_minor: ZeroOrMore = 0
    original: MoneyWrite | None = None
    commitment_id: UUID | None = None
    paid_by: PaidBy | None = None
    already_spent: bool = False
    spent_on: Day | None = None
    supplier: Name
    document_number: Line | None = None
    document_date: Day | None = None
    evidence: Text | None = None
    note: Text | None = None


class ExpenseRefuse(Shape):
    """Why an expense is not paid from the budget."""

    reason: Text


class ExpenseRefund(Shape):
    """What came back of an expense, or was wrong with it; all of it when no amount is given."""

    amount_minor: Amount | None = None
    booked_on: Day | None = None
    reason: Text


class ExpenseRead(ReadShape):
    """An expense and its document. `self_approved`: nobody else could have approved it."""

    id: UUID
    version: int
    client_id: UUID
    budget_id: UUID
    line_id: UUID
    commitment_id: UUID | None
    status: ExpenseStatus
    amount_minor: int
    tax_minor: int
    total_minor: int
    refunded_minor: int
    currency: str
    original_amount_minor: int | None
    original_currency: str | None
    paid_by: PaidBy
    already_spent: bool
    spent_on: date
    supplier: str
    document_number: str | None
    document_date: date | None
    evidence: str | None
    note: str | None
    requested_by: UUID | None
    decided_by: UUID | None
    decided_at: datetime | None
    refusal: str | None
    self_approved: bool
    created_at: datetime
    updated_at: datetime


class BudgetQuery(PageQuery):
    """Filters of the budget list."""

    client_id: UUID | None = None
    status: BudgetStatus | None = None


class EntryQuery(PageQuery):
    """Filters of a line's entries."""

    kind: EntryKind | None = None


class ExpenseQuery(PageQuery):
    """Filters of the expense list."""

    client_id: UUID | None = None
    budget_id: UUID | None = None
    line_id: UUID | None = None
    status: ExpenseStatus | None = None
