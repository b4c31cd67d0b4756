"""The table of benchmarks: what a source published of a KPI, for whom and when."""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from api.clients.networks import Network
from tenants.tables import INTERNAL, Resource, Wall, text_enum


class Benchmark(Resource, table=True):
    """
    What is usual: a value, or for a rate a numerator and a denominator. `network`, `sector` and
    `country` say for whom; null: for all.
    """

    __tablename__ = "benchmarks"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
        CheckConstraint("ends_on >= starts_on", "ends_after_it_starts"),
        CheckConstraint("(value is null) = (numerator is not null)", "value_or_rate"),
        CheckConstraint("(numerator is null) = (denominator is null)", "whole_rate"),
        CheckConstraint("denominator > 0", "divides"),
        Index(None, "agency_id", "kpi", "id"),
    )
    wall = Wall.agency

    kpi: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    network: Network | None = Field(default=None, sa_type=text_enum(Network))
    sector: dict[str, str] | None = Field(
        default=None, sa_type=JSONB(none_as_null=True), sa_column_kwargs=INTERNAL
    )
    country: str | None = Field(default=None, max_length=2, sa_column_kwargs=INTERNAL)
    starts_on: date
    ends_on: date
    value: int | None = Field(default=None, sa_type=BigInteger)
    numerator: int | None = Field(default=None, sa_type=BigInteger)
    denominator: int | None = Field(default=None, sa_type=BigInteger)
    currency: str | None = Field(default=None, max_length=3, sa_column_kwargs=INTERNAL)
    sample_note: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)
    source_name: str = Field(max_length=200, sa_column_kwargs=INTERNAL)
    source_url: str = Field(max_length=500, sa_column_kwargs=INTERNAL)
    published_on: date
