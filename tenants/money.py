"""
Money: an integer of minor units and an ISO 4217 code, never a float.

Two currencies never add up: that is a TypeError here, and a refusal before it gets here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, Self

from iso4217 import Currency
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from sqlalchemy import func
from sqlalchemy.ext.hybrid import hybrid_property
from sqlmodel import SQLModel

LARGEST = 2**53 - 1

# Funds and metals (XAU, XXX …) have no minor unit: no price is in them.
_EXPONENTS: dict[str, int] = {
    currency.code: currency.exponent for currency in Currency if currency.exponent is not None
}


def is_currency(code: str) -> bool:
    return code in _EXPONENTS


def exponent(currency: str) -> int:
    """How many decimals a currency's minor unit has: EUR 2, JPY 0, KWD 3 (ISO 4217 list one)."""
    return _EXPONENTS[currency]


def _known(code: str) -> str:
    if not is_currency(code):
        raise PydanticCustomError("unknown_currency", "not an ISO 4217 currency")
    return code


CurrencyCode = Annotated[
    str,
    Field(min_length=3, max_length=3, pattern="^[A-Z]{3}$", examples=["EUR"]),
    AfterValidator(_known),
    Field(json_schema_extra={"format": "iso-4217"}),
]
MinorUnits = Annotated[int, Field(strict=True, ge=-LARGEST, le=LARGEST)]
PositiveMinorUnits = Annotated[int, Field(strict=True, ge=1, le=LARGEST)]


def part_of(amount: int, part: int, whole: int) -> int:
    """amount x part ÷ whole, a half to the even neighbour: the one way money is rounded."""
    return round(Fraction(amount * part, whole))


def part_of_sql(amount: str, part: str, whole: str) -> str:
    """The same in SQL, of whole numbers that are not below zero, integers or numeric."""
    n, d = f"({amount} * {part})", f"({whole})"
    down = f"(({n} - mod({n}, {d})) / {d})"
    twice = f"2 * mod({n}, {d})"
    up = f"{twice} > {d} or {twice} = {d} and mod({down}, 2) = 1"
    return f"({down} + case when {up} then 1 else 0 end)"


class MoneyRead(SQLModel):
    """An amount in minor units of its currency."""

    amount_minor: int
    currency: str


def money_of(amount: str) -> Any:
    """A property of a row that has a `currency`: its amount, in a query as JSON. Never null."""

    def read(row: Any) -> MoneyRead:
        return MoneyRead(amount_minor=getattr(row, amount), currency=row.currency)

    def expression(model: Any) -> Any:
        pairs = ("amount_minor", getattr(model, amount), "currency", model.currency)
        return func.json_build_object(*pairs)

    return hybrid_property(read, expr=expression)


class MoneyWrite(SQLModel):
    """An amount above zero, in minor units of its currency."""

    amount_minor: PositiveMinorUnits
    currency: CurrencyCode


@dataclass(frozen=True, order=False)
class Money:
    amount: int
    currency: str

    def __add__(self, other: Self) -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Self) -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def allocate(self, weights: Sequence[int]) -> list["Money"]:
        """
        Split by weights without losing a unit: what rounding leaves goes, one unit each, to the
        largest remainders, the earlier of equals first.
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError("weights must not be negative and must not all be zero")
        shares = [divmod(self.amount * weight, total) for weight in weights]
        left = self.amount - sum(whole for whole, _ in shares)
        order = sorted(range(len(shares)), key=lambda index: -shares[index][1])
        winners = set(order[:left])
        return [
            Money(whole + (index in winners), self.currency)
            for index, (whole, _) in enumerate(shares)
        ]

    def _same(self, other: Self) -> int:
        if other.currency != self.currency:
            raise TypeError(f"{self.currency} and {other.currency} do not add up")
        return other.amount
