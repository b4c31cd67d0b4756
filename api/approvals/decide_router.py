"""
Where somebody without an account decides: one page, and one form that changes something.

Only a POST decides, so that whatever looks at an address in a mail decides nothing. A refusal is a
page for who asks for one, and a problem for the rest.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Form, Path, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.approvals import approvals, deadlines, levels, links, page, quorum
from api.approvals.shapes import DecisionForm
from api.http import limits
from api.http.open_route import OpenRoute, open_router
from api.http.problems import InvalidRequest, problems, translate
from tenants import words
from tenants.errors import ApiError, MoveNotAllowed

TRIES = "30/15 minute"  # of one address that was handed out
HTML: dict[str, Any] = {
    "text/html": {"schema": {"type": "string", "maxLength": 8_000_000}},
}


class PageRoute(OpenRoute):
    """A route whose refusals are pages to whoever asks for HTML."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        for status, answer in self.responses.items():
            if int(status) >= 400:
                self.responses[status] = {**answer, "content": HTML}

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def shown(request: Request) -> Response:
            try:
                return await handle(request)
            except Exception as failure:
                if "text/html" not in request.headers.get("accept", ""):
                    raise
                invalid = isinstance(failure, RequestValidationError)
                error = InvalidRequest() if invalid else translate(failure)
                return await run_in_threadpool(self.refusal, request, error)

        return shown

    @staticmethod
    def refusal(request: Request, error: ApiError) -> Response:
        """The page that says so."""
        return _refusal(request, error)


def _refusal(request: Request, error: ApiError) -> Response:
    """Who holds a link that still opens something sees it again, with what was wrong."""
    token, guest, approval = str(request.path_params["token"]), None, None
    try:
        guest = links.guest_of(token)
        with links.opened(token) as (session, _):
            approval = links.read(session, guest) if guest else None
    except ApiError as closed:
        # What is over is more than what was wrong with the form.
        error = closed
    except Exception as failure:
        error = translate(failure)
    locale = guest.locale if guest else limits.locale(request)
    own = "decide" if words.knows("decide", error.code) else "problem"
    notice = words.say(locale, own, error.code, **error.words)
    answer = page.respond(guest, approval, status=error.status, notice=notice, locale=locale)
    answer.headers.update(error.headers)
    return answer


router = open_router("approvals", PageRoute)

LinkToken = Annotated[str, Path(min_length=1, max_length=256, pattern="^[A-Za-z0-9_]*$")]
_CLOSED = (links.ApprovalLinkUnknown, links.ApprovalLinkClosed, links.ApprovalOver)


@router.get(
    "/decide/{token}",
    response_class=Response,
    responses={200: {"description": "The page.", "content": HTML}, **problems(*_CLOSED)},
)
def open_decision(token: LinkToken) -> Response:
    """The page of a link: what is decided on and how, or what was decided. It changes nothing."""
    with links.opened(token) as (session, guest):
        approval = links.read(session, guest)
    return page.respond(guest, approval)


@router.post(
    "/decide/{token}",
    status_code=303,
    response_class=Response,
    responses={
        303: {"description": "It is decided; the page says what."},
        **problems(
            *_CLOSED,
            MoveNotAllowed,
            levels.ContentChanged,
            approvals.ReasonRequired,
            quorum.AlreadyDecided,
            deadlines.ApprovalOverdue,
        ),
    },
)
async def decide_by_link(
    token: LinkToken, form: Annotated[DecisionForm, Form()], request: Request
) -> Response:
    """Approve, ask for changes, or reject: once, in the name of whom the link is for."""
    await limits.attempt("decide", TRIES, token)
    await run_in_threadpool(_decide, token, form, request)
    return Response(status_code=303, headers={"Location": f"/decide/{token}"})


def _decide(token: str, form: DecisionForm, request: Request) -> None:
    origin = {
        "request_id": request.scope.get("request_id"),
        "address": limits.address(request),
    }
    try:
        with links.opened(token, **origin) as (session, guest):
            links.decide(session, guest, **form.model_dump())
    except (MoveNotAllowed, quorum.AlreadyDecided):
        # A button that is pressed twice: the second press finds what the first has done.
        guest_now = links.guest_of(token)
        if guest_now is None or guest_now.outcome != form.outcome:
            raise
