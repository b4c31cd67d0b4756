"""From a frozen snapshot to everything a page prints, as ready words, rows and drawings.

Pure: no clock, no file of the agency's, no network. Both outputs are laid out from this same view,
so a figure cannot differ between them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from api.documents import markup, theme
from api.documents.formats import formats
from api.documents.markup import Block
from api.documents.svg import Paint
from api.documents.words import words
from api.reports.sections import agreed, ahead, boss, market, money, pieces, work, year
from api.reports.sections.boss import BossPage
from api.reports.sections.channels import Channels, channels
from api.reports.sections.collaborations import collaborations
from api.reports.sections.definitions import definitions
from api.reports.sections.kpis import Tiles, tiles
from api.reports.sections.money import BudgetTable, Invested
from api.reports.sections.parts import Part
from api.reports.sections.reader import Lines, Reader
from api.reports.sections.work import Owed, Scope
from api.reports.snapshot.snapshot import ReportHeader, ReportNarrative, ReportSnapshot, Section

# What of a snapshot each section prints: where it is left out of the layout, nothing speaks of it.
_PRINTS: dict[Section, tuple[str, ...]] = {
    "kpis": ("kpis", "benchmarks"),
    "investment": ("investment",),
    "year": ("year",),
    "kept": ("kept",),
    "waited": ("waited",),
    "channels": ("channels", "totals", "annotations"),
    "content": ("posts", "content"),
    "collaborations": ("collaborations",),
    "paid": ("paid",),
    "community": ("community",),
    "competitors": ("competitors",),
    "budget": ("budget",),
    "contract": ("contract",),
    "deliverables": ("deliverables",),
    "outlook": ("coming", "effectiveness"),
    "next_steps": ("requests", "commitments"),
}
# Made of nothing but parts, and so laid out by the one template for parts.
_OF_PARTS: tuple[Section, ...] = (
    *("year", "kept", "waited", "content", "collaborations", "paid", "community"),
    *("competitors", "contract", "outlook"),
)


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
    closing: tuple[Block, ...]
    notes: dict[str, Lines]


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One section that is printed: its name in the contents, its heading with a badge, the template
    that lays it out, and its parts where it is made of these.
    """

    key: Section
    title: str
    heading: str
    template: str
    badge: str = ""
    badge_role: str = "idle"
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """`contents` lists the sections that say something, in the order of the layout."""

    language: str
    labels: dict[str, str]
    light: dict[str, str]
    dark: dict[str, str]
    fingerprint: str
    cover: Cover
    contents: tuple[Entry, ...]
    story: Story
    boss: BossPage | None
    kpis: Tiles
    investment: Invested | None
    channels: Channels | None
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
    printed = _printed(snapshot)
    made: dict[str, Any] = {
        "story": _story(narrative, reader),
        "boss": boss.page(snapshot, reader),
        "kpis": tiles(printed, narrative, reader),
        "investment": money.investment(printed.investment, reader),
        "channels": channels(printed, narrative, reader),
        "budget": money.budget(printed, reader),
        "scope": work.scope(printed, reader),
        "requests": work.owed(printed.requests, printed, reader),
        "commitments": work.owed(printed.commitments, printed, reader),
    }
    gaps = made["channels"] is not None and made["channels"].has_gaps
    colours = theme.palette(snapshot.agency.branding.primary, snapshot.agency.branding.accent)
    return View(
        language=locale.replace("_", "-"),
        labels=reader.words.group("label"),
        light=colours.light,
        dark=colours.dark,
        fingerprint=_grouped(snapshot.fingerprint()),
        cover=_cover(snapshot, narrative, reader),
        contents=_contents(made, _parts(printed, narrative, reader), printed.layout, reader),
        definitions=definitions(printed, reader, gaps),
        **made,
    )


def _printed(snapshot: ReportSnapshot) -> ReportSnapshot:
    """The snapshot without what its layout leaves out."""
    if snapshot.layout is None:
        return snapshot
    left_out = [
        name
        for section, names in _PRINTS.items()
        if section not in snapshot.layout
        for name in names
    ]
    fields = ReportSnapshot.model_fields
    return snapshot.model_copy(update={name: fields[name].default for name in left_out})


def _parts(
    snapshot: ReportSnapshot, narrative: ReportNarrative, reader: Reader
) -> dict[Section, tuple[Part, ...]]:
    return {
        "year": year.parts(snapshot, reader),
        "kept": agreed.kept(snapshot, reader),
        "waited": agreed.waited(snapshot, reader),
        "content": pieces.parts(snapshot, reader),
        "collaborations": collaborations(snapshot, reader),
        "paid": money.paid(snapshot.paid, reader),
        "community": market.community(snapshot, reader),
        "competitors": market.competitors(snapshot, reader),
        "contract": agreed.contract(snapshot, reader),
        "outlook": ahead.parts(snapshot, narrative, reader),
    }


def _contents(
    made: Mapping[str, Any],
    parts: Mapping[Section, tuple[Part, ...]],
    layout: tuple[Section, ...] | None,
    reader: Reader,
) -> tuple[Entry, ...]:
    story, results = made["story"], made["kpis"]
    present: dict[Section, bool] = {
        "boss": made["boss"] is not None,
        "summary": bool(story.summary or story.highlights or story.lowlights or story.learnings),
        "kpis": bool(results.tiles),
        "investment": made["investment"] is not None,
        "channels": made["channels"] is not None,
        "budget": made["budget"] is not None,
        "deliverables": made["scope"] is not None,
        "next_steps": bool(made["requests"] or made["commitments"] or story.closing),
        "definitions": True,
        **{section: bool(found) for section, found in parts.items()},
    }
    order = get_args(Section) if layout is None else layout
    return tuple(
        _entry(section, parts.get(section, ()), results, reader)
        for section in order
        if present[section]
    )


def _entry(section: Section, parts: tuple[Part, ...], results: Tiles, reader: Reader) -> Entry:
    title, heading = reader.words(f"section.{section}"), reader.words(f"label.{section}")
    if section == "kpis":
        named = heading if results.met else reader.words("label.kpis_plain")
        return Entry(section, title, named, section, results.met, results.met_role)
    return Entry(section, title, heading, "parts" if section in _OF_PARTS else section, parts=parts)


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
        closing=markup.blocks(narrative.closing or ""),
        notes={str(key): reader.runs(text) for key, text in narrative.section_notes.items()},
    )
