"""Whole days on the wall's clock, also where it jumps."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from api.proof import live_days

MADRID, NEW_YORK = "Europe/Madrid", "America/New_York"
INSTANTS = st.integers(0, 10**9).map(
    lambda s: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
)
ZONES = st.sampled_from(
    [
        MADRID,
        NEW_YORK,
        "America/Mexico_City",
        "Asia/Kathmandu",
        "Pacific/Apia",
        "Australia/Lord_Howe",
        "UTC",
    ]
)
TICK = timedelta(microseconds=1)


def _at(zone: str, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone)).astimezone(UTC)  # type: ignore[misc,arg-type]


class TestEnd:
    def test_is_at_the_same_hour_after_the_clocks_went_forward(self) -> None:
        start = _at(MADRID, 2026, 3, 28, 18, 30)
        assert live_days.end(start, 1, MADRID) == _at(MADRID, 2026, 3, 29, 18, 30)
        assert live_days.end(start, 1, MADRID) - start == timedelta(hours=23)

    def test_is_at_the_same_hour_after_they_went_back(self) -> None:
        start = _at(MADRID, 2026, 10, 24, 18, 30)
        assert live_days.end(start, 1, MADRID) - start == timedelta(hours=25)

    def test_takes_the_hour_in_place_of_one_that_is_skipped(self) -> None:
        start = _at(MADRID, 2026, 3, 28, 2, 30)
        assert live_days.end(start, 1, MADRID) == _at(MADRID, 2026, 3, 29, 3, 30)

    def test_takes_the_later_of_an_hour_that_comes_twice(self) -> None:
        start = _at(MADRID, 2026, 10, 24, 2, 30)
        assert live_days.end(start, 1, MADRID) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


class TestCounted:
    @given(INSTANTS, st.integers(0, 400), ZONES)
    def test_is_full_at_the_end_and_not_before(self, start: datetime, days: int, zone: str) -> None:
        end = live_days.end(start, days, zone)
        assert live_days.counted(start, end, zone) == days
        if days:
            assert live_days.counted(start, end - TICK, zone) == days - 1

    @given(INSTANTS, INSTANTS, INSTANTS, ZONES)
    def test_never_falls(self, start: datetime, one: datetime, two: datetime, zone: str) -> None:
        sooner, later = sorted((one, two))
        if (later - start).days < 900:
            assert live_days.counted(start, sooner, zone) <= live_days.counted(start, later, zone)

    def test_is_nothing_before_it_appeared(self) -> None:
        start = _at(MADRID, 2026, 3, 28, 18, 30)
        assert live_days.counted(start, start - timedelta(days=3), MADRID) == 0
