"""A published version as the client receives it: pages, paper and files, from the same figures."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from api.documents import charts, theme
from api.documents import html as web
from api.documents import pdf as paper
from api.documents.html import HtmlDocument
from api.documents.pdf import PdfDocument
from api.documents.svg import Paint
from api.reports import view
from api.reports.formats import deck, listing, tables, workbook
from api.reports.models import Format
from api.reports.snapshot.snapshot import ReportSnapshot

_TEMPLATES = Path(__file__).parent / "templates"

# What a class may colour on screen: every role a drawing or a legend asks for.
_ROLES = (
    *("ink", "muted", "line", "hair", "ghost", "track", "primary", "accent", "accent_ink"),
    *theme.SERIES,
    *("good", "warn", "bad", "wait", "idle"),
)


@dataclass(frozen=True, slots=True)
class Rendered:
    """Bytes in one format. `policy` is what a page must be served with."""

    body: bytes
    policy: str | None = None
    accessible: bool = True


def html(snapshot: ReportSnapshot, locale: str, draft: bool = False) -> HtmlDocument:
    """The report as one web page. Raises ValueError for a language it is not written in."""
    return _page(snapshot, locale, draft, "report.css.j2")


def slides(snapshot: ReportSnapshot, locale: str, draft: bool = False) -> HtmlDocument:
    """The same page for a meeting: a section fills the screen, and a sheet when it is printed."""
    return _page(snapshot, locale, draft, "slides.css.j2")


def _page(snapshot: ReportSnapshot, locale: str, draft: bool, styles: str) -> HtmlDocument:
    _check_published(snapshot, draft)
    colours = _colours(snapshot)
    made = view.build(snapshot, locale, Paint("screen", colours.light, theme.SANS))
    logo = snapshot.agency.logo
    values = {
        "v": made,
        "roles": _ROLES,
        "draft": draft,
        "logo": web.image(logo) if logo else "",
        "monogram": _monogram(made.cover.initials, colours.light, on="hero"),
        "arcs": charts.arcs(
            (560, 380), (900, 900), 56, colours.light["on_hero_line"], colours.light["hero_accent"]
        ),
    }
    return web.page(_TEMPLATES, "report.html.j2", styles, values)


def printed(snapshot: ReportSnapshot) -> frozenset[str]:
    """The sections that its pages have, by their keys."""
    paint = Paint("screen", _colours(snapshot).light, theme.SANS)
    made = view.build(snapshot, snapshot.report.locales[0], paint)
    return frozenset(entry.key for entry in made.contents)


def pdf(snapshot: ReportSnapshot, locale: str, draft: bool = False) -> PdfDocument:
    """The report as an accessible PDF. Raises ValueError for a language it is not written in."""
    _check_published(snapshot, draft)
    colours = _colours(snapshot).light
    made = view.build(snapshot, locale, Paint("paper", colours, theme.SANS))
    logo = snapshot.agency.logo or ""
    drawings = {
        "logo": logo,
        "monogram": _monogram(made.cover.initials, colours, on="hero"),
        "monogram_dark": _monogram(made.cover.initials, colours, on="page"),
        "arcs": charts.arcs(
            (610, 150), (595, 842), 48, colours["on_hero_line"], colours["hero_accent"]
        ),
    }
    report = snapshot.report
    fonts = {"serif": theme.SERIF, "sans": theme.SANS}
    content = {**dataclasses.asdict(made), "draft": draft, "fonts": fonts}
    return paper.document(
        _TEMPLATES / "report.typ", content, drawings, report.published_at or report.as_of
    )


def made(snapshot: ReportSnapshot, locale: str, kind: Format) -> Rendered:
    """A published version in one language and one of the formats that are kept as files."""
    return _MAKERS[kind](snapshot, locale)


def _html(snapshot: ReportSnapshot, locale: str) -> Rendered:
    page = html(snapshot, locale)
    return Rendered(page.body, page.csp)


def _slides(snapshot: ReportSnapshot, locale: str) -> Rendered:
    page = slides(snapshot, locale)
    return Rendered(page.body, page.csp)


def _pdf(snapshot: ReportSnapshot, locale: str) -> Rendered:
    document = pdf(snapshot, locale)
    return Rendered(document.body, accessible=document.accessible)


def _xlsx(snapshot: ReportSnapshot, locale: str) -> Rendered:
    return Rendered(workbook.workbook(snapshot, tables.tables(snapshot, locale)))


def _csv(snapshot: ReportSnapshot, locale: str) -> Rendered:
    rows = tables.tables(snapshot, locale)
    return Rendered(listing.listed(rows, snapshot.report.currency))


def _pptx(snapshot: ReportSnapshot, locale: str) -> Rendered:
    paint = Paint("paper", _colours(snapshot).light, theme.SANS)
    seen = view.build(snapshot, locale, paint)
    return Rendered(deck.deck(snapshot, seen, tables.tables(snapshot, locale)))


_MAKERS: dict[Format, Callable[[ReportSnapshot, str], Rendered]] = {
    Format.html: _html,
    Format.xlsx: _xlsx,
    Format.csv: _csv,
    Format.pptx: _pptx,
    Format.slides: _slides,
    Format.pdf: _pdf,
}
KEPT = tuple(_MAKERS)  # in the order they are made: what takes longest comes last


def _check_published(snapshot: ReportSnapshot, draft: bool) -> None:
    if snapshot.report.published_at is None and not draft:
        raise ValueError("what is not published is rendered as a draft")


def _colours(snapshot: ReportSnapshot) -> theme.Palette:
    branding = snapshot.agency.branding
    return theme.palette(branding.primary, branding.accent)


def _monogram(initials: str, colours: theme.Colours, on: str) -> str:
    if on == "hero":
        return charts.monogram(initials, colours["on_hero"], colours["hero_accent"], theme.SERIF)
    return charts.monogram(initials, colours["primary"], colours["accent"], theme.SERIF)
