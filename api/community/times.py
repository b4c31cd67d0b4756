"""
What response times come to. Pure: seconds and buckets in, no session, no clock.

    mean      seconds to the first response / responses
    quantile  of a histogram: linear within the bucket in which the rank falls, as Prometheus'
              `histogram_quantile`; of an open bucket only its lower end is known
"""

from collections.abc import Sequence
from fractions import Fraction

from api.community.models import BUCKETS


def mean_seconds(sum_seconds: int, responses: int) -> int | None:
    """Rounded half-even to whole seconds."""
    return round(Fraction(sum_seconds, responses)) if responses else None


def quantile(buckets: Sequence[int], share: Fraction) -> tuple[int, bool] | None:
    """The seconds within which `share` of the responses came, and whether it is at least that."""
    total = sum(buckets)
    if not total:
        return None
    rank, before, start = share * total, 0, 0
    for count, end in zip(buckets, BUCKETS, strict=True):
        if count and before + count >= rank:
            if end is None:
                return start, True
            return round(start + (end - start) * Fraction(rank - before, count)), False
        before, start = before + count, end or start
    raise AssertionError("a share is at most one")
