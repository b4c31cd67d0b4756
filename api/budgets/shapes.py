"""Wire shapes of budgets, lines and entries. Amounts: minor units, net of tax."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, Strict
from pydantic import Field as Constraint
from pydantic_core import PydanticCustomError

from api.budgets.models import BudgetStatus, EntryKind, LineCategory, PaidBy
from api.budgets.pace_shapes import BudgetState
from tenants.money import LARGEST, CurrencyCode, MinorUnits, PositiveMinorUnits
from tenants.pages import PageQuery
from tenants.shapes import Day, Flag, Line, Localized, Name, ReadShape, Shape, Text, Words

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
SignedUnits = Annotated[MinorUnits, Strict()]


class BudgetLineCreate(Shape):
    """
    A line to plan: what for, how much, and whose money it is; `planned_units` of a `unit` beside
    the money. `pass_through`: billed on at cost; unless said, paid media and influencers are.
    `campaign_id`: all that is spent on the line is a cost of that campaign; on a line without, only
    what the campaign's collaborations earn is.
    """

    category: LineCategory
    label: Words
    planned_minor: ZeroOrMore
    paid_by: PaidBy = PaidBy.agency
    pass_through: Flag | None = None
    unit: Line | None = None
    planned_units: ZeroOrMore = 0
    campaign_id: UUID | None = None
    channel: Line | None = None
    activity: Line | None = None


class BudgetLineUpdate(Shape):
    """
    What of the line of a draft or proposal may be changed. Another category leaves `pass_through`
    as it is.
    """

    category: LineCategory | MISSING = MISSING
    label: Words | MISSING = MISSING
    planned_minor: ZeroOrMore | MISSING = MISSING
    paid_by: PaidBy | MISSING = MISSING
    pass_through: Flag | MISSING = MISSING
    unit: Line | None | MISSING = MISSING
    planned_units: ZeroOrMore | MISSING = MISSING
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
    """
    A line: planned, then the sums of its entries. Available = allocated - committed - spent; units
    used by facts beyond what is available are `over_units`.
    """

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
    pass_through: bool
    currency: str
    planned_minor: int
    allocated_minor: int
    committed_minor: int
    spent_minor: int
    unfunded_minor: int
    available_minor: int
    unit: str | None
    planned_units: int
    allocated_units: int
    committed_units: int
    spent_units: int
    available_units: int
    over_units: int


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
    """Money to set aside on this line, and units of it."""

    kind: Literal["commitment"]
    amount_minor: Amount
    units: ZeroOrMore = 0
    booked_on: Day | None = None
    payee: Name | None = None
    note: Text | None = None


class ReleaseCreate(Shape):
    """
    What of a commitment is no longer needed; all that is open when no amount is given. The last of
    the money takes the last of the units along.
    """

    kind: Literal["release"]
    commitment_id: UUID
    amount_minor: Amount | None = None
    units: ZeroOrMore = 0
    booked_on: Day | None = None
    note: Text | None = None


class TransferCreate(Shape):
    """Allocation to move from this line to another of the same budget, and why."""

    kind: Literal["transfer"]
    to_line_id: UUID
    amount_minor: Amount
    units: ZeroOrMore = 0
    booked_on: Day | None = None
    note: Text


class AllocationCreate(Shape):
    """Allocation to add to this line, or (below zero) to take from it, and why."""

    kind: Literal["allocation"]
    amount_minor: SignedAmount
    units: SignedUnits = 0
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
    """One movement of one line; `amount_minor` and `units` are what it adds to its balances."""

    id: UUID
    client_id: UUID
    line_id: UUID
    kind: EntryKind
    amount_minor: int
    units: int
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


class BudgetQuery(PageQuery):
    """Filters of the budget list."""

    client_id: UUID | None = None
    status: BudgetStatus | None = None
    state: Annotated[
        BudgetState | None,
        Constraint(
            description="How active budgets stand today. `under`, `on_track`, `over`: by the pace"
            " of the whole budget, within its period. `at_risk`: its pace is over, its forecast"
            " is above what is allocated, or something is unfunded."
        ),
    ] = None


class EntryQuery(PageQuery):
    """Filters of a line's entries."""

    kind: EntryKind | None = None
