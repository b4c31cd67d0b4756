"""The page of an invitation: to what, by whom, and what was answered. It needs no script."""

from pathlib import Path
from typing import Any

from starlette.responses import Response

from api.approvals import page as decisions
from api.documents import html as web
from api.documents.formats import Formats, formats
from api.documents.words import Words, words
from api.influencers.programs.invitations import Invited
from tenants.words import language

_TEMPLATES = Path(__file__).parent / "templates"


def respond(
    invited: Invited | None,
    *,
    shown: bool = True,
    status: int = 200,
    notice: str = "",
    locale: str = "en",
) -> Response:
    """
    The page, in the invitation's language, or in `locale` to a stranger. `notice`: what was
    refused; not `shown`, it says that alone.
    """
    tongue = language(invited.locale if invited else locale)
    said = words(tongue)
    values: dict[str, object] = {
        "w": said,
        "language": tongue,
        "invited": invited,
        "shown": shown and invited is not None,
        "notice": notice,
        **decisions.colours_of(invited.branding if invited else {}),
    }
    if invited is not None:
        values |= _values(invited, said, tongue)
    made = web.page(
        *(_TEMPLATES, "join.html.j2", "decide.css.j2", values),
        forms=True,
        styled_by=decisions.TEMPLATES,
    )
    headers = {
        "Content-Security-Policy": made.csp,
        "Cache-Control": "no-store",
        "Content-Language": tongue,
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow",
    }
    return Response(made.body, status, headers, "text/html; charset=utf-8")


def _values(invited: Invited, said: Words, tongue: str) -> dict[str, Any]:
    written = formats(invited.locale, "EUR", invited.timezone)
    answered = ""
    if invited.answer is not None and invited.answered_at is not None:
        moment = written.moment(invited.answered_at)
        answered = said(f"join.you.{invited.answer}", moment=moment)
    return {
        "cells": list(_cells(invited, said, written, tongue)),
        "answered": answered,
        "until": written.moment(invited.expires_at),
    }


def _cells(invited: Invited, said: Words, written: Formats, tongue: str) -> Any:
    """What is offered, as far as it is said."""
    yield said("join.kind"), said(f"join.kinds.{invited.program_kind}")
    for name in ("brief", "perks"):
        if text := _in(getattr(invited, name), tongue):
            yield said(f"join.{name}"), text
    if invited.monthly_activity:
        yield said("join.activity"), str(invited.monthly_activity)
    for name in ("starts_on", "ends_on"):
        if (day := getattr(invited, name)) is not None:
            yield said(f"join.{name}"), written.date(day, "day_year")


def _in(text: Any, tongue: str) -> str:
    """The words in the page's language, or in another that there is."""
    return str(text.get(tongue) or next(iter(text.values()), ""))
