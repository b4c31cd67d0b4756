"""
What a document in another currency comes to in its budget's.

    amount = original × rate, rounded half-even to whole minor units

The rate is units of the budget's currency for one of the document's, as an exact decimal. Whoever
converted may have rounded otherwise: one minor unit more or less is taken.
"""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tenants.errors import Unprocessable
from tenants.money import LARGEST, exponent

ROUNDED_OTHERWISE = 1  # minor units


class RateRequired(Unprocessable):
    """A document in another currency needs its `rate` and the day of it, `rate_on`."""


class OriginalDiffers(Unprocessable):
    """The amount is not what `original` comes to; `converted_minor` is, where it can be told."""


def check(amount_minor: int, currency: str, original: dict[str, Any]) -> None:
    """Whether an amount is what its document says."""
    rate, rate_on = original["rate"], original["rate_on"]
    differs = original["currency"] != currency
    if (rate is None) != (rate_on is None) or (differs and rate is None):
        raise RateRequired(pointer="/original/rate")
    converted = _converted(original, currency, rate)
    same = differs or rate is None or Decimal(rate) == 1
    if not same or abs(converted - amount_minor) > ROUNDED_OTHERWISE:
        shown = {"converted_minor": converted} if converted <= LARGEST else {}
        raise OriginalDiffers(pointer="/original", extra=shown)


def columns(original: dict[str, Any] | None) -> dict[str, str | int | date | None]:
    """An original as an expense keeps it."""
    said = original or {}
    return {
        "original_amount_minor": said.get("amount_minor"),
        "original_currency": said.get("currency"),
        "original_rate": said.get("rate"),
        "original_rate_on": said.get("rate_on"),
    }


def _converted(original: dict[str, Any], currency: str, rate: str | None) -> int:
    """In minor units, of which a major one of each currency has its own number."""
    places = exponent(currency) - exponent(original["currency"])
    amount = Fraction(original["amount_minor"])
    return round(amount * Fraction(rate or 1) * Fraction(10) ** places)
