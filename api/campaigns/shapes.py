"""What campaigns, scopes and deliverables look like over the wire."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import (
    MISSING,
    AfterValidator,
    AnyHttpUrl,
    BaseModel,
    ConfigDict,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic import Field as Constraint
from pydantic_core import PydanticCustomError

from api.campaigns.models import (
    CampaignFormat,
    CampaignGoal,
    CampaignStatus,
    DeliverableStatus,
    Measure,
    ScopeStatus,
    UnitEntryKind,
    WaitCause,
)
from tenants.money import CurrencyCode, MoneyRead
from tenants.pages import PageQuery
from tenants.shapes import (
    Count,
    Day,
    Instant,
    Line,
    Localized,
    LongWords,
    Name,
    Positive,
    ReadShape,
    Shape,
    Text,
    Words,
)

MOST_LINES = 200


def _no_repeats(formats: list[CampaignFormat]) -> list[CampaignFormat]:
    if len(set(formats)) != len(formats):
        raise PydanticCustomError("repeated", "the same one twice")
    return sorted(formats)


def _each_once(ids: list[UUID]) -> list[UUID]:
    if len(set(ids)) != len(ids):
        raise PydanticCustomError("repeated", "the same one twice")
    return ids


CampaignFormats = Annotated[
    list[CampaignFormat],
    Constraint(
        min_length=1, max_length=len(CampaignFormat), json_schema_extra={"uniqueItems": True}
    ),
    AfterValidator(_no_repeats),
]


def _web_address(value: str) -> str:
    """An http(s) address as it was written, not as a parser would write it."""
    try:
        _ADDRESS.validate_python(value)
    except ValidationError:
        raise PydanticCustomError("url_parsing", "not a web address") from None
    return value


_ADDRESS: TypeAdapter[AnyHttpUrl] = TypeAdapter(AnyHttpUrl)
Url = Annotated[
    str,
    Constraint(
        max_length=2048,
        pattern=r"^https?://[!-~]+$",
        json_schema_extra={"format": "uri"},
        examples=["https://www.instagram.com/p/C1a2b3"],
    ),
    AfterValidator(_web_address),
]
Kind = Annotated[
    str,
    Constraint(
        max_length=60, pattern="^[a-z][a-z0-9_]*$", examples=["reel", "community_management"]
    ),
]
Quantity = Annotated[Positive, Constraint(le=1_000_000)]
Rounds = Annotated[Count, Constraint(le=100)]
Days = Annotated[Count, Constraint(le=3650)]
DueBefore = Annotated[Day | None, Constraint(description="Due before this day.")]
DueAfter = Annotated[Day | None, Constraint(description="Due after this day.")]


class Price(Shape):
    """A price per unit, in minor units of the scope's currency; zero is a gift."""

    amount_minor: Annotated[int, Constraint(ge=0, le=10**12, strict=True)]
    currency: CurrencyCode


class CampaignCreate(Shape):
    """A campaign to plan."""

    client_id: UUID
    name: Name
    goal: CampaignGoal
    formats: CampaignFormats
    brief: LongWords | None = None
    starts_on: Day
    ends_on: Day
    budget_id: UUID | None = None
    contract_id: UUID | None = None


class CampaignUpdate(Shape):
    """What of a draft may be changed."""

    name: Name | MISSING = MISSING
    goal: CampaignGoal | MISSING = MISSING
    formats: CampaignFormats | MISSING = MISSING
    brief: LongWords | MISSING = MISSING
    starts_on: Day | MISSING = MISSING
    ends_on: Day | MISSING = MISSING
    budget_id: UUID | None | MISSING = MISSING
    contract_id: UUID | None | MISSING = MISSING


class CampaignPropose(Shape):
    """What is put to the same decision: a draft scope of the campaign, its draft budget."""

    scope_id: UUID | None = None
    budget_id: UUID | None = None


class CampaignPause(Shape):
    """On whose account the campaign is held."""

    cause: WaitCause


