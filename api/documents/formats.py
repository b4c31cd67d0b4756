"""Figures, money and dates as a reader of that language writes them (CLDR, through Babel).

The only place that turns a number into text, so the same number never shows in two ways.
Rates arrive as exact fractions and are rounded once, half up, as people do on paper.
"""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton
from babel.numbers import (
    NumberPattern,
    format_compact_decimal,
    format_currency,
    format_decimal,
    parse_pattern,
)

from tenants.money import exponent

NBSP = "\u00a0"
MINUS = "\u2212"

Number = int | Fraction

# A bare language is read as it is written in Europe: day before month, 24-hour clock.
_REGION = {"es": "es", "en": "en_GB"}
_SKELETON = {
    "day": "MMMd",
    "day_year": "yMMMd",
    "long_day": "MMMMd",
    "month": "yMMMM",
    "short_month": "MMM",
}
_QUARTER_STARTS = (1, 4, 7, 10)

DateStyle = Literal["day", "day_year", "long_day", "month", "short_month"]


def rounded(value: Number, digits: int) -> Decimal:
    """`value` with `digits` decimals, half up."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    # Adding zero takes the sign off a zero.
    return exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP) + 0


class Formats:
    """The conventions of one locale tag (`es`, `en-US`), one currency and one time zone."""

    def __init__(self, tag: str, currency: str, timezone: str) -> None:
        self.locale = Locale.parse(_REGION.get(tag, tag).replace("-", "_"))
        self.currency = currency
        self.zone = ZoneInfo(timezone)

    @property
    def language(self) -> str:
        return str(self.locale.language)

    def count(self, value: int) -> str:
        return self._decimal(Decimal(value), 0)

    def decimal(self, value: Number, digits: int = 1) -> str:
        return self._decimal(rounded(value, digits), digits)

    def percent(self, value: Number, digits: int = 1) -> str:
        """A share as a percentage, with the spacing of the language: `5,5 %`, `5.5%`."""
        shown = self._decimal(rounded(value * Fraction(100), digits), digits)
        pattern = str(self.locale.percent_formats[None].pattern)
        return shown + pattern.removeprefix("#,##0")

    def points(self, value: Number, unit: str) -> str:
        """A difference of two shares, in percentage points: a rate never changes "by per cent"."""
        return self.signed(rounded(value * Fraction(100), 1), 1) + NBSP + unit

    def signed(self, value: Decimal | int, digits: int = 0) -> str:
        """With its sign written, except when it rounds to nothing."""
        sign = "+" if value > 0 else ""
        return sign + self._decimal(Decimal(value), digits)

    def signed_percent(self, value: Number, digits: int = 1) -> str:
        sign = "+" if rounded(value * Fraction(100), digits) > 0 else ""
        return sign + self.percent(value, digits)

    def money(self, minor: Number) -> str:
        """An amount of minor units; a fraction of one (a cost per click) is rounded to it."""
        places = exponent(self.currency)  # of ISO 4217, as it is stored: CLDR has its own
        amount = rounded(minor, 0).scaleb(-places)
        pattern = str(self.locale.currency_formats["standard"].pattern)
        shown = pattern.replace("0.00", "0" + ("." + "0" * places if places else ""))
        return self._true_minus(
            format_currency(amount, self.currency, shown, locale=self.locale, currency_digits=False)
        )

    def signed_money(self, minor: Number) -> str:
        return ("+" if rounded(minor, 0) > 0 else "") + self.money(minor)

    def compact(self, value: int) -> str:
        """For an axis: `20 mil`, `1,6 M`."""
        unit = 10**6 if abs(value) >= 10**6 else 1000
        digits = 1 if value % unit and abs(value) >= unit else 0
        text = format_compact_decimal(value, locale=self.locale, fraction_digits=digits)
        return self._true_minus(text)

    def minutes(self, value: int) -> str:
        """Hours and minutes. Babel's own short form says "1 horas" in Spanish."""
        hours, rest = divmod(abs(value), 60)
        parts = [f"{self.count(hours)}{NBSP}h"] if hours else []
        if rest or not hours:
            parts.append(f"{self.count(rest)}{NBSP}min")
        return (MINUS if value < 0 else "") + NBSP.join(parts)

    def signed_minutes(self, value: int) -> str:
        return ("+" if value > 0 else "") + self.minutes(value)

    def date(self, day: dt.date, style: DateStyle = "day") -> str:
        return str(format_skeleton(_SKELETON[style], day, locale=self.locale))

    def near_date(self, day: dt.date, reference: dt.date) -> str:
        """The year is said only when it is not the reference's."""
        return self.date(day, "day" if day.year == reference.year else "day_year")

    def moment(self, instant: dt.datetime) -> str:
        """Date and time on the reader's wall clock: `4 nov 2026, 10:30`."""
        local = instant.astimezone(self.zone)
        return f"{format_date(local.date(), 'medium', locale=self.locale)}, {local:%H:%M}"

    def local_day(self, instant: dt.datetime) -> dt.date:
        return instant.astimezone(self.zone).date()

    def interval(self, start: dt.date, end: dt.date) -> str:
        if start == end:
            return str(format_date(start, "long", locale=self.locale))
        return str(format_interval(start, end, "yMMMMd", locale=self.locale))

    def span(self, start: dt.date, end: dt.date) -> str:
        """A whole month or quarter by its name, anything else from day to day."""
        after = end + dt.timedelta(days=1)
        months = (after.year - start.year) * 12 + after.month - start.month
        whole = start.day == 1 and after.day == 1
        if whole and months == 1:
            return self.date(start, "month")
        if whole and months == 3 and start.month in _QUARTER_STARTS:
            return str(format_skeleton("yQQQQ", start, locale=self.locale))
        return self.interval(start, end)

    def _decimal(self, value: Decimal, digits: int) -> str:
        return self._true_minus(format_decimal(value, format=_pattern(digits), locale=self.locale))

    @staticmethod
    def _true_minus(text: str) -> str:
        return text.replace("-", MINUS)


@lru_cache(maxsize=64)
def formats(tag: str, currency: str, timezone: str) -> Formats:
    """Raises ValueError or babel.UnknownLocaleError for a tag that is none."""
    return Formats(tag, currency, timezone)


@lru_cache(maxsize=64)
def _pattern(digits: int) -> NumberPattern:
    """Read once: that takes as long as to write a number by it."""
    return parse_pattern("#,##0" + ("." + "0" * digits if digits else ""))
