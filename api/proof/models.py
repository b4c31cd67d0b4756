"""
Tables of what proves that a collaboration was delivered.

live post  bound → live ⇄ altered · missing; missing → removed; any of them → withdrawn, which was
           bound by mistake. `fulfilled_at` says that it stayed as long as was agreed, `breached_at`
           that it did not: whichever came first stays.
check      append-only: one look at a live post, by whom or how, and what showed it
verdict    append-only: what the rules said of a caption, in the version of its day
result     append-only: one word about one figure; the newest counts, and missing is not zero
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from api.clients.networks import Network
from api.collaborations.models import Placement
from api.proof.disclosure import Judgement, Relation
from api.proof.looking import LookOutcome
from tenants.tables import (
    INTERNAL,
    PUBLIC,
    UTC_TIMESTAMP,
    AgencyModel,
    ClientOwned,
    InfluencerOwned,
    Resource,
    Wall,
    client_owned,
    foreign,
    text_enum,
)


class LivePostStatus(StrEnum):
    """`bound`: somebody says that it is out, and nobody has seen it yet."""

    bound = "bound"
    live = "live"
    altered = "altered"
    missing = "missing"
    removed = "removed"
    withdrawn = "withdrawn"


class CheckMethod(StrEnum):
    """`manual`: somebody looked. `http`: the platform looked at the post's public page."""

    manual = "manual"
    http = "http"


class Stage(StrEnum):
    """What a verdict is about: a caption that was only asked about, handed in, or found live."""

    draft = "draft"
    submission = "submission"
    live = "live"


class ToldMetric(StrEnum):
    """What a collaboration is said to have brought, since it began."""

    reach = "reach"
    impressions = "impressions"
    views = "views"
    likes = "likes"
    comments = "comments"
    shares = "shares"
    saves = "saves"
    engagements = "engagements"
    clicks = "clicks"
    conversions = "conversions"
    revenue_minor = "revenue_minor"


class ToldQuality(StrEnum):
    """`actual` told by the network, `estimated` worked out, `manual` typed in; or `missing`."""

    actual = "actual"
    estimated = "estimated"
    manual = "manual"
    missing = "missing"


def _of_a_piece(*others: Any) -> tuple[Any, ...]:
    """Table arguments of what belongs to a collaboration, or to one of its pieces."""
    return client_owned(
        foreign("collaboration_id", "collaborations", client=True),
        foreign("deliverable_id", "collaboration_deliverables", client=True),
        foreign("influencer_id", "influencers"),
        *others,
    )


class LivePost(InfluencerOwned, ClientOwned, Resource, table=True):
    """
    Where one piece is out. One address of the agency's proves one piece, whoever's it is.

    `published_at`: as somebody said. `counted_from`: from when on its days count. `stays_until`:
    the instant at which it has been live for `min_live_days` of the client's days since then.
    `check_due_at`: when it is looked up next; null when there is nothing left to prove, or nobody
    of the agency has seen what its influencer named.
    """

    __tablename__ = "live_posts"
    __table_args__ = _of_a_piece(
        CheckConstraint("min_live_days >= 0", "days_are_not_negative"),
        CheckConstraint("fulfilled_at is null or breached_at is null", "one_end"),
        Index(
            "uq_live_posts_url",
            *("agency_id", "url_key"),
            unique=True,
            postgresql_where=text("status <> 'withdrawn'"),
        ),
        Index(
            "uq_live_posts_external_id",
            *("agency_id", "network", "external_id"),
            unique=True,
            postgresql_where=text("status <> 'withdrawn' and external_id is not null"),
        ),
        Index(
            "uq_live_posts_piece",
            *("agency_id", "deliverable_id"),
            unique=True,
            postgresql_where=text("status not in ('withdrawn', 'removed')"),
        ),
        Index(None, "agency_id", "client_id", "status", "id"),
        Index(None, "agency_id", "collaboration_id", "id"),
        Index(None, "agency_id", "influencer_id", "id"),
        Index(
            "ix_live_posts_due",
            *("agency_id", "check_due_at"),
            postgresql_where=text("check_due_at is not null"),
        ),
    )
    wall = Wall.client

    collaboration_id: UUID
    deliverable_id: UUID
    influencer_id: UUID
    network: Network = Field(sa_type=text_enum(Network))
    placement: Placement = Field(sa_type=text_enum(Placement))
    url: str = Field(max_length=2000, sa_column_kwargs=PUBLIC)
    url_key: str = Field(max_length=2000, sa_column_kwargs=PUBLIC)
    external_id: str | None = Field(default=None, max_length=200, sa_column_kwargs=PUBLIC)
    published_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    counted_from: datetime = Field(sa_type=UTC_TIMESTAMP)
    min_live_days: int
    stays_until: datetime = Field(sa_type=UTC_TIMESTAMP)
    status: LivePostStatus = Field(default=LivePostStatus.bound, sa_type=text_enum(LivePostStatus))
    text_sha256: str | None = Field(default=None, max_length=64, sa_column_kwargs=INTERNAL)
    first_seen_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    last_seen_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    missing_since: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    checked_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    check_due_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    fulfilled_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    breached_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    live_days: int = Field(default=0)  # whole days from publication to when it was last seen


