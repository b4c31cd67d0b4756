"""The feed's one route."""

from typing import Annotated, Any

from fastapi import Query

from api.events import events
from api.events.models import EventQuery, EventRead
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from tenants.pages import InvalidCursor, Page

router = domain_router("events")


@router.get(
    "/events",
    response_model=Page[EventRead],
    dependencies=[needs("events:read", in_arrears=True)],
    responses=problems(InvalidCursor),
)
def list_events(page: Annotated[EventQuery, Query()], session: RequestSession) -> Any:
    """Follow what happened, oldest first: ask again with the last `position` as `after`."""
    return events.follow(session, page)
