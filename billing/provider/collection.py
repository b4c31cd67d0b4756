"""
Clients' final invoices, put on the agency's own account at Stripe, and what clients pay there.

An invoice that goes out is put there by itself: what is still open of it, its taxes as one line
more. What went out before the account took payments is put there once it does. It is taken back
there when it is void here, or paid otherwise.

What is paid there is recorded here once, by Stripe's id of it, and so is what goes back there
(`refunds`): a refund, or a dispute that was lost, after which no reminder goes out until a person
has settled it. A refund that failed is money that came again (`stripe_invoice.refund_failed`), or,
where it had not gone through yet, nothing to book. What the books have no place for is told all the
same (`stripe_payment.recorded`, with less `booked_minor` than its amount), and is a person's to see
to.
"""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from billing.provider import accounts, gateway, invoicing
from billing.provider.invoicing import CURRENCIES, Bill, Line
from billing.provider.stripe_models import (
    ConnectAccount,
    MoneyKind,
    Operation,
    StripeInvoice,
    StripePayment,
)
from billing.receivable import dunning, invoice_lines, invoice_states, payments, refunds
from billing.receivable.invoice_models import OPEN, Invoice, InvoiceStatus
from billing.receivable.payment_models import ReceiptMethod
from tenants import clock, database, jobs, words
from tenants.auth import Actor
from tenants.clients import current_agency
from tenants.models import Client
from tenants.outbox import Event
from tenants.worker import on

PUT_EARLIER = "billing.put_earlier_invoices"
BATCH = 50  # invoices of one transaction
_OVER = frozenset({InvoiceStatus.void, InvoiceStatus.paid})


def put_there(session: Session, invoice: Invoice) -> bool:
    """Put what is open of an invoice where the client can pay it; whether it can be."""
    account = accounts.find(session)
    takes = account is not None and account.charges_enabled and invoice.currency in CURRENCIES
    if gateway.current().name != "stripe" or not takes or invoice.status not in OPEN:
        return False
    client = database.get(session, Client, invoice.client_id)
    assert invoice.due_on is not None
    days = (invoice.due_on - clock.today(client.timezone)).days
    bill = Bill(
        invoice_id=invoice.id,
        client_id=client.id,
        client_name=client.name,
        client_email=None,
        currency=invoice.currency,
        lines=_lines(session, invoice, client.locale),
        days_until_due=max(days, 0),
    )
    invoicing.push(session, bill)
    return True


def _lines(session: Session, invoice: Invoice, locale: str) -> list[Line]:
    """What is billed, net; its taxes; and what is settled already: together, what is open."""
    language = words.language(locale)
    lines = [
        Line(line.label.get(language) or next(iter(line.label.values())), line.amount_minor)
        for line in invoice_lines.lines_of(session, invoice.id)
    ]
    more = {
        "taxes": invoice.total_minor - sum(line.amount_minor for line in lines),
        "settled": invoice.open_minor - invoice.total_minor,
    }
    said = [Line(words.say(locale, "collection", name), n) for name, n in more.items() if n]
    return [*lines, *said]


@on("invoice.finalised")
def put_final_invoice(session: database.Session, event: Event) -> None:
    put_there(session, database.get(session, Invoice, event.subject_id, lock=True))


@on("connect_account.updated")
def put_earlier_invoices(session: database.Session, event: Event) -> None:
    """What is open already can be paid there, too, now that the account takes payments."""
    account = database.get(session, ConnectAccount, event.subject_id)
    if account.payee_id is None and account.charges_enabled:
        jobs.enqueue(session, PUT_EARLIER, queue=jobs.Queue.bulk)


def put_earlier(actor: Actor, beat: Callable[[int, int | None], None]) -> int:
    """Put what is open there, what is due first first; how many were."""
    put = 0
    while some := _put_some(actor):
        put += some
        beat(put, None)
    return put


def _put_some(actor: Actor) -> int:
    asked = select(Operation.subject_id).where(col(Operation.kind) == "invoice")
    query = select(Invoice.id).where(
        col(Invoice.status).in_(OPEN),
        col(Invoice.currency).in_(CURRENCIES),
        col(Invoice.id).not_in(asked),
    )
    with database.agency_session(actor) as session:
        found = session.exec(query.order_by(col(Invoice.due_on), col(Invoice.id)).limit(BATCH))
        return sum(
            put_there(session, database.get(session, Invoice, id, lock=True)) for id in found.all()
        )


@on("invoice.voided", "invoice.paid")
def take_back(session: database.Session, event: Event) -> None:
    """Nobody pays there what is not owed any more; what was paid there stays as it is."""
    if gateway.current().name == "stripe":
        invoicing.void(session, event.subject_id)


@on("stripe_invoice.created")
def take_back_late(session: database.Session, event: Event) -> None:
    """It became void, or was paid otherwise, while nobody knew yet whether it was there."""
    row = database.get(session, StripeInvoice, event.subject_id)
    invoice = session.get(Invoice, (row.agency_id, row.invoice_id))
    if invoice is not None and invoice.status in _OVER and gateway.current().name == "stripe":
        invoicing.void(session, invoice.id)


@invoicing.on_payment
def record(session: database.Session, row: StripeInvoice, paid: StripePayment) -> None:
    """
    What came or went there, in the books of the invoice; an invoice of nobody's is not ours, and
    what was paid while it became void here is a person's to give back.
    """
    if session.get(Invoice, (row.agency_id, row.invoice_id)) is None:
        return
    invoice = invoice_states.hold(session, row.invoice_id)
    if invoice.status is InvoiceStatus.void or invoice.currency != paid.currency:
        return
    if paid.amount_minor < 0:
        paid.booked_minor = -_gave_back(session, invoice, paid, row.number)
    else:
        paid.booked_minor = _came(session, invoice, paid, row.number)
    if paid.kind is MoneyKind.dispute and paid.booked_minor and invoice.status in OPEN:
        locale = current_agency(session).locale
        dunning.dispute(session, invoice.id, words.say(locale, "collection", "dispute_lost"))


def _came(
    session: database.Session, invoice: Invoice, paid: StripePayment, number: str | None
) -> int:
    amount = paid.amount_minor if paid.of is None else -_booked(session, paid.of)
    before = payments.known(session, paid.external_id)
    by_hand = before and (before.invoice_id, before.amount_minor) != (invoice.id, amount)
    if amount == 0 or by_hand:
        return 0
    payments.record(
        session,
        invoice,
        amount,
        method=ReceiptMethod.other,
        reference=number,
        external_id=paid.external_id,
        received_on=_day(session, paid.occurred_at),
    )
    return amount


def _gave_back(
    session: database.Session, invoice: Invoice, paid: StripePayment, number: str | None
) -> int:
    of = payments.known(session, str(paid.of))
    if of is None or of.invoice_id != invoice.id or payments.known(session, paid.external_id):
        return 0
    return refunds.give_back(
        session,
        invoice,
        of,
        -paid.amount_minor,
        external_id=paid.external_id,
        reference=number,
        received_on=_day(session, paid.occurred_at),
    )


def _booked(session: Session, external_id: str) -> int:
    """How much of a refund was booked, below zero."""
    booked = select(StripePayment.booked_minor).where(col(StripePayment.external_id) == external_id)
    return session.exec(booked).one()


def _day(session: Session, at: datetime) -> date:
    """The day where the agency is; not one that has not come there."""
    zone = current_agency(session).timezone
    return min(at.astimezone(ZoneInfo(zone)).date(), clock.today(zone))
