"""
campaign     draft → proposed → approved → active ⇄ paused → completed; proposed → draft · rejected;
             cancelled from any but completed
scope        draft → submitted → accepted · rejected · withdrawn · expired; an accepted one is
             superseded when a later version of its campaign is
deliverable  planned → in_progress → internal_review → client_review → approved → delivered;
             a review may answer changes_requested → in_progress; cancelled until delivered

A lot counts the units of a scope line: reserved + delivered never exceed its quantity.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.hybrid import hybrid_property
from sqlmodel import Field, SQLModel

from tenants.models import ApprovalMode
from tenants.money import money_of
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


class DeliverableStatus(StrEnum):
    planned = "planned"
    in_progress = "in_progress"
    internal_review = "internal_review"
    client_review = "client_review"
    changes_requested = "changes_requested"
    approved = "approved"
    delivered = "delivered"
    cancelled = "cancelled"


class WaitCause(StrEnum):
    """On whom something waits."""

    client = "client"
    agency = "agency"
    third_party = "third_party"
    crisis = "crisis"


class UnitEntryKind(StrEnum):
    """Why units were counted."""

    delivery = "delivery"
    accrual = "accrual"
    reversal = "reversal"


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
    and `origin_id` is the first of them all: itself, for a line that goes on from none.
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

    unit_price: ClassVar[Any] = money_of("unit_price_minor")

    @property
    def amount_minor(self) -> int:
        return self.quantity * self.unit_price_minor


class ScopeLot(ClientOwned, Resource, table=True):
    """The one counter of a line's units; a line that renews opens one a period."""

    __tablename__ = "scope_lots"
    __table_args__ = client_owned(
        foreign("line_id", "scope_lines", client=True),
        UniqueConstraint("agency_id", "line_id", "number"),
        CheckConstraint(
            "reserved >= 0 and delivered >= 0 and over_serviced >= 0", "counts_are_not_negative"
        ),
        CheckConstraint("reserved + delivered <= quantity", "no_more_than_was_sold"),
        Index(None, "agency_id", "client_id", "id"),
    )
    wall = Wall.client

    line_id: UUID
    number: int = 1
    starts_on: date | None = None
    ends_on: date | None = None
    quantity: int = Field(sa_type=BigInteger)
    reserved: int = Field(default=0, sa_type=BigInteger)
    delivered: int = Field(default=0, sa_type=BigInteger)
    over_serviced: int = Field(default=0, sa_type=BigInteger)
    closed_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)

    @property
    def available(self) -> int:
        return 0 if self.closed_at else self.quantity - self.reserved - self.delivered


