"""Routes of the day and the overview; each calls one verb."""

from typing import Any

from api.desk import day
from api.desk.overview import Overview
from api.desk.shapes import DayRead, OverviewRead
from api.http.route import RequestSession, domain_router, needs

router = domain_router("desk")


@router.get("/me/day", response_model=DayRead, dependencies=[needs("account:read")])
def get_my_day(session: RequestSession) -> Any:
    """Read what waits for you: to decide, to do, to do again, held up; and what clients owe."""
    return day.of_reader(session)


@router.get("/overview", response_model=OverviewRead, dependencies=[needs("overview:read")])
def get_overview(session: RequestSession) -> Any:
    """Read how every client in sight stands: work, decisions, promises, budgets, gaps."""
    return Overview()
