"""Routes of collaborations until terms are on the table; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.campaigns.scopes import CampaignOver
from api.collaborations import collaborations, moves
from api.collaborations.models import Collaboration
from api.collaborations.shapes import (
    CollaborationCreate,
    CollaborationQuery,
    CollaborationRead,
    CollaborationUpdate,
)
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from tenants.errors import MoveNotAllowed, NotFound
from tenants.pages import InvalidCursor, Page
from tenants.reads import Lookup

router = domain_router("collaborations")

_AVAILABLE = (CampaignOver, moves.InfluencerUnavailable)


@router.post(
    "/collaborations",
    status_code=201,
    response_model=CollaborationRead,
    dependencies=[needs("collaborations:write")],
    responses=problems(
        NotFound,
        collaborations.AlreadyCollaborating,
        collaborations.OtherClientsProgram,
        *_AVAILABLE,
    ),
)
def create_collaboration(data: CollaborationCreate, session: RequestSession) -> Any:
    """Put an influencer of the roster on a campaign's shortlist."""
    return collaborations.create(session, **data.model_dump())


@router.get(
    "/collaborations",
    response_model=Page[CollaborationRead],
    dependencies=[needs("collaborations:read")],
    responses=problems(InvalidCursor),
)
def list_collaborations(
    page: Annotated[CollaborationQuery, Query()], session: RequestSession
) -> Any:
    """List collaborations, what is due first first; what ended early only by its `status`."""
    return collaborations.search(session, page)


@router.get(
    "/collaborations/{collaboration_id}",
    response_model=CollaborationRead,
    dependencies=[needs("collaborations:read")],
    responses=problems(NotFound),
)
def get_collaboration(collaboration_id: UUID, session: RequestSession) -> Any:
    """Read a collaboration. The client sees it from the contract on, who was invited before."""
    return Lookup(Collaboration, collaboration_id)


@router.patch(
    "/collaborations/{collaboration_id}",
    response_model=CollaborationRead,
    dependencies=[needs("collaborations:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def update_collaboration(
    collaboration_id: UUID, data: CollaborationUpdate, session: RequestSession
) -> Any:
    """Change a collaboration until terms are offered."""
    return collaborations.update(session, collaboration_id, **data.model_dump())


@router.post(
    "/collaborations/{collaboration_id}/invite",
    response_model=CollaborationRead,
    dependencies=[needs("collaborations:write")],
    responses=problems(NotFound, MoveNotAllowed, *_AVAILABLE),
)
def invite_collaboration(collaboration_id: UUID, session: RequestSession) -> Any:
    """Ask the influencer: from now on they see it."""
    return collaborations.invite(session, collaboration_id)
