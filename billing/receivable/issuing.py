"""
How an invoice or credit note goes out: it takes its number, and what it says is written down once,
as a row that nobody may change and whose canonical JSON has the hash `sha256`. Lines are sealed.

In Spanish practice: `Factura` and `Factura rectificativa`, each in a series of its own; IVA as a
tax added, IRPF as one withheld. This writes no VeriFactu records, and does not claim to.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from billing.receivable import bookings, credits, grounds, invoice_lines, numbering, taxes
from billing.receivable.bookings import Earned
from billing.receivable.invoice_models import (
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    IssuedDocument,
    IssuedKind,
)
from billing.receivable.invoice_states import MOVES, check_move, hold
from billing.receivable.issuer_models import BillingProfile, InvoiceSettings, TaxRate
from billing.receivable.numbering import Number
from billing.receivable.taxes import Sums
from tenants import clients, clock, database, outbox
from tenants.errors import Conflict, Forbidden, MoveNotAllowed
from tenants.pipeline import Statement

ISSUE = "invoices:issue"


class SumsChanged(Conflict):
    """It would come to something else than was approved; return it, and submit it again."""


class InvoiceMoved(Conflict):
    """Something was paid, credited or applied, or a deposit used: credit what is wrong instead."""


def finalise(session: Session, invoice_id: UUID) -> Invoice:
    """Issue an approved invoice: number, document, postings; nothing of it changes any more."""
    invoice = hold(session, invoice_id)
    if invoice.status is not InvoiceStatus.approved:  # what is out may become `finalised` too
        raise MoveNotAllowed(invoice.status, sorted(MOVES[invoice.status]))
    ground = grounds.of(session, invoice)
    settings, lines, rates = ground.settings, ground.lines, ground.rates
    sums = taxes.sums(taxed(lines), rates, settings.tax_rounding)
    if (sums.net_minor, sums.tax_minor) != (invoice.net_minor, invoice.tax_minor):
        raise SumsChanged
    number = numbering.take(session, settings, invoice.series or settings.invoice_series)
    _number(invoice, number, _terms(invoice, ground.profile, settings), ground.client.timezone)
    _seal(session, invoice)
    said = {
        **heading(invoice, settings, ground.profile, number),
        "kind": invoice.kind.value,
        "due_on": str(invoice.due_on),
        "note": invoice.note,
        "reason": None,
        "corrects": None,
        "lines": [line_said(line, line.amount_minor) for line in lines],
        **taxes_said(sums, rates),
    }
    write(session, IssuedKind.invoice, invoice.id, invoice, number, sums, said)
    earned = Earned(sums, rates, deducted(lines))
    bookings.finalised(session, invoice, earned, number.issued_on)
    outbox.emit(session, "invoice.finalised", invoice, audience="client")
    return invoice


def void(session: Session, invoice_id: UUID, reason: str) -> Invoice:
    """
    Take an invoice back whole, as if it had never been: a number it had stays, with its document.
    """
    invoice = hold(session, invoice_id)
    check_move(invoice, InvoiceStatus.void)
    lines = invoice_lines.lines_of(session, invoice.id)
    if invoice.number is not None:
        _check_untouched(session, invoice)
        earned = Earned(
            issued_sums(session, invoice), grounds.rates_of(session, lines), deducted(lines)
        )
        bookings.voided(session, invoice, earned, today_of(session))
    for line in lines:
        if line.credit_id:
            credits.give_back(session, line.credit_id, invoice.id, -line.amount_minor)
    invoice_lines.release(session, invoice.id)
    audience = "client" if invoice.number else "staff"
    invoice.status, invoice.open_minor, invoice.ended_reason = InvoiceStatus.void, 0, reason
    outbox.emit(session, "invoice.voided", invoice, audience=audience)
    return invoice


def _check_untouched(session: Session, invoice: Invoice) -> None:
    """What has a number is void for whoever issues, while nothing has come of it."""
    if not cast(database.Session, session).sight.may(ISSUE, invoice.client_id):
        raise Forbidden
    if invoice.open_minor != invoice.total_minor or invoice.returned_minor:
        raise InvoiceMoved


def mark_uncollectible(session: Session, invoice_id: UUID, reason: str) -> Invoice:
    """Write off what is open; money that comes all the same brings it back."""
    invoice = hold(session, invoice_id)
    check_move(invoice, InvoiceStatus.uncollectible)
    bookings.written_off(session, invoice, invoice.open_minor, today_of(session))
    invoice.status, invoice.ended_reason = InvoiceStatus.uncollectible, reason
    invoice.written_off_minor, invoice.open_minor = invoice.open_minor, 0
    outbox.emit(session, "invoice.written_off", invoice)
    return invoice


def taxed(lines: Sequence[InvoiceLine]) -> list[taxes.Taxed]:
    return [taxes.Taxed(line.amount_minor, tuple(line.tax_rate_ids)) for line in lines]


def deducted(lines: Sequence[InvoiceLine]) -> int:
    """How much of an invoice's net was paid as a deposit."""
    return -sum(line.amount_minor for line in lines if line.credit_id)


