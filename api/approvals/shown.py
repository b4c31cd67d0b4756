"""
A decision's document, laid out to be read: labels, money and days as the reader writes them.

It knows no kind of subject. What is listed is a table, the rest are labelled values, in the order
of the labels (the database keeps none); a word that nobody has labelled comes last, as it is.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.documents.formats import Formats, formats
from api.documents.words import Words, words

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*")
_LINK = re.compile(r"https?://\S+")
# Members whose values are words of the platform's own, which people read in their language.
_CODED = {
    "goal",
    "formats",
    "measure",
    "category",
    "paid_by",
    "kind",
    "action",
    "renews",
    "rollover",
    "milestone",
    "media",
    "territories",
    "uses",
}
# Members whose values may be one of the platform's own words, or whatever somebody wrote.
_NAMED = {"network", "placement"}


@dataclass(frozen=True)
class Cell:
    """One value; `link`: it leads there; `figure`: it is set as a figure is."""

    label: str
    text: str
    link: str | None = None
    figure: bool = False


@dataclass(frozen=True)
class Table:
    """What is listed under one name. Every row has a cell for each column."""

    label: str
    columns: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Section:
    """One subject of a decision."""

    title: str
    cells: Sequence[Cell]
    tables: Sequence[Table]


def sections(document: Mapping[str, Any], locale: str, timezone: str) -> list[Section]:
    """What is decided on, subject by subject."""
    return [
        _Reader(locale, timezone, _currency(subject)).section(subject)
        for subject in document.get("subjects", [])
    ]


def _currency(value: Any) -> str:
    """The currency that amounts without one of their own are in."""
    found = value.get("currency") if isinstance(value, dict) else None
    if isinstance(found, str):
        return found
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next(filter(None, map(_currency, inside)), "")


class _Reader:
    def __init__(self, locale: str, timezone: str, currency: str) -> None:
        self.locale, self.timezone, self.currency = locale, timezone, currency or "EUR"
        self.language = self._formats().language
        self.words: Words = words(self.language)
        self.places = {name: place for place, name in enumerate(self.words.group("field"))}

    def section(self, subject: Mapping[str, Any]) -> Section:
        kind = str(subject.get("type", ""))
        members = {key: subject[key] for key in self._ordered(subject) if key != "type"}
        lists = {key: value for key, value in members.items() if _is_list(value)}
        plain = {key: value for key, value in members.items() if key not in lists}
        return Section(
            title=self._word("subject", kind),
            cells=[cell for cell in map(self._cell, plain, plain.values()) if cell.text],
            tables=[self._table(key, rows) for key, rows in lists.items()],
        )

    def _table(self, key: str, rows: Sequence[Mapping[str, Any]]) -> Table:
        """The columns are the members that any row says something of."""
        names = self._ordered(name for row in rows for name in row)
        laid = [{name: self._cell(name, row.get(name)) for name in names} for row in rows]
        kept = [name for name in names if any(row[name].text for row in laid)]
        columns = [
            Cell(self._word("field", name), "", figure=any(row[name].figure for row in laid))
            for name in kept
        ]
        return Table(self._word("field", key), columns, [[row[n] for n in kept] for row in laid])

    def _ordered(self, names: Iterable[str]) -> list[str]:
        last = len(self.places)
        return sorted(set(names), key=lambda name: (self.places.get(name, last), name))

    def _cell(self, key: str, value: Any) -> Cell:
        label = self._word("field", key)
        if isinstance(value, str) and _LINK.fullmatch(value):
            return Cell(label, value, link=value)
        figure = isinstance(value, int) and not isinstance(value, bool)
        return Cell(label, self._text(key, value), figure=figure or _is_money(value))

    def _text(self, key: str, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            return self.words("value.yes" if value else "value.no")
        if isinstance(value, int):
            is_money = key.endswith("_minor")
            return self._formats().money(value) if is_money else self._formats().count(value)
        if isinstance(value, str):
            return self._string(key, value)
        if _is_money(value):
            return self._formats(value["currency"]).money(value["amount_minor"])
        if isinstance(value, dict):
            return self._object(value)
        return ", ".join(filter(None, (self._text(key, each) for each in value)))

    def _string(self, key: str, value: str) -> str:
        if key in _CODED:
            return self._word("value", value)
        if key in _NAMED:
            name = f"{key}.{value}"
            return self.words(name) if name in self.words else value
        if _DAY.fullmatch(value):
            return self._formats().date(dt.date.fromisoformat(value), "day_year")
        if _INSTANT.fullmatch(value):
            return self._formats().moment(dt.datetime.fromisoformat(value))
        return value

    def _object(self, value: Mapping[str, Any]) -> str:
        if value.keys() <= {"es", "en"}:  # words by language: the reader's, or those there are
            return str(value.get(self.language) or next(iter(value.values()), ""))
        cells = (self._cell(key, value[key]) for key in self._ordered(value))
        return "; ".join(f"{cell.label}: {cell.text}" for cell in cells if cell.text)

    def _word(self, table: str, name: str) -> str:
        message = f"{table}.{name}"
        if message in self.words:
            return self.words(message)
        return name.replace("_", " ").capitalize()

    def _formats(self, currency: str | None = None) -> Formats:
        return formats(self.locale, currency or self.currency, self.timezone)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(e, dict) for e in value)


def _is_money(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"amount_minor", "currency"}


def texts(found: Sequence[Section]) -> Iterator[str]:
    """Everything that is shown, for whoever looks for a word."""
    for section in found:
        yield section.title
        yield from (cell.text for cell in section.cells)
        for table in section.tables:
            yield from (cell.text for row in table.rows for cell in row)
