"""
What the cell of a table says: a count, an amount, a day, an id. Every cell is only text, whatever a
spreadsheet would make of it. A cell that says nothing is None; one that cannot be read is a Misread
with the code of the sentence that says why.
"""

import re
import unicodedata
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from api.metrics.figures import EARLIEST, LARGEST
from tenants.money import exponent

LATEST = 2200  # years


class Misread(ValueError):
    """A cell that cannot be read; its argument is the code of a sentence."""

    @property
    def code(self) -> str:
        return str(self.args[0])


class DateOrder(StrEnum):
    """What stands first in a day of three numbers: 07/14, or 14/07. A year may stand in front."""

    mdy = "mdy"
    dmy = "dmy"


class Decimals(StrEnum):
    """The sign in front of decimals; the other one groups thousands."""

    point = "."
    comma = ","


_SILENT = {"", "-", "--", "—", "–"}
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009']+")
_PLAIN = re.compile(r"-?[0-9]{1,20}")
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*")
_WHOLE = re.compile(r"(-?[0-9]{1,20})[.,]0{1,2}")
_DECIMAL = re.compile(r"-?[0-9]{1,20}(?:[.,][0-9]{1,9})?")
_SHORT = re.compile(
    r"(-?[0-9]{1,15}(?:[.,][0-9]{1,6})?)(k|m|b|mil|mill|millones)\.?", re.IGNORECASE
)
_MANGLED = re.compile(r"-?[0-9][.,]?[0-9]*e\+?[0-9]{1,3}", re.IGNORECASE)
_TIMES = {"k": 3, "mil": 3, "m": 6, "mill": 6, "millones": 6, "b": 9}


def text(cell: str, longest: int) -> str | None:
    """Words as they are compared and kept: NFKC, without control characters, in one line, cut."""
    found = unicodedata.normalize("NFKC", cell)
    found = " ".join(_UNSTORABLE.sub(" ", found).split())
    return found[:longest] or None


_UNSTORABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def count(cell: str) -> int | None:
    """`12,400` · `12.400` · `12 400` · `1.2K` · `12.0` → a whole number; a percentage → None."""
    said = cell.strip()
    if said.isascii() and said.isdigit() and len(said) < 16:
        return int(said)
    said = _SPACES.sub("", unicodedata.normalize("NFKC", said))
    if said in _SILENT or said.endswith("%"):
        return None
    value = _number(said)
    if value < 0:
        raise Misread("below_zero")
    if value > LARGEST:
        raise Misread("number_too_large")
    return value


def _number(said: str) -> int:
    if _PLAIN.fullmatch(said):
        return int(said)
    if _GROUPED.fullmatch(said):
        return int(said.replace(".", "").replace(",", ""))
    if whole := _WHOLE.fullmatch(said):
        return int(whole[1])
    if short := _SHORT.fullmatch(said):
        value = Decimal(short[1].replace(",", ".")).scaleb(_TIMES[short[2].lower()])
        return int(value.to_integral_value(ROUND_HALF_EVEN))
    if _MANGLED.fullmatch(said):
        raise Misread("number_mangled")
    raise Misread("not_whole" if _DECIMAL.fullmatch(said) else "not_a_number")


def amount(cell: str, currency: str, decimals: Decimals) -> int | None:
    """An amount in minor units of a currency; what is finer is rounded half-even."""
    said = _SPACES.sub("", unicodedata.normalize("NFKC", cell))
    if said in _SILENT:
        return None
    found = _AMOUNTS[decimals].fullmatch(said) if len(said) < 60 else None
    if found is None:
        # Guessed cell by cell, `1.234` would be one thing here and another below.
        other = Decimals.comma if decimals is Decimals.point else Decimals.point
        differs = len(said) < 60 and _AMOUNTS[other].fullmatch(said)
        raise Misread("decimals_differ" if differs else "not_a_number")
    whole, fraction = re.sub("[.,]", "", found[1]), found[2] or "0"
    scaled = Decimal(f"{whole}.{fraction}").scaleb(exponent(currency))
    value = int(scaled.to_integral_value(ROUND_HALF_EVEN))
    if abs(value) > LARGEST:
        raise Misread("number_too_large")
    return value


def _form_of_amounts(grouping: str, mark: str) -> re.Pattern[str]:
    whole = rf"-?(?:[0-9]{{1,3}}(?:{grouping}[0-9]{{3}})+|[0-9]{{1,20}})"
    return re.compile(
        rf"(?:[A-Z]{{3}}|[$€£¥])?({whole})(?:{mark}([0-9]{{1,12}}))?(?:[A-Z]{{3}}|[$€£¥])?"
    )


_AMOUNTS = {
    Decimals.point: _form_of_amounts(",", r"\."),
    Decimals.comma: _form_of_amounts(r"\.", ","),
}


