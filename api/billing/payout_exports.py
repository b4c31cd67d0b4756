"""Payouts as a table, one line each. Amounts are decimals in their currency, with a point."""

from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select
from starlette.responses import Response

from api.http import sheets
from api.http.answers import preferred_locale
from billing.payable import destinations, payouts
from billing.payable.payout_models import PayeeDetails, Payout
from billing.payable.payout_shapes import PayoutFilter
from billing.payable.sources import sight_of
from tenants import words
from tenants.errors import Unprocessable
from tenants.money import exponent

MOST = 20_000  # payouts in one table
COLUMNS = (
    *("id", "created_on", "status", "payee", "legal_name", "country", "method", "account"),
    *("currency", "gross", "deducted", "amount", "provider", "reference", "paid_on"),
    *("returned_on", "reason"),
)


class PayoutTableTooLarge(Unprocessable):
    """More than 20,000 payouts; name fewer of them by a filter."""


def table(session: Session, wanted: PayoutFilter) -> Response:
    """The payouts in sight, in the order in which they were made."""
    query = (
        select(Payout, PayeeDetails)
        .join(
            PayeeDetails,
            (col(PayeeDetails.agency_id) == col(Payout.agency_id))
            & (col(PayeeDetails.id) == col(Payout.details_id)),
        )
        .where(col(Payout.agency_id) == sight_of(session).agency_id)
        .order_by(col(Payout.id))
        .limit(MOST + 1)
    )
    found = session.exec(payouts.filtered(query, wanted)).all()
    if len(found) > MOST:
        raise PayoutTableTooLarge
    locale = preferred_locale(session)
    head = [words.say(locale, "payout_columns", name) for name in COLUMNS]
    return sheets.answer("payouts", locale, [head, *(_row(*each) for each in found)])


def _row(payout: Payout, details: PayeeDetails) -> list[Any]:
    shown = {
        "created_on": payout.created_at.date(),
        "status": payout.status.value,
        "payee": payout.payee_id,
        "legal_name": details.legal_name,
        "country": details.country,
        "method": details.method and details.method.value,
        "account": destinations.masked(details.iban or details.account_number),
        "gross": _decimal(payout.gross_minor, payout.currency),
        "deducted": _decimal(payout.deducted_minor, payout.currency),
        "amount": _decimal(payout.amount_minor, payout.currency),
    }
    return [shown[name] if name in shown else getattr(payout, name) for name in COLUMNS]


def _decimal(amount_minor: int, currency: str) -> str:
    return str(Decimal(amount_minor).scaleb(-exponent(currency)))
