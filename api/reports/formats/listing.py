"""
A report as tidy rows: `section,key,metric,unit,current,previous,target`, for machines and pivots.

CSV (RFC 4180) in UTF-8 with its mark, which Excel asks for. Values are exact and the same in every
language: money stands in minor units too, what is divided beside what it is divided by.
"""

import csv
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO

from babel.numbers import get_currency_precision

from api.documents.formats import rounded
from api.http.sheets import guarded
from api.reports.formats.cells import Amount, Cell, Row, Table, When

HEAD = ("section", "key", "metric", "unit", "current", "previous", "target")
_TIMES: tuple[When, ...] = ("current", "previous", "target")
_DIGITS = 12  # of a share, which beside its fraction is only for the eye

Written = tuple[str, str, str, str, str]  # metric, unit, and the three values


def listed(tables: tuple[Table, ...], currency: str) -> bytes:
    """The tables, one row for each metric of each thing."""
    sheet = StringIO(newline="")
    writer = csv.writer(sheet)
    writer.writerow(HEAD)
    for table in tables:
        for row in table.all_rows:
            for written in _metrics(table, row, currency):
                writer.writerow((table.name, row.key, *written))
    return sheet.getvalue().encode("utf-8-sig")


def _metrics(table: Table, row: Row, currency: str) -> Iterator[Written]:
    metrics = dict.fromkeys(column.metric for column in table.columns)
    for metric in metrics:
        by_time = {
            column.when: cell
            for column, cell in zip(table.columns, row.cells, strict=True)
            if column.metric == metric
        }
        cells = [by_time.get(when) for when in _TIMES]
        amounts = [cell if isinstance(cell, Amount) else None for cell in cells]
        if any(amounts):
            yield from _amounts(metric, amounts, currency)
        elif cells[0] is not None:
            yield _words(metric, cells[0])


def _words(metric: str, cell: Cell) -> Written:
    if isinstance(cell, dt.date):
        return metric, "date", cell.isoformat(), "", ""
    return metric, "text", guarded(str(cell)), "", ""


def _amounts(metric: str, amounts: list[Amount | None], currency: str) -> Iterator[Written]:
    first = next(amount for amount in amounts if amount is not None)
    is_money = first.unit == "money"
    unit = currency if is_money else first.unit
    places = get_currency_precision(currency) if is_money else 0
    yield metric, unit, *_three(_decimal(amount, places) for amount in amounts)
    minor = f"{currency}_minor"
    if any(amount is not None and amount.is_fraction for amount in amounts):
        above = minor if is_money else "count"
        yield f"{metric}_numerator", above, *_three(_part(each, "numerator") for each in amounts)
        yield f"{metric}_denominator", "count", *_three(_part(e, "denominator") for e in amounts)
    elif is_money:
        yield metric, minor, *_three(_part(amount, "value") for amount in amounts)


def _decimal(amount: Amount | None, places: int) -> str:
    exact = amount.exact if amount else None
    if amount is None or exact is None:
        return ""
    if amount.value is not None:
        return str(Decimal(amount.value).scaleb(-places))
    return f"{rounded(exact, _DIGITS).scaleb(-places).normalize():f}"


def _part(amount: Amount | None, name: str) -> str:
    value = getattr(amount, name) if amount else None
    if value is None and amount is not None and name != "value" and amount.value is not None:
        return str(amount.value) if name == "numerator" else "1"
    return "" if value is None else str(value)


def _three(values: Iterator[str]) -> tuple[str, str, str]:
    current, previous, target = values
    return current, previous, target
