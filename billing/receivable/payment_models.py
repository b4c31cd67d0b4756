"""Money that came for invoices and went back, and what clients have to their credit."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from tenants.tables import (
    INTERNAL,
    AgencyModel,
    ClientOwned,
    Resource,
    Wall,
    client_owned,
    foreign,
    text_enum,
)


class PaymentKind(StrEnum):
    payment = "payment"
    reversal = "reversal"  # of a payment: it bounced, or was booked by mistake
    refund = "refund"  # of a credit; or of a payment, where it was made


class ReceiptMethod(StrEnum):
    bank_transfer = "bank_transfer"
    card = "card"
    direct_debit = "direct_debit"
    cash = "cash"
    cheque = "cheque"
    other = "other"


class CreditKind(StrEnum):
    """
    Where a credit comes from. A deposit is deducted from a draft, net, with its taxes; the others
    are money, and settle what is open.
    """

    deposit = "deposit"
    overpayment = "overpayment"
    credit_note = "credit_note"


class CreditUseKind(StrEnum):
    applied = "applied"  # settled an open invoice
    deducted = "deducted"  # stands on a later invoice as a line below zero; given back below zero
    refunded = "refunded"  # paid back
    withdrawn = "withdrawn"  # what made it was taken back


class Payment(ClientOwned, AgencyModel, table=True):
    """
    Money that came (or, below zero, went back). `applied_minor` settled its invoice, and
    `excess_minor` became the credit `credit_id`. `reversal_of`: the payment that it takes back, or
    gives back a part of.
    """

    __tablename__ = "payments"
    __table_args__ = client_owned(
        foreign("invoice_id", "invoices", client=True),
        foreign("credit_id", "client_credits", client=True),
        foreign("reversal_of", "payments", client=True),
        CheckConstraint(
            "case kind when 'payment' then amount_minor > 0 and reversal_of is null"
            " when 'reversal' then amount_minor < 0 and reversal_of is not null"
            " else amount_minor < 0 and (credit_id is not null or reversal_of is not null) end",
            "signed_by_its_kind",
        ),
        CheckConstraint("amount_minor = applied_minor + excess_minor", "all_of_it_went_somewhere"),
        CheckConstraint("kind = 'refund' or invoice_id is not null", "of_an_invoice"),
        Index(None, "agency_id", "external_id", unique=True),
        Index(None, "agency_id", "reversal_of"),
        Index(
            "uq_payments_reversed_once",
            "agency_id",
            "reversal_of",
            unique=True,
            postgresql_where=text("kind = 'reversal'"),
        ),
        Index(None, "agency_id", "invoice_id", "id"),
        Index(None, "agency_id", "client_id", "id"),
    )
    wall = Wall.client

    kind: PaymentKind = Field(sa_type=text_enum(PaymentKind))
    invoice_id: UUID | None = None
    amount_minor: int = Field(sa_type=BigInteger)
    applied_minor: int = Field(sa_type=BigInteger)
    excess_minor: int = Field(default=0, sa_type=BigInteger)
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    method: ReceiptMethod = Field(sa_type=text_enum(ReceiptMethod))
    reference: str | None = Field(default=None, max_length=200, sa_column_kwargs=INTERNAL)
    external_id: str | None = Field(default=None, max_length=200, sa_column_kwargs=INTERNAL)
    received_on: date
    credit_id: UUID | None = None
    reversal_of: UUID | None = None
    recorded_by: UUID | None = None


class ClientCredit(ClientOwned, Resource, table=True):
    """Money of a client that is not applied yet: a deposit's is net, others' is as it was paid."""

    __tablename__ = "client_credits"
    __table_args__ = client_owned(
        foreign("invoice_id", "invoices", client=True),
        CheckConstraint("amount_minor > 0 and left_minor between 0 and amount_minor", "amounts"),
        UniqueConstraint("agency_id", "kind", "source_id"),
        Index(None, "agency_id", "client_id", "id"),
    )
    wall = Wall.client

    kind: CreditKind = Field(sa_type=text_enum(CreditKind))
    source_id: UUID
    invoice_id: UUID
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    amount_minor: int = Field(sa_type=BigInteger)
    left_minor: int = Field(sa_type=BigInteger)
    tax_rate_ids: list[str] = Field(default_factory=list, sa_type=JSONB, sa_column_kwargs=INTERNAL)


class CreditUse(ClientOwned, AgencyModel, table=True):
    """What a credit was used for; below zero, what came back to it."""

    __tablename__ = "credit_uses"
    __table_args__ = client_owned(
        foreign("credit_id", "client_credits", client=True),
        foreign("invoice_id", "invoices", client=True),
        CheckConstraint("amount_minor <> 0", "an_amount"),
        Index(None, "agency_id", "credit_id", "id"),
    )
    wall = Wall.client

    credit_id: UUID
    invoice_id: UUID | None = None
    kind: CreditUseKind = Field(sa_type=text_enum(CreditUseKind))
    amount_minor: int = Field(sa_type=BigInteger)
