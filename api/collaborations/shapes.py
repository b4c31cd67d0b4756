"""Wire shapes of collaborations and of what is handed in. Amounts: minor units."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator
from pydantic import Field as Constraint
from pydantic_core import PydanticCustomError

from api.clients.networks import Network, Url
from api.collaborations.models import (
    CollaborationStatus,
    PieceStatus,
    Placement,
    SubmissionStatus,
)
from api.collaborations.money.models import FeeKind, InstalmentStatus, Milestone
from api.collaborations.rights.models import WORLD, Medium, Use
from api.collaborations.terms.models import Answer
from tenants.money import CurrencyCode, PositiveMinorUnits
from tenants.pages import PageQuery
from tenants.shapes import (
    Day,
    Email,
    Flag,
    FormText,
    Instant,
    Line,
    Localized,
    LongWords,
    Name,
    ReadShape,
    Shape,
    Text,
)

DueBefore = Annotated[Day | None, Constraint(description="Due before this day.")]
DueAfter = Annotated[Day | None, Constraint(description="Due after this day.")]


def _once(values: list[Any]) -> list[Any]:
    if len(set(values)) != len(values):
        raise PydanticCustomError("repeated", "the same one twice")
    return values


def _set(most: int, least: int = 1) -> tuple[Any, ...]:
    unique: Any = {"uniqueItems": True}
    return Constraint(min_length=least, max_length=most, json_schema_extra=unique), AfterValidator(
        _once
    )


Category = Annotated[
    str,
    Constraint(
        min_length=2, max_length=60, pattern="^[a-z0-9]+(?:[-_][a-z0-9]+)*$", examples=["beverages"]
    ),
]
Territory = Annotated[
    str,
    Constraint(
        min_length=2,
        max_length=5,
        pattern=f"^(?:[A-Z]{{2}}|{WORLD})$",
        description="A country (ISO 3166), or `world`.",
        examples=["ES"],
    ),
]
Sha256 = Annotated[str, Constraint(pattern="^[0-9a-f]{64}$", max_length=64)]
Percent = Annotated[int, Constraint(strict=True, ge=1, le=100)]
Rounds = Annotated[int, Constraint(strict=True, ge=0, le=100)]
LiveDays = Annotated[int, Constraint(strict=True, ge=0, le=3650)]
Place = Annotated[int, Constraint(strict=True, ge=1, le=50)]


class CollaborationCreate(Shape):
    """Somebody of the roster for a campaign. `due_on`: when to have decided, else its last day."""

    campaign_id: UUID
    influencer_id: UUID
    title: Name
    brief: LongWords = {}
    due_on: Day | None = None


class CollaborationUpdate(Shape):
    """What may be changed until terms are offered."""

    title: Name | MISSING = MISSING
    brief: LongWords | MISSING = MISSING
    due_on: Day | MISSING = MISSING


class CollaborationRead(ReadShape):
    """
    One influencer on one campaign. Money, terms and reasons are read by themselves: the client may
    not. `due_on`: the day that is next.
    """

    id: UUID
    version: int
    client_id: UUID
    campaign_id: UUID
    influencer_id: UUID
    influencer_name: str
    title: str
    brief: Localized
    status: CollaborationStatus
    due_on: date
    min_live_days: int
    invited_at: datetime | None
    contracted_at: datetime | None
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime


class CollaborationQuery(PageQuery):
    """Filters of the collaboration list; those that ended early only when `status` names them."""

    client_id: UUID | None = None
    campaign_id: UUID | None = None
    influencer_id: UUID | None = None
    status: CollaborationStatus | None = None
    due_before: DueBefore = None
    due_after: DueAfter = None


class WindowWrite(Shape):
    """A window: from one day to another, both whole, or from an instant until another."""

    starts_on: Day | None = None
    ends_on: Day | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None


class FeeWrite(Shape):
    """
    What is given for the work. `commission_bp`: hundredths of a percent of what is sold, which come
    to `commission_cap_minor` at most. What a product is worth is said, and not set aside.
    """

    currency: CurrencyCode
    fixed_minor: PositiveMinorUnits | None = None
    per_post_minor: PositiveMinorUnits | None = None
    commission_bp: Annotated[int, Constraint(strict=True, ge=1, le=10_000)] | None = None
    commission_cap_minor: PositiveMinorUnits | None = None
    product: Line | None = None
    product_value_minor: PositiveMinorUnits | None = None


class PieceWrite(Shape):
    """One piece that is to be made."""

    network: Network
    placement: Placement
    description: Text
    due_on: Day
    revision_rounds: Rounds = 0


class InstalmentWrite(Shape):
    """A part of the fixed fee, and what it falls due with."""

    milestone: Milestone
    percent: Percent


class RightWrite(WindowWrite):
    """
    What may be used, where and how. `deliverable`: the place of the piece among the deliverables;
    none: all of them.
    """

    asset: Line
    deliverable: Place | None = None
    media: Annotated[list[Medium], *_set(len(Medium))]
    territories: Annotated[list[Territory], *_set(60)]
    uses: Annotated[list[Use], *_set(len(Use))]


class ExclusivityWrite(WindowWrite):
    """For whom the influencer does not work meanwhile: others in a category, and these brands."""

    category: Category
    competitors: Annotated[list[Name], *_set(50, 0)] = []


class TermsOffer(Shape):
    """
    Terms to be answered until the end of `respond_on` (in two weeks, when no day is named).
    `starts_on` to `ends_on`: the days of the work, in the category `category`. Without
    `instalments` the fixed fee falls due with the live posts; the fee per post always does.
    """

    category: Category
    starts_on: Day
    ends_on: Day
    deliverables: Annotated[list[PieceWrite], Constraint(min_length=1, max_length=50)]
    fee: FeeWrite
    budget_line_id: UUID | None = None
    instalments: Annotated[list[InstalmentWrite], Constraint(max_length=12)] = []
    rights: Annotated[list[RightWrite], Constraint(max_length=50)] = []
    exclusivities: Annotated[list[ExclusivityWrite], Constraint(max_length=20)] = []
    min_live_days: LiveDays = 0
    disclosure: Flag = True
    conditions: Text | None = None
    respond_on: Day | None = None


class TermsRead(ReadShape):
    """
    One version of terms, exactly as the influencer is shown it: `content_sha256` is the hash of
    that. `answer`: what became of it; none while it waits, or when its time was over.
    """

    id: UUID
    number: int
    content: dict[str, Any]
    content_sha256: str
    fee_minor: int
    currency: str
    respond_by: datetime
    answer: Answer | None
    answered_at: datetime | None
    answered_by_name: str | None
    reason: str | None
    created_at: datetime


class TermsVersions(ReadShape):
    """Every version of terms that was offered, the newest first."""

    data: list[TermsRead]


class TermsAccept(Shape):
    """The hash of the terms that are accepted, as they were read."""

    content_sha256: Sha256


class CollaborationReason(Shape):
    """Why."""

    reason: Text


class CollaborationNegotiate(Shape):
    """What should be otherwise."""

    reason: Text | None = None


class CollaborationBreach(Shape):
    """Which promise was broken, and how much of what was earned with it is asked back."""

    reason: Text
    deliverable_id: UUID | None = None
    percent: Percent = 100


class EndingRead(ReadShape):
    """How a collaboration ended before it was completed, and why."""

    id: UUID
    status: CollaborationStatus
    reason: str
    ended_by_name: str
    created_at: datetime


class PieceRead(ReadShape):
    """One piece that was agreed. `rounds_over`: rounds beyond those that the terms include."""

    id: UUID
    version: int
    collaboration_id: UUID
    number: int
    network: Network
    placement: Placement
    description: str
    due_on: date
    rounds_included: int
    rounds_used: int
    rounds_over: int
    status: PieceStatus
    live_at: datetime | None


class PiecesRead(ReadShape):
    """What was agreed to be made, in the order of the terms."""

    data: list[PieceRead]


class InstalmentRead(ReadShape):
    """
    A part of the fee. Earned, it is an expense of the budget and, if we pay it, a payable.
    `month`: of commission, the first day of the month whose sales it closes.
    """

    id: UUID
    number: int
    deliverable_id: UUID | None
    kind: FeeKind
    milestone: Milestone
    month: date | None
    amount_minor: int
    clawed_back_minor: int
    currency: str
    status: InstalmentStatus
    earned_at: datetime | None
    payable_id: UUID | None


class InstalmentsRead(ReadShape):
    """The parts of a fee, in the order of the terms."""

    data: list[InstalmentRead]


class ExclusivityRead(ReadShape):
    """For whom the influencer does not work, from the first instant until before the last."""

    id: UUID
    category: str
    competitors: list[str]
    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None


class ExclusivitiesRead(ReadShape):
    """For whom else the influencer does not work."""

    data: list[ExclusivityRead]


class CollaborationLinkCreate(Shape):
    """Who answers without an account. The address is good until the terms' own time is over."""

    name: Name
    email: Email


