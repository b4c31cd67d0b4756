"""The formulas of posts, one by one. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from api.metrics.figures import (
    NOT_RECORDED,
    FigureBasis,
    MissingReason,
    Quality,
    Quantity,
    missing,
    worst,
)
from api.metrics.kpis.arithmetic import Answer, Measured, answer, quotient
from api.metrics.kpis.catalogue import KpiId


def er_avg(posts: Sequence[Measured]) -> Answer:
    """
    `er_avg`: the mean of each post's engagements ÷ reach; not all engagements ÷ all reach, which is
    `er_reach`. A post without either has no part in it. A sum of fractions has no whole numerator;
    `inputs` holds the parts, the denominator how many there are.
    """
    pairs = [
        (each.get("engagements", NOT_RECORDED), each.get("reach", NOT_RECORDED)) for each in posts
    ]
    known = [pair for pair in pairs if pair[0].value is not None and pair[1].value]
    if not known:
        any_reach = any(reach.value is not None for _, reach in pairs)
        reason = MissingReason.no_denominator if any_reach else MissingReason.not_recorded
        return answer(KpiId.er_avg, [{"post_rates": missing(reason)}])
    parts = sorted((top.value or 0, bottom.value or 1) for top, bottom in known)
    mean = sum((Fraction(*part) for part in parts), Fraction()) / len(parts)
    return Answer(
        float(quotient(mean.numerator, mean.denominator) or 0),
        None,
        len(parts),
        worst(quantity.quality for pair in known for quantity in pair),
        FigureBasis.given,
        None,
        len(known) == len(pairs) and all(each.complete for pair in known for each in pair),
        None,
        {"posts": parts},
    )


def publish_reliability(
    verified_on_time: int, planned: int, quality: Quality = Quality.actual
) -> Answer:
    """
    `publish_reliability`: of the posts planned, how many were seen live on time; `manual` where
    that is somebody's word.
    """
    source = {"verified_on_time": Quantity(verified_on_time, quality), "planned": Quantity(planned)}
    made = answer(KpiId.publish_reliability, [source])
    return replace(made, basis=FigureBasis.period) if made.basis else made
