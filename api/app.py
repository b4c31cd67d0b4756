"""The HTTP process: every router, the handlers of what goes wrong, and the edge around it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError, ResponseValidationError
from fastapi.routing import APIRoute
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.routing import Match

import api.tables  # noqa: F401
from api.approvals.router import router as approvals_router
from api.budgets.router import router as budgets_router
from api.campaigns.deliverables_router import router as deliverables_router
from api.campaigns.router import router as campaigns_router
from api.clients.router import router as clients_router
from api.events.router import router as events_router
from api.http import docs, openapi, problems
from api.http.edge import Edge
from api.http.health import router as health_router
from api.identity import auth_router as identity_auth_router
from api.identity.router import router as identity_router
from api.jobs.router import router as jobs_router
from api.metrics.router import router as metrics_router
from api.reports.router import router as reports_router
from api.reports.shared_router import router as shared_router
from tenants.errors import ApiError

V1: Sequence[APIRouter] = (
    identity_auth_router.router,
    identity_auth_router.token_router,
    identity_router,
    approvals_router,
    budgets_router,
    campaigns_router,
    clients_router,
    deliverables_router,
    events_router,
    jobs_router,
    metrics_router,
    reports_router,
)
OPEN: Sequence[APIRouter] = (
    health_router,
    docs.router,
    identity_auth_router.well_known_router,
    shared_router,
)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield


def create() -> FastAPI:
    """The application without its edge: what the OpenAPI document is made from."""
    app = FastAPI(
        **openapi.INFORMATION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    for router in OPEN:
        app.include_router(router)
    for router in V1:
        app.include_router(router, prefix="/v1")
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
    found: set[str] = set()
    for route in openapi.routes(app):
        match, _ = route.matches({"type": "http", "path": path, "method": "GET"})
        if match is not Match.NONE and isinstance(route.original_route, APIRoute):
            found |= route.methods or set()
    if "GET" in found:
        found.add("HEAD")
    return found | {"OPTIONS"} if found else found


def with_edge(app: FastAPI) -> Edge:
    return Edge(app, lambda path: methods_of(app, path))


def application() -> Edge:
    """What the server serves."""
    return with_edge(create())
