"""Where a target should stand by a day, and how it does."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.metrics.kpis import Direction, KpiId
from api.metrics.targets import progress
from api.metrics.targets.progress import Aim, Course, TargetState

MANY = settings(max_examples=200, deadline=None)
AMOUNTS = st.integers(-(10**12), 10**12).map(Fraction)
STARTS = st.dates(date(1990, 1, 1), date(2150, 1, 1))
RANK = {TargetState.off_track: 0, TargetState.at_risk: 1, TargetState.on_track: 2}
OCTOBER = Aim(Course.accrues, Direction.up, Fraction(3_100), date(2026, 10, 1), date(2026, 10, 31))


@st.composite
def aims(draw: st.DrawFn) -> Aim:
    start = draw(STARTS)
    return Aim(
        draw(st.sampled_from(list(Course))),
        draw(st.sampled_from(list(Direction))),
        draw(AMOUNTS),
        start,
        start + timedelta(days=draw(st.integers(0, 800))),
        draw(st.none() | AMOUNTS),
    )


def _day(aim: Aim, part: float) -> date:
    """A day of the period."""
    return aim.starts_on + timedelta(days=int(part * (aim.days - 1)))


PARTS = st.floats(0, 1)


class TestExpected:
    def test_of_a_count_is_its_part_of_the_days(self) -> None:
        assert progress.expected(OCTOBER, date(2026, 10, 10)) == 1_000

    def test_of_a_level_starts_at_its_baseline(self) -> None:
        aim = replace(OCTOBER, course=Course.climbs, baseline=Fraction(1_550))

        assert progress.expected(aim, date(2026, 10, 16)) == 1_550 + Fraction(1_550 * 16, 31)
        assert progress.expected(replace(aim, baseline=None), date(2026, 10, 16)) is None

    def test_of_a_rate_is_the_target_on_any_day(self) -> None:
        aim = replace(OCTOBER, course=Course.holds, target=Fraction(45, 1000))

        days = {progress.expected(aim, OCTOBER.starts_on + timedelta(n)) for n in range(31)}

        assert days == {Fraction(45, 1000)}

    @MANY
    @given(aims())
    def test_of_all_days_adds_up_to_the_target(self, aim: Aim) -> None:
        start = aim.baseline if aim.course is Course.climbs else Fraction(0)
        days = [aim.starts_on + timedelta(days=n) for n in range(-1, aim.days)]
        due = [progress.expected(aim, day) for day in days]

        if aim.course is Course.holds:
            assert set(due) == {aim.target}
        elif start is not None:
            known = [each for each in due if each is not None]
            shares = [after - before for before, after in zip(known, known[1:], strict=False)]
            assert start + sum(shares, Fraction()) == aim.target == known[-1]
            assert len(set(shares)) == 1

    @MANY
    @given(aims(), PARTS, PARTS)
    def test_moves_one_way_only(self, aim: Aim, one: float, other: float) -> None:
        earlier, later = sorted((_day(aim, one), _day(aim, other)))
        before, after = progress.expected(aim, earlier), progress.expected(aim, later)

        if before is not None and after is not None and aim.course is not Course.holds:
            start = aim.baseline if aim.course is Course.climbs else Fraction(0)
            rises = aim.target >= (start or Fraction(0))
            assert before <= after if rises else before >= after


class TestStanding:
    @pytest.mark.parametrize(
        ("figure", "state", "behind"),
        [
            (1_000, "on_track", "0"),
            (2_000, "on_track", "0"),
            (950, "on_track", "0.05"),
            (949, "at_risk", "0.051"),
            (850, "at_risk", "0.15"),
            (849, "off_track", "0.151"),
            (0, "off_track", "1"),
        ],
    )
    def test_is_by_how_far_it_is_behind(self, figure: int, state: str, behind: str) -> None:
        made = progress.standing(OCTOBER, Fraction(figure), date(2026, 10, 10))

        assert (made.state, made.behind, made.elapsed) == (state, Fraction(behind), 10)

    def test_of_a_cost_is_never_a_hundred_and_fifty_eight_percent(self) -> None:
        aim = replace(OCTOBER, course=Course.holds, direction=Direction.down, target=Fraction(100))

        worse = progress.standing(aim, Fraction(158), date(2026, 10, 10))
        better = progress.standing(aim, Fraction(42), date(2026, 10, 10))

        assert (worse.state, worse.behind) == (TargetState.off_track, Fraction(58, 100))
        assert (better.state, better.behind) == (TargetState.on_track, Fraction(0))

    def test_of_a_level_is_of_the_climb(self) -> None:
        aim = replace(
            OCTOBER, course=Course.climbs, target=Fraction(13_100), baseline=Fraction(10_000)
        )

        made = progress.standing(aim, Fraction(10_500), date(2026, 10, 10))

        assert (made.expected, made.behind) == (Fraction(11_000), Fraction(1, 2))
        assert made.state is TargetState.off_track

    @pytest.mark.parametrize(
        ("day", "state"),
        [("2026-09-30", "not_yet"), ("2026-10-31", "off_track"), ("2027-01-01", "off_track")],
    )
    def test_counts_the_whole_target_in_the_end(self, day: str, state: str) -> None:
        made = progress.standing(OCTOBER, Fraction(3_099), date.fromisoformat(day))

        assert made.state == state

    def test_without_a_figure_is_unknown(self) -> None:
        assert progress.standing(OCTOBER, None, date(2026, 10, 10)).state is TargetState.unknown

    def test_against_nothing_needs_no_share(self) -> None:
        none = replace(OCTOBER, direction=Direction.down, target=Fraction(0))

        made = progress.standing(none, Fraction(1), date(2026, 10, 10))

        assert (made.state, made.behind) == (TargetState.off_track, None)

    @MANY
    @given(aims(), AMOUNTS, AMOUNTS, PARTS)
    def test_gets_no_worse_with_a_better_figure(
        self, aim: Aim, one: Fraction, other: Fraction, part: float
    ) -> None:
        worse, better = sorted((one, other), reverse=aim.direction is Direction.down)
        states = [progress.standing(aim, each, _day(aim, part)) for each in (worse, better)]

        if states[0].state is not TargetState.unknown:
            assert RANK[states[0].state] <= RANK[states[1].state]

    @MANY
    @given(aims(), AMOUNTS, PARTS)
    def test_is_the_same_in_the_mirror(self, aim: Aim, figure: Fraction, part: float) -> None:
        mirrored = replace(
            aim,
            direction=Direction.down if aim.direction is Direction.up else Direction.up,
            target=-aim.target,
            baseline=None if aim.baseline is None else -aim.baseline,
        )
        day = _day(aim, part)

        one = progress.standing(aim, figure, day)
        other = progress.standing(mirrored, -figure, day)

        assert (one.state, one.behind) == (other.state, other.behind)

    @MANY
    @given(aims(), AMOUNTS, st.integers(-30, 900))
    def test_says_what_it_compared(self, aim: Aim, figure: Fraction, offset: int) -> None:
        made = progress.standing(aim, figure, aim.starts_on + timedelta(days=offset))

        assert (made.state is TargetState.not_yet) == (offset < 0) == (made.elapsed == 0)
        assert made.behind is None or made.behind >= 0
        if made.behind is not None:
            assert (made.state is TargetState.on_track) == (made.behind <= made.on_track_within)
        if made.expected is not None and made.elapsed:
            exactly = progress.standing(aim, made.expected, aim.starts_on + timedelta(offset))
            assert exactly.state is TargetState.on_track


class TestCourse:
    def test_follows_the_unit(self) -> None:
        courses = {kpi: progress.course_of(kpi) for kpi in KpiId}

        assert courses[KpiId.views] is courses[KpiId.spend] is Course.accrues
        assert courses[KpiId.followers] is Course.climbs
        assert courses[KpiId.followers_net] is Course.accrues
        assert courses[KpiId.cpa] is courses[KpiId.er_views] is Course.holds
        assert courses[KpiId.first_response_median] is Course.holds
