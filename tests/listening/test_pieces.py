"""Which counts stand for a period: each day once, and as many of them as can be."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from api.listening.models import CountBasis
from api.listening.pieces import Piece, covering, days_in, in_common
from api.metrics.periods import Period

FIRST = date(2026, 9, 28)  # a Monday
DAYS = [FIRST + timedelta(days=n) for n in range(80)]
day = st.sampled_from(DAYS).map(lambda each: Piece(CountBasis.day, each))
week = st.sampled_from([d for d in DAYS if d.weekday() == 0]).map(
    lambda each: Piece(CountBasis.week, each)
)
month = st.sampled_from([d for d in DAYS if d.day == 1]).map(
    lambda each: Piece(CountBasis.month, each)
)
pieces = st.sets(day | week | month, max_size=40)
periods = st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)).map(
    lambda ends: Period(min(ends), max(ends))
)


class TestCovering:
    @given(pieces, periods)
    def test_takes_each_day_once_and_none_outside(self, counted: set[Piece], asked: Period) -> None:
        taken = covering(counted, asked)

        dates = [each for piece in taken for each in piece.dates()]
        assert len(set(dates)) == len(dates) == days_in(taken)
        assert set(dates) <= set(asked.dates())
        assert taken <= counted

    @given(pieces, periods)
    def test_leaves_out_nothing_that_has_room(self, counted: set[Piece], asked: Period) -> None:
        taken = covering(counted, asked)

        covered = {each for piece in taken for each in piece.dates()}
        for piece in counted - taken:
            inside = asked.start <= piece.start and piece.end <= asked.end
            assert not inside or not covered.isdisjoint(piece.dates())

    @given(periods)
    def test_prefers_days_where_all_were_counted(self, asked: Period) -> None:
        counted = {Piece(CountBasis.day, each) for each in asked.dates()}
        longer = {Piece(CountBasis.week, each) for each in DAYS if each.weekday() == 0}
        assert covering(counted | longer, asked) == counted

    def test_takes_a_month_before_its_weeks(self) -> None:
        october = Piece(CountBasis.month, date(2026, 10, 1))
        week_of_it = Piece(CountBasis.week, date(2026, 10, 5))
        asked = Period(date(2026, 10, 1), date(2026, 10, 31))
        assert covering({october, week_of_it}, asked) == {october}


class TestInCommon:
    @given(st.lists(pieces, min_size=1, max_size=4))
    def test_is_what_each_has(self, brands: list[set[Piece]]) -> None:
        common = in_common(brands)
        assert all(common <= each for each in brands)
        assert all(any(piece not in each for each in brands) for piece in brands[0] - common)
