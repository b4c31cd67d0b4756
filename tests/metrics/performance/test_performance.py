"""How a client's channels did, through the API."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from api.metrics.figures import Quantity
from api.metrics.performance import measured, performance
from api.metrics.performance.shapes import Performance
from api.metrics.periods import Compare, Period
from tenants import auth, clock, database
from tests.factories import Staffed
from tests.metrics.made import channel_of, counts, reading, record
from tests.metrics.made import performance as ask

OCTOBER = [date(2026, 10, 1) + timedelta(days=index) for index in range(31)]


def _days(channel: str, days: list[date] = OCTOBER, **values: Any) -> list[dict[str, Any]]:
    return [reading(channel, day.isoformat(), **values) for day in days]


def _read(agency: Staffed, **query: str) -> dict[str, Any]:
    answer = ask(agency, **query)
    assert answer.status_code == 200, answer.text
    Performance.model_validate_json(answer.content)
    return dict(answer.json())


def _kpi(read: dict[str, Any], name: str) -> dict[str, Any]:
    return next(kpi for kpi in read["kpis"] if kpi["id"] == name)


class TestTotals:
    def test_add_up_days_and_channels(self, agency: Staffed) -> None:
        one, two = channel_of(agency), channel_of(agency, network="tiktok")
        record(agency, *_days(one, views=10, likes=1), *_days(two, views=5, likes=2))

        read = _read(agency)

        assert read["period"] == {"start": "2026-10-01", "end": "2026-10-31", "days": 31}
        views = read["totals"]["views"]
        assert (views["value"], views["complete"], views["basis"]) == (31 * 15, True, "days")
        assert views["quality"] == "manual"
        by_channel = {each["id"]: each["totals"]["views"]["value"] for each in read["channels"]}
        assert by_channel == {one: 310, two: 155}
        assert sum(by_channel.values()) == views["value"] == sum(d["views"] for d in read["days"])
        rate = _kpi(read, "er_views")
        assert (rate["numerator"], rate["denominator"], rate["value"]) == (93, 465, 0.2)
        assert [kpi["version"] for kpi in read["kpis"]] == [1] * len(read["kpis"])

    def test_of_nothing_say_why_and_are_not_zero(self, agency: Staffed) -> None:
        channel_of(agency)

        read = _read(agency)

        figures = [*read["totals"].values(), *read["channels"][0]["totals"].values()]
        assert {figure["value"] for figure in figures} == {None}
        assert {figure["missing_reason"] for figure in figures} == {"not_recorded"}
        assert {kpi["value"] for kpi in read["kpis"]} == {None}
        assert all(kpi["missing_reason"] for kpi in read["kpis"])
        assert {day["views"] for day in read["days"]} == {None}

    def test_of_a_client_without_channels_are_there_all_the_same(self, agency: Staffed) -> None:
        read = _read(agency)

        assert read["channels"] == []
        assert len(read["days"]) == 31

    def test_keep_zero(self, agency: Staffed) -> None:
        record(agency, *_days(channel_of(agency), views=0))

        read = _read(agency)

        assert read["totals"]["views"]["value"] == 0
        assert read["days"][0]["views"] == 0
        assert _kpi(read, "er_views")["missing_reason"] == "not_recorded"

    def test_tell_the_reason_they_were_told(self, agency: Staffed) -> None:
        record(agency, *_days(channel_of(agency), views=1, missing={"saves": "not_offered"}))

        saves = _read(agency)["totals"]["saves"]

        assert (saves["value"], saves["missing_reason"]) == (None, "not_offered")

    def test_of_a_period_to_come_are_not_yet(self, agency: Staffed) -> None:
        channel_of(agency)
        with clock.at(datetime(2026, 9, 1, tzinfo=UTC)):
            views = _read_at(agency, datetime(2026, 9, 1, tzinfo=UTC))["totals"]["views"]

        assert views["missing_reason"] == "not_yet"

    def test_say_when_days_are_lacking(self, agency: Staffed) -> None:
        record(agency, *_days(channel_of(agency), OCTOBER[:20], views=10))

        views = _read(agency)["totals"]["views"]

        assert (views["value"], views["complete"]) == (200, False)

    def test_take_the_months_own_reading_when_days_are_lacking(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        record(
            agency,
            *_days(channel, OCTOBER[:20], views=10),
            reading(channel, basis="month", views=333, source="api"),
        )

        views = _read(agency)["totals"]["views"]
        week = _read(agency, **{"from": "2026-10-05", "to": "2026-10-11"})["totals"]["views"]

        assert (views["value"], views["complete"], views["basis"]) == (333, True, "period")
        assert views["quality"] == "actual"
        assert (week["value"], week["basis"]) == (70, "days")

    def test_trust_whole_days_before_the_months_reading(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        record(agency, *_days(channel, views=10), reading(channel, basis="month", views=333))

        assert _read(agency)["totals"]["views"]["value"] == 310

    def test_do_not_mix_currencies(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        record(
            agency,
            *_days(channel, OCTOBER[:30], spend_minor=100, clicks=1),
            reading(channel, "2026-10-31", spend_minor=100, currency="USD"),
        )

        read = _read(agency)

        assert read["totals"]["spend_minor"]["missing_reason"] == "mixed_currency"
        assert _kpi(read, "cpc")["missing_reason"] == "mixed_currency"
        assert {day["spend_minor"] for day in read["days"]} == {None}
        assert read["days"][0]["clicks"] == 1

    def test_carry_their_currency(self, agency: Staffed) -> None:
        record(agency, *_days(channel_of(agency), spend_minor=100, clicks=4))

        read = _read(agency)

        spend = read["totals"]["spend_minor"]
        assert (spend["value"], spend["currency"]) == (3100, "EUR")
        cpc = _kpi(read, "cpc")
        assert (cpc["value"], cpc["currency"], cpc["unit"]) == (25.0, "EUR", "ratio_money")
        assert cpc["direction"] == "down"

    def test_beyond_exact_numbers_are_not_guessed(self, agency: Staffed) -> None:
        record(agency, *_days(channel_of(agency), views=2**53 - 1))

        read = _read(agency)

        assert read["totals"]["views"]["missing_reason"] == "out_of_range"
        assert read["days"][0]["views"] == 2**53 - 1

    def test_know_what_was_typed_in_metric_by_metric(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        record(agency, *_days(channel, views=10, likes=1, source="api"))
        record(agency, reading(channel, "2026-10-07", likes=2))

        totals = _read(agency)["totals"]

        assert (totals["views"]["quality"], totals["likes"]["quality"]) == ("actual", "manual")


def _read_at(agency: Staffed, instant: datetime) -> dict[str, Any]:
    """As a worker would read it at another time: a log-in would have run out."""
    with (
        clock.at(instant),
        database.agency_session(auth.system(agency.agency_id)) as session,
    ):
        made = performance.of(session, agency.client_id, Period(OCTOBER[0], OCTOBER[-1]))
        return made.model_dump(mode="json")


class TestReach:
    @pytest.mark.parametrize(
        ("told", "reason"),
        [
            ([{"reach": "permission_missing"}, {"views": 1}], "permission_missing"),
            ([{"reach": "not_offered"}, {"views": 1}], "not_recorded"),
            ([{"reach": "not_offered"}, {"reach": "source_error"}], "source_error"),
            ([{"reach": "not_yet"}, {"reach": "source_error"}], "not_recorded"),
        ],
    )
    def test_is_missing_for_what_can_be_mended(
        self, agency: Staffed, told: list[dict[str, Any]], reason: str
    ) -> None:
        for each in told:
            why = {name: word for name, word in each.items() if isinstance(word, str)}
            said: dict[str, Any] = {k: v for k, v in each.items() if isinstance(v, int)}
            record(agency, *_days(channel_of(agency), missing=why, **said))

        assert _read(agency)["totals"]["reach"]["missing_reason"] == reason

    def test_of_days_does_not_add_up(self, agency: Staffed) -> None:
        record(agency, *_days(channel_of(agency), reach=10, likes=1))

        read = _read(agency)

        reach = read["totals"]["reach"]
        assert (reach["value"], reach["missing_reason"]) == (None, "not_additive")
        assert _kpi(read, "er_reach")["missing_reason"] == "not_additive"
        assert read["days"][0]["reach"] == 10

    def test_is_the_months_own_reading(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        record(agency, *_days(channel, reach=10), reading(channel, basis="month", reach=120))

        reach = _read(agency)["totals"]["reach"]

        assert (reach["value"], reach["quality"], reach["basis"]) == (120, "manual", "period")

    def test_of_one_day_is_that_days(self, agency: Staffed) -> None:
        record(agency, *_days(channel_of(agency), reach=10))

        reach = _read(agency, **{"from": "2026-10-03", "to": "2026-10-03"})["totals"]["reach"]

        assert reach["value"] == 10

    def test_over_channels_is_an_estimate(self, agency: Staffed) -> None:
        one, two = channel_of(agency), channel_of(agency)
        record(
            agency,
            reading(one, basis="month", reach=120, source="api"),
            reading(two, basis="month", reach=80, source="api"),
        )

        read = _read(agency)

        reach = read["totals"]["reach"]
        assert (reach["value"], reach["quality"]) == (200, "estimated")
        assert {each["totals"]["reach"]["quality"] for each in read["channels"]} == {"actual"}


class TestFollowers:
    def test_are_the_last_known_and_their_gain(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        record(
            agency,
            reading(channel, "2026-08-30", followers=900),
            reading(channel, "2026-09-29", followers=1000),
            reading(channel, "2026-10-02", followers=990),
            reading(channel, "2026-10-30", followers=1040),
            reading(channel, "2026-11-02", followers=5000),
        )

        read = _read(agency)

        followers = read["followers"]
        assert (followers["value"], followers["net"]) == (1040, 40)
        assert (followers["previous"], followers["previous_net"]) == (1000, 100)
        assert _kpi(read, "followers_net")["value"] == 40
        assert read["channels"][0]["followers"] == followers

    def test_may_come_once_a_month(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        record(
            agency,
            reading(channel, "2026-09-01", basis="month", followers=1000),
            reading(channel, "2026-10-01", basis="month", followers=950),
        )

        followers = _read(agency)["followers"]

        assert (followers["value"], followers["net"]) == (950, -50)

    def test_gained_nothing_we_know_of_when_nobody_looked(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        record(agency, reading(channel, "2026-09-29", followers=1000))

        followers = _read(agency)["followers"]

        assert (followers["value"], followers["net"]) == (1000, None)
        assert followers["net_missing_reason"] == "not_recorded"

    def test_are_forgotten_after_a_season(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        record(agency, reading(channel, "2026-06-01", followers=1000))

        followers = _read(agency)["followers"]

        assert (followers["value"], followers["missing_reason"]) == (None, "not_recorded")


class TestDays:
    def test_are_null_where_a_channel_lacks_its_figure(self, agency: Staffed) -> None:
        one, two = channel_of(agency), channel_of(agency)
        record(agency, *_days(one, views=10), *_days(two, OCTOBER[:10], views=5))
        record(agency, *_days(one, OCTOBER[:3], likes=1))

        days = _read(agency)["days"]

        assert [day["views"] for day in days] == [15] * 10 + [None] * 21
        assert [day["likes"] for day in days] == [1] * 3 + [None] * 28
        assert [day["date"] for day in days] == [day.isoformat() for day in OCTOBER]

    def test_come_alone_or_not_at_all_when_so_grouped(self, agency: Staffed) -> None:
        channel_of(agency)

        by_day, by_channel = _read(agency, group_by="day"), _read(agency, group_by="channel")

        assert (by_day["channels"], len(by_day["days"])) == (None, 31)
        assert (len(by_channel["channels"]), by_channel["days"]) == (1, None)

    def test_can_be_had_for_each_channel(self, agency: Staffed) -> None:
        one, two = channel_of(agency), channel_of(agency)
        record(agency, *_days(one, OCTOBER[:2], views=10), *_days(two, likes=5))

        with database.agency_session(auth.system(agency.agency_id)) as session:
            span = Period(OCTOBER[0], OCTOBER[2])
            found = measured.channel_days(session, agency.client_id, span, "views")

        assert {str(key): [value for _, value in days] for key, days in found.items()} == {
            one: [10, 10, None]
        }


class TestComparison:
    def test_says_which_days_and_whether_they_are_as_many(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        september = [date(2026, 9, 1) + timedelta(days=index) for index in range(30)]
        record(agency, *_days(channel, views=10, likes=1), *_days(channel, september, views=20))

        month = _read(agency, compare="previous_month")
        days = _read(agency)
        none = _read(agency, compare="none")

        assert month["compared_with"] == {
            "start": "2026-09-01",
            "end": "2026-09-30",
            "days": 30,
            "kind": "previous_month",
            "same_length": False,
            "says": "31 days against 30",
        }
        assert (days["compared_with"]["days"], days["compared_with"]["same_length"]) == (31, True)
        assert none["compared_with"] is None
        assert month["totals"]["views"]["previous"] == 600
        assert _kpi(month, "views")["previous"]["value"] == 600
        assert _kpi(month, "er_views")["previous"]["missing_reason"] == "not_recorded"
        assert none["totals"]["views"]["previous"] is None
        assert _kpi(none, "views")["previous"] is None

    @pytest.mark.parametrize(
        ("query", "status", "code"),
        [
            ({"to": "2026-09-30"}, 422, "period_ends_before_it_starts"),
            ({"from": "2025-09-26"}, 422, "period_too_long"),
            ({"from": "yesterday"}, 422, "invalid_request"),
            ({"compare": "last"}, 422, "invalid_request"),
            ({"as_of": "2026-10-01"}, 422, "invalid_request"),
            ({"until": "2026-10-01"}, 400, "unknown_parameter"),
        ],
    )
    def test_refuses_what_makes_no_sense(
        self, agency: Staffed, query: dict[str, str], status: int, code: str
    ) -> None:
        answer = ask(agency, **query)

        assert (answer.status_code, answer.json()["code"]) == (status, code)

    def test_takes_four_hundred_days(self, agency: Staffed) -> None:
        assert len(_read(agency, **{"from": "2025-09-27"})["days"]) == 400


class TestWhoMayRead:
    def test_is_staff_with_the_client_in_sight(
        self, agency: Staffed, other_agency: Staffed
    ) -> None:
        record(agency, *_days(channel_of(agency), views=1))
        path = f"/v1/clients/{agency.client_id}/performance?from=2026-10-01&to=2026-10-31"

        def status(person: str) -> int:
            return int(getattr(agency, person).get(path).status_code)

        for person in ("owner", "executive", "strategist", "community"):
            assert status(person) == 200
        assert status("other_executive") == 404
        for person in ("viewer", "approver", "stranger"):
            assert status(person) == 403
        foreign, unknown = (
            other_agency.owner.get(path),
            other_agency.owner.get(path.replace(str(agency.client_id), str(agency.slug[-12:]))),
        )
        assert (foreign.status_code, unknown.status_code) == (404, 422)

    def test_sees_only_the_clients_own_channels(self, agency: Staffed) -> None:
        mine = channel_of(agency)
        theirs = channel_of(agency, client_id=str(agency.other_client_id))
        record(agency, *_days(mine, views=1), *_days(theirs, views=100), person="owner")

        read = ask(agency, "owner").json()

        assert [each["id"] for each in read["channels"]] == [mine]
        assert read["totals"]["views"]["value"] == 31

    def test_keeps_an_archived_channels_figures(self, agency: Staffed) -> None:
        used, unused = channel_of(agency), channel_of(agency)
        record(agency, *_days(used, views=1))
        for channel in (used, unused):
            agency.owner.patch(f"/v1/channels/{channel}", {"status": "archived"})

        read = _read(agency)

        assert [(each["id"], each["status"]) for each in read["channels"]] == [(used, "archived")]


class TestOfForReports:
    def test_narrows_to_channels_and_takes_the_total_cost(self, agency: Staffed) -> None:
        one, two = channel_of(agency), channel_of(agency)
        record(agency, *_days(one, revenue_minor=100), *_days(two, revenue_minor=900))
        span = Period(OCTOBER[0], OCTOBER[-1])

        with database.agency_session(auth.system(agency.agency_id)) as session:
            made = performance.of(
                session,
                agency.client_id,
                span,
                compare=Compare.previous_month,
                channels=[one],
                total_cost=Quantity(2_000, currency="EUR"),
            )

        assert [str(each.id) for each in made.channels or ()] == [one]
        roi = next(kpi for kpi in made.kpis if kpi.id == "roi")
        assert (roi.value, roi.numerator, roi.denominator) == (0.55, 1_100, 2_000)

    def test_shows_corrections_at_once(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        record(agency, *_days(channel, views=10))
        before = _read(agency)["totals"]["views"]["value"]

        assert counts(record(agency, reading(channel, "2026-10-05", views=30))) == (1, 0, 0)

        assert (before, _read(agency)["totals"]["views"]["value"]) == (310, 330)
