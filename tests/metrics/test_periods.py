"""What a period is compared with."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.metrics import periods
from api.metrics.periods import Compare, Period


def _period(start: str, end: str) -> Period:
    return Period(date.fromisoformat(start), date.fromisoformat(end))


class TestBefore:
    @pytest.mark.parametrize(
        ("asked", "compare", "expected"),
        [
            (("2026-10-01", "2026-10-31"), "previous_period", ("2026-08-31", "2026-09-30")),
            (("2026-10-01", "2026-10-31"), "previous_month", ("2026-09-01", "2026-09-30")),
            (("2026-03-01", "2026-03-31"), "previous_month", ("2026-02-01", "2026-02-28")),
            (("2026-02-01", "2026-02-28"), "previous_month", ("2026-01-01", "2026-01-31")),
            (("2026-07-01", "2026-09-30"), "previous_month", ("2026-04-01", "2026-06-30")),
            (("2026-01-05", "2026-01-11"), "previous_month", ("2025-12-05", "2025-12-11")),
            (("2026-03-30", "2026-03-31"), "previous_month", ("2026-02-28", "2026-02-28")),
            (("2028-02-01", "2028-02-29"), "previous_year", ("2027-02-01", "2027-02-28")),
            (("2027-02-01", "2027-02-28"), "previous_year", ("2026-02-01", "2026-02-28")),
            (("2029-02-01", "2029-02-28"), "previous_year", ("2028-02-01", "2028-02-29")),
            (("2026-01-01", "2026-12-31"), "previous_year", ("2025-01-01", "2025-12-31")),
            (("2026-10-05", "2026-10-11"), "previous_year", ("2025-10-05", "2025-10-11")),
        ],
    )
    def test_is(self, asked: tuple[str, str], compare: str, expected: tuple[str, str]) -> None:
        assert periods.before(_period(*asked), Compare(compare)) == _period(*expected)

    def test_is_none_when_asked_for_none(self) -> None:
        assert periods.before(_period("2026-10-01", "2026-10-31"), Compare.none) is None

    @settings(max_examples=200, deadline=None)
    @given(
        st.dates(date(1904, 1, 1), date(2190, 1, 1)),
        st.integers(1, periods.LONGEST),
        st.sampled_from([Compare.previous_period, Compare.previous_month, Compare.previous_year]),
    )
    def test_is_a_period_that_starts_earlier(
        self, start: date, days: int, compare: Compare
    ) -> None:
        asked = Period(start, start + periods.DAY * (days - 1))

        made = periods.before(asked, compare)

        assert made is not None
        assert made.days >= 1
        assert made.start < asked.start
        assert made.end < asked.end
        if compare is Compare.previous_period:
            assert (made.days, made.end + periods.DAY) == (asked.days, asked.start)


class TestBasis:
    @pytest.mark.parametrize(
        ("asked", "basis"),
        [
            (("2026-10-01", "2026-10-31"), "month"),
            (("2026-02-01", "2026-02-28"), "month"),
            (("2026-10-05", "2026-10-11"), "week"),
            (("2026-10-06", "2026-10-12"), None),
            (("2026-10-01", "2026-10-30"), None),
            (("2026-10-01", "2026-11-30"), None),
            (("2026-10-01", "2026-10-01"), None),
        ],
    )
    def test_is_the_reading_that_covers_it(self, asked: tuple[str, str], basis: str) -> None:
        assert _period(*asked).basis == basis
