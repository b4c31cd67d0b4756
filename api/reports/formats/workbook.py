"""
A report as a workbook: a sheet for each table, real numbers and dates, a drawn trend.

Excel writes numbers and dates as its user does: only their kind is said. Text is text, never a
formula nor a link, and totals are the frozen ones, not sums that somebody could change.
"""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import xlsxwriter
from babel.numbers import get_currency_precision

from api.documents import theme
from api.reports.formats.cells import Amount, Cell, Column, Table
from api.reports.snapshot.snapshot import ReportSnapshot

_SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_NARROW, _WIDE = 11, 60  # characters
_SHORT_DATE = 14  # the built-in format that follows the reader's own order of day and month
_BARRED = re.compile(r"[\[\]:*?/\\']")


@dataclass(frozen=True, slots=True)
class _Styles:
    """How a cell of each kind is set, plain and in the last row of a table."""

    head: Any
    plain: dict[str, Any]
    total: dict[str, Any]


def workbook(snapshot: ReportSnapshot, tables: tuple[Table, ...]) -> bytes:
    """The tables as an XLSX document, the same bytes for the same snapshot."""
    made = BytesIO()
    at = snapshot.report.published_at or snapshot.report.as_of
    book = xlsxwriter.Workbook(made, {"in_memory": True, **_SAFE})
    dated = at.astimezone(dt.UTC).replace(tzinfo=None)
    book.set_properties(
        {"author": snapshot.agency.name, "title": snapshot.client.name, "created": dated}
    )
    styles = _styles(book, snapshot)
    for table in tables:
        name = _BARRED.sub(" ", table.title)[:31]
        sheet = book.add_worksheet(name)
        _write(sheet, table, styles, _places(snapshot))
        if table.name == "days":
            sheet.insert_chart(1, len(table.columns) + 1, _trend(book, name, table, snapshot))
    book.close()
    return made.getvalue()  # in memory each part bears the first day a ZIP knows


def _write(sheet: Any, table: Table, styles: _Styles, places: int) -> None:
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    rows = table.all_rows
    for at, column in enumerate(table.columns):
        sheet.write_string(0, at, column.title, styles.head)
        sheet.set_column(at, at, _width(column, [row.cells[at] for row in rows]))
    for number, row in enumerate(rows, start=1):
        kinds = styles.total if row is table.total else styles.plain
        for at, cell in enumerate(row.cells):
            _put(sheet, (number, at), cell, kinds, places)


def _put(
    sheet: Any, place: tuple[int, int], cell: Cell, kinds: dict[str, Any], places: int
) -> None:
    if isinstance(cell, Amount):
        style, value = kinds[cell.unit], _number(cell, places)
        if value is None:
            sheet.write_blank(*place, None, style)
        else:
            sheet.write_number(*place, value, style)
    elif isinstance(cell, dt.date):
        sheet.write_datetime(*place, cell, kinds["date"])
    elif cell is None:
        sheet.write_blank(*place, None, kinds["text"])
    else:
        sheet.write_string(*place, cell, kinds["text"])


def _number(amount: Amount, places: int) -> float | None:
    exact = amount.exact
    if exact is None:
        return None
    scale = 10**places if amount.unit == "money" else 1
    return exact.numerator / (exact.denominator * scale)  # of whole numbers: the nearest there is


def _places(snapshot: ReportSnapshot) -> int:
    return int(get_currency_precision(snapshot.report.currency))


def _width(column: Column, cells: Sequence[Cell]) -> int:
    longest = max((len(cell) for cell in cells if isinstance(cell, str)), default=0)
    return min(max(longest, len(column.title) + 2, _NARROW), _WIDE)


def _styles(book: Any, snapshot: ReportSnapshot) -> _Styles:
    branding = snapshot.agency.branding
    colours = theme.palette(branding.primary, branding.accent).light
    head = {"bold": True, "font_color": colours["on_hero"], "bg_color": colours["hero"]}
    cents = "." + "0" * _places(snapshot) if _places(snapshot) else ""
    kinds: dict[str, str | int] = {
        "text": "@",
        "date": _SHORT_DATE,
        "count": "#,##0",
        "money": f"#,##0{cents} [${snapshot.report.currency}]",
        "ratio": "0.0%",
        "times": '0.00" ×"',
        "minutes": '#,##0" min"',
    }
    base = {"font_name": theme.SANS, "valign": "top"}

    def styled(**more: object) -> Callable[[str], Any]:
        return lambda kind: book.add_format(
            {**base, "num_format": kinds[kind], "text_wrap": kind == "text", **more}
        )

    plain, bold = styled(), styled(bold=True, top=1)
    return _Styles(
        head=book.add_format({**base, **head, "text_wrap": True}),
        plain={kind: plain(kind) for kind in kinds},
        total={kind: bold(kind) for kind in kinds},
    )


def _trend(book: Any, sheet: str, table: Table, snapshot: ReportSnapshot) -> Any:
    """Views of all channels, day by day, beside the days before: native, so it can be edited."""
    branding = snapshot.agency.branding
    colours = theme.palette(branding.primary, branding.accent).light
    chart, last = book.add_chart({"type": "line"}), len(table.rows)
    for column, role, dashes in ((1, "primary", "solid"), (2, "muted", "dash")):
        chart.add_series(
            {
                "name": [sheet, 0, column],
                "categories": [sheet, 1, 0, last, 0],
                "values": [sheet, 1, column, last, column],
                "line": {"color": colours[role], "dash_type": dashes, "width": 2},
            }
        )
    chart.set_title({"none": True})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 720, "height": 320})
    return chart
