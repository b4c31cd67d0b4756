"""What stands out of a series of days, beside its own past. Pure."""

from collections.abc import Sequence

from api.metrics.figures import LARGEST, MissingReason, Quantity, missing, together
from api.metrics.kpis.arithmetic import Answer, answer
from api.metrics.kpis.catalogue import CATALOGUE, KpiId

PAST = 7  # days
LEVELS = (1.5, 2, 3)


def spike(day: Quantity, past: Sequence[Quantity]) -> Answer:
    """
    `spike`: the largest k of 1.5, 2 and 3 for which a day is above mean + k·σ of the seven days
    before it (σ of those seven themselves), as Socialmetrix alerts; 0 where it is above none. All
    eight must be known. Its numerator ÷ denominator says how many times the mean the day is; the
    eight days are its `inputs`. Compared in whole numbers: no root is taken.
    """
    days = [*past, day]
    lacking = [each for each in days if each.value is None]
    if lacking or len(past) != PAST:
        return _missing(together(lacking).missing_reason)
    whole = together(days)
    values = [each.value or 0 for each in past]
    top, sum_of_past = PAST * (day.value or 0), sum(values)
    if whole.value is None or abs(top) > LARGEST or abs(sum_of_past) > LARGEST:
        return _missing(whole.missing_reason or MissingReason.out_of_range)
    # 7²·σ² of the past, and 7 times what the day is above its mean.
    spread, above = PAST * sum(value**2 for value in values) - sum_of_past**2, top - sum_of_past
    reached = [k for k in LEVELS if above > 0 and (2 * above) ** 2 > int(2 * k) ** 2 * spread]
    return Answer(
        max(reached, default=0),
        top,
        sum_of_past,
        whole.quality,
        whole.basis,
        None,
        whole.complete,
        whole.currency,
        {"day": day.value, "past": values},
    )


def _missing(reason: MissingReason | None) -> Answer:
    lacks = missing(reason or MissingReason.not_recorded)
    return answer(KpiId.spike, [{CATALOGUE[KpiId.spike].numerator: lacks}])
