"""
What a client owes: its open items in each currency, by how late they are, and what it has to its
credit. Days late are counted by the client's own calendar.

    not due · 1–30 · 31–60 · 61–90 · over 90 days after the due day
"""

from collections import defaultdict
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from billing.receivable.account_shapes import (
    AccountStatementRead,
    AgedRead,
    ClientAccountRead,
    OpenItemRead,
)
from billing.receivable.invoice_models import OPEN, Invoice
from billing.receivable.payment_models import ClientCredit, CreditKind
from tenants import clock, database
from tenants.errors import Unprocessable
from tenants.models import Client
from tenants.money import LARGEST

MOST_ITEMS = 5_000
_BOUNDS = (0, 30, 60, 90)


class AccountTooLarge(Unprocessable):
    """More than 5,000 open items, or amounts above 2^53 - 1 minor units."""


def read(session: Session, client_id: UUID) -> AccountStatementRead:
    """A client's account today, where it is."""
    client = database.get(session, Client, client_id)
    today = clock.today(client.timezone)
    items: dict[str, list[Invoice]] = defaultdict(list)
    for invoice in _open(session, client.id):
        items[invoice.currency].append(invoice)
    credit: dict[tuple[str, bool], int] = defaultdict(int)
    for each in _credits(session, client.id):
        credit[each.currency, each.kind is CreditKind.deposit] += each.left_minor
    currencies = sorted({*items, *(currency for currency, _ in credit)})
    return AccountStatementRead(
        client_id=client.id,
        as_of=today,
        accounts=[
            _account(each, items[each], credit[each, False], credit[each, True], today)
            for each in currencies
        ],
    )


def aged(items: list[OpenItemRead]) -> AgedRead:
    """Open items by how late they are."""
    sums = [0] * (len(_BOUNDS) + 1)
    for item in items:
        sums[sum(item.days_late > bound for bound in _BOUNDS)] += item.open_minor
    names = AgedRead.model_fields
    return AgedRead(**dict(zip(names, sums, strict=True)))


def _account(
    currency: str, invoices: list[Invoice], credit: int, deposit: int, today: date
) -> ClientAccountRead:
    items = [_item(invoice, today) for invoice in invoices]
    owed = sum(item.open_minor for item in items)
    if max(owed, credit, deposit) > LARGEST:
        raise AccountTooLarge
    return ClientAccountRead(
        currency=currency,
        open_minor=owed,
        credit_minor=credit,
        deposit_minor=deposit,
        balance_minor=owed - credit,
        aged=aged(items),
        items=items,
    )


def _item(invoice: Invoice, today: date) -> OpenItemRead:
    assert invoice.number is not None
    assert invoice.issued_on is not None
    assert invoice.due_on is not None
    return OpenItemRead(
        invoice_id=invoice.id,
        number=invoice.number,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        days_late=max((today - invoice.due_on).days, 0),
        total_minor=invoice.total_minor,
        open_minor=invoice.open_minor,
        disputed=invoice.disputed_at is not None,
    )


def _open(session: Session, client_id: UUID) -> list[Invoice]:
    query = (
        select(Invoice)
        .where(col(Invoice.client_id) == client_id, col(Invoice.status).in_(sorted(OPEN)))
        .order_by(col(Invoice.due_on), col(Invoice.id))
        .limit(MOST_ITEMS + 1)
    )
    found = list(session.exec(query))
    if len(found) > MOST_ITEMS:
        raise AccountTooLarge
    return found


def _credits(session: Session, client_id: UUID) -> list[ClientCredit]:
    query = select(ClientCredit).where(
        col(ClientCredit.client_id) == client_id, col(ClientCredit.left_minor) > 0
    )
    return list(session.exec(query))
