"""Routes of plans of whole scopes, dependencies and on-time rates; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.budgets.budgets import PeriodBackwards
from api.campaigns import deliverables, dependencies, lots, punctuality, scope_plans
from api.campaigns.deliverable_shapes import DeliverableRead
from api.campaigns.delivery_shapes import (
    ClientPunctualityRead,
    DependenciesRead,
    DependenciesSet,
    ScopePlanCreate,
    ScopePlanRead,
)
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from tenants.errors import NotFound
from tenants.shapes import Day

router = domain_router("campaigns")


@router.post(
    "/scopes/{scope_id}/plan",
    response_model=ScopePlanRead,
    dependencies=[needs("deliverables:write")],
    responses=problems(
        NotFound,
        deliverables.AssigneeNotStaff,
        deliverables.DueDayMissing,
        deliverables.LineWithoutDeliverables,
        lots.ScopeExhausted,
        lots.ScopeNotInForce,
        scope_plans.TooManyAtOnce,
        scope_plans.DueTooLate,
    ),
)
def plan_scope(scope_id: UUID, data: ScopePlanCreate, session: RequestSession) -> Any:
    """
    Plan a deliverable for every free unit of a scope's pieces and milestones, 1,000 at most, or
    none of them. Each is due on the day its line names, or spread evenly over the scope's period.
    With `preview` the answer is the same, and nothing is made.
    """
    return scope_plans.plan(session, scope_id, **data.model_dump())


@router.get(
    "/deliverables/{deliverable_id}/dependencies",
    response_model=DependenciesRead,
    dependencies=[needs("deliverables:read")],
    responses=problems(NotFound),
)
def get_dependencies(deliverable_id: UUID, session: RequestSession) -> Any:
    """Read what a deliverable depends on and what depends on it, as they stand now."""
    return dependencies.read(session, deliverable_id)


@router.put(
    "/deliverables/{deliverable_id}/dependencies",
    response_model=DeliverableRead,
    dependencies=[needs("deliverables:write")],
    responses=problems(NotFound, deliverables.NotAtWork, dependencies.DependencyCycle),
)
def set_dependencies(deliverable_id: UUID, data: DependenciesSet, session: RequestSession) -> Any:
    """Let a deliverable depend on these of its client, and on no others."""
    return dependencies.replace(session, deliverable_id, data.depends_on)


@router.get(
    "/clients/{client_id}/delivery",
    response_model=ClientPunctualityRead,
    dependencies=[needs("deliverables:read")],
    responses=problems(NotFound, PeriodBackwards),
)
def get_punctuality(
    client_id: UUID,
    session: RequestSession,
    start: Annotated[Day | None, Query(alias="from")] = None,
    end: Annotated[Day | None, Query(alias="to")] = None,
) -> Any:
    """
    Read how punctual a client's deliveries were, as promised and as agreed, and campaign by
    campaign; this month, unless `from` and `to` say.
    """
    return punctuality.of_client(session, client_id, start, end)
