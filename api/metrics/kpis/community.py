"""
The community's formulas. Pure: whole counts in, an `Answer` out; of nothing they are missing,
`no_denominator`, never 0 or 100 %.
"""

from api.metrics.figures import NOT_RECORDED, FigureBasis, Quantity
from api.metrics.kpis.arithmetic import Answer, answer
from api.metrics.kpis.catalogue import KpiId


def share_of_voice(own: int, competitors: int) -> Answer:
    """`sov`: a brand's mentions ÷ those of it and the competitors named, in the same search."""
    return _share(KpiId.sov, own_mentions=own, mentions=own + competitors)


def net_sentiment(positive: int, neutral: int, negative: int) -> Answer:
    """
    `net_sentiment`: (positive − negative) ÷ (positive + neutral + negative), from −1 to 1. What
    nobody has rated is no part of it.
    """
    rated = positive + neutral + negative
    return _share(KpiId.net_sentiment, net_positive=positive - negative, rated=rated)


def response_rate(answered: int, needing_answer: int) -> Answer:
    """`response_rate`: of what needed an answer (no spam, nothing moderated), how much had one."""
    return _share(KpiId.response_rate, answered=answered, needing_answer=needing_answer)


def sla_attainment(hit: int, missed: int, running_missed: int) -> Answer:
    """
    `sla_attainment`: hit ÷ (hit + missed + running and missed already). What runs and is not due
    yet is no part of it: say it beside, as `open_count`.
    """
    return _share(KpiId.sla_attainment, hit=hit, due=hit + missed + running_missed)


def first_response(median_seconds: int | None, p90_seconds: int | None) -> tuple[Answer, Answer]:
    """`first_response_median` and `first_response_p90`, as they were worked out: seconds."""
    return (
        answer(KpiId.first_response_median, [{"median_seconds": _given(median_seconds)}]),
        answer(KpiId.first_response_p90, [{"p90_seconds": _given(p90_seconds)}]),
    )


def _share(kpi: KpiId, **counts: int) -> Answer:
    return answer(kpi, [{name: _given(count) for name, count in counts.items()}])


def _given(value: int | None) -> Quantity:
    return NOT_RECORDED if value is None else Quantity(value, basis=FigureBasis.period)
