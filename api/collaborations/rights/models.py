"""
What may be done with what an influencer made, and for whom else they may not work.

Every window is half-open: it holds its first instant, and not its last.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from tenants.tables import (
    INTERNAL,
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


class Medium(StrEnum):
    """Where an asset is used."""

    social = "social"
    website = "website"
    email = "email"
    display = "display"
    print = "print"
    outdoor = "outdoor"
    television = "television"
    retail = "retail"


class Use(StrEnum):
    """Shown as it is, or with money behind it."""

    organic = "organic"
    paid = "paid"


WORLD = "world"
_NOT_EMPTY = "starts_at < ends_at"


class UsageRight(InfluencerOwned, ClientOwned, Resource, table=True):
    """What may be used, where, how and until when: of one deliverable, or of all."""

    __tablename__ = "usage_rights"
    __table_args__ = client_owned(
        foreign("collaboration_id", "collaborations", client=True),
        foreign("deliverable_id", "collaboration_deliverables", client=True),
        foreign("influencer_id", "influencers"),
        CheckConstraint(_NOT_EMPTY, "a_window_holds_something"),
        Index(None, "agency_id", "collaboration_id", "id"),
        Index(None, "agency_id", "client_id", "ends_at", "id"),
    )
    wall = Wall.client

    collaboration_id: UUID
    deliverable_id: UUID | None = None
    influencer_id: UUID
    asset: str = Field(max_length=200, sa_column_kwargs=INTERNAL)
    media: list[str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    territories: list[str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    uses: list[str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    starts_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    ends_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    ended_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)


class AssetUse(InfluencerOwned, ClientOwned, AgencyModel, table=True):
    """An asset was used, or is going to be, within its right. Never edited."""

    __tablename__ = "asset_uses"
    __table_args__ = client_owned(
        foreign("usage_right_id", "usage_rights", client=True),
        foreign("influencer_id", "influencers"),
        CheckConstraint(_NOT_EMPTY, "a_window_holds_something"),
        Index(None, "agency_id", "usage_right_id", "id"),
    )
    wall = Wall.client_internal

    usage_right_id: UUID
    influencer_id: UUID
    medium: Medium = Field(sa_type=text_enum(Medium))
    territory: str = Field(max_length=5, sa_column_kwargs=INTERNAL)
    use: Use = Field(sa_type=text_enum(Use))
    starts_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    ends_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    url: str | None = Field(default=None, max_length=500, sa_column_kwargs=INTERNAL)
    recorded_by: UUID | None = None


class Exclusivity(InfluencerOwned, ClientOwned, Resource, table=True):
    """For a while the influencer works for no other in a category, nor for these competitors."""

    __tablename__ = "exclusivities"
    __table_args__ = client_owned(
        foreign("collaboration_id", "collaborations", client=True),
        foreign("influencer_id", "influencers"),
        CheckConstraint(_NOT_EMPTY, "a_window_holds_something"),
        Index(None, "agency_id", "collaboration_id", "id"),
    )
    wall = Wall.client_internal

    collaboration_id: UUID
    influencer_id: UUID
    category: str = Field(max_length=60, sa_column_kwargs=INTERNAL)
    competitors: list[str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    starts_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    ends_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    ended_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)


class InfluencerWindow(AgencyModel, table=True):
    """
    When an influencer is taken, for all of the agency to keep to, and for whom nobody can read:
    clients and brands are hashes under the server's secret, that tell only whether two are one.
    `exclusive`: of a promise not to work for others; else of work itself. `contract`: the hash of
    the collaboration it belongs to.
    """

    __tablename__ = "influencer_windows"
    __table_args__ = (
        foreign("influencer_id", "influencers"),
        CheckConstraint(_NOT_EMPTY, "a_window_holds_something"),
        Index(None, "agency_id", "influencer_id", "ends_at"),
        Index(None, "agency_id", "contract"),
    )
    wall = Wall.agency

    influencer_id: UUID
    contract: str = Field(max_length=64, sa_column_kwargs=INTERNAL)
    holder: str = Field(max_length=64, sa_column_kwargs=INTERNAL)
    brand: str = Field(max_length=64, sa_column_kwargs=INTERNAL)
    against: list[str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    category: str = Field(max_length=60, sa_column_kwargs=INTERNAL)
    exclusive: bool
    starts_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    ends_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    released_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
