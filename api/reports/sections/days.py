"""The days of a period: the trend, what happened on which day, and the figures behind the line."""

import datetime as dt
from dataclasses import dataclass

from api.documents import lines
from api.documents.markup import plain
from api.reports.sections.reader import NO_FIGURE, Reader
from api.reports.snapshot.figures import ReportChannel, ReportDayTotal, ReportTotals
from api.reports.snapshot.snapshot import (
    ReportComparison,
    ReportNarrative,
    ReportPeriod,
    ReportSnapshot,
)

_LONGEST_LABEL = 26
_CHANNELS_PER_TABLE = 6
_ROLES = {"incident": "bad", "collaboration": "accent", "campaign": "accent"}


@dataclass(frozen=True, slots=True)
class Event:
    number: str
    date: str
    label: str


@dataclass(frozen=True, slots=True)
class DaysTable:
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    has_total: bool


class Days:
    """The daily views of the period laid over those of the period before."""

    def __init__(
        self,
        period: ReportPeriod,
        compare: ReportComparison | None,
        totals: ReportTotals,
        reader: Reader,
    ) -> None:
        self.period, self.compare, self.reader = period, compare, reader
        self.current = [day.current for day in totals.daily[: period.days]]
        self.previous = [day.previous for day in totals.daily]
        while self.previous and self.previous[-1] is None:
            self.previous.pop()
        self.gaps = self.current.count(None)
        self.exists = any(value is not None for value in self.current)
        self.alt = self._alt() if self.exists else ""

    def drawing(
        self, marks: tuple[lines.Mark, ...], width: float, height: float, ticks: int
    ) -> str:
        if not self.exists:
            return ""
        span, formats = self.period, self.reader.formats
        compare = self.compare
        data = lines.Trend(
            current=self.current,
            previous=self.previous,
            current_name=_capital(formats.span(span.start, span.end)),
            previous_name=_capital(formats.span(compare.start, compare.end)) if compare else "",
            ticks=self._ticks(ticks),
            marks=marks,
            label=self.alt,
        )
        return lines.trend(self.reader.paint, data, formats.compact, width, height)

    def _ticks(self, most: int) -> list[tuple[int, str]]:
        last = max(len(self.current), len(self.previous), 2) - 1
        steps = min(most - 1, last)
        indexes = [round(step * last / steps) for step in range(steps + 1)]
        return [(index, self.reader.formats.date(self._date(index))) for index in indexes]

    def _date(self, index: int) -> dt.date:
        return self.period.start + dt.timedelta(days=index)

    def _alt(self) -> str:
        formats, words = self.reader.formats, self.reader.words
        known = [value for value in self.current if value is not None]
        peak = self.current.index(max(known))
        said = words(
            "chart.trend",
            period=formats.span(self.period.start, self.period.end),
            low=formats.count(min(known)),
            high=formats.count(max(known)),
            day=formats.date(self._date(peak), "long_day"),
        )
        if any(value is not None for value in self.previous):
            said += " " + words("chart.trend_previous")
        if self.gaps:
            count = formats.count(self.gaps)
            said += " " + words.number("chart.gaps", self.gaps, count=count)
        return said


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


@dataclass(frozen=True, slots=True)
class Happened:
    """A day that explains the line: from the platform, or by the account executive's note."""

    date: dt.date
    label: str
    kind: str


def happened(
    snapshot: ReportSnapshot, narrative: ReportNarrative, reader: Reader
) -> tuple[Happened, ...]:
    """In the order of their days."""
    period = snapshot.report.period
    known = [
        Happened(mark.date, reader.text(mark.label), mark.kind) for mark in snapshot.annotations
    ]
    noted = [
        Happened(day, "".join(run.text for run in reader.runs(note)), "note")
        for day, note in narrative.day_notes.items()
    ]
    inside = [each for each in (*known, *noted) if period.start <= each.date <= period.end]
    return tuple(sorted(inside, key=lambda each: each.date))


def events(found: tuple[Happened, ...], reader: Reader) -> tuple[Event, ...]:
    return tuple(
        Event(str(number), reader.day(each.date), each.label)
        for number, each in enumerate(found, start=1)
    )


def marks(
    found: tuple[Happened, ...], period: ReportPeriod, numbered: bool
) -> tuple[lines.Mark, ...]:
    marks = []
    for number, mark in enumerate(found, start=1):
        label = str(number) if numbered else _short(mark.label)
        role = _ROLES.get(mark.kind, "muted")
        marks.append(lines.Mark((mark.date - period.start).days, label, role))
    return tuple(marks)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1].rstrip() + "…"


def tables(
    shown: tuple[ReportChannel, ...], totals: ReportTotals, period: ReportPeriod, reader: Reader
) -> tuple[DaysTable, ...]:
    """The figures behind the drawing, a few channels to a table so that it fits a page."""
    daily = [channel for channel in shown if channel.daily]
    if not daily:
        return ()
    sums = {period.start + dt.timedelta(days=day.day - 1): day for day in totals.daily}
    groups = [
        daily[start : start + _CHANNELS_PER_TABLE]
        for start in range(0, len(daily), _CHANNELS_PER_TABLE)
    ]
    return tuple(
        _days_table(group, period, sums if group is groups[-1] else {}, reader) for group in groups
    )


def _days_table(
    shown: list[ReportChannel],
    period: ReportPeriod,
    sums: dict[dt.date, ReportDayTotal],
    reader: Reader,
) -> DaysTable:
    by_day = [{day.date: day.views for day in channel.daily} for channel in shown]
    columns = [reader.words("label.day"), *(plain(channel.name) for channel in shown)]
    rows = []
    for index in range(period.days):
        date = period.start + dt.timedelta(days=index)
        values = [days.get(date) for days in by_day]
        if sums:
            values.append(sums[date].current)
        shown_values = (
            NO_FIGURE if value is None else reader.formats.count(value) for value in values
        )
        rows.append((reader.formats.date(date), *shown_values))
    if sums:
        columns.append(reader.words("label.total"))
    return DaysTable(tuple(columns), tuple(rows), bool(sums))
