"""
Tables of the roster.

influencer   active ⇄ paused; archived from either, and active again from there
"""

from datetime import date
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from api.clients.networks import Network
from tenants.money import money_of
from tenants.tables import (
    INTERNAL,
    PERSONAL,
    PUBLIC,
    AgencyModel,
    ClientOwned,
    InfluencerOwned,
    Resource,
    Wall,
    client_owned,
    foreign,
    text_enum,
)


class InfluencerStatus(StrEnum):
    active = "active"
    paused = "paused"
    archived = "archived"


class EngagementBasis(StrEnum):
    """What an engagement rate is a share of."""

    views = "views"
    reach = "reach"
    impressions = "impressions"
    followers = "followers"


class Placement(StrEnum):
    """What an influencer is paid to make."""

    post = "post"
    carousel = "carousel"
    story = "story"
    reel = "reel"
    short = "short"
    video = "video"
    live = "live"
    article = "article"
    episode = "episode"
    ugc = "ugc"
    event = "event"
    other = "other"


class DocumentKind(StrEnum):
    """What a file is to the roster."""

    media_kit = "media_kit"
    contract = "contract"
    tax_form = "tax_form"
    identity = "identity"
    other = "other"


class Influencer(InfluencerOwned, Resource, table=True):
    """
    Somebody on the agency's roster, and all of them that they may see themselves.

    `audience_size` adds up their accounts' followers, `engagement_millionths` is the rate of the
    largest account that has one: both are kept by whoever changes the accounts.
    """

    __tablename__ = "influencers"
    __table_args__ = (
        foreign("membership_id", "memberships"),
        foreign("invitation_id", "invitations"),
        UniqueConstraint("agency_id", "membership_id"),
        CheckConstraint("audience_size >= 0", "audience_is_not_negative"),
        Index(None, "agency_id", "status", "id"),
        Index(None, "agency_id", "audience_size", "id"),
        Index(None, "agency_id", "engagement_millionths", "id"),
        Index(None, "agency_id", "invitation_id"),
    )
    wall = Wall.agency
    influencer_column: ClassVar[str] = "id"

    name: str = Field(max_length=120, sa_column_kwargs=PERSONAL)
    status: InfluencerStatus = Field(
        default=InfluencerStatus.active, sa_type=text_enum(InfluencerStatus)
    )
    membership_id: UUID | None = None  # with which they log in
    invitation_id: UUID | None = None  # by which they were asked to
    email: str | None = Field(default=None, max_length=254, sa_column_kwargs=PERSONAL)
    phone: str | None = Field(default=None, max_length=40, sa_column_kwargs=PERSONAL)
    country: str | None = Field(default=None, max_length=2, sa_column_kwargs=PERSONAL)
    city: str | None = Field(default=None, max_length=120, sa_column_kwargs=PERSONAL)
    languages: list[str] = Field(default_factory=list, sa_type=JSONB, sa_column_kwargs=PUBLIC)
    categories: list[str] = Field(default_factory=list, sa_type=JSONB, sa_column_kwargs=PUBLIC)
    bio: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)
    audience_size: int = Field(default=0, sa_type=BigInteger)
    engagement_millionths: int | None = None


class InfluencerAccount(InfluencerOwned, AgencyModel, table=True):
    """An influencer's account on a network: how many follow it, who they are, how they engage."""

    __tablename__ = "influencer_accounts"
    __table_args__ = (
        foreign("influencer_id", "influencers"),
        UniqueConstraint("agency_id", "network", "handle_key"),
        CheckConstraint("followers >= 0", "followers_are_not_negative"),
        CheckConstraint("engagement_millionths between 0 and 1000000", "engagement_is_a_fraction"),
        CheckConstraint(
            "num_nulls(engagement_millionths, engagement_basis, engagement_on) in (0, 3)",
            "an_engagement_says_of_what_and_when",
        ),
        Index(None, "agency_id", "influencer_id", "network"),
        Index(None, "agency_id", "network", "followers", "influencer_id"),
    )
    wall = Wall.agency

    influencer_id: UUID
    network: Network = Field(sa_type=text_enum(Network))
    handle: str = Field(max_length=100, sa_column_kwargs=PERSONAL)
    handle_key: str = Field(max_length=300, sa_column_kwargs=PERSONAL)
    url: str | None = Field(default=None, max_length=500, sa_column_kwargs=PERSONAL)
    followers: int | None = Field(default=None, sa_type=BigInteger)
    audience: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, sa_column_kwargs=PUBLIC)
    measured_on: date | None = None
    engagement_millionths: int | None = None
    engagement_basis: EngagementBasis | None = Field(
        default=None, sa_type=text_enum(EngagementBasis)
    )
    engagement_on: date | None = None


class InfluencerRate(InfluencerOwned, AgencyModel, table=True):
    """What an influencer asks for one piece on a network, in a currency."""

    __tablename__ = "influencer_rates"
    __table_args__ = (
        foreign("influencer_id", "influencers"),
        UniqueConstraint("agency_id", "influencer_id", "network", "placement", "currency"),
        CheckConstraint("amount_minor > 0", "a_rate_is_positive"),
        Index(None, "agency_id", "currency", "amount_minor", "influencer_id"),
    )
    wall = Wall.agency

    influencer_id: UUID
    network: Network = Field(sa_type=text_enum(Network))
    placement: Placement = Field(sa_type=text_enum(Placement))
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)

    price: ClassVar[Any] = money_of("amount_minor")


class InfluencerDossier(AgencyModel, table=True):
    """What the agency keeps to itself of an influencer; its id is the influencer's."""

    __tablename__ = "influencer_dossiers"
    __table_args__ = (foreign("id", "influencers"),)
    wall = Wall.agency

    tags: list[str] = Field(default_factory=list, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    notes: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)


class InfluencerWord(AgencyModel, table=True):
    """
    A word by which an influencer is found, in the order of its letters; its id is the influencer's.
    One with a colon is a whole label (`tag:vip`), which no word that is looked for has.
    """

    __tablename__ = "influencer_words"
    __table_args__ = (
        foreign("id", "influencers"),
        Index(None, "agency_id", "word", "id"),
    )
    wall = Wall.agency

    word: str = Field(primary_key=True, sa_type=String(80, "C"), sa_column_kwargs=PERSONAL)


class InfluencerDocument(ClientOwned, AgencyModel, table=True):
    """A file of a client's work with an influencer: a contract, a media kit."""

    __tablename__ = "influencer_documents"
    __table_args__ = client_owned(
        foreign("influencer_id", "influencers"),
        foreign("file_id", "files"),
        UniqueConstraint("agency_id", "influencer_id", "file_id"),
    )
    wall = Wall.client_internal

    influencer_id: UUID
    file_id: UUID
    kind: DocumentKind = Field(sa_type=text_enum(DocumentKind))
    note: str | None = Field(default=None, max_length=200, sa_column_kwargs=INTERNAL)