class LiveCheck(InfluencerOwned, ClientOwned, AgencyModel, table=True):
    """One look at a live post. Its influencer reads it, evidence and all."""

    __tablename__ = "live_checks"
    __table_args__ = client_owned(
        foreign("live_post_id", "live_posts", client=True),
        foreign("influencer_id", "influencers"),
        Index(None, "agency_id", "live_post_id", "id"),
        Index(None, "agency_id", "influencer_id", "id"),
    )
    wall = Wall.client_internal

    live_post_id: UUID
    influencer_id: UUID
    method: CheckMethod = Field(sa_type=text_enum(CheckMethod))
    outcome: LookOutcome = Field(sa_type=text_enum(LookOutcome))
    checked_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    checked_by: UUID | None = None
    note: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)
    file_ids: list[str] = Field(default_factory=list, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    evidence: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, sa_column_kwargs=INTERNAL)


class DisclosureVerdict(InfluencerOwned, ClientOwned, AgencyModel, table=True):
    """What was said of one caption. A new version of a rule alters no verdict that was given."""

    __tablename__ = "disclosure_verdicts"
    __table_args__ = _of_a_piece(
        foreign("submission_id", "submissions", client=True),
        foreign("live_post_id", "live_posts", client=True),
        Index(None, "agency_id", "client_id", "id"),
        Index(None, "agency_id", "deliverable_id", "id"),
        Index(None, "agency_id", "influencer_id", "id"),
        Index(
            "uq_disclosure_verdicts_submission",
            *("agency_id", "submission_id"),
            unique=True,
            postgresql_where=text("submission_id is not null"),
        ),
    )
    wall = Wall.client_internal

    collaboration_id: UUID
    deliverable_id: UUID
    influencer_id: UUID
    submission_id: UUID | None = None
    live_post_id: UUID | None = None
    stage: Stage = Field(sa_type=text_enum(Stage))
    caption: str = Field(max_length=10_000, sa_column_kwargs=INTERNAL)
    country: str = Field(max_length=8, sa_column_kwargs=INTERNAL)
    language: str = Field(max_length=35, sa_column_kwargs=INTERNAL)
    network: Network = Field(sa_type=text_enum(Network))
    placement: Placement = Field(sa_type=text_enum(Placement))
    relation: Relation = Field(sa_type=text_enum(Relation))
    paid_partnership_label: bool = Field(default=False)
    on_date: date
    judgement: Judgement = Field(sa_type=text_enum(Judgement))
    rule: str | None = Field(default=None, max_length=8, sa_column_kwargs=INTERNAL)
    rule_version: int | None = None
    reasons: list[str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    advice: list[str] = Field(default_factory=list, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    judged_by: UUID | None = None


class CollaborationResult(InfluencerOwned, ClientOwned, AgencyModel, table=True):
    """One word about one figure of a collaboration or of one of its pieces, up to an instant."""

    __tablename__ = "collaboration_results"
    __table_args__ = _of_a_piece(
        CheckConstraint(
            "(quality = 'missing') = (value is null) and (value is null) = (reason is not null)",
            "missing_has_a_reason",
        ),
        CheckConstraint("value >= 0", "not_below_zero"),
        CheckConstraint("(metric = 'revenue_minor') = (currency is not null)", "money_is_in_one"),
        Index(
            "uq_collaboration_results_told",
            *("agency_id", "collaboration_id", "deliverable_id", "metric", "source", "captured_at"),
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index(None, "agency_id", "influencer_id", "id"),
    )
    wall = Wall.client_internal

    collaboration_id: UUID
    deliverable_id: UUID | None = None
    influencer_id: UUID
    metric: ToldMetric = Field(sa_type=text_enum(ToldMetric))
    value: int | None = Field(default=None, sa_type=BigInteger)
    currency: str | None = Field(default=None, max_length=3, sa_column_kwargs=INTERNAL)
    quality: ToldQuality = Field(sa_type=text_enum(ToldQuality))
    reason: str | None = Field(default=None, max_length=40, sa_column_kwargs=INTERNAL)
    source: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    captured_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    file_ids: list[str] = Field(default_factory=list, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    recorded_by: UUID | None = None
