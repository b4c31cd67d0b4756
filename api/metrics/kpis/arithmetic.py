"""
How a formula is worked out. Pure: no session, no clock, integers in.

A rate is answered with its numerator and denominator and rounded half-even to 6 places; nothing
to divide by gives null with a reason, never 0 or infinity. Over several channels the numerators
are added and the denominators are added, of those channels alone that have both: a channel that
reports likes and no views has no part in `er_views`.
"""

from collections.abc import Iterable, Mapping, Sequence
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


class Channels(list[Measured]):
    """What several channels measured, in one period: each sum is added up once."""

    def __init__(self, measured: Iterable[Measured] = ()) -> None:
        super().__init__(measured)
        self._sums: dict[str, Quantity] = {}

    def total(self, name: str) -> Quantity:
        if name not in self._sums:
            self._sums[name] = total(name, tuple(self))
        return self._sums[name]


def total(name: str, sources: Sequence[Measured]) -> Quantity:
    """A quantity over one channel or several."""
    if isinstance(sources, Channels):
        return sources.total(name)
    parts = [source.get(name, NOT_RECORDED) for source in sources]
    return together(parts, overlapping=name in UNIQUES)


def derive(measured: Measured) -> dict[str, Quantity]:
    """What a channel measured and its engagements: likes + comments + shares + saves + clicks."""
    parts = [measured.get(name, NOT_RECORDED) for name in ENGAGEMENTS]
    made = together(parts)
    whole = all(part.complete or part.missing_reason is MissingReason.not_offered for part in parts)
    if made.value is not None and not whole:
        made = Quantity(made.value, made.quality, made.basis, complete=False)
    return {**measured, "engagements": made}


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
    whole = total(name, sources)
    return Answer(
        whole.value,
        None,
        None,
        whole.quality,
        whole.basis,
        whole.missing_reason,
        whole.complete,
        whole.currency,
    )


def _quotient(formula: Formula, below: str, sources: Sequence[Measured]) -> Answer:
    both, lacking = [], []
    for source in sources:
        top, bottom = source.get(formula.numerator, NOT_RECORDED), source.get(below, NOT_RECORDED)
        if top.value is None or bottom.value is None:
            lacking.append(top if top.value is None else bottom)  # what its rate lacks
        else:
            both.append(source)
    lacks = together(lacking).missing_reason if lacking or not both else None
    if not both or lacks in THERE:
        return _missing(lacks)
    having = both if lacking else sources
    top, bottom = total(formula.numerator, having), total(below, having)
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
