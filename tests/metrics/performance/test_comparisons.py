"""Figures against the past and against targets, through the API."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tenants import clock
from tests.factories import Staffed
from tests.metrics.made import channel_of, performance, reading, record, target_of

NOVEMBER = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_november() -> Iterator[None]:
    with clock.at(NOVEMBER):
        yield


def _record(agency: Staffed, channel: str, start: str, days: int, **values: Any) -> None:
    first = date.fromisoformat(start)
    readings = [reading(channel, (first + timedelta(n)).isoformat(), **values) for n in range(days)]
    assert record(agency, *readings).status_code == 200


def _read(agency: Staffed, **query: str) -> Any:
    answer = performance(agency, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _kpi(read: Any, name: str) -> Any:
    return next(kpi for kpi in read["kpis"] if kpi["id"] == name)


FEBRUARY = {"from": "2026-03-01", "to": "2026-03-31", "compare": "previous_month"}


class TestLengths:
    def test_are_said_in_days_and_in_words(self, agency: Staffed) -> None:
        def past(language: str, **query: str) -> Any:
            path = f"/v1/clients/{agency.client_id}/performance"
            answer = agency.executive.get(path, params=query, headers={"Accept-Language": language})
            return answer.json()["compared_with"]

        assert past("en", **FEBRUARY)["says"] == "31 days against 28"
        assert past("es", **FEBRUARY)["says"] == "31 días frente a 28"
        day = {"from": "2026-03-01", "to": "2026-03-01"}
        assert past("en", **day)["says"] == "1 day against 1"

    def test_make_means_of_a_day_where_they_differ(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        _record(agency, channel, "2026-02-01", 28, views=20, likes=2, reach=5)
        _record(agency, channel, "2026-03-01", 31, views=10, likes=1, reach=5)

        read = _read(agency, **FEBRUARY)
        alike = _read(agency, **{**FEBRUARY, "compare": "previous_period"})

        mean = {"value": 10.0, "previous": 20.0}
        assert read["totals"]["views"]["per_day"] == _kpi(read, "views")["per_day"] == mean
        assert read["channels"][0]["totals"]["views"]["per_day"] == mean
        # Engagements lack comments and more: what is not whole has no mean.
        assert _kpi(read, "engagements")["per_day"] == {"value": None, "previous": None}
        assert read["totals"]["reach"]["per_day"] is None
        assert _kpi(read, "er_views")["per_day"] is None
        assert alike["compared_with"]["same_length"] is True
        assert alike["totals"]["views"]["per_day"] is None

    def test_of_what_is_not_whole_make_no_mean(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        _record(agency, channel, "2026-02-01", 28, views=20)
        _record(agency, channel, "2026-03-01", 30, views=10)

        per_day = _read(agency, **FEBRUARY)["totals"]["views"]["per_day"]

        assert per_day == {"value": None, "previous": 20.0}

    def test_of_a_past_that_lacks_days_say_so(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        _record(agency, channel, "2026-02-01", 27, views=20, likes=1)
        _record(agency, channel, "2026-02-28", 1, likes=1)
        _record(agency, channel, "2026-03-01", 31, views=10, likes=1, leads=2)

        read = _read(agency, **FEBRUARY)
        overview = agency.executive.get("/v1/performance", params=FEBRUARY).json()["clients"]
        (mine,) = (each for each in overview if each["client_id"] == str(agency.client_id))

        told = {name: read["totals"][name]["previous_complete"] for name in ("views", "likes")}
        assert told == {"views": False, "likes": True}
        assert read["totals"]["leads"]["previous_complete"] is None
        assert _kpi(read, "views")["previous"]["complete"] is False
        assert [_kpi(mine, id)["previous_complete"] for id in ("views", "leads")] == [False, None]


class TestCustom:
    def test_compares_with_the_days_that_are_named(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        _record(agency, channel, "2026-06-01", 10, views=7)
        _record(agency, channel, "2026-10-01", 31, views=10)

        read = _read(agency, compare="custom", compare_from="2026-06-01", compare_to="2026-06-10")

        assert read["compared_with"] == {
            "start": "2026-06-01",
            "end": "2026-06-10",
            "days": 10,
            "kind": "custom",
            "same_length": False,
            "says": "31 days against 10",
        }
        assert read["totals"]["views"]["previous"] == 70
        assert read["totals"]["views"]["per_day"] == {"value": 10.0, "previous": 7.0}

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ({"compare": "custom"}, "comparison_days"),
            ({"compare": "custom", "compare_from": "2026-06-01"}, "comparison_days"),
            ({"compare_from": "2026-06-01", "compare_to": "2026-06-02"}, "comparison_days"),
            ({"compare": "none", "compare_to": "2026-06-02"}, "comparison_days"),
            (
                {"compare": "custom", "compare_from": "2026-06-02", "compare_to": "2026-06-01"},
                "period_ends_before_it_starts",
            ),
            (
                {"compare": "custom", "compare_from": "2024-06-02", "compare_to": "2026-06-01"},
                "period_too_long",
            ),
        ],
    )
    def test_needs_both_days_and_nothing_else_does(
        self, agency: Staffed, query: dict[str, str], code: str
    ) -> None:
        answer = performance(agency, **query)

        assert (answer.status_code, answer.json()["code"]) == (422, code)


class TestClocksThatChange:
    """A day is a calendar day of the client's zone, of 23, 24 or 25 hours."""

    @pytest.mark.parametrize(
        ("zone", "monday"),
        [
            ("Europe/Madrid", "2026-03-23"),
            ("Europe/Madrid", "2026-10-19"),
            ("America/Mexico_City", "2026-03-23"),
            ("America/Mexico_City", "2026-10-19"),
        ],
    )
    def test_leave_a_week_its_seven_days(self, agency: Staffed, zone: str, monday: str) -> None:
        agency.owner.patch(f"/v1/clients/{agency.client_id}", {"timezone": zone})
        first = date.fromisoformat(monday)
        channel = channel_of(agency)
        _record(agency, channel, (first - timedelta(7)).isoformat(), 7, views=5)
        _record(agency, channel, monday, 7, views=10)

        read = _read(agency, **{"from": monday, "to": (first + timedelta(6)).isoformat()})

        assert (read["timezone"], read["period"]["days"]) == (zone, 7)
        assert read["compared_with"]["same_length"] is True
        views = read["totals"]["views"]
        assert (views["value"], views["previous"], views["complete"]) == (70, 35, True)
        assert [day["views"] for day in read["days"]] == [10] * 7

    @pytest.mark.parametrize(
        ("zone", "instant", "day"),
        [
            # The hour before and after midnight, on the days around each change.
            ("Europe/Madrid", "2026-03-28T22:30:00", "2026-03-27"),
            ("Europe/Madrid", "2026-03-28T23:30:00", "2026-03-28"),
            ("Europe/Madrid", "2026-03-29T21:30:00", "2026-03-28"),
            ("Europe/Madrid", "2026-03-29T22:30:00", "2026-03-29"),
            ("Europe/Madrid", "2026-10-24T21:30:00", "2026-10-23"),
            ("Europe/Madrid", "2026-10-24T22:30:00", "2026-10-24"),
            ("Europe/Madrid", "2026-10-25T22:30:00", "2026-10-24"),
            ("Europe/Madrid", "2026-10-25T23:30:00", "2026-10-25"),
            ("America/Mexico_City", "2026-04-05T05:30:00", "2026-04-03"),
            ("America/Mexico_City", "2026-04-05T06:30:00", "2026-04-04"),
            ("America/Mexico_City", "2026-10-25T05:30:00", "2026-10-23"),
            ("America/Mexico_City", "2026-10-25T06:30:00", "2026-10-24"),
        ],
    )
    def test_do_not_move_the_last_whole_day(
        self, agency: Staffed, zone: str, instant: str, day: str
    ) -> None:
        agency.owner.patch(f"/v1/clients/{agency.client_id}", {"timezone": zone})
        target = target_of(agency, starts_on="2026-01-01", ends_on="2026-12-31")

        with clock.at(datetime.fromisoformat(instant).replace(tzinfo=UTC)):
            made = agency.owner.get(f"/v1/kpi-targets/{target['id']}/progress").json()

        assert made["as_of"] == day
        assert made["elapsed_days"] == date.fromisoformat(day).timetuple().tm_yday


