"""The page of a link: the terms, how they are answered, and what was said. It needs no script."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.responses import Response

from api.approvals import shown
from api.collaborations.terms.links import Guest
from api.documents import html as web
from api.documents import theme
from api.documents.formats import formats
from api.documents.words import words
from tenants.words import language

_API = Path(__file__).parents[2]
# In the look of the page on which a client decides.
_PAGE = "collaborations/templates/terms.html.j2"
_STYLE = "approvals/templates/decide.css.j2"
PRIMARY, ACCENT = "#24313F", "#B4690E"  # of an agency that has chosen no colours


def respond(
    guest: Guest | None, *, status: int = 200, notice: str = "", locale: str = "en"
) -> Response:
    """
    The page, in the language of the client's locale, or in `locale` to a stranger. `notice`: what
    was refused; of a link that opens nothing any more it says that alone.
    """
    tongue = language(guest.locale if guest else locale)
    values: dict[str, object] = {
        "w": words(tongue),
        "language": tongue,
        "guest": guest,
        "notice": notice,
        **colours(guest.branding if guest else {}),
    }
    if guest is not None:
        values |= _values(guest)
    made = web.page(_API, _PAGE, _STYLE, values, forms=True)
    headers = {
        "Content-Security-Policy": made.csp,
        "Cache-Control": "no-store",
        "Content-Language": tongue,
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow",
    }
    return Response(made.body, status, headers, "text/html; charset=utf-8")


def _values(guest: Guest) -> dict[str, Any]:
    written = formats(guest.locale, "EUR", guest.timezone)
    said = words(written.language)
    answered = ""
    if guest.answer is not None and guest.answered_at is not None:
        answered = said(f"terms.you.{guest.answer}", moment=written.moment(guest.answered_at))
    return {
        "sections": shown.sections({"subjects": [guest.content]}, guest.locale, guest.timezone),
        "answered": answered,
        "respond_by": written.moment(guest.respond_by),
    }


def colours(branding: Mapping[str, Any]) -> dict[str, object]:
    """An agency's colours, light and dark."""
    palette = theme.palette(branding.get("primary") or PRIMARY, branding.get("accent") or ACCENT)
    return {"light": palette.light, "dark": palette.dark}
