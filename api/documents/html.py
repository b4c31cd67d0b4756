"""One self-contained web page under a policy that lets nothing else in.

All that is data is escaped by the template engine; the only trusted markup is our own drawings.
The page has one style sheet, let in by its hash, and no style attribute, which no hash would cover.
"""

import base64
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from api.documents.theme import SANS, SERIF

FONTS = Path(__file__).parent / "fonts"

_FACES = (
    (SERIF, 400, "normal", "Fraunces_400Regular"),
    (SANS, 400, "normal", "Inter_400Regular"),
    (SANS, 400, "italic", "Inter_400Regular_Italic"),
    (SANS, 500, "normal", "Inter_500Medium"),
    (SANS, 600, "normal", "Inter_600SemiBold"),
)


@dataclass(frozen=True, slots=True)
class HtmlDocument:
    """UTF-8 bytes, and the Content-Security-Policy they must be served with."""

    body: bytes
    csp: str


def markup(templates: Path, name: str, values: dict[str, object]) -> str:
    """One template of a folder, filled."""
    return _environment(templates).get_template(name).render(**values)


def page(
    templates: Path,
    name: str,
    styles: str,
    values: dict[str, object],
    *,
    forms: bool = False,
    styled_by: Path | None = None,
) -> HtmlDocument:
    """
    Lays `values` out with two templates: the page and its style sheet, of the same folder unless
    `styled_by` is another. `forms`: it may send forms, to where it comes from.
    """
    environment, sheets = _environment(templates), _environment(styled_by or templates)
    css = sheets.get_template(styles).render(faces=_faces(), serif=SERIF, sans=SANS, **values)
    # The parser of a page must never meet the end of the style element inside it.
    if "</" in css:
        raise ValueError("a style sheet holds no markup")
    body = environment.get_template(name).render(css=Markup(css), **values)
    return HtmlDocument(body.encode(), policy(css, forms=forms))


def policy(css: str, *, forms: bool = False) -> str:
    """Nothing runs, nothing is fetched from elsewhere, and only this style sheet counts."""
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    sent = "'self'" if forms else "'none'"
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self' data:; "
        "font-src 'self' data:; base-uri 'none'; "
        f"form-action {sent}; frame-ancestors 'none'"
    )


def image(svg: str) -> str:
    """A foreign drawing as an address: inside an image it can neither run nor fetch."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


@lru_cache(maxsize=8)
def _environment(templates: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader(templates),
        autoescape=lambda name: name is None or ".html" in name,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


@lru_cache(maxsize=1)
def _faces() -> str:
    """The letters, cut to Latin, inside the page: it reads the same when saved or sent on."""
    faces = []
    for family, weight, style, file in _FACES:
        letters = base64.b64encode((FONTS / f"{file}.latin.woff2").read_bytes()).decode()
        faces.append(
            f'@font-face{{font-family:"{family}";font-weight:{weight};font-style:{style};'
            f'font-display:swap;src:url(data:font/woff2;base64,{letters}) format("woff2")}}'
        )
    return "\n".join(faces)
