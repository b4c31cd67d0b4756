"""What change orders look like over the wire."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import MISSING, model_validator
from pydantic import Field as Constraint
from pydantic_core import PydanticCustomError

from api.campaigns.change_models import ChangeAction, ChangeOrderStatus
from api.campaigns.models import Measure
from api.campaigns.retainer_shapes import RenewalRead
from api.campaigns.scope_shapes import MOST_LINES, Days, Price, Rounds, ScopeLineCreate
from tenants.money import MoneyRead
from tenants.pages import PageQuery
from tenants.shapes import Day, Flag, Line, Localized, LongWords, ReadShape, Shape, Text, Words

MOST_PLANNED = 200  # deliverables of one line that acceptance plans at once
MOST_PARTS = 100


class LineAdd(ScopeLineCreate):
    """A line to add; with `plan`, its units are planned as soon as it is accepted."""

    action: Literal["add"]
    plan: bool = False


Delta = Annotated[int, Constraint(ge=-1_000_000, le=1_000_000, strict=True)]


class LineAlter(Shape):
    """What of a line in force changes: units added (below zero: taken off), price, rounds, day."""

    action: Literal["alter"]
    line_id: UUID
    label: Words | None = None
    quantity_delta: Delta | None = None
    unit_price: Price | None = None
    revision_rounds: Rounds | None = None
    due_on: Day | None = None
    due_days: Days | None = None
    plan: Flag = False

    @model_validator(mode="after")
    def _one_due_rule(self) -> Self:
        if self.due_on is not None and self.due_days is not None:
            raise PydanticCustomError("one_due_rule", "due on a day or after days, not both")
        return self


class LineRemove(Shape):
    """A line to take out; work on it that is not delivered is called off."""

    action: Literal["remove"]
    line_id: UUID


LineChange = Annotated[LineAdd | LineAlter | LineRemove, Constraint(discriminator="action")]


class BudgetChange(Shape):
    """What is added to an active budget line, or below zero taken off it."""

    budget_line_id: UUID
    amount_minor: Annotated[int, Constraint(ge=-(10**12), le=10**12, strict=True)]


LineChanges = Annotated[list[LineChange], Constraint(max_length=MOST_LINES)]
BudgetChanges = Annotated[list[BudgetChange], Constraint(max_length=MOST_PARTS)]
Cancels = Annotated[list[UUID], Constraint(max_length=MOST_PARTS)]


class ChangeOrderCreate(Shape):
    """A change of a scope in force. `cancels`: deliverables to call off; `ends_on`: a new end."""

    scope_id: UUID
    title: Line
    reason: LongWords
    valid_until: Day | None = None
    ends_on: Day | None = None
    lines: LineChanges = []
    budget: BudgetChanges = []
    cancels: Cancels = []


class ChangeOrderUpdate(Shape):
    """What of a draft may be changed; a list takes the place of the former one."""

    title: Line | MISSING = MISSING
    reason: LongWords | MISSING = MISSING
    valid_until: Day | None | MISSING = MISSING
    ends_on: Day | None | MISSING = MISSING
    lines: LineChanges | MISSING = MISSING
    budget: BudgetChanges | MISSING = MISSING
    cancels: Cancels | MISSING = MISSING


class ChangeOrderReject(Shape):
    """Why the change is not accepted."""

    reason: Text


class ChangeLineRead(ReadShape):
    """One change. `origin_id`: the line of the first version that it changes."""

    id: UUID
    action: ChangeAction
    origin_id: UUID | None
    label: Localized | None
    kind: str | None
    measure: Measure | None
    network: str | None
    quantity: int | None
    quantity_delta: int | None
    unit_price_minor: int | None
    revision_rounds: int | None
    due_on: date | None
    due_days: int | None
    renewal: RenewalRead | None
    plan: bool


class ChangeBudgetRead(ReadShape):
    """What is added to a budget line."""

    budget_line_id: UUID
    amount_minor: int


class ChangeCancellationRead(ReadShape):
    """A deliverable that is called off."""

    deliverable_id: UUID


class ChangeOrderSummary(ReadShape):
    """A change order, as lists show it."""

    id: UUID
    version: int
    client_id: UUID
    number: int
    scope_id: UUID
    campaign_id: UUID | None
    title: str
    currency: str
    valid_until: date | None
    ends_on: date | None
    drafted_by_us: bool
    status: ChangeOrderStatus
    approval_id: UUID | None
    result_scope_id: UUID | None
    submitted_at: datetime | None
    accepted_at: datetime | None
    created_at: datetime
    updated_at: datetime


class ChangeOrderRead(ReadShape):
    """
    A change order. `result_scope_id`: the version that its acceptance made. `drafted_by_us`: made
    by the platform, to cover work that was planned beyond what was sold.
    """

    id: UUID
    version: int
    client_id: UUID
    number: int
    scope_id: UUID
    campaign_id: UUID | None
    title: str
    reason: Localized
    currency: str
    valid_until: date | None
    ends_on: date | None
    drafted_by_us: bool
    status: ChangeOrderStatus
    approval_id: UUID | None
    result_scope_id: UUID | None
    submitted_at: datetime | None
    accepted_at: datetime | None
    created_at: datetime
    updated_at: datetime
    lines: list[ChangeLineRead]
    budget: list[ChangeBudgetRead]
    cancels: list[ChangeCancellationRead]


class SoldRead(ReadShape):
    """A line as it is sold. `origin_id`: the line it goes on from; null for one that is added."""

    origin_id: UUID | None
    label: Localized
    kind: str
    measure: Measure
    quantity: int
    network: str | None
    unit_price_minor: int
    revision_rounds: int
    due_on: date | None
    due_days: int | None
    renewal: RenewalRead | None


class EffectRead(ReadShape):
    """One change, from what to what; `plan`: its new units are planned at once."""

    action: ChangeAction
    before: SoldRead | None
    after: SoldRead | None
    delta_minor: int
    plan: bool


class ChangePreview(ReadShape):
    """What accepting a change order now would lead to: each change, and every line after it."""

    total_before: MoneyRead
    total_after: MoneyRead
    total_delta: MoneyRead
    effects: list[EffectRead]
    after: list[SoldRead]


class ChangeOrderQuery(PageQuery):
    """Filters of the change order list."""

    client_id: UUID | None = None
    campaign_id: UUID | None = None
    scope_id: UUID | None = None
    status: ChangeOrderStatus | None = None
