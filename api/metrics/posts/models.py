"""
Posts as they stand on a network, and their wire shapes.

published post   what a channel published, by the network's own id; its figures are readings
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING
from pydantic import Field as Constraint
from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from api.clients.networks import Network, Url
from api.metrics.figures import MissingReason, Quality
from api.metrics.kpis import KpiId
from api.metrics.performance.shapes import Span
from tenants.pages import PageQuery
from tenants.shapes import Day, Instant, Line, ReadShape, Shape
from tenants.tables import (
    PUBLIC,
    UTC_TIMESTAMP,
    ClientOwned,
    Resource,
    Wall,
    client_owned,
    foreign,
    text_enum,
)


class PostFormat(StrEnum):
    """What kind of post it is, whatever its network calls that."""

    image = "image"
    carousel = "carousel"
    video = "video"
    reel = "reel"
    story = "story"
    live = "live"
    text = "text"
    link = "link"
    article = "article"
    document = "document"
    poll = "poll"
    other = "other"


class PublishedPost(ClientOwned, Resource, table=True):
    """A post of a channel, as its network knows it."""

    __tablename__ = "published_posts"
    __table_args__ = client_owned(
        foreign("channel_id", "channels", client=True),
        foreign("campaign_id", "campaigns", client=True),
        UniqueConstraint("agency_id", "channel_id", "external_id"),
        Index(None, "agency_id", "network", "external_id"),
        Index(None, "agency_id", "client_id", "published_at", "id"),
        Index(None, "agency_id", "campaign_id", "published_at"),
    )
    wall = Wall.client_internal

    channel_id: UUID
    network: Network = Field(sa_type=text_enum(Network))
    external_id: str = Field(max_length=200, sa_column_kwargs=PUBLIC)
    url: str | None = Field(default=None, max_length=500, sa_column_kwargs=PUBLIC)
    published_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    title: str | None = Field(default=None, max_length=200, sa_column_kwargs=PUBLIC)
    format: PostFormat = Field(default=PostFormat.other, sa_type=text_enum(PostFormat))
    campaign_id: UUID | None = None


ExternalId = Annotated[
    str,
    Constraint(
        min_length=1,
        max_length=200,
        pattern=r"^[^\s\x00-\x1f\x7f-\x9f]+$",
        description="The network's own id of the post.",
        examples=["17995550101234567"],
    ),
]


class PublishedPostCreate(Shape):
    """A post of a channel, by the network's own id."""

    channel_id: UUID
    external_id: ExternalId
    published_at: Instant
    url: Url | None = None
    title: Line | None = None
    format: PostFormat = PostFormat.other
    campaign_id: UUID | None = None


class PublishedPostUpdate(Shape):
    """What of a post may be put right; its channel and the network's id stay."""

    published_at: Instant | MISSING = MISSING
    url: Url | None | MISSING = MISSING
    title: Line | None | MISSING = MISSING
    format: PostFormat | MISSING = MISSING
    campaign_id: UUID | None | MISSING = MISSING


class PublishedPostRead(ReadShape):
    """A post of a channel, as its network knows it."""

    id: UUID
    version: int
    client_id: UUID
    channel_id: UUID
    network: Network
    external_id: str
    url: str | None
    published_at: datetime
    title: str | None
    format: PostFormat
    campaign_id: UUID | None
    created_at: datetime
    updated_at: datetime


class PublishedPostQuery(PageQuery):
    """Filters of the post list; days are UTC's."""

    client_id: UUID | None = None
    channel_id: UUID | None = None
    campaign_id: UUID | None = None
    published_from: Day | None = None
    published_to: Day | None = None


class PostKpi(ReadShape):
    """A figure by a named formula (`GET /v1/kpis`); a rate is rounded half-even to 6 places."""

    id: KpiId
    version: int
    value: int | float | None
    numerator: int | None
    denominator: int | None
    quality: Quality
    missing_reason: MissingReason | None
    complete: bool
    inputs_digest: str


class PostTotals(ReadShape):
    """A post and its newest totals since it was published; null where none is known."""

    id: UUID
    channel_id: UUID
    campaign_id: UUID | None
    network: Network
    external_id: str
    url: str | None
    published_at: datetime
    title: str | None
    format: PostFormat
    last_reading_on: date | None
    impressions: int | None
    views: int | None
    reach: int | None
    likes: int | None
    comments: int | None
    shares: int | None
    saves: int | None
    clicks: int | None
    leads: int | None
    conversions: int | None
    kpis: list[PostKpi]


class PostFigures(ReadShape):
    """
    The posts published in a period, those of most views first, and all `count` of them together:
    `er_avg` is the mean of their rates, `er_reach` all engagements over all reach.
    """

    client_id: UUID
    timezone: str
    period: Span
    count: int
    kpis: list[PostKpi]
    posts: list[PostTotals]


class CountedTotals(ReadShape):
    """The newest total of each metric; null where none is known."""

    impressions: int | None
    views: int | None
    likes: int | None
    comments: int | None
    shares: int | None
    saves: int | None
    clicks: int | None
    leads: int | None
    conversions: int | None


class CountedDay(CountedTotals):
    """What a day added to the totals; null where the day before, or the day, has none."""

    date: date


class CountedGap(ReadShape):
    """What several days added together: the totals in between are not known."""

    metric: str
    start: date
    end: date
    value: int


class CounterReset(ReadShape):
    """A counter fell to less than half: it began anew, and the day has its new total."""

    metric: str
    date: date


class TotalsByDay(ReadShape):
    """What totals since ever say of single days, by a rule; a correction is a negative figure."""

    subject_type: Literal["channel", "post"]
    subject_id: UUID
    rule_version: int
    period: Span
    totals: CountedTotals
    days: list[CountedDay]
    gaps: list[CountedGap]
    resets: list[CounterReset]
