"""The quantiles of a histogram, held against those of the times it was made of."""

from bisect import bisect_left
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from api.community.models import BUCKETS
from api.community.times import mean_seconds, quantile

seconds = st.lists(st.integers(1, 200_000), min_size=1, max_size=60)
shares = st.fractions(Fraction(1, 100), 1)
ENDS = [end for end in BUCKETS if end is not None]


def _buckets(times: list[int]) -> list[int]:
    counts = [0] * len(BUCKETS)
    for each in times:
        counts[bisect_left(ENDS, each)] += 1
    return counts


class TestQuantile:
    @given(seconds, shares)
    def test_falls_into_the_bucket_of_the_true_one(self, times: list[int], share: Fraction) -> None:
        found = quantile(_buckets(times), share)
        rank = -(-share.numerator * len(times) // share.denominator)  # rounded up
        true = sorted(times)[rank - 1]
        place = bisect_left(ENDS, true)

        assert found is not None
        if place == len(ENDS):
            assert found == (ENDS[-1], True)
        else:
            start = ENDS[place - 1] if place else 0
            assert start <= found[0] <= ENDS[place]
            assert not found[1]

    @given(seconds, shares, shares)
    def test_never_falls_as_the_share_grows(
        self, times: list[int], one: Fraction, other: Fraction
    ) -> None:
        low, high = (quantile(_buckets(times), share) for share in sorted((one, other)))
        assert low is not None
        assert high is not None
        assert low <= high

    def test_of_nothing_is_nothing(self) -> None:
        assert quantile([0] * 7, Fraction(1, 2)) is None

    def test_is_linear_within_its_bucket(self) -> None:
        assert quantile([0, 4, 0, 0, 0, 0, 0], Fraction(1, 2)) == (180, False)
        assert quantile([1, 3, 0, 0, 0, 0, 0], Fraction(1, 4)) == (60, False)


class TestMean:
    def test_is_rounded_half_even(self) -> None:
        assert [mean_seconds(total, 2) for total in (3, 5, 4)] == [2, 2, 2]
        assert mean_seconds(7, 0) is None
