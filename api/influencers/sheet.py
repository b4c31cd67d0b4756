"""
The roster as a table: read from one, whole or not at all, and written as one.

A row is an account of somebody; rows in a row with the same name and e-mail are one person's. Every
cell is only a value: one that a spreadsheet would take for a formula is text here, and leaves with
an apostrophe before it. Decimals follow a point, or a comma, as Spanish spreadsheets write them; an
amount has no more of them than its currency, so that a thousand written `1.000` is not taken for 1.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any

from pydantic import ValidationError

from api.influencers.shapes import InfluencerCreate
from tenants.errors import BadRequest, Unprocessable
from tenants.money import LARGEST, exponent, is_currency

COLUMNS = (
    *("name", "email", "phone", "country", "city", "languages", "categories", "bio"),
    *("network", "handle", "url", "followers", "measured_on"),
    *("engagement_rate", "engagement_basis", "engagement_on"),
    *("placement", "price", "currency", "tags", "notes"),
)
_LISTS = ("languages", "categories", "tags")
_PERSON = ("name", "email", "phone", "country", "city", "bio", "notes")
_ACCOUNT = ("network", "handle", "url", "measured_on")
BETWEEN = "|"  # the items of a list in one cell
MOST_ROWS = 10_000
MOST_BYTES = 8 * 1024 * 1024
MOST_TOLD = 1_000  # problems of one table
_GUARDED = ("'=", "'+", "'-", "'@")


class SheetUnreadable(BadRequest):
    """The table is not a CSV in UTF-8, or its quotes do not close."""


class SheetColumns(Unprocessable):
    """The table lacks `name`, or has a column that is unknown or there twice; see `known`."""


class SheetTooLong(Unprocessable):
    """A table of the roster has at most 10,000 rows."""


@dataclass
class Fault:
    """What is wrong with a cell, or a row."""

    row: int
    column: str | None
    code: str
    words: dict[str, Any] = field(default_factory=dict)


@dataclass
class Sheet:
    """What a table says: people with the rows they come from, and what is wrong with it."""

    rows: int = 0
    people: list[tuple[list[int], InfluencerCreate]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read(body: bytes) -> Sheet:
    """A table of people. What is wrong with a row is in `faults`; with the table, raised."""
    sheet, lines = Sheet(), _lines(body)
    header = _header(next(lines, []))
    table = []
    for number, cells in enumerate(lines, start=2):
        if any(cells):
            sheet.rows += 1
            if sheet.rows > MOST_ROWS:
                raise SheetTooLong
            table.append((number, cells))
    named = _named(sheet, header, table)
    for _, rows in groupby(named, key=lambda each: (each[1].get("name"), each[1].get("email"))):
        _person(sheet, list(rows))
    return sheet


def _lines(body: bytes) -> Iterator[list[str]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SheetUnreadable from None
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            yield [_plain(cell) for cell in cells]
    except csv.Error:
        raise SheetUnreadable from None


def _plain(cell: str) -> str:
    """A cell without the apostrophe that guards it from spreadsheets."""
    cell = cell.strip()
    return cell[1:] if cell.startswith(_GUARDED) else cell


def _header(cells: Sequence[str]) -> list[str]:
    names = [each.casefold() for each in cells]
    wrong = len(set(names)) < len(names) or not set(names) <= set(COLUMNS)
    if wrong or "name" not in names:
        raise SheetColumns(extra={"known": list(COLUMNS)})
    return names


def _named(
    sheet: Sheet, header: list[str], table: Iterable[tuple[int, list[str]]]
) -> Iterator[tuple[int, dict[str, str]]]:
    for number, cells in table:
        if len(cells) != len(header):
            sheet.faults.append(Fault(number, None, "wrong_cell_count"))
            continue
        pairs = zip(header, cells, strict=True)
        yield number, {name: cell for name, cell in pairs if cell}


def _person(sheet: Sheet, rows: list[tuple[int, dict[str, str]]]) -> None:
    """One person's rows: who they are is said by the first, each may say an account and a rate."""
    before = len(sheet.faults)
    said = rows[0][1]
    made: dict[str, Any] = {name: said[name] for name in _PERSON if name in said}
    made |= {name: _items(said[name]) for name in _LISTS if name in said}
    made |= {"accounts": [], "rates": []}
    of: dict[tuple[str, int], int] = {}
    for number, row in rows:
        for kind, value in (("accounts", _account(row)), ("rates", _rate(row))):
            if value and value not in made[kind]:
                of[kind, len(made[kind])] = number
                made[kind].append(value)
    try:
        person = InfluencerCreate.model_validate(made)
    except ValidationError as error:
        sheet.faults += (_fault(each, rows[0][0], of) for each in error.errors())
    if len(sheet.faults) == before:
        sheet.people.append(([number for number, _ in rows], person))


def _items(cell: str) -> list[str]:
    return [each.strip() for each in cell.split(BETWEEN) if each.strip()]


def _account(row: dict[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = {name: row[name] for name in _ACCOUNT if name in row}
    if "followers" in row:
        made["followers"] = _number(row["followers"])
    engagement = {
        "rate": _number(row.get("engagement_rate"), whole=False),
        "basis": row.get("engagement_basis"),
        "measured_on": row.get("engagement_on"),
    }
    if any(each is not None for each in engagement.values()):
        made["engagement"] = engagement
    only_priced = made.keys() == {"network"} and _rate(row)  # that network is the rate's
    return {} if only_priced else made


def _rate(row: dict[str, str]) -> dict[str, Any]:
    if "placement" not in row and "price" not in row:
        return {}
    currency = row.get("currency", "")
    amount: Any = row.get("price")
    if is_currency(currency) and amount is not None:
        amount = _minor(amount, exponent(currency))
    price = {"amount_minor": amount, "currency": currency}
    return {"network": row.get("network"), "placement": row.get("placement"), "price": price}


def _number(cell: str | None, *, whole: bool = True) -> Any:
    """A number where it is one; what is not stays as it is, and is refused by the shape."""
    if cell is None or not cell.isascii() or len(cell) > 20:
        return cell
    try:
        return int(cell) if whole else float(cell.replace(",", "."))
    except ValueError:
        return cell


def _minor(cell: str, decimals: int) -> Any:
    said = _AMOUNT.fullmatch(cell) if len(cell) <= 20 else None
    if said is None or len(said["rest"] or "") > decimals:
        return cell
    amount = int(Decimal(cell.replace(",", ".")).scaleb(decimals))
    return amount if abs(amount) <= LARGEST else cell


_AMOUNT = re.compile(r"-?[0-9]+(?:[.,](?P<rest>[0-9]+))?")


def _fault(error: Any, first: int, of: dict[tuple[str, int], int]) -> Fault:
    """A validation error, in the words of the table: which row, which column."""
    kind, *rest = error["loc"]
    words = {k: v for k, v in (error.get("ctx") or {}).items() if isinstance(v, int | float | str)}
    if kind not in ("accounts", "rates"):
        return Fault(first, str(kind), error["type"], words)
    place = rest[0] if rest and isinstance(rest[0], int) else 0
    name = str(rest[-1]) if len(rest) > 1 else None
    named = {
        **{"rate": "engagement_rate", "basis": "engagement_basis", "amount_minor": "price"},
        **({"measured_on": "engagement_on"} if "engagement" in rest else {}),
    }
    column = named.get(str(name), name)
    unread = column == "price" and error["type"] == "int_type"
    code = "amount_unreadable" if unread else error["type"]
    return Fault(of.get((str(kind), place), first), column, code, words)
