"""Routes of the links by which terms are answered; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.collaborations.terms import links
from api.collaborations.terms.shapes import (
    CollaborationLinkCreate,
    CollaborationLinkMade,
    CollaborationLinkQuery,
    CollaborationLinkRead,
)
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from tenants.errors import MoveNotAllowed, NotFound
from tenants.pages import InvalidCursor, Page

router = domain_router("collaborations")


@router.post(
    "/collaborations/{collaboration_id}/links",
    status_code=201,
    response_model=CollaborationLinkMade,
    dependencies=[needs("collaborations:agree")],
    responses=problems(NotFound, MoveNotAllowed, links.StaffAddress),
)
def create_collaboration_link(
    collaboration_id: UUID, data: CollaborationLinkCreate, session: RequestSession
) -> Any:
    """Make an address at which the terms are answered without an account, and mail it."""
    return links.create(session, collaboration_id, **data.model_dump())


@router.get(
    "/collaboration-links",
    response_model=Page[CollaborationLinkRead],
    dependencies=[needs("collaborations:agree")],
    responses=problems(InvalidCursor),
)
def list_collaboration_links(
    page: Annotated[CollaborationLinkQuery, Query()], session: RequestSession
) -> Any:
    """List links, newest first; none of them shows its address again."""
    return links.search(session, page)


@router.post(
    "/collaboration-links/{collaboration_link_id}/revoke",
    response_model=CollaborationLinkRead,
    dependencies=[needs("collaborations:agree")],
    responses=problems(NotFound),
)
def revoke_collaboration_link(collaboration_link_id: UUID, session: RequestSession) -> Any:
    """End an address now. What was answered with it stands."""
    return links.revoke(session, collaboration_link_id)
