"""What targets say, and the figures held against them, as fractions in their KPI's own unit."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from fractions import Fraction
from typing import Any

from api.metrics.kpis import CATALOGUE, Answer, Direction, KpiId
from api.metrics.models import KpiTarget
from api.metrics.targets import progress
from api.metrics.targets.progress import Aim, Standing


@dataclass(frozen=True)
class Target:
    """What a target says, where it came as JSON: to make a row of each takes ten times as long."""

    kpi: str
    starts_on: date
    ends_on: date
    direction: Direction
    value: int | None
    numerator: int | None
    denominator: int | None
    currency: str | None
    baseline_value: int | None
    baseline_numerator: int | None
    baseline_denominator: int | None


_MEMBERS = tuple(each.name for each in fields(Target))


def aim_of(target: KpiTarget | Target, baseline: Fraction | None = None) -> Aim:
    """What a target says; `baseline` is of one that names none."""
    given = _amount(target.baseline_value, target.baseline_numerator, target.baseline_denominator)
    return Aim(
        progress.course_of(KpiId(target.kpi)),
        target.direction,
        _amount(target.value, target.numerator, target.denominator) or Fraction(0),
        target.starts_on,
        target.ends_on,
        baseline if given is None else given,
    )


def exact(kpi: KpiId, made: Answer) -> Fraction | None:
    """A figure as a fraction."""
    if made.value is None:
        return None
    if made.denominator:
        return Fraction((made.numerator or 0) * CATALOGUE[kpi].per, made.denominator)
    return Fraction(made.value)


def is_foreign(target: KpiTarget | Target, made: Answer) -> bool:
    """Whether target and figure are of two currencies."""
    return bool(made.currency and target.currency and made.currency != target.currency)


def standing(
    target: KpiTarget | Target, made: Answer, as_of: date, baseline: Fraction | None = None
) -> Standing:
    """How a target stands by a figure of its days up to `as_of`."""
    figure = None if is_foreign(target, made) else exact(KpiId(target.kpi), made)
    return progress.standing(aim_of(target, baseline), figure, as_of)


def target_of(cells: Mapping[str, Any]) -> Target:
    """A target out of JSON of its columns."""
    said: dict[str, Any] = {name: cells[name] for name in _MEMBERS}
    said["direction"] = Direction(said["direction"])
    for name in ("starts_on", "ends_on"):
        said[name] = date.fromisoformat(said[name])
    return Target(**said)


def _amount(value: int | None, numerator: int | None, denominator: int | None) -> Fraction | None:
    if value is not None:
        return Fraction(value)
    return Fraction(numerator, denominator or 1) if numerator is not None else None
