"""
Community figures: append-only, what one source said of one day, and when it was captured.

Every figure is of the messages that came in on that day, whatever became of them later: a day is
told again when more of its messages have been answered, and days add up.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from tenants.tables import (
    INTERNAL,
    UTC_TIMESTAMP,
    AgencyModel,
    ClientOwned,
    Wall,
    client_owned,
    foreign,
)

GROUPS = (
    "messages",
    "items",
    "first_response",
    "first_response_business",
    "sla",
    "sentiment",
)
# Where each bucket of response times ends, in seconds; the last one is open.
BUCKETS = (60, 300, 900, 3_600, 14_400, 86_400, None)


class MessageKind(StrEnum):
    """How a message came in."""

    comment = "comment"
    direct_message = "direct_message"
    mention = "mention"
    review = "review"
    forum = "forum"


def _group() -> Any:
    return Field(default=None, sa_type=JSONB(none_as_null=True), sa_column_kwargs=INTERNAL)


class CommunityFigure(ClientOwned, AgencyModel, table=True):
    """
    What one source said of one day: of a channel's messages, or without one of all the client's.
    """

    __tablename__ = "community_figures"
    __table_args__ = client_owned(
        foreign("channel_id", "channels", client=True),
        UniqueConstraint(
            *("agency_id", "client_id", "day", "channel_id", "source", "captured_at"),
            name="uq_community_figures_told",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint(f"num_nonnulls({', '.join(GROUPS)}) > 0", "says_something"),
    )
    wall = Wall.client_internal

    channel_id: UUID | None = None
    day: date
    source: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    captured_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    recorded_by: UUID | None = None
    messages: dict[str, int] | None = _group()
    items: dict[str, int] | None = _group()
    first_response: dict[str, Any] | None = _group()
    first_response_business: dict[str, Any] | None = _group()
    sla: dict[str, int] | None = _group()
    sentiment: dict[str, int] | None = _group()
