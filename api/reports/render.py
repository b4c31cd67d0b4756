"""A published version as the client receives it: a web page and a PDF, from the same view."""

import dataclasses
from pathlib import Path

from api.documents import charts, theme
from api.documents import html as web
from api.documents import pdf as paper
from api.documents.html import HtmlDocument
from api.documents.pdf import PdfDocument
from api.documents.svg import Paint
from api.reports import view
from api.reports.snapshot import ReportSnapshot

_TEMPLATES = Path(__file__).parent / "templates"

# What a class may colour on screen: every role a drawing or a legend asks for.
_ROLES = (
    *("ink", "muted", "line", "hair", "ghost", "track", "primary", "accent", "accent_ink"),
    *theme.SERIES,
    *("good", "warn", "bad", "wait", "idle"),
)


def html(snapshot: ReportSnapshot, locale: str, draft: bool = False) -> HtmlDocument:
    """The report as one web page. Raises ValueError for a language it is not written in."""
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
    return web.page(_TEMPLATES, "report.html.j2", "report.css.j2", values)


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
