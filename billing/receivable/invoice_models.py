"""
Invoices to clients, and what becomes of them.

invoice   draft → in_review → approved → finalised → partly_paid → paid
          in_review, approved → draft when it is returned; any of them → void
          finalised → void, while nothing was paid, credited or applied
          finalised, partly_paid → uncollectible → the state before, when money comes all the same
          paid → partly_paid or finalised when a payment is reversed

Overdue is no state but a moment that passes: `overdue_at`, when the day after `due_on` begins where
the client is. What an invoice says is frozen as it is finalised: its lines are sealed, and its
document is a row that nobody may change. What becomes of it is money:

    open = total - paid - applied - credited - written off

`credited_minor` is what credit notes lowered while it was open, `returned_minor` what they made
credit of, because it was paid already: never more than the total together.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
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

from tenants import clock
from tenants.tables import (
    INTERNAL,
    PERSONAL,
    UTC_TIMESTAMP,
    AgencyModel,
    ClientOwned,
    Resource,
    Wall,
    client_owned,
    foreign,
    text_enum,
)


class InvoiceKind(StrEnum):
    """A deposit is paid before the work: what was paid is deducted from a later invoice."""

    standard = "standard"
    deposit = "deposit"


class InvoiceStatus(StrEnum):
    draft = "draft"
    in_review = "in_review"
    approved = "approved"
    finalised = "finalised"
    partly_paid = "partly_paid"
    paid = "paid"
    void = "void"
    uncollectible = "uncollectible"


class LineNature(StrEnum):
    """What a line is for: the agency's own work, what it paid for the client, or a deposit."""

    service = "service"
    pass_through = "pass_through"  # at cost
    deposit = "deposit"  # deducted: paid before


OPEN = frozenset({InvoiceStatus.finalised, InvoiceStatus.partly_paid})


class IssuedKind(StrEnum):
    invoice = "invoice"
    credit_note = "credit_note"


class Invoice(ClientOwned, Resource, table=True):
    """One invoice: a draft's words and sums, and what became of them once it was finalised."""

    __tablename__ = "invoices"
    __table_args__ = client_owned(
        CheckConstraint(
            "(number is null) = (issued_on is null) and (number is null) = (due_on is null)"
            " and (number is null) = (overdue_at is null)",
            "issued_whole",
        ),
        CheckConstraint(
            "status not in ('finalised', 'partly_paid', 'paid', 'uncollectible')"
            " or number is not null",
            "numbered_when_final",
        ),
        CheckConstraint(
            "open_minor >= 0 and paid_minor >= 0 and credited_minor >= 0 and written_off_minor >= 0"
            " and applied_minor >= 0 and returned_minor >= 0"
            " and credited_minor + returned_minor <= greatest(total_minor, 0)",
            "nothing_below_zero",
        ),
        CheckConstraint(
            "status in ('draft', 'in_review', 'approved', 'void') and open_minor = 0"
            " or open_minor ="
            " total_minor - paid_minor - applied_minor - credited_minor - written_off_minor",
            "open_is_what_is_left",
        ),
        CheckConstraint("(disputed_at is null) = (dispute is null)", "a_dispute_says_why"),
        Index(None, "agency_id", "client_id", "status", "id"),
        Index(None, "agency_id", "status", "due_on"),
        Index(None, "agency_id", "number", unique=True),
    )
    wall = Wall.client

    kind: InvoiceKind = Field(default=InvoiceKind.standard, sa_type=text_enum(InvoiceKind))
    status: InvoiceStatus = Field(default=InvoiceStatus.draft, sa_type=text_enum(InvoiceStatus))
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    series: str | None = Field(default=None, max_length=10, sa_column_kwargs=INTERNAL)
    reference: str | None = Field(default=None, max_length=200, sa_column_kwargs=INTERNAL)
    note: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)
    terms_days: int | None = None
    net_minor: int = Field(default=0, sa_type=BigInteger)
    tax_minor: int = Field(default=0, sa_type=BigInteger)
    total_minor: int = Field(default=0, sa_type=BigInteger)
    open_minor: int = Field(default=0, sa_type=BigInteger)
    paid_minor: int = Field(default=0, sa_type=BigInteger)
    applied_minor: int = Field(default=0, sa_type=BigInteger)
    credited_minor: int = Field(default=0, sa_type=BigInteger)
    returned_minor: int = Field(default=0, sa_type=BigInteger)
    written_off_minor: int = Field(default=0, sa_type=BigInteger)
    number: str | None = Field(default=None, max_length=40, sa_column_kwargs=INTERNAL)
    issued_on: date | None = None
    due_on: date | None = None
    overdue_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    overdue_told_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    disputed_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    dispute: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)
    submitted_by: UUID | None = None
    submitted_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    decided_by: UUID | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    self_approved: bool = Field(default=False)
    return_reason: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)
    ended_reason: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)

    @property
    def overdue(self) -> bool:
        """Whether its day has passed where the client is, and something is open."""
        return (
            self.status in OPEN and self.overdue_at is not None and self.overdue_at <= clock.now()
        )