class CampaignRead(ReadShape):
    """Work for one goal. `approval_id`: the decision it waits for, or was given."""

    id: UUID
    version: int
    client_id: UUID
    name: str
    goal: CampaignGoal
    formats: list[CampaignFormat]
    brief: Localized
    starts_on: date
    ends_on: date
    paused_on: date | None
    paused_cause: WaitCause | None
    status: CampaignStatus
    budget_id: UUID | None
    contract_id: UUID | None
    approval_id: UUID | None
    created_at: datetime
    updated_at: datetime


class CampaignQuery(PageQuery):
    """Filters of the campaign list; cancelled and rejected ones only when `status` names them."""

    client_id: UUID | None = None
    status: CampaignStatus | None = None


class ScopeLineCreate(Shape):
    """A line of a scope. Due on a day, or so many days after acceptance."""

    label: Words
    kind: Kind
    measure: Measure
    quantity: Quantity
    network: Line | None = None
    unit_price: Price
    revision_rounds: Rounds = 0
    due_on: Day | None = None
    due_days: Days | None = None

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


Links = Annotated[list[Url], Constraint(max_length=20)]
Others = Annotated[
    list[UUID],
    Constraint(max_length=50, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_each_once),
]


class DeliverableCreate(Shape):
    """
    Units of a line to deliver. The label and the due day come from the line unless given.
    `criteria`: when it will do; `links`: what is needed to make it; `depends_on`: deliverables of
    the client that must be approved before it is begun.
    """

    line_id: UUID
    label: Words | None = None
    units: Quantity = 1
    assignee_id: UUID | None = None
    due_on: Day | None = None
    criteria: LongWords | None = None
    links: Links = []
    depends_on: Others = []


class DeliverablesCreate(Shape):
    """So many deliverables of one unit each, of one line."""

    count: Annotated[Positive, Constraint(le=200)]
    assignee_id: UUID | None = None
    due_on: Day | None = None


class DeliverableUpdate(Shape):
    """
    What of a deliverable may be changed; its day by `redate`. In review or approved, a change of
    anything but its assignee takes it back to work.
    """

    label: Words | MISSING = MISSING
    assignee_id: UUID | None | MISSING = MISSING
    criteria: LongWords | None | MISSING = MISSING
    links: Links | MISSING = MISSING


class WorkSubmit(Shape):
    """What is handed in for review."""

    url: Url | None = None
    file_id: UUID | None = None
    text: LongWords | None = None


class ProofCreate(Shape):
    """The proof that it was delivered: where it can be seen, or the file."""

    url: Url | None = None
    network: Line | None = None
    published_at: Instant | None = None
    file_id: UUID | None = None

    @model_validator(mode="after")
    def _shows_something(self) -> Self:
        if self.url is None and self.file_id is None:
            raise PydanticCustomError("proof_missing", "a proof has a url or a file")
        return self


class DeliverableBlock(Shape):
    """On whom it waits, and since when (today, unless said)."""

    cause: WaitCause
    since: Day | None = None


class DeliverableRedate(Shape):
    """Another due day, whose cause it is, and why."""

    due_on: Day
    cause: WaitCause
    reason: Text


class DeliverableReason(Shape):
    """Why."""

    reason: Text


class DeliverableRead(ReadShape):
    """
    Units of a line on their way. `rounds_over`: rounds the client asked for beyond the price;
    `over_scope`: planned beyond what was sold; `depends_on`: what must be approved before it is
    begun, whatever has become of it.
    """

    id: UUID
    version: int
    client_id: UUID
    campaign_id: UUID | None
    lot_id: UUID
    label: Localized
    units: int
    over_scope: bool
    status: DeliverableStatus
    assignee_id: UUID | None
    due_on: date
    original_due_on: date
    blocked_cause: WaitCause | None
    blocked_since: date | None
    rounds_included: int
    rounds_used: int
    rounds_over: int
    criteria: Localized
    links: list[str]
    depends_on: list[UUID]
    work_url: str | None
    work_file_id: UUID | None
    work_text: Localized
    proof_url: str | None
    proof_network: str | None
    proof_file_id: UUID | None
    published_at: datetime | None
    delivered_on: date | None
    approval_id: UUID | None
    created_at: datetime
    updated_at: datetime


