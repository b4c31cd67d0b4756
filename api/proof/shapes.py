"""Wire shapes of live posts, of looks at them, of verdicts and of results."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field as Constraint

from api.clients.networks import Network
from api.collaborations.models import Placement
from api.proof.addresses import LONGEST
from api.proof.disclosure import Judgement, Reason, Relation
from api.proof.looking import LookOutcome
from api.proof.models import (
    CheckMethod,
    LivePostStatus,
    Stage,
    ToldMetric,
    ToldQuality,
)
from tenants.money import LARGEST, CurrencyCode
from tenants.pages import PageQuery
from tenants.shapes import Day, Flag, Instant, Line, ReadShape, Shape, Text

Address = Annotated[
    str,
    Constraint(
        min_length=1,
        max_length=LONGEST,
        pattern=r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s\x00-\x1f\x7f-\x9f]+$",
        examples=["https://instagram.com/p/1"],
    ),
]
ExternalId = Annotated[
    str, Constraint(min_length=1, max_length=200, pattern=r"^[^\s\x00-\x1f\x7f-\x9f]+$")
]
Caption = Annotated[
    str, Constraint(max_length=10_000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")
]
Country = Annotated[
    str, Constraint(min_length=2, max_length=2, pattern="^[A-Z]{2}$", examples=["ES"])
]
Tongue = Annotated[
    str, Constraint(min_length=2, max_length=35, pattern="^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$")
]
FileIds = Annotated[list[UUID], Constraint(max_length=20)]
Value = Annotated[int, Constraint(strict=True, ge=0, le=LARGEST)]


class CaptionWrite(Shape):
    """
    A caption as it stands. Without a country and language its readers are those of the client's
    locale; without a relation the tie is what the terms pay with.
    """

    caption: Caption
    country: Country | None = None
    language: Tongue | None = None
    relation: Relation | None = None
    paid_partnership_label: Flag = False
    on_date: Day | None = None


class LivePostCreate(Shape):
    """Where an accepted deliverable is out. Its caption, if it is told, is judged."""

    deliverable_id: UUID
    url: Address
    external_id: ExternalId | None = None
    published_at: Instant
    caption: CaptionWrite | None = None


class LivePostWithdraw(Shape):
    """Why a live post should not have been bound."""

    reason: Text


class Sighting(StrEnum):
    """What somebody saw: `missing` was not there when they looked, `removed` is gone for good."""

    live = "live"
    altered = "altered"
    missing = "missing"
    removed = "removed"


class LivePostConfirm(Shape):
    """
    What somebody saw, with a note or a file (a screenshot) that shows it. `live` of a post that was
    altered accepts it as it is now.
    """

    outcome: Sighting
    note: Text | None = None
    file_ids: FileIds = []
    caption: CaptionWrite | None = None


class LivePostRead(ReadShape):
    """
    A live post. `counted_from`: its publication, but at most three days before it was bound.
    `stays_until`: when it has been live for `min_live_days` of the client's days since then; terms
    that are amended before that say both anew.
    `live_days`: whole days from then to when it was last seen. `fulfilled_at` or `breached_at`: it
    stayed as long as was agreed, or it did not.
    """

    id: UUID
    version: int
    client_id: UUID
    collaboration_id: UUID
    deliverable_id: UUID
    influencer_id: UUID
    network: Network
    placement: Placement
    url: str
    external_id: str | None
    status: LivePostStatus
    published_at: datetime
    counted_from: datetime
    min_live_days: int
    live_days: int
    stays_until: datetime
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    missing_since: datetime | None
    checked_at: datetime | None
    check_due_at: datetime | None
    fulfilled_at: datetime | None
    breached_at: datetime | None
    created_at: datetime
    updated_at: datetime


class LivePostQuery(PageQuery):
    """Filters of the list of live posts."""

    client_id: UUID | None = None
    collaboration_id: UUID | None = None
    deliverable_id: UUID | None = None
    status: LivePostStatus | None = None


class LiveCheckRead(ReadShape):
    """One look at a live post, and what showed it."""

    id: UUID
    live_post_id: UUID
    method: CheckMethod
    outcome: LookOutcome
    checked_at: datetime
    checked_by: UUID | None
    note: str | None
    file_ids: list[UUID]
    evidence: dict[str, Any]


class DisclosureCheckCreate(CaptionWrite):
    """A caption to be judged for one deliverable of a collaboration."""

    deliverable_id: UUID


class DisclosureVerdictRead(ReadShape):
    """What was said of a caption, by which version of which rule. It is never said otherwise."""

    id: UUID
    client_id: UUID
    collaboration_id: UUID
    deliverable_id: UUID
    influencer_id: UUID
    submission_id: UUID | None
    live_post_id: UUID | None
    stage: Stage
    caption: str
    country: str
    language: str
    network: Network
    placement: Placement
    relation: Relation
    paid_partnership_label: bool
    on_date: date
    judgement: Judgement
    rule: str | None
    rule_version: int | None
    reasons: list[Reason]
    advice: list[str]
    created_at: datetime


class DisclosureCheckQuery(PageQuery):
    """Filters of the list of verdicts."""

    client_id: UUID | None = None
    collaboration_id: UUID | None = None
    deliverable_id: UUID | None = None
    live_post_id: UUID | None = None
    judgement: Judgement | None = None


class WordingRead(ReadShape):
    """Words that disclose, in a language; for some relations, or (none named) for every one."""

    text: str
    language: str
    relations: list[Relation]


class DisclosureRuleRead(ReadShape):
    """One version of a country's rules. `folds`: characters that a network shows at first."""

    country: str
    version: int
    starts_on: date
    review: str
    sources: list[str]
    accepted: list[WordingRead]
    short_forms: list[str]
    label_suffices: bool
    hashtags_before: int
    folds: dict[str, int]
    advice: dict[str, str]


class DisclosureRules(ReadShape):
    """Every rule that matches, by country and version."""

    data: list[DisclosureRuleRead]


class ResultValue(Shape):
    """A number and how good it is: `manual` unless something else is said."""

    value: Value
    quality: Literal["actual", "estimated", "manual"] = "manual"


class ResultGap(Shape):
    """No number, and why: that is not zero."""

    missing: Literal[
        "not_connected", "not_offered", "not_recorded", "not_yet", "permission_missing",
        "source_error",
    ]  # fmt: skip


Said = Annotated[ResultValue | ResultGap, Constraint(union_mode="left_to_right")]
Metrics = Annotated[dict[ToldMetric, Said], Constraint(min_length=1, max_length=20)]


class CollaborationResultsWrite(Shape):
    """
    What a collaboration, or one of its deliverables, has brought since it began, as one source says
    at one instant (now, unless it is named), and the files that show it, if there are any: the
    influencer's own for this collaboration, or others of the client's. `revenue_minor` needs its
    currency.
    """

    deliverable_id: UUID | None = None
    source: Line
    captured_at: Instant | None = None
    currency: CurrencyCode | None = None
    metrics: Metrics
    file_ids: FileIds = []


class ResultsOutcome(ReadShape):
    """How many words were told, and how many of them were new."""

    received: int
    stored: int
    unchanged: int


class ResultRead(ReadShape):
    """One word about one figure, and the files that show it, if there are any."""

    metric: ToldMetric
    deliverable_id: UUID | None
    value: int | None
    currency: str | None
    quality: ToldQuality
    reason: str | None
    source: str
    captured_at: datetime
    file_ids: list[UUID]
