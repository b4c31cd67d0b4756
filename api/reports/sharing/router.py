"""
What somebody without an account sees: the page that opens a share link, and the report behind it.

The token never travels in an address: the page reads it from the fragment, posts it, and is given a
cookie that lasts an hour and is sent to these paths only.
"""

import base64
import hashlib
from typing import Annotated, Any

from fastapi import Cookie, Request
from starlette.responses import Response

from api.http import limits
from api.http.answers import Deferred
from api.http.exchange import Exchange
from api.http.open_route import open_router
from api.http.problems import problems
from api.reports import serving
from api.reports.models import Format, FormatName, RenderingRead
from api.reports.sharing import accesses, share_links
from api.reports.sharing.accesses import Visit
from api.reports.sharing.models import LinkPassword
from api.reports.snapshot.snapshot import ReportSnapshot
from tenants import database, reads, words
from tenants.errors import NotAcceptable
from tenants.shapes import Language, Shape

router = open_router("reports")

_PAGE_SCHEMA: dict[str, Any] = {"schema": {"type": "string", "maxLength": 8_000_000}}
_SCRIPT = """
const token = location.hash.slice(1);
const state = document.getElementById("state");
const form = document.querySelector("form");
history.replaceState(null, "", location.pathname);
const open = (password) => fetch(location.pathname, {
  method: "POST",
  headers: {"Content-Type": "application/json"},
  body: JSON.stringify(password === undefined ? {token} : {token, password}),
}).then((answer) => {
  if (answer.ok) return location.replace("/shared/reports/view");
  form.hidden = answer.status !== 403;
  const {closed, ask, wrong} = document.body.dataset;
  state.textContent = form.hidden ? closed : password === undefined ? ask : wrong;
  if (!form.hidden) form.elements.password.focus();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  open(form.elements.password.value);
});
open();
"""
_HASH = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
_STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:18px/1.5 system-ui,sans-serif;margin:20vh auto;max-width:28em;padding:0 1.5em}"
    "input,button{font:inherit}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; script-src 'sha256-{_HASH}'; style-src 'sha256-{_STYLE_HASH}';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>{title}</title>
<style>{style}</style>
</head>
<body data-closed="{closed}" data-ask="{ask}" data-wrong="{wrong}">
<main>
<h1>{title}</h1>
<p id="state" role="status">{opening}</p>
<form hidden>
<label>{password} <input type="password" name="password" autocomplete="off" required></label>
<button>{open}</button>
</form>
<noscript><p>{script}</p></noscript>
</main>
<script>{code}</script>
</body>
</html>
"""


# Nobody finds the page by searching, nor learns of it from where its reader goes next.
_PRIVATE = {"X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}


def page(language: str) -> str:
    """The page that exchanges a token, in a reader's language."""
    said = ("title", "opening", "closed", "script", "ask", "wrong", "password", "open")
    return _PAGE.format(
        language=language,
        style=_STYLE,
        code=_SCRIPT,
        **{name: words.say(language, "share", name) for name in said},
    )


class ShareToken(Shape):
    """The token of a share link, from its address's fragment; its password, if it asks for one."""

    token: str
    password: LinkPassword | None = None


@router.get(
    "/shared/reports",
    response_class=Response,
    responses={
        200: {"description": "The page.", "content": {"text/html": _PAGE_SCHEMA}},
    },
)
async def open_share_link(request: Request) -> Response:
    """The page that a share link's address opens; its one script exchanges the token."""
    made = page(limits.locale(request))
    headers = {"Content-Security-Policy": POLICY, **_PRIVATE}
    return Response(made, headers=headers, media_type="text/html; charset=utf-8")


@router.post(
    "/shared/reports",
    status_code=204,
    response_class=Response,
    responses=problems(share_links.ShareLinkClosed, share_links.ShareLinkPassword),
)
def exchange_share_token(data: ShareToken, request: Request) -> Response:
    """Exchange a share token for a cookie that opens the report for an hour."""
    answer = Response(status_code=204, headers={"Cache-Control": "no-store"})
    answer.set_cookie(
        share_links.COOKIE,
        share_links.exchange(data.token, data.password),
        max_age=int(share_links.COOKIE_LIFE.total_seconds()),
        path="/shared/reports",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return answer


@router.get(
    "/shared/reports/view",
    response_class=Response,
    responses={
        200: {
            "model": ReportSnapshot,
            "description": "The report.",
            "content": serving.DOCUMENTED,
        },
        202: {"model": RenderingRead, "description": "It is being rendered."},
        304: {"description": "You have it."},
        **problems(
            share_links.ShareLinkClosed,
            accesses.DownloadNotAllowed,
            NotAcceptable,
            serving.LanguageNotOffered,
            serving.ReportWithdrawn,
        ),
    },
)
def view_shared_report(
    request: Request,
    shared_report: Annotated[str | None, Cookie(max_length=200)] = None,
    format: FormatName = "html",
    locale: Language | None = None,
) -> Response:
    """The report a share link opens: the version that stands now."""
    entry = share_links.entry(shared_report)
    agent = request.headers.get("user-agent", "")
    visit = Visit(Format(format), limits.address(request), agent)
    language = accesses.note(entry, visit) or locale
    with database.open_session(entry) as session, session.begin():
        session.info["exchange"] = Exchange(request, None, None, locale=limits.locale(request))
        which = serving.standing(share_links.report_of(session))
        made = reads.ask_within(
            session, serving.serve(session, which, format, language, is_noted=False)
        )
    answer: Response = made.build() if isinstance(made, Deferred) else made
    answer.headers.update(_PRIVATE)
    return answer