class DeliverableDateRead(ReadShape):
    """One new date of a deliverable, and why."""

    id: UUID
    old_due_on: date
    new_due_on: date
    cause: WaitCause
    reason: str
    created_at: datetime


class Deliverables(ReadShape):
    """Deliverables made together."""

    data: list[DeliverableRead]


class DeliverableQuery(PageQuery):
    """Filters of the deliverable list; cancelled ones only when `status` names them."""

    client_id: UUID | None = None
    campaign_id: UUID | None = None
    assignee: UUID | Literal["me"] | None = None
    status: DeliverableStatus | None = None
    waiting_on: Annotated[WaitCause | None, Constraint(description="Blocked by this cause.")] = None
    due_before: DueBefore = None
    due_after: DueAfter = None


class DeliverableCard(ReadShape):
    """
    A deliverable, as boards and calendars show it. `waits_for`: what it depends on and is not
    approved yet; `conflicts_with_dependency`: one of them is due after it is.
    """

    id: UUID
    version: int
    client_id: UUID
    campaign_id: UUID | None
    label: Localized
    units: int
    over_scope: bool
    status: DeliverableStatus
    assignee_id: UUID | None
    due_on: date
    blocked_cause: WaitCause | None
    rounds_over: int
    approval_id: UUID | None
    waits_for: list[UUID]
    conflicts_with_dependency: bool


class CardGroup(ReadShape):
    """
    One column of a board, or one day of a calendar. `key`: a status, an id, a date, or null for
    work that nobody has, or that belongs to no campaign.
    """

    key: str | None
    count: int
    cards: list[DeliverableCard]


class DeliverableBoard(ReadShape):
    """Deliverables in columns; `complete` is false when there were more than 1,000 cards."""

    group_by: Literal["status", "assignee", "client_id", "campaign_id"]
    complete: bool
    columns: list[CardGroup]


class BoardQuery(BaseModel):
    """What of the work a board shows, and in which columns."""

    model_config = ConfigDict(extra="ignore")

    group_by: Literal["status", "assignee", "client_id", "campaign_id"] = "status"
    client_id: UUID | None = None
    campaign_id: UUID | None = None
    assignee: UUID | Literal["me"] | None = None


class DeliverableCalendar(ReadShape):
    """Days on which something is due; `complete` is false when there were more than 1,000 cards."""

    start: Annotated[date, Constraint(alias="from")]
    end: Annotated[date, Constraint(alias="to")]
    complete: bool
    days: list[CardGroup]


class CalendarQuery(BaseModel):
    """Which days a calendar shows, 100 at most, and what of the work."""

    model_config = ConfigDict(extra="ignore")

    start: Annotated[Day, Constraint(alias="from")]
    end: Annotated[Day, Constraint(alias="to")]
    client_id: UUID | None = None
    campaign_id: UUID | None = None
    assignee: UUID | Literal["me"] | None = None


class AccrualCreate(Shape):
    """Units done on a day. Beyond what was sold, a reason is needed; `reason` stays with staff."""

    quantity: Quantity
    counted_on: Day
    reason: Text | None = None


class UnitEntryReverse(Shape):
    """Why the entry was wrong."""

    reason: Text


class UnitEntryRead(ReadShape):
    """Units counted on a line, `over_quantity` of them beyond what was sold."""

    id: UUID
    client_id: UUID
    lot_id: UUID
    kind: UnitEntryKind
    quantity: int
    over_quantity: int
    counted_on: date
    deliverable_id: UUID | None
    reverses: UUID | None
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
    `planned_over` what of that is over scope.
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


class DeliverableDates(ReadShape):
    """Every new date a deliverable was given, the first first."""

    data: list[DeliverableDateRead]
