"""
Tables of listening topics and of what was counted under them.

topic     active ⇄ archived; its query and its universe are its newest version
version   what was asked, of whom; never changed: another query or universe is another version
mentions  append-only: how often one source found one brand named in a period, under a version
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from tenants.tables import (
    INTERNAL,
    UTC_TIMESTAMP,
    AgencyModel,
    ClientOwned,
    Resource,
    Wall,
    client_owned,
    foreign,
    text_enum,
)

GROUPS = ("mentions", "sentiment")


class TopicStatus(StrEnum):
    active = "active"
    archived = "archived"


class CountBasis(StrEnum):
    """The time that mentions were counted over."""

    day = "day"
    week = "week"
    month = "month"


class _Query(SQLModel):
    """What is asked, and of whom: the client's own brand and these competitors."""

    keywords: list[str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    networks: list[str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    languages: list[str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    competitor_ids: list[str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)


QUERY = tuple(_Query.model_fields)


class ListeningTopic(ClientOwned, _Query, Resource, table=True):
    """What is listened to for a client; its query is that of its newest version, `number`."""

    __tablename__ = "listening_topics"
    __table_args__ = client_owned(Index(None, "agency_id", "client_id", "status", "id"))
    wall = Wall.client_internal

    name: str = Field(max_length=120, sa_column_kwargs=INTERNAL)
    number: int = 1
    status: TopicStatus = Field(default=TopicStatus.active, sa_type=text_enum(TopicStatus))


class TopicVersion(ClientOwned, _Query, AgencyModel, table=True):
    """A query and its universe, as they were counted under."""

    __tablename__ = "listening_topic_versions"
    __table_args__ = client_owned(
        foreign("topic_id", "listening_topics", client=True),
        UniqueConstraint(
            *("agency_id", "client_id", "topic_id", "number"),
            name="uq_listening_topic_versions_number",
        ),
    )
    wall = Wall.client_internal

    topic_id: UUID
    number: int


class MentionCount(ClientOwned, AgencyModel, table=True):
    """What one source counted; without a competitor it is of the client's own brand."""

    __tablename__ = "mention_counts"
    __table_args__ = client_owned(
        ForeignKeyConstraint(
            ["agency_id", "client_id", "topic_id", "number"],
            [
                f"listening_topic_versions.{column}"
                for column in ("agency_id", "client_id", "topic_id", "number")
            ],
            name="fk_mention_counts_version",
        ),
        foreign("competitor_id", "competitors", client=True),
        UniqueConstraint(
            *("agency_id", "client_id", "topic_id", "number", "period_start", "basis"),
            *("competitor_id", "source", "captured_at"),
            name="uq_mention_counts_told",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("num_nonnulls(mentions, sentiment) > 0", "says_something"),
        CheckConstraint("mentions >= 0", "not_below_zero"),
    )
    wall = Wall.client_internal

    topic_id: UUID
    number: int
    competitor_id: UUID | None = None
    basis: CountBasis = Field(sa_type=text_enum(CountBasis))
    period_start: date
    source: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    captured_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    recorded_by: UUID | None = None
    mentions: int | None = None
    sentiment: dict[str, Any] | None = Field(
        default=None, sa_type=JSONB(none_as_null=True), sa_column_kwargs=INTERNAL
    )
