"""Wire shapes of deliverables."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import (
    MISSING,
    AfterValidator,
    AnyHttpUrl,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic import Field as Constraint
from pydantic_core import PydanticCustomError

from api.campaigns.deliverable_models import DeliverableStatus, WaitCause
from api.campaigns.scope_shapes import Quantity
from tenants.pages import PageQuery
from tenants.shapes import (
    Day,
    Instant,
    Line,
    Localized,
    LongWords,
    Positive,
    ReadShape,
    Shape,
    Text,
    Words,
)


def _each_once(ids: list[UUID]) -> list[UUID]:
    if len(set(ids)) != len(ids):
        raise PydanticCustomError("repeated", "the same one twice")
    return ids


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
DueBefore = Annotated[Day | None, Constraint(description="Due before this day.")]
DueAfter = Annotated[Day | None, Constraint(description="Due after this day.")]
Links = Annotated[list[Url], Constraint(max_length=20)]
Others = Annotated[
    list[UUID],
    Constraint(max_length=50, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_each_once),
]
Files = Annotated[
    list[UUID],
    Constraint(max_length=20, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_each_once),
]


class DeliverableCreate(Shape):
    """
    Units of a line to deliver. The label and the due day come from the line unless given.
    `criteria`: when it will do; `links` and `file_ids`: what is needed to make it, shown to the
    client too; `depends_on`: deliverables of the client that must be approved before it is begun.
    """

    line_id: UUID
    label: Words | None = None
    units: Quantity = 1
    assignee_id: UUID | None = None
    due_on: Day | None = None
    criteria: LongWords | None = None
    links: Links = []
    file_ids: Files = []
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
    file_ids: Files | MISSING = MISSING


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
    file_ids: list[UUID]
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


class DeliverableDates(ReadShape):
    """Every new date a deliverable was given, the first first."""

    data: list[DeliverableDateRead]