class CollaborationLinkRead(ReadShape):
    """An address at which terms are answered; the address itself is shown once."""

    id: UUID
    version: int
    client_id: UUID
    collaboration_id: UUID
    terms_id: UUID
    name: str
    email: str
    expires_at: datetime
    revoked_at: datetime | None
    created_at: datetime


class CollaborationLinkMade(CollaborationLinkRead):
    """A link and its address."""

    address: str


class CollaborationLinkQuery(PageQuery):
    """Filters of the link list."""

    client_id: UUID | None = None
    collaboration_id: UUID | None = None


class AnswerForm(Shape):
    """What the page of a link sends: an answer, and the hash of the terms that were shown."""

    answer: Literal["accepted", "declined"]
    reason: FormText = None
    content_sha256: Sha256


class SubmissionCreate(Shape):
    """
    What is handed in for a piece: its text, with an address or files: the collaboration's own, or
    the client's.
    """

    deliverable_id: UUID
    caption: Text
    url: Url | None = None
    file_ids: Annotated[list[UUID], *_set(20, 0)] = []


class SubmissionRead(ReadShape):
    """What was handed in. `approval_id`: the decision it waits for, or was given."""

    id: UUID
    version: int
    client_id: UUID
    collaboration_id: UUID
    deliverable_id: UUID
    influencer_id: UUID
    number: int
    caption: str
    url: str | None
    file_ids: list[UUID]
    status: SubmissionStatus
    approval_id: UUID | None
    decided_at: datetime | None
    created_at: datetime