def document_of(session: Session, document_id: UUID) -> IssuedDocument:
    return database.get(session, IssuedDocument, document_id)


def issued_sums(session: Session, invoice: Invoice) -> Sums:
    """What an invoice's document says it comes to, whatever the settings say today."""
    content = document_of(session, invoice.id).content
    groups = tuple(
        taxes.Group(each["rate_id"], each["base_minor"], each["tax_minor"])
        for each in content["taxes"]
    )
    return Sums(content["net_minor"], groups)


def write(
    session: Session,
    kind: IssuedKind,
    document_id: UUID,
    invoice: Invoice,
    number: Number,
    sums: Sums,
    content: dict[str, Any],
) -> IssuedDocument:
    """Keep what a document says."""
    due_on = invoice.due_on if kind is IssuedKind.invoice else None
    document = IssuedDocument(
        id=document_id,
        client_id=invoice.client_id,
        kind=kind,
        invoice_id=invoice.id,
        series=number.series,
        year=number.year,
        sequence=number.sequence,
        number=number.text,
        issued_on=number.issued_on,
        due_on=due_on,
        currency=invoice.currency,
        net_minor=sums.net_minor,
        tax_minor=sums.tax_minor,
        total_minor=sums.total_minor,
        content=content,
        sha256=hashlib.sha256(canonical(content)).hexdigest(),
    )
    database.add(session, document)
    return document


def canonical(content: dict[str, Any]) -> bytes:
    """A document's bytes: keys in order, no blanks, UTF-8."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def heading(
    invoice: Invoice, settings: InvoiceSettings, profile: BillingProfile, number: Number
) -> dict[str, Any]:
    """Who, whom for, when: what every document begins with."""
    return {
        "number": number.text,
        "issued_on": number.issued_on.isoformat(),
        "currency": invoice.currency,
        "reference": invoice.reference,
        "tax_rounding": settings.tax_rounding.value,
        "issuer": {
            "name": settings.name,
            "tax_id": settings.tax_id,
            "address": settings.address,
            "bank_text": settings.bank_text,
            "footer": settings.footer,
        },
        "buyer": {
            "name": profile.legal_name,
            "tax_id": profile.tax_id,
            "address": profile.address,
        },
    }


def taxes_said(sums: Sums, rates: dict[str, TaxRate]) -> dict[str, Any]:
    """The groups and sums of a document."""
    return {
        "taxes": [
            {
                "rate_id": group.rate_id,
                "name": rates[group.rate_id].name,
                "kind": rates[group.rate_id].kind.value,
                "percent": rates[group.rate_id].percent,
                "reason": rates[group.rate_id].reason,
                "base_minor": group.base_minor,
                "tax_minor": group.tax_minor,
            }
            for group in sums.groups
        ],
        "net_minor": sums.net_minor,
        "tax_minor": sums.tax_minor,
        "total_minor": sums.total_minor,
    }


def today_of(session: Session) -> date:
    """Today where the agency is: its books' day."""
    return clock.today(clients.current_agency(session).timezone)


def line_said(line: InvoiceLine, amount_minor: int) -> dict[str, Any]:
    """A line, or a part of it: so many at its price, or one at the part's, as they come to it."""
    quantity, price = line.quantity, line.unit_price_minor
    if amount_minor != line.amount_minor:
        quantity, rest = divmod(amount_minor, price)
        quantity, price = (1, amount_minor) if rest else (quantity, price)
    period = (line.period_start, line.period_end) if line.period_start else None
    return {
        "id": str(line.id),
        "nature": line.nature.value,
        "label": line.label,
        "quantity": quantity,
        "unit_price_minor": price,
        "amount_minor": amount_minor,
        "tax_rate_ids": line.tax_rate_ids,
        "period": [str(day) for day in period] if period else None,
    }


def _terms(invoice: Invoice, profile: BillingProfile, settings: InvoiceSettings) -> timedelta:
    """How long there is to pay: as the invoice says, else its client's profile, else the agency."""
    wanted = (invoice.terms_days, profile.terms_days, settings.terms_days)
    return timedelta(days=next(each for each in wanted if each is not None))


def _number(invoice: Invoice, number: Number, terms: timedelta, zone: str) -> None:
    """When it is due, and when that day is over where the client is."""
    invoice.number, invoice.issued_on = number.text, number.issued_on
    invoice.due_on = number.issued_on + terms
    invoice.overdue_at = day_begins(invoice.due_on + timedelta(days=1), zone)
    invoice.status = InvoiceStatus.finalised if invoice.total_minor else InvoiceStatus.paid
    invoice.open_minor = invoice.total_minor


def day_begins(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def _seal(session: Session, invoice: Invoice) -> None:
    """No role may change or delete a sealed line any more."""
    values = {"agency": invoice.agency_id, "invoice": invoice.id}
    database.say(session, Statement(_SEALED, values))


_SEALED = """
update invoice_lines set sealed = true, shared = true
where agency_id = %(agency)s and invoice_id = %(invoice)s
"""
