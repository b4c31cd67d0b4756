"""From a frozen snapshot to everything a page prints, as ready words, rows and drawings.

Pure: no clock, no file of the agency's, no network. Both outputs are laid out from this same view,
so a figure cannot differ between them.
"""

from dataclasses import dataclass

from api.documents import markup, theme
from api.documents.formats import formats
from api.documents.markup import Block
from api.documents.svg import Paint
from api.documents.words import words
from api.reports.sections import money, work
from api.reports.sections.channels import Channels, channels
from api.reports.sections.definitions import definitions
from api.reports.sections.kpis import Tiles, tiles
from api.reports.sections.money import BudgetTable, Invested
from api.reports.sections.reader import Fact, Lines, Reader
from api.reports.sections.work import Owed, Piece, Scope
from api.reports.snapshot import ReportHeader, ReportNarrative, ReportSnapshot


@dataclass(frozen=True, slots=True)
class Cover:
    title: str
    agency: str
    initials: str
    tagline: str
    client: str
    sector: str
    span: str
    headline: str
    author: str
    author_title: str
    author_email: str
    period: str
    compared: str
    version: str
    published: str
    as_of: str
    supersedes: str
    between: str


@dataclass(frozen=True, slots=True)
class Told:
    title: str
    body: Lines


@dataclass(frozen=True, slots=True)
class Story:
    """The account executive's words."""

    summary: tuple[Block, ...]
    highlights: tuple[Told, ...]
    lowlights: tuple[Lines, ...]
    learnings: tuple[Lines, ...]
    notes: dict[str, Lines]


@dataclass(frozen=True, slots=True)
class Entry:
    key: str
    title: str


@dataclass(frozen=True, slots=True)
class View:
    """Empty parts are null or empty; `contents` lists those that are not."""

    language: str
    labels: dict[str, str]
    light: dict[str, str]
    dark: dict[str, str]
    fingerprint: str
    cover: Cover
    contents: tuple[Entry, ...]
    story: Story
    kpis: Tiles
    investment: Invested | None
    kept: tuple[Owed, ...]
    channels: Channels | None
    pieces: tuple[Piece, ...]
    paid: tuple[Fact, ...]
    budget: BudgetTable | None
    scope: Scope | None
    requests: tuple[Owed, ...]
    commitments: tuple[Owed, ...]
    definitions: tuple[str, ...]


def build(snapshot: ReportSnapshot, locale: str, paint: Paint) -> View:
    """The view in `locale` (`es`, `en`, or a full tag such as `es-MX`) for one medium.

    Raises ValueError when the report is not written in that language.
    """
    report = snapshot.report
    style = formats(locale, report.currency, report.timezone)
    narrative = {str(key): value for key, value in snapshot.narrative.items()}.get(style.language)
    if narrative is None:
        raise ValueError(f"this report is not written in {style.language!r}")
    reader = Reader(style, words(style.language), paint, report.locales, report.period.end)
    shown = channels(snapshot, narrative, reader)
    colours = theme.palette(snapshot.agency.branding.primary, snapshot.agency.branding.accent)
    return View(
        language=locale.replace("_", "-"),
        labels=reader.words.group("label"),
        light=colours.light,
        dark=colours.dark,
        fingerprint=_grouped(snapshot.fingerprint()),
        cover=_cover(snapshot, narrative, reader),
        contents=_contents(snapshot, narrative, reader),
        story=_story(narrative, reader),
        kpis=tiles(snapshot.kpis, reader),
        investment=money.investment(snapshot.investment, reader),
        kept=work.kept(snapshot.kept, reader),
        channels=shown,
        pieces=work.pieces(snapshot.content, reader),
        paid=money.paid(snapshot.paid, reader),
        budget=money.budget(snapshot, reader),
        scope=work.scope(snapshot, reader),
        requests=work.owed(snapshot.requests, snapshot, reader),
        commitments=work.owed(snapshot.commitments, snapshot, reader),
        definitions=definitions(snapshot, reader, shown is not None and shown.has_gaps),
    )


def _grouped(fingerprint: str) -> str:
    return " ".join(fingerprint[start : start + 4] for start in range(0, len(fingerprint), 4))


def _cover(snapshot: ReportSnapshot, narrative: ReportNarrative, reader: Reader) -> Cover:
    report, agency, author = snapshot.report, snapshot.agency, snapshot.author
    style, say = reader.formats, reader.words
    span = style.span(report.period.start, report.period.end)
    compare = report.compare
    compared = style.interval(compare.start, compare.end) if compare else ""
    return Cover(
        title=say(f"title.{report.kind}"),
        agency=reader.text(agency.name),
        initials=_initials(agency.name),
        tagline=reader.optional(agency.tagline),
        client=reader.text(snapshot.client.name),
        sector=reader.optional(snapshot.client.sector),
        span=span[:1].upper() + span[1:],
        headline=reader.text(narrative.headline),
        author=reader.text(author.name),
        author_title=reader.optional(author.title),
        author_email=author.email or "",
        period=style.interval(report.period.start, report.period.end),
        compared=say("cover.compared", period=compared) if compared else "",
        version=say("cover.version", number=style.count(report.version)),
        published=_published(report, reader),
        as_of=say("cover.as_of", moment=style.moment(report.as_of)),
        supersedes=_supersedes(report, reader),
        between=say("cover.for", agency=agency.name, client=snapshot.client.name),
    )


def _initials(name: str) -> str:
    words_of_name = [word for word in name.split() if word[0].isalnum()] or name.split()
    return "".join(word[0] for word in words_of_name[:2]).upper()


def _published(report: ReportHeader, reader: Reader) -> str:
    if report.published_at is None:
        return reader.words("cover.unpublished")
    return reader.words("cover.published", moment=reader.formats.moment(report.published_at))


def _supersedes(report: ReportHeader, reader: Reader) -> str:
    before = report.supersedes
    if before is None:
        return ""
    number = reader.formats.count(before.version)
    return reader.words("cover.supersedes", number=number, reason=reader.text(before.reason))


def _story(narrative: ReportNarrative, reader: Reader) -> Story:
    return Story(
        summary=markup.blocks(narrative.summary or ""),
        highlights=tuple(
            Told(reader.text(told.title), reader.runs(told.body)) for told in narrative.highlights
        ),
        lowlights=tuple(reader.runs(text) for text in narrative.lowlights),
        learnings=tuple(reader.runs(text) for text in narrative.learnings),
        notes={str(key): reader.runs(text) for key, text in narrative.section_notes.items()},
    )


def _contents(
    snapshot: ReportSnapshot, narrative: ReportNarrative, reader: Reader
) -> tuple[Entry, ...]:
    has_words = narrative.summary or narrative.highlights or narrative.lowlights
    owed = (*snapshot.requests, *snapshot.commitments)
    present = {
        "summary": bool(has_words or narrative.learnings),
        "kpis": bool(snapshot.kpis),
        "investment": snapshot.investment is not None,
        "kept": bool(snapshot.kept),
        "channels": bool(snapshot.channels),
        "content": bool(snapshot.content) or snapshot.paid is not None,
        "budget": snapshot.budget is not None,
        "deliverables": bool(snapshot.deliverables),
        "next_steps": any(promise.status == "open" for promise in owed),
        "definitions": True,
    }
    return tuple(
        Entry(key, reader.words(f"section.{key}")) for key, is_there in present.items() if is_there
    )
