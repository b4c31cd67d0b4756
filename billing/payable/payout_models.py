"""
How creators are paid: where to, what is transferred together, and the files that go to a bank.

details   proposed → confirmed · rejected; superseded by the next that is confirmed
payout    pending → approved → queued → paid → returned
          queued → failed · returned; held from pending or approved, and back;
          canceled from what has not been sent

A payout is one payee's payables of one currency, less what is clawed back. Its approval is bound to
the hash of amount, currency, payee, destination and items: another one of those, and it is pending
again.
"""

from datetime import date, datetime
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

from tenants.money import money_of
from tenants.tables import (
    INTERNAL,
    PERSONAL,
    PUBLIC,
    SECRET,
    UTC_TIMESTAMP,
    AgencyModel,
    ClientOwned,
    InfluencerOwned,
    Resource,
    foreign,
    text_enum,
)


class PaymentMethod(StrEnum):
    bank_transfer = "bank_transfer"
    stripe = "stripe"
    by_hand = "by_hand"  # as `instructions` say


class DetailsStatus(StrEnum):
    proposed = "proposed"
    confirmed = "confirmed"
    rejected = "rejected"
    superseded = "superseded"


class PayoutStatus(StrEnum):
    pending = "pending"
    approved = "approved"
    queued = "queued"
    paid = "paid"
    failed = "failed"
    returned = "returned"
    canceled = "canceled"
    held = "held"


class PayeeDetails(InfluencerOwned, Resource, table=True):
    """
    Who a payee is to the tax office, and where their money goes: as somebody said it once. Another
    word is another row; a confirmed one is what counts, until the next.
    """

    __tablename__ = "payee_details"
    __table_args__ = (
        foreign("payee_id", "payees"),
        CheckConstraint(
            "(status in ('confirmed', 'rejected', 'superseded')) = (decided_at is not null)",
            "is_decided_or_not",
        ),
        CheckConstraint(
            "decided_by is null or said_by is null or decided_by <> said_by or self_confirmed"
            " or status = 'rejected'",
            "four_eyes",
        ),
        UniqueConstraint("agency_id", "payee_id", "number"),
        Index(
            "uq_payee_details_confirmed",
            *("agency_id", "payee_id"),
            unique=True,
            postgresql_where=text("status = 'confirmed'"),
        ),
        Index(
            "uq_payee_details_proposed",
            *("agency_id", "payee_id"),
            unique=True,
            postgresql_where=text("status = 'proposed'"),
        ),
    )
    influencer_column: ClassVar[str] = "payee_id"

    payee_id: UUID
    number: int
    status: DetailsStatus = Field(sa_type=text_enum(DetailsStatus))
    legal_name: str = Field(max_length=120, sa_column_kwargs=PERSONAL)
    tax_id: str | None = Field(default=None, max_length=40, sa_column_kwargs=SECRET)
    country: str | None = Field(default=None, max_length=2, sa_column_kwargs=PERSONAL)
    address: str | None = Field(default=None, max_length=4000, sa_column_kwargs=PERSONAL)
    method: PaymentMethod | None = Field(default=None, sa_type=text_enum(PaymentMethod))
    iban: str | None = Field(default=None, max_length=34, sa_column_kwargs=SECRET)
    account_number: str | None = Field(default=None, max_length=34, sa_column_kwargs=SECRET)
    bic: str | None = Field(default=None, max_length=11, sa_column_kwargs=SECRET)
    instructions: str | None = Field(default=None, max_length=4000, sa_column_kwargs=SECRET)
    destination_sha256: str = Field(max_length=64, sa_column_kwargs=SECRET)
    said_by: UUID | None = None
    decided_by: UUID | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    self_confirmed: bool = Field(default=False)
    reason: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)


class PayoutFile(AgencyModel, table=True):
    """
    A file for the agency's bank: the payouts that name it, from one account, on one day. It is
    written anew from them when it is read, and must be the bytes it was. `left_out`: the payouts
    that could not go, each with the code of why.
    """

    __tablename__ = "payout_files"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
        CheckConstraint("payout_count > 0 and total_minor > 0", "holds_something"),
    )

    execution_on: date
    debtor_name: str = Field(max_length=70, sa_column_kwargs=PERSONAL)
    debtor_iban: str = Field(max_length=34, sa_column_kwargs=SECRET)
    debtor_bic: str | None = Field(default=None, max_length=11, sa_column_kwargs=SECRET)
    payout_count: int
    total_minor: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    sha256: str = Field(max_length=64, sa_column_kwargs=PUBLIC)
    left_out: list[dict[str, str]] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    made_by: UUID | None = None


