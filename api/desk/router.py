"""Routes of the day, the overview and calendar feeds; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.desk import day, feeds
from api.desk.influencer_day import InfluencerDay
from api.desk.models import (
    CalendarFeedCreate,
    CalendarFeedMade,
    CalendarFeedQuery,
    CalendarFeedRead,
)
from api.desk.overview import Overview
from api.desk.shapes import DayQuery, DayRead, InfluencerDayRead, OverviewRead
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from tenants.errors import NotFound
from tenants.pages import InvalidCursor, Page

router = domain_router("desk")


@router.get("/me/day", response_model=DayRead, dependencies=[needs("account:read")])
def get_my_day(asked: Annotated[DayQuery, Query()], session: RequestSession) -> Any:
    """Read what waits for you and in collaborations, what clients owe you, and what stood out."""
    return day.of_reader(session, asked.unanswered_days)


@router.get(
    "/me/influencer-day",
    response_model=InfluencerDayRead,
    dependencies=[needs("own_profile:read")],
)
def get_influencer_day(session: RequestSession) -> Any:
    """Read what waits for you as an influencer, in all of your collaborations."""
    return InfluencerDay()


@router.get("/overview", response_model=OverviewRead, dependencies=[needs("overview:read")])
def get_overview(session: RequestSession) -> Any:
    """Read how every client in sight stands: work, decisions, promises, budgets, gaps."""
    return Overview()


@router.post(
    "/calendar-feeds",
    status_code=201,
    response_model=CalendarFeedMade,
    dependencies=[needs("account:write")],
    responses=problems(NotFound, feeds.TooManyFeeds),
)
def create_calendar_feed(data: CalendarFeedCreate, session: RequestSession) -> Any:
    """Make an address for your calendar program: of due days, as you may see them. Shown once."""
    return feeds.create(session, **data.model_dump())


@router.get(
    "/calendar-feeds",
    response_model=Page[CalendarFeedRead],
    dependencies=[needs("account:read")],
    responses=problems(InvalidCursor),
)
def list_calendar_feeds(
    page: Annotated[CalendarFeedQuery, Query()], session: RequestSession
) -> Any:
    """List your own calendar feeds, newest first."""
    return feeds.search(session, page)


@router.delete(
    "/calendar-feeds/{feed_id}",
    status_code=204,
    dependencies=[needs("account:write")],
    responses=problems(NotFound),
)
def revoke_calendar_feed(feed_id: UUID, session: RequestSession) -> None:
    """End one of your calendar feeds: its address opens nothing any more."""
    feeds.revoke(session, feed_id)
