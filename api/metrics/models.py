"""
Tables of channels, readings and targets, and their wire shapes.

channel   active ⇄ archived; never deleted, for its readings stay
reading   append-only: what one source said of one subject and period, when it was captured
current   the newest word about each metric of a subject and period (`newest.py`)
month     what the days of a subject's month add up to (`months.py`)
target    what a KPI should reach in a period
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import MISSING
from pydantic import Field as Constraint
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from api.clients.networks import Handle, Network, Url
from api.metrics.figures import LARGEST
from api.metrics.kpis import Direction, KpiId
from tenants import clock
from tenants.money import CurrencyCode
from tenants.pages import PageQuery
from tenants.shapes import Day, Name, ReadShape, Shape, Zone
from tenants.tables import (
    INTERNAL,
    PUBLIC,
    UTC_TIMESTAMP,
    ClientOwned,
    Resource,
    Wall,
    client_owned,
    foreign,
    text_enum,
)


class ChannelStatus(StrEnum):
    active = "active"
    archived = "archived"


class Connector(StrEnum):
    """How figures come in: `manual`, somebody brings them."""

    manual = "manual"


class SubjectType(StrEnum):
    """What a reading is about."""

    channel = "channel"
    campaign = "campaign"
    post = "post"
    collaboration = "collaboration"
    competitor = "competitor"


class Basis(StrEnum):
    """The time a reading is over."""

    day = "day"
    week = "week"
    month = "month"
    lifetime = "lifetime"


class Channel(ClientOwned, Resource, table=True):
    """A client's account on a network."""

    __tablename__ = "channels"
    __table_args__ = client_owned(
        UniqueConstraint("agency_id", "client_id", "network", "handle_key"),
        Index(None, "agency_id", "client_id", "status", "id"),
        Index(None, "agency_id", "network", "handle_key"),
    )
    wall = Wall.client

    network: Network = Field(sa_type=text_enum(Network))
    handle: str = Field(max_length=100, sa_column_kwargs=PUBLIC)
    handle_key: str = Field(max_length=300, sa_column_kwargs=PUBLIC)
    name: str = Field(max_length=120, sa_column_kwargs=PUBLIC)
    url: str | None = Field(default=None, max_length=500, sa_column_kwargs=PUBLIC)
    timezone: str | None = Field(default=None, max_length=64, sa_column_kwargs=PUBLIC)
    connector: Connector = Field(default=Connector.manual, sa_type=text_enum(Connector))
    status: ChannelStatus = Field(default=ChannelStatus.active, sa_type=text_enum(ChannelStatus))


class _Metrics(SQLModel):
    """One nullable number per metric; null says nothing, zero says zero."""

    impressions: int | None = Field(default=None, sa_type=BigInteger)
    reach: int | None = Field(default=None, sa_type=BigInteger)
    views: int | None = Field(default=None, sa_type=BigInteger)
    likes: int | None = Field(default=None, sa_type=BigInteger)
    comments: int | None = Field(default=None, sa_type=BigInteger)
    shares: int | None = Field(default=None, sa_type=BigInteger)
    saves: int | None = Field(default=None, sa_type=BigInteger)
    clicks: int | None = Field(default=None, sa_type=BigInteger)
    followers: int | None = Field(default=None, sa_type=BigInteger)
    posts: int | None = Field(default=None, sa_type=BigInteger)
    sessions: int | None = Field(default=None, sa_type=BigInteger)
    search_sessions: int | None = Field(default=None, sa_type=BigInteger)
    leads: int | None = Field(default=None, sa_type=BigInteger)
    conversions: int | None = Field(default=None, sa_type=BigInteger)
    spend_minor: int | None = Field(default=None, sa_type=BigInteger)
    revenue_minor: int | None = Field(default=None, sa_type=BigInteger)
    missing: dict[str, str] = Field(default_factory=dict, sa_type=JSONB, sa_column_kwargs=INTERNAL)


