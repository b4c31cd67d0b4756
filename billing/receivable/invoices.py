"""
What can be done to an invoice before it goes out: drafted, filled with billables and lines by hand,
changed, put before a second person, returned, approved.

An invoice has one currency, 500 lines at most, and a total above zero, or zero where a deposit
covers all of it. A client that has ended is billed all the same: its last invoice comes after it.
"""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session, col, select

from billing.receivable import invoice_lines, invoice_review
from billing.receivable.invoice_models import OPEN, Invoice, InvoiceKind, InvoiceLine, InvoiceStatus
from billing.receivable.invoice_states import check_move, hold, hold_draft
from tenants import clock, database, outbox
from tenants.errors import Conflict
from tenants.models import Client
from tenants.pages import Listing


class NothingToInvoice(Conflict):
    """An invoice has lines, and comes to more than zero; what is taken back is a credit note."""


class DepositTaxesDiffer(Conflict):
    """All lines of a deposit have the same taxes, so that it can be deducted as one."""


def search(session: Session, page: Any) -> Listing:
    """The invoices in sight, newest first."""
    query = select(Invoice)
    for name in ("client_id", "currency", "kind"):
        if (wanted := getattr(page, name)) is not None:
            query = query.where(getattr(Invoice, name) == wanted)
    if page.status == "overdue":
        query = query.where(
            col(Invoice.status).in_(sorted(OPEN)), col(Invoice.overdue_at) <= clock.now()
        )
    elif page.status is not None:
        query = query.where(col(Invoice.status) == InvoiceStatus(page.status))
    if page.due_before:
        query = query.where(col(Invoice.due_on) < page.due_before)
    if page.due_after:
        query = query.where(col(Invoice.due_on) > page.due_after)
    return Listing(query, Invoice, page)


def create(session: Session, client_id: UUID, **values: Any) -> Invoice:
    """
    Draft an invoice: lines by hand, billables by id, and with `unbilled_through` everything of this
    client and currency that was earned up to a day and stands on no invoice yet.
    """
    client = database.get(session, Client, client_id)
    by_hand, ids = values.pop("lines"), values.pop("billable_ids")
    through, rates = values.pop("unbilled_through"), values.pop("billable_tax_rate_ids")
    values["currency"] = values["currency"] or client.currency
    invoice = Invoice(client_id=client.id, **values)
    taken = invoice_lines.billables_of(session, invoice, ids)
    if through is not None:
        taken = [
            *taken,
            *invoice_lines.unbilled(session, invoice, through, {each.id for each in taken}),
        ]
    database.add(session, invoice)
    invoice_lines.put(session, invoice, by_hand, taken, rates)
    outbox.emit(session, "invoice.created", invoice)
    return invoice


def update(session: Session, invoice_id: UUID, **changes: Any) -> Invoice:
    """Change what a draft says of itself."""
    invoice = hold_draft(session, invoice_id)
    invoice.sqlmodel_update(changes)
    outbox.emit(session, "invoice.updated", invoice)
    return invoice


def submit(session: Session, invoice_id: UUID) -> Invoice:
    """Put a draft before a second person."""
    invoice = hold(session, invoice_id)
    check_move(invoice, InvoiceStatus.in_review)
    lines = invoice_lines.lines_of(session, invoice.id)
    _check_bills(invoice, lines)
    invoice.status, invoice.return_reason = InvoiceStatus.in_review, None
    invoice.submitted_by, invoice.submitted_at = _me(session), clock.now()
    outbox.emit(session, "invoice.submitted", invoice)
    return invoice


def approve(session: Session, invoice_id: UUID) -> Invoice:
    """Approve what somebody else submitted, when there is anybody else."""
    invoice = hold(session, invoice_id)
    check_move(invoice, InvoiceStatus.approved)
    own = invoice_review.check(session, invoice)
    invoice.status, invoice.self_approved = InvoiceStatus.approved, own
    invoice.decided_by, invoice.decided_at = _me(session), clock.now()
    outbox.emit(session, "invoice.approved", invoice)
    return invoice


def send_back(session: Session, invoice_id: UUID, reason: str) -> Invoice:
    """Make a draft again of what is not right yet, and say why."""
    invoice = hold(session, invoice_id)
    check_move(invoice, InvoiceStatus.draft)
    invoice.status, invoice.return_reason = InvoiceStatus.draft, reason
    invoice.decided_by, invoice.decided_at = None, None
    invoice.submitted_by, invoice.submitted_at = None, None
    outbox.emit(session, "invoice.returned", invoice)
    return invoice


def _check_bills(invoice: Invoice, lines: Sequence[InvoiceLine]) -> None:
    covered = any(line.credit_id for line in lines)
    if not lines or invoice.total_minor < 0 or invoice.total_minor == 0 and not covered:
        raise NothingToInvoice
    if invoice.kind is InvoiceKind.deposit:
        if len({tuple(line.tax_rate_ids) for line in lines}) > 1:
            raise DepositTaxesDiffer
        if invoice.net_minor <= 0:
            raise NothingToInvoice


def _me(session: Session) -> UUID | None:
    return cast(UUID | None, cast(database.Session, session).sight.membership_id)
