"""
Tables of objectives and competitors.

objective    open → reached · missed · dropped (for a reason)
competitor   active ⇄ archived; never deleted, for its readings stay
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from tenants.tables import (
    INTERNAL,
    UTC_TIMESTAMP,
    ClientOwned,
    Resource,
    Wall,
    client_owned,
    text_enum,
)

LAST = 9_999  # the last place that an objective can have


class Horizon(StrEnum):
    """How far ahead an objective looks."""

    short = "short"
    long = "long"


class ObjectiveStatus(StrEnum):
    open = "open"
    reached = "reached"
    missed = "missed"
    dropped = "dropped"


class Objective(ClientOwned, Resource, table=True):
    """What a client wants by a day, in its own words; KPI targets point at it."""

    __tablename__ = "objectives"
    __table_args__ = client_owned(
        CheckConstraint("(status = 'open') = (settled_at is null)", "what_is_settled_says_when"),
        CheckConstraint(
            "status <> 'dropped' or settled_reason is not null", "dropped_for_a_reason"
        ),
        Index(None, "agency_id", "client_id", "position", "id"),
        Index(None, "agency_id", "position", "id"),
    )
    wall = Wall.client_internal

    horizon: Horizon = Field(sa_type=text_enum(Horizon))
    statement: dict[str, str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    due_on: date
    position: int
    status: ObjectiveStatus = Field(
        default=ObjectiveStatus.open, sa_type=text_enum(ObjectiveStatus)
    )
    settled_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    settled_reason: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)


class CompetitorStatus(StrEnum):
    active = "active"
    archived = "archived"


class Competitor(ClientOwned, Resource, table=True):
    """
    Whom a client competes with. `handles`: its accounts, each `{id, network, handle}`; readings
    are of an account.
    """

    __tablename__ = "competitors"
    __table_args__ = client_owned(Index(None, "agency_id", "client_id", "status", "id"))
    wall = Wall.client_internal

    name: str = Field(max_length=120, sa_column_kwargs=INTERNAL)
    url: str | None = Field(default=None, max_length=500, sa_column_kwargs=INTERNAL)
    handles: list[dict[str, str]] = Field(
        default_factory=list, sa_type=JSONB, sa_column_kwargs=INTERNAL
    )
    note: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)
    status: CompetitorStatus = Field(
        default=CompetitorStatus.active, sa_type=text_enum(CompetitorStatus)
    )
