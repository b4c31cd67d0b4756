"""Routes of plans of whole scopes, and of what waits for what; each calls one verb."""

from typing import Any
from uuid import UUID

from api.campaigns import deliverables, dependencies, lots, scope_plans
from api.campaigns.delivery_shapes import (
    DependenciesRead,
    DependenciesSet,
    ScopePlanCreate,
    ScopePlanRead,
)
from api.campaigns.shapes import DeliverableRead
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from tenants.errors import NotFound

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
