"""Wire shapes of scopes, their lines, and what was got of them."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import (
    MISSING,
    model_validator,
)
from pydantic import Field as Constraint
from pydantic_core import PydanticCustomError

from api.campaigns.deliverable_models import WaitCause
from api.campaigns.models import Measure, ScopeStatus
from api.campaigns.retainer_shapes import Renewal, RenewalRead
from tenants.money import CurrencyCode, MoneyRead
from tenants.pages import PageQuery
from tenants.shapes import (
    Count,
    Day,
    Line,
    Localized,
    Positive,
    ReadShape,
    Shape,
    Text,
    Words,
)

MOST_LINES = 200
Kind = Annotated[
    str,
    Constraint(
        max_length=60, pattern="^[a-z][a-z0-9_]*$", examples=["reel", "community_management"]
    ),
]
Quantity = Annotated[Positive, Constraint(le=1_000_000)]
Rounds = Annotated[Count, Constraint(le=100)]
Days = Annotated[Count, Constraint(le=3650)]


class Price(Shape):
    """A price per unit, in minor units of the scope's currency; zero is a gift."""

    amount_minor: Annotated[int, Constraint(ge=0, le=10**12, strict=True)]
    currency: CurrencyCode


class ScopeLineCreate(Shape):
    """
    A line of a scope. Due on a day, or so many days after acceptance; one with a `renewal` so many
    days after each period begins. Its quantity and price are those of a period.
    """

    label: Words
    kind: Kind
    measure: Measure
    quantity: Quantity
    network: Line | None = None
    unit_price: Price
    revision_rounds: Rounds = 0
    due_on: Day | None = None
    due_days: Days | None = None
    renewal: Renewal | None = None

    @model_validator(mode="after")
    def _one_due_rule(self) -> Self:
        if self.due_on is not None and self.due_days is not None:
            raise PydanticCustomError("one_due_rule", "due on a day or after days, not both")
        return self


class ScopeLineUpdate(Shape):
    """What of a draft's line may be changed. Setting one due rule clears the other."""

    label: Words | MISSING = MISSING
    kind: Kind | MISSING = MISSING
    measure: Measure | MISSING = MISSING
    quantity: Quantity | MISSING = MISSING
    network: Line | None | MISSING = MISSING
    unit_price: Price | MISSING = MISSING
    revision_rounds: Rounds | MISSING = MISSING
    due_on: Day | None | MISSING = MISSING
    due_days: Days | None | MISSING = MISSING
    renewal: Renewal | None | MISSING = MISSING

    @model_validator(mode="after")
    def _one_due_rule(self) -> Self:
        if isinstance(self.due_on, date) and isinstance(self.due_days, int):
            raise PydanticCustomError("one_due_rule", "due on a day or after days, not both")
        return self


class ScopeLineRead(ReadShape):
    """
    A line of a scope. `continues`: the line of the former version whose count it takes over;
    `origin_id`: the first line of them all, the same in every version.
    """

    id: UUID
    version: int
    scope_id: UUID
    position: int
    continues: UUID | None
    origin_id: UUID
    label: Localized
    kind: str
    measure: Measure
    quantity: int
    network: str | None
    unit_price: MoneyRead
    revision_rounds: int
    due_on: date | None
    due_days: int | None
    renewal: RenewalRead | None


class ScopeCreate(Shape):
    """A scope to draft, with its lines; or a copy of another's, whose units it goes on counting."""

    client_id: UUID
    campaign_id: UUID | None = None
    contract_id: UUID | None = None
    title: Line
    currency: CurrencyCode | None = None
    starts_on: Day | None = None
    ends_on: Day | None = None
    valid_until: Day | None = None
    copy_of: UUID | None = None
    lines: Annotated[list[ScopeLineCreate], Constraint(max_length=MOST_LINES)] = []


