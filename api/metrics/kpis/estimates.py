"""
What nobody measured: always `estimated`, always by a rate card that somebody gave and put a version
to, and no part of any other figure. There is no standard for either. Pure.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from api.metrics.figures import LARGEST, FigureBasis, MissingReason, Quality, missing
from api.metrics.kpis.arithmetic import Answer, answer
from api.metrics.kpis.catalogue import CATALOGUE, KpiId

Counts = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class RateCard:
    """
    What an agency holds things to be worth: `values[network][metric]` in minor units of `currency`
    a thousand; and how many impressions it takes a hundred people reached for (150 is usual).
    """

    id: str
    version: int
    currency: str
    values: Counts
    impressions_per_hundred_reached: int | None = None


def emv(card: RateCard, counts: Counts) -> Answer:
    """
    `emv`: the sum over networks of each metric's count x its value; what the card does not value
    is worth nothing. Counts of the wrong network are not guessed at.
    """
    total = sum(
        count * card.values.get(network, {}).get(metric, 0)
        for network, metrics in counts.items()
        for metric, count in metrics.items()
    )
    return _estimate(KpiId.emv, card, Fraction(total, 1000), {"counts": counts}, card.currency)


def est_impressions(card: RateCard, reach: int) -> Answer:
    """`est_impressions`: reach x impressions ÷ 100 reached."""
    per_hundred = card.impressions_per_hundred_reached
    if per_hundred is None:
        return answer(KpiId.est_impressions, [])
    return _estimate(
        KpiId.est_impressions, card, Fraction(reach * per_hundred, 100), {"reach": reach}
    )


def _estimate(
    kpi: KpiId,
    card: RateCard,
    exact: Fraction,
    given: Mapping[str, Any],
    currency: str | None = None,
) -> Answer:
    value = round(exact)  # half-even
    if abs(value) > LARGEST:
        return answer(kpi, [{CATALOGUE[kpi].numerator: missing(MissingReason.out_of_range)}])
    return Answer(
        value,
        None,
        None,
        Quality.estimated,
        FigureBasis.given,
        None,
        True,
        currency,
        {"card": asdict(card), **given},
    )
