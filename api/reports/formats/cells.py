"""What a table of a report is made of: exact amounts, days and words, each under its metric."""

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from api.reports.snapshot.figures import ReportKpi, ReportKpiValue, ReportRate

Unit = Literal["count", "money", "ratio", "times", "minutes"]
When = Literal["current", "previous", "target"]


@dataclass(frozen=True, slots=True)
class Amount:
    """
    One figure, exact: `value`, or `numerator` and `denominator` of what is divided. Money is in
    minor units. All null: it is missing.
    """

    unit: Unit
    value: int | None = None
    numerator: int | None = None
    denominator: int | None = None
    per: int = 1

    @property
    def is_fraction(self) -> bool:
        return self.numerator is not None

    @property
    def exact(self) -> int | Fraction | None:
        if self.value is not None:
            return self.value
        if self.numerator is None or not self.denominator:
            return None
        return Fraction(self.numerator * self.per, self.denominator)


Cell = str | dt.date | Amount | None


@dataclass(frozen=True, slots=True)
class Column:
    """`metric` names it for machines, `title` for people; `when` tells what it is compared with."""

    metric: str
    title: str
    when: When = "current"


@dataclass(frozen=True, slots=True)
class Row:
    """`key` names what the row is about; the cells stand under the table's columns."""

    key: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One table of one section. `name` tells two of a section apart; `total` is its last row."""

    section: str
    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row | None = None

    @property
    def all_rows(self) -> tuple[Row, ...]:
        return self.rows if self.total is None else (*self.rows, self.total)


def count(value: int | None) -> Amount:
    return Amount("count", value)


def money(minor: int | None) -> Amount:
    return Amount("money", minor)


def share(rate: ReportRate | None) -> Amount:
    if rate is None:
        return Amount("ratio")
    return Amount("ratio", numerator=rate.numerator, denominator=rate.denominator)


def of_kpi(kpi: ReportKpi, figure: ReportKpiValue | None) -> Amount | None:
    """A tile's figure, or what it was before, in the tile's unit."""
    if figure is None:
        return None
    parts = (figure.numerator, figure.denominator)
    return Amount(_unit(kpi), figure.value, *parts, per=kpi.per if kpi.is_rate else 1)


def target_of(kpi: ReportKpi) -> Amount | None:
    """What a tile aims at: as agreed, so "per thousand" is in it already."""
    if kpi.target is None:
        return None
    if isinstance(kpi.target, ReportRate):
        return Amount(_unit(kpi), None, kpi.target.numerator, kpi.target.denominator)
    return Amount(_unit(kpi), kpi.target)


def _unit(kpi: ReportKpi) -> Unit:
    if kpi.id == "roas":
        return "times"
    named: dict[str, Unit] = {
        "signed_count": "count",
        "ratio_money": "money",
        "ratio": "ratio",
        "money": "money",
        "minutes": "minutes",
    }
    return named.get(kpi.unit, "count")
