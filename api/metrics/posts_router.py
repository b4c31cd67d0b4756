"""Routes of published posts; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.metrics import posts
from api.metrics.post_models import (
    PublishedPost,
    PublishedPostCreate,
    PublishedPostQuery,
    PublishedPostRead,
    PublishedPostUpdate,
)
from tenants.errors import NotFound
from tenants.pages import InvalidCursor, Page
from tenants.reads import Lookup

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
