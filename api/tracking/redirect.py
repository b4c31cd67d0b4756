"""
Where tracking links lead. Open to anybody; nothing of who follows one is kept.

The target was fixed and checked when the link was made, and nothing of the request goes into it. A
process remembers where a link leads for five seconds, so that ending one takes that long; asking
for codes that there are not is counted by address, following links is not: a network's readers may
share one.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from fastapi import Request, Response
from sqlmodel import col, select
from starlette.responses import Response as Plain

from api.http import limits
from api.http.open_route import OpenRoute, open_router
from api.http.problems import problems
from api.tracking.clicks import Followed, clicks
from api.tracking.models import LinkStatus, TrackingLink
from tenants import database
from tenants.errors import Gone, NotFound

REMEMBERED = 5.0  # seconds
MOST = 20_000  # codes that a process remembers


class LinkEnded(Gone):
    """This link leads nowhere any more."""


class Target(NamedTuple):
    """Where a link leads, if it still does."""

    url: str
    link: Followed
    ended: bool


_known: dict[str, tuple[float, Target | None]] = {}


class RedirectRoute(OpenRoute):
    """
    A route that answers by itself: what a framework does around a verb would be most of what
    following a link costs. It takes whatever parameters networks hang on an address.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        async def follow(request: Request) -> Response:
            target = await _target(request)
            if target is None:
                raise NotFound
            if target.ended:
                raise LinkEnded
            if _is_click(request):
                clicks.count(target.link)
            return Plain(status_code=302, headers={"Location": target.url})

        return follow


router = open_router("tracking", RedirectRoute)


@router.get(
    "/t/{code}",
    response_class=Response,
    status_code=302,
    responses={
        302: {
            "description": "Where the link leads.",
            "headers": {"Location": {"schema": {"type": "string", "format": "uri"}}},
        },
        **problems(NotFound, LinkEnded),
    },
)
async def follow_tracking_link(code: str) -> Response:
    """Follow a tracking link to its target; it is counted, and nothing of you is kept."""
    raise NotFound  # the route answers before this is reached


async def _target(request: Request) -> Target | None:
    code, now = request.path_params["code"], asyncio.get_running_loop().time()
    until, target = _known.get(code, (0.0, None))
    if now < until:
        return target
    await limits.charge_address(request)
    target = await asyncio.to_thread(_look_up, code)
    if target is None:
        return None  # whoever asks for what is not there asks anew
    if len(_known) >= MOST:
        _known.clear()
    _known[code] = (now + REMEMBERED, target)
    return target


def _look_up(code: str) -> Target | None:
    if not (code.isascii() and code.isalnum() and len(code) <= 40):
        return None
    with database.platform_session() as session:
        found = session.exec(select(TrackingLink).where(col(TrackingLink.code) == code)).all()
    if len(found) != 1:
        return None
    row = found[0]
    link = Followed(row.agency_id, row.client_id, row.influencer_id, row.id)
    return Target(row.target, link, row.status is LinkStatus.ended)


def _is_click(request: Request) -> bool:
    """A program that only looks ahead is nobody who follows a link."""
    if request.scope.get("head"):
        return False
    purpose = request.headers.get("sec-purpose") or request.headers.get("purpose") or ""
    return "prefetch" not in purpose and "preview" not in purpose


def forget() -> None:
    """Remember nothing of where links lead."""
    _known.clear()
