"""Routes of competitors' figures; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.metrics import periods
from api.metrics.performance import competition
from api.metrics.performance.competition_shapes import CompetitorComparison, CompetitorFigures
from tenants.errors import NotFound
from tenants.shapes import Day

router = domain_router("metrics")
First = Annotated[Day, Query(alias="from", description="First day, of the client's calendar.")]
Last = Annotated[Day, Query(alias="to", description="Last day, included.")]
_PERIOD = (NotFound, periods.PeriodEndsBeforeItStarts, periods.PeriodTooLong)


@router.get(
    "/competitors/{competitor_id}/figures",
    response_model=CompetitorFigures,
    dependencies=[needs("competitors:read")],
    responses=problems(*_PERIOD),
)
def get_competitor_figures(
    competitor_id: UUID, session: RequestSession, first: First, last: Last
) -> Any:
    """Read what is known of a competitor's accounts in a period."""
    return competition.of_competitor(session, competitor_id, periods.period(first, last))


@router.get(
    "/clients/{client_id}/competitors/comparison",
    response_model=CompetitorComparison,
    dependencies=[needs("competitors:read")],
    responses=problems(*_PERIOD),
)
def compare_competitors(client_id: UUID, session: RequestSession, first: First, last: Last) -> Any:
    """Read how a client's channels stand beside its competitors, network by network."""
    return competition.comparison(session, client_id, periods.period(first, last))
