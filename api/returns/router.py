"""The route of a collaboration's results."""

from typing import Any
from uuid import UUID

from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.returns import returns, telling  # noqa: F401  (it registers itself)
from api.returns.shapes import CollaborationResultsRead
from tenants.errors import NotFound

router = domain_router("returns")


@router.get(
    "/collaborations/{collaboration_id}/results",
    response_model=CollaborationResultsRead,
    dependencies=[needs("collaboration_results:read")],
    responses=problems(NotFound),
)
def get_collaboration_results(collaboration_id: UUID, session: RequestSession) -> Any:
    """Read what a collaboration brought and cost: each figure with its quality and its source."""
    return returns.of_collaboration(session, collaboration_id)
