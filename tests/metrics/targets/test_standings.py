"""How targets stand, and what they are for, through the API."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from api.metrics.kpis import CATALOGUE
from api.metrics.targets.shapes import ClientTargets, KpiCatalogue, ObjectiveTrace, TargetProgress
from tenants import clock
from tests.factories import Staffed
from tests.metrics.made import channel_of, reading, record, target_of

TARGETS = "/v1/kpi-targets"
# The 11th of October in Madrid: ten days of October are over.
NOW = datetime(2026, 10, 11, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _on_the_eleventh() -> Iterator[None]:
    with clock.at(NOW):
        yield


def _rate(agency: Staffed, **values: Any) -> Any:
    rate = {"kpi": "er_views", "value": None, "numerator": 5, "denominator": 100}
    return target_of(agency, **{**rate, **values})


def _objective(agency: Staffed, **values: Any) -> str:
    body = {
        "client_id": str(agency.client_id),
        "horizon": "short",
        "statement": {"es": "Que nos vean."},
        "due_on": "2026-12-31",
        **values,
    }
    answer = agency.strategist.post("/v1/objectives", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def _campaign(agency: Staffed, **values: Any) -> str:
    body = {
        "client_id": str(agency.client_id),
        "name": "Otoño",
        "goal": "awareness",
        "formats": ["ads"],
        "starts_on": "2026-10-01",
        "ends_on": "2026-10-31",
        **values,
    }
    answer = agency.owner.post("/v1/campaigns", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def _record(agency: Staffed, channel: str, days: int = 10, **values: Any) -> None:
    first = date(2026, 10, 1)
    record(
        agency,
        *(reading(channel, (first + timedelta(n)).isoformat(), **values) for n in range(days)),
    )


def _progress(agency: Staffed, target: Any, **query: str) -> Any:
    answer = agency.community.get(f"{TARGETS}/{target['id']}/progress", params=query)
    assert answer.status_code == 200, answer.text
    TargetProgress.model_validate_json(answer.content)
    return answer.json()


class TestTargetProgress:
    @pytest.mark.parametrize(
        ("views", "state", "behind"),
        [(100, "on_track", 0), (90, "at_risk", 0.1), (50, "off_track", 0.5)],
    )
    def test_says_the_rule_and_what_it_compared(
        self, agency: Staffed, views: int, state: str, behind: float
    ) -> None:
        _record(agency, channel_of(agency), views=views)

        made = _progress(agency, target_of(agency))

        assert (made["as_of"], made["days"], made["elapsed_days"]) == ("2026-10-10", 31, 10)
        assert (made["figure"]["value"], made["expected"]) == (views * 10, 1_000)
        assert (made["state"], made["behind"], made["reason"]) == (state, behind, None)
        assert made["rule"] == {
            "id": "pro_rated",
            "version": 1,
            "on_track_within": 0.05,
            "at_risk_within": 0.15,
        }

    def test_is_of_the_day_asked_for(self, agency: Staffed) -> None:
        _record(agency, channel_of(agency), views=100)
        target = target_of(agency)

        made = _progress(agency, target, as_of="2026-10-05")
        early = _progress(agency, target, as_of="2026-09-30")
        refused = agency.community.get(f"{TARGETS}/{target['id']}/progress?as_of=2026-10-12")

        assert (made["figure"]["value"], made["expected"], made["elapsed_days"]) == (500, 500, 5)
        assert (early["state"], early["figure"]["value"], early["elapsed_days"]) == (
            "not_yet",
            None,
            0,
        )
        assert (refused.status_code, refused.json()["code"]) == (422, "day_to_come")

    def test_of_a_cost_is_never_over_a_hundred_percent_of_anything(self, agency: Staffed) -> None:
        _record(agency, channel_of(agency), spend_minor=158, conversions=1)

        made = _progress(agency, target_of(agency, kpi="cpa", value=100))

        assert (made["figure"]["value"], made["expected"]) == (158.0, 100)
        assert (made["target"]["direction"], made["course"]) == ("down", "holds")
        assert (made["state"], made["behind"]) == ("off_track", 0.58)

    def test_of_a_rate_compares_fractions(self, agency: Staffed) -> None:
        _record(agency, channel_of(agency), likes=1, views=30)

        made = _progress(agency, _rate(agency, numerator=1, denominator=30))

        assert (made["state"], made["behind"], made["figure"]["numerator"]) == ("on_track", 0, 10)

    def test_of_a_level_climbs_from_where_it_was(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        record(
            agency,
            reading(channel, "2026-09-30", followers=10_000),
            reading(channel, "2026-10-10", followers=10_500),
        )
        found = _progress(agency, target_of(agency, kpi="followers", value=13_100))
        given = _progress(
            agency,
            target_of(
                agency, kpi="followers", value=13_100, baseline_value=10_500, ends_on="2026-10-30"
            ),
        )

        assert (found["baseline"], found["expected"], found["behind"]) == (10_000, 11_000, 0.5)
        assert (given["baseline"], given["behind"]) == (10_500, 1)

    def test_of_what_climbs_from_nowhere_has_no_baseline_but_the_given(
        self, agency: Staffed
    ) -> None:
        channel = channel_of(agency)
        followers = [("2026-09-30", 100), ("2026-10-10", 700)]
        record(agency, *(reading(channel, day, followers=n) for day, n in followers))
        _record(agency, channel, likes=1, views=30)

        found = _progress(agency, target_of(agency))
        rate = _progress(agency, _rate(agency))
        given = _progress(agency, target_of(agency, ends_on="2026-10-30", baseline_value=5))

        assert (found["baseline"], rate["baseline"], given["baseline"]) == (None, None, 5)

    def test_of_a_level_without_a_start_is_unknown(self, agency: Staffed) -> None:
        record(agency, reading(channel_of(agency), "2026-10-10", followers=10_500))

        made = _progress(agency, target_of(agency, kpi="followers", value=13_100))

        assert (made["state"], made["reason"], made["expected"]) == ("unknown", "no_baseline", None)

    def test_without_readings_is_unknown_and_says_why(self, agency: Staffed) -> None:
        made = _progress(agency, target_of(agency))
        campaign = target_of(agency, campaign_id=_campaign(agency))
        _record(agency, channel_of(agency), views=100)
        of_campaign = _progress(agency, campaign)

        assert (made["state"], made["reason"]) == ("unknown", "not_recorded")
        assert (of_campaign["state"], of_campaign["reason"]) == ("unknown", "not_recorded")

    def test_of_a_campaign_is_of_its_own_readings(self, agency: Staffed) -> None:
        campaign = _campaign(agency)
        _record(agency, channel_of(agency), views=999)
        days = [f"2026-10-{day:02}" for day in range(1, 11)]
        record(agency, *({"date": day, "campaign": campaign, "views": 50} for day in days))

        made = _progress(agency, target_of(agency, campaign_id=campaign))

        assert (made["figure"]["value"], made["state"], made["behind"]) == (500, "off_track", 0.5)

    def test_of_a_campaign_stands_beside_its_figure(self, agency: Staffed) -> None:
        campaign, other = _campaign(agency), _campaign(agency)
        objective = _objective(agency)
        mine = target_of(agency, campaign_id=campaign, objective_id=objective, value=400)
        target_of(agency, campaign_id=other)
        target_of(agency)
        days = [f"2026-10-{day:02}" for day in range(1, 11)]
        record(agency, *({"date": day, "campaign": campaign, "views": 50} for day in days))

        asked = {"from": "2026-10-01", "to": "2026-10-31"}
        answer = agency.community.get(f"/v1/campaigns/{campaign}/performance", params=asked)

        served = {each["id"]: each["targets"] for each in answer.json()["kpis"]}
        (target,) = served.pop("views")
        assert (target["id"], target["objective_id"]) == (mine["id"], objective)
        assert target["state"] == "on_track"
        assert not any(served.values())

    def test_does_not_compare_two_currencies(self, agency: Staffed) -> None:
        _record(agency, channel_of(agency), revenue_minor=100)

        made = _progress(agency, target_of(agency, kpi="revenue", currency="USD"))

        assert (made["state"], made["reason"]) == ("unknown", "mixed_currency")

    def test_says_when_days_are_lacking(self, agency: Staffed) -> None:
        _record(agency, channel_of(agency), days=9, views=100)

        made = _progress(agency, target_of(agency))

        assert (made["state"], made["figure"]["complete"]) == ("at_risk", False)

    def test_goes_by_the_clients_calendar(self, agency: Staffed) -> None:
        target = target_of(agency)
        with clock.at(datetime(2026, 10, 10, 22, 30, tzinfo=UTC)):
            assert _progress(agency, target)["as_of"] == "2026-10-10"
        agency.owner.patch(f"/v1/clients/{agency.client_id}", {"timezone": "America/Mexico_City"})
        with clock.at(datetime(2026, 10, 10, 22, 30, tzinfo=UTC)):
            assert _progress(agency, target)["as_of"] == "2026-10-09"

    def test_is_for_who_may(self, agency: Staffed, other_agency: Staffed) -> None:
        path = f"{TARGETS}/{target_of(agency)['id']}/progress"

        assert other_agency.owner.get(path).status_code == 404
        assert agency.other_executive.get(path).status_code == 404
        assert agency.approver.get(path).status_code == 403


class TestClientTargets:
    def test_lists_what_is_in_force_the_worst_first(self, agency: Staffed) -> None:
        _record(agency, channel_of(agency), views=100, likes=1, clicks=50)
        good, bad = target_of(agency), target_of(agency, kpi="clicks", value=31_000)
        target_of(agency, starts_on="2026-11-01", ends_on="2026-11-30")
        year = _rate(agency, starts_on="2026-01-01", ends_on="2026-12-31", numerator=1)
        path = f"/v1/clients/{agency.client_id}/targets"

        now, november = agency.community.get(path), agency.community.get(f"{path}?on=2026-11-02")

        ClientTargets.model_validate_json(now.content)
        made = now.json()
        assert (made["on"], made["as_of"]) == ("2026-10-11", "2026-10-10")
        shown = [(each["target"]["id"], each["state"]) for each in made["targets"]]
        assert shown[0] == (bad["id"], "off_track")
        assert set(shown[1:]) == {(good["id"], "on_track"), (year["id"], "on_track")}
        assert made["states"] == {
            "on_track": 2,
            "at_risk": 0,
            "off_track": 1,
            "not_yet": 0,
            "unknown": 0,
        }
        assert [each["state"] for each in november.json()["targets"]] == ["on_track", "not_yet"]

    def test_is_for_who_may(self, agency: Staffed, other_agency: Staffed) -> None:
        path = f"/v1/clients/{agency.client_id}/targets"

        assert other_agency.owner.get(path).status_code == 404
        assert agency.viewer.get(path).status_code == 403


class TestPurpose:
    def test_is_an_objective_and_a_campaign_of_the_same_client(self, agency: Staffed) -> None:
        objective, campaign = _objective(agency), _campaign(agency)
        made = target_of(agency, objective_id=objective, campaign_id=campaign)
        own = target_of(agency)

        def found(**query: str) -> list[str]:
            answer = agency.community.get(TARGETS, params=query)
            return [each["id"] for each in answer.json()["data"]]

        assert (made["objective_id"], made["campaign_id"]) == (objective, campaign)
        assert found(objective_id=objective) == found(campaign_id=campaign) == [made["id"]]
        assert found() == [own["id"], made["id"]]

    def test_of_another_client_is_not_there(self, agency: Staffed) -> None:
        other = str(agency.other_client_id)
        foreign = {
            "objective_id": _other(agency, _objective, client_id=other),
            "campaign_id": _other(agency, _campaign, client_id=other),
        }
        target = target_of(agency)

        for name, id in foreign.items():
            body = {**{"client_id": str(agency.client_id), "kpi": "reach", "value": 1}, name: id}
            body |= {"starts_on": "2026-10-01", "ends_on": "2026-10-31"}
            assert agency.owner.post(TARGETS, body).status_code == 404
        changed = agency.owner.patch(
            f"{TARGETS}/{target['id']}", {"objective_id": foreign["objective_id"]}
        )
        assert changed.status_code == 404

    def test_may_be_changed_and_taken_away(self, agency: Staffed) -> None:
        path = f"{TARGETS}/{target_of(agency)['id']}"
        objective = _objective(agency)

        given = agency.strategist.patch(path, {"objective_id": objective}).json()
        taken = agency.strategist.patch(path, {"objective_id": None}).json()

        assert (given["objective_id"], taken["objective_id"]) == (objective, None)

    def test_of_a_campaign_stands_beside_the_clients(self, agency: Staffed) -> None:
        campaign = _campaign(agency)
        target_of(agency)
        target_of(agency, campaign_id=campaign)
        body = {"client_id": str(agency.client_id), "kpi": "views", "value": 1}
        body |= {"starts_on": "2026-10-01", "ends_on": "2026-10-31"}

        again = agency.strategist.post(TARGETS, body)
        twice = agency.strategist.post(TARGETS, {**body, "campaign_id": campaign})

        assert (again.status_code, again.json()["code"]) == (409, "target_exists")
        assert (twice.status_code, twice.json()["code"]) == (409, "target_exists")


def _other(agency: Staffed, make: Any, **values: Any) -> str:
    """Made by the owner: nobody else is on that client."""
    people = {**agency.people, "strategist": agency.owner}
    return str(make(replace(agency, people=people), **values))


class TestTrace:
    def test_goes_from_the_objective_to_the_figures(self, agency: Staffed) -> None:
        _record(agency, channel_of(agency), views=100)
        objective, campaign = _objective(agency), _campaign(agency)
        own = target_of(agency, objective_id=objective)
        theirs = target_of(agency, objective_id=objective, campaign_id=campaign)
        target_of(agency, kpi="clicks")

        answer = agency.community.get(f"/v1/objectives/{objective}/trace")

        ObjectiveTrace.model_validate_json(answer.content)
        made = answer.json()
        assert made["objective"]["id"] == objective
        assert [each["target"]["id"] for each in made["targets"]] == [own["id"]]
        assert made["targets"][0]["figure"]["value"] == 1_000
        (traced,) = made["campaigns"]
        assert (traced["id"], traced["name"], traced["status"]) == (campaign, "Otoño", "draft")
        assert [each["target"]["id"] for each in traced["targets"]] == [theirs["id"]]
        assert (made["states"]["on_track"], made["states"]["unknown"]) == (1, 1)

    def test_is_for_who_may(self, agency: Staffed, other_agency: Staffed) -> None:
        path = f"/v1/objectives/{_objective(agency)}/trace"

        assert other_agency.owner.get(path).status_code == 404
        assert agency.viewer.get(path).status_code == 403


class TestCatalogue:
    def test_says_every_formula_in_the_readers_language(self, agency: Staffed) -> None:
        english = agency.viewer.get("/v1/kpis", headers={"Accept-Language": "en"})
        spanish = agency.stranger.get("/v1/kpis", headers={"Accept-Language": "es"})

        KpiCatalogue.model_validate_json(english.content)
        by_id = {each["id"]: each for each in english.json()["kpis"]}
        assert list(by_id) == [str(kpi) for kpi in CATALOGUE]
        assert by_id["cpm"] == {
            "id": "cpm",
            "version": 1,
            "name": "Cost per thousand",
            "formula": "spend × 1000 ÷ impressions",
            "numerator": "spend_minor",
            "denominator": "impressions",
            "per": 1000,
            "unit": "ratio_money",
            "direction": "down",
            "source": "readings",
            "course": "holds",
        }
        words = {each["id"]: each["formula"] for each in spanish.json()["kpis"]}
        assert words["cpm"] == "inversión × 1000 ÷ impresiones"