class InvoiceLine(ClientOwned, AgencyModel, table=True):
    """
    One line, net. `credit_id`: the deposit that it deducts. Once `sealed` nobody may change it, and
    it is `shared` with the client.
    """

    __tablename__ = "invoice_lines"
    __table_args__ = client_owned(
        foreign("invoice_id", "invoices", client=True),
        foreign("billable_id", "billables", client=True),
        foreign("credit_id", "client_credits", client=True),
        CheckConstraint("amount_minor = quantity * unit_price_minor", "quantity_times_price"),
        CheckConstraint("quantity > 0", "a_quantity"),
        Index(None, "agency_id", "invoice_id", "position"),
        Index(
            "ix_invoice_lines_billed",
            "agency_id",
            "billable_id",
            postgresql_where=text("billable_id is not null"),
        ),
    )
    wall = Wall.client

    invoice_id: UUID
    position: int
    nature: LineNature = Field(default=LineNature.service, sa_type=text_enum(LineNature))
    label: dict[str, str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    quantity: int = Field(default=1, sa_type=BigInteger)
    unit_price_minor: int = Field(sa_type=BigInteger)
    amount_minor: int = Field(sa_type=BigInteger)
    tax_rate_ids: list[str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    period_start: date | None = None
    period_end: date | None = None
    billable_id: UUID | None = None
    credit_id: UUID | None = None
    sealed: bool = Field(default=False)
    shared: bool = Field(default=False)


class InvoicedBillable(ClientOwned, AgencyModel, table=True):
    """A billable that stands on a live invoice: on one at most."""

    __tablename__ = "invoiced_billables"
    __table_args__ = client_owned(
        foreign("billable_id", "billables", client=True),
        foreign("invoice_id", "invoices", client=True),
        UniqueConstraint("agency_id", "billable_id"),
        Index(None, "agency_id", "invoice_id"),
    )
    wall = Wall.client_internal

    billable_id: UUID
    invoice_id: UUID


class DocumentCounter(AgencyModel, table=True):
    """The last number of a series and year (0: a series that runs on)."""

    __tablename__ = "document_counters"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
        UniqueConstraint("agency_id", "series", "year"),
        CheckConstraint("last > 0", "begins_at_one"),
    )
    wall = Wall.agency

    series: str = Field(max_length=10, sa_column_kwargs=INTERNAL)
    year: int
    last: int = Field(sa_type=BigInteger)


class IssuedDocument(ClientOwned, AgencyModel, table=True):
    """
    What an invoice or credit note says, for good: its id is the invoice's or the credit note's.
    `sha256` is of `content` in canonical JSON.
    """

    __tablename__ = "issued_documents"
    __table_args__ = client_owned(
        foreign("invoice_id", "invoices", client=True),
        UniqueConstraint("agency_id", "series", "year", "sequence"),
        UniqueConstraint("agency_id", "number"),
        CheckConstraint("total_minor = net_minor + tax_minor", "total_is_net_and_tax"),
        Index(None, "agency_id", "client_id", "issued_on"),
    )
    wall = Wall.client

    kind: IssuedKind = Field(sa_type=text_enum(IssuedKind))
    invoice_id: UUID
    series: str = Field(max_length=10, sa_column_kwargs=INTERNAL)
    year: int
    sequence: int = Field(sa_type=BigInteger)
    number: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    issued_on: date
    due_on: date | None = None
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    net_minor: int = Field(sa_type=BigInteger)
    tax_minor: int = Field(sa_type=BigInteger)
    total_minor: int = Field(sa_type=BigInteger)
    content: dict[str, Any] = Field(sa_type=JSONB, sa_column_kwargs=PERSONAL)
    sha256: str = Field(max_length=64, sa_column_kwargs=INTERNAL)


class DocumentFile(ClientOwned, AgencyModel, table=True):
    """The PDF of an issued document in one language, by the hash of its bytes."""

    __tablename__ = "document_files"
    __table_args__ = client_owned(
        foreign("document_id", "issued_documents", client=True),
        UniqueConstraint("agency_id", "document_id", "locale"),
    )
    wall = Wall.client

    document_id: UUID
    locale: str = Field(max_length=35, sa_column_kwargs=INTERNAL)
    sha256: str = Field(max_length=64, sa_column_kwargs=INTERNAL)


class DunningNotice(ClientOwned, AgencyModel, table=True):
    """A reminder that an invoice is overdue: each step once."""

    __tablename__ = "dunning_notices"
    __table_args__ = client_owned(
        foreign("invoice_id", "invoices", client=True),
        CheckConstraint("step > 0", "counted_from_one"),
        UniqueConstraint("agency_id", "invoice_id", "step"),
    )
    wall = Wall.client_internal

    invoice_id: UUID
    step: int
    sent_on: date
