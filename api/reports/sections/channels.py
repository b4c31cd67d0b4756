"""Channel performance: the days, the channels side by side, and what each one brought."""

from dataclasses import dataclass
from fractions import Fraction

from api.documents import charts, lines
from api.documents.markup import plain
from api.documents.theme import SERIES
from api.reports.sections import days
from api.reports.sections.reader import NO_FIGURE, Lines, Reader, Share
from api.reports.snapshot.figures import (
    Metric,
    ReportChannel,
    ReportFigure,
    ReportRateChange,
    ReportTotals,
)
from api.reports.snapshot.snapshot import ReportNarrative, ReportSnapshot

_COLUMNS: tuple[Metric, ...] = (
    "reach",
    "views",
    "impressions",
    "engagements",
    "clicks",
    "conversions",
    "leads",
    "posts",
)
_MOST_METRICS = 6
_MOST_LABELS = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """`tone` is how the change is coloured: up, down or flat."""

    value: str
    delta: str = ""
    tone: str = "flat"


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    cells: tuple[Cell, ...]
    spark: str
    spark_alt: str


@dataclass(frozen=True, slots=True)
class Chart:
    title: str
    drawing: str
    alt: str
    legend: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    name: str
    runs: Lines


@dataclass(frozen=True, slots=True)
class Channels:
    """`events` are numbered on the drawing when `is_numbered`, and always on the narrow one."""

    trend: str
    trend_narrow: str
    trend_alt: str
    events: tuple[days.Event, ...]
    is_numbered: bool
    columns: tuple[str, ...]
    has_sparks: bool
    rows: tuple[Row, ...]
    total: Row | None
    partial: str
    charts: tuple[Chart, ...]
    notes: tuple[Note, ...]
    tables: tuple[days.DaysTable, ...]
    has_gaps: bool


def channels(
    snapshot: ReportSnapshot, narrative: ReportNarrative, reader: Reader
) -> Channels | None:
    totals = snapshot.totals
    if totals is None:
        return None
    trend = days.Days(snapshot.report.period, snapshot.report.compare, totals, reader)
    period = snapshot.report.period
    found = days.happened(snapshot, narrative, reader)
    # A note is a sentence: it is read under the drawing, by its number.
    numbered = len(found) > _MOST_LABELS or bool(narrative.day_notes)
    columns = _columns(snapshot.channels)
    rows = tuple(_row(channel, columns, reader) for channel in snapshot.channels)
    drawings = (_pairs(snapshot, reader), _share(snapshot.channels, reader))
    return Channels(
        trend=trend.drawing(days.marks(found, period, numbered), 720, 236, 7),
        trend_narrow=trend.drawing(days.marks(found, period, True), 400, 250, 4),
        trend_alt=trend.alt,
        events=days.events(found, reader),
        is_numbered=numbered,
        columns=tuple(reader.words(f"metric.{name}") for name in columns),
        has_sparks=any(row.spark for row in rows),
        rows=rows,
        total=_total(totals, columns, reader) if len(rows) > 1 else None,
        partial=reader.words("channels.partial") if _lacks_any(rows) else "",
        charts=tuple(drawing for drawing in drawings if drawing is not None),
        notes=_notes(snapshot.channels, narrative, reader),
        tables=days.tables(snapshot.channels, totals, period, reader),
        has_gaps=trend.gaps > 0,
    )


def _columns(shown: tuple[ReportChannel, ...]) -> tuple[str, ...]:
    """What at least one channel measures, in a fixed order; the rate stands after its numerator."""
    used = {name for channel in shown for name in channel.metrics}
    metrics = [name for name in _COLUMNS if name in used][:_MOST_METRICS]
    columns: list[str] = ["followers"] if any(channel.followers for channel in shown) else []
    for name in metrics:
        columns.append(name)
        if name == "engagements" and any(channel.engagement_rate for channel in shown):
            columns.append("rate")
    if "rate" not in columns and any(channel.engagement_rate for channel in shown):
        columns.append("rate")
    return tuple(columns)


def _row(channel: ReportChannel, columns: tuple[str, ...], reader: Reader) -> Row:
    views = [day.views for day in sorted(channel.daily, key=lambda day: day.date)]
    known = [value for value in views if value is not None]
    alt = spark = ""
    if known:
        low, high = (reader.formats.count(value) for value in (min(known), max(known)))
        alt = reader.words("chart.spark", name=channel.name, low=low, high=high)
        spark = lines.spark(reader.paint, views, alt)
    cells = tuple(_cell(column, channel, reader) for column in columns)
    return Row(plain(channel.name), cells, spark, alt)


def _total(totals: ReportTotals, columns: tuple[str, ...], reader: Reader) -> Row:
    cells = tuple(_cell(column, totals, reader) for column in columns)
    return Row(reader.words("label.total"), cells, "", "")


