"""
open → approved · changes_requested · rejected · withdrawn · expired · superseded

A level is `internal` (the agency's social media manager) or `client` (the client's approver).
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator
from pydantic import Field as Constraint
from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from tenants.database import (
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
from tenants.pages import PageQuery
from tenants.shapes import Email, Name, ReadShape, Shape, Text


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
    any = "any"
    all = "all"


class Approval(ClientOwned, Resource, table=True):
    """One request for a decision, with the document that is decided on."""

    __tablename__ = "approvals"
    __table_args__ = client_owned(Index(None, "agency_id", "client_id", "status", "id"))
    wall = Wall.client

    level: Level = Field(sa_type=text_enum(Level))
    quorum: Quorum = Field(default=Quorum.any, sa_type=text_enum(Quorum))
    status: ApprovalStatus = Field(default=ApprovalStatus.open, sa_type=text_enum(ApprovalStatus))
    title: str = Field(max_length=200, sa_column_kwargs=INTERNAL)
    document: dict[str, Any] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    content_sha256: str = Field(max_length=64, sa_column_kwargs=INTERNAL)
    pdf_sha256: str | None = Field(default=None, max_length=64, sa_column_kwargs=INTERNAL)
    pdf_job_id: UUID | None = None
    asked_by: UUID | None = None
    respond_by: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    decided_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)


class ApprovalSubject(ClientOwned, AgencyModel, table=True):
    """One thing an approval covers, with the hash of exactly what was shown of it."""

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
        CheckConstraint(
            "(recorded_by is null) = (evidence is null)", "a_recorded_decision_has_evidence"
        ),
        Index(None, "agency_id", "approval_id"),
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
    self_approved: bool = Field(default=False)
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


class SubjectRead(ReadShape):
    """One thing an approval covers."""

    subject_type: str
    subject_id: UUID
    content_sha256: str


class DecisionRead(ReadShape):
    """
    What somebody decided. `recorded_by`: given to the agency, which kept the evidence; `link_id`:
    given without an account, by whom the link was for. `content_sha256` is the hash of what was
    decided on, `pdf_sha256` of its PDF where they were served that too.
    """

    id: UUID
    outcome: Outcome
    reason: str | None
    content_sha256: str
    pdf_sha256: str | None
    decided_by_name: str
    decided_by_email: str | None
    link_id: UUID | None
    recorded_by: UUID | None
    self_approved: bool
    created_at: datetime


class ApprovalRead(ReadShape):
    """
    A request for a decision. `document` is what is decided on, `content_sha256` its hash, and
    `pdf_sha256` that of its PDF once somebody has asked for one.
    """

    id: UUID
    version: int
    client_id: UUID
    level: Level
    quorum: Quorum
    status: ApprovalStatus
    title: str
    document: dict[str, Any]
    content_sha256: str
    pdf_sha256: str | None
    subjects: list[SubjectRead]
    decisions: list[DecisionRead]
    respond_by: datetime | None
    decided_at: datetime | None
    created_at: datetime


class ApprovalSummary(ReadShape):
    """A request for a decision, as lists show it."""

    id: UUID
    version: int
    client_id: UUID
    level: Level
    status: ApprovalStatus
    title: str
    respond_by: datetime | None
    decided_at: datetime | None
    created_at: datetime


class ApprovalDecide(Shape):
    """A decision. `content_sha256` says what was seen: any other content is out of date."""

    outcome: Outcome
    reason: Text | None = None
    content_sha256: Annotated[str, Constraint(pattern="^[0-9a-f]{64}$", max_length=64)] | None = (
        None
    )


class DecisionRecord(Shape):
    """A client's decision that was given to the agency: who gave it, and the evidence."""

    outcome: Outcome
    reason: Text | None = None
    given_by: Name
    evidence: Text


class ApprovalLinkCreate(Shape):
    """Who of the client decides without an account, and how many days they have."""

    name: Name
    email: Email
    days: Annotated[int, Constraint(ge=1, le=60)] = 14


class ApprovalLinkRead(ReadShape):
    """A link. Its address was shown once, when it was made, and mailed."""

    id: UUID
    version: int
    client_id: UUID
    approval_id: UUID
    name: str
    email: str
    expires_at: datetime
    revoked_at: datetime | None
    created_at: datetime


class ApprovalLinkMade(ReadShape):
    """A new link with its address, which is never shown again."""

    id: UUID
    version: int
    approval_id: UUID
    name: str
    email: str
    expires_at: datetime
    address: str


class ApprovalLinkQuery(PageQuery):
    """Filters of the list of links."""

    client_id: UUID | None = None
    approval_id: UUID | None = None


def _typed(value: str) -> str | None:
    """Text as a browser sends it: lines end with CR LF, and nothing is an empty field."""
    return value.replace("\r\n", "\n").strip() or None


class DecisionForm(Shape):
    """What the page of a link sends: a decision, and the hash of what was shown."""

    outcome: Outcome
    reason: Annotated[Text | None, BeforeValidator(_typed)] = None
    content_sha256: Annotated[str, Constraint(pattern="^[0-9a-f]{64}$", max_length=64)]


class ApprovalQuery(PageQuery):
    """Filters of the approval list; `waiting_on=me` shows what the caller can decide now."""

    client_id: UUID | None = None
    status: ApprovalStatus | None = None
    waiting_on: Literal["me"] | None = None
