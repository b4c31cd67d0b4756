"""
Where an influencer without an account answers terms: one page, and one form that changes something.

Only a POST answers, so that whatever looks at an address in a mail answers nothing. A refusal is a
page for who asks for one, and a problem for the rest.
"""

from typing import Annotated, Any

from fastapi import Form, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.approvals.approvals import ReasonRequired
from api.approvals.decide_router import PageRoute
from api.budgets.book import BudgetNotActive, LineExceeded
from api.campaigns.scopes import CampaignOver
from api.collaborations import moves
from api.collaborations.money import changes
from api.collaborations.rights import exclusivity
from api.collaborations.terms import amendments, links, offers, page
from api.collaborations.terms.models import Answer
from api.collaborations.terms.shapes import AnswerForm
from api.http import limits
from api.http.open_route import open_router
from api.http.problems import problems, translate
from tenants import words
from tenants.errors import ApiError, MoveNotAllowed

TRIES = "30/15 minute"  # of one address that was handed out
_HTML: dict[str, Any] = {
    "text/html": {"schema": {"type": "string", "maxLength": 8_000_000}},
}


class TermsRoute(PageRoute):
    """A route whose refusals are pages with the terms, as long as the link opens them."""

    @staticmethod
    def refusal(request: Request, error: ApiError) -> Response:
        token, guest = str(request.path_params["token"]), None
        try:
            guest = links.opened(token)
        except ApiError as closed:
            error = closed  # what is over is more than what was wrong with the form
        except Exception as failure:
            error = translate(failure)
        locale = guest.locale if guest else limits.locale(request)
        own = "terms" if words.knows("terms", error.code) else "problem"
        notice = words.say(locale, own, error.code, **error.words)
        answer = page.respond(guest, status=error.status, notice=notice, locale=locale)
        answer.headers.update(error.headers)
        return answer


router = open_router("collaborations", TermsRoute)

LinkToken = Annotated[str, Path(min_length=1, max_length=256, pattern="^[A-Za-z0-9_]*$")]
_CLOSED = (links.TermsLinkUnknown, links.TermsLinkClosed, links.TermsOver)


@router.get(
    "/terms/{token}",
    response_class=Response,
    responses={200: {"description": "The page.", "content": _HTML}, **problems(*_CLOSED)},
)
def open_terms(token: LinkToken) -> Response:
    """The page of a link: the terms and how they are answered, or what was. It changes nothing."""
    return page.respond(links.opened(token))


@router.post(
    "/terms/{token}",
    status_code=303,
    response_class=Response,
    responses={
        303: {"description": "It is answered; the page says what."},
        **problems(
            *_CLOSED,
            *(MoveNotAllowed, CampaignOver, moves.InfluencerUnavailable, ReasonRequired),
            *(offers.TermsAnswered, offers.TermsChanged, offers.TermsExpired),
            *(BudgetNotActive, LineExceeded, exclusivity.ExclusivityConflict),
            *(amendments.WorkDone, amendments.NoMorePieces, changes.EarnedAlready),
            *(amendments.RightInUse, offers.FeeCurrencyDiffers),
        ),
    },
)
async def answer_by_link(
    token: LinkToken, form: Annotated[AnswerForm, Form()], request: Request
) -> Response:
    """Accept or decline: once, in the name of whom the link is for."""
    await limits.attempt("terms", TRIES, token)
    await run_in_threadpool(_answer, token, form, request)
    return Response(status_code=303, headers={"Location": f"/terms/{token}"})


def _answer(token: str, form: AnswerForm, request: Request) -> None:
    given = Answer(form.answer)
    if given is Answer.declined and not form.reason:
        raise ReasonRequired(pointer="/reason")
    said: dict[str, Any] = {
        "reason": form.reason,
        "content_sha256": form.content_sha256,
        "request_id": request.scope.get("request_id"),
        "address": limits.address(request),
    }
    try:
        links.answer(token, given, **said)
    except (MoveNotAllowed, offers.TermsAnswered):
        # A button that is pressed twice: the second press finds what the first has done.
        guest = links.guest_of(token)
        if guest is None or guest.answer != given:
            raise
