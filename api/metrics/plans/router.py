"""Routes of how plans are kept; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.metrics import periods
from api.metrics.plans import plans
from api.metrics.plans.shapes import PacingRead, PublishingRead
from api.metrics.posts.router import DaysQuery
from tenants.errors import NotFound

router = domain_router("metrics")


@router.get(
    "/clients/{client_id}/publish-reliability",
    response_model=PublishingRead,
    dependencies=[needs("metrics:read")],
    responses=problems(NotFound, periods.PeriodEndsBeforeItStarts, periods.PeriodTooLong),
)
def get_publish_reliability(
    client_id: UUID, asked: Annotated[DaysQuery, Query()], session: RequestSession
) -> Any:
    """Read how many of the posts due in a period were seen live on time, and by campaign."""
    return plans.publishing(session, client_id, periods.period(asked.first, asked.last))


@router.get(
    "/clients/{client_id}/pacing",
    response_model=PacingRead,
    dependencies=[needs("budgets:read")],
    responses=problems(NotFound),
)
def get_pacing(client_id: UUID, session: RequestSession) -> Any:
    """Read how fast a client's active budgets go today, whole and campaign by campaign."""
    return plans.pacing(session, client_id)