_PERIOD = ("agency_id", "client_id", "subject_type", "subject_id", "basis", "period_start")


class MetricReading(ClientOwned, _Metrics, table=True):
    """What one source said; never changed, corrected by a later one."""

    __tablename__ = "metric_readings"
    __table_args__ = (
        PrimaryKeyConstraint(*_PERIOD, "source", "captured_at"),
        ForeignKeyConstraint(["agency_id", "client_id"], ["clients.agency_id", "clients.id"]),
    )
    wall: ClassVar[Wall] = Wall.client_internal

    agency_id: UUID
    subject_type: SubjectType = Field(sa_type=text_enum(SubjectType))
    subject_id: UUID
    basis: Basis = Field(sa_type=text_enum(Basis))
    period_start: date
    source: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    captured_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    received_at: datetime = Field(default_factory=clock.now, sa_type=UTC_TIMESTAMP)
    recorded_by: UUID | None = None
    currency: str | None = Field(default=None, max_length=3, sa_column_kwargs=INTERNAL)


class MetricCurrent(ClientOwned, _Metrics, table=True):
    """The newest word about each metric; `held`: those said before the row's `captured_at`."""

    __tablename__ = "metric_current"
    __table_args__ = (
        PrimaryKeyConstraint(*_PERIOD),
        ForeignKeyConstraint(["agency_id", "client_id"], ["clients.agency_id", "clients.id"]),
    )
    wall: ClassVar[Wall] = Wall.client_internal

    agency_id: UUID
    subject_type: SubjectType = Field(sa_type=text_enum(SubjectType))
    subject_id: UUID
    basis: Basis = Field(sa_type=text_enum(Basis))
    period_start: date
    source: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    captured_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    spend_currency: str | None = Field(default=None, max_length=3, sa_column_kwargs=INTERNAL)
    revenue_currency: str | None = Field(default=None, max_length=3, sa_column_kwargs=INTERNAL)
    held: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, sa_column_kwargs=INTERNAL)


class MetricMonth(ClientOwned, table=True):
    """What the days of a subject's month add up to (`months.py`)."""

    __tablename__ = "metric_months"
    __table_args__ = (
        PrimaryKeyConstraint("agency_id", "client_id", "subject_type", "subject_id", "month"),
        ForeignKeyConstraint(["agency_id", "client_id"], ["clients.agency_id", "clients.id"]),
    )
    wall: ClassVar[Wall] = Wall.client_internal

    agency_id: UUID
    subject_type: SubjectType = Field(sa_type=text_enum(SubjectType))
    subject_id: UUID
    month: date
    cells: dict[str, Any] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)


class KpiTarget(ClientOwned, Resource, table=True):
    """
    What a KPI should reach: a value, or for a rate a numerator and a denominator. Of the client as
    a whole, or of one campaign; for an objective, or none.
    """

    __tablename__ = "kpi_targets"
    __table_args__ = client_owned(
        foreign("objective_id", "objectives", client=True),
        foreign("campaign_id", "campaigns", client=True),
        UniqueConstraint(
            *("agency_id", "client_id", "kpi", "starts_on", "ends_on", "campaign_id"),
            name="uq_kpi_targets_kpi_period_campaign",
            postgresql_nulls_not_distinct=True,
        ),
        Index(None, "agency_id", "client_id", "objective_id"),
        Index(None, "agency_id", "client_id", "campaign_id"),
        CheckConstraint("ends_on >= starts_on", "ends_after_it_starts"),
        CheckConstraint("(value is null) = (numerator is not null)", "value_or_rate"),
        CheckConstraint("(numerator is null) = (denominator is null)", "whole_rate"),
        CheckConstraint(
            "(baseline_numerator is null) = (baseline_denominator is null)", "whole_baseline"
        ),
    )
    wall = Wall.client_internal

    kpi: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    starts_on: date
    ends_on: date
    direction: Direction = Field(sa_type=text_enum(Direction))
    value: int | None = Field(default=None, sa_type=BigInteger)
    numerator: int | None = Field(default=None, sa_type=BigInteger)
    denominator: int | None = Field(default=None, sa_type=BigInteger)
    currency: str | None = Field(default=None, max_length=3, sa_column_kwargs=INTERNAL)
    baseline_value: int | None = Field(default=None, sa_type=BigInteger)
    baseline_numerator: int | None = Field(default=None, sa_type=BigInteger)
    baseline_denominator: int | None = Field(default=None, sa_type=BigInteger)
    objective_id: UUID | None = None
    campaign_id: UUID | None = None


