"""What benchmarks, and a client's figures beside them, look like over the wire."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, Field

from api.clients.networks import Network, Url
from api.metrics.figures import LARGEST, FigureBasis, MissingReason, Quality
from api.metrics.kpis import KpiId, Unit
from tenants.money import CurrencyCode
from tenants.pages import PageQuery
from tenants.shapes import Day, Line, Localized, ReadShape, Shape, Text, Words

Number = Annotated[int, Field(strict=True, ge=-LARGEST, le=LARGEST)]
Below = Annotated[int, Field(strict=True, ge=1, le=LARGEST)]
Country = Annotated[
    str,
    Field(
        min_length=2,
        max_length=2,
        pattern="^[A-Z]{2}$",
        examples=["ES"],
        description="ISO 3166-1 alpha-2.",
    ),
]


class BenchmarkCreate(Shape):
    """
    What a source published of a KPI: `value` in units or minor units, or for a rate `numerator` and
    `denominator` (4.7 % is 47 of 1,000). `sector` in the words that clients' sectors have.
    """

    kpi: KpiId
    network: Network | None = None
    sector: Words | None = None
    country: Country | None = None
    starts_on: Day
    ends_on: Day
    value: Number | None = None
    numerator: Number | None = None
    denominator: Below | None = None
    currency: CurrencyCode | None = None
    sample_note: Text | None = None
    source_name: Line
    source_url: Url
    published_on: Day


class BenchmarkUpdate(Shape):
    """What of a benchmark may be put right; of another KPI or period it is another benchmark."""

    network: Network | None | MISSING = MISSING
    sector: Words | None | MISSING = MISSING
    country: Country | None | MISSING = MISSING
    value: Number | None | MISSING = MISSING
    numerator: Number | None | MISSING = MISSING
    denominator: Below | None | MISSING = MISSING
    currency: CurrencyCode | None | MISSING = MISSING
    sample_note: Text | None | MISSING = MISSING
    source_name: Line | MISSING = MISSING
    source_url: Url | MISSING = MISSING
    published_on: Day | MISSING = MISSING


class BenchmarkRead(ReadShape):
    """What a source published of a KPI; null `network`, `sector` or `country`: of all."""

    id: UUID
    version: int
    kpi: str
    network: Network | None
    sector: Localized | None
    country: str | None
    starts_on: date
    ends_on: date
    value: int | None
    numerator: int | None
    denominator: int | None
    currency: str | None
    sample_note: str | None
    source_name: str
    source_url: str
    published_on: date
    created_at: datetime
    updated_at: datetime


class BenchmarkQuery(PageQuery):
    """Filters of benchmarks."""

    kpi: KpiId | None = None
    network: Network | None = None
    country: Country | None = None


class OwnFigure(ReadShape):
    """
    The client's own figure in the period, over its channels on the benchmark's network, or on all.
    """

    version: int
    unit: Unit
    value: int | float | None
    numerator: int | None
    denominator: int | None
    currency: str | None
    quality: Quality
    basis: FigureBasis | None
    missing_reason: MissingReason | None
    complete: bool
    inputs_digest: str


class FittingBenchmark(ReadShape):
    """A benchmark that fits a client, and the client's own figure beside it."""

    benchmark: BenchmarkRead
    own: OwnFigure


class ClientBenchmarks(ReadShape):
    """
    What is usual for a client's sector, country and networks, the newest of each KPI first, and its
    own figures in a period. At most 500.
    """

    client_id: UUID
    sector: Localized
    country: str | None
    networks: list[Network]
    timezone: str
    as_of: datetime
    period_start: date
    period_end: date
    days: int
    benchmarks: list[FittingBenchmark]
