"""The tables of measured figures and of money."""

import datetime as dt
from collections.abc import Iterable

from api.reports.formats.cells import (
    Amount,
    Cell,
    Column,
    Row,
    Table,
    count,
    money,
    of_kpi,
    share,
    target_of,
)
from api.reports.sections import kpis as tiles
from api.reports.sections.reader import Reader
from api.reports.snapshot.figures import ReportChannel, ReportFigure, ReportKpi, ReportTotals
from api.reports.snapshot.money import ReportBudgetLine, ReportBudgetTotals
from api.reports.snapshot.snapshot import ReportSnapshot

_MONEY = ("allocated", "committed", "spent", "unfunded", "available")


def kpis(snapshot: ReportSnapshot, reader: Reader) -> Table:
    rows = tuple(kpi_row(kpi, reader) for kpi in snapshot.kpis)
    return Table("kpis", "kpis", reader.words("section.kpis"), kpi_columns(reader), rows)


def kpi_columns(reader: Reader) -> tuple[Column, ...]:
    say = reader.words
    return (
        Column("label", say("sheet.figure")),
        Column("value", say("chart.now")),
        Column("value", say("chart.before"), "previous"),
        Column("value", say("sheet.target"), "target"),
        Column("remark", say("sheet.remark")),
    )


def kpi_row(kpi: ReportKpi, reader: Reader) -> Row:
    amounts = (of_kpi(kpi, kpi), of_kpi(kpi, kpi.previous), target_of(kpi))
    remark = None
    if kpi.is_missing:
        remark = reader.reason(kpi.missing_reason, "no_denominator")
    elif kpi.quality in ("estimated", "manual"):
        remark = reader.words(f"tile.{kpi.quality}")
    return Row(kpi.id, (tiles.label(kpi, reader), *amounts, remark))


def channels(snapshot: ReportSnapshot, reader: Reader) -> Table:
    """Channels side by side, each figure with what it was before."""
    metrics = list(dict.fromkeys(str(n) for shown in snapshot.channels for n in shown.metrics))
    names = ["followers", *metrics, "rate"]
    before = reader.words("chart.before")
    columns = [Column("label", reader.words("label.channel"))]
    for name in names:
        title = reader.words(f"metric.{name}")
        columns += [Column(name, title), Column(name, f"{title} ({before})", "previous")]
    rows = tuple(
        Row(shown.id, (reader.text(shown.name), *_compared(shown, metrics)))
        for shown in snapshot.channels
    )
    totals, total = snapshot.totals, reader.words("label.total")
    last = None if totals is None else Row("total", (total, *_compared(totals, metrics)))
    title = reader.words("section.channels")
    return Table("channels", "channels", title, tuple(columns), rows, last)


def _compared(shown: ReportChannel | ReportTotals, metrics: list[str]) -> Iterable[Cell]:
    figures = {str(name): figure for name, figure in shown.metrics.items()}
    yield from _pair(shown.followers)
    for name in metrics:
        yield from _pair(figures.get(name))
    rate = shown.engagement_rate
    yield share(rate)
    yield share(rate.previous if rate else None)


def _pair(figure: ReportFigure | None) -> tuple[Amount, Amount]:
    if figure is None:
        return count(None), count(None)
    return count(figure.value), count(figure.previous)


def days(snapshot: ReportSnapshot, reader: Reader) -> Table:
    """Views of each day, of all channels together, of the days before, and channel by channel."""
    totals, start = snapshot.totals, snapshot.report.period.start
    shown = [channel for channel in snapshot.channels if channel.daily]
    columns = (
        Column("date", reader.words("label.date")),
        Column("total", reader.words("label.total")),
        Column("total", reader.words("chart.before"), "previous"),
        *(Column(f"channel:{channel.id}", reader.text(channel.name)) for channel in shown),
    )
    by_day = [{day.date: day.views for day in channel.daily} for channel in shown]
    rows = []
    for each in totals.daily if totals else ():
        date = start + dt.timedelta(days=each.day - 1)
        of_channels = (count(views.get(date)) for views in by_day)
        cells: tuple[Cell, ...] = (date, count(each.current), count(each.previous), *of_channels)
        rows.append(Row(f"day_{each.day}", cells))
    return Table("channels", "days", reader.words("sheet.days"), columns, tuple(rows))


def paid(snapshot: ReportSnapshot, reader: Reader) -> Table:
    say, bought = reader.words, snapshot.paid
    rows: tuple[Row, ...] = ()
    if bought is not None:
        rows = (
            Row("spend", (say("paid.spend"), money(bought.spend_minor))),
            Row("impressions", (say("paid.impressions"), count(bought.impressions))),
            Row("clicks", (say("kpi.clicks"), count(bought.clicks))),
            Row("conversions", (say("paid.conversions"), count(bought.conversions))),
        )
    columns = (Column("label", say("sheet.figure")), Column("value", say("sheet.value")))
    return Table("paid", "paid", say("label.paid"), columns, rows)


def investment(snapshot: ReportSnapshot, reader: Reader) -> Table:
    say, spent = reader.words, snapshot.investment
    columns = (Column("label", say("sheet.figure")), Column("value", say("sheet.value")))
    rows: list[Row] = []
    if spent is not None:
        for name in ("fee", "media", "production", "other", "total", "revenue"):
            amount = money(getattr(spent, f"{name}_minor"))
            rows.append(Row(name, (say(f"investment.{name}"), amount)))
        rows.append(Row("roi", (say("investment.roi"), share(spent.roi))))
    return Table("investment", "investment", say("section.investment"), columns, tuple(rows))


def budget(snapshot: ReportSnapshot, reader: Reader) -> Table:
    say, plan = reader.words, snapshot.budget
    columns = (
        Column("label", say("label.line")),
        Column("category", say("field.category")),
        *(Column(name, say(f"label.{name}")) for name in _MONEY),
        Column("note", say("sheet.remark")),
    )
    title = say("section.budget")
    if plan is None:
        return Table("budget", "budget", title, columns, ())
    rows = tuple(_line(number, line, reader) for number, line in enumerate(plan.lines, start=1))
    total = Row("total", (say("label.total"), None, *_amounts(plan.totals), None))
    return Table("budget", "budget", title, columns, rows, total)


def _line(number: int, line: ReportBudgetLine, reader: Reader) -> Row:
    category = reader.words(f"value.{line.category}")
    note = reader.optional(line.note) or None
    return Row(f"line_{number}", (reader.text(line.label), category, *_amounts(line), note))


def _amounts(line: ReportBudgetLine | ReportBudgetTotals) -> tuple[Amount, ...]:
    return tuple(money(getattr(line, f"{name}_minor")) for name in _MONEY)