def external_id(cell: str) -> str | None:
    """A network's id. What a spreadsheet made a number of (`1.22158E+17`) names nothing."""
    said = text(cell, 200)
    if said and _MANGLED.fullmatch(said):
        raise Misread("id_mangled")
    return said.removesuffix(".0") if said and re.fullmatch(r"[0-9]+\.0", said) else said


_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january", "ene", "enero"),
            ("feb", "february", "febrero"),
            ("mar", "march", "marzo"),
            ("apr", "april", "abr", "abril"),
            ("may", "mayo"),
            ("jun", "june", "junio"),
            ("jul", "july", "julio"),
            ("aug", "august", "ago", "agosto"),
            ("sep", "sept", "september", "septiembre", "set", "setiembre"),
            ("oct", "october", "octubre"),
            ("nov", "november", "noviembre"),
            ("dec", "december", "dic", "diciembre"),
        ),
        1,
    )
    for name in names
}
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_YEAR_FIRST = re.compile(r"([0-9]{4})[/.]([0-9]{1,2})[/.]([0-9]{1,2})")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_NUMBERS = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_WORDS = re.compile(r"[^\W\d_]+|[0-9]+")
_CLOCK = re.compile(
    r"[T ,]+([0-9]{1,2}):([0-9]{2})(?::[0-9]{2}(?:\.[0-9]+)?)?"
    r"\s*([ap]m)?\s*(z|[+-][0-9]{2}:?[0-9]{2})?\Z",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def day(cell: str, order: DateOrder, year: int | None, last: date) -> date | None:
    """
    `2026-07-14` · `07/14/2026` · `Tue, Jul 14, 2026` · `14 de julio` → a day. One without a year is
    of `year`, or of the year before it where it would lie after `last`.
    """
    said = _CLOCK.sub("", text(cell, 60) or "")
    if said in _SILENT:
        return None
    numbers = _in_numbers(said, order) or _in_words(said)
    if numbers is None:
        raise Misread("date_unreadable")
    found, month, number = numbers
    if found is not None:
        return _date(found, month, number)
    if year is None:
        raise Misread("date_without_year")
    return _without_year(year, month, number, last)


def _without_year(year: int, month: int, number: int, last: date) -> date:
    if (month, number) > (last.month, last.day) and year == last.year or year > last.year:
        year -= 1
    return _date(year, month, number)


def _date(year: int, month: int, number: int) -> date:
    try:
        found = date(year, month, number)
    except ValueError:
        raise Misread("date_unreadable") from None
    if not EARLIEST <= found.year <= LATEST:
        raise Misread("date_out_of_range")
    return found


def _in_numbers(said: str, order: DateOrder) -> tuple[int, int, int] | None:
    for form in (_ISO, _YEAR_FIRST, _COMPACT):
        if found := form.fullmatch(said):
            return int(found[1]), int(found[2]), int(found[3])
    if found := _NUMBERS.fullmatch(said):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        return (year, first, second) if order is DateOrder.mdy else (year, second, first)
    return None


def _in_words(said: str) -> tuple[int | None, int, int] | None:
    """A month by its name, a day, perhaps a year, in any order; weekdays and `de` say nothing."""
    words = _WORDS.findall(said.casefold())
    months = [_MONTHS[word] for word in words if word in _MONTHS]
    if len(months) == 2 and words[0] == "mar":  # `mar, 14 jul 2026`: a Tuesday
        months = months[1:]
    numbers = [int(word) for word in words if word.isdigit() and len(word) <= 4]
    days = [number for number in numbers if number <= 31]
    years = [number for number in numbers if number > 999]
    if len(months) != 1 or len(days) != 1 or len(years) > 1 or len(words) > 6:
        return None
    return (years[0] if years else None), months[0], days[0]


def moment(
    cell: str, order: DateOrder, year: int | None, last: date, zone: ZoneInfo
) -> datetime | None:
    """An instant: a day and a time on the clocks of `zone`, unless the cell has its own offset."""
    said = text(cell, 60) or ""
    found = day(said, order, year, last)
    if found is None:
        return None
    hour, minute = 0, 0
    if clock := _CLOCK.search(said):
        hour, minute, half = int(clock[1]), int(clock[2]), (clock[3] or "").lower()
        hour = hour % 12 + (12 if half == "pm" else 0) if half else hour
    try:
        local = datetime.combine(found, time(hour, minute), zone)
    except ValueError:
        raise Misread("date_unreadable") from None
    if clock and clock[4]:
        return datetime.fromisoformat(f"{local:%Y-%m-%dT%H:%M}{clock[4].upper()}").astimezone(UTC)
    return local.astimezone(UTC)