def _cell(column: str, figures: ReportChannel | ReportTotals, reader: Reader) -> Cell:
    if column == "rate":
        return _rate_cell(figures.engagement_rate, reader)
    if column == "followers":
        return _count_cell(figures.followers, reader, absolute=True)
    changes = {str(name): change for name, change in figures.metrics.items()}
    cell = _count_cell(changes.get(column), reader, absolute=False)
    # More pieces are neither better nor worse than fewer.
    return Cell(cell.value) if column == "posts" else cell


def _count_cell(change: ReportFigure | None, reader: Reader, absolute: bool) -> Cell:
    if change is None or change.value is None:
        return Cell(NO_FIGURE)
    value, past = change.value, change.previous
    shown = reader.formats.count(value)
    if past is None:
        return Cell(shown)
    tone = _tone(value - past)
    if absolute or past <= 0:
        return Cell(shown, reader.formats.signed(value - past), tone)
    return Cell(shown, reader.formats.signed_percent(Fraction(value - past, past)), tone)


def _rate_cell(rate: ReportRateChange | None, reader: Reader) -> Cell:
    if rate is None or not rate.denominator:
        return Cell(NO_FIGURE)
    now = Fraction(rate.numerator, rate.denominator)
    shown = reader.formats.percent(now)
    if rate.previous is None or not rate.previous.denominator:
        return Cell(shown)
    change = now - Fraction(rate.previous.numerator, rate.previous.denominator)
    delta = reader.formats.points(change, reader.words("tile.points"))
    return Cell(shown, delta, _tone(change))


def _tone(change: int | Fraction) -> str:
    return "flat" if change == 0 else "up" if change > 0 else "down"


def _lacks_any(rows: tuple[Row, ...]) -> bool:
    return any(cell.value == NO_FIGURE for row in rows for cell in row.cells)


def _pairs(snapshot: ReportSnapshot, reader: Reader) -> Chart | None:
    rows = []
    for channel in snapshot.channels:
        rate = channel.engagement_rate
        if rate is not None and rate.denominator:
            past = rate.previous if rate.previous and rate.previous.denominator else None
            now = Fraction(rate.numerator, rate.denominator)
            before = Fraction(past.numerator, past.denominator) if past else None
            rows.append((plain(channel.name), before, now))
    if len(rows) < 2:
        return None
    percent = reader.formats.percent
    said = "; ".join(
        f"{name} {percent(now)}" if before is None else f"{name} {percent(before)} → {percent(now)}"
        for name, before, now in rows
    )
    alt = reader.words("chart.pairs", list=said)
    target = _rate_target(snapshot)
    data = charts.Pairs(
        rows=[
            charts.Pair(name, None if before is None else float(before), float(now), percent(now))
            for name, before, now in rows
        ],
        before_name=reader.words("chart.before"),
        now_name=reader.words("chart.now"),
        target=None if target is None else float(target),
        target_name="" if target is None else reader.words("chart.target", value=percent(target)),
        label=alt,
    )
    return Chart(reader.words("label.rate_by_channel"), charts.pairs(reader.paint, data), alt)


def _rate_target(snapshot: ReportSnapshot) -> Fraction | None:
    for kpi in snapshot.kpis:
        if kpi.id == "er_views" and kpi.target is not None and not isinstance(kpi.target, int):
            return Fraction(kpi.target.numerator, kpi.target.denominator)
    return None


def _share(shown: tuple[ReportChannel, ...], reader: Reader) -> Chart | None:
    """Who brought what, of engagement or else of views; the smallest are told as one."""
    name: Metric = "engagements" if _known(shown, "engagements") else "views"
    parts = sorted(_known(shown, name), key=lambda part: -part[1])
    whole = sum(value for _, value in parts)
    if len(parts) < 2 or whole <= 0:
        return None
    if len(parts) > len(SERIES):
        rest = parts[len(SERIES) - 1 :]
        count = reader.formats.count(len(rest))
        others = (reader.words("chart.others", count=count), sum(value for _, value in rest))
        parts = [*parts[: len(SERIES) - 1], others]
    legend = tuple(
        Share(label, reader.formats.count(value), _percent(value, whole, reader), role)
        for (label, value), role in zip(parts, SERIES, strict=False)
    )
    title = reader.words(f"chart.{name}")
    said = ", ".join(f"{share.name} {share.percent}" for share in legend)
    alt = reader.words("chart.share", title=title, list=said)
    bars = [(value, role) for (_, value), role in zip(parts, SERIES, strict=False)]
    return Chart(title, charts.stack(reader.paint, bars, alt, width=350), alt, legend)


def _known(shown: tuple[ReportChannel, ...], name: Metric) -> list[tuple[str, int]]:
    changes = [(plain(channel.name), channel.metrics.get(name)) for channel in shown]
    return [
        (label, change.value) for label, change in changes if change is not None and change.value
    ]


def _percent(value: int, whole: int, reader: Reader) -> str:
    return reader.formats.percent(Fraction(value, whole))


def _notes(
    shown: tuple[ReportChannel, ...], narrative: ReportNarrative, reader: Reader
) -> tuple[Note, ...]:
    return tuple(
        Note(plain(channel.name), reader.runs(narrative.channel_notes[channel.id]))
        for channel in shown
        if channel.id in narrative.channel_notes
    )
