"""Wire shapes of payments and credits. Amounts: minor units."""

from datetime import date, datetime
from uuid import UUID

from billing.receivable.payment_models import CreditKind, PaymentKind, ReceiptMethod
from tenants.money import CurrencyCode, MoneyWrite, PositiveMinorUnits
from tenants.pages import PageQuery
from tenants.shapes import Day, Line, ReadShape, Shape


class PaymentCreate(Shape):
    """
    Money that came, in the invoice's currency; what is more than is open becomes credit.
    `external_id`: recorded once, and said again answers with the payment that stands.
    """

    amount: MoneyWrite
    method: ReceiptMethod = ReceiptMethod.bank_transfer
    reference: Line | None = None
    external_id: Line | None = None
    received_on: Day | None = None


class PaymentReverse(Shape):
    """What the bank says of a payment that went back, or why it was a mistake."""

    reference: Line


class PaymentRead(ReadShape):
    """
    Money that came, or below zero went back. `applied_minor` settled the invoice, `excess_minor`
    became credit, or came from it.
    """

    id: UUID
    client_id: UUID
    kind: PaymentKind
    invoice_id: UUID | None
    amount_minor: int
    applied_minor: int
    excess_minor: int
    currency: str
    method: ReceiptMethod
    reference: str | None
    external_id: str | None
    received_on: date
    credit_id: UUID | None
    reversal_of: UUID | None
    created_at: datetime


class PaymentQuery(PageQuery):
    """Filters of the list of payments."""

    client_id: UUID | None = None
    invoice_id: UUID | None = None
    kind: PaymentKind | None = None


class ClientCreditRead(ReadShape):
    """
    What a client has to its credit. A deposit's amount is net, and is deducted with its taxes;
    others' are money. `source_id`: the deposit, payment or credit note that it comes from.
    """

    id: UUID
    version: int
    client_id: UUID
    kind: CreditKind
    source_id: UUID
    invoice_id: UUID
    currency: str
    amount_minor: int
    left_minor: int
    created_at: datetime
    updated_at: datetime


class ClientCreditQuery(PageQuery):
    """Filters of the list of credits; `unapplied=true`: of which something is left."""

    client_id: UUID | None = None
    kind: CreditKind | None = None
    currency: CurrencyCode | None = None
    unapplied: bool = False


class CreditApply(Shape):
    """For which invoice to use a credit; as much as there is and fits, unless said."""

    invoice_id: UUID
    amount_minor: PositiveMinorUnits | None = None


class CreditRefund(Shape):
    """How much of a credit was paid back, and how."""

    amount_minor: PositiveMinorUnits
    method: ReceiptMethod = ReceiptMethod.bank_transfer
    reference: Line
