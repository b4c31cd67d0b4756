"""Routes by which an influencer tells of their own work; each calls one verb."""

from typing import Any
from uuid import UUID

from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.proof import live_posts, own, results
from api.proof.addresses import AddressNotAllowed
from api.proof.own import OwnLivePostCreate, OwnResultsWrite
from api.proof.shapes import LivePostRead, LivePostWithdraw, ResultsOutcome
from tenants.errors import MoveNotAllowed, NotFound

router = domain_router("proof")


@router.post(
    "/me/live-posts",
    status_code=201,
    response_model=LivePostRead,
    dependencies=[needs("own_collaborations:write")],
    responses=problems(
        NotFound,
        MoveNotAllowed,
        AddressNotAllowed,
        live_posts.AddressTaken,
        live_posts.PieceHasPost,
    ),
)
def create_own_live_post(data: OwnLivePostCreate, session: RequestSession) -> Any:
    """
    Say where an accepted deliverable of yours is out, as soon as it is. Once somebody of the agency
    has seen it there, it is looked up every day.
    """
    return own.bind(session, **data.model_dump())


@router.post(
    "/me/live-posts/{live_post_id}/withdraw",
    response_model=LivePostRead,
    dependencies=[needs("own_collaborations:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def withdraw_own_live_post(
    live_post_id: UUID, data: LivePostWithdraw, session: RequestSession
) -> Any:
    """Take back a live post that you bound by mistake, until somebody has seen it there."""
    return own.withdraw(session, live_post_id, data.reason)


@router.post(
    "/me/collaborations/{collaboration_id}/results",
    response_model=ResultsOutcome,
    dependencies=[needs("own_collaborations:write")],
    responses=problems(
        NotFound, MoveNotAllowed, results.ResultDiffers, results.ResultFromTheFuture
    ),
)
def record_own_results(
    collaboration_id: UUID, data: OwnResultsWrite, session: RequestSession
) -> Any:
    """
    Tell what your collaboration has brought so far, and show it; what the agency tells counts
    before it.
    """
    said = {name: getattr(data, name) for name in data.__class__.model_fields}
    return own.record(session, collaboration_id, **said)
