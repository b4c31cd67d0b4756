"""Routes of community figures; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.community import answers, figures
from api.community.shapes import CommunityFiguresWrite, CommunityRead
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.metrics import periods
from api.metrics.readings.fact_shapes import FactsOutcome
from api.metrics.readings.facts import FactDiffers, FactFromTheFuture
from tenants.errors import NotFound
from tenants.shapes import Day

router = domain_router("community")


@router.post(
    "/community-figures",
    response_model=FactsOutcome,
    dependencies=[needs("community:write")],
    responses=problems(NotFound, FactDiffers, FactFromTheFuture),
)
def record_community_figures(data: CommunityFiguresWrite, session: RequestSession) -> Any:
    """Tell how a client's messages of some days were answered; the same batch twice is once."""
    return figures.record(session, data.client_id, data.figures)


@router.get(
    "/clients/{client_id}/community",
    response_model=CommunityRead,
    dependencies=[needs("community:read")],
    responses=problems(NotFound, periods.PeriodEndsBeforeItStarts, periods.PeriodTooLong),
)
def get_community(
    client_id: UUID,
    session: RequestSession,
    first: Annotated[Day, Query(alias="from", description="First day, of the client's calendar.")],
    last: Annotated[Day, Query(alias="to", description="Last day, included.")],
) -> Any:
    """Read how a client's community was answered: volumes, rates, times, sentiment."""
    return answers.of_client(session, client_id, periods.period(first, last))
