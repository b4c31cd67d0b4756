"""Routes of objectives and competitors; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.strategy import competitors, objectives
from api.strategy.models import Competitor, Objective, ObjectiveStatus
from api.strategy.shapes import (
    CompetitorCreate,
    CompetitorQuery,
    CompetitorRead,
    CompetitorUpdate,
    ObjectiveCreate,
    ObjectiveDrop,
    ObjectiveQuery,
    ObjectiveRead,
    ObjectiveUpdate,
)
from tenants.errors import MoveNotAllowed, NotFound
from tenants.pages import InvalidCursor, Page
from tenants.reads import Lookup

router = domain_router("strategy")


@router.post(
    "/objectives",
    status_code=201,
    response_model=ObjectiveRead,
    dependencies=[needs("objectives:write")],
    responses=problems(NotFound),
)
def create_objective(data: ObjectiveCreate, session: RequestSession) -> Any:
    """Set what a client wants by a day."""
    return objectives.create(session, **data.model_dump())


@router.get(
    "/objectives",
    response_model=Page[ObjectiveRead],
    dependencies=[needs("objectives:read")],
    responses=problems(InvalidCursor),
)
def list_objectives(page: Annotated[ObjectiveQuery, Query()], session: RequestSession) -> Any:
    """List the objectives in your sight, by their place among their client's."""
    return objectives.search(session, page)


@router.get(
    "/objectives/{objective_id}",
    response_model=ObjectiveRead,
    dependencies=[needs("objectives:read")],
    responses=problems(NotFound),
)
def get_objective(objective_id: UUID, session: RequestSession) -> Any:
    """Read an objective."""
    return Lookup(Objective, objective_id)


@router.patch(
    "/objectives/{objective_id}",
    response_model=ObjectiveRead,
    dependencies=[needs("objectives:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def update_objective(objective_id: UUID, data: ObjectiveUpdate, session: RequestSession) -> Any:
    """Change an objective, or its place, while it is open."""
    return objectives.update(session, objective_id, **data.model_dump())


@router.post(
    "/objectives/{objective_id}/reach",
    response_model=ObjectiveRead,
    dependencies=[needs("objectives:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def reach_objective(objective_id: UUID, session: RequestSession) -> Any:
    """Judge an objective reached."""
    return objectives.settle(session, objective_id, ObjectiveStatus.reached)


@router.post(
    "/objectives/{objective_id}/miss",
    response_model=ObjectiveRead,
    dependencies=[needs("objectives:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def miss_objective(objective_id: UUID, session: RequestSession) -> Any:
    """Judge an objective missed."""
    return objectives.settle(session, objective_id, ObjectiveStatus.missed)


@router.post(
    "/objectives/{objective_id}/drop",
    response_model=ObjectiveRead,
    dependencies=[needs("objectives:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def drop_objective(objective_id: UUID, data: ObjectiveDrop, session: RequestSession) -> Any:
    """Drop an objective, and say why."""
    return objectives.settle(session, objective_id, ObjectiveStatus.dropped, reason=data.reason)


@router.post(
    "/competitors",
    status_code=201,
    response_model=CompetitorRead,
    dependencies=[needs("competitors:write")],
    responses=problems(NotFound, competitors.HandleTaken),
)
def create_competitor(data: CompetitorCreate, session: RequestSession) -> Any:
    """Name whom a client competes with, and the accounts it has."""
    return competitors.create(session, **data.model_dump())


@router.get(
    "/competitors",
    response_model=Page[CompetitorRead],
    dependencies=[needs("competitors:read")],
    responses=problems(InvalidCursor),
)
def list_competitors(page: Annotated[CompetitorQuery, Query()], session: RequestSession) -> Any:
    """List the competitors in your sight, newest first. Archived ones only when `status` says."""
    return competitors.search(session, page)


@router.get(
    "/competitors/{competitor_id}",
    response_model=CompetitorRead,
    dependencies=[needs("competitors:read")],
    responses=problems(NotFound),
)
def get_competitor(competitor_id: UUID, session: RequestSession) -> Any:
    """Read a competitor."""
    return Lookup(Competitor, competitor_id)


@router.patch(
    "/competitors/{competitor_id}",
    response_model=CompetitorRead,
    dependencies=[needs("competitors:write")],
    responses=problems(NotFound, competitors.HandleTaken, MoveNotAllowed),
)
def update_competitor(competitor_id: UUID, data: CompetitorUpdate, session: RequestSession) -> Any:
    """Change a competitor, archive it, or take it up again."""
    return competitors.update(session, competitor_id, **data.model_dump())
