"""Wire shapes of invoices and their lines. Amounts: minor units."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING
from pydantic import Field as Constraint

from billing.receivable.invoice_models import InvoiceKind, InvoiceStatus, LineNature
from billing.receivable.issuer_shapes import Series, TaxGroupRead, Terms
from tenants.money import CurrencyCode, MinorUnits
from tenants.pages import PageQuery
from tenants.shapes import Day, Line, Localized, Positive, ReadShape, Reason, Shape, Text, Words

RateIds = Annotated[list[UUID], Constraint(max_length=4)]


class InvoiceLineWrite(Shape):
    """A line by hand, net: a discount has a price below zero."""

    label: Words
    quantity: Annotated[Positive, Constraint(le=1_000_000)] = 1
    unit_price_minor: MinorUnits
    tax_rate_ids: RateIds = []


Lines = Annotated[list[InvoiceLineWrite], Constraint(max_length=500)]
BillableIds = Annotated[list[UUID], Constraint(max_length=500)]


class InvoiceCreate(Shape):
    """
    An invoice to draft, of 500 lines at most. `unbilled_through`: with everything of this client
    and currency that was earned up to a day and stands on no invoice. Without a currency it is the
    client's; `billable_tax_rate_ids` stand on the lines of billables.
    """

    client_id: UUID
    kind: InvoiceKind = InvoiceKind.standard
    currency: CurrencyCode | None = None
    series: Series | None = None
    reference: Line | None = None
    note: Text | None = None
    terms_days: Terms | None = None
    lines: Lines = []
    billable_ids: BillableIds = []
    billable_tax_rate_ids: RateIds = []
    unbilled_through: Day | None = None


class InvoiceUpdate(Shape):
    """What of a draft may be changed."""

    reference: Line | None | MISSING = MISSING
    note: Text | None | MISSING = MISSING
    terms_days: Terms | None | MISSING = MISSING
    series: Series | None | MISSING = MISSING


class InvoiceLinesAdd(Shape):
    """Lines to put on a draft, by hand or of billables."""

    lines: Lines = []
    billable_ids: BillableIds = []
    billable_tax_rate_ids: RateIds = []


class InvoiceLineUpdate(Shape):
    """What of a draft's line may be changed; of a billable's, its label and taxes."""

    label: Words | MISSING = MISSING
    quantity: Annotated[Positive, Constraint(le=1_000_000)] | MISSING = MISSING
    unit_price_minor: MinorUnits | MISSING = MISSING
    tax_rate_ids: RateIds | MISSING = MISSING


class InvoiceReason(Shape):
    """Why it is returned, void, written off or disputed."""

    reason: Reason


class InvoiceLineRead(ReadShape):
    """A line, net. `nature`: what was passed on at cost is no work of the agency's."""

    id: UUID
    position: int
    nature: LineNature
    label: Localized
    quantity: int
    unit_price_minor: int
    amount_minor: int
    tax_rate_ids: list[UUID]
    period_start: date | None
    period_end: date | None
    billable_id: UUID | None
    credit_id: UUID | None


class InvoiceSummary(ReadShape):
    """
    An invoice without its lines. `overdue`: its day has passed where the client is, and something
    is open. `open_minor` is the total less what was paid, applied, credited and written off;
    `returned_minor` was credited after it was paid.
    """

    id: UUID
    version: int
    client_id: UUID
    kind: InvoiceKind
    status: InvoiceStatus
    overdue: bool
    currency: str
    series: str | None
    number: str | None
    reference: str | None
    note: str | None
    terms_days: int | None
    issued_on: date | None
    due_on: date | None
    net_minor: int
    tax_minor: int
    total_minor: int
    open_minor: int
    paid_minor: int
    applied_minor: int
    credited_minor: int
    returned_minor: int
    written_off_minor: int
    disputed_at: datetime | None
    dispute: str | None
    submitted_by: UUID | None
    decided_by: UUID | None
    decided_at: datetime | None
    self_approved: bool
    return_reason: str | None
    ended_reason: str | None
    created_at: datetime
    updated_at: datetime


class InvoiceRead(InvoiceSummary):
    """An invoice with its lines, and what its taxes come to."""

    lines: list[InvoiceLineRead]
    taxes: list[TaxGroupRead]


class InvoiceFilterStatus(StrEnum):
    """The states of an invoice, and `overdue`: open after its day."""

    draft = "draft"
    in_review = "in_review"
    approved = "approved"
    finalised = "finalised"
    partly_paid = "partly_paid"
    paid = "paid"
    void = "void"
    uncollectible = "uncollectible"
    overdue = "overdue"


class InvoiceQuery(PageQuery):
    """Filters of the list of invoices; `overdue` is derived, by the client's calendar."""

    client_id: UUID | None = None
    status: InvoiceFilterStatus | None = None
    kind: InvoiceKind | None = None
    currency: CurrencyCode | None = None
    due_before: Annotated[Day | None, Constraint(description="Due before this day.")] = None
    due_after: Annotated[Day | None, Constraint(description="Due after this day.")] = None


class InvoiceSent(ReadShape):
    """To how many billing contacts it is on its way."""

    recipients: int
