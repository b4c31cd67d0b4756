"""
Tables of programs and of whom they are for.

program     draft → active ⇄ paused → closed; closed from any
candidate   shortlisted → invited → accepted → active → completed
            declined from shortlisted and invited; dropped from any but completed; either may be
            shortlisted again
link        open → answered · revoked · (expired by time)
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from tenants.tables import (
    INTERNAL,
    PERSONAL,
    SECRET,
    UTC_TIMESTAMP,
    ClientOwned,
    Resource,
    Wall,
    client_owned,
    foreign,
    text_enum,
)


class ProgramKind(StrEnum):
    """What people are wanted for."""

    influencer = "influencer"
    ambassador = "ambassador"
    blogger_outreach = "blogger_outreach"
    partner = "partner"


class ProgramStatus(StrEnum):
    draft = "draft"
    active = "active"
    paused = "paused"
    closed = "closed"


class CandidateStatus(StrEnum):
    shortlisted = "shortlisted"
    invited = "invited"
    accepted = "accepted"
    active = "active"
    completed = "completed"
    declined = "declined"
    dropped = "dropped"


class JoinAnswer(StrEnum):
    """What somebody says to an invitation."""

    accepted = "accepted"
    declined = "declined"


class Program(ClientOwned, Resource, table=True):
    """Whom a client wants to work with, and what they are offered."""

    __tablename__ = "programs"
    __table_args__ = client_owned(
        foreign("campaign_id", "campaigns", client=True),
        CheckConstraint("ends_on is null or ends_on >= starts_on", "ends_after_it_starts"),
        CheckConstraint("monthly_activity > 0", "activity_is_positive"),
        Index(None, "agency_id", "client_id", "status", "id"),
    )
    wall = Wall.client_internal

    kind: ProgramKind = Field(sa_type=text_enum(ProgramKind))
    name: str = Field(max_length=120, sa_column_kwargs=INTERNAL)
    status: ProgramStatus = Field(default=ProgramStatus.draft, sa_type=text_enum(ProgramStatus))
    campaign_id: UUID | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    brief: dict[str, str] = Field(default_factory=dict, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    perks: dict[str, str] = Field(default_factory=dict, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    monthly_activity: int | None = None  # pieces an ambassador makes each month


class Candidate(ClientOwned, Resource, table=True):
    """Somebody of the roster in a program: how far that is, and who does what next."""

    __tablename__ = "candidates"
    __table_args__ = client_owned(
        foreign("program_id", "programs", client=True),
        foreign("influencer_id", "influencers"),
        foreign("owner_membership_id", "memberships"),
        UniqueConstraint("agency_id", "program_id", "influencer_id"),
        CheckConstraint("status <> 'dropped' or status_reason is not null", "dropped_for_a_reason"),
        Index(None, "agency_id", "program_id", "status", "id"),
        Index(None, "agency_id", "influencer_id", "id"),
        Index(None, "agency_id", "next_action_on", "id"),
    )
    wall = Wall.client_internal

    program_id: UUID
    influencer_id: UUID
    status: CandidateStatus = Field(
        default=CandidateStatus.shortlisted, sa_type=text_enum(CandidateStatus)
    )
    status_reason: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)
    next_action: str | None = Field(default=None, max_length=200, sa_column_kwargs=INTERNAL)
    next_action_on: date | None = None
    owner_membership_id: UUID | None = None
    reminded_on: date | None = None  # for which day somebody was reminded


class ProgramLink(ClientOwned, Resource, table=True):
    """An address at which somebody answers an invitation without an account."""

    __tablename__ = "program_links"
    __table_args__ = client_owned(
        foreign("candidate_id", "candidates", client=True),
        CheckConstraint("(answer is null) = (answered_at is null)", "an_answer_has_its_moment"),
        Index(None, "agency_id", "candidate_id"),
    )
    wall = Wall.client_internal

    candidate_id: UUID
    name: str = Field(max_length=120, sa_column_kwargs=PERSONAL)
    email: str = Field(max_length=254, sa_column_kwargs=PERSONAL)
    locale: str = Field(max_length=35, sa_column_kwargs=INTERNAL)
    message: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)
    secret_hash: str = Field(max_length=64, sa_column_kwargs=SECRET)
    expires_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    revoked_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    answer: JoinAnswer | None = Field(default=None, sa_type=text_enum(JoinAnswer))
    answered_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
