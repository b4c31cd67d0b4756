"""What is known of a metric: the newest word about it, whoever said it and in which order."""

import random
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from api.metrics.readings.readings import MOST_OF_A_PERIOD
from tenants import clock
from tests.factories import Staffed
from tests.metrics.made import channel_of, counts, current, fault_of, reading, record, stored


class TestNewestWord:
    def test_is_the_same_whatever_the_order(self, agency: Staffed) -> None:
        said: list[dict[str, Any]] = [
            {"captured_at": "2026-10-02T06:00:00Z", "views": 10, "likes": 1, "source": "api"},
            {"captured_at": "2026-10-05T06:00:00Z", "views": 12, "source": "api"},
            {"captured_at": "2026-10-05T06:00:00Z", "views": 13, "source": "manual"},
            {
                "captured_at": "2026-10-04T06:00:00Z",
                "likes": 4,
                "missing": {"saves": "not_offered"},
                "source": "api",
            },
        ]
        ends = []
        for order in permutations(said):
            channel = channel_of(agency)
            for values in order:
                assert counts(record(agency, reading(channel, **values))) == (1, 0, 0)
            assert counts(record(agency, *(reading(channel, **each) for each in order))) == (
                0,
                4,
                0,
            )
            row = dict(current(agency, channel))
            del row["subject_id"]
            ends.append(row)
            assert stored(agency, channel) == 4

        assert all(row == ends[0] for row in ends)
        # The tie of 5 October goes to the later source by name; likes keep the 4th's word.
        assert (ends[0]["views"], ends[0]["likes"], ends[0]["saves"]) == (13, 4, None)
        assert ends[0]["missing"] == {"saves": "not_offered"}
        assert ends[0]["held"]["likes"][1] == "api"

    def test_comes_out_the_same_from_one_batch(self, agency: Staffed) -> None:
        one, two = channel_of(agency), channel_of(agency)
        said: list[dict[str, Any]] = [
            {"captured_at": f"2026-10-{day:02}T06:00:00Z", "views": day, "source": "api"}
            for day in range(2, 9)
        ]
        for values in reversed(said):
            record(agency, reading(one, **values))

        assert counts(record(agency, *(reading(two, **values) for values in said))) == (7, 0, 0)
        assert current(agency, one)["views"] == current(agency, two)["views"] == 8

    def test_without_an_instant_is_a_correction(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        record(agency, reading(channel, views=10, likes=3))

        corrected = record(agency, reading(channel, views=12))
        back = record(agency, reading(channel, views=10))

        assert counts(corrected) == counts(back) == (1, 0, 0)
        row = current(agency, channel)
        assert (row["views"], row["likes"]) == (10, 3)
        assert stored(agency, channel) == 3

    def test_without_an_instant_beats_a_source_with_a_fast_clock(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        ahead = (clock.now() + timedelta(minutes=4)).isoformat()
        record(agency, reading(channel, views=10, source="zeta", captured_at=ahead))

        record(agency, reading(channel, views=12, source="alpha"))

        assert current(agency, channel)["views"] == 12

    def test_can_take_a_figure_back(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        record(agency, reading(channel, views=10))

        record(agency, reading(channel, missing={"views": "source_error"}))

        row = current(agency, channel)
        assert (row["views"], row["missing"]) == (None, {"views": "source_error"})

    def test_never_says_two_things_of_one_instant(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        named = {"captured_at": "2026-10-02T06:00:00Z", "source": "api"}
        record(agency, reading(channel, views=10, likes=1, **named))

        differs = record(agency, reading(channel, views=11, **named))
        part = record(agency, reading(channel, views=10, **named))
        batch = record(
            agency,
            reading(channel, "2026-10-02", views=1),
            reading(channel, "2026-10-02", views=2),
            reading(channel, "2026-10-02", views=1, likes=5),
        )

        assert fault_of(differs) == (1, "", "reading_differs")
        assert counts(part) == (0, 1, 0)
        assert counts(batch) == (2, 0, 1)
        assert fault_of(batch) == (2, "", "reading_repeated")
        row = current(agency, channel, "2026-10-02")
        assert (row["views"], row["likes"]) == (1, 5)

    @pytest.mark.parametrize("captured_at", [None, "2026-10-02T06:00:00Z"])
    @pytest.mark.parametrize(
        "other", [{"currency": "USD"}, {"missing": {"views": "not_yet"}}], ids=["money", "reason"]
    )
    def test_is_all_that_was_said(
        self, agency: Staffed, captured_at: str | None, other: dict[str, Any]
    ) -> None:
        channel = channel_of(agency)
        said: dict[str, Any] = {
            "currency": "EUR",
            "missing": {"views": "not_offered"},
            "spend_minor": 5,
        }
        named: dict[str, Any] = {"captured_at": captured_at, "source": "api"}
        assert counts(record(agency, reading(channel, **said, **named))) == (1, 0, 0)

        told = record(agency, reading(channel, **(said | other), **named))

        if captured_at:
            assert fault_of(told) == (1, "", "reading_differs")
        else:
            assert counts(told) == (1, 0, 0)
        row = current(agency, channel)
        expected = said if captured_at else said | other
        assert (row["spend_currency"], row["missing"]) == (
            expected["currency"],
            expected["missing"],
        )

    def test_has_a_currency_while_it_is_a_number(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        record(agency, reading(channel, spend_minor=5, revenue_minor=6))

        told = reading(channel, revenue_minor=7, missing={"spend_minor": "not_yet"})
        assert counts(record(agency, told)) == (1, 0, 0)

        row = current(agency, channel)
        assert (row["spend_currency"], row["revenue_currency"]) == (None, "EUR")

    def test_is_in_one_currency(self, agency: Staffed) -> None:
        channel = channel_of(agency)

        batch = record(
            agency,
            reading(channel, spend_minor=5, currency="EUR"),
            reading(channel, revenue_minor=7, currency="USD"),
            reading(channel, revenue_minor=7, currency="EUR"),
        )

        assert counts(batch) == (2, 0, 1)
        assert fault_of(batch) == (2, "", "reading_repeated")
        row = current(agency, channel)
        assert (row["spend_currency"], row["revenue_currency"]) == ("EUR", "EUR")

    def test_of_a_period_comes_from_so_many_readings_of_a_batch(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        batch = [
            reading(
                channel,
                views=number,
                captured_at=f"2026-10-02T{number // 60:02}:{number % 60:02}:00Z",
            )
            for number in range(MOST_OF_A_PERIOD + 1)
        ]
        random.shuffle(batch)

        answer = record(agency, *batch, reading(channel, "2026-10-02", views=1))

        assert counts(answer) == (MOST_OF_A_PERIOD + 1, 0, 1)
        row, _, code = fault_of(answer)
        assert (batch[row - 1]["views"], code) == (MOST_OF_A_PERIOD, "period_told_too_often")
        assert current(agency, channel)["views"] == MOST_OF_A_PERIOD - 1

    def test_brings_its_own_currency(self, agency: Staffed) -> None:
        channel = channel_of(agency)

        record(agency, reading(channel, spend_minor=100, currency="USD"))
        record(agency, reading(channel, revenue_minor=-500))

        row = current(agency, channel)
        assert (row["spend_currency"], row["revenue_currency"]) == ("USD", "EUR")
        assert row["revenue_minor"] == -500