class SubmissionQuery(PageQuery):
    """Filters of the submission list."""

    client_id: UUID | None = None
    collaboration_id: UUID | None = None
    deliverable_id: UUID | None = None
    influencer_id: UUID | None = None
    status: SubmissionStatus | None = None


class UsageRightRead(ReadShape):
    """
    What may be used, where and how, from the first instant on and until before the last.
    `deliverable_id`: of one piece; none: of all. `ended_at`: taken back before its time.
    """

    id: UUID
    version: int
    client_id: UUID
    collaboration_id: UUID
    deliverable_id: UUID | None
    influencer_id: UUID
    asset: str
    media: list[Medium]
    territories: list[str]
    uses: list[Use]
    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None


class UsageRightQuery(PageQuery):
    """Filters of the list of rights."""

    client_id: UUID | None = None
    collaboration_id: UUID | None = None
    influencer_id: UUID | None = None
    ends_before: Annotated[Instant | None, Constraint(description="Over before this.")] = None
    ends_after: Annotated[Instant | None, Constraint(description="Not over at this.")] = None


class AssetUseCreate(WindowWrite):
    """Where and when an asset is used, and whether money is put behind it."""

    medium: Medium
    territory: Territory
    use: Use
    url: Url | None = None


class AssetUseRead(ReadShape):
    """A use that its right covers."""

    id: UUID
    usage_right_id: UUID
    medium: Medium
    territory: str
    use: Use
    starts_at: datetime
    ends_at: datetime
    url: str | None
    recorded_by: UUID | None
    created_at: datetime


class AssetUsesRead(ReadShape):
    """What was done under a right, the newest first: the last 200."""

    data: list[AssetUseRead]
