"""Routes of invoices and what is paid for them; each calls one verb."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query

from api.billing import documents
from api.billing.documents import InvoiceDocument, InvoiceRendering
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from billing.receivable import (
    credits,
    dunning,
    grounds,
    invoice_lines,
    invoice_review,
    invoice_states,
    invoice_views,
    invoices,
    issuing,
    numbering,
    payments,
    sending,
    taxes,
)
from billing.receivable.invoice_models import Invoice
from billing.receivable.invoice_shapes import (
    InvoiceCreate,
    InvoiceLinesAdd,
    InvoiceLineUpdate,
    InvoiceQuery,
    InvoiceRead,
    InvoiceReason,
    InvoiceSent,
    InvoiceSummary,
    InvoiceUpdate,
)
from billing.receivable.payment_models import Payment
from billing.receivable.payment_shapes import (
    PaymentCreate,
    PaymentQuery,
    PaymentRead,
    PaymentReverse,
)
from tenants.errors import MoveNotAllowed, NotAcceptable, NotFound
from tenants.pages import InvalidCursor, Page
from tenants.reads import Lookup

router = domain_router("billing")

Spoken = Annotated[Literal["es", "en"] | None, Query(description="Of the PDF; the client's.")]
PDF: dict[str, Any] = {"schema": {"type": "string", "format": "binary", "maxLength": 8_000_000}}
DOCUMENT: dict[int | str, dict[str, Any]] = {
    200: {
        "model": InvoiceDocument,
        "description": "The document.",
        "content": {"application/pdf": PDF},
    },
    202: {"model": InvoiceRendering, "description": "It is being rendered."},
    304: {"description": "You have it."},
}
LINES = (
    NotFound,
    invoice_lines.InvoiceCurrencyDiffers,
    invoice_lines.BillableInvoiced,
    invoice_lines.TooManyInvoiceLines,
    taxes.TaxRateNotActive,
    taxes.InvoiceOverflows,
)


@router.post(
    "/invoices",
    status_code=201,
    response_model=InvoiceRead,
    dependencies=[needs("invoices:write")],
    responses=problems(*LINES),
)
def create_invoice(data: InvoiceCreate, session: RequestSession) -> Any:
    """Draft an invoice, with lines by hand, billables, or all that is unbilled up to a day."""
    return invoice_views.shown(session, invoices.create(session, **data.model_dump()))


@router.get(
    "/invoices",
    response_model=Page[InvoiceSummary],
    dependencies=[needs("invoices:read", in_arrears=True)],
    responses=problems(InvalidCursor),
)
def list_invoices(page: Annotated[InvoiceQuery, Query()], session: RequestSession) -> Any:
    """List invoices, newest first; a client's contacts see what was issued."""
    return invoices.search(session, page)


@router.get(
    "/invoices/{invoice_id}",
    response_model=InvoiceRead,
    dependencies=[needs("invoices:read")],
    responses=problems(NotFound),
)
def get_invoice(invoice_id: UUID, session: RequestSession) -> Any:
    """Read an invoice with its lines, its taxes and what is open of it."""
    return invoice_views.read(session, invoice_id)


@router.patch(
    "/invoices/{invoice_id}",
    response_model=InvoiceSummary,
    dependencies=[needs("invoices:write")],
    responses=problems(NotFound, invoice_states.InvoiceNotDraft),
)
def update_invoice(invoice_id: UUID, data: InvoiceUpdate, session: RequestSession) -> Any:
    """Change the reference, note, terms or series of a draft."""
    return invoices.update(session, invoice_id, **data.model_dump())


@router.post(
    "/invoices/{invoice_id}/lines",
    status_code=201,
    response_model=InvoiceRead,
    dependencies=[needs("invoices:write")],
    responses=problems(*LINES, invoice_states.InvoiceNotDraft),
)
def add_invoice_lines(invoice_id: UUID, data: InvoiceLinesAdd, session: RequestSession) -> Any:
    """Put more lines on a draft, by hand or of billables."""
    return invoice_views.shown(
        session, invoice_lines.add_lines(session, invoice_id, **data.model_dump())
    )


