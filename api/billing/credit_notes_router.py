"""Routes of credit notes and credits; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.billing import documents
from api.billing.invoices_router import DOCUMENT, Spoken
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from billing.receivable import (
    credit_notes,
    credits,
    grounds,
    invoice_lines,
    invoice_states,
    numbering,
    payments,
    refunds,
    sending,
)
from billing.receivable.credit_note_models import CreditNote
from billing.receivable.credit_note_shapes import CreditNoteCreate, CreditNoteQuery, CreditNoteRead
from billing.receivable.invoice_shapes import InvoiceSent, InvoiceSummary
from billing.receivable.payment_models import ClientCredit
from billing.receivable.payment_shapes import (
    ClientCreditQuery,
    ClientCreditRead,
    CreditApply,
    CreditRefund,
    PaymentRead,
)
from tenants import words
from tenants.errors import MoveNotAllowed, NotAcceptable, NotFound
from tenants.pages import InvalidCursor, Page
from tenants.reads import Lookup

router = domain_router("billing")


@router.post(
    "/credit-notes",
    status_code=201,
    response_model=CreditNoteRead,
    dependencies=[needs("invoices:issue")],
    responses=problems(
        NotFound,
        MoveNotAllowed,
        credit_notes.CreditNoteExceeds,
        credits.CreditDrawn,
        grounds.IssuerUnknown,
        grounds.BuyerUnknown,
        numbering.YearTurned,
    ),
)
def create_credit_note(data: CreditNoteCreate, session: RequestSession) -> Any:
    """
    Issue a credit note of an invoice, whole or by line: what is open is lowered, and what was paid
    already becomes credit.
    """
    return credit_notes.issue(session, **data.model_dump())


@router.get(
    "/credit-notes",
    response_model=Page[CreditNoteRead],
    dependencies=[needs("invoices:read", in_arrears=True)],
    responses=problems(InvalidCursor),
)
def list_credit_notes(page: Annotated[CreditNoteQuery, Query()], session: RequestSession) -> Any:
    """List credit notes, newest first."""
    return credit_notes.search(session, page)


@router.get(
    "/credit-notes/{credit_note_id}",
    response_model=CreditNoteRead,
    dependencies=[needs("invoices:read")],
    responses=problems(NotFound),
)
def get_credit_note(credit_note_id: UUID, session: RequestSession) -> Any:
    """Read a credit note."""
    return Lookup(CreditNote, credit_note_id)


@router.post(
    "/credit-notes/{credit_note_id}/send",
    response_model=InvoiceSent,
    dependencies=[needs("invoices:write")],
    responses=problems(NotFound, sending.NobodyToSendTo),
)
def send_credit_note(credit_note_id: UUID, session: RequestSession) -> Any:
    """Mail a credit note, with its PDF, to the client's billing contacts in their language."""
    return InvoiceSent(recipients=sending.send_credit_note(session, credit_note_id))


@router.get(
    "/credit-notes/{credit_note_id}/document",
    response_model=None,
    dependencies=[needs("invoices:read", in_arrears=True)],
    responses={**DOCUMENT, **problems(NotFound, NotAcceptable)},
)
def get_credit_note_document(
    credit_note_id: UUID,
    session: RequestSession,
    format: documents.FormatName | None = None,
    locale: Spoken = None,
) -> Any:
    """Read what was issued, by Accept or `format`: JSON of a fixed hash, or a PDF of it."""
    return documents.serve(session, CreditNote, credit_note_id, format, locale)


@router.get(
    "/client-credits",
    response_model=Page[ClientCreditRead],
    dependencies=[needs("invoices:read")],
    responses=problems(InvalidCursor),
)
def list_client_credits(
    page: Annotated[ClientCreditQuery, Query()], session: RequestSession
) -> Any:
    """List what clients have to their credit, newest first."""
    return credits.search(session, page)


@router.get(
    "/client-credits/{client_credit_id}",
    response_model=ClientCreditRead,
    dependencies=[needs("invoices:read")],
    responses=problems(NotFound),
)
def get_client_credit(client_credit_id: UUID, session: RequestSession) -> Any:
    """Read a credit, and what is left of it."""
    return Lookup(ClientCredit, client_credit_id)


@router.post(
    "/client-credits/{client_credit_id}/apply",
    response_model=InvoiceSummary,
    dependencies=[needs("invoices:write")],
    responses=problems(
        NotFound,
        invoice_lines.InvoiceCurrencyDiffers,
        invoice_states.InvoiceNotDraft,
        invoice_lines.TooManyInvoiceLines,
        credits.CreditExceeded,
        payments.CreditNotDeducted,
    ),
)
def apply_client_credit(client_credit_id: UUID, data: CreditApply, session: RequestSession) -> Any:
    """
    Use a credit for another invoice of the client: a deposit is deducted from a draft, with its
    taxes; any other settles what is open.
    """
    label = words.in_each("billable", "deposit")
    return payments.use(session, client_credit_id, data.invoice_id, data.amount_minor, label)


@router.post(
    "/client-credits/{client_credit_id}/refund",
    status_code=201,
    response_model=PaymentRead,
    dependencies=[needs("payments:write")],
    responses=problems(NotFound, credits.CreditExceeded, payments.CreditNotDeducted),
)
def refund_client_credit(
    client_credit_id: UUID, data: CreditRefund, session: RequestSession
) -> Any:
    """Record that a credit, or a part of it, was paid back by hand."""
    return refunds.refund(session, client_credit_id, **data.model_dump())