class ChannelCreate(Shape):
    """A client's account on a network. `handle`: without the leading @; a website's is its host."""

    client_id: UUID
    network: Network
    handle: Handle
    name: Name
    url: Url | None = None
    timezone: Zone | None = None


class ChannelUpdate(Shape):
    """What of a channel may be changed; archiving hides it and keeps its readings."""

    handle: Handle | MISSING = MISSING
    name: Name | MISSING = MISSING
    url: Url | None | MISSING = MISSING
    timezone: Zone | None | MISSING = MISSING
    status: ChannelStatus | MISSING = MISSING


class ChannelRead(ReadShape):
    """A client's account on a network."""

    id: UUID
    version: int
    client_id: UUID
    network: Network
    handle: str
    name: str
    url: str | None
    timezone: str | None
    connector: Connector
    status: ChannelStatus
    created_at: datetime
    updated_at: datetime


class ChannelQuery(PageQuery):
    """Filters of the channel list."""

    client_id: UUID | None = None
    network: Network | None = None
    status: ChannelStatus | None = None


TargetValue = Annotated[int, Constraint(strict=True, ge=-LARGEST, le=LARGEST)]
Below = Annotated[int, Constraint(strict=True, ge=1, le=LARGEST)]


class KpiTargetCreate(Shape):
    """
    A target for one KPI and period: `value` in units or minor units (for a cost per each, per the
    formula's `per`), or `numerator` and `denominator` for a rate. Of the client as a whole, or of
    one campaign.
    """

    client_id: UUID
    kpi: KpiId
    objective_id: UUID | None = None
    campaign_id: UUID | None = None
    starts_on: Day
    ends_on: Day
    direction: Direction | None = None
    value: TargetValue | None = None
    numerator: TargetValue | None = None
    denominator: Below | None = None
    currency: CurrencyCode | None = None
    baseline_value: TargetValue | None = None
    baseline_numerator: TargetValue | None = None
    baseline_denominator: Below | None = None


class KpiTargetUpdate(Shape):
    """What of a target may be changed; its KPI, period and campaign stay."""

    objective_id: UUID | None | MISSING = MISSING
    direction: Direction | MISSING = MISSING
    value: TargetValue | None | MISSING = MISSING
    numerator: TargetValue | None | MISSING = MISSING
    denominator: Below | None | MISSING = MISSING
    baseline_value: TargetValue | None | MISSING = MISSING
    baseline_numerator: TargetValue | None | MISSING = MISSING
    baseline_denominator: Below | None | MISSING = MISSING


class KpiTargetRead(ReadShape):
    """What a KPI should reach in a period."""

    id: UUID
    version: int
    client_id: UUID
    objective_id: UUID | None
    campaign_id: UUID | None
    kpi: str
    starts_on: date
    ends_on: date
    direction: Direction
    value: int | None
    numerator: int | None
    denominator: int | None
    currency: str | None
    baseline_value: int | None
    baseline_numerator: int | None
    baseline_denominator: int | None
    created_at: datetime
    updated_at: datetime


class KpiTargetQuery(PageQuery):
    """Filters of the target list."""

    client_id: UUID | None = None
    kpi: KpiId | None = None
    objective_id: UUID | None = None
    campaign_id: UUID | None = None
