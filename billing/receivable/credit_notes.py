"""
What can be done about an invoice that was too much: a credit note, of all that is left of it or of
parts of its lines, never above what is left. What is still open is lowered first; the rest, paid
already, becomes the client's credit, to be applied or refunded by hand.

Of a tax group a note takes the difference that its lines make to the rounded tax of all that was
credited so far, so that notes of every part add up to the invoice exactly:

    tax of the note = tax(credited before + now) - tax(credited before)
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session, col, func, select

from billing.receivable import (
    bookings,
    credits,
    grounds,
    invoice_lines,
    issuing,
    numbering,
    payments,
    taxes,
)
from billing.receivable.bookings import Earned
from billing.receivable.credit_note_models import CreditNote, CreditNoteLine
from billing.receivable.invoice_models import (
    OPEN,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceStatus,
    IssuedKind,
)
from billing.receivable.invoice_states import MOVES, hold
from billing.receivable.issuer_models import TaxKind, TaxRounding
from billing.receivable.payment_models import CreditKind
from billing.receivable.taxes import Group, Sums
from tenants import database, outbox
from tenants.errors import Conflict, MoveNotAllowed, NotFound
from tenants.ids import new_id
from tenants.pages import Listing

_CREDITABLE = OPEN | {InvoiceStatus.paid}


class CreditNoteExceeds(Conflict):
    """More than is left of the invoice or of one of its lines, or nothing: `left_minor`, net."""


@dataclass(frozen=True)
class Part:
    """How much of a line is taken back, net, and how much was before."""

    line: InvoiceLine
    amount_minor: int
    before_minor: int


def search(session: Session, page: Any) -> Listing:
    """The credit notes in sight, newest first."""
    query = select(CreditNote)
    for name in ("client_id", "invoice_id"):
        if (wanted := getattr(page, name)) is not None:
            query = query.where(getattr(CreditNote, name) == wanted)
    return Listing(query, CreditNote, page)


def issue(
    session: Session, invoice_id: UUID, reason: str, lines: Sequence[dict[str, Any]] | None
) -> CreditNote:
    """Credit what is left of an invoice, or of the lines that are named."""
    invoice = hold(session, invoice_id)
    if invoice.status not in _CREDITABLE:
        raise MoveNotAllowed(invoice.status, sorted(MOVES[invoice.status]))
    parts = _parts(session, invoice, lines)
    sums = _sums(session, invoice, parts)
    noted = invoice.credited_minor + invoice.returned_minor
    if not 0 < sums.total_minor <= invoice.total_minor - noted:
        left = invoice.net_minor - sum(part.before_minor for part in parts)
        raise CreditNoteExceeds(extra={"left_minor": left})
    settings, profile = grounds.parties(session, invoice.client_id)
    number = numbering.take(session, settings, settings.credit_note_series)
    note_id = new_id()
    rates = grounds.rates_of(session, [part.line for part in parts])
    said = {
        **issuing.heading(invoice, settings, profile, number),
        "kind": IssuedKind.credit_note.value,
        "due_on": None,
        "note": None,
        "reason": reason,
        "corrects": {"number": invoice.number, "issued_on": str(invoice.issued_on)},
        "lines": [issuing.line_said(part.line, part.amount_minor) for part in parts],
        **issuing.taxes_said(sums, rates),
    }
    kind = IssuedKind.credit_note
    document = issuing.write(session, kind, note_id, invoice, number, sums, said)
    applied = min(sums.total_minor, invoice.open_minor)
    note = CreditNote(
        id=note_id,
        client_id=invoice.client_id,
        invoice_id=invoice.id,
        number=document.number,
        issued_on=document.issued_on,
        reason=reason,
        currency=invoice.currency,
        net_minor=sums.net_minor,
        tax_minor=sums.tax_minor,
        total_minor=sums.total_minor,
        applied_minor=applied,
        issued_by=cast(database.Session, session).sight.membership_id,
    )
    _settle(session, invoice, note, parts, Earned(sums, rates, _deducted(parts)))
    return note


def _settle(
    session: Session, invoice: Invoice, note: CreditNote, parts: Sequence[Part], earned: Earned
) -> None:
    """Lower what is open, make credit of the rest, and give back what deposits covered."""
    was_paid = invoice.status is InvoiceStatus.paid
    if invoice.kind is InvoiceKind.deposit and was_paid:
        deposit = credits.of_deposit(session, invoice.id)
        if deposit is not None:
            credits.withdraw(session, deposit.id, note.net_minor)
    rest = note.total_minor - note.applied_minor
    if rest:
        note.credit_id = credits.give(session, invoice, CreditKind.credit_note, note.id, rest).id
    taken = [
        CreditNoteLine(
            client_id=note.client_id,
            credit_note_id=note.id,
            invoice_line_id=part.line.id,
            amount_minor=part.amount_minor,
        )
        for part in parts
    ]
    database.add(session, note)
    session.add_all(taken)
    session.flush()
    for part in parts:
        if part.line.credit_id:
            credits.give_back(session, part.line.credit_id, invoice.id, -part.amount_minor)
    bookings.credited(session, invoice, note.id, earned, note.applied_minor, note.issued_on)
    outbox.emit(session, "credit_note.issued", note, audience="client")
    invoice.credited_minor += note.applied_minor
    invoice.returned_minor += rest
    payments.settle(session, invoice)


def _parts(
    session: Session, invoice: Invoice, wanted: Sequence[dict[str, Any]] | None
) -> list[Part]:
    """What is taken back of each line: what is named, or all that is left."""
    lines = {line.id: line for line in invoice_lines.lines_of(session, invoice.id)}
    before = _before(session, list(lines))
    left: dict[UUID, int]
    if wanted is None:
        left = {id: line.amount_minor - before.get(id, 0) for id, line in lines.items()}
    else:
        left = Counter[UUID]()
        for each in wanted:
            left[each["line_id"]] += each["amount_minor"]
        if any(id not in lines for id in left):
            raise NotFound
    parts = [Part(lines[id], amount, before.get(id, 0)) for id, amount in left.items() if amount]
    for part in parts:
        rest = part.line.amount_minor - part.before_minor
        if part.amount_minor * rest <= 0 or abs(part.amount_minor) > abs(rest):
            raise CreditNoteExceeds(pointer="/lines", extra={"left_minor": rest})
    if not parts:
        raise CreditNoteExceeds(extra={"left_minor": 0})
    return parts


def _before(session: Session, line_ids: list[UUID]) -> dict[UUID, int]:
    """What was credited of lines so far, net."""
    line, amount = col(CreditNoteLine.invoice_line_id), col(CreditNoteLine.amount_minor)
    query = select(line, func.sum(amount)).where(line.in_(line_ids)).group_by(line)
    return {id: int(credited) for id, credited in session.exec(query)}


def _sums(session: Session, invoice: Invoice, parts: Sequence[Part]) -> Sums:
    """What the parts come to, by the taxes that the invoice's document says."""
    content = issuing.document_of(session, invoice.id).content
    credited = _credited_groups(session, invoice.id)
    now: dict[str, int] = {}
    for part in parts:
        for rate in part.line.tax_rate_ids:
            now[rate] = now.get(rate, 0) + part.amount_minor
    groups, rounding = [], TaxRounding(content["tax_rounding"])
    for each in content["taxes"]:
        if (base := now.get(each["rate_id"], 0)) == 0:
            continue
        base_before, tax_before = credited.get(each["rate_id"], (0, 0))
        tax = share(each, base_before + base, rounding) - tax_before
        groups.append(Group(each["rate_id"], base, tax))
    return Sums(sum(part.amount_minor for part in parts), tuple(groups))


def share(group: dict[str, Any], base_minor: int, rounding: TaxRounding) -> int:
    """What a part of a tax group's base comes to; of the whole base, the group's tax exactly."""
    if base_minor == group["base_minor"]:
        return int(group["tax_minor"])
    percent = Fraction(group["percent"]) / 100
    exact = Fraction(base_minor) * percent
    tax = taxes.rounded(exact, rounding)
    return -tax if group["kind"] == TaxKind.withheld else tax


def _credited_groups(session: Session, invoice_id: UUID) -> dict[str, tuple[int, int]]:
    """Rate → base and tax that earlier notes took back."""
    found: dict[str, tuple[int, int]] = {}
    query = select(CreditNote.id).where(col(CreditNote.invoice_id) == invoice_id)
    for note_id in session.exec(query):
        for each in issuing.document_of(session, note_id).content["taxes"]:
            base, tax = found.get(each["rate_id"], (0, 0))
            found[each["rate_id"]] = (base + each["base_minor"], tax + each["tax_minor"])
    return found


def _deducted(parts: Sequence[Part]) -> int:
    return -sum(part.amount_minor for part in parts if part.line.credit_id)
