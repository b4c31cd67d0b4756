"""What a calendar program reads: an address of one member's, without a log-in."""

import hashlib
from typing import Annotated, Any

from fastapi import Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.desk import calendar, feeds
from api.http import limits
from api.http.open_route import open_router
from api.http.problems import problems

READS = "60/hour"  # of one address
_ICS: dict[str, Any] = {"schema": {"type": "string", "maxLength": 8_000_000}}

router = open_router("desk")


@router.get(
    "/calendar/{token}.ics",
    response_class=Response,
    responses={
        200: {"description": "The calendar.", "content": {"text/calendar": _ICS}},
        304: {"description": "You have it."},
        **problems(feeds.CalendarFeedClosed),
    },
)
async def read_calendar_feed(
    token: Annotated[str, Path(min_length=1, max_length=256, pattern="^[A-Za-z0-9_]*$")],
    request: Request,
) -> Response:
    """
    Read a calendar feed as iCalendar: due days from 90 days ago to a year ahead, as its owner may
    see them now. The token is in the path, for a calendar program can be given nothing else.
    """
    await limits.attempt("calendar", READS, token)
    body = await run_in_threadpool(feeds.read, token)
    tag = f'"{hashlib.sha256(body).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex"}
    known = request.headers.get("if-none-match", "").split(",")
    if tag in {each.strip().removeprefix("W/") for each in known}:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=calendar.MEDIA_TYPE)
