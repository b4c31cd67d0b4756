"""How a client's community was answered: what is added, what is estimated, what is missing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tenants import clock
from tests.community.making import channel, items, read, sla, times, told, totals
from tests.factories import Staffed

MON, TUE = "2026-11-02", "2026-11-03"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(datetime(2026, 11, 22, 15, 0, tzinfo=UTC)):
        yield


def _value(rate: Any) -> tuple[Any, Any, Any]:
    return rate["value"], rate["numerator"], rate["denominator"]


class TestRates:
    def test_leave_out_spam(self, agency: Staffed) -> None:
        told(agency, {"day": MON, "items": items(8, 6, 100)}, {"day": TUE, "items": items(4, 3, 1)})

        found = totals(agency, MON, TUE)

        assert _value(found["response_rate"]) == (0.75, 9, 12)
        assert found["response_rate"]["complete"] is True
        assert found["moderated"]["value"] == 101

    def test_count_as_missed_what_is_late_and_not_what_is_open(self, agency: Staffed) -> None:
        told(agency, {"day": MON, "sla": sla(6, 1, running_missed=1, still_open=40)})

        found = totals(agency)

        assert _value(found["sla_attainment"]) == (0.75, 6, 8)
        assert found["sla_open"]["value"] == 40

    def test_say_nothing_of_nothing(self, agency: Staffed) -> None:
        told(agency, {"day": MON, "sla": sla(0, 0, 0, still_open=5), "items": items(0, 0)})

        found = totals(agency)

        for name in ("sla_attainment", "response_rate"):
            assert _value(found[name]) == (None, 0, 0)
            assert found[name]["missing_reason"] == "no_denominator"
        assert found["net_sentiment"]["missing_reason"] == "not_recorded"
        assert found["net_sentiment"]["quality"] == "missing"

    def test_hold_sentiment_against_all_that_was_judged(self, agency: Staffed) -> None:
        told(agency, {"day": MON, "sentiment": {"positive": 1, "neutral": 4, "negative": 3}})

        assert _value(totals(agency)["net_sentiment"]) == (-0.25, -2, 8)

    def test_say_what_is_not_whole(self, agency: Staffed) -> None:
        told(agency, {"day": MON, "items": items(8, 6), "source": "inbox"})
        told(agency, {"day": TUE, "items": items(2, 2, 1)})

        found = totals(agency)

        assert found["response_rate"]["complete"] is False  # five days were not told
        assert found["response_rate"]["quality"] == "manual"
        assert totals(agency, MON, MON)["answered"]["quality"] == "actual"
        assert totals(agency, MON, TUE)["moderated"]["complete"] is False
        assert totals(agency, "2099-12-01", "2099-12-02")["answered"]["missing_reason"] == "not_yet"


class TestResponseTimes:
    def test_estimate_a_median_over_days_from_buckets(self, agency: Staffed) -> None:
        # 4 within a minute, 4 within 1 to 5: half of all are there by the end of the first minute.
        monday = times([4, 0, 0, 0, 0, 0, 0], 100, median_seconds=10)
        tuesday = times([0, 4, 0, 0, 0, 0, 0], 500, median_seconds=130)
        told(agency, {"day": MON, "first_response": monday})
        told(agency, {"day": TUE, "first_response": tuesday})

        found = totals(agency, MON, TUE)["first_response"]

        assert (found["median"]["seconds"], found["median"]["basis"]) == (60, "days")
        assert found["median"]["quality"] == "estimated"
        # the rank of 7.2 of 8 is 3.2 of the 4 in 60 to 300 seconds
        assert found["p90"]["seconds"] == 60 + 240 * 32 // 40
        assert (found["sample_size"]["value"], found["sum_seconds"]["value"]) == (8, 600)
        assert found["mean_seconds"] == 75

    def test_show_a_days_own_as_given(self, agency: Staffed) -> None:
        own = times([4, 0, 0, 0, 0, 0, 0], 100, median_seconds=10)
        told(agency, {"day": MON, "first_response": own, "source": "inbox"})

        found = totals(agency, MON, MON)["first_response"]

        assert (found["median"]["seconds"], found["median"]["basis"]) == (10, "given")
        assert found["median"]["quality"] == "actual"
        assert found["p90"]["quality"] == "estimated"

    def test_never_average_medians(self, agency: Staffed) -> None:
        for day in (MON, TUE):
            given = {"sample_size": 2, "sum_seconds": 20, "median_seconds": 10}
            told(agency, {"day": day, "first_response": given})

        found = totals(agency, MON, TUE)["first_response"]

        assert found["median"]["seconds"] is None
        assert found["median"]["missing_reason"] == "not_additive"
        assert found["mean_seconds"] == 10

    def test_say_that_it_may_be_longer_than_a_day(self, agency: Staffed) -> None:
        told(agency, {"day": MON, "first_response": times([1, 0, 0, 0, 0, 0, 3], 400_000)})

        found = totals(agency, MON, MON)["first_response"]["median"]

        assert (found["seconds"], found["at_least"]) == (86_400, True)

    def test_keep_business_hours_apart(self, agency: Staffed) -> None:
        told(agency, {"day": MON, "first_response_business": times([2] + [0] * 6, 60)})

        found = totals(agency)

        assert found["first_response_business"]["median"]["seconds"] == 30
        assert found["first_response"]["median"]["missing_reason"] == "not_recorded"
        assert found["first_response"]["sample_size"]["value"] is None

    def test_say_nothing_of_no_response(self, agency: Staffed) -> None:
        told(agency, {"day": MON, "first_response": {"sample_size": 0, "sum_seconds": 0}})

        found = totals(agency)["first_response"]

        assert found["mean_seconds"] is None
        assert found["median"]["missing_reason"] == "no_denominator"


class TestChannels:
    def test_add_up_where_nobody_told_of_all(self, agency: Staffed) -> None:
        one, two = channel(agency, "one"), channel(agency, "two")
        told(
            agency,
            {"day": MON, "channel_id": one, "messages": {"comment": 5, "review": 1}},
            {"day": MON, "channel_id": two, "messages": {"comment": 7}},
            {"day": TUE, "channel_id": one, "messages": {"comment": 100}},
            {"day": TUE, "messages": {"comment": 20}},
        )

        found = read(agency, MON, TUE)

        assert found["totals"]["messages"]["comment"]["value"] == 32
        assert found["totals"]["messages"]["comment"]["complete"] is True
        assert found["totals"]["messages"]["review"]["value"] == 1
        assert found["totals"]["messages"]["review"]["complete"] is False
        by_handle = {each["handle"]: each["messages"] for each in found["channels"]}
        assert by_handle["one"]["comment"]["value"] == 105
        assert by_handle["two"]["comment"] == {
            "value": 7,
            "quality": "manual",
            "basis": "days",
            "missing_reason": None,
            "complete": False,
        }

    def test_are_not_whole_when_one_of_them_is_silent(self, agency: Staffed) -> None:
        one, two = channel(agency, "one"), channel(agency, "two")
        told(
            agency,
            {"day": MON, "channel_id": one, "messages": {"comment": 5}},
            {"day": TUE, "channel_id": one, "messages": {"comment": 5}},
            {"day": TUE, "channel_id": two, "messages": {"comment": 7}},
        )

        comments = totals(agency, MON, TUE)["messages"]["comment"]

        assert (comments["value"], comments["complete"]) == (17, False)


class TestWhoReads:
    def test_is_the_agencys_staff(self, agency: Staffed) -> None:
        path = f"/v1/clients/{agency.client_id}/community"
        asked = {"from": MON, "to": TUE}

        assert agency.executive.get(path, params=asked).status_code == 200
        assert agency.viewer.get(path, params=asked).status_code == 403
        assert agency.other_executive.get(path, params=asked).status_code == 404

    @pytest.mark.parametrize(
        ("asked", "code"),
        [
            ({"from": TUE, "to": MON}, "period_ends_before_it_starts"),
            ({"from": "2020-01-01", "to": TUE}, "period_too_long"),
            ({"from": MON}, "invalid_request"),
        ],
    )
    def test_asks_for_days(self, agency: Staffed, asked: dict[str, str], code: str) -> None:
        path = f"/v1/clients/{agency.client_id}/community"
        answer = agency.executive.get(path, params=asked)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
