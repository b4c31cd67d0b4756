"""What can be done to benchmarks: noted with their source, put right, taken out."""

from typing import Any
from uuid import UUID

from sqlmodel import Session, select

from api.benchmarks.models import Benchmark
from api.benchmarks.shapes import BenchmarkQuery
from api.metrics.kpis import CATALOGUE, RATES, KpiId
from tenants import database, outbox
from tenants.errors import Unprocessable
from tenants.pages import Listing


class BenchmarkEndsBeforeItStarts(Unprocessable):
    """The period that was measured ends before it starts."""


class BenchmarkForm(Unprocessable):
    """A rate has numerator and denominator, anything else a value; money names its currency."""


def search(session: Session, page: BenchmarkQuery) -> Listing:
    """The agency's benchmarks, newest first."""
    query = select(Benchmark)
    for name in ("kpi", "network", "country"):
        if (value := getattr(page, name)) is not None:
            query = query.where(getattr(Benchmark, name) == value)
    return Listing(query, Benchmark, page)


def create(session: Session, kpi: KpiId, **values: Any) -> Benchmark:
    """Note what a source published."""
    if values["ends_on"] < values["starts_on"]:
        raise BenchmarkEndsBeforeItStarts(pointer="/ends_on")
    benchmark = Benchmark(kpi=kpi.value, **values)
    _check_form(benchmark)
    database.add(session, benchmark)
    outbox.emit(session, "benchmark.created", benchmark)
    return benchmark


def update(session: Session, benchmark_id: UUID, **changes: Any) -> Benchmark:
    """Put right what was noted."""
    benchmark = database.get(session, Benchmark, benchmark_id, lock=True)
    _check_form(Benchmark(**{**benchmark.model_dump(), **changes}))
    benchmark.sqlmodel_update(changes)
    database.touch(benchmark)
    outbox.emit(session, "benchmark.updated", benchmark)
    return benchmark


def delete(session: Session, benchmark_id: UUID) -> None:
    """Take a benchmark out."""
    benchmark = database.get(session, Benchmark, benchmark_id, lock=True)
    outbox.emit(session, "benchmark.deleted", benchmark)
    session.delete(benchmark)


def _check_form(benchmark: Benchmark) -> None:
    unit = CATALOGUE[KpiId(benchmark.kpi)].unit
    rate = (benchmark.numerator is not None, benchmark.denominator is not None)
    if rate[0] is not rate[1] or rate[0] is (benchmark.value is not None):
        raise BenchmarkForm(pointer="/value")
    if (unit == "ratio" and not rate[0]) or (rate[0] and unit not in RATES):
        raise BenchmarkForm(pointer="/value")
    if (benchmark.currency is not None) is not (unit in ("money", "ratio_money")):
        raise BenchmarkForm(pointer="/currency")
