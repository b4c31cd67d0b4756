"""Routes of what renews, and of what is left of it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.campaigns import balances
from api.campaigns.retainer_shapes import ClientBalanceRead, RetainerQuery, RetainerRead
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from tenants.errors import NotFound
from tenants.pages import InvalidCursor, Page
from tenants.shapes import Day

router = domain_router("campaigns")


@router.get(
    "/retainers",
    response_model=Page[RetainerRead],
    dependencies=[needs("retainers:read")],
    responses=problems(InvalidCursor),
)
def list_retainers(page: Annotated[RetainerQuery, Query()], session: RequestSession) -> Any:
    """List the lines that renew and are in force, newest first, each in the period that runs."""
    return balances.search(page)


@router.get(
    "/clients/{client_id}/balance",
    response_model=ClientBalanceRead,
    dependencies=[needs("retainers:read")],
    responses=problems(NotFound),
)
def get_client_balance(
    client_id: UUID, session: RequestSession, on: Annotated[Day | None, Query()] = None
) -> Any:
    """
    Read what is left of every line in force, on a day up to today; the client reads the same
    figures as the agency.
    """
    return balances.Balance(client_id, on)
