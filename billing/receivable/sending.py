"""
Who gets an invoice or a credit note by mail: the client's billing contacts, each in their language.

A job for each, so that one mailbox that fails holds up no other; it knows a contact by the hash of
their address, and finds nobody once they are no longer one.
"""

from typing import Any
from uuid import UUID

from sqlmodel import Session

from billing.receivable import issuers
from billing.receivable.credit_note_models import CreditNote
from billing.receivable.invoice_models import InvoiceStatus, IssuedDocument
from billing.receivable.invoice_states import MOVES, hold
from tenants import database, jobs, outbox
from tenants.errors import Conflict, MoveNotAllowed

INVOICE, CREDIT_NOTE, REMINDER = "mail.invoice", "mail.credit_note", "mail.invoice_reminder"


class NobodyToSendTo(Conflict):
    """The client's billing profile names no contact."""


def send_invoice(session: Session, invoice_id: UUID) -> int:
    """Mail an issued invoice, with its PDF, to the client's billing contacts; to how many."""
    invoice = hold(session, invoice_id)
    if invoice.number is None or invoice.status is InvoiceStatus.void:
        raise MoveNotAllowed(invoice.status, sorted(MOVES[invoice.status]))
    sent = _to_contacts(session, INVOICE, invoice.client_id, invoice.id)
    outbox.emit(session, "invoice.sent", invoice, audience="client")
    return sent


def send_credit_note(session: Session, note_id: UUID) -> int:
    note = database.get(session, CreditNote, note_id)
    sent = _to_contacts(session, CREDIT_NOTE, note.client_id, note.id)
    outbox.emit(session, "credit_note.sent", note, audience="client")
    return sent


def remind(session: Session, client_id: UUID, invoice_id: UUID, notice_id: UUID) -> int:
    """Mail a reminder, if there is anybody to read it."""
    profile = issuers.profile(session, client_id)
    if profile is None or not profile.contacts:
        return 0
    return _to_contacts(session, REMINDER, client_id, invoice_id, notice_id=str(notice_id))


def contact_of(session: Session, document: IssuedDocument, contact: str) -> dict[str, Any] | None:
    """A contact as the profile knows them today, and their language."""
    profile = issuers.profile(session, document.client_id)
    if profile is None:
        return None
    found = next((each for each in profile.contacts if each["id"] == contact), None)
    return found and {**found, "locale": found["locale"] or profile.locale}


def _to_contacts(
    session: Session, kind: str, client_id: UUID, document_id: UUID, **more: str
) -> int:
    profile = issuers.profile(session, client_id)
    if profile is None or not profile.contacts:
        raise NobodyToSendTo
    for contact in profile.contacts:
        args = {"document_id": str(document_id), "contact": contact["id"], **more}
        jobs.enqueue(session, kind, client_id=client_id, **dict[str, Any](args))
    return len(profile.contacts)