class Deliverable(ClientOwned, Resource, table=True):
    """
    Units of a line on their way, with who makes them, until when, and the proof of it. One that is
    `over_scope` draws on no lot: nobody has sold it yet, and delivered it is over-serviced.
    """

    __tablename__ = "deliverables"
    __table_args__ = client_owned(
        foreign("lot_id", "scope_lots", client=True),
        foreign("campaign_id", "campaigns", client=True),
        foreign("assignee_id", "memberships"),
        foreign("work_file_id", "files"),
        foreign("proof_file_id", "files"),
        foreign("approval_id", "approvals", client=True),
        CheckConstraint("units > 0", "units_are_positive"),
        CheckConstraint(
            "(blocked_cause is null) = (blocked_since is null)", "a_block_has_cause_and_start"
        ),
        CheckConstraint("(status = 'delivered') = (delivered_on is not null)", "delivered_when"),
        CheckConstraint(
            "waited_on in ('client', 'agency', 'third_party', 'crisis')", "waited_on_known"
        ),
        Index(None, "agency_id", "due_on", "id"),
        Index(None, "agency_id", "client_id", "due_on", "id"),
        Index(
            None,
            "agency_id",
            "client_id",
            "delivered_on",
            postgresql_where=text("delivered_on is not null"),
        ),
        Index(None, "agency_id", "assignee_id", "due_on", "id"),
        Index(None, "agency_id", "campaign_id", "due_on", "id"),
        Index(None, "agency_id", "lot_id"),
    )
    wall = Wall.client

    lot_id: UUID
    campaign_id: UUID | None = None
    label: dict[str, str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    units: int = 1
    over_scope: bool = Field(default=False)
    status: DeliverableStatus = Field(
        default=DeliverableStatus.planned, sa_type=text_enum(DeliverableStatus)
    )
    assignee_id: UUID | None = None
    due_on: date
    original_due_on: date
    blocked_cause: WaitCause | None = Field(
        default=None, sa_type=text_enum(WaitCause), nullable=True
    )
    blocked_since: date | None = None
    waited_on: str | None = Field(default=None, max_length=40, sa_column_kwargs=INTERNAL)
    rounds_included: int = 0
    rounds_used: int = 0
    criteria: dict[str, str] = Field(default_factory=dict, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    links: list[str] = Field(default_factory=list, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    depends_on: list[str] = Field(default_factory=list, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    work_url: str | None = Field(default=None, max_length=2048, sa_column_kwargs=INTERNAL)
    work_file_id: UUID | None = None
    work_text: dict[str, str] = Field(
        default_factory=dict, sa_type=JSONB, sa_column_kwargs=INTERNAL
    )
    proof_url: str | None = Field(default=None, max_length=2048, sa_column_kwargs=INTERNAL)
    proof_network: str | None = Field(default=None, max_length=60, sa_column_kwargs=INTERNAL)
    proof_file_id: UUID | None = None
    published_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    delivered_on: date | None = None
    review_mode: ApprovalMode | None = Field(
        default=None, sa_type=text_enum(ApprovalMode), nullable=True
    )  # the client's mode as it was handed in: which reviews it has
    approval_id: UUID | None = None

    model_config = {"ignored_types": (hybrid_property,)}

    @hybrid_property
    def rounds_over(self) -> int:
        """Rounds the client asked for beyond those included."""
        return max(0, self.rounds_used - self.rounds_included)

    @rounds_over.inplace.expression
    @classmethod
    def _rounds_over(cls) -> Any:
        return func.greatest(0, cls.rounds_used - cls.rounds_included)


class DeliverableDependency(ClientOwned, AgencyModel, table=True):
    """An edge: a deliverable waits for another of its client. The row itself names them too."""

    __tablename__ = "deliverable_dependencies"
    __table_args__ = client_owned(
        foreign("deliverable_id", "deliverables", client=True),
        foreign("depends_on_id", "deliverables", client=True),
        CheckConstraint("deliverable_id <> depends_on_id", "not_of_itself"),
        Index(
            "uq_deliverable_dependencies_edge",
            "agency_id",
            "deliverable_id",
            "depends_on_id",
            unique=True,
        ),
        Index(None, "agency_id", "depends_on_id"),
    )
    wall = Wall.client

    deliverable_id: UUID
    depends_on_id: UUID


class DeliverableDate(ClientOwned, AgencyModel, table=True):
    """One new date of a deliverable, and why. Never edited."""

    __tablename__ = "deliverable_dates"
    __table_args__ = client_owned(
        foreign("deliverable_id", "deliverables", client=True),
        Index(None, "agency_id", "deliverable_id", "id"),
    )
    wall = Wall.client_internal

    deliverable_id: UUID
    old_due_on: date
    new_due_on: date
    cause: WaitCause = Field(sa_type=text_enum(WaitCause))
    reason: str = Field(max_length=4000, sa_column_kwargs=INTERNAL)
    moved_by: UUID | None = None


class UnitEntry(ClientOwned, AgencyModel, table=True):
    """Units counted on a line, `over_quantity` of them beyond what was sold. Never edited."""

    __tablename__ = "unit_entries"
    __table_args__ = client_owned(
        foreign("lot_id", "scope_lots", client=True),
        foreign("deliverable_id", "deliverables", client=True),
        foreign("reverses", "unit_entries", client=True),
        UniqueConstraint("agency_id", "reverses"),
        CheckConstraint(
            "quantity <> 0 and abs(over_quantity) <= abs(quantity)", "counts_something"
        ),
        CheckConstraint("(kind = 'reversal') = (reverses is not null)", "a_reversal_says_of_what"),
        CheckConstraint("(kind = 'delivery') = (deliverable_id is not null)", "of_a_deliverable"),
        Index(None, "agency_id", "lot_id", "counted_on", "id"),
    )
    wall = Wall.client

    lot_id: UUID
    kind: UnitEntryKind = Field(sa_type=text_enum(UnitEntryKind))
    quantity: int = Field(sa_type=BigInteger)
    over_quantity: int = Field(default=0, sa_type=BigInteger)
    counted_on: date
    deliverable_id: UUID | None = None
    reverses: UUID | None = None


class UnitEntryNote(ClientOwned, AgencyModel, table=True):
    """What only the agency knows of an entry: why it went beyond, or was reversed."""

    __tablename__ = "unit_entry_notes"
    __table_args__ = client_owned(
        foreign("entry_id", "unit_entries", client=True), UniqueConstraint("agency_id", "entry_id")
    )
    wall = Wall.client_internal

    entry_id: UUID
    note: str = Field(max_length=4000, sa_column_kwargs=INTERNAL)


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
