"""The tables of work: what was agreed, what is out, what each side owes the other."""

from collections.abc import Iterable

from api.reports.formats.cells import Cell, Column, Row, Table, count
from api.reports.sections import work
from api.reports.sections.reader import Reader
from api.reports.snapshot.snapshot import ReportNarrative, ReportSnapshot
from api.reports.snapshot.work import ReportPromise


def deliverables(snapshot: ReportSnapshot, reader: Reader) -> Table:
    say = reader.words
    titles = (
        ("label", "label.deliverable"),
        ("channel", "label.channel"),
        ("contracted", "sheet.contracted"),
        ("delivered", "sheet.delivered"),
        ("in_progress", "work.in_progress"),
        ("extra", "sheet.extra"),
        ("due_on", "label.due"),
        ("status", "label.status"),
        ("note", "sheet.remark"),
    )
    rows = tuple(
        Row(
            f"line_{line.line}",
            (
                reader.text(line.label),
                reader.optional(line.channel) or None,
                count(line.contracted),
                count(line.delivered),
                count(line.in_progress),
                count(line.over_serviced),
                line.due_on,
                work.status(line, reader),
                reader.optional(line.note) or None,
            ),
        )
        for line in snapshot.deliverables
    )
    columns = tuple(Column(metric, say(title)) for metric, title in titles)
    return Table("deliverables", "deliverables", say("section.deliverables"), columns, rows)


def content(snapshot: ReportSnapshot, reader: Reader) -> Table:
    say = reader.words
    columns = (
        Column("label", say("label.piece")),
        Column("channel", say("label.channel")),
        Column("date", say("label.date")),
        Column("url", say("label.link")),
    )
    rows = tuple(
        Row(
            f"piece_{number}",
            (
                reader.text(piece.label),
                reader.text(piece.channel),
                reader.formats.local_day(piece.published_at),
                piece.url,
            ),
        )
        for number, piece in enumerate(snapshot.content, start=1)
    )
    return Table("content", "content", say("section.content"), columns, rows)


def kept(snapshot: ReportSnapshot, reader: Reader) -> Table:
    shown = work.kept(snapshot.kept, reader)
    statuses = [each.status for each in shown]
    rows = _promises("kept", snapshot.kept, statuses, reader)
    columns = _columns(reader, "label.status")
    return Table("kept", "kept", reader.words("section.kept"), columns, tuple(rows))


def next_steps(snapshot: ReportSnapshot, narrative: ReportNarrative, reader: Reader) -> Table:
    """What is open on either side, and what the account executive says comes next."""
    rows: list[Row] = []
    for name in ("requests", "commitments"):
        promises = [each for each in getattr(snapshot, name) if each.status == "open"]
        side = [reader.words(f"label.{name}")] * len(promises)
        rows += _promises(name, promises, side, reader)
    for number, text in enumerate(narrative.next_steps, start=1):
        cells: tuple[Cell, ...] = (reader.text(text), None, None, None, None)
        rows.append(Row(f"next_{number}", cells))
    columns = _columns(reader, "sheet.side")
    title = reader.words("section.next_steps")
    return Table("next_steps", "next_steps", title, columns, tuple(rows))


def _columns(reader: Reader, last: str) -> tuple[Column, ...]:
    say = reader.words
    return (
        Column("text", say("label.commitment")),
        Column("owner", say("label.owner")),
        Column("due_on", say("label.due")),
        Column("status", say(last)),
        Column("note", say("sheet.remark")),
    )


def _promises(
    name: str, promises: Iterable[ReportPromise], statuses: Iterable[str], reader: Reader
) -> list[Row]:
    return [
        Row(
            f"{name}_{number}",
            (
                reader.text(promise.text),
                reader.text(promise.owner),
                promise.due_on,
                status,
                reader.optional(promise.note) or None,
            ),
        )
        for number, (promise, status) in enumerate(zip(promises, statuses, strict=True), start=1)
    ]
