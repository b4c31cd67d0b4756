"""
What is kept of Stripe, and of the agency's own subscription.

subscription   Stripe's status as it says it, and what follows from it: full · read_only · locked
event          received → processing → done · ignored · dead (→ received, by `agency stripe replay`)
operation      planned → sent → ok · failed · unknown (→ ok · failed, by looking it up)
account        not_started → onboarding → pending → ready · restricted · rejected

What Stripe names (a status, a type) is plain text: Stripe adds values.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from billing.subscription.access import Access
from billing.subscription.catalog import Interval, PlanCode
from tenants import clock
from tenants.tables import (
    INTERNAL,
    SECRET,
    UTC_TIMESTAMP,
    AgencyModel,
    ClientOwned,
    InfluencerOwned,
    PlatformModel,
    Resource,
    Wall,
    client_owned,
    foreign,
    text_enum,
)


class Subscription(Resource, table=True):
    """What an agency pays the platform, and may do for it. One of each agency."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        UniqueConstraint("agency_id"),
        ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
        Index("ix_subscriptions_settles_at", "settles_at"),
    )

    plan: PlanCode = Field(sa_type=text_enum(PlanCode))
    status: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    interval: Interval | None = Field(default=None, sa_type=text_enum(Interval))
    seats: int | None = None  # bought; null: what the plan includes
    trial_ends_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    current_period_end: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    cancel_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    lapsed_since: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    access: Access = Field(default=Access.full, sa_type=text_enum(Access))
    access_reason: str = Field(default="active", max_length=40, sa_column_kwargs=INTERNAL)
    access_since: datetime = Field(default_factory=clock.now, sa_type=UTC_TIMESTAMP)
    settles_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    customer_id: str | None = Field(default=None, max_length=255, sa_column_kwargs=INTERNAL)
    stripe_id: str | None = Field(default=None, max_length=255, sa_column_kwargs=INTERNAL)
    items: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    fetches: int = Field(default=0, sa_type=BigInteger)  # how often it was taken over from Stripe
    fetched_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)


class StripeReference(PlatformModel, table=True):
    """Whose a thing of Stripe's is: a customer, or a connected account. Written once, by us."""

    __tablename__ = "stripe_references"
    __table_args__ = (
        UniqueConstraint("stripe_id"),
        ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
    )

    stripe_id: str = Field(max_length=255, sa_column_kwargs=INTERNAL)
    agency_id: UUID


class EventState(StrEnum):
    received = "received"
    processing = "processing"
    done = "done"
    ignored = "ignored"
    dead = "dead"


class StripeEvent(PlatformModel, table=True):
    """A signal that something changed. What it is now is asked for; the payload is not believed."""

    __tablename__ = "stripe_events"
    __table_args__ = (
        UniqueConstraint("endpoint", "event_id"),
        Index(
            "ix_stripe_events_open",
            "due_at",
            postgresql_where=text("state in ('received', 'processing')"),
        ),
        Index(None, "created_at"),
    )

    endpoint: str = Field(max_length=20, sa_column_kwargs=INTERNAL)
    event_id: str = Field(max_length=255, sa_column_kwargs=INTERNAL)
    type: str = Field(max_length=120, sa_column_kwargs=INTERNAL)
    account: str | None = Field(default=None, max_length=255, sa_column_kwargs=INTERNAL)
    object_type: str | None = Field(default=None, max_length=80, sa_column_kwargs=INTERNAL)
    object_id: str | None = Field(default=None, max_length=255, sa_column_kwargs=INTERNAL)
    api_version: str | None = Field(default=None, max_length=80, sa_column_kwargs=INTERNAL)
    related: list[str] = Field(default_factory=list, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    raw: bytes | None = Field(default=None, sa_column_kwargs=SECRET)  # as it came, for 90 days
    agency_id: UUID | None = None
    state: EventState = Field(default=EventState.received, sa_type=text_enum(EventState))
    attempts: int = Field(default=0)
    due_at: datetime = Field(default_factory=clock.now, sa_type=UTC_TIMESTAMP)
    error: str | None = Field(default=None, max_length=200, sa_column_kwargs=INTERNAL)
    done_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)


class OperationState(StrEnum):
    planned = "planned"
    sent = "sent"
    ok = "ok"
    failed = "failed"
    unknown = "unknown"


class Operation(AgencyModel, table=True):
    """A call to Stripe that changes something there: written down before it is made."""

    __tablename__ = "stripe_operations"
    __table_args__ = (
        UniqueConstraint("agency_id", "idempotency_key"),
        ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
        Index(None, "agency_id", "kind", "subject_id"),
        Index(
            "ix_stripe_operations_open",
            "due_at",
            postgresql_where=text("state in ('planned', 'sent', 'unknown')"),
        ),
    )

    kind: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    subject_id: UUID
    attempt: int = Field(default=1)
    idempotency_key: str = Field(max_length=255, sa_column_kwargs=INTERNAL)
    request: dict[str, Any] = Field(sa_type=JSONB, sa_column_kwargs=SECRET)
    request_hash: str = Field(max_length=64, sa_column_kwargs=INTERNAL)
    state: OperationState = Field(default=OperationState.planned, sa_type=text_enum(OperationState))
    attempts: int = Field(default=0)
    due_at: datetime = Field(default_factory=clock.now, sa_type=UTC_TIMESTAMP)
    first_sent_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    settled_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    stripe_id: str | None = Field(default=None, max_length=255, sa_column_kwargs=INTERNAL)
    result: dict[str, Any] | None = Field(default=None, sa_type=JSONB, sa_column_kwargs=SECRET)
    error: str | None = Field(default=None, max_length=200, sa_column_kwargs=INTERNAL)


