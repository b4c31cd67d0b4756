"""What is known after any readings in any order is what the newest word of each metric says."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import Staffed
from tests.metrics.made import channel_of, counts, current, reading, record, stored

START = datetime(2026, 10, 2, tzinfo=UTC)
METRICS = ("views", "likes", "spend_minor")
SAID = st.one_of(st.integers(0, 3), st.sampled_from(["not_offered", "not_yet"]))


class Told(NamedTuple):
    """A reading: metric → value, or the reason why there is none."""

    source: str
    captured_at: datetime | None
    currency: str
    said: dict[str, int | str]

    def body(self, channel: str) -> dict[str, Any]:
        values: dict[str, Any] = {
            name: said for name, said in self.said.items() if isinstance(said, int)
        }
        missing = {name: said for name, said in self.said.items() if isinstance(said, str)}
        made = reading(
            channel, source=self.source, currency=self.currency, missing=missing, **values
        )
        at = {"captured_at": self.captured_at.isoformat()} if self.captured_at else {}
        return made | at


DATED = st.builds(
    Told,
    st.sampled_from(["api", "manual", "null"]),
    st.integers(0, 3).map(lambda hours: START + timedelta(hours=hours)),
    st.sampled_from(["EUR", "USD"]),
    st.dictionaries(st.sampled_from(METRICS), SAID, min_size=1),
)
SLOWLY = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def newest(readings: list[Told]) -> dict[str, tuple[int | str, str, str]]:
    """The newest word of each metric, its source and its currency, one reading after the other."""
    known: dict[str, tuple[tuple[datetime, str], tuple[int | str, str, str]]] = {}
    for told in readings:
        assert told.captured_at
        age = (told.captured_at, told.source)
        for metric, said in told.said.items():
            money = metric.endswith("_minor") and isinstance(said, int)
            word = (said, told.source, told.currency if money else "")
            if metric not in known or age > known[metric][0]:
                known[metric] = (age, word)
    return {metric: word for metric, (_, word) in known.items()}


def found(agency: Staffed, channel: str) -> dict[str, tuple[int | str, str, str]]:
    """The same, read off the current row."""
    row = current(agency, channel)
    words = {}
    for metric in METRICS:
        said = row["missing"].get(metric) if row[metric] is None else row[metric]
        if said is not None:
            source = row["held"].get(metric, [None, row["source"]])[1]
            money = metric.endswith("_minor") and row[metric] is not None
            words[metric] = (said, source, row["spend_currency"] if money else "")
    return words


class TestNewest:
    @SLOWLY
    @given(st.lists(DATED, min_size=1, max_size=8, unique_by=lambda told: told[:2]), st.randoms())
    def test_depends_on_no_order_and_no_batch(
        self, agency: Staffed, readings: list[Told], dice: random.Random
    ) -> None:
        one, other = channel_of(agency), channel_of(agency)
        for told in readings:
            assert counts(record(agency, told.body(one))) == (1, 0, 0)
        dice.shuffle(readings)
        cut = dice.randint(0, len(readings))
        for batch in (readings[:cut], readings[cut:]):
            if batch:
                taken = record(agency, *(told.body(other) for told in batch))
                assert counts(taken) == (len(batch), 0, 0)
        again = record(agency, *(told.body(other) for told in readings))

        assert counts(again) == (0, len(readings), 0)
        assert found(agency, one) == found(agency, other) == newest(readings)
        assert current(agency, one)["held"] == current(agency, other)["held"]
        assert stored(agency, one) == stored(agency, other) == len(readings)

    @SLOWLY
    @given(st.lists(DATED.map(lambda told: told._replace(captured_at=None)), max_size=8))
    def test_undated_ones_are_heard_as_they_come(
        self, agency: Staffed, readings: list[Told]
    ) -> None:
        channel = channel_of(agency)
        heard: list[Told] = []
        for number, told in enumerate(readings):
            before = found(agency, channel) if heard else {}
            now = told._replace(captured_at=START + timedelta(hours=number))
            fresh = any(word != before.get(name) for name, word in newest([now]).items())
            heard.append(now)

            assert counts(record(agency, told.body(channel))) == (int(fresh), int(not fresh), 0)
            assert found(agency, channel) == newest(heard)
