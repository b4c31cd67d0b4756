"""Routes of billing; each calls one verb."""

from typing import Annotated, Any

from fastapi import Query

from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from billing.receivable import billables
from billing.receivable.billable_shapes import BillableQuery, BillableRead
from tenants.pages import InvalidCursor, Page

router = domain_router("billing")


@router.get(
    "/billables",
    response_model=Page[BillableRead],
    dependencies=[needs("billables:read", in_arrears=True)],
    responses=problems(InvalidCursor),
)
def list_billables(page: Annotated[BillableQuery, Query()], session: RequestSession) -> Any:
    """List what clients are to be billed for, newest first, each with what earned it."""
    return billables.search(session, page)
