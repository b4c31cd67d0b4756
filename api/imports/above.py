"""
Tables whose meaning stands above them: Meta's of one metric, and GA4's of one period.
"""

import calendar
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from api.imports import cells
from api.imports.cells import DateOrder, Misread
from api.imports.formats import Layout, plain
from api.imports.networks import META_TITLES, SEARCH_GROUPS, TOTALS
from api.imports.rows import Parts
from api.imports.said import Figure, Given, Misplaced, Said, at
from api.imports.sources import Row
from api.metrics.readings.uploads import Fault
from tenants.errors import Unprocessable


class PeriodNotSaid(Unprocessable):
    """The first lines of the file no longer say which days it is about; import it as exported."""


class PeriodNotWhole(Unprocessable):
    """The file is about neither a day, a week from Monday nor a month; export one of these."""


def titled(layout: Layout, rows: Iterator[Row], given: Given) -> Iterator[Said]:
    """Days and numbers below what is counted; further titles may follow in the same file."""
    metric = _metric_above(layout.above)
    parts = Parts(layout, given)
    number_at, date_at = layout.places["number"][0], layout.places["date"][0]
    for number, found in rows:
        cells_said = [cell for cell in found if cell.strip()]
        if len(cells_said) == 1:
            metric = META_TITLES.get(_title(cells_said[0]))
        elif len(found) <= max(number_at, date_at):
            yield Fault(number, "", "wrong_cell_count")
        elif metric and plain(found[date_at]) != plain(layout.header[date_at]):
            counted = _Counted(parts, metric, number_at)
            yield counted.said(number, found)


class _Counted:
    """One metric's number on one day."""

    def __init__(self, parts: Parts, metric: str, place: int) -> None:
        self.parts, self.metric, self.place = parts, metric, place

    def said(self, number: int, found: Sequence[str]) -> Figure | Fault:
        given, format = self.parts.given, self.parts.layout.format
        try:
            value = at("number", cells.count, found[self.place])
            day = at("date", self.parts.day, found)
        except Misplaced as misread:
            return Fault(number, f"/{misread.means}", misread.code)
        if day is None or value is None:
            return Fault(number, "", "nothing_said")
        values = {self.metric: value}
        return Figure(number, day, given.channel or "", "day", format.source, None, values)


def titles(rows: Sequence[Row]) -> dict[str, str | None]:
    """What is counted in a file of titled numbers → the metric it is, if it is kept."""
    found = [row[1] for row in rows]
    single = [cell for row in found for cell in row if cell.strip() and _alone(row)]
    return {
        title: META_TITLES.get(_title(title))
        for title in single
        if not plain(title).startswith("sep=")
    }


def _alone(row: list[str]) -> bool:
    return sum(bool(cell.strip()) for cell in row) == 1


def _metric_above(above: Sequence[Row]) -> str | None:
    found = list(titles(above).values())
    return found[-1] if found else None


def _title(cell: str) -> str:
    """`Instagram link clicks` counts what `Link clicks` does, and so in Spanish."""
    said = plain(cell).removeprefix("instagram ").removeprefix("facebook ")
    return said.removesuffix(" de instagram").removesuffix(" de facebook")


def grouped(layout: Layout, rows: Iterator[Row], given: Given) -> Iterator[Said]:
    """The sessions of a period, of every group of channels: their sum, and those from search."""
    start, end = _period_above(layout.above, given)
    basis = _basis(start, end)
    group_at, sessions_at = layout.places["group"][0], layout.places["sessions"][0]
    values: dict[str, int] = {}
    for number, found in rows:
        if len(found) <= max(group_at, sessions_at):
            yield Fault(number, "", "wrong_cell_count")
            return
        group = plain(found[group_at])
        try:
            sessions = cells.count(found[sessions_at]) or 0
        except Misread as misread:  # a sum that lacks a part is no sum
            yield Fault(number, "/sessions", misread.code)
            return
        if group not in TOTALS:
            values["sessions"] = values.get("sessions", 0) + sessions
        if group in SEARCH_GROUPS:
            values["search_sessions"] = values.get("search_sessions", 0) + sessions
    if values:
        values.setdefault("search_sessions", 0)
        source = layout.format.source
        yield Figure(layout.row, start, given.channel or "", basis, source, None, values)


_START = ("start date", "fecha de inicio")
_END = ("end date", "fecha de finalización", "fecha de fin")


def _period_above(above: Sequence[Row], given: Given) -> tuple[date, date]:
    """`# Start date: 20261001` and its end, of the file's first lines."""
    said: dict[str, date] = {}
    for _, found in above:
        name, _, value = ",".join(found).lstrip("# ").partition(":")
        for key, names in (("start", _START), ("end", _END)):
            if plain(name) in names:
                day = _day_or_none(value, given)
                if day is not None:
                    said[key] = day
    if said.keys() != {"start", "end"}:
        raise PeriodNotSaid
    return said["start"], said["end"]


def _day_or_none(value: str, given: Given) -> date | None:
    try:
        return cells.day(value.strip(), DateOrder.mdy, None, given.as_of)
    except Misread:
        return None


def _basis(start: date, end: date) -> str:
    if start == end:
        return "day"
    if start.weekday() == 0 and end - start == timedelta(days=6):
        return "week"
    last = calendar.monthrange(start.year, start.month)[1]
    if start.day == 1 and end == start.replace(day=last):
        return "month"
    raise PeriodNotWhole
