"""
Terms of a collaboration: versions that are offered, and the one answer that each can have.

terms   offered; answered once: accepted · declined · countered by the influencer, withdrawn by the
        agency, or expired on their day. Neither terms nor answers are ever changed.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from tenants.tables import (
    INTERNAL,
    PERSONAL,
    SECRET,
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


class Answer(StrEnum):
    accepted = "accepted"
    declined = "declined"
    countered = "countered"
    withdrawn = "withdrawn"


class CollaborationTerms(InfluencerOwned, ClientOwned, AgencyModel, table=True):
    """
    One version of what is offered, with the hash of exactly what the influencer is shown.
    `fee_minor`: what accepting sets aside on the line, all there is to earn in money.
    """

    __tablename__ = "collaboration_terms"
    __table_args__ = client_owned(
        foreign("collaboration_id", "collaborations", client=True),
        foreign("influencer_id", "influencers"),
        foreign("budget_line_id", "budget_lines", client=True),
        UniqueConstraint("agency_id", "collaboration_id", "number"),
        CheckConstraint("fee_minor >= 0", "a_fee_is_not_negative"),
        CheckConstraint(
            "fee_minor = 0 or budget_line_id is not null", "a_fee_is_set_aside_somewhere"
        ),
    )
    wall = Wall.client_internal

    collaboration_id: UUID
    influencer_id: UUID
    number: int
    content: dict[str, Any] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    content_sha256: str = Field(max_length=64, sa_column_kwargs=INTERNAL)
    budget_line_id: UUID | None = None
    fee_minor: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    respond_by: datetime = Field(sa_type=UTC_TIMESTAMP)
    offered_by: UUID | None = None


class TermsAnswer(InfluencerOwned, ClientOwned, AgencyModel, table=True):
    """What became of one version of terms, by whom, and for which content. Never edited."""

    __tablename__ = "collaboration_answers"
    __table_args__ = client_owned(
        foreign("collaboration_id", "collaborations", client=True),
        foreign("terms_id", "collaboration_terms", client=True),
        foreign("influencer_id", "influencers"),
        foreign("link_id", "collaboration_links", client=True),
        Index("uq_collaboration_answers_terms", "agency_id", "terms_id", unique=True),
        Index(None, "agency_id", "collaboration_id", "id"),
    )
    wall = Wall.client_internal

    collaboration_id: UUID
    terms_id: UUID
    influencer_id: UUID
    answer: Answer = Field(sa_type=text_enum(Answer))
    reason: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)
    content_sha256: str = Field(max_length=64, sa_column_kwargs=INTERNAL)
    answered_by: UUID | None = None
    answered_by_name: str = Field(max_length=120, sa_column_kwargs=PERSONAL)
    answered_from: str | None = Field(default=None, max_length=64, sa_column_kwargs=PERSONAL)
    link_id: UUID | None = None
    request_id: str | None = Field(default=None, max_length=128, sa_column_kwargs=INTERNAL)


class CollaborationLink(ClientOwned, Resource, table=True):
    """An address at which one named influencer answers one version of terms, without an account."""

    __tablename__ = "collaboration_links"
    __table_args__ = client_owned(
        foreign("collaboration_id", "collaborations", client=True),
        foreign("terms_id", "collaboration_terms", client=True),
        Index(None, "agency_id", "collaboration_id", "id"),
    )
    wall = Wall.client_internal

    collaboration_id: UUID
    terms_id: UUID
    name: str = Field(max_length=120, sa_column_kwargs=PERSONAL)
    email: str = Field(max_length=254, sa_column_kwargs=PERSONAL)
    secret_hash: str = Field(max_length=64, sa_column_kwargs=SECRET)
    expires_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    revoked_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
