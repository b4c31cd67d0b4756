"""
Money that is given back: a credit, by hand; or a payment where it was made, as it is told there.

What was given back of a payment pays the client's credit from the same invoice first: what was paid
too much, or credited after it was paid. For the rest the invoice is open again, and a credit note
that follows settles it: the books come to the same, whichever was first. What a client has used
elsewhere since is neither; it is left to a person.
"""

from datetime import date
from itertools import count
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from billing.receivable import bookings, credits, invoice_lines, payments
from billing.receivable.invoice_models import Invoice, InvoiceKind, InvoiceStatus
from billing.receivable.issuing import today_of
from billing.receivable.payment_models import (
    ClientCredit,
    CreditKind,
    CreditUseKind,
    Payment,
    PaymentKind,
    ReceiptMethod,
)
from billing.receivable.payments import CreditNotDeducted
from tenants import database, outbox


def refund(
    session: Session,
    credit_id: UUID,
    amount_minor: int,
    method: ReceiptMethod,
    *,
    received_on: date | None = None,
    **said: Any,
) -> Payment:
    """Pay a credit back; a deposit is credited first."""
    credit = database.get(session, ClientCredit, credit_id, lock=True)
    if credit.kind is CreditKind.deposit:
        raise CreditNotDeducted
    credits.take(session, credit, CreditUseKind.refunded, amount_minor)
    payment = Payment(
        client_id=credit.client_id,
        kind=PaymentKind.refund,
        amount_minor=-amount_minor,
        applied_minor=0,
        excess_minor=-amount_minor,
        currency=credit.currency,
        method=method,
        received_on=received_on or today_of(session),
        credit_id=credit.id,
        recorded_by=payments.recorder(session),
        **said,
    )
    database.add(session, payment)
    invoice = database.get(session, Invoice, credit.invoice_id)
    bookings.refunded(session, invoice, payment.id, amount_minor, payment.received_on)
    outbox.emit(session, "payment.refunded", payment, audience="client")
    return payment


def give_back(
    session: Session,
    invoice: Invoice,
    payment: Payment,
    amount_minor: int,
    *,
    external_id: str,
    reference: str | None,
    received_on: date,
) -> int:
    """
    Book what was given back of a payment of an invoice that the caller holds locked, under one
    `external_id` or several made of it; how much of it could be. Of a payment that was reversed by
    hand nothing is left to book.
    """
    if _is_reversed(session, payment):
        return 0
    names = (external_id if place == 1 else f"{external_id}#{place}" for place in count(1))
    said: dict[str, Any] = {
        "reference": reference,
        "received_on": received_on,
        "reversal_of": payment.id,
    }
    left = amount_minor
    for credit in _credits(session, invoice):
        part = min(credit.left_minor, left)
        if part:
            own = {**said, "external_id": next(names)}
            refund(session, credit.id, part, payment.method, **own)
            left -= part
    part = min(left, invoice.paid_minor)
    if part and not _is_deducted(session, invoice):
        _open_again(session, invoice, part, payment.method, external_id=next(names), **said)
        left -= part
    return amount_minor - left


def _open_again(
    session: Session, invoice: Invoice, amount_minor: int, method: ReceiptMethod, **said: Any
) -> None:
    payments.bring_back(session, invoice, said["received_on"])
    back = Payment(
        client_id=invoice.client_id,
        kind=PaymentKind.refund,
        invoice_id=invoice.id,
        amount_minor=-amount_minor,
        applied_minor=-amount_minor,
        currency=invoice.currency,
        method=method,
        recorded_by=payments.recorder(session),
        **said,
    )
    payments.add(session, invoice, back)


def _is_reversed(session: Session, payment: Payment) -> bool:
    query = select(Payment.id).where(
        col(Payment.reversal_of) == payment.id, col(Payment.kind) == PaymentKind.reversal
    )
    return session.exec(query).first() is not None


def _credits(session: Session, invoice: Invoice) -> list[ClientCredit]:
    """What the client has to its credit from an invoice, as money, oldest first."""
    query = select(ClientCredit).where(
        col(ClientCredit.invoice_id) == invoice.id,
        col(ClientCredit.kind) != CreditKind.deposit,
        col(ClientCredit.left_minor) > 0,
    )
    return list(session.exec(query.order_by(col(ClientCredit.id)).with_for_update()))


def _is_deducted(session: Session, invoice: Invoice) -> bool:
    """Whether a paid deposit stands on another invoice already, and so is no longer to be had."""
    if invoice.kind is not InvoiceKind.deposit or invoice.status is not InvoiceStatus.paid:
        return False
    credit = credits.of_deposit(session, invoice.id)
    net = invoice.net_minor - invoice_lines.credited_net(session, invoice.id)
    return credit is not None and credit.left_minor < net
