"""
Money that comes for an invoice, or bounces: recorded by hand with its reference, or mirrored. What
is given back is `refunds`.

    record(session, invoice, amount, method=…, reference=…, external_id=…)

is the port for whoever else collects it: an `external_id` is recorded once, and said again answers
with the payment that stands. What is more than is open becomes the client's credit.
"""

from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session, col, select

from billing.receivable import bookings, credits, invoice_lines
from billing.receivable.invoice_lines import InvoiceCurrencyDiffers
from billing.receivable.invoice_models import OPEN, Invoice, InvoiceKind, InvoiceStatus
from billing.receivable.invoice_states import MOVES, hold, hold_draft
from billing.receivable.issuing import today_of
from billing.receivable.payment_models import (
    ClientCredit,
    CreditKind,
    CreditUseKind,
    Payment,
    PaymentKind,
    ReceiptMethod,
)
from tenants import database, outbox
from tenants.errors import Conflict, MoveNotAllowed, NotFound, Unprocessable
from tenants.ids import new_id
from tenants.money import LARGEST
from tenants.pages import Listing

_TOLD = {
    PaymentKind.payment: "recorded",
    PaymentKind.reversal: "reversed",
    PaymentKind.refund: "refunded",
}
_PAYABLE = OPEN | {InvoiceStatus.paid, InvoiceStatus.uncollectible}


class PaymentReversed(Conflict):
    """Of this payment something went back already, or it is itself a reversal or a refund."""


class ExternalIdTaken(Conflict):
    """This external id was recorded with another invoice, amount or currency."""


class ReceivedInFuture(Unprocessable):
    """Money that has not come yet is not recorded."""


class PaymentTooLarge(Unprocessable):
    """With this the payments add up to more than 2^53 - 1 minor units."""


class CreditNotDeducted(Conflict):
    """A deposit is deducted from a draft; other credits are applied to what is open."""


def search(session: Session, page: Any) -> Listing:
    """The payments, reversals and refunds in sight, newest first."""
    query = select(Payment)
    for name in ("client_id", "invoice_id", "kind"):
        if (wanted := getattr(page, name)) is not None:
            query = query.where(getattr(Payment, name) == wanted)
    return Listing(query, Payment, page)


def record_by_hand(
    session: Session, invoice_id: UUID, currency: str, amount_minor: int, **said: Any
) -> Payment:
    """Record what came for an invoice, in its currency."""
    invoice = hold(session, invoice_id)
    if currency != invoice.currency:
        raise InvoiceCurrencyDiffers(invoice.currency, currency, "/amount/currency")
    return record(session, invoice, amount_minor, **said)


def record(
    session: Session,
    invoice: Invoice,
    amount_minor: int,
    *,
    method: ReceiptMethod = ReceiptMethod.bank_transfer,
    reference: str | None = None,
    external_id: str | None = None,
    received_on: date | None = None,
) -> Payment:
    """Record money for an invoice that the caller holds locked; once for one `external_id`."""
    if external_id and (before := known(session, external_id)):
        if (before.invoice_id, before.amount_minor) != (invoice.id, amount_minor):
            raise ExternalIdTaken(pointer="/external_id")
        return before
    if invoice.status not in _PAYABLE:
        raise MoveNotAllowed(invoice.status, sorted(MOVES[invoice.status]))
    today = today_of(session)
    if received_on and received_on > today:
        raise ReceivedInFuture(pointer="/received_on")
    _check_sum(invoice, amount_minor)
    bring_back(session, invoice, today)
    applied = min(amount_minor, invoice.open_minor)
    payment = Payment(
        id=new_id(),
        client_id=invoice.client_id,
        kind=PaymentKind.payment,
        invoice_id=invoice.id,
        amount_minor=amount_minor,
        applied_minor=applied,
        excess_minor=amount_minor - applied,
        currency=invoice.currency,
        method=method,
        reference=reference,
        external_id=external_id,
        received_on=received_on or today,
        recorded_by=recorder(session),
    )
    if payment.excess_minor:
        excess = (CreditKind.overpayment, payment.id, payment.excess_minor)
        payment.credit_id = credits.give(session, invoice, *excess).id
    add(session, invoice, payment)
    return payment


def reverse(
    session: Session, payment_id: UUID, reference: str | None, external_id: str | None = None
) -> Payment:
    """Take a payment back that bounced or was a mistake; its excess must not be used yet."""
    of = database.get(session, Payment, payment_id)
    if of.kind is not PaymentKind.payment:
        raise PaymentReversed
    assert of.invoice_id is not None
    invoice = hold(session, of.invoice_id)
    query = select(Payment.id).where(col(Payment.reversal_of) == of.id)
    if session.exec(query).first() is not None:
        raise PaymentReversed
    if of.credit_id:
        credits.withdraw(session, of.credit_id, of.excess_minor)
    reversal = Payment(
        client_id=of.client_id,
        kind=PaymentKind.reversal,
        invoice_id=invoice.id,
        amount_minor=-of.amount_minor,
        applied_minor=-of.applied_minor,
        excess_minor=-of.excess_minor,
        currency=of.currency,
        method=of.method,
        reference=reference,
        external_id=external_id,
        received_on=today_of(session),
        credit_id=of.credit_id,
        reversal_of=of.id,
        recorded_by=recorder(session),
    )
    bring_back(session, invoice, reversal.received_on)
    add(session, invoice, reversal)
    return reversal


