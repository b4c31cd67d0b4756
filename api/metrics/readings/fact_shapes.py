"""What facts that are told again, and what is made of them, look like over the wire."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field

from api.metrics.figures import FigureBasis, MissingReason, Quality, Quantity, together
from api.metrics.kpis import CATALOGUE, Answer, KpiId, answer, digest
from tenants.shapes import Instant, ReadShape

Source = Annotated[
    str, Field(max_length=40, pattern="^[a-z][a-z0-9_]{0,39}$", description="Who says so.")
]
CapturedAt = Annotated[
    Instant | None, Field(description="When the source had it; without it, now.")
]


class FactsOutcome(ReadShape):
    """What became of a batch: received = stored + unchanged."""

    received: int
    stored: int
    unchanged: int


class Amount(ReadShape):
    """A count; null with a reason, never 0, where nothing is known."""

    value: int | None
    quality: Quality
    basis: FigureBasis | None
    missing_reason: MissingReason | None
    complete: bool


class Rate(ReadShape):
    """
    numerator ÷ denominator by a named formula, rounded half-even to 6 places; null with a reason.
    `inputs_digest` is made as that of a performance's KPIs.
    """

    id: KpiId
    version: int
    value: int | float | None
    numerator: int | None
    denominator: int | None
    quality: Quality
    basis: FigureBasis | None
    missing_reason: MissingReason | None
    complete: bool
    inputs_digest: str


def rate(
    kpi: KpiId,
    above: Sequence[Quantity],
    below: Sequence[Quantity],
    less: Sequence[Quantity] = (),
) -> dict[str, Any]:
    """A `Rate`: the sum of `above`, less that of `less`, over the sum of `below`."""
    formula = CATALOGUE[kpi]
    assert formula.denominator is not None
    taken = [replace(each, value=-each.value) for each in less if each.value is not None]
    made = answer(
        kpi,
        [
            {
                formula.numerator: together([*above, *taken]),
                formula.denominator: together([*below]),
            }
        ],
    )
    return answered(kpi, made)


def answered(kpi: KpiId, made: Answer) -> dict[str, Any]:
    """An answer with its formula's id and version and the digest of its inputs."""
    shown = {"id": kpi, "version": CATALOGUE[kpi].version, "inputs_digest": digest(kpi, made)}
    return {**vars(made), **shown}
