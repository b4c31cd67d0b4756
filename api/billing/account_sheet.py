"""A client's open items as a table, one line each. Amounts are decimals in their currency."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import Session
from starlette.responses import Response

from api.http import sheets
from api.http.answers import preferred_locale
from billing.receivable import account_statements
from billing.receivable.account_shapes import ClientAccountRead
from tenants import words
from tenants.money import exponent

COLUMNS = (
    *("number", "issued_on", "due_on", "days_late", "currency", "total", "open", "disputed"),
)


def table(session: Session, client_id: UUID) -> Response:
    """What a client owes, currency after currency, what is due first in front."""
    account = account_statements.read(session, client_id)
    locale = preferred_locale(session)
    head = [words.say(locale, "account_columns", name) for name in COLUMNS]
    rows = [row for each in account.accounts for row in _rows(each)]
    return sheets.answer("account-statement", locale, [head, *rows])


def _rows(account: ClientAccountRead) -> Iterator[list[Any]]:
    for item in account.items:
        yield [
            item.number,
            item.issued_on,
            item.due_on,
            item.days_late,
            account.currency,
            _decimal(item.total_minor, account.currency),
            _decimal(item.open_minor, account.currency),
            "x" if item.disputed else None,
        ]


def _decimal(amount_minor: int, currency: str) -> str:
    return str(Decimal(amount_minor).scaleb(-exponent(currency)))
