"""Routes of statements; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.budgets.budgets import PeriodBackwards
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.statements.shapes import StatementRead
from api.statements.statement import Statements, StatementTooLarge
from tenants.errors import NotFound
from tenants.shapes import Day

router = domain_router("statements")


@router.get(
    "/clients/{client_id}/statement",
    response_model=StatementRead,
    dependencies=[needs("statements:read")],
    responses=problems(NotFound, PeriodBackwards, StatementTooLarge),
)
def get_statement(
    client_id: UUID,
    session: RequestSession,
    start: Annotated[Day | None, Query(alias="from")] = None,
    end: Annotated[Day | None, Query(alias="to")] = None,
) -> Any:
    """
    Read a client's money: planned, committed, actual and forecast, with the documents behind each
    figure. This month's documents, unless `from` and `to` say.
    """
    return Statements(client_id, start, end)
