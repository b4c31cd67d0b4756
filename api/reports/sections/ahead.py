"""What comes next: our next steps, what is due and begins; for the agency, what it sees coming."""

from api.reports.sections import agreed
from api.reports.sections.parts import Bullets, Cell, Column, Part, Row, Table
from api.reports.sections.reader import NO_FIGURE, Reader
from api.reports.snapshot.snapshot import ReportNarrative, ReportSnapshot
from api.reports.snapshot.work import ReportComing

_MOST_DUE = 30
_INTERNAL = {"opportunities": "good", "threats": "warn", "proposals": "accent"}


def parts(snapshot: ReportSnapshot, narrative: ReportNarrative, reader: Reader) -> tuple[Part, ...]:
    made: list[Part] = []
    if narrative.next_steps:
        made.append(Bullets(tuple(map(reader.runs, narrative.next_steps))))
    if snapshot.coming:
        made.append(_coming(snapshot.coming, reader))
    # The snapshot holds these for the agency alone.
    for name, role in _INTERNAL.items():
        if lines := getattr(narrative, name):
            title = reader.words(f"outlook.{name}")
            made.append(Bullets(tuple(map(reader.runs, lines)), title, role))
    return (*made, *agreed.effectiveness(snapshot, reader))


def _coming(coming: tuple[ReportComing, ...], reader: Reader) -> Table:
    label = reader.words
    heads = (
        Column(label("outlook.what")),
        Column(label("label.channel")),
        Column(label("outlook.on"), True),
    )
    rows = [_row(each, reader) for each in coming[:_MOST_DUE]]
    if (more := len(coming) - _MOST_DUE) > 0:
        count = reader.formats.count(more)
        rows.append((Cell(label.number("outlook.more", more, count=count)), Cell(""), Cell("")))
    return Table(heads, tuple(rows), title=label("outlook.coming"))


def _row(each: ReportComing, reader: Reader) -> Row:
    units = f" × {reader.formats.count(each.units)}" if each.units > 1 else ""
    note = reader.words("outlook.campaign") if each.kind == "campaign" else ""
    return (
        Cell(reader.text(each.label) + units, note=note),
        Cell(reader.network(each.network) if each.network else NO_FIGURE),
        Cell(reader.day(each.on)),
    )
