"""Telling how often brands were named: once, under the version that was asked."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tenants import clock
from tests.factories import Staffed, events_of
from tests.listening.making import (
    TOPICS,
    competitor,
    count,
    counted,
    done,
    named,
    refused,
    topic,
    voice,
)

MON, TUE = "2026-11-02", "2026-11-03"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(datetime(2026, 11, 22, 15, 0, tzinfo=UTC)):
        yield


class TestTellCounts:
    def test_keeps_a_batch_once(self, agency: Staffed) -> None:
        rival = competitor(agency)
        made = topic(agency, rival)
        batch = [named(MON, 5), named(MON, 5, rival, captured_at="2026-11-03T08:00:00Z")]

        first, second = (counted(agency, made["id"], *batch) for _ in range(2))

        assert first == {"received": 2, "stored": 2, "unchanged": 0}
        assert second == {"received": 2, "stored": 0, "unchanged": 2}
        assert events_of(agency, made["id"])[1:] == ["mention_counts.recorded"]

    def test_takes_the_newest_word_of_a_brand(self, agency: Staffed) -> None:
        rival = competitor(agency)
        made = topic(agency, rival)
        old = named(MON, 1, captured_at="2026-11-03T00:00:00Z")
        counted(agency, made["id"], named(MON, 5, rival), named(MON, 5))
        counted(agency, made["id"], named(MON, 7), old)

        assert [each["mentions"]["value"] for each in _brands(agency)] == [7, 5]

    def test_keeps_the_version_it_was_counted_under(self, agency: Staffed) -> None:
        rival = competitor(agency)
        made = topic(agency, rival)
        done(agency.community.patch(f"{TOPICS}/{made['id']}", {"keywords": ["aurora"]}))
        counted(agency, made["id"], named(MON, 3), named(MON, 1, rival), number=1)

        found = voice(agency)[0]

        assert found["several_versions"] is False
        assert [(each["number"], each["sov"]["value"]) for each in found["versions"]] == [(1, 0.75)]
        missing = count(agency.community, made["id"], named(MON, 3), number=3)
        assert refused(missing) == (404, "not_found")

    @pytest.mark.parametrize(
        ("said", "code"),
        [
            ({"mentions": None}, "tells_nothing"),
            ({"mentions": -1}, "greater_than_equal"),
            ({"basis": "week", "period_start": TUE}, "not_a_period_start"),
            ({"basis": "month", "period_start": TUE}, "not_a_period_start"),
            ({"basis": "year"}, "enum"),
            ({"sentiment": {"positive": 4, "neutral": 1, "negative": 1}}, "does_not_add_up"),
            ({"sentiment": {"positive": 4}}, "missing"),
        ],
    )
    def test_refuses_what_makes_no_sense(
        self, agency: Staffed, said: dict[str, Any], code: str
    ) -> None:
        made = topic(agency, competitor(agency))

        answer = count(agency.community, made["id"], named(MON, 5) | said)

        assert refused(answer) == (422, "invalid_request")
        assert code in {each["code"] for each in answer.json()["errors"]}

    def test_refuses_whole_what_is_outside_the_universe(self, agency: Staffed) -> None:
        made = topic(agency, competitor(agency))
        other = competitor(agency, "Tostadero")

        answer = count(agency.community, made["id"], named(MON, 5), named(MON, 5, other))

        assert refused(answer) == (422, "brand_outside_universe")
        assert answer.json()["errors"][0]["pointer"] == "/counts/1/competitor_id"
        assert _brands(agency)[0]["mentions"]["value"] is None

    def test_refuses_what_is_to_come_or_gainsays(self, agency: Staffed) -> None:
        made = topic(agency, competitor(agency))
        dated = {"captured_at": "2026-11-03T08:00:00Z"}
        counted(agency, made["id"], named(MON, 5, **dated))

        future = count(agency.community, made["id"], named("2026-11-23", 5))
        other = count(agency.community, made["id"], named(MON, 6, **dated))

        assert refused(future) == (422, "fact_from_the_future")
        assert refused(other) == (409, "fact_differs")

    @pytest.mark.parametrize(
        ("person", "status"), [("executive", 403), ("viewer", 403), ("other_executive", 403)]
    )
    def test_is_not_for_everybody(self, agency: Staffed, person: str, status: int) -> None:
        made = topic(agency, competitor(agency))
        answer = count(agency.people[person], made["id"], named(MON, 5))
        assert answer.status_code == status
        assert _brands(agency)[0]["mentions"]["value"] is None


def _brands(agency: Staffed) -> list[Any]:
    return list(voice(agency, MON, MON)[0]["versions"][0]["brands"])
