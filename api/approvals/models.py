"""
open → approved · changes_requested · rejected · withdrawn · expired · superseded

A level is `internal` (the agency's social media manager) or `client` (the client's approver). An
approval is asked of one level, or of both in order: what it asks of each is fixed when it is asked.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from tenants.tables import (
    INTERNAL,
    PERSONAL,
    SECRET,
    UTC_TIMESTAMP,
    AgencyModel,
    ClientOwned,
    Resource,
    Wall,
    client_owned,
    foreign,
    text_enum,
)


class ApprovalStatus(StrEnum):
    open = "open"
    approved = "approved"
    changes_requested = "changes_requested"
    rejected = "rejected"
    withdrawn = "withdrawn"
    expired = "expired"
    superseded = "superseded"


class Level(StrEnum):
    internal = "internal"
    client = "client"


class Outcome(StrEnum):
    approved = "approved"
    changes_requested = "changes_requested"
    rejected = "rejected"


class Quorum(StrEnum):
    """How many must approve: one, every member on duty who may decide, or a number of people."""

    any = "any"
    all = "all"
    n = "n"


class Unanswered(StrEnum):
    """What happens when the time to answer is over."""

    wait = "wait"
    expire = "expire"
    deem_approved = "deem_approved"  # a client's silence counts as its approval; never inside


def _terms() -> tuple[CheckConstraint, ...]:
    """What the database says of a level's terms, wherever they stand."""
    return (
        CheckConstraint("(quorum = 'n') = (quorum_count is not null)", "a_count_is_of_n"),
        CheckConstraint("quorum_count > 0", "somebody_must_approve"),
        CheckConstraint(
            "after <> 'deem_approved' or level = 'client'", "only_a_client_is_deemed_to_approve"
        ),
    )


class ApprovalPolicy(ClientOwned, Resource, table=True):
    """
    How a client's approvals are asked for. `internal` and `client` are the terms of each level, as
    `LevelTerms`, and `record_decisions` says what may be recorded for the client, as `RecordTerms`;
    without a row the defaults hold. Its id is made from its client's: there is one.
    """

    __tablename__ = "approval_policies"
    __table_args__ = client_owned()
    wall = Wall.client_internal

    internal_first: bool = Field(default=False)
    internal: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    client: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    record_decisions: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSONB, sa_column_kwargs=INTERNAL
    )


class Approval(ClientOwned, Resource, table=True):
    """One request for a decision, with the document that is decided on."""

    __tablename__ = "approvals"
    __table_args__ = client_owned(
        Index(None, "agency_id", "client_id", "status", "id"),
        *_terms(),
        CheckConstraint("after = 'wait' or respond_by is not null", "it_ends_at_its_time"),
    )
    wall = Wall.client

    level: Level = Field(sa_type=text_enum(Level))
    quorum: Quorum = Field(default=Quorum.any, sa_type=text_enum(Quorum))
    quorum_count: int | None = None
    after: Unanswered = Field(default=Unanswered.wait, sa_type=text_enum(Unanswered))
    status: ApprovalStatus = Field(default=ApprovalStatus.open, sa_type=text_enum(ApprovalStatus))
    title: str = Field(max_length=200, sa_column_kwargs=INTERNAL)
    document: dict[str, Any] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    content_sha256: str = Field(max_length=64, sa_column_kwargs=INTERNAL)
    pdf_sha256: str | None = Field(default=None, max_length=64, sa_column_kwargs=INTERNAL)
    pdf_job_id: UUID | None = None
    asked_by: UUID | None = None
    respond_by: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    decided_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)


class AskedLevel(ClientOwned, AgencyModel, table=True):
    """What an approval asks of one of its levels, fixed when it was asked, in their order."""

    __tablename__ = "approval_levels"
    __table_args__ = client_owned(
        foreign("approval_id", "approvals", client=True),
        UniqueConstraint("agency_id", "approval_id", "level"),
        *_terms(),
    )
    wall = Wall.client_internal

    approval_id: UUID
    position: int
    level: Level = Field(sa_type=text_enum(Level))
    quorum: Quorum = Field(sa_type=text_enum(Quorum))
    quorum_count: int | None = None
    respond_within_days: int | None = None
    remind_before_days: list[int] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    after: Unanswered = Field(sa_type=text_enum(Unanswered))


class ApprovalSubject(ClientOwned, AgencyModel, table=True):
    """One thing an approval covers, with the hash of exactly what a level was shown of it."""

    __tablename__ = "approval_subjects"
    __table_args__ = client_owned(
        foreign("approval_id", "approvals", client=True),
        Index(None, "agency_id", "approval_id"),
        Index(None, "agency_id", "subject_type", "subject_id"),
    )
    wall = Wall.client

    approval_id: UUID
    level: Level = Field(sa_type=text_enum(Level))
    subject_type: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    subject_id: UUID
    content_sha256: str = Field(max_length=64, sa_column_kwargs=INTERNAL)


