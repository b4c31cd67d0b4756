"""The tables of the collaborations."""

from collections.abc import Iterator

from api.reports.formats.cells import Amount, Cell, Column, Row, Table, count, money
from api.reports.sections.collaborations import gate, marks
from api.reports.sections.reader import Reader
from api.reports.snapshot.collaborations import (
    RESULTS,
    ReportCollaboration,
    ReportCollaborationCost,
    ReportCollaborations,
    Results,
)
from api.reports.snapshot.figures import ReportRate
from api.reports.snapshot.snapshot import ReportSnapshot

_COUNTS = ("agreed", "live", "verified")
_MONEY = ("agreed_minor", "spent_minor", "owed_minor")
_SECTION = "collaborations"


def tables(snapshot: ReportSnapshot, reader: Reader) -> Iterator[Table]:
    """With whom and what it brought; what that cost; where it can be seen."""
    told = snapshot.collaborations
    if told is None:
        return
    yield _results(told, reader)
    if told.cost is not None:
        yield _return(told.cost, reader)
    yield _fees(told, reader)
    yield _posts(told, reader)


def _results(told: ReportCollaborations, reader: Reader) -> Table:
    say, totals = reader.words, told.totals
    columns = (
        Column("influencer", say("collaborations.influencer")),
        Column("campaign", say("collaborations.campaign")),
        Column("phase", say("collaborations.phase")),
        *(Column(name, say(f"collaborations.{name}")) for name in _COUNTS),
        Column("disclosure", say("collaborations.disclosure")),
        *(Column(name, say(f"collaboration_result.{name}")) for name in RESULTS),
        Column("remark", say("sheet.remark")),
    )
    sums = map(count, (totals.agreed, totals.live, totals.verified))
    total = (say("label.total"), None, None, *sums, None, *_figures(totals.figures, reader))
    rows = tuple(Row(row.id, _row(row, reader)) for row in told.rows)
    return Table(
        _SECTION, _SECTION, say("section.collaborations"), columns, rows, Row("total", total)
    )


def _row(row: ReportCollaboration, reader: Reader) -> tuple[Cell, ...]:
    say = reader.words
    return (
        reader.text(row.influencer),
        reader.text(row.campaign),
        say(f"collaboration_result.{row.phase}"),
        *map(count, (row.agreed, row.live, row.verified)),
        say(f"collaborations.{row.disclosure}") if row.disclosure else None,
        *_figures(row.figures, reader),
    )


def _figures(figures: Results, reader: Reader) -> list[Cell]:
    """Each figure, and what has to be known of some."""
    say, cells, said = reader.words, [], []
    for name in RESULTS:
        told = figures[name]
        cells.append(money(told.value) if name == "revenue" else count(told.value))
        marked = marks(told, reader)
        if told.value is None:
            marked = [reader.reason(told.lacks, "not_recorded")]
        if marked:
            said.append(f"{say(f'collaboration_result.{name}')}: {', '.join(marked)}")
    return [*cells, "; ".join(said) or None]


def _return(cost: ReportCollaborationCost, reader: Reader) -> Table:
    say = reader.words
    found = (
        ("spent", money(cost.spent_minor)),
        ("per_engagement", _rate("money", cost.per_engagement)),
        ("per_conversion", _rate("money", cost.per_conversion)),
        ("roi", _rate("ratio", cost.roi)),
    )
    columns = (Column("label", say("sheet.figure")), Column("value", say("sheet.value")))
    rows = tuple(Row(name, (say(f"collaborations.{name}"), each)) for name, each in found)
    return Table(_SECTION, "collaboration_return", say("collaborations.return"), columns, rows)


def _rate(unit: str, rate: ReportRate | None) -> Amount:
    kind = "money" if unit == "money" else "ratio"
    if rate is None:
        return Amount(kind)  # type: ignore[arg-type]
    return Amount(kind, numerator=rate.numerator, denominator=rate.denominator)  # type: ignore[arg-type]


def _fees(told: ReportCollaborations, reader: Reader) -> Table:
    """Only an internal report has any."""
    say = reader.words
    paid = [(row, row.money) for row in told.rows if row.money]
    columns = (
        Column("influencer", say("collaborations.influencer")),
        *(Column(name, say(f"collaborations.{name}")) for name in _MONEY),
        Column("waits", say("collaborations.waits")),
    )
    rows = tuple(
        Row(
            row.id,
            (
                reader.text(row.influencer),
                *(money(getattr(each, name)) for name in _MONEY),
                ", ".join(gate(code, reader) for code in each.waits) or None,
            ),
        )
        for row, each in paid
    )
    sums = [money(sum(getattr(each, name) for _, each in paid)) for name in _MONEY]
    total = Row("total", (say("label.total"), *sums, None))
    return Table(_SECTION, "collaboration_fees", say("collaborations.money"), columns, rows, total)


def _posts(told: ReportCollaborations, reader: Reader) -> Table:
    say = reader.words
    columns = (
        Column("influencer", say("collaborations.influencer")),
        Column("network", say("label.channel")),
        Column("published_on", say("sheet.published_on")),
        Column("url", say("label.link")),
    )
    rows = tuple(
        Row(
            f"{row.id}_{number}",
            (
                reader.text(row.influencer),
                reader.network(post.network),
                reader.formats.local_day(post.published_at),
                post.url,
            ),
        )
        for row in told.rows
        for number, post in enumerate(row.posts, start=1)
    )
    return Table(_SECTION, "collaboration_posts", say("collaborations.posts"), columns, rows)
