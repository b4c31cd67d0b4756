"""Merging readings is a join: order and repetition change nothing."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from api.metrics import newest
from api.metrics.newest import Known, Said

START = datetime(2026, 10, 1, tzinfo=UTC)
SAID = st.one_of(
    st.integers(0, 3).map(lambda value: Said(value)), st.just(Said(None, "not_offered"))
)
READINGS = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from(["views", "likes", "reach"]), SAID, min_size=1),
        st.integers(0, 3).map(lambda hours: START + timedelta(hours=hours)),
        st.sampled_from(["api", "manual"]),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda told: told[1:],
)


def _merged(readings: list[tuple[dict[str, Said], datetime, str]]) -> Known:
    known: Known = {}
    for said, captured_at, source in readings:
        known = newest.merge(known, said, captured_at, source)
    return known


class TestMerge:
    @settings(max_examples=100, deadline=None)
    @given(READINGS, st.randoms())
    def test_does_not_depend_on_the_order(self, readings: list, random: object) -> None:  # type: ignore[type-arg]
        shuffled = [*readings, *readings[:3]]
        random.shuffle(shuffled)  # type: ignore[attr-defined]

        assert _merged(shuffled) == _merged(readings)

    @settings(max_examples=100, deadline=None)
    @given(READINGS)
    def test_survives_being_stored(self, readings: list) -> None:  # type: ignore[type-arg]
        known = _merged(readings)

        assert newest.read_known(newest.write_known(known)) == known