class Payout(InfluencerOwned, Resource, table=True):
    """Money that goes to one payee at once: gross, less what is deducted, is the amount."""

    __tablename__ = "payouts"
    __table_args__ = (
        foreign("payee_id", "payees"),
        foreign("details_id", "payee_details"),
        foreign("file_id", "payout_files"),
        CheckConstraint(
            "gross_minor between 1 and 9007199254740991 and deducted_minor >= 0"
            " and amount_minor = gross_minor - deducted_minor and amount_minor >= 0",
            "never_below_zero",
        ),
        CheckConstraint("status = 'held' or not held_approved", "only_a_held_one_goes_back"),
        CheckConstraint(
            "status not in ('approved', 'queued', 'paid') or approved_sha256 is not null",
            "is_approved_as_it_was",
        ),
        CheckConstraint(
            "decided_by is null or requested_by is null or decided_by <> requested_by"
            " or self_approved or status in ('canceled', 'pending', 'held')",
            "four_eyes",
        ),
        CheckConstraint(
            "(status in ('paid', 'returned')) = (paid_on is not null and reference is not null)"
            " or status = 'returned'",
            "is_paid_with_a_reference",
        ),
        CheckConstraint(
            "reason is not null or status not in ('failed', 'returned', 'canceled', 'held')",
            "says_why",
        ),
        Index(None, "agency_id", "payee_id", "id"),
        Index(None, "agency_id", "status", "id"),
        Index(None, "agency_id", "file_id"),
    )
    influencer_column: ClassVar[str] = "payee_id"

    payee_id: UUID
    details_id: UUID
    status: PayoutStatus = Field(sa_type=text_enum(PayoutStatus))
    held_approved: bool = Field(default=False)  # what a held one goes back to
    gross_minor: int = Field(sa_type=BigInteger)
    deducted_minor: int = Field(sa_type=BigInteger)
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    approved_sha256: str | None = Field(default=None, max_length=64, sa_column_kwargs=SECRET)
    requested_by: UUID | None = None
    decided_by: UUID | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    self_approved: bool = Field(default=False)
    reason: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)
    file_id: UUID | None = None
    provider: str = Field(default="manual", max_length=40, sa_column_kwargs=INTERNAL)
    attempts: int = Field(default=0)  # of sending it by a provider
    reference: str | None = Field(default=None, max_length=200, sa_column_kwargs=INTERNAL)
    paid_on: date | None = None
    returned_on: date | None = None

    amount: ClassVar[Any] = money_of("amount_minor")


class PayeeStatement(AgencyModel, table=True):
    """
    A payee's statement as it was asked for on paper: its content by its hash, in one language, and
    the PDF once it is rendered.
    """

    __tablename__ = "payee_statements"
    __table_args__ = (
        foreign("payee_id", "payees"),
        UniqueConstraint("agency_id", "payee_id", "content_sha256", "language"),
    )

    payee_id: UUID
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    first: date
    last: date
    language: str = Field(max_length=35, sa_column_kwargs=INTERNAL)
    content_sha256: str = Field(max_length=64, sa_column_kwargs=PUBLIC)
    job_id: UUID | None = None
    pdf_sha256: str | None = Field(default=None, max_length=64, sa_column_kwargs=PUBLIC)


class PayoutItem(InfluencerOwned, ClientOwned, AgencyModel, table=True):
    """
    A payable in a payout, or, below zero, what of a claw-back it deducts. `given_back`: the payout
    came to nothing.
    """

    __tablename__ = "payout_items"
    __table_args__ = (
        foreign("payout_id", "payouts"),
        foreign("payee_id", "payees"),
        foreign("payable_id", "payables", client=True),
        CheckConstraint("amount_minor <> 0", "an_amount"),
        UniqueConstraint("agency_id", "payout_id", "payable_id"),
        Index(
            "uq_payout_items_once",
            *("agency_id", "payable_id"),
            unique=True,
            postgresql_where=text("amount_minor > 0 and not given_back"),
        ),
    )
    influencer_column: ClassVar[str] = "payee_id"

    payout_id: UUID
    payee_id: UUID
    payable_id: UUID
    amount_minor: int = Field(sa_type=BigInteger)
    given_back: bool = Field(default=False)
