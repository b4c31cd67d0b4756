"""
What can be done to the lines of a draft: added by hand or of billables, changed, taken off. Each
change counts the invoice's sums anew.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session, col, delete, func, select

from billing.receivable import credits, issuers, taxes
from billing.receivable.billable_models import Billable, BillableKind
from billing.receivable.credit_note_models import CreditNoteLine
from billing.receivable.invoice_models import (
    Invoice,
    InvoicedBillable,
    InvoiceLine,
    LineNature,
)
from billing.receivable.invoice_states import hold_draft
from tenants import database, outbox
from tenants.errors import Conflict, NotFound, Unprocessable
from tenants.money import LARGEST

MOST_LINES = 500


class InvoiceCurrencyDiffers(Unprocessable):
    """Currencies are never mixed: `expected` is the invoice's, `sent` is another."""

    def __init__(self, expected: str, sent: str, pointer: str) -> None:
        super().__init__(
            pointer=pointer,
            extra={"expected": expected, "sent": sent},
            expected=expected,
            sent=sent,
        )


class BillableInvoiced(Conflict):
    """One of these billables stands on an invoice already."""


class TooManyInvoiceLines(Unprocessable):
    """An invoice has 500 lines at most; make another one for the rest."""


class LineOfSomething(Conflict):
    """The amount of a billable, and all of a deposit's line, is not the invoice's to say."""


def lines_of(session: Session, invoice_id: UUID) -> Sequence[InvoiceLine]:
    query = select(InvoiceLine).where(col(InvoiceLine.invoice_id) == invoice_id)
    return session.exec(query.order_by(col(InvoiceLine.position))).all()


def add_lines(
    session: Session,
    invoice_id: UUID,
    lines: Sequence[dict[str, Any]],
    billable_ids: Sequence[UUID],
    billable_tax_rate_ids: Sequence[UUID],
) -> Invoice:
    """Put more lines, by hand or of billables, on a draft."""
    invoice = hold_draft(session, invoice_id)
    taken = billables_of(session, invoice, billable_ids)
    put(session, invoice, lines, taken, billable_tax_rate_ids)
    outbox.emit(session, "invoice.updated", invoice)
    return invoice


def update_line(session: Session, line_id: UUID, **changes: Any) -> Invoice:
    """Change a draft's line; of what was earned only its words and taxes."""
    line, invoice = _hold_line(session, line_id)
    if line.credit_id or line.billable_id and {"quantity", "unit_price_minor"} & changes.keys():
        raise LineOfSomething
    if "tax_rate_ids" in changes:
        changes["tax_rate_ids"] = _ids(session, changes["tax_rate_ids"])
    line.sqlmodel_update(changes)
    _check_amount(line)
    line.amount_minor = line.quantity * line.unit_price_minor
    _count(session, invoice)
    outbox.emit(session, "invoice.updated", invoice)
    return invoice


def remove_line(session: Session, line_id: UUID) -> None:
    """Take a line off a draft; its billable can be billed again, its deposit deducted again."""
    line, invoice = _hold_line(session, line_id)
    _take_out(session, line)
    _count(session, invoice)
    outbox.emit(session, "invoice.updated", invoice)


def sums_of(session: Session, lines: Sequence[InvoiceLine]) -> taxes.Sums:
    """What lines come to, by the agency's rates and rounding."""
    rates = taxes.known(session, {rate for line in lines for rate in line.tax_rate_ids})
    taxed = [taxes.Taxed(line.amount_minor, tuple(line.tax_rate_ids)) for line in lines]
    return taxes.sums(taxed, rates, taxes.rounding_of(issuers.settings(session)))


def release(session: Session, invoice_id: UUID) -> None:
    """Let what a dead invoice billed be billed again."""
    claimed = delete(InvoicedBillable).where(
        col(InvoicedBillable.agency_id) == cast(database.Session, session).sight.agency_id,
        col(InvoicedBillable.invoice_id) == invoice_id,
    )
    session.exec(claimed)


def deduct(session: Session, invoice: Invoice, label: dict[str, str], taken: credits.Taken) -> None:
    """Put a deposit on a draft, as a line below zero with the deposit's taxes."""
    line = InvoiceLine(
        client_id=invoice.client_id,
        invoice_id=invoice.id,
        position=_next_position(session, invoice),
        nature=LineNature.deposit,
        label=label,
        unit_price_minor=-taken.amount_minor,
        amount_minor=-taken.amount_minor,
        tax_rate_ids=taken.credit.tax_rate_ids,
        credit_id=taken.credit.id,
    )
    if _line_count(session, invoice) >= MOST_LINES:
        raise TooManyInvoiceLines(pointer="/lines")
    database.add(session, line)
    _count(session, invoice)


def credited_net(session: Session, invoice_id: UUID) -> int:
    """What credit notes took back of an invoice's lines, net."""
    lines = select(InvoiceLine.id).where(col(InvoiceLine.invoice_id) == invoice_id)
    query = select(func.coalesce(func.sum(col(CreditNoteLine.amount_minor)), 0)).where(
        col(CreditNoteLine.invoice_line_id).in_(lines)
    )
    return int(session.exec(query).one())


