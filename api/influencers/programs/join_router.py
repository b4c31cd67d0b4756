"""
Where somebody without an account answers an invitation: one page, and one form.

Only a POST answers, so that whatever looks at an address in a mail answers nothing.
"""

from typing import Annotated, Any

from fastapi import Form, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.approvals.decide_router import HTML, PageRoute
from api.http import limits
from api.http.open_route import open_router
from api.http.problems import problems, translate
from api.influencers.programs import answering, invitations, page
from api.influencers.programs.invitations import (
    AnsweredOtherwise,
    JoinLinkClosed,
    JoinLinkUnknown,
    JoinOver,
)
from api.influencers.programs.shapes import JoinForm
from tenants import words
from tenants.errors import ApiError

TRIES = "30/15 minute"  # of one address that was handed out


class JoinRoute(PageRoute):
    """A route whose refusals are pages of an invitation."""

    @staticmethod
    def refusal(request: Request, error: ApiError) -> Response:
        """Who holds a link that still opens something sees it again, with what was wrong."""
        token, invited, shown = str(request.path_params["token"]), None, False
        try:
            invited = invitations.invited_by(token)
            with invitations.opened(token) as (_, holder):
                shown = not holder.is_over
        except ApiError as closed:
            error = closed
        except Exception as failure:
            error = translate(failure)
        locale = invited.locale if invited else limits.locale(request)
        own = "join" if words.knows("join", error.code) else "problem"
        notice = words.say(locale, own, error.code, **error.words)
        answer = page.respond(
            invited, shown=shown, status=error.status, notice=notice, locale=locale
        )
        answer.headers.update(error.headers)
        return answer


router = open_router("influencers", JoinRoute)

LinkToken = Annotated[str, Path(min_length=1, max_length=256, pattern="^[A-Za-z0-9_]*$")]
_CLOSED = (JoinLinkUnknown, JoinLinkClosed, JoinOver)
_PAGE: dict[int | str, Any] = {200: {"description": "The page.", "content": HTML}}


@router.get("/join/{token}", response_class=Response, responses={**_PAGE, **problems(*_CLOSED)})
def open_invitation(token: LinkToken) -> Response:
    """The page of an invitation: to what, or what was answered. It changes nothing."""
    with invitations.opened(token) as (_, invited):
        if invited.is_over:
            raise JoinOver
    return page.respond(invited)


@router.post(
    "/join/{token}",
    status_code=303,
    response_class=Response,
    responses={
        303: {"description": "It is answered; the page says what."},
        **problems(*_CLOSED, AnsweredOtherwise),
    },
)
async def answer_invitation(
    token: LinkToken, form: Annotated[JoinForm, Form()], request: Request
) -> Response:
    """Accept or decline: once, in the name of whom the invitation is for."""
    await limits.attempt("join", TRIES, token)
    await run_in_threadpool(_answer, token, form, request)
    return Response(status_code=303, headers={"Location": f"/join/{token}"})


def _answer(token: str, form: JoinForm, request: Request) -> None:
    origin = {
        "request_id": request.scope.get("request_id"),
        "address": limits.address(request),
    }
    with invitations.opened(token, **origin) as (session, invited):
        answering.answer(session, invited, form.answer, form.reason)
