"""What targets say, and the figures held against them, as fractions in their KPI's own unit."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from api.metrics import progress
from api.metrics.kpis import CATALOGUE, Answer, Direction, KpiId
from api.metrics.models import KpiTarget
from api.metrics.progress import Aim, Standing


def aim_of(target: KpiTarget, baseline: Fraction | None = None) -> Aim:
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


def is_foreign(target: KpiTarget, made: Answer) -> bool:
    """Whether target and figure are of two currencies."""
    return bool(made.currency and target.currency and made.currency != target.currency)


def standing(
    target: KpiTarget, made: Answer, as_of: date, baseline: Fraction | None = None
) -> Standing:
    """How a target stands by a figure of its days up to `as_of`."""
    figure = None if is_foreign(target, made) else exact(KpiId(target.kpi), made)
    return progress.standing(aim_of(target, baseline), figure, as_of)


def target_of(cells: Mapping[str, Any]) -> KpiTarget:
    """A target out of JSON of its columns."""
    objective = cells["objective_id"]
    typed = {
        "id": UUID(cells["id"]),
        "objective_id": UUID(objective) if objective else None,
        "direction": Direction(cells["direction"]),
        **{name: date.fromisoformat(cells[name]) for name in ("starts_on", "ends_on")},
    }
    return KpiTarget(**{**cells, **typed})


def _amount(value: int | None, numerator: int | None, denominator: int | None) -> Fraction | None:
    if value is not None:
        return Fraction(value)
    return Fraction(numerator, denominator or 1) if numerator is not None else None
