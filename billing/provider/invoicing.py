"""
A client's invoice on the agency's own account at Stripe: pushed when it is final, paid there, and
every payment and refund told once to whoever keeps the invoice.

These are direct charges: the agency is who sells, and bears the fees and disputes. Money is counted
in minor units by both, so only currencies are taken for which both mean the same by one.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from billing.provider import accounts, gateway, operations
from billing.provider.gateway import CurrencyNotTaken, InvoiceSnapshot
from billing.provider.stripe_models import (
    MoneyKind,
    Operation,
    OperationState,
    StripeInvoice,
    StripePayment,
)
from tenants import database, jobs, outbox

SYNC = "billing.sync_invoice"
FINAL = ("paid", "void", "uncollectible")
_MIRRORED = (
    *("status", "number", "hosted_url", "amount_minor", "paid_minor", "remaining_minor"),
    "disputed_minor",
)

# What Stripe takes, and counts as ISO 4217 does. It does not so count ISK, UGX and MGA; those with
# three decimals it rounds.
CURRENCIES = frozenset(
    """
    AED ALL AMD ARS AUD AZN BAM BBD BDT BGN BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CLP
    CNY COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL
    HTG HUF IDR ILS INR JMD JPY KES KGS KHR KMF KRW KYD KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK
    MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN PYG QAR RON
    RSD RWF SAR SBD SCR SEK SGD SHP SOS SRD SZL THB TJS TOP TRY TTD TWD TZS UAH USD UYU UZS VND
    VUV WST XAF XCD XOF XPF YER ZAR ZMW
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Line:
    """What is billed, in the client's language."""

    label: str
    amount_minor: int


@dataclass(frozen=True)
class Bill:
    """A final invoice of ours, as much of it as Stripe needs."""

    invoice_id: UUID
    client_id: UUID
    client_name: str
    client_email: str | None
    currency: str
    lines: Sequence[Line]
    days_until_due: int


Listener = Callable[[database.Session, StripeInvoice, StripePayment], None]
_listeners: list[Listener] = []


def on_payment(listener: Listener) -> Listener:
    """Hear every payment and refund once, in the transaction that keeps it."""
    _listeners.append(listener)
    return listener


def check_currency(currency: str) -> None:
    if currency not in CURRENCIES:
        raise CurrencyNotTaken(pointer="/currency", currency=currency)


def push(session: Session, bill: Bill) -> Operation:
    """Put a final invoice on the agency's account; asked for again, it is the same one."""
    gateway.needed()
    check_currency(bill.currency)
    account = accounts.ready(session)
    known = operations.last(session, "invoice", bill.invoice_id)
    if known is not None and known.state is not OperationState.failed:
        return known
    request = {
        "reference": str(bill.invoice_id),
        "account": account.stripe_id,
        "customer": _customer_of(session, bill.client_id, account.stripe_id),
        "client": str(bill.client_id),
        "name": bill.client_name,
        "email": bill.client_email,
        "currency": bill.currency,
        "lines": [asdict(line) for line in bill.lines],
        "days_until_due": bill.days_until_due,
    }
    attempt = known.attempt + 1 if known else 1
    operation = operations.plan(session, "invoice", bill.invoice_id, request, attempt=attempt)
    operations.ask(session, operation)
    return operation


def _customer_of(session: Session, client_id: UUID, account: str) -> str | None:
    """Who the client is on that account, when it was billed there before."""
    query = select(StripeInvoice.customer_id).where(
        col(StripeInvoice.client_id) == client_id, col(StripeInvoice.account) == account
    )
    return session.exec(query.order_by(col(StripeInvoice.id).desc()).limit(1)).first()


@operations.settles("invoice")
def keep(session: database.Session, operation: Operation) -> None:
    """It is there: what it looks like is asked for."""
    if operation.stripe_id is None or operation.result is None:
        return
    asked = operation.request
    amount_minor = sum(line["amount_minor"] for line in asked["lines"])
    row = StripeInvoice(
        client_id=UUID(asked["client"]),
        invoice_id=operation.subject_id,
        account=asked["account"],
        customer_id=operation.result["customer"],
        stripe_id=operation.stripe_id,
        status="open",
        number=operation.result["number"],
        hosted_url=operation.result["url"],
        currency=asked["currency"],
        amount_minor=amount_minor,
        remaining_minor=amount_minor,
    )
    database.add(session, row)
    outbox.emit(session, "stripe_invoice.created", row)
    jobs.enqueue(session, SYNC, stripe_id=row.stripe_id)


def find(session: Session, invoice_id: UUID) -> StripeInvoice | None:
    """An invoice of ours, as it stands at Stripe: its page to pay on, for one."""
    query = select(StripeInvoice).where(col(StripeInvoice.invoice_id) == invoice_id)
    return session.exec(query).first()


def void(session: Session, invoice_id: UUID) -> Operation | None:
    """Take an invoice back there, when ours is void; None where it never was there."""
    row = find(session, invoice_id)
    if row is None or row.status in ("void", "paid"):
        return None
    request = {"reference": str(row.id), "account": row.account, "invoice": row.stripe_id}
    operation = operations.plan(session, "void_invoice", row.id, request)
    operations.ask(session, operation)
    return operation


def mirror(
    session: database.Session, row: StripeInvoice, found: InvoiceSnapshot | None
) -> StripeInvoice:
    """
    Take over what Stripe says of an invoice now, and tell what was paid and went back since. What a
    payer's bank asks about is told, and stays as it was paid until that is decided.
    """
    disputed = False
    if found is None:
        row.status = "deleted"
    else:
        disputed = found.disputed_minor > row.disputed_minor
        for name in _MIRRORED:
            setattr(row, name, getattr(found, name))
    if session.is_modified(row):  # asked before anything is written
        outbox.emit(session, "stripe_invoice.updated", row)
        if disputed:
            outbox.emit(session, "stripe_invoice.disputed", row)
    if found is not None:
        _tell_payments(session, row, found)
    return row


def _tell_payments(session: database.Session, row: StripeInvoice, found: InvoiceSnapshot) -> None:
    """
    The row is locked: what is known is all that has been told. A refund that failed is told once,
    for whoever asked for it has to pay otherwise; one that never went through before it failed is
    kept as gone and come again, and nobody books either.
    """
    query = select(StripePayment.external_id).where(col(StripePayment.invoice_row_id) == row.id)
    known = set(session.exec(query))
    never_went = {each.of for each in found.payments if each.kind == "refund_failed"} - known
    for each in sorted(found.payments, key=lambda payment: payment.occurred_at):
        if each.id in known or each.amount_minor == 0:
            continue
        payment = StripePayment(
            client_id=row.client_id,
            invoice_row_id=row.id,
            kind=MoneyKind(each.kind),
            external_id=each.id,
            of=each.of,
            amount_minor=each.amount_minor,
            currency=each.currency,
            occurred_at=each.occurred_at,
        )
        if never_went.isdisjoint((each.id, each.of)):
            for listener in _listeners:  # they say how much of it they booked
                listener(session, row, payment)
        database.add(session, payment)
        outbox.emit(session, "stripe_payment.recorded", payment)
        if payment.kind is MoneyKind.refund_failed:
            outbox.emit(session, "stripe_invoice.refund_failed", row)
        database.touch(row)  # it was otherwise, though its own sums may be as they were
