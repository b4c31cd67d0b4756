"""Routes of the client record; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.clients.models import ClientCreate, ClientQuery, ClientRead, ClientUpdate
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from tenants import clients, database
from tenants.errors import MoveNotAllowed, NotFound
from tenants.models import Client
from tenants.pages import InvalidCursor, Page

router = domain_router("clients")


@router.post(
    "/clients",
    status_code=201,
    response_model=ClientRead,
    dependencies=[needs("clients:create")],
    responses=problems(NotFound, clients.ClientSlugTaken, clients.LeadNotStaff),
)
def create_client(data: ClientCreate, session: RequestSession) -> Any:
    """Take on a client; its lead account executive is assigned from today."""
    return clients.create(session, **data.model_dump())


@router.get(
    "/clients",
    response_model=Page[ClientRead],
    dependencies=[needs("clients:read")],
    responses=problems(InvalidCursor),
)
def list_clients(page: Annotated[ClientQuery, Query()], session: RequestSession) -> Any:
    """List the clients in your sight, newest first. Ended ones only when `status` names them."""
    return clients.search(session, page)


@router.get(
    "/clients/{client_id}",
    response_model=ClientRead,
    dependencies=[needs("clients:read")],
    responses=problems(NotFound),
)
def get_client(client_id: UUID, session: RequestSession) -> Any:
    """Read a client."""
    return database.get(session, Client, client_id)


@router.patch(
    "/clients/{client_id}",
    response_model=ClientRead,
    dependencies=[needs("clients:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def update_client(client_id: UUID, data: ClientUpdate, session: RequestSession) -> Any:
    """Change a client, or move it to its next status."""
    return clients.update(session, client_id, **data.model_dump())