@router.patch(
    "/invoice-lines/{line_id}",
    response_model=InvoiceRead,
    dependencies=[needs("invoices:write")],
    responses=problems(
        NotFound,
        invoice_states.InvoiceNotDraft,
        invoice_lines.LineOfSomething,
        taxes.TaxRateNotActive,
        taxes.InvoiceOverflows,
    ),
)
def update_invoice_line(line_id: UUID, data: InvoiceLineUpdate, session: RequestSession) -> Any:
    """Change a draft's line; `If-Match` is the invoice's, which this answers with."""
    return invoice_views.shown(
        session, invoice_lines.update_line(session, line_id, **data.model_dump())
    )


@router.delete(
    "/invoice-lines/{line_id}",
    status_code=204,
    response_model=None,
    dependencies=[needs("invoices:write")],
    responses=problems(NotFound, invoice_states.InvoiceNotDraft),
)
def remove_invoice_line(line_id: UUID, session: RequestSession) -> Any:
    """Take a line off a draft, whose `If-Match` it is; what it billed can be billed again."""
    invoice_lines.remove_line(session, line_id)


@router.post(
    "/invoices/{invoice_id}/submit",
    response_model=InvoiceSummary,
    dependencies=[needs("invoices:write")],
    responses=problems(
        NotFound, MoveNotAllowed, invoices.NothingToInvoice, invoices.DepositTaxesDiffer
    ),
)
def submit_invoice(invoice_id: UUID, session: RequestSession) -> Any:
    """Put a draft before a second person."""
    return invoices.submit(session, invoice_id)


@router.post(
    "/invoices/{invoice_id}/approve",
    response_model=InvoiceSummary,
    dependencies=[needs("invoices:approve")],
    responses=problems(NotFound, MoveNotAllowed, invoice_review.OwnInvoice),
)
def approve_invoice(invoice_id: UUID, session: RequestSession) -> Any:
    """Approve what somebody else submitted."""
    return invoices.approve(session, invoice_id)


@router.post(
    "/invoices/{invoice_id}/return",
    response_model=InvoiceSummary,
    dependencies=[needs("invoices:approve")],
    responses=problems(NotFound, MoveNotAllowed),
)
def return_invoice(invoice_id: UUID, data: InvoiceReason, session: RequestSession) -> Any:
    """Make a draft again of what is not right yet, and say why."""
    return invoices.send_back(session, invoice_id, data.reason)


@router.post(
    "/invoices/{invoice_id}/finalize",
    response_model=InvoiceSummary,
    dependencies=[needs("invoices:issue")],
    responses=problems(
        NotFound,
        MoveNotAllowed,
        grounds.IssuerUnknown,
        grounds.BuyerUnknown,
        issuing.SumsChanged,
        numbering.YearTurned,
    ),
)
def finalize_invoice(invoice_id: UUID, session: RequestSession) -> Any:
    """Issue an approved invoice: it takes the next number, and nothing of it changes any more."""
    return issuing.finalise(session, invoice_id)


@router.post(
    "/invoices/{invoice_id}/void",
    response_model=InvoiceSummary,
    dependencies=[needs("invoices:write")],
    responses=problems(NotFound, MoveNotAllowed, issuing.InvoiceMoved),
)
def void_invoice(invoice_id: UUID, data: InvoiceReason, session: RequestSession) -> Any:
    """
    Throw an invoice away; what it billed can be billed again. One with a number takes
    `invoices:issue`, keeps it, and must be untouched: nothing paid, credited or applied.
    """
    return issuing.void(session, invoice_id, data.reason)


@router.post(
    "/invoices/{invoice_id}/mark-uncollectible",
    response_model=InvoiceSummary,
    dependencies=[needs("invoices:issue")],
    responses=problems(NotFound, MoveNotAllowed),
)
def mark_invoice_uncollectible(
    invoice_id: UUID, data: InvoiceReason, session: RequestSession
) -> Any:
    """Write off what is open; money that comes all the same brings it back."""
    return issuing.mark_uncollectible(session, invoice_id, data.reason)


