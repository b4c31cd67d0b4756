"""The HTTP process: every router, the handlers of what goes wrong, and the edge around it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError, ResponseValidationError
from fastapi.routing import APIRoute, RouteContext
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.routing import Match

import api.tables  # noqa: F401
from api.approvals.decide_router import router as decide_router
from api.approvals.documents_router import router as documents_router
from api.approvals.router import router as approvals_router
from api.benchmarks.router import router as benchmarks_router
from api.billing.collection_router import router as collection_router
from api.billing.credit_notes_router import router as credit_notes_router
from api.billing.invoices_router import router as invoices_router
from api.billing.issuers_router import router as issuers_router
from api.billing.payables_router import router as payables_router
from api.billing.payees_router import router as payees_router
from api.billing.payouts_router import router as payouts_router
from api.billing.router import router as billing_router
from api.billing.subscription_router import router as subscription_router
from api.budgets.router import router as budgets_router
from api.campaigns.change_orders_router import router as change_orders_router
from api.campaigns.deliverables_router import router as deliverables_router
from api.campaigns.delivery_router import router as delivery_router
from api.campaigns.retainers_router import router as retainers_router
from api.campaigns.router import router as campaigns_router
from api.clients.router import router as clients_router
from api.collaborations.endings_router import router as collaboration_endings_router
from api.collaborations.results.router import router as collaboration_results_router
from api.collaborations.rights.router import router as rights_router
from api.collaborations.router import router as collaborations_router
from api.collaborations.terms.links_router import router as collaboration_links_router
from api.collaborations.terms.page_router import router as terms_page_router
from api.collaborations.terms.router import router as terms_router
from api.collaborations.work.own_router import router as own_collaborations_router
from api.collaborations.work.router import router as collaboration_work_router
from api.comments.router import router as comments_router
from api.community.router import router as community_router
from api.costs.router import router as costs_router
from api.desk.feed_router import router as feed_router
from api.desk.router import router as desk_router
from api.events.router import router as events_router
from api.files.content_router import router as content_router
from api.files.router import router as files_router
from api.http import docs, openapi, problems
from api.http.directory import Directory
from api.http.edge import Edge
from api.http.health import router as health_router
from api.identity import auth_router as identity_auth_router
from api.identity.router import router as identity_router
from api.imports.router import router as imports_router
from api.influencers.programs.join_router import router as join_router
from api.influencers.programs.router import router as programs_router
from api.influencers.router import router as influencers_router
from api.jobs.router import router as jobs_router
from api.listening.router import router as listening_router
from api.metrics.performance.competition_router import router as competition_router
from api.metrics.performance.router import router as performance_router
from api.metrics.plans.router import router as plans_router
from api.metrics.posts.router import router as posts_router
from api.metrics.router import router as metrics_router
from api.metrics.targets.router import router as targets_router
from api.proof.own_router import router as own_proof_router
from api.proof.router import router as proof_router
from api.reports.delivery.router import router as report_deliveries_router
from api.reports.drafts.router import router as report_drafts_router
from api.reports.logos_router import router as report_logos_router
from api.reports.router import router as reports_router
from api.reports.schedules.router import router as report_schedules_router
from api.reports.sharing.router import router as shared_router
from api.returns.router import router as returns_router
from api.statements.router import router as statements_router
from api.strategy.router import router as strategy_router
from api.tracking.clicks import clicks
from api.tracking.redirect import router as redirect_router
from api.tracking.router import router as tracking_router
from api.webhooks.router import router as webhooks_router
from tenants import pools
from tenants.errors import ApiError

ROUTERS: Sequence[APIRouter] = (
    identity_auth_router.router,
    identity_auth_router.token_router,
    identity_router,
    approvals_router,
    benchmarks_router,
    billing_router,
    credit_notes_router,
    invoices_router,
    issuers_router,
    payables_router,
    payees_router,
    payouts_router,
    budgets_router,
    campaigns_router,
    change_orders_router,
    clients_router,
    collaborations_router,
    terms_router,
    collaboration_endings_router,
    collaboration_results_router,
    collaboration_work_router,
    rights_router,
    collaboration_links_router,
    own_collaborations_router,
    collection_router,
    comments_router,
    community_router,
    costs_router,
    deliverables_router,
    documents_router,
    delivery_router,
    retainers_router,
    desk_router,
    events_router,
    files_router,
    imports_router,
    influencers_router,
    programs_router,
    jobs_router,
    listening_router,
    metrics_router,
    performance_router,
    competition_router,
    plans_router,
    posts_router,
    targets_router,
    proof_router,
    own_proof_router,
    report_drafts_router,
    report_schedules_router,
    reports_router,
    report_deliveries_router,
    report_logos_router,
    returns_router,
    statements_router,
    strategy_router,
    tracking_router,
    subscription_router,
    webhooks_router,
    health_router,
    docs.router,
    identity_auth_router.well_known_router,
    shared_router,
    content_router,
    decide_router,
    terms_page_router,
    join_router,
    feed_router,
    redirect_router,
)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    await clicks.drain()
    await pools.current().close_reads()


def create() -> FastAPI:
    """The application without its edge: what the OpenAPI document is made from."""
    app = FastAPI(
        **openapi.INFORMATION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    for router in ROUTERS:
        app.router.routes.extend(router.routes)
    app.router.middleware_stack = Directory(app.router)
    _handle(app)
    openapi.install(app)
    return app


def _handle(app: FastAPI) -> None:
    async def refused(request: Request, failure: Exception) -> Response:
        error = problems.translate(failure)
        if error.status == 405:
            allowed = methods_of(app, request.url.path)
            error.headers["Allow"] = ", ".join(sorted(allowed))
        return problems.respond(request, error)

    async def invalid(request: Request, failure: Exception) -> Response:
        assert isinstance(failure, RequestValidationError)
        return problems.invalid(request, failure)

    async def unexpected(request: Request, failure: Exception) -> Response:
        assert isinstance(failure, ResponseValidationError)
        return problems.respond(request, problems.unexpected_answer(failure))

    for kind in (ApiError, HTTPException, SQLAlchemyError, Exception):
        app.add_exception_handler(kind, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(ResponseValidationError, unexpected)


def methods_of(app: FastAPI, path: str) -> set[str]:
    """Every method a path takes: the framework's own 405 knows only its first route's."""
    matching = _matching(app, path)
    own = [route for route in matching if route.path == path]
    found = {method for route in own or matching for method in route.methods or ()}
    if "GET" in found:
        found.add("HEAD")
    return found | {"OPTIONS"} if found else found


def _matching(app: FastAPI, path: str) -> list[RouteContext]:
    asked = {"type": "http", "path": path, "method": "GET"}
    return [
        route
        for route in openapi.routes(app)
        if isinstance(route.original_route, APIRoute) and route.matches(asked)[0] is not Match.NONE
    ]


def literal_methods(app: FastAPI) -> dict[str, set[str]]:
    """The paths that one with a placeholder would match too, and the methods that are theirs."""
    paths = {route.path for route in openapi.routes(app) if route.path and "{" not in route.path}
    shadowed = {path for path in paths if {each.path for each in _matching(app, path)} != {path}}
    return {path: methods_of(app, path) for path in shadowed if _matching(app, path)}


def with_edge(app: FastAPI) -> Edge:
    return Edge(app, lambda path: methods_of(app, path), literal_methods(app))


def application() -> Edge:
    """What the server serves."""
    return with_edge(create())