class ScopeUpdate(Shape):
    """What of a draft scope may be changed."""

    title: Line | MISSING = MISSING
    contract_id: UUID | None | MISSING = MISSING
    starts_on: Day | None | MISSING = MISSING
    ends_on: Day | None | MISSING = MISSING
    valid_until: Day | None | MISSING = MISSING


class ScopeSummary(ReadShape):
    """A scope, as lists show it."""

    id: UUID
    version: int
    client_id: UUID
    number: int
    campaign_id: UUID | None
    contract_id: UUID | None
    version_number: int
    title: str
    total: MoneyRead
    starts_on: date | None
    ends_on: date | None
    valid_until: date | None
    status: ScopeStatus
    approval_id: UUID | None
    submitted_at: datetime | None
    accepted_at: datetime | None
    superseded_at: datetime | None
    created_at: datetime
    updated_at: datetime


class ScopeRead(ReadShape):
    """A scope with its lines."""

    id: UUID
    version: int
    client_id: UUID
    number: int
    campaign_id: UUID | None
    contract_id: UUID | None
    version_number: int
    title: str
    total: MoneyRead
    starts_on: date | None
    ends_on: date | None
    valid_until: date | None
    status: ScopeStatus
    approval_id: UUID | None
    submitted_at: datetime | None
    accepted_at: datetime | None
    superseded_at: datetime | None
    created_at: datetime
    updated_at: datetime
    copy_of: UUID | None
    lines: list[ScopeLineRead]


class ScopeReject(Shape):
    """Why the scope is not accepted."""

    reason: Text


class ScopeQuery(PageQuery):
    """Filters of the scope list."""

    client_id: UUID | None = None
    campaign_id: UUID | None = None
    contract_id: UUID | None = None
    status: ScopeStatus | None = None


class AccrualCreate(Shape):
    """Units done on a day. Beyond what was sold, a reason is needed; `reason` stays with staff."""

    quantity: Quantity
    counted_on: Day
    reason: Text | None = None


class UnitEntryReverse(Shape):
    """Why the entry was wrong."""

    reason: Text


class UnitEntryRead(ReadShape):
    """
    Units counted on a line, `over_quantity` of them beyond what was sold. What one accrual took of
    several lots is an entry on each, `part_of` the first, and reversed with it.
    """

    id: UUID
    client_id: UUID
    lot_id: UUID
    kind: Literal["delivery", "accrual", "reversal"]
    quantity: int
    over_quantity: int
    counted_on: date
    deliverable_id: UUID | None
    reverses: UUID | None
    part_of: UUID | None
    created_at: datetime


class UnitEntryQuery(PageQuery):
    """Filters of a line's entries."""


class ProofRead(ReadShape):
    """Where something delivered can be seen."""

    deliverable_id: UUID
    label: Localized
    url: str | None
    network: str | None
    published_at: datetime | None
    file_id: UUID | None
    delivered_on: date


class LineConsumptionRead(ReadShape):
    """
    One line up to the end of a period, in units. `delivered` counts everything handed over,
    `over_serviced` what of it was beyond `contracted`; `planned` is not delivered yet, and
    `planned_over` what of that is over scope. A line that renews is told period by period, each in
    its own units.
    """

    line_id: UUID
    scope_id: UUID
    scope_number: int
    campaign_id: UUID | None
    label: Localized
    kind: str
    measure: Measure
    network: str | None
    contracted: int
    planned: int
    planned_over: int
    in_progress: int
    delivered: int
    delivered_in_period: int
    over_serviced: int
    over_serviced_in_period: int
    rounds_over: int
    status: Literal["planned", "in_progress", "in_review", "blocked", "late", "delivered"]
    due_on: date | None
    original_due_on: date | None
    blocked_cause: WaitCause | None
    blocked_since: date | None
    proofs: list[ProofRead]


class ClientScopeRead(ReadShape):
    """Every line in force for a client in a period, over all its contracts and campaigns."""

    client_id: UUID
    period_start: date
    period_end: date
    lines: list[LineConsumptionRead]
