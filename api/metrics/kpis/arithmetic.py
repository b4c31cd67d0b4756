"""
How a formula is worked out. Pure: no session, no clock, integers in.

A rate is answered with its numerator and denominator and rounded half-even to 6 places; nothing
to divide by gives null with a reason, never 0 or infinity. Over several channels the numerators
are added and the denominators are added, of those channels alone that have both: a channel that
reports likes and no views has no part in `er_views`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from api.metrics.figures import (
    ENGAGEMENTS,
    LARGEST,
    NOT_RECORDED,
    THERE,
    UNIQUES,
    FigureBasis,
    MissingReason,
    Quality,
    Quantity,
    basis_of,
    together,
    worst,
)
from api.metrics.kpis.catalogue import CATALOGUE, Formula, KpiId

PLACES = 6


@dataclass(frozen=True)
class Answer:
    """
    A KPI's value and all that is needed to work it out again. `inputs` are those of a formula that
    is no quotient of two numbers.
    """

    value: int | float | None
    numerator: int | None
    denominator: int | None
    quality: Quality
    basis: FigureBasis | None
    missing_reason: MissingReason | None
    complete: bool
    currency: str | None
    inputs: Mapping[str, Any] | None = None


Measured = Mapping[str, Quantity]


def derive(measured: Measured) -> dict[str, Quantity]:
    """What a channel measured and its engagements: likes + comments + shares + saves + clicks."""
    parts = [measured.get(name, NOT_RECORDED) for name in ENGAGEMENTS]
    total = together(parts)
    whole = all(part.complete or part.missing_reason is MissingReason.not_offered for part in parts)
    if total.value is not None and not whole:
        total = Quantity(total.value, total.quality, total.basis, complete=False)
    return {**measured, "engagements": total}


def answer(kpi: KpiId, sources: Sequence[Measured]) -> Answer:
    """A KPI over one channel or several, each as `derive` leaves it."""
    formula = CATALOGUE[kpi]
    if formula.denominator is None:
        return _sum(formula.numerator, sources)
    return _quotient(formula, formula.denominator, sources)


def quotient(numerator: int, denominator: int, per: int = 1) -> Decimal | None:
    """numerator x per ÷ denominator, rounded half-even to 6 places; None when dividing by 0."""
    if denominator == 0:
        return None
    sign = -1 if (numerator < 0) != (denominator < 0) else 1
    scaled, left = divmod(abs(numerator) * per * 10**PLACES, abs(denominator))
    twice = 2 * left
    if twice > abs(denominator) or (twice == abs(denominator) and scaled % 2):
        scaled += 1
    return Decimal(sign * scaled).scaleb(-PLACES)


def _sum(name: str, sources: Sequence[Measured]) -> Answer:
    parts = [source.get(name, NOT_RECORDED) for source in sources]
    total = together(parts, overlapping=name in UNIQUES)
    return Answer(
        total.value,
        None,
        None,
        total.quality,
        total.basis,
        total.missing_reason,
        total.complete,
        total.currency,
    )


def _quotient(formula: Formula, below: str, sources: Sequence[Measured]) -> Answer:
    pairs = [
        (source.get(formula.numerator, NOT_RECORDED), source.get(below, NOT_RECORDED))
        for source in sources
    ]
    both = [pair for pair in pairs if pair[0].value is not None and pair[1].value is not None]
    lacks = together([_lacking(*pair) for pair in pairs if pair not in both]).missing_reason
    if not both or lacks in THERE:
        return _missing(lacks)
    top = together([pair[0] for pair in both])
    bottom = together([pair[1] for pair in both], overlapping=below in UNIQUES)
    reason = top.missing_reason or bottom.missing_reason or _incomparable(formula, top, bottom)
    if top.value is None or bottom.value is None or reason:
        return _missing(reason)
    value = quotient(top.value, bottom.value, formula.per)
    if value is None:
        return _missing(MissingReason.no_denominator, top.value, 0)
    if abs(value) > LARGEST:
        return _missing(MissingReason.out_of_range)
    return Answer(
        float(value),
        top.value,
        bottom.value,
        worst([top.quality, bottom.quality]),
        basis_of([top, bottom]),
        None,
        top.complete and bottom.complete,
        top.currency if formula.unit == "ratio_money" else None,
    )


def _lacking(top: Quantity, bottom: Quantity) -> Quantity:
    """The part that a channel's rate lacks."""
    return top if top.value is None else bottom


def _incomparable(formula: Formula, top: Quantity, bottom: Quantity) -> MissingReason | None:
    """Money is divided by money of the same currency only."""
    if formula.unit == "ratio" and top.currency != bottom.currency:
        return MissingReason.mixed_currency
    return None


def _missing(
    reason: MissingReason | None, numerator: int | None = None, denominator: int | None = None
) -> Answer:
    reason = reason or MissingReason.not_recorded
    return Answer(None, numerator, denominator, Quality.missing, None, reason, False, None)
