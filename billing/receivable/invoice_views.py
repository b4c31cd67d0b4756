"""An invoice as it is read: with its lines, and what its taxes come to."""

from typing import Any
from uuid import UUID

from sqlmodel import Session

from billing.receivable import grounds, invoice_lines, issuing
from billing.receivable.invoice_models import Invoice
from billing.receivable.invoice_shapes import InvoiceLineRead, InvoiceRead, InvoiceSummary
from billing.receivable.issuer_shapes import group_of
from tenants import database


def read(session: Session, invoice_id: UUID) -> InvoiceRead:
    """An invoice by its id."""
    return shown(session, database.get(session, Invoice, invoice_id))


def shown(session: Session, invoice: Invoice) -> InvoiceRead:
    """A draft's taxes are worked out; of what was issued, its document says them."""
    session.flush()
    lines = invoice_lines.lines_of(session, invoice.id)
    said: list[dict[str, Any]]
    if invoice.number is None:
        sums = invoice_lines.sums_of(session, lines)
        said = issuing.taxes_said(sums, grounds.rates_of(session, lines))["taxes"]
    else:
        said = issuing.document_of(session, invoice.id).content["taxes"]
    summary = InvoiceSummary.model_validate(invoice)
    return InvoiceRead(
        **dict(summary),
        lines=[InvoiceLineRead.model_validate(line) for line in lines],
        taxes=[group_of(each) for each in said],
    )
