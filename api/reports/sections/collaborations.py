"""The collaborations: with whom, how much of it is out, what it brought, where it can be seen."""

from fractions import Fraction

from api.reports.sections.parts import Cell, Column, Facts, Part, Remark, Row, Table
from api.reports.sections.reader import NO_FIGURE, Fact, Reader
from api.reports.snapshot.collaborations import (
    RESULTS,
    ReportCollaboration,
    ReportCollaborationCost,
    ReportCollaborations,
    ReportResult,
    ResultMetric,
    Results,
)
from api.reports.snapshot.figures import ReportRate
from api.reports.snapshot.snapshot import ReportSnapshot

_DISCLOSED = {"valid": "good", "mending": "warn"}
_MOST_POSTS = 60


def collaborations(snapshot: ReportSnapshot, reader: Reader) -> tuple[Part, ...]:
    told = snapshot.collaborations
    if told is None:
        return ()
    made: list[Part] = [_work(told, reader), _brought(told, reader)]
    if told.cost is not None:
        made.append(Facts(_cost(told.cost, reader), title=reader.words("collaborations.return")))
    if any(row.money for row in told.rows):
        made.append(_money(told, reader))
    made += _posts(told, reader)
    made.append(Remark(reader.words("collaborations.since")))
    return tuple(made)


def _work(told: ReportCollaborations, reader: Reader) -> Table:
    label, count, totals = reader.words, reader.formats.count, told.totals
    heads = (
        Column(label("collaborations.influencer")),
        *(Column(label(f"collaborations.{name}"), True) for name in ("agreed", "live", "verified")),
        Column(label("collaborations.disclosure")),
    )
    rows = tuple(
        (
            _who(row, reader, f"{row.campaign} · {label(f'collaboration_result.{row.phase}')}"),
            *(Cell(count(each)) for each in (row.agreed, row.live, row.verified)),
            _disclosure(row, reader),
        )
        for row in told.rows
    )
    counts = (totals.agreed, totals.live, totals.verified)
    total: Row = (Cell(label("label.total")), *(Cell(count(each)) for each in counts), Cell(""))
    return Table(heads, rows, total if len(rows) > 1 else (), stacks=False)


def _who(row: ReportCollaboration, reader: Reader, note: str = "") -> Cell:
    return Cell(reader.text(row.influencer), note=reader.text(note) if note else "")


def _disclosure(row: ReportCollaboration, reader: Reader) -> Cell:
    if row.disclosure is None:
        return Cell(NO_FIGURE)
    said = reader.words(f"collaborations.{row.disclosure}")
    return Cell(said, role=_DISCLOSED[row.disclosure])


def _brought(told: ReportCollaborations, reader: Reader) -> Table:
    label = reader.words
    heads = (
        Column(label("collaborations.influencer")),
        *(Column(label(f"collaboration_result.{metric}"), True) for metric in RESULTS),
    )
    rows = tuple((_who(row, reader), *_results(row.figures, reader)) for row in told.rows)
    total: Row = (Cell(label("label.total")), *_results(told.totals.figures, reader))
    return Table(
        heads,
        rows,
        total if len(rows) > 1 else (),
        title=label("collaborations.brought"),
        stacks=False,
    )


def _results(figures: Results, reader: Reader) -> list[Cell]:
    return [_result(metric, figures[metric], reader) for metric in RESULTS]


def _result(metric: ResultMetric, told: ReportResult, reader: Reader) -> Cell:
    if told.value is None:
        return Cell(NO_FIGURE)
    money, count = reader.formats.money, reader.formats.count
    shown = money(told.value) if metric == "revenue" else count(told.value)
    return Cell(shown, note=", ".join(marks(told, reader)))


def marks(told: ReportResult, reader: Reader) -> list[str]:
    """What a reader has to know of a figure."""
    said = [reader.words(f"tile.{told.quality}")] if told.quality in ("manual", "estimated") else []
    return [*said, reader.words("collaborations.partial")] if told.partial else said


def _cost(cost: ReportCollaborationCost, reader: Reader) -> tuple[Fact, ...]:
    label, formats = reader.words, reader.formats
    facts = [Fact(label("collaborations.spent"), formats.money(cost.spent_minor))]
    for name in ("per_engagement", "per_conversion"):
        rate: ReportRate | None = getattr(cost, name)
        each = Fraction(rate.numerator, rate.denominator) if rate and rate.denominator else None
        facts.append(_fact(name, None if each is None else formats.money(each), reader))
    roi = Fraction(cost.roi.numerator, cost.roi.denominator) if cost.roi else None
    facts.append(_fact("roi", None if roi is None else formats.signed_percent(roi), reader))
    return tuple(facts)


def _fact(name: str, value: str | None, reader: Reader) -> Fact:
    note = "" if value is not None else reader.words("collaborations.unknown")
    return Fact(reader.words(f"collaborations.{name}"), value or NO_FIGURE, note)


def _money(told: ReportCollaborations, reader: Reader) -> Table:
    """What is owed to whom: the snapshot holds it for the agency alone."""
    label, money = reader.words, reader.formats.money
    names = ("agreed_minor", "spent_minor", "owed_minor")
    paid = [(row, row.money) for row in told.rows if row.money]
    heads = (
        Column(label("collaborations.influencer")),
        *(Column(label(f"collaborations.{name}"), True) for name in names),
        Column(label("collaborations.waits")),
    )
    rows = tuple(
        (
            _who(row, reader, row.campaign),
            *(Cell(money(getattr(each, name))) for name in names),
            Cell(", ".join(gate(code, reader) for code in each.waits) or NO_FIGURE),
        )
        for row, each in paid
    )
    sums = (sum(getattr(each, name) for _, each in paid) for name in names)
    total: Row = (Cell(label("label.total")), *(Cell(money(each)) for each in sums), Cell(""))
    return Table(heads, rows, total, title=label("collaborations.money"), stacks=False)


def gate(code: str, reader: Reader) -> str:
    """What a payment waits for; a code of later as it is written."""
    known = f"gate.{code}"
    return reader.words(known) if known in reader.words else code


def _posts(told: ReportCollaborations, reader: Reader) -> list[Part]:
    found = [(row, post) for row in told.rows for post in row.posts]
    if not found:
        return []
    label, formats = reader.words, reader.formats
    heads = (
        Column(label("collaborations.influencer")),
        Column(label("label.channel")),
        Column(label("label.date"), True),
        Column(label("label.link")),
    )
    rows = tuple(
        (
            _who(row, reader),
            Cell(reader.network(post.network)),
            Cell(reader.day(formats.local_day(post.published_at))),
            Cell(post.url.removeprefix("https://"), address=post.url),
        )
        for row, post in found[:_MOST_POSTS]
    )
    made: list[Part] = [Table(heads, rows, title=label("collaborations.posts"))]
    if rest := len(found) - len(rows):
        made.append(Remark(label.number("collaborations.others", rest, count=formats.count(rest))))
    return made
