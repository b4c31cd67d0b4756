"""
collaboration  shortlisted → invited → negotiating → terms_sent → contracted → content_due →
               in_review → approved → live → verified → completed; other ends: declined by the
               influencer or dropped by the agency before contracted, cancelled or breached after
deliverable    content_due → in_review → approved → live → verified; a step back when changes are
               asked for, or when its post is altered or gone; cancelled
submission     in_review → approved · changes_requested · rejected · withdrawn

From content_due to verified a collaboration stands where the least advanced of its deliverables
does. In the coarser words of an overview (`phase`): proposed (shortlisted, invited), negotiating
(negotiating, terms_sent), agreed (contracted), in_progress (content_due, in_review, approved),
delivered (live, verified), completed, ended.

What a client may know of a collaboration stands here; money, terms and reasons in tables of their
own. A deliverable is there from the day the terms are accepted.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from api.clients.networks import Network
from tenants.tables import (
    INTERNAL,
    PERSONAL,
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


class CollaborationStatus(StrEnum):
    shortlisted = "shortlisted"
    invited = "invited"
    negotiating = "negotiating"
    terms_sent = "terms_sent"
    contracted = "contracted"
    content_due = "content_due"
    in_review = "in_review"
    approved = "approved"
    live = "live"
    verified = "verified"
    completed = "completed"
    declined = "declined"
    dropped = "dropped"
    breached = "breached"
    cancelled = "cancelled"


class PieceStatus(StrEnum):
    """Where one deliverable of a collaboration stands."""

    content_due = "content_due"
    in_review = "in_review"
    approved = "approved"
    live = "live"
    verified = "verified"
    cancelled = "cancelled"


class SubmissionStatus(StrEnum):
    in_review = "in_review"
    approved = "approved"
    changes_requested = "changes_requested"
    rejected = "rejected"
    withdrawn = "withdrawn"


class Placement(StrEnum):
    """Where on a network something appears."""

    post = "post"
    carousel = "carousel"
    story = "story"
    reel = "reel"
    video = "video"
    short = "short"
    live = "live"
    text = "text"
    article = "article"
    podcast = "podcast"
    other = "other"


class Collaboration(InfluencerOwned, ClientOwned, Resource, table=True):
    """
    One influencer on one campaign. Their name is kept as it was: whoever sees this may not see the
    roster. The client sees it from `contracted_at` on, the influencer from `invited_at`.
    """

    __tablename__ = "collaborations"
    __table_args__ = client_owned(
        foreign("campaign_id", "campaigns", client=True),
        foreign("influencer_id", "influencers"),
        foreign("program_id", "programs", client=True),
        CheckConstraint(
            "status not in ('contracted', 'content_due', 'in_review', 'approved', 'live',"
            " 'verified', 'completed', 'cancelled', 'breached') or contracted_at is not null",
            "agreed_before_work",
        ),
        CheckConstraint("(status = 'completed') = (completed_at is not null)", "completed_when"),
        Index(None, "agency_id", "client_id", "status", "id"),
        Index(None, "agency_id", "campaign_id", "id"),
        Index(None, "agency_id", "influencer_id", "id"),
        Index(None, "agency_id", "due_on", "id"),
        Index(
            "uq_collaborations_open",
            *("agency_id", "campaign_id", "influencer_id"),
            unique=True,
            postgresql_where=text(
                "status not in ('completed', 'declined', 'dropped', 'breached', 'cancelled')"
            ),
        ),
    )
    wall = Wall.client

    campaign_id: UUID
    influencer_id: UUID
    program_id: UUID | None = None
    influencer_name: str = Field(max_length=120, sa_column_kwargs=PERSONAL)
    title: str = Field(max_length=120, sa_column_kwargs=INTERNAL)
    brief: dict[str, str] = Field(default_factory=dict, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    status: CollaborationStatus = Field(
        default=CollaborationStatus.shortlisted, sa_type=text_enum(CollaborationStatus)
    )
    due_on: date  # of what is next: an answer, the first piece, the last one's stay
    invited_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    contracted_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    completed_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    min_live_days: int = Field(default=0)


class CollaborationEnding(InfluencerOwned, ClientOwned, AgencyModel, table=True):
    """Why a collaboration ended before it was completed: it ends once."""

    __tablename__ = "collaboration_endings"
    __table_args__ = client_owned(
        foreign("collaboration_id", "collaborations", client=True),
        foreign("influencer_id", "influencers"),
        UniqueConstraint("agency_id", "collaboration_id"),
    )
    wall = Wall.client_internal

    collaboration_id: UUID
    influencer_id: UUID
    status: CollaborationStatus = Field(sa_type=text_enum(CollaborationStatus))
    reason: str = Field(max_length=4000, sa_column_kwargs=INTERNAL)
    ended_by: UUID | None = None
    ended_by_name: str = Field(max_length=120, sa_column_kwargs=PERSONAL)


class CollaborationDeliverable(InfluencerOwned, ClientOwned, Resource, table=True):
    """One piece that was agreed: where it appears, when it is due, and how often it is revised."""

    __tablename__ = "collaboration_deliverables"
    __table_args__ = client_owned(
        foreign(
            "collaboration_id",
            "collaborations",
            client=True,
            name="fk_collaboration_deliverables_collaboration_id",
        ),
        foreign("influencer_id", "influencers"),
        UniqueConstraint("agency_id", "collaboration_id", "number"),
        CheckConstraint("rounds_included >= 0 and rounds_used >= 0", "rounds_are_counted"),
        CheckConstraint(
            "(status in ('live', 'verified')) = (live_at is not null)", "live_since_when"
        ),
        Index(None, "agency_id", "client_id", "status", "due_on"),
        Index(None, "agency_id", "influencer_id", "due_on"),
    )
    wall = Wall.client

    collaboration_id: UUID
    influencer_id: UUID
    number: int
    network: Network = Field(sa_type=text_enum(Network))
    placement: Placement = Field(sa_type=text_enum(Placement))
    description: str = Field(max_length=4000, sa_column_kwargs=INTERNAL)
    due_on: date
    rounds_included: int = Field(default=0)
    rounds_used: int = Field(default=0)
    status: PieceStatus = Field(default=PieceStatus.content_due, sa_type=text_enum(PieceStatus))
    live_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)

    @property
    def rounds_over(self) -> int:
        """Rounds beyond those that the terms include."""
        return max(0, self.rounds_used - self.rounds_included)


class Submission(InfluencerOwned, ClientOwned, Resource, table=True):
    """What was handed in for one deliverable, to be decided on. Never changed: another follows."""

    __tablename__ = "submissions"
    __table_args__ = client_owned(
        foreign("collaboration_id", "collaborations", client=True),
        foreign("deliverable_id", "collaboration_deliverables", client=True),
        foreign("influencer_id", "influencers"),
        foreign("approval_id", "approvals", client=True),
        UniqueConstraint("agency_id", "deliverable_id", "number"),
        CheckConstraint("number > 0", "numbered_from_one"),
        Index(None, "agency_id", "client_id", "status", "id"),
        Index(None, "agency_id", "collaboration_id", "id"),
        Index(None, "agency_id", "influencer_id", "id"),
        Index(
            "uq_submissions_open",
            *("agency_id", "deliverable_id"),
            unique=True,
            postgresql_where=text("status = 'in_review'"),
        ),
    )
    wall = Wall.client

    collaboration_id: UUID
    deliverable_id: UUID
    influencer_id: UUID
    number: int
    caption: str = Field(max_length=4000, sa_column_kwargs=INTERNAL)
    url: str | None = Field(default=None, max_length=500, sa_column_kwargs=INTERNAL)
    file_ids: list[str] = Field(default_factory=list, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    status: SubmissionStatus = Field(
        default=SubmissionStatus.in_review, sa_type=text_enum(SubmissionStatus)
    )
    inside: bool = Field(default=True)  # until the client is asked, it is the agency's matter
    approval_id: UUID | None = None
    submitted_by: UUID | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
