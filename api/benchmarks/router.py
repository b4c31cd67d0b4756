"""Routes of benchmarks; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.benchmarks import benchmarks, fitting
from api.benchmarks.models import Benchmark
from api.benchmarks.shapes import (
    BenchmarkCreate,
    BenchmarkQuery,
    BenchmarkRead,
    BenchmarkUpdate,
    ClientBenchmarks,
)
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.metrics import periods
from tenants.errors import NotFound
from tenants.pages import InvalidCursor, Page
from tenants.reads import Lookup
from tenants.shapes import Day

router = domain_router("benchmarks")


@router.post(
    "/benchmarks",
    status_code=201,
    response_model=BenchmarkRead,
    dependencies=[needs("benchmarks:write")],
    responses=problems(benchmarks.BenchmarkEndsBeforeItStarts, benchmarks.BenchmarkForm),
)
def create_benchmark(data: BenchmarkCreate, session: RequestSession) -> Any:
    """Note what a source published of a KPI, for all the agency's clients."""
    return benchmarks.create(session, **data.model_dump())


@router.get(
    "/benchmarks",
    response_model=Page[BenchmarkRead],
    dependencies=[needs("benchmarks:read")],
    responses=problems(InvalidCursor),
)
def list_benchmarks(page: Annotated[BenchmarkQuery, Query()], session: RequestSession) -> Any:
    """List the agency's benchmarks, newest first."""
    return benchmarks.search(session, page)


@router.get(
    "/benchmarks/{benchmark_id}",
    response_model=BenchmarkRead,
    dependencies=[needs("benchmarks:read")],
    responses=problems(NotFound),
)
def get_benchmark(benchmark_id: UUID, session: RequestSession) -> Any:
    """Read a benchmark."""
    return Lookup(Benchmark, benchmark_id)


@router.patch(
    "/benchmarks/{benchmark_id}",
    response_model=BenchmarkRead,
    dependencies=[needs("benchmarks:write")],
    responses=problems(NotFound, benchmarks.BenchmarkForm),
)
def update_benchmark(benchmark_id: UUID, data: BenchmarkUpdate, session: RequestSession) -> Any:
    """Put a benchmark right; its KPI and period stay."""
    return benchmarks.update(session, benchmark_id, **data.model_dump())


@router.delete(
    "/benchmarks/{benchmark_id}",
    status_code=204,
    dependencies=[needs("benchmarks:write")],
    responses=problems(NotFound),
)
def delete_benchmark(benchmark_id: UUID, session: RequestSession) -> None:
    """Take a benchmark out."""
    benchmarks.delete(session, benchmark_id)


@router.get(
    "/clients/{client_id}/benchmarks",
    response_model=ClientBenchmarks,
    dependencies=[needs("benchmarks:read")],
    responses=problems(NotFound, periods.PeriodEndsBeforeItStarts, periods.PeriodTooLong),
)
def get_client_benchmarks(
    client_id: UUID,
    session: RequestSession,
    first: Annotated[Day, Query(alias="from", description="First day, of the client's calendar.")],
    last: Annotated[Day, Query(alias="to", description="Last day, included.")],
) -> Any:
    """Read what is usual for a client like this, with its own figures beside it."""
    return fitting.of_client(session, client_id, periods.period(first, last))
