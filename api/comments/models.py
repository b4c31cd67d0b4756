"""
Comments on a subject: threads of one level, each for one audience.

thread   open ⇄ resolved; a comment says how it stands by `resolved_at` of the thread's first
comment  said → edited (`edited_at`; former words are kept) → deleted; one that was answered leaves
         its place (`deleted_at`, without a body)
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import MISSING, model_validator
from pydantic import Field as Constraint
from pydantic_core import PydanticCustomError
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from tenants.models import Audience
from tenants.pages import PageQuery
from tenants.shapes import ReadShape, Shape, Text
from tenants.tables import (
    INTERNAL,
    PERSONAL,
    UTC_TIMESTAMP,
    AgencyModel,
    ClientOwned,
    Resource,
    Wall,
    client_owned,
    foreign,
    text_enum,
)


class SubjectType(StrEnum):
    """What can be commented on, by the word that its address has for it."""

    deliverables = "deliverables"
    scopes = "scopes"
    campaigns = "campaigns"
    budgets = "budgets"
    approvals = "approvals"
    reports = "reports"
    report_versions = "report_versions"


class Comment(ClientOwned, Resource, table=True):
    """Something said about a subject."""

    __tablename__ = "comments"
    __table_args__ = client_owned(
        # A reply is for whom the comment it answers is for.
        UniqueConstraint("agency_id", "client_id", "audience", "id"),
        ForeignKeyConstraint(
            ["agency_id", "client_id", "audience", "parent_id"],
            ["comments.agency_id", "comments.client_id", "comments.audience", "comments.id"],
        ),
        foreign("author_id", "memberships"),
        CheckConstraint(
            "(body is null) = (deleted_at is not null)", "what_is_deleted_says_nothing"
        ),
        CheckConstraint(
            "(resolved_at is null) = (resolved_by_name is null)", "what_is_resolved_says_by_whom"
        ),
        CheckConstraint("parent_id is null or resolved_at is null", "a_thread_is_resolved_whole"),
        CheckConstraint(
            "section is null or subject_type = 'report_versions'", "a_section_is_of_a_version"
        ),
        Index(None, "agency_id", "subject_type", "subject_id", "id"),
        Index(None, "agency_id", "parent_id"),
    )
    wall = Wall.client

    audience: Audience = Field(sa_type=text_enum(Audience))
    subject_type: SubjectType = Field(sa_type=text_enum(SubjectType))
    subject_id: UUID
    section: str | None = Field(default=None, max_length=40, sa_column_kwargs=INTERNAL)
    parent_id: UUID | None = None
    body: str | None = Field(default=None, max_length=4000, sa_column_kwargs=PERSONAL)
    mentions: list[str] = Field(default_factory=list, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    file_ids: list[str] = Field(default_factory=list, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    author_id: UUID | None = None
    author_name: str = Field(max_length=120, sa_column_kwargs=PERSONAL)
    edited_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    resolved_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    resolved_by_name: str | None = Field(default=None, max_length=120, sa_column_kwargs=PERSONAL)
    deleted_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)


class CommentEdit(ClientOwned, AgencyModel, table=True):
    """What a comment said before it was edited. Never edited."""

    __tablename__ = "comment_edits"
    __table_args__ = client_owned(
        foreign("comment_id", "comments", client=True),
        Index(None, "agency_id", "comment_id", "id"),
    )
    wall = Wall.client_internal

    comment_id: UUID
    former_body: str = Field(max_length=4000, sa_column_kwargs=PERSONAL)


Ids = Annotated[list[UUID], Constraint(max_length=20)]
SectionKey = Annotated[str, Constraint(max_length=40, pattern=r"^[a-z][a-z_]*$")]


class CommentCreate(Shape):
    """
    Something to say about a subject. A reply names the first comment of its thread, and is for the
    same audience. `mentions`: memberships of those it is for; `file_ids`: what is attached.
    `section`: what of a report's version it is about, by its key; a reply has its thread's.
    """

    subject_type: SubjectType
    subject_id: UUID
    audience: Audience
    body: Text
    section: SectionKey | None = None
    parent_id: UUID | None = None
    mentions: Ids = []
    file_ids: Ids = []


class CommentUpdate(Shape):
    """What of a comment its author may change."""

    body: Text | MISSING = MISSING
    mentions: Ids | MISSING = MISSING
    file_ids: Ids | MISSING = MISSING


class CommentRead(ReadShape):
    """A comment. One that was answered and then deleted keeps its place, without a body."""

    id: UUID
    version: int
    client_id: UUID
    audience: Audience
    subject_type: SubjectType
    subject_id: UUID
    section: str | None
    parent_id: UUID | None
    body: str | None
    mentions: list[UUID]
    file_ids: list[UUID]
    author_id: UUID | None
    author_name: str
    edited_at: datetime | None
    resolved_at: datetime | None
    resolved_by_name: str | None
    deleted_at: datetime | None
    created_at: datetime
    updated_at: datetime


class CommentQuery(PageQuery):
    """
    Which comments: of a client, on a subject (by type and id), on a section of it, and for whom.
    """

    client_id: UUID | None = None
    subject_type: SubjectType | None = None
    subject_id: UUID | None = None
    section: SectionKey | None = None
    audience: Audience | None = None

    @model_validator(mode="after")
    def _names_a_whole_subject(self) -> Self:
        if (self.subject_type is None) != (self.subject_id is None):
            raise PydanticCustomError("half_a_subject", "a subject by its type and its id")
        return self


class CommentEditRead(ReadShape):
    """What a comment said until `created_at`."""

    id: UUID
    former_body: str
    created_at: datetime


class CommentEdits(ReadShape):
    """The former words of a comment, the first first."""

    data: list[CommentEditRead]
