"""What comes back of what was spent, and how fast a budget goes. Pure."""

from api.metrics.figures import LARGEST, FigureBasis, MissingReason, Quantity, missing, together
from api.metrics.kpis.arithmetic import Answer, answer
from api.metrics.kpis.catalogue import KpiId


def roi(revenue: Quantity, total_cost: Quantity) -> Answer:
    """
    (revenue − total cost) ÷ total cost, total cost = media + production + influencers + fees:
    the caller adds those up, for they stand in the ledger and not among the readings.
    """
    if revenue.value is None or total_cost.value is None:
        lacking = revenue.missing_reason or total_cost.missing_reason
        gain = missing(lacking or MissingReason.not_recorded)
    else:
        gain = together(
            [
                revenue,
                Quantity(-total_cost.value, basis=revenue.basis, currency=total_cost.currency),
            ]
        )
    return answer(KpiId.roi, [{"gain_minor": gain, "total_cost_minor": total_cost}])


def revenue_roi(revenue: Quantity, total_cost: Quantity) -> Answer:
    """`revenue_roi`: revenue ÷ total cost. What some tools call ROI; 1 is what `roi` calls 0."""
    return answer(KpiId.revenue_roi, [{"revenue_minor": revenue, "total_cost_minor": total_cost}])


def pacing(spent_minor: int, budget_minor: int, elapsed: int, days: int) -> Answer:
    """
    `pacing`: spent to date ÷ (budget x elapsed ÷ days); 1 is on plan, and 15 % either way is usual.
    Nothing is due before the first day has begun.
    """
    spent, due = spent_minor * days, budget_minor * elapsed
    return answer(KpiId.pacing, [{"spent_days": _exact(spent), "budget_days": _exact(due)}])


def _exact(value: int) -> Quantity:
    if abs(value) > LARGEST:
        return missing(MissingReason.out_of_range)
    return Quantity(value, basis=FigureBasis.period)