class ApprovalLink(ClientOwned, Resource, table=True):
    """An address at which one named person of the client decides, until it expires."""

    __tablename__ = "approval_links"
    __table_args__ = client_owned(
        foreign("approval_id", "approvals", client=True),
        Index(None, "agency_id", "approval_id"),
    )
    wall = Wall.client_internal

    approval_id: UUID
    name: str = Field(max_length=120, sa_column_kwargs=PERSONAL)
    email: str = Field(max_length=254, sa_column_kwargs=PERSONAL)
    secret_hash: str = Field(max_length=64, sa_column_kwargs=SECRET)
    expires_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    revoked_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)


class Decision(ClientOwned, AgencyModel, table=True):
    """What somebody decided. Never edited: a new decision is a new approval."""

    __tablename__ = "approval_decisions"
    __table_args__ = client_owned(
        foreign("approval_id", "approvals", client=True),
        foreign("link_id", "approval_links", client=True),
        foreign("evidence_file_id", "files"),
        CheckConstraint(
            "(recorded_by is null) = (evidence is null and evidence_file_id is null)"
            " and (recorded_by is null or level = 'client')",
            "a_recorded_decision_has_evidence",
        ),
        CheckConstraint(
            "not deemed or (level = 'client' and outcome = 'approved'"
            " and decided_by is null and link_id is null and recorded_by is null)",
            "a_deemed_decision_is_nobodys",
        ),
        Index(None, "agency_id", "approval_id"),
        Index(
            "uq_approval_decisions_member",
            "agency_id",
            "approval_id",
            "level",
            "decided_by",
            unique=True,
            postgresql_where=text("decided_by is not null"),
        ),
        Index(
            "uq_approval_decisions_link",
            "agency_id",
            "link_id",
            unique=True,
            postgresql_where=text("link_id is not null"),
        ),
    )
    wall = Wall.client

    approval_id: UUID
    level: Level = Field(sa_type=text_enum(Level))
    outcome: Outcome = Field(sa_type=text_enum(Outcome))
    reason: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)
    content_sha256: str = Field(max_length=64, sa_column_kwargs=INTERNAL)
    pdf_sha256: str | None = Field(default=None, max_length=64, sa_column_kwargs=INTERNAL)
    decided_by: UUID | None = None
    decided_by_name: str = Field(max_length=120, sa_column_kwargs=PERSONAL)
    decided_by_email: str | None = Field(default=None, max_length=254, sa_column_kwargs=PERSONAL)
    decided_from: str | None = Field(default=None, max_length=64, sa_column_kwargs=PERSONAL)
    link_id: UUID | None = None
    recorded_by: UUID | None = None
    evidence: str | None = Field(default=None, max_length=4000, sa_column_kwargs=PERSONAL)
    evidence_file_id: UUID | None = None
    contest_until: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    self_approved: bool = Field(default=False)
    deemed: bool = Field(default=False)
    request_id: str | None = Field(default=None, max_length=128, sa_column_kwargs=INTERNAL)


class ApprovalServing(AgencyModel, table=True):
    """Somebody was served the PDF of what is decided on. Never edited."""

    __tablename__ = "approval_servings"
    __table_args__ = (
        foreign("approval_id", "approvals"),
        foreign("membership_id", "memberships"),
        UniqueConstraint("agency_id", "membership_id", "approval_id"),
        Index(None, "agency_id", "approval_id"),
    )
    wall = Wall.personal

    approval_id: UUID
    membership_id: UUID
    pdf_sha256: str = Field(max_length=64, sa_column_kwargs=INTERNAL)


class Contest(ClientOwned, AgencyModel, table=True):
    """Somebody of the client says that what was recorded in its name is not so. Never edited."""

    __tablename__ = "approval_contests"
    __table_args__ = client_owned(
        foreign("approval_id", "approvals", client=True),
        UniqueConstraint(
            "agency_id", "approval_id", "contested_by", name="uq_approval_contests_member"
        ),
    )
    wall = Wall.client

    approval_id: UUID
    reason: str = Field(max_length=4000, sa_column_kwargs=INTERNAL)
    contested_by: UUID
    contested_by_name: str = Field(max_length=120, sa_column_kwargs=PERSONAL)
    request_id: str | None = Field(default=None, max_length=128, sa_column_kwargs=INTERNAL)
