"""Routes of time, cost rates, the books and margins; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.budgets.budgets import PeriodBackwards
from api.costs import books, margins, rates, time_entries, work
from api.costs.models import CostRate
from api.costs.shapes import (
    BooksPut,
    BooksRead,
    ClientMarginRead,
    CostRateCreate,
    CostRateQuery,
    CostRateRead,
    CostRateUpdate,
    MarginGroup,
    MarginsRead,
    TimeEntryCreate,
    TimeEntryQuery,
    TimeEntryRead,
    TimeEntryUpdate,
)
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from tenants.errors import NotFound
from tenants.pages import InvalidCursor, Page
from tenants.reads import Lookup
from tenants.shapes import Day

router = domain_router("costs")

_CHANGES = (NotFound, books.BooksClosed, time_entries.DayFull)
_WORK = (time_entries.NotWorkedYet, work.WorkContradicts, work.LineInDraft)


@router.post(
    "/time-entries",
    status_code=201,
    response_model=TimeEntryRead,
    dependencies=[needs("time:write")],
    responses=problems(*_CHANGES, *_WORK, time_entries.NotOnTheClient),
)
def create_time_entry(data: TimeEntryCreate, session: RequestSession) -> Any:
    """Enter time: your own, or, running the client's account, that of somebody on it."""
    return time_entries.create(session, **data.model_dump())


@router.get(
    "/time-entries",
    response_model=Page[TimeEntryRead],
    dependencies=[needs("time:read")],
    responses=problems(InvalidCursor),
)
def list_time_entries(page: Annotated[TimeEntryQuery, Query()], session: RequestSession) -> Any:
    """List time, newest first: your own, and everybody's of the clients whose account you run."""
    return time_entries.search(session, page)


@router.get(
    "/time-entries/{entry_id}",
    response_model=TimeEntryRead,
    dependencies=[needs("time:read")],
    responses=problems(NotFound),
)
def get_time_entry(entry_id: UUID, session: RequestSession) -> Any:
    """Read one entry."""
    return time_entries.read(session, entry_id)


@router.patch(
    "/time-entries/{entry_id}",
    response_model=TimeEntryRead,
    dependencies=[needs("time:write")],
    responses=problems(*_CHANGES, *_WORK),
)
def update_time_entry(entry_id: UUID, data: TimeEntryUpdate, session: RequestSession) -> Any:
    """Change an entry while its day is open."""
    return time_entries.update(session, entry_id, **data.model_dump())


@router.delete(
    "/time-entries/{entry_id}",
    status_code=204,
    dependencies=[needs("time:write")],
    responses=problems(NotFound, books.BooksClosed),
)
def delete_time_entry(entry_id: UUID, session: RequestSession) -> None:
    """Take an entry back while its day is open."""
    time_entries.remove(session, entry_id)


@router.post(
    "/cost-rates",
    status_code=201,
    response_model=CostRateRead,
    dependencies=[needs("cost_rates:write")],
    responses=problems(
        NotFound, books.BooksClosed, rates.RateExists, rates.RateCurrency, rates.RateForStaff
    ),
)
def create_cost_rate(data: CostRateCreate, session: RequestSession) -> Any:
    """Set what an hour of a person's costs, from a day on that is open."""
    return rates.create(session, **data.model_dump())


@router.get(
    "/cost-rates",
    response_model=Page[CostRateRead],
    dependencies=[needs("cost_rates:read")],
    responses=problems(InvalidCursor),
)
def list_cost_rates(page: Annotated[CostRateQuery, Query()], session: RequestSession) -> Any:
    """List cost rates, the last one set first."""
    return rates.search(session, page)


@router.get(
    "/cost-rates/{rate_id}",
    response_model=CostRateRead,
    dependencies=[needs("cost_rates:read")],
    responses=problems(NotFound),
)
def get_cost_rate(rate_id: UUID, session: RequestSession) -> Any:
    """Read a cost rate."""
    return Lookup(CostRate, rate_id)


@router.patch(
    "/cost-rates/{rate_id}",
    response_model=CostRateRead,
    dependencies=[needs("cost_rates:write")],
    responses=problems(NotFound, books.BooksClosed, rates.RateCurrency),
)
def update_cost_rate(rate_id: UUID, data: CostRateUpdate, session: RequestSession) -> Any:
    """Correct a cost rate while all of its days are open."""
    return rates.update(session, rate_id, **data.model_dump())


@router.delete(
    "/cost-rates/{rate_id}",
    status_code=204,
    dependencies=[needs("cost_rates:write")],
    responses=problems(NotFound, books.BooksClosed),
)
def delete_cost_rate(rate_id: UUID, session: RequestSession) -> None:
    """Take a cost rate back while all of its days are open."""
    rates.remove(session, rate_id)


@router.get("/books", response_model=BooksRead, dependencies=[needs("books:read")])
def get_books(session: RequestSession) -> Any:
    """Read through which day time and its cost are final."""
    return books.read(session)


@router.put(
    "/books",
    response_model=BooksRead,
    dependencies=[needs("books:write")],
    responses=problems(books.DayNotOver, books.ReopeningReason),
)
def put_books(data: BooksPut, session: RequestSession) -> Any:
    """Close the books through a day that is over; to open days again takes a reason."""
    return books.put(session, **data.model_dump())


@router.get(
    "/margins",
    response_model=MarginsRead,
    dependencies=[needs(margins.READ)],
    responses=problems(NotFound, PeriodBackwards, margins.MarginsTooLarge),
)
def list_margins(
    session: RequestSession,
    group_by: MarginGroup = MarginGroup.client,
    start: Annotated[Day | None, Query(alias="from")] = None,
    end: Annotated[Day | None, Query(alias="to")] = None,
    client_id: UUID | None = None,
) -> Any:
    """Read what is left of the price, by client (the worst first), campaign, line or month."""
    return margins.search(session, group_by, start, end, client_id)


@router.get(
    "/clients/{client_id}/margin",
    response_model=ClientMarginRead,
    dependencies=[needs("margins:read")],
    responses=problems(NotFound, PeriodBackwards, margins.MarginsTooLarge),
)
def get_client_margin(
    client_id: UUID,
    session: RequestSession,
    start: Annotated[Day | None, Query(alias="from")] = None,
    end: Annotated[Day | None, Query(alias="to")] = None,
) -> Any:
    """Read a client's margin: in all, by campaign and by line; this month, unless said."""
    return margins.of_client(session, client_id, start, end)
