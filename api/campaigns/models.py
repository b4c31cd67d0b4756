"""
campaign     draft → proposed → approved → active ⇄ paused → completed; proposed → draft · rejected;
             cancelled from any but completed
scope        draft → submitted → accepted · rejected · withdrawn · expired; an accepted one is
             superseded when a later version of its campaign is
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from api.campaigns.deliverable_models import WaitCause
from tenants.money import money_of
from tenants.tables import (
    INTERNAL,
    UTC_TIMESTAMP,
    ClientOwned,
    Resource,
    Wall,
    client_owned,
    foreign,
    text_enum,
)


class CampaignGoal(StrEnum):
    """What a campaign is for; one."""

    awareness = "awareness"
    leads = "leads"
    sales = "sales"
    engagement = "engagement"
    loyalty = "loyalty"
    service = "service"


class CampaignFormat(StrEnum):
    """What a campaign is made of; any of them."""

    promotion = "promotion"
    contest = "contest"
    event = "event"
    ads = "ads"
    launch = "launch"
    always_on = "always_on"
    influencers = "influencers"


class CampaignStatus(StrEnum):
    draft = "draft"
    proposed = "proposed"
    approved = "approved"
    active = "active"
    paused = "paused"
    completed = "completed"
    rejected = "rejected"
    cancelled = "cancelled"


class ScopeStatus(StrEnum):
    draft = "draft"
    submitted = "submitted"
    accepted = "accepted"
    rejected = "rejected"
    withdrawn = "withdrawn"
    expired = "expired"
    superseded = "superseded"


class Measure(StrEnum):
    """What a line counts. Pieces and milestones are reviewed one by one; the rest accrues."""

    piece = "piece"
    service_period = "service_period"
    hours = "hours"
    milestone = "milestone"
    pass_through = "pass_through"


class Campaign(ClientOwned, Resource, table=True):
    """Work for one goal, over some weeks, in some formats, out of one budget."""

    __tablename__ = "campaigns"
    __table_args__ = client_owned(
        foreign("budget_id", "budgets", client=True),
        foreign("contract_id", "contracts", client=True),
        foreign("approval_id", "approvals", client=True),
        CheckConstraint("ends_on >= starts_on", "ends_after_it_starts"),
        CheckConstraint(
            "(status = 'paused') = (paused_on is not null)"
            " and (paused_on is null) = (paused_cause is null)",
            "a_pause_has_start_and_cause",
        ),
        Index(None, "agency_id", "client_id", "status", "id"),
        Index(None, "agency_id", "status", "id"),
    )
    wall = Wall.client

    name: str = Field(max_length=120, sa_column_kwargs=INTERNAL)
    goal: CampaignGoal = Field(sa_type=text_enum(CampaignGoal))
    formats: list[str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    brief: dict[str, str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    starts_on: date
    ends_on: date
    paused_on: date | None = None
    paused_cause: WaitCause | None = Field(
        default=None, sa_type=text_enum(WaitCause), nullable=True
    )
    status: CampaignStatus = Field(default=CampaignStatus.draft, sa_type=text_enum(CampaignStatus))
    budget_id: UUID | None = None
    contract_id: UUID | None = None
    inside: bool = Field(default=False)  # decided on inside first: the client does not see it yet
    approval_id: UUID | None = None


class Scope(ClientOwned, Resource, table=True):
    """What is delivered, for which price. Submitted, it never changes again."""

    __tablename__ = "scopes"
    __table_args__ = client_owned(
        foreign("campaign_id", "campaigns", client=True),
        foreign("contract_id", "contracts", client=True),
        foreign("approval_id", "approvals", client=True),
        foreign("copy_of", "scopes", client=True),
        UniqueConstraint("agency_id", "number"),
        UniqueConstraint("agency_id", "campaign_id", "version_number"),
        CheckConstraint("total_minor >= 0", "a_total_is_not_negative"),
        CheckConstraint("ends_on >= starts_on", "ends_after_it_starts"),
        Index(
            "uq_scopes_baseline",
            "agency_id",
            "campaign_id",
            unique=True,
            postgresql_where=text("status = 'accepted'"),
        ),
        Index(
            "uq_scopes_submitted",
            "agency_id",
            "campaign_id",
            unique=True,
            postgresql_where=text("status = 'submitted'"),
        ),
        Index(None, "agency_id", "client_id", "status", "id"),
        Index(None, "agency_id", "status", "valid_until"),
    )
    wall = Wall.client

    number: int = Field(sa_type=BigInteger)
    campaign_id: UUID | None = None
    contract_id: UUID | None = None
    version_number: int
    copy_of: UUID | None = None
    title: str = Field(max_length=200, sa_column_kwargs=INTERNAL)
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    total_minor: int = Field(default=0, sa_type=BigInteger)
    starts_on: date | None = None
    ends_on: date | None = None
    valid_until: date | None = None
    status: ScopeStatus = Field(default=ScopeStatus.draft, sa_type=text_enum(ScopeStatus))
    inside: bool = Field(default=False)  # decided on inside first: the client does not see it yet
    approval_id: UUID | None = None
    submitted_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    accepted_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    superseded_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)

    total: ClassVar[Any] = money_of("total_minor")


class ScopeLine(ClientOwned, Resource, table=True):
    """
    One line of a scope. `shared` once it was submitted; `continues` a line of the former version,
    and `origin_id` is the first of them all: itself, for a line that goes on from none. What renews
    has its quantity and its price in each period.
    """

    __tablename__ = "scope_lines"
    __table_args__ = client_owned(
        foreign("scope_id", "scopes", client=True),
        foreign("continues", "scope_lines", client=True),
        foreign("origin_id", "scope_lines", client=True),
        CheckConstraint("quantity > 0", "a_quantity_is_positive"),
        CheckConstraint("unit_price_minor >= 0", "a_price_is_not_negative"),
        CheckConstraint("revision_rounds >= 0", "rounds_are_not_negative"),
        CheckConstraint("due_on is null or due_days is null", "one_due_rule"),
        CheckConstraint(
            "renewal is null or (due_on is null and measure <> 'milestone')", "a_renewal_is_sound"
        ),
        Index(None, "agency_id", "scope_id", "position", "id"),
    )
    wall = Wall.client

    scope_id: UUID
    position: int
    continues: UUID | None = None
    origin_id: UUID
    shared: bool = Field(default=False)
    label: dict[str, str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    kind: str = Field(max_length=60, sa_column_kwargs=INTERNAL)
    measure: Measure = Field(sa_type=text_enum(Measure))
    quantity: int = Field(sa_type=BigInteger)
    network: str | None = Field(default=None, max_length=60, sa_column_kwargs=INTERNAL)
    unit_price_minor: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    revision_rounds: int = 0
    due_on: date | None = None
    due_days: int | None = None
    renewal: dict[str, Any] | None = Field(
        default=None, sa_type=JSONB(none_as_null=True), sa_column_kwargs=INTERNAL
    )  # `Renewal` on the wire; null for what is sold once

    unit_price: ClassVar[Any] = money_of("unit_price_minor")

    @property
    def amount_minor(self) -> int:
        return self.quantity * self.unit_price_minor


class NumberSeries(StrEnum):
    """What an agency numbers; each has a series of its own."""

    scopes = "scopes"
    change_orders = "change_orders"


class NumberCounter(SQLModel, table=True):
    """The last number an agency gave in a series."""

    __tablename__ = "number_counters"
    wall: ClassVar[Wall] = Wall.agency

    agency_id: UUID = Field(primary_key=True, foreign_key="agencies.id")
    series: NumberSeries = Field(primary_key=True, sa_type=text_enum(NumberSeries))
    last: int = Field(sa_type=BigInteger)
