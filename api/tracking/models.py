"""
Tables of what is counted and sold.

link        active ⇄ ended; its target never changes
clicks      how often a link was followed in an hour, and nothing about by whom
promo code  one window of days; ended early or not. No two windows of one code of a client overlap
conversion  append-only: a sale or a refund as it was told, and to whom a sale is attributed
order       what the facts told of one order come to: its sale, less what was refunded
day         what the orders of a collaboration's day come to; all that an influencer sees of sales
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from api.tracking.attribution import Why
from tenants import settings
from tenants.tables import (
    INTERNAL,
    PUBLIC,
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


class LinkStatus(StrEnum):
    active = "active"
    ended = "ended"


class ConversionKind(StrEnum):
    sale = "sale"
    refund = "refund"


def _collaborations(*others: Any) -> tuple[Any, ...]:
    return client_owned(
        foreign("collaboration_id", "collaborations", client=True),
        foreign("influencer_id", "influencers"),
        *others,
    )


class TrackingLink(InfluencerOwned, ClientOwned, Resource, table=True):
    """An address of ours that leads to one of the client's, and counts who follows it."""

    __tablename__ = "tracking_links"
    __table_args__ = _collaborations(
        foreign("deliverable_id", "collaboration_deliverables", client=True),
        UniqueConstraint("agency_id", "code"),
        Index(None, "code"),  # whoever follows it names no agency
        Index(None, "agency_id", "client_id", "id"),
        Index(None, "agency_id", "collaboration_id", "id"),
        Index(None, "agency_id", "influencer_id", "id"),
    )
    wall = Wall.client_internal

    collaboration_id: UUID
    deliverable_id: UUID | None = None
    influencer_id: UUID
    code: str = Field(max_length=40, sa_column_kwargs=PUBLIC)
    target: str = Field(max_length=2000, sa_column_kwargs=PUBLIC)
    status: LinkStatus = Field(default=LinkStatus.active, sa_type=text_enum(LinkStatus))

    @property
    def url(self) -> str:
        """What is given out."""
        return f"{settings.get().public_address}/t/{self.code}"


class LinkClicks(InfluencerOwned, ClientOwned, AgencyModel, table=True):
    """How often a link was followed in one hour. Its id is made of the link and the hour."""

    __tablename__ = "link_clicks"
    __table_args__ = client_owned(
        foreign("link_id", "tracking_links", client=True),
        foreign("influencer_id", "influencers"),
        CheckConstraint("clicks > 0", "somebody_did"),
        Index(None, "agency_id", "link_id", "hour"),
    )
    wall = Wall.client_internal

    link_id: UUID
    influencer_id: UUID
    hour: datetime = Field(sa_type=UTC_TIMESTAMP)
    clicks: int = Field(sa_type=BigInteger)


class PromoCode(InfluencerOwned, ClientOwned, Resource, table=True):
    """A code that buyers give, for some days; capital and small letters are the same."""

    __tablename__ = "promo_codes"
    __table_args__ = _collaborations(
        CheckConstraint("ends_on >= starts_on", "forwards"),
        Index(None, "agency_id", "client_id", "code_key"),
        Index(None, "agency_id", "collaboration_id", "id"),
        Index(None, "agency_id", "influencer_id", "id"),
    )
    wall = Wall.client_internal

    collaboration_id: UUID
    influencer_id: UUID
    code: str = Field(max_length=40, sa_column_kwargs=PUBLIC)
    code_key: str = Field(max_length=40, sa_column_kwargs=PUBLIC)
    starts_on: date
    ends_on: date


class Conversion(ClientOwned, AgencyModel, table=True):
    """
    A sale or a refund, as a shop told it. A sale is attributed once, by the rule of its day; a
    refund goes the way of its sale, which may be told later.
    """

    __tablename__ = "conversions"
    __table_args__ = client_owned(
        foreign("collaboration_id", "collaborations", client=True),
        foreign("link_id", "tracking_links", client=True),
        foreign("promo_code_id", "promo_codes", client=True),
        Index(
            "uq_conversions_told",
            *("agency_id", "client_id", "order_id", "kind", "refund_id"),
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("(kind = 'refund') = (refund_id is not null)", "refunds_are_named"),
        CheckConstraint("amount_minor >= 0", "not_below_zero"),
        Index(None, "agency_id", "client_id", "id"),
        Index(None, "agency_id", "collaboration_id", "id"),
    )
    wall = Wall.client_internal

    kind: ConversionKind = Field(sa_type=text_enum(ConversionKind))
    order_id: str = Field(max_length=200, sa_column_kwargs=INTERNAL)
    refund_id: str | None = Field(default=None, max_length=200, sa_column_kwargs=INTERNAL)
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    occurred_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    source: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    collaboration_id: UUID | None = None
    link_id: UUID | None = None
    promo_code_id: UUID | None = None
    attributed_by: Why | None = Field(default=None, sa_type=text_enum(Why))
    rule: str | None = Field(default=None, max_length=40, sa_column_kwargs=INTERNAL)
    rule_version: int | None = None
    recorded_by: UUID | None = None


class ConversionOrder(ClientOwned, AgencyModel, table=True):
    """
    One order. Until its sale is told (`sold_at` is null) its refunds wait; what was refunded beyond
    the sale counts for nothing and stays to be seen (`refunded_minor` above `sale_minor`).
    """

    __tablename__ = "conversion_orders"
    __table_args__ = client_owned(
        foreign("collaboration_id", "collaborations", client=True),
        UniqueConstraint("agency_id", "client_id", "order_id"),
        Index(None, "agency_id", "collaboration_id", "id"),
        CheckConstraint("sale_minor >= 0 and refunded_minor >= 0", "not_below_zero"),
    )
    wall = Wall.client_internal

    order_id: str = Field(max_length=200, sa_column_kwargs=INTERNAL)
    collaboration_id: UUID | None = None
    sold_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    sold_on: date | None = None  # the client's day
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    sale_minor: int = Field(default=0, sa_type=BigInteger)
    refunded_minor: int = Field(default=0, sa_type=BigInteger)
    commission_bp: int = Field(default=0)  # of what is left of the sale


class ConversionDay(InfluencerOwned, ClientOwned, AgencyModel, table=True):
    """The sums of a collaboration's orders of one day. Its id is made of both."""

    __tablename__ = "conversion_days"
    __table_args__ = _collaborations(
        Index(None, "agency_id", "collaboration_id", "day"),
        Index(None, "agency_id", "influencer_id", "day"),
        CheckConstraint(
            "conversions >= 0 and refunded >= 0 and revenue_minor >= 0 and commission_minor >= 0"
            " and refunded_minor between 0 and revenue_minor",
            "not_below_zero",
        ),
    )
    wall = Wall.client_internal

    collaboration_id: UUID
    influencer_id: UUID
    day: date
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    conversions: int = Field(sa_type=BigInteger)
    refunded: int = Field(sa_type=BigInteger)  # orders of which nothing is left
    revenue_minor: int = Field(sa_type=BigInteger)  # before refunds
    refunded_minor: int = Field(sa_type=BigInteger)
    commission_minor: int = Field(sa_type=BigInteger)  # after them