class TestTargetsServed:
    def test_are_those_whose_period_holds_the_days(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        _record(agency, channel, "2026-10-01", 31, views=90, likes=9)
        exact = target_of(agency)
        quarter = target_of(agency, ends_on="2026-12-31", value=1)
        rate = target_of(
            agency, kpi="er_views", value=None, numerator=1, denominator=10, ends_on="2026-12-31"
        )
        target_of(agency, starts_on="2026-10-02")

        read = _read(agency)

        shown = _kpi(read, "views")["targets"]
        assert [(each["id"], each["state"]) for each in shown] == [
            (exact["id"], "off_track"),
            (quarter["id"], None),
        ]
        assert [(each["id"], each["state"]) for each in _kpi(read, "er_views")["targets"]] == [
            (rate["id"], "on_track")
        ]
        assert _kpi(read, "clicks")["targets"] == []

    def test_stand_as_their_own_progress_says(self, agency: Staffed) -> None:
        _record(agency, channel_of(agency), "2026-11-01", 19, views=10)
        target = target_of(agency, starts_on="2026-11-01", ends_on="2026-11-30", value=320)

        read = _read(agency, **{"from": "2026-11-01", "to": "2026-11-30"})
        own = agency.owner.get(f"/v1/kpi-targets/{target['id']}/progress").json()

        (shown,) = _kpi(read, "views")["targets"]
        assert shown["state"] == own["state"] == "at_risk"
        assert own["elapsed_days"] == 19

    def test_are_not_a_campaigns_nor_another_clients(self, agency: Staffed) -> None:
        body = {"client_id": str(agency.client_id), "name": "Otoño", "goal": "awareness"}
        days = {"starts_on": "2026-10-01", "ends_on": "2026-10-31", "formats": ["ads"]}
        campaign = agency.owner.post("/v1/campaigns", {**body, **days}).json()["id"]
        target_of(agency, campaign_id=campaign)
        target_of(agency, client_id=str(agency.other_client_id))

        assert _kpi(_read(agency), "views")["targets"] == []

    def test_carry_the_objective_they_are_for(self, agency: Staffed) -> None:
        body = {"client_id": str(agency.client_id), "horizon": "short", "due_on": "2026-12-31"}
        objective = agency.owner.post(
            "/v1/objectives", {**body, "statement": {"es": "Que nos vean."}}
        ).json()["id"]
        target_of(agency, objective_id=objective)

        (shown,) = _kpi(_read(agency), "views")["targets"]

        assert (shown["objective_id"], shown["state"]) == (objective, "unknown")
