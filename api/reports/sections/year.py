"""The year so far against its targets, and thirteen months: a month alone says little."""

from fractions import Fraction

from api.documents.columns import Bar, columns
from api.reports.sections import kpis
from api.reports.sections.parts import Cell, Column, Figure, Figures, Part, Remark, Row, Table
from api.reports.sections.reader import NO_FIGURE, Reader
from api.reports.snapshot.market import ReportMonth, ReportYear, ReportYearFigure
from api.reports.snapshot.snapshot import ReportSnapshot

_STATES = {
    "on_track": "good",
    "at_risk": "warn",
    "off_track": "bad",
    "not_yet": "idle",
    "unknown": "idle",
}


def parts(snapshot: ReportSnapshot, reader: Reader) -> tuple[Part, ...]:
    year = snapshot.year
    if year is None:
        return ()
    made: list[Part] = []
    if year.figures:
        made.append(_to_date(year, reader))
    drawings = (_figure(name, year.months, reader) for name in ("views", "engagements"))
    if shown := tuple(drawing for drawing in drawings if drawing is not None):
        made.append(Figures(shown))
        remarks = {"year.gaps": _lacks, "year.partial": _is_partial}
        said = [
            reader.words(message)
            for message, holds in remarks.items()
            if any(map(holds, year.months))
        ]
        if said:
            made.append(Remark(" ".join(said)))
    return tuple(made)


def _lacks(month: ReportMonth) -> bool:
    return month.views is None or month.engagements is None


def _is_partial(month: ReportMonth) -> bool:
    return month.is_partial


def _to_date(year: ReportYear, reader: Reader) -> Table:
    label = reader.words
    span = reader.formats.interval(year.start, year.end)
    has_targets = any(figure.target is not None for figure in year.figures)
    names = ["figure", "so_far", "year_before", "change"]
    heads = [Column(label(f"year.{name}"), name != "figure") for name in names]
    if has_targets:
        heads += [Column(label("year.target"), True), Column(label("year.of_target"), True)]
        heads.append(Column(label("label.status")))
    rows = tuple(_row(figure, has_targets, reader) for figure in year.figures)
    return Table(tuple(heads), rows, title=label("year.title", period=span), stacks=False)


def _row(figure: ReportYearFigure, has_targets: bool, reader: Reader) -> Row:
    tile = kpis.tile(figure, reader)
    tone = "flat" if tile.better is None else "up" if tile.better else "down"
    cells = [
        Cell(tile.label, note=tile.reason),
        Cell(tile.value),
        Cell(tile.previous or NO_FIGURE),
        Cell(tile.delta or NO_FIGURE, tone=tone if tile.delta else ""),
    ]
    if has_targets:
        cells += [Cell(tile.target or NO_FIGURE), Cell(tile.distance or NO_FIGURE)]
        state = figure.state if figure.target is not None else None
        cells.append(
            Cell(reader.words(f"state.{state}"), role=_STATES[state]) if state else Cell(NO_FIGURE)
        )
    return tuple(cells)


def _figure(name: str, months: tuple[ReportMonth, ...], reader: Reader) -> Figure | None:
    values = [getattr(month, name) for month in months]
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return None
    formats = reader.formats
    last = len(months) - 1
    compared = {last: "c1"} | ({0: "c3"} if last == 12 else {})
    bars = [
        Bar(
            formats.date(month.month, "short_month"),
            value,
            compared.get(index, "track" if month.is_partial else "ghost"),
            formats.compact(value) if index in compared and value is not None else "",
        )
        for index, (month, value) in enumerate(zip(months, values, strict=True))
    ]
    alt = _alt(name, months, values, reader)
    drawing = columns(reader.paint, bars, alt, formats.compact)
    return Figure(reader.words(f"year.{name}"), drawing, alt)


def _alt(
    name: str, months: tuple[ReportMonth, ...], values: list[int | None], reader: Reader
) -> str:
    formats, words = reader.formats, reader.words
    list_ = "; ".join(
        f"{formats.date(month.month, 'month')}, "
        + (NO_FIGURE if value is None else formats.count(value))
        for month, value in zip(months, values, strict=True)
    )
    said = words("year.columns", title=words(f"year.{name}"), list=list_)
    first, last = values[0], values[-1]
    if len(months) == 13 and first and last is not None:
        change = formats.signed_percent(Fraction(last - first, first))
        said += " " + words("year.against", change=change)
    return said
