"""
What a collaboration's accepted terms owe, part by part.

instalment   planned → earned · void: earned, it is an expense of the budget and a payable
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field

from tenants.tables import (
    INTERNAL,
    UTC_TIMESTAMP,
    ClientOwned,
    InfluencerOwned,
    Resource,
    Wall,
    client_owned,
    foreign,
    text_enum,
)


class FeeKind(StrEnum):
    """What is paid for: the whole, each post, or what is sold. A product is no money."""

    fixed = "fixed"
    per_post = "per_post"
    commission = "commission"
    product = "product"


class Milestone(StrEnum):
    """What an instalment waits for."""

    contract = "contract"
    content = "content"
    live = "live"


class InstalmentStatus(StrEnum):
    planned = "planned"
    earned = "earned"
    void = "void"


class Instalment(InfluencerOwned, ClientOwned, Resource, table=True):
    """
    A part of the fee, of the whole or of one deliverable. It is earned once: with the contract, or
    with the work that was accepted; its payable's gates hold the money until the rest is there.
    `month`: the first day of the one that commission was owed with.
    """

    __tablename__ = "collaboration_instalments"
    __table_args__ = client_owned(
        foreign(
            "collaboration_id",
            "collaborations",
            client=True,
            name="fk_collaboration_instalments_collaboration_id",
        ),
        foreign("deliverable_id", "collaboration_deliverables", client=True),
        foreign("influencer_id", "influencers"),
        foreign("expense_id", "expenses", client=True),
        CheckConstraint("amount_minor > 0", "an_amount"),
        CheckConstraint("clawed_back_minor between 0 and amount_minor", "no_more_than_was_paid"),
        CheckConstraint("(status = 'earned') = (earned_at is not null)", "earned_when"),
        CheckConstraint("(kind = 'commission') = (month is not null)", "commission_by_month"),
        Index(
            "uq_collaboration_instalments_number",
            *("agency_id", "collaboration_id", "number"),
            unique=True,
        ),
    )
    wall = Wall.client_internal

    collaboration_id: UUID
    deliverable_id: UUID | None = None
    influencer_id: UUID
    number: int
    kind: FeeKind = Field(sa_type=text_enum(FeeKind))
    milestone: Milestone = Field(sa_type=text_enum(Milestone))
    month: date | None = None
    amount_minor: int = Field(sa_type=BigInteger)
    clawed_back_minor: int = Field(default=0, sa_type=BigInteger)
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    status: InstalmentStatus = Field(
        default=InstalmentStatus.planned, sa_type=text_enum(InstalmentStatus)
    )
    earned_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    expense_id: UUID | None = None
    payable_id: UUID | None = None
