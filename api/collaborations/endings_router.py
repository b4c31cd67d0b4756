"""Routes of how work begins and ends, and of what was agreed for it; each calls one verb."""

from typing import Any
from uuid import UUID

from api.campaigns.scopes import CampaignOver
from api.collaborations import collaborations, endings
from api.collaborations.money import money
from api.collaborations.money.shapes import InstalmentsRead
from api.collaborations.rights.shapes import ExclusivitiesRead
from api.collaborations.shapes import (
    CollaborationBreach,
    CollaborationRead,
    CollaborationReason,
    EndingRead,
)
from api.collaborations.terms import offers
from api.collaborations.work.shapes import PiecesRead
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from tenants.errors import MoveNotAllowed, NotFound

router = domain_router("collaborations")


@router.post(
    "/collaborations/{collaboration_id}/drop",
    response_model=CollaborationRead,
    dependencies=[needs("collaborations:write")],
    responses=problems(NotFound, MoveNotAllowed, offers.TermsAnswered),
)
def drop_collaboration(
    collaboration_id: UUID, data: CollaborationReason, session: RequestSession
) -> Any:
    """Go on without the influencer, before anything is agreed."""
    return endings.drop(session, collaboration_id, data.reason)


@router.post(
    "/collaborations/{collaboration_id}/start",
    response_model=CollaborationRead,
    dependencies=[needs("collaborations:write")],
    responses=problems(NotFound, MoveNotAllowed, CampaignOver),
)
def start_collaboration(collaboration_id: UUID, session: RequestSession) -> Any:
    """Let the work begin: from now on its pieces are handed in."""
    return collaborations.start(session, collaboration_id)


@router.post(
    "/collaborations/{collaboration_id}/complete",
    response_model=CollaborationRead,
    dependencies=[needs("collaborations:agree")],
    responses=problems(NotFound, MoveNotAllowed, endings.LiveDaysLeft),
)
def complete_collaboration(collaboration_id: UUID, session: RequestSession) -> Any:
    """Close it: all is verified, and was live for as long as agreed."""
    return endings.complete(session, collaboration_id)


@router.post(
    "/collaborations/{collaboration_id}/cancel",
    response_model=CollaborationRead,
    dependencies=[needs("collaborations:agree")],
    responses=problems(NotFound, MoveNotAllowed),
)
def cancel_collaboration(
    collaboration_id: UUID, data: CollaborationReason, session: RequestSession
) -> Any:
    """Call agreed work off. What was earned stays owed; the budget has the rest back."""
    return endings.cancel(session, collaboration_id, data.reason)


@router.post(
    "/collaborations/{collaboration_id}/breach",
    response_model=CollaborationRead,
    dependencies=[needs("collaborations:agree")],
    responses=problems(NotFound, MoveNotAllowed),
)
def breach_collaboration(
    collaboration_id: UUID, data: CollaborationBreach, session: RequestSession
) -> Any:
    """End it because a promise was broken, and ask back what was earned with that."""
    return endings.breach(session, collaboration_id, **data.model_dump())


@router.post(
    "/collaborations/{collaboration_id}/dispute",
    response_model=CollaborationRead,
    dependencies=[needs("collaborations:agree")],
    responses=problems(NotFound, MoveNotAllowed),
)
def dispute_collaboration(
    collaboration_id: UUID, data: CollaborationReason, session: RequestSession
) -> Any:
    """Pay nothing that is owed for it, or is going to be: the gate `not_disputed` is open."""
    return endings.dispute(session, collaboration_id, data.reason)


@router.post(
    "/collaborations/{collaboration_id}/settle",
    response_model=CollaborationRead,
    dependencies=[needs("collaborations:agree")],
    responses=problems(NotFound, MoveNotAllowed),
)
def settle_collaboration(
    collaboration_id: UUID, data: CollaborationReason, session: RequestSession
) -> Any:
    """Let what was disputed go on, as far as its other gates are."""
    return endings.settle_dispute(session, collaboration_id, data.reason)


@router.get(
    "/collaborations/{collaboration_id}/ending",
    response_model=EndingRead,
    dependencies=[needs("collaboration_terms:read")],
    responses=problems(NotFound),
)
def get_collaboration_ending(collaboration_id: UUID, session: RequestSession) -> Any:
    """Read why it ended, if it did before it was completed."""
    return endings.ending(session, collaboration_id)


@router.get(
    "/collaborations/{collaboration_id}/deliverables",
    response_model=PiecesRead,
    dependencies=[needs("collaborations:read")],
    responses=problems(NotFound),
)
def list_collaboration_deliverables(collaboration_id: UUID, session: RequestSession) -> Any:
    """List what was agreed to be made, in the order of the terms."""
    return {"data": collaborations.deliverables(session, collaboration_id)}


@router.get(
    "/collaborations/{collaboration_id}/instalments",
    response_model=InstalmentsRead,
    dependencies=[needs("collaboration_terms:read")],
    responses=problems(NotFound),
)
def list_collaboration_instalments(collaboration_id: UUID, session: RequestSession) -> Any:
    """List the parts of the fee, and which of them were earned."""
    return {"data": money.instalments(session, collaboration_id)}


@router.get(
    "/collaborations/{collaboration_id}/exclusivities",
    response_model=ExclusivitiesRead,
    dependencies=[needs("collaboration_terms:read")],
    responses=problems(NotFound),
)
def list_exclusivities(collaboration_id: UUID, session: RequestSession) -> Any:
    """List for whom else the influencer does not work, and when."""
    return {"data": collaborations.exclusivities(session, collaboration_id)}
