"""Routes of performance: a client's, a campaign's, and every client's; as JSON and as tables."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from api.campaigns.models import Campaign
from api.http import sheets
from api.http.answers import preferred_locale
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.metrics import periods
from api.metrics.performance import tables
from api.metrics.performance.overview import Overview
from api.metrics.performance.performance import Figures
from api.metrics.performance.shapes import AgencyPerformance, Performance
from api.metrics.periods import Comparison, Period
from tenants import clock, database, reads
from tenants.errors import NotFound
from tenants.shapes import Day, Instant

router = domain_router("metrics")


class PeriodQuery(BaseModel):
    """Which days, and which to compare them with."""

    model_config = ConfigDict(extra="ignore")

    first: Annotated[Day, Field(alias="from", description="First day, of the client's calendar.")]
    last: Annotated[Day, Field(alias="to", description="Last day, included.")]
    compare: Comparison = Comparison.previous_period
    compare_from: Annotated[
        Day | None, Field(description="First day to compare with, of `compare=custom`.")
    ] = None
    compare_to: Annotated[Day | None, Field(description="Its last day, included.")] = None

    def spans(self) -> tuple[Period, Comparison, Period | None]:
        """The days, and what they are compared with."""
        asked = periods.period(self.first, self.last)
        past = periods.compared(asked, self.compare, self.compare_from, self.compare_to)
        return asked, self.compare, past


class KnownQuery(PeriodQuery):
    """Which days, which to compare them with, and as of when."""

    as_of: Annotated[
        Instant | None, Field(description="As it was known then; without it, as it is known now.")
    ] = None

    @property
    def known_at(self) -> datetime | None:
        """Later than now is now."""
        return self.as_of if self.as_of and self.as_of < clock.now() else None


class PerformanceQuery(KnownQuery):
    """Which days, and what beside them."""

    group_by: Annotated[
        Literal["channel", "day"] | None, Field(description="Only this one; without it, both.")
    ] = None


_PERIODS = (
    periods.PeriodEndsBeforeItStarts,
    periods.PeriodTooLong,
    periods.ComparisonDays,
)
_TABLE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "One line for each figure, under a head in the language asked for.",
        "content": sheets.DOCUMENTED,
    }
}


def _figures(client_id: UUID, asked: PerformanceQuery, session: Session) -> Figures:
    shows = {"channel": ("channels",), "day": ("days",)}.get(asked.group_by or "")
    more: dict[str, Any] = {"shows": shows} if shows else {}
    locale = preferred_locale(session)
    more |= {"locale": locale, "as_of": asked.known_at, "with_cost": True}
    return Figures(client_id, *asked.spans(), **more)


@router.get(
    "/clients/{client_id}/performance",
    response_model=Performance,
    dependencies=[needs("metrics:read")],
    responses=problems(NotFound, *_PERIODS),
)
def get_performance(
    client_id: UUID, asked: Annotated[PerformanceQuery, Query()], session: RequestSession
) -> Any:
    """Read how a client's channels did: totals, per channel, day by day, KPIs, the time before."""
    return _figures(client_id, asked, session)


@router.get(
    "/clients/{client_id}/performance.csv",
    response_class=Response,
    dependencies=[needs("metrics:read", in_arrears=True)],
    responses={**problems(NotFound, *_PERIODS), **_TABLE},
)
def export_performance(
    client_id: UUID, asked: Annotated[PerformanceQuery, Query()], session: RequestSession
) -> Any:
    """Read the same figures as a table, CSV in UTF-8; money in minor units."""
    return tables.performance(_figures(client_id, asked, session), preferred_locale(session))


@router.get(
    "/performance",
    response_model=AgencyPerformance,
    dependencies=[needs("metrics:read")],
    responses=problems(*_PERIODS),
)
def get_agency_performance(asked: Annotated[PeriodQuery, Query()], session: RequestSession) -> Any:
    """Read how every client in your sight did, the worst first; 500 clients at most."""
    return Overview(*asked.spans(), locale=preferred_locale(session))


@router.get(
    "/performance.csv",
    response_class=Response,
    dependencies=[needs("metrics:read", in_arrears=True)],
    responses={**problems(*_PERIODS), **_TABLE},
)
def export_agency_performance(
    asked: Annotated[PeriodQuery, Query()], session: RequestSession
) -> Any:
    """Read the same figures of every client as a table, CSV in UTF-8; money in minor units."""
    locale = preferred_locale(session)
    return tables.overview(Overview(*asked.spans(), locale=locale), locale)


@router.get(
    "/campaigns/{campaign_id}/performance",
    response_model=Performance,
    dependencies=[needs("metrics:read")],
    responses=problems(NotFound, *_PERIODS),
)
def get_campaign_performance(
    campaign_id: UUID, asked: Annotated[KnownQuery, Query()], session: RequestSession
) -> Any:
    """
    Read how a campaign did, by what was measured of it as such: totals, days and KPIs. Its returns
    are on what the lines of budgets that name it booked, what its collaborations earned on lines
    that name none, and what was billed for its scopes.
    """
    campaign = database.get(session, Campaign, campaign_id)
    figures = Figures(
        campaign.client_id,
        *asked.spans(),
        locale=preferred_locale(session),
        shows=("days",),
        as_of=asked.known_at,
        campaign_id=campaign.id,
        with_cost=True,
    )
    return reads.ask_within(session, figures)