class AccountState(StrEnum):
    not_started = "not_started"
    onboarding = "onboarding"
    pending = "pending"
    ready = "ready"
    restricted = "restricted"
    rejected = "rejected"


class ConnectAccount(InfluencerOwned, Resource, table=True):
    """An account of Stripe's under the platform's: the agency's own, or a payee's."""

    __tablename__ = "connect_accounts"
    __table_args__ = (
        Index(
            "uq_connect_accounts_owner",
            "agency_id",
            "payee_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        UniqueConstraint("agency_id", "stripe_id"),
        ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
    )
    influencer_column: ClassVar[str] = "payee_id"

    payee_id: UUID | None = None  # null: the agency's
    stripe_id: str = Field(max_length=255, sa_column_kwargs=INTERNAL)
    state: AccountState = Field(default=AccountState.onboarding, sa_type=text_enum(AccountState))
    charges_enabled: bool = Field(default=False)
    payouts_enabled: bool = Field(default=False)
    transfers_enabled: bool = Field(default=False)
    details_submitted: bool = Field(default=False)
    currently_due: list[str] = Field(default_factory=list, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    disabled_reason: str | None = Field(default=None, max_length=120, sa_column_kwargs=INTERNAL)
    default_currency: str | None = Field(default=None, max_length=3, sa_column_kwargs=INTERNAL)
    events_until: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)  # all are in
    movements_until: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)  # compared
    fetches: int = Field(default=0, sa_type=BigInteger)  # how often it was taken over from Stripe
    fetched_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)


class StripeInvoice(ClientOwned, Resource, table=True):
    """A client's invoice as it stands on the agency's account at Stripe."""

    __tablename__ = "stripe_invoices"
    __table_args__ = client_owned(
        UniqueConstraint("agency_id", "invoice_id"),
        UniqueConstraint("agency_id", "stripe_id"),
        CheckConstraint("paid_minor >= 0", "paid_is_not_below_none"),
    )
    wall = Wall.client  # who owes it pays it there

    invoice_id: UUID  # ours
    account: str = Field(max_length=255, sa_column_kwargs=INTERNAL)
    customer_id: str = Field(max_length=255, sa_column_kwargs=INTERNAL)
    stripe_id: str = Field(max_length=255, sa_column_kwargs=INTERNAL)
    status: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    number: str | None = Field(default=None, max_length=255, sa_column_kwargs=INTERNAL)
    hosted_url: str | None = Field(default=None, max_length=2000, sa_column_kwargs=INTERNAL)
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    amount_minor: int = Field(sa_type=BigInteger)
    paid_minor: int = Field(default=0, sa_type=BigInteger)
    remaining_minor: int = Field(default=0, sa_type=BigInteger)
    disputed_minor: int = Field(default=0, sa_type=BigInteger)  # the payers' banks are asked
    fetches: int = Field(default=0, sa_type=BigInteger)  # how often it was taken over from Stripe
    fetched_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)


class MoneyKind(StrEnum):
    payment = "payment"
    refund = "refund"
    refund_failed = "refund_failed"  # the refund `of` came back
    dispute = "dispute"  # that was lost: the payer's bank took it back


class StripePayment(ClientOwned, AgencyModel, table=True):
    """
    Money that came in, or went back, on an invoice at Stripe: a fact, told once. `of`: the payment
    that it gives back, or the refund that failed. `booked_minor`: how much of it is in the books;
    the rest is a person's to see to.
    """

    __tablename__ = "stripe_payments"
    __table_args__ = client_owned(
        foreign("invoice_row_id", "stripe_invoices", client=True),
        UniqueConstraint("agency_id", "external_id"),
        CheckConstraint("amount_minor <> 0", "an_amount"),
        CheckConstraint(
            "booked_minor between least(amount_minor, 0) and greatest(amount_minor, 0)",
            "booked_at_most_once",
        ),
        CheckConstraint(
            "(kind = 'payment') = (of is null)"
            " and (kind in ('payment', 'refund_failed')) = (amount_minor > 0)",
            "signed_by_its_kind",
        ),
    )
    wall = Wall.client_internal

    kind: MoneyKind = Field(default=MoneyKind.payment, sa_type=text_enum(MoneyKind))
    invoice_row_id: UUID
    external_id: str = Field(max_length=255, sa_column_kwargs=INTERNAL)
    of: str | None = Field(default=None, max_length=255, sa_column_kwargs=INTERNAL)
    amount_minor: int = Field(sa_type=BigInteger)  # below zero: it went back
    booked_minor: int = Field(default=0, sa_type=BigInteger)
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    occurred_at: datetime = Field(sa_type=UTC_TIMESTAMP)
