"""Telling community figures: once, however often, and the newest word counts."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, text

from api.community import figures
from api.community.shapes import CommunityFigureWrite
from tenants import auth, clock, database
from tests.community.making import channel, items, sla, tell, times, told, totals
from tests.factories import Staffed, events_of

DAY = {"day": "2026-11-03"}
NOON, EVENING = "2026-11-03T12:00:00Z", "2026-11-03T20:00:00Z"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(datetime(2026, 11, 22, 15, 0, tzinfo=UTC)):
        yield


def _refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


class TestTellFigures:
    def test_keeps_a_batch_once(self, agency: Staffed) -> None:
        batch = [
            {**DAY, "items": items(10, 8)},
            {"day": "2026-11-04", "items": items(4, 4), "captured_at": EVENING},
        ]

        first, second = told(agency, *batch), told(agency, *batch)

        assert first == {"received": 2, "stored": 2, "unchanged": 0}
        assert second == {"received": 2, "stored": 0, "unchanged": 2}
        assert totals(agency)["answered"]["value"] == 12
        assert events_of(agency, agency.client_id) == ["community_figures.recorded"]

    def test_takes_the_newest_word_of_each_group(self, agency: Staffed) -> None:
        told(agency, {**DAY, "items": items(10, 9), "captured_at": EVENING})
        told(agency, {**DAY, "items": items(10, 1), "sla": sla(3, 1), "captured_at": NOON})

        found = totals(agency)

        assert found["answered"]["value"] == 9  # what was said later, though it came first
        assert found["sla_attainment"]["numerator"] == 3  # nobody said anything later

    def test_takes_what_has_no_instant_as_the_newest(self, agency: Staffed) -> None:
        told(agency, {**DAY, "items": items(10, 9), "captured_at": EVENING})
        told(agency, {**DAY, "items": items(10, 2)})
        assert totals(agency)["answered"]["value"] == 2
        told(agency, {**DAY, "items": items(10, 3), "source": "inbox"})
        told(agency, {**DAY, "items": items(10, 2)})  # said before, and gainsaid since
        assert totals(agency)["answered"]["value"] == 2

    def test_refuses_two_words_of_one_instant_whole(self, agency: Staffed) -> None:
        told(agency, {**DAY, "items": items(10, 9), "captured_at": EVENING})

        answer = tell(
            agency.community,
            agency,
            {"day": "2026-11-04", "items": items(1, 1)},
            {**DAY, "items": items(10, 8), "captured_at": EVENING},
        )

        assert _refusal(answer) == (409, "fact_differs")
        assert answer.json()["errors"][0]["pointer"] == "/figures/1"
        assert totals(agency)["answered"]["value"] == 9  # nothing of the batch was kept

    def test_waits_for_whoever_tells_of_the_same_client(
        self, agency: Staffed, owner: Engine
    ) -> None:
        figure = {**DAY, "items": items(5, 5)}
        with ThreadPoolExecutor(1) as pool:
            with database.agency_session(auth.system(agency.agency_id)) as session:
                one = CommunityFigureWrite.model_validate(figure)
                figures.record(session, agency.client_id, [one])
                second = pool.submit(tell, agency.community, agency, figure)
                _until_somebody_waits(owner)
                assert not second.done()
            assert second.result().json() == {"received": 1, "stored": 0, "unchanged": 1}


def _until_somebody_waits(owner: Engine) -> None:
    """Until a row is asked for that another transaction holds."""
    waiting = text(
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and wait_event_type = 'Lock'"
    )
    for _ in range(5_000):
        with owner.connect() as connection:
            if connection.execute(waiting).scalar_one():
                return
    raise AssertionError("nobody waits")


class TestRefusals:
    @pytest.mark.parametrize(
        ("figure", "code"),
        [
            ({}, "tells_nothing"),
            ({"messages": {}}, "too_short"),
            ({"messages": {"fax": 1}}, "enum"),
            ({"items": items(1, 2)}, "does_not_add_up"),
            ({"items": items(1, -1)}, "greater_than_equal"),
            ({"items": {"answered": 1}}, "missing"),
            ({"sla": {"hit": 1.5}}, "int_type"),
            ({"first_response": times([1] * 7, 0)}, "does_not_add_up"),
            ({"first_response": times([2, 0, 0, 0, 0, 0, 0], 121)}, "does_not_add_up"),
            ({"first_response": {**times([1] + [0] * 6, 9), "sample_size": 2}}, "does_not_add_up"),
            ({"first_response": times([0] * 7, 0, median_seconds=1)}, "does_not_add_up"),
            (
                {"first_response": times([9] + [0] * 6, 9, median_seconds=9, p90_seconds=8)},
                "does_not_add_up",
            ),
            ({"items": items(1, 1), "source": "My Tool"}, "string_pattern_mismatch"),
            ({"items": items(1, 1), "captured_at": "2026-11-03T12:00:00"}, "timezone_aware"),
        ],
    )
    def test_point_at_what_makes_no_sense(
        self, agency: Staffed, figure: dict[str, Any], code: str
    ) -> None:
        answer = tell(agency.community, agency, {**DAY, **figure})

        assert _refusal(answer) == (422, "invalid_request")
        assert code in {each["code"] for each in answer.json()["errors"]}

    def test_leave_out_days_to_come(self, agency: Staffed) -> None:
        with clock.at(datetime(2026, 11, 22, 23, 30, tzinfo=UTC)):  # the 23rd in Madrid
            told(agency, {"day": "2026-11-23", "items": items(1, 1)})
            tomorrow = tell(agency.community, agency, {"day": "2026-11-24", "items": items(1, 1)})
        later = {**DAY, "items": items(1, 1), "captured_at": "2026-11-24T00:00:00Z"}

        assert _refusal(tomorrow) == (422, "fact_from_the_future")
        assert tomorrow.json()["errors"][0]["pointer"] == "/figures/0/day"
        assert _refusal(tell(agency.community, agency, later)) == (422, "fact_from_the_future")

    def test_hold_channels_to_their_client(self, agency: Staffed) -> None:
        mine = channel(agency)
        other = {"client_id": str(agency.other_client_id), "network": "x", "handle": "b"}
        theirs = agency.owner.post("/v1/channels", {**other, "name": "b"}).json()["id"]
        figure = {**DAY, "items": items(1, 1)}

        assert tell(agency.owner, agency, {**figure, "channel_id": mine}).status_code == 200
        answer = tell(agency.owner, agency, {**figure, "channel_id": theirs})

        assert _refusal(answer) == (404, "not_found")

    @pytest.mark.parametrize(
        ("person", "status"), [("executive", 403), ("viewer", 403), ("other_executive", 404)]
    )
    def test_meet_who_may_not(self, agency: Staffed, person: str, status: int) -> None:
        answer = tell(agency.people[person], agency, {**DAY, "items": items(1, 1)})
        assert answer.status_code in (status, 403)
        assert totals(agency)["answered"]["value"] is None
