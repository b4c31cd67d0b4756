"""
A snapshot as tables: every figure once, exact, in the order the sections are read.

What makes a file of figures (a workbook, tidy rows) writes these tables and knows no report, so
that no figure can differ between files. Pure, like the view.
"""

import datetime as dt
from collections.abc import Iterator

from api.documents import markup, theme
from api.documents.formats import formats
from api.documents.svg import Paint
from api.documents.words import words
from api.reports.formats import agreed, collaborations, figures, market, work
from api.reports.formats.cells import Column, Row, Table
from api.reports.sections.definitions import definitions
from api.reports.sections.reader import Reader
from api.reports.snapshot.snapshot import ReportNarrative, ReportSnapshot


def tables(snapshot: ReportSnapshot, locale: str) -> tuple[Table, ...]:
    """Raises ValueError when the report is not written in that language."""
    reader = reader_of(snapshot, locale)
    made = [table for table in _all(snapshot, reader) if table.rows]
    return tuple(table for table in made if _is_printed(snapshot, table.section))


def reader_of(snapshot: ReportSnapshot, locale: str) -> Reader:
    """Who reads the report in `locale`."""
    report, branding = snapshot.report, snapshot.agency.branding
    style = formats(locale, report.currency, report.timezone)
    if style.language not in snapshot.narrative:
        raise ValueError(f"this report is not written in {style.language!r}")
    colours = theme.palette(branding.primary, branding.accent).light
    paint = Paint("paper", colours, theme.SANS)
    return Reader(style, words(style.language), paint, report.locales, report.period.end)


def _is_printed(snapshot: ReportSnapshot, section: str) -> bool:
    """What says whose report it is, is always there."""
    return snapshot.layout is None or section == "report" or section in snapshot.layout


def _all(snapshot: ReportSnapshot, reader: Reader) -> Iterator[Table]:
    language = reader.formats.language
    narrative = {str(key): told for key, told in snapshot.narrative.items()}[language]
    yield _report(snapshot, reader)
    yield _summary(narrative, reader)
    yield figures.kpis(snapshot, reader)
    yield from market.year(snapshot, reader)
    yield figures.investment(snapshot, reader)
    yield work.kept(snapshot, reader)
    yield agreed.waited(snapshot, reader)
    yield figures.channels(snapshot, reader)
    yield figures.days(snapshot, reader)
    yield agreed.posts(snapshot, reader)
    yield work.content(snapshot, reader)
    yield from collaborations.tables(snapshot, reader)
    yield figures.paid(snapshot, reader)
    yield market.community(snapshot, reader)
    yield from market.competitors(snapshot, reader)
    yield figures.budget(snapshot, reader)
    yield from agreed.contract(snapshot, reader)
    yield work.deliverables(snapshot, reader)
    yield agreed.coming(snapshot, reader)
    yield work.next_steps(snapshot, narrative, reader)
    yield _definitions(snapshot, reader)


def _report(snapshot: ReportSnapshot, reader: Reader) -> Table:
    report, say = snapshot.report, reader.words
    moments = (report.published_at, report.as_of)
    published, as_of = (_local(each, reader) if each else None for each in moments)
    facts = (
        ("title", say("sheet.report"), say(f"title.{report.kind}")),
        ("agency", say("value.agency"), reader.text(snapshot.agency.name)),
        ("client", say("value.client"), reader.text(snapshot.client.name)),
        ("author", say("label.prepared_by"), reader.text(snapshot.author.name)),
        ("starts_on", say("field.starts_on"), report.period.start),
        ("ends_on", say("field.ends_on"), report.period.end),
        ("version", say("field.version_number"), str(report.version)),
        ("published_on", say("sheet.published_on"), published),
        ("as_of", say("sheet.as_of"), as_of),
        ("currency", say("field.currency"), report.currency),
        ("fingerprint", say("label.fingerprint"), snapshot.fingerprint()),
    )
    columns = (Column("label", say("sheet.fact")), Column("value", say("sheet.value")))
    rows = tuple(Row(key, (name, value)) for key, name, value in facts if value is not None)
    return Table("report", "report", say("sheet.report"), columns, rows)


def _summary(narrative: ReportNarrative, reader: Reader) -> Table:
    say = reader.words
    told = [("headline", say("sheet.headline"), narrative.headline)]
    if narrative.summary:
        told.append(("summary", say("label.summary"), narrative.summary))
    for number, highlight in enumerate(narrative.highlights, start=1):
        told.append((f"highlight_{number}", reader.text(highlight.title), highlight.body))
    for name, texts in (("lowlight", narrative.lowlights), ("learning", narrative.learnings)):
        title = say(f"label.{name}s")
        told += [(f"{name}_{at}", title, text) for at, text in enumerate(texts, start=1)]
    if narrative.closing:
        told.append(("closing", say("sheet.closing"), narrative.closing))
    columns = (Column("label", say("sheet.fact")), Column("text", say("field.text")))
    rows = tuple(Row(key, (name, _unmarked(text))) for key, name, text in told)
    return Table("summary", "summary", say("section.summary"), columns, rows)


def _definitions(snapshot: ReportSnapshot, reader: Reader) -> Table:
    lines = definitions(snapshot, reader, False)
    rows = tuple(Row(str(number), (line,)) for number, line in enumerate(lines, start=1))
    title = reader.words("section.definitions")
    return Table("definitions", "definitions", title, (Column("text", title),), rows)


def _unmarked(text: str) -> str:
    """The words without the marks that a page sets in bold; what they link to stays written."""
    return "\n".join(
        "".join(run.text for run in line) for block in markup.blocks(text) for line in block.lines
    )


def _local(moment: dt.datetime, reader: Reader) -> dt.date:
    return reader.formats.local_day(moment)
