"""The states of an invoice, and the one way to a row that is about to change its own."""

from uuid import UUID

from sqlmodel import Session

from billing.receivable.invoice_models import Invoice, InvoiceStatus
from tenants import database
from tenants.errors import Conflict, MoveNotAllowed

MOVES: dict[InvoiceStatus, frozenset[InvoiceStatus]] = {
    InvoiceStatus.draft: frozenset({InvoiceStatus.in_review, InvoiceStatus.void}),
    InvoiceStatus.in_review: frozenset(
        {InvoiceStatus.approved, InvoiceStatus.draft, InvoiceStatus.void}
    ),
    InvoiceStatus.approved: frozenset(
        {InvoiceStatus.finalised, InvoiceStatus.paid, InvoiceStatus.draft, InvoiceStatus.void}
    ),
    InvoiceStatus.finalised: frozenset(
        {
            InvoiceStatus.partly_paid,
            InvoiceStatus.paid,
            InvoiceStatus.void,
            InvoiceStatus.uncollectible,
        }
    ),
    InvoiceStatus.partly_paid: frozenset(
        {InvoiceStatus.finalised, InvoiceStatus.paid, InvoiceStatus.uncollectible}
    ),
    InvoiceStatus.paid: frozenset({InvoiceStatus.finalised, InvoiceStatus.partly_paid}),
    InvoiceStatus.void: frozenset(),
    InvoiceStatus.uncollectible: frozenset(
        {InvoiceStatus.finalised, InvoiceStatus.partly_paid, InvoiceStatus.paid}
    ),
}


class InvoiceNotDraft(Conflict):
    """Only a draft is changed; `state` says what this one is. Return it first, or credit it."""


def hold(session: Session, invoice_id: UUID) -> Invoice:
    return database.get(session, Invoice, invoice_id, lock=True)


def hold_draft(session: Session, invoice_id: UUID) -> Invoice:
    """A draft, locked until the transaction ends."""
    invoice = hold(session, invoice_id)
    if invoice.status is not InvoiceStatus.draft:
        state = invoice.status.value
        raise InvoiceNotDraft(extra={"state": state}, state=state)
    return invoice


def check_move(invoice: Invoice, to: InvoiceStatus) -> None:
    allowed = MOVES[invoice.status]
    if to not in allowed:
        raise MoveNotAllowed(invoice.status, sorted(allowed))