def put(
    session: Session,
    invoice: Invoice,
    by_hand: Sequence[dict[str, Any]],
    billables: Sequence[Billable],
    rates: Sequence[UUID],
) -> None:
    """Add lines at the end, and count the invoice anew."""
    if _line_count(session, invoice) + len(by_hand) + len(billables) > MOST_LINES:
        raise TooManyInvoiceLines(pointer="/lines")
    own_rates = _ids(session, rates)
    _ids(session, {rate for values in by_hand for rate in values["tax_rate_ids"]})
    made = [_by_hand(invoice, values) for values in by_hand]
    made += [_of_billable(invoice, billable, own_rates) for billable in billables]
    first = _next_position(session, invoice)
    for place, line in enumerate(made, first):
        line.position = place
        _check_amount(line)
    claims = [
        InvoicedBillable(billable_id=each.id, client_id=invoice.client_id, invoice_id=invoice.id)
        for each in billables
    ]
    with database.refusing_twice("uq_invoiced_billables_agency_id_billable_id", BillableInvoiced()):
        session.add_all(claims)
        session.flush()
    session.add_all(made)
    session.flush()
    _count(session, invoice)


def _by_hand(invoice: Invoice, values: dict[str, Any]) -> InvoiceLine:
    own = {**values, "tax_rate_ids": _plain(values["tax_rate_ids"])}
    amount = values["quantity"] * values["unit_price_minor"]
    return InvoiceLine(
        client_id=invoice.client_id, invoice_id=invoice.id, position=0, amount_minor=amount, **own
    )


def _of_billable(invoice: Invoice, billable: Billable, rates: list[str]) -> InvoiceLine:
    at_cost = billable.kind is BillableKind.pass_through
    return InvoiceLine(
        client_id=invoice.client_id,
        invoice_id=invoice.id,
        position=0,
        nature=LineNature.pass_through if at_cost else LineNature.service,
        label=billable.label,
        unit_price_minor=billable.amount_minor,
        amount_minor=billable.amount_minor,
        tax_rate_ids=rates,
        period_start=billable.period_start,
        period_end=billable.period_end,
        billable_id=billable.id,
    )


def billables_of(session: Session, invoice: Invoice, ids: Sequence[UUID]) -> list[Billable]:
    """The billables of these ids, of this client and currency, each once."""
    found = [database.get(session, Billable, each) for each in dict.fromkeys(ids)]
    for billable in found:
        if billable.client_id != invoice.client_id:
            raise NotFound
        if billable.currency != invoice.currency:
            raise InvoiceCurrencyDiffers(invoice.currency, billable.currency, "/billable_ids")
    return found


def unbilled(
    session: Session, invoice: Invoice, through: date, but: set[UUID]
) -> Sequence[Billable]:
    """What was earned up to a day and stands on no invoice; more than fit is refused later."""
    taken = select(InvoicedBillable.billable_id).where(
        col(InvoicedBillable.client_id) == invoice.client_id,
    )
    query = (
        select(Billable)
        .where(
            col(Billable.client_id) == invoice.client_id,
            col(Billable.currency) == invoice.currency,
            col(Billable.earned_on) <= through,
            col(Billable.id).not_in(taken),
            col(Billable.id).not_in(sorted(but)),
        )
        .order_by(col(Billable.earned_on), col(Billable.id))
        .limit(MOST_LINES + 1)
    )
    return session.exec(query).all()


def _hold_line(session: Session, line_id: UUID) -> tuple[InvoiceLine, Invoice]:
    """A line of a draft. The invoice is locked first, and it is what If-Match is about."""
    line = database.get(session, InvoiceLine, line_id)
    invoice = hold_draft(session, line.invoice_id)
    return database.get(session, InvoiceLine, line_id, lock=True), invoice


def _take_out(session: Session, line: InvoiceLine) -> None:
    if line.billable_id:
        claimed = delete(InvoicedBillable).where(
            col(InvoicedBillable.agency_id) == line.agency_id,
            col(InvoicedBillable.billable_id) == line.billable_id,
        )
        session.exec(claimed)
    if line.credit_id:
        credits.give_back(session, line.credit_id, line.invoice_id, -line.amount_minor)
    session.delete(line)
    session.flush()


def _count(session: Session, invoice: Invoice) -> None:
    """Work the sums of a draft out anew."""
    session.flush()
    sums = sums_of(session, lines_of(session, invoice.id))
    invoice.net_minor, invoice.tax_minor = sums.net_minor, sums.tax_minor
    invoice.total_minor = sums.total_minor
    database.touch(invoice)
    session.flush()


def _check_amount(line: InvoiceLine) -> None:
    amount = line.quantity * line.unit_price_minor
    if abs(amount) > LARGEST:
        raise taxes.InvoiceOverflows(pointer="/lines")


def _ids(session: Session, rates: Any) -> list[str]:
    """Tax rates as a line keeps them."""
    ids = _plain(rates)
    taxes.check_active(session, ids)
    return ids


def _plain(rates: Any) -> list[str]:
    return [str(rate) for rate in dict.fromkeys(rates)]


def _line_count(session: Session, invoice: Invoice) -> int:
    query = select(func.count()).where(col(InvoiceLine.invoice_id) == invoice.id)
    return session.exec(query.select_from(InvoiceLine)).one()


def _next_position(session: Session, invoice: Invoice) -> int:
    query = select(func.coalesce(func.max(col(InvoiceLine.position)), 0))
    return session.exec(query.where(col(InvoiceLine.invoice_id) == invoice.id)).one() + 1