def use(
    session: Session,
    credit_id: UUID,
    invoice_id: UUID,
    amount_minor: int | None,
    label: dict[str, str],
) -> Invoice:
    """
    Use a credit for an invoice of the same client and currency: a deposit is deducted from a draft,
    any other settles what is open. As much as there is and fits, unless an amount is said.
    """
    credit = database.get(session, ClientCredit, credit_id)
    is_deposit = credit.kind is CreditKind.deposit
    invoice = hold_draft(session, invoice_id) if is_deposit else hold(session, invoice_id)
    if invoice.client_id != credit.client_id:
        raise NotFound
    if invoice.currency != credit.currency:
        raise InvoiceCurrencyDiffers(invoice.currency, credit.currency, "/invoice_id")
    credit = credits.locked(session, credit.id)
    if is_deposit:
        _deduct(session, invoice, credit, amount_minor, label)
    else:
        _apply(session, invoice, credit, amount_minor)
    return invoice


def _deduct(
    session: Session,
    invoice: Invoice,
    credit: ClientCredit,
    amount_minor: int | None,
    label: dict[str, str],
) -> None:
    fits = min(credit.left_minor, max(invoice.net_minor, 0))
    wanted = fits if amount_minor is None else amount_minor
    _check_some(wanted, credit.left_minor)
    taken = credits.take(session, credit, CreditUseKind.deducted, wanted, invoice.id)
    invoice_lines.deduct(session, invoice, label, taken)
    outbox.emit(session, "invoice.updated", invoice)


def _apply(
    session: Session, invoice: Invoice, credit: ClientCredit, amount_minor: int | None
) -> None:
    if invoice.status not in OPEN:
        raise CreditNotDeducted
    fits = min(credit.left_minor, invoice.open_minor)
    wanted = fits if amount_minor is None else amount_minor
    _check_some(wanted, credit.left_minor)
    if wanted > invoice.open_minor:
        raise credits.CreditExceeded(extra={"left_minor": invoice.open_minor})
    credits.take(session, credit, CreditUseKind.applied, wanted, invoice.id)
    invoice.applied_minor += wanted
    settle(session, invoice)
    bookings.applied(session, invoice, new_id(), wanted, today_of(session))


def settle(session: Session, invoice: Invoice) -> None:
    """The state that follows from what is open, after its sums have moved."""
    settled = invoice.paid_minor + invoice.applied_minor + invoice.credited_minor
    before = invoice.status
    invoice.open_minor = invoice.total_minor - settled - invoice.written_off_minor
    if invoice.open_minor == 0:
        invoice.status = InvoiceStatus.paid
    elif settled:
        invoice.status = InvoiceStatus.partly_paid
    else:
        invoice.status = InvoiceStatus.finalised
    if invoice.status is InvoiceStatus.paid and before is not InvoiceStatus.paid:
        invoice.disputed_at, invoice.dispute = None, None
        _became_deposit(session, invoice)
        outbox.emit(session, "invoice.paid", invoice, audience="client")
    else:
        if before is InvoiceStatus.paid and invoice.status is not InvoiceStatus.paid:
            _was_no_deposit(session, invoice)
        outbox.emit(session, "invoice.balance_changed", invoice, audience="client")


def _became_deposit(session: Session, invoice: Invoice) -> None:
    """A deposit that is paid, by whatever part of it was not credited, is credit: net."""
    if invoice.kind is not InvoiceKind.deposit or invoice.credited_minor >= invoice.total_minor:
        return
    lines = invoice_lines.lines_of(session, invoice.id)
    net = invoice.net_minor - invoice_lines.credited_net(session, invoice.id)
    source = (CreditKind.deposit, invoice.id)
    if net > 0:
        credits.give(session, invoice, *source, net, lines[0].tax_rate_ids)


def _was_no_deposit(session: Session, invoice: Invoice) -> None:
    """Its payment was taken back: so is the credit, unless it was used since."""
    if invoice.kind is not InvoiceKind.deposit:
        return
    credit = credits.of_deposit(session, invoice.id)
    if credit is not None:
        net = invoice.net_minor - invoice_lines.credited_net(session, invoice.id)
        if net > 0:
            credits.withdraw(session, credit.id, net)


def add(session: Session, invoice: Invoice, payment: Payment) -> None:
    """Enter money of an invoice that the caller holds locked."""
    database.add(session, payment)
    invoice.paid_minor += payment.applied_minor
    settle(session, invoice)
    sums = (payment.applied_minor, payment.excess_minor, payment.received_on)
    bookings.paid(session, invoice, payment.id, *sums)
    outbox.emit(session, f"payment.{_TOLD[payment.kind]}", payment, audience="client")


def bring_back(session: Session, invoice: Invoice, today: date) -> None:
    """Money came, or went back, for what was written off: it is owed again."""
    if invoice.status is not InvoiceStatus.uncollectible:
        return
    bookings.written_off(session, invoice, -invoice.written_off_minor, today)
    invoice.open_minor, invoice.written_off_minor = invoice.written_off_minor, 0
    invoice.status, invoice.ended_reason = InvoiceStatus.finalised, None


def known(session: Session, external_id: str) -> Payment | None:
    """What somebody else's id was recorded as."""
    return session.exec(select(Payment).where(col(Payment.external_id) == external_id)).first()


def _check_sum(invoice: Invoice, amount_minor: int) -> None:
    if invoice.paid_minor + amount_minor > LARGEST:
        raise PaymentTooLarge(pointer="/amount/amount_minor")


def _check_some(wanted: int, left_minor: int) -> None:
    if wanted <= 0:
        raise credits.CreditExceeded(extra={"left_minor": left_minor})


def recorder(session: Session) -> UUID | None:
    """Who records it; nobody, where it is mirrored."""
    return cast(UUID | None, cast(database.Session, session).sight.membership_id)
