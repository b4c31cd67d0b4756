"""
Tables of objectives and competitors.

objective    open → reached · missed · dropped (for a reason)
competitor   active ⇄ archived; never deleted, for its readings stay
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func, select, text
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import column_property
from sqlmodel import Field, col

from api.clients.networks import Network
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
    """Whom a client competes with. `handles` are its accounts, `{id, network, handle}` each."""

    __tablename__ = "competitors"
    __table_args__ = client_owned(Index(None, "agency_id", "client_id", "status", "id"))
    wall = Wall.client_internal

    handles: ClassVar[Any]

    name: str = Field(max_length=120, sa_column_kwargs=INTERNAL)
    url: str | None = Field(default=None, max_length=500, sa_column_kwargs=INTERNAL)
    note: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)
    status: CompetitorStatus = Field(
        default=CompetitorStatus.active, sa_type=text_enum(CompetitorStatus)
    )


class CompetitorAccount(ClientOwned, AgencyModel, table=True):
    """A competitor's account on a network: what readings of a competitor are about."""

    __tablename__ = "competitor_accounts"
    __table_args__ = client_owned(
        foreign("competitor_id", "competitors", client=True),
        UniqueConstraint(
            *("agency_id", "client_id", "network", "handle_key"),
            name="uq_competitor_accounts_handle",
        ),
        Index(None, "agency_id", "competitor_id"),
        Index(None, "agency_id", "network", "handle_key"),
    )
    wall = Wall.client_internal

    competitor_id: UUID
    network: Network = Field(sa_type=text_enum(Network))
    handle: str = Field(max_length=100, sa_column_kwargs=INTERNAL)
    handle_key: str = Field(max_length=300, sa_column_kwargs=INTERNAL)


def _handles() -> Any:
    account = CompetitorAccount
    one = func.json_build_object(
        *("id", account.id, "network", account.network, "handle", account.handle)
    )
    all_of_them = func.json_agg(
        aggregate_order_by(one, col(account.network), col(account.handle_key))
    )
    mine = (col(account.agency_id) == Competitor.agency_id) & (
        col(account.competitor_id) == Competitor.id
    )
    return column_property(
        select(func.coalesce(all_of_them, text("'[]'::json"))).where(mine).scalar_subquery()
    )


Competitor.handles = _handles()
