"""Routes of formulas, targets and how they stand; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.http.answers import preferred_locale
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.metrics.models import (
    KpiTarget,
    KpiTargetCreate,
    KpiTargetQuery,
    KpiTargetRead,
    KpiTargetUpdate,
)
from api.metrics.targets import formulas, standings, targets
from api.metrics.targets.shapes import ClientTargets, KpiCatalogue, ObjectiveTrace, TargetProgress
from tenants.errors import NotFound
from tenants.pages import InvalidCursor, Page
from tenants.reads import Lookup
from tenants.shapes import Day

router = domain_router("metrics")


@router.get("/kpis", response_model=KpiCatalogue, dependencies=[needs("kpis:read")])
def list_kpis(session: RequestSession) -> Any:
    """Read every formula: what is divided by what, in which unit, and which way is better."""
    return formulas.catalogue(preferred_locale(session))


@router.post(
    "/kpi-targets",
    status_code=201,
    response_model=KpiTargetRead,
    dependencies=[needs("kpi_targets:write")],
    responses=problems(
        NotFound, targets.TargetExists, targets.TargetEndsBeforeItStarts, targets.TargetForm
    ),
)
def create_kpi_target(data: KpiTargetCreate, session: RequestSession) -> Any:
    """Set what a KPI should reach in a period."""
    return targets.create(session, **data.model_dump())


@router.get(
    "/kpi-targets",
    response_model=Page[KpiTargetRead],
    dependencies=[needs("kpi_targets:read")],
    responses=problems(InvalidCursor),
)
def list_kpi_targets(page: Annotated[KpiTargetQuery, Query()], session: RequestSession) -> Any:
    """List the targets in your sight, newest first."""
    return targets.search(session, page)


@router.get(
    "/kpi-targets/{target_id}",
    response_model=KpiTargetRead,
    dependencies=[needs("kpi_targets:read")],
    responses=problems(NotFound),
)
def get_kpi_target(target_id: UUID, session: RequestSession) -> Any:
    """Read a target."""
    return Lookup(KpiTarget, target_id)


@router.patch(
    "/kpi-targets/{target_id}",
    response_model=KpiTargetRead,
    dependencies=[needs("kpi_targets:write")],
    responses=problems(NotFound, targets.TargetForm),
)
def update_kpi_target(target_id: UUID, data: KpiTargetUpdate, session: RequestSession) -> Any:
    """Change a target; its KPI and period stay."""
    return targets.update(session, target_id, **data.model_dump())


@router.delete(
    "/kpi-targets/{target_id}",
    status_code=204,
    dependencies=[needs("kpi_targets:write")],
    responses=problems(NotFound),
)
def delete_kpi_target(target_id: UUID, session: RequestSession) -> None:
    """Take a target back; published reports keep the one they were frozen with."""
    targets.delete(session, target_id)


@router.get(
    "/kpi-targets/{target_id}/progress",
    response_model=TargetProgress,
    dependencies=[needs("kpi_targets:read")],
    responses=problems(NotFound, standings.DayToCome),
)
def get_target_progress(
    target_id: UUID,
    session: RequestSession,
    as_of: Annotated[
        Day | None, Query(description="Of the client's calendar; without it, yesterday.")
    ] = None,
) -> Any:
    """Read how a target stands: the figure to date, what was to be expected, and the state."""
    return standings.of_target(session, target_id, as_of)


@router.get(
    "/clients/{client_id}/targets",
    response_model=ClientTargets,
    dependencies=[needs("kpi_targets:read")],
    responses=problems(NotFound),
)
def get_client_targets(
    client_id: UUID,
    session: RequestSession,
    on: Annotated[
        Day | None, Query(description="Of the client's calendar; without it, today.")
    ] = None,
) -> Any:
    """Read how all targets in force on a day stand, the worst first."""
    return standings.of_client(session, client_id, on)


@router.get(
    "/objectives/{objective_id}/trace",
    response_model=ObjectiveTrace,
    dependencies=[needs("kpi_targets:read")],
    responses=problems(NotFound),
)
def trace_objective(objective_id: UUID, session: RequestSession) -> Any:
    """Follow an objective to its targets, their campaigns, and the figures of each."""
    return standings.of_objective(session, objective_id)
