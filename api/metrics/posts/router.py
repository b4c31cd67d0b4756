"""Routes of published posts; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.metrics import periods
from api.metrics.posts import post_figures, posts
from api.metrics.posts.models import (
    PostFigures,
    PublishedPost,
    PublishedPostCreate,
    PublishedPostQuery,
    PublishedPostRead,
    PublishedPostUpdate,
    TotalsByDay,
)
from tenants.errors import NotFound
from tenants.pages import InvalidCursor, Page
from tenants.reads import Lookup
from tenants.shapes import Day

router = domain_router("metrics")


@router.post(
    "/published-posts",
    status_code=201,
    response_model=PublishedPostRead,
    dependencies=[needs("published_posts:write")],
    responses=problems(NotFound, posts.PostExists),
)
def create_published_post(data: PublishedPostCreate, session: RequestSession) -> Any:
    """Note a post that a channel published, by the network's own id."""
    return posts.create(session, **data.model_dump())


@router.get(
    "/published-posts",
    response_model=Page[PublishedPostRead],
    dependencies=[needs("published_posts:read")],
    responses=problems(InvalidCursor),
)
def list_published_posts(
    page: Annotated[PublishedPostQuery, Query()], session: RequestSession
) -> Any:
    """List the posts in your sight, newest noted first."""
    return posts.search(session, page)


@router.get(
    "/published-posts/{published_post_id}",
    response_model=PublishedPostRead,
    dependencies=[needs("published_posts:read")],
    responses=problems(NotFound),
)
def get_published_post(published_post_id: UUID, session: RequestSession) -> Any:
    """Read a post."""
    return Lookup(PublishedPost, published_post_id)


@router.patch(
    "/published-posts/{published_post_id}",
    response_model=PublishedPostRead,
    dependencies=[needs("published_posts:write")],
    responses=problems(NotFound),
)
def update_published_post(
    published_post_id: UUID, data: PublishedPostUpdate, session: RequestSession
) -> Any:
    """Put a post right, or say which campaign it belongs to."""
    return posts.update(session, published_post_id, **data.model_dump())


class DaysQuery(BaseModel):
    """Which days."""

    model_config = ConfigDict(extra="ignore")

    first: Annotated[Day, Field(alias="from", description="First day, of the client's calendar.")]
    last: Annotated[Day, Field(alias="to", description="Last day, included.")]


class PostFiguresQuery(DaysQuery):
    """Posts of which days and campaign, and how many of them one by one."""

    campaign_id: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


_PERIOD = (periods.PeriodEndsBeforeItStarts, periods.PeriodTooLong)


@router.get(
    "/clients/{client_id}/post-figures",
    response_model=PostFigures,
    dependencies=[needs("metrics:read")],
    responses=problems(NotFound, *_PERIOD, post_figures.TooManyPosts),
)
def get_post_figures(
    client_id: UUID, asked: Annotated[PostFiguresQuery, Query()], session: RequestSession
) -> Any:
    """Read what the posts of a period reached since, the most viewed first."""
    span = periods.period(asked.first, asked.last)
    return post_figures.of_client(session, client_id, span, asked.campaign_id, asked.limit)


@router.get(
    "/published-posts/{published_post_id}/totals",
    response_model=TotalsByDay,
    dependencies=[needs("metrics:read")],
    responses=problems(NotFound, *_PERIOD),
)
def get_post_totals(
    published_post_id: UUID, asked: Annotated[DaysQuery, Query()], session: RequestSession
) -> Any:
    """Read what a post's totals say of single days, and where its counters began anew."""
    span = periods.period(asked.first, asked.last)
    return post_figures.of_post(session, published_post_id, span)


@router.get(
    "/channels/{channel_id}/totals",
    response_model=TotalsByDay,
    dependencies=[needs("metrics:read")],
    responses=problems(NotFound, *_PERIOD),
)
def get_channel_totals(
    channel_id: UUID, asked: Annotated[DaysQuery, Query()], session: RequestSession
) -> Any:
    """Read what a channel's totals since ever say of single days."""
    return post_figures.of_channel(session, channel_id, periods.period(asked.first, asked.last))