@router.post(
    "/invoices/{invoice_id}/dispute",
    response_model=InvoiceSummary,
    dependencies=[needs("invoices:write")],
    responses=problems(NotFound, dunning.NotOpen),
)
def dispute_invoice(invoice_id: UUID, data: InvoiceReason, session: RequestSession) -> Any:
    """Note that the client disputes it: no reminder goes out until that is settled."""
    return dunning.dispute(session, invoice_id, data.reason)


@router.post(
    "/invoices/{invoice_id}/settle-dispute",
    response_model=InvoiceSummary,
    dependencies=[needs("invoices:write")],
    responses=problems(NotFound, dunning.NotDisputed),
)
def settle_invoice_dispute(invoice_id: UUID, session: RequestSession) -> Any:
    """Go on with an invoice that was disputed."""
    return dunning.settle_dispute(session, invoice_id)


@router.post(
    "/invoices/{invoice_id}/send",
    response_model=InvoiceSent,
    dependencies=[needs("invoices:write")],
    responses=problems(NotFound, MoveNotAllowed, sending.NobodyToSendTo),
)
def send_invoice(invoice_id: UUID, session: RequestSession) -> Any:
    """Mail an issued invoice, with its PDF, to the client's billing contacts in their language."""
    return InvoiceSent(recipients=sending.send_invoice(session, invoice_id))


@router.get(
    "/invoices/{invoice_id}/document",
    response_model=None,
    dependencies=[needs("invoices:read", in_arrears=True)],
    responses={**DOCUMENT, **problems(NotFound, NotAcceptable)},
)
def get_invoice_document(
    invoice_id: UUID,
    session: RequestSession,
    format: documents.FormatName | None = None,
    locale: Spoken = None,
) -> Any:
    """Read what was issued, by Accept or `format`: JSON of a fixed hash, or a PDF of it."""
    return documents.serve(session, Invoice, invoice_id, format, locale)


@router.post(
    "/invoices/{invoice_id}/payments",
    status_code=201,
    response_model=PaymentRead,
    dependencies=[needs("payments:write")],
    responses=problems(
        NotFound,
        MoveNotAllowed,
        invoice_lines.InvoiceCurrencyDiffers,
        payments.ExternalIdTaken,
        payments.ReceivedInFuture,
        payments.PaymentTooLarge,
    ),
)
def record_payment(invoice_id: UUID, data: PaymentCreate, session: RequestSession) -> Any:
    """Record money that came for an invoice; what is more than is open becomes credit."""
    said = data.model_dump(exclude={"amount"})
    amount = data.amount
    return payments.record_by_hand(
        session, invoice_id, amount.currency, amount.amount_minor, **said
    )


@router.get(
    "/payments",
    response_model=Page[PaymentRead],
    dependencies=[needs("invoices:read")],
    responses=problems(InvalidCursor),
)
def list_payments(page: Annotated[PaymentQuery, Query()], session: RequestSession) -> Any:
    """List payments, reversals and refunds, newest first."""
    return payments.search(session, page)


@router.get(
    "/payments/{payment_id}",
    response_model=PaymentRead,
    dependencies=[needs("invoices:read")],
    responses=problems(NotFound),
)
def get_payment(payment_id: UUID, session: RequestSession) -> Any:
    """Read a payment."""
    return Lookup(Payment, payment_id)


@router.post(
    "/payments/{payment_id}/reverse",
    status_code=201,
    response_model=PaymentRead,
    dependencies=[needs("payments:write")],
    responses=problems(NotFound, payments.PaymentReversed, credits.CreditDrawn),
)
def reverse_payment(payment_id: UUID, data: PaymentReverse, session: RequestSession) -> Any:
    """Take a payment back that bounced or was a mistake, by one below zero."""
    return payments.reverse(session, payment_id, data.reference)
