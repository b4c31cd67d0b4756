"""KPI targets, through the API."""

from datetime import date
from typing import Any

import pytest

from api.metrics.targets import targets
from tenants import auth, database
from tests.factories import Staffed, events_of

PATH = "/v1/kpi-targets"


def _new(agency: Staffed, **values: Any) -> dict[str, Any]:
    return {
        "client_id": str(agency.client_id),
        "kpi": "views",
        "starts_on": "2026-10-01",
        "ends_on": "2026-10-31",
        "value": 50_000,
        **values,
    }


def _rate(agency: Staffed, **values: Any) -> dict[str, Any]:
    return _new(agency, kpi="er_views", value=None, numerator=45, denominator=1000, **values)


class TestCreateKpiTarget:
    def test_sets_it_with_its_formulas_direction(self, agency: Staffed) -> None:
        answer = agency.strategist.post(PATH, _new(agency, baseline_value=40_000))
        cost = agency.strategist.post(PATH, _new(agency, kpi="cpc", value=35))

        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert (made["value"], made["baseline_value"], made["direction"]) == (50_000, 40_000, "up")
        assert (cost.json()["direction"], cost.json()["currency"]) == ("down", "EUR")
        assert events_of(agency, made["id"]) == ["kpi_target.created"]

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"value": None}, "target_form"),
            ({"numerator": 1, "denominator": 2}, "target_form"),
            ({"kpi": "er_views"}, "target_form"),
            ({"kpi": "er_views", "value": None, "numerator": 1}, "target_form"),
            ({"baseline_numerator": 1, "baseline_denominator": 2}, "target_form"),
            ({"ends_on": "2026-09-30"}, "target_ends_before_it_starts"),
            ({"kpi": "charm"}, "invalid_request"),
            ({"denominator": 0}, "invalid_request"),
        ],
    )
    def test_refuses_what_makes_no_sense(
        self, agency: Staffed, values: dict[str, Any], code: str
    ) -> None:
        answer = agency.strategist.post(PATH, _new(agency, **values))

        assert (answer.status_code, answer.json()["code"]) == (422, code)

    def test_refuses_a_second_one_for_the_same_period(self, agency: Staffed) -> None:
        agency.strategist.post(PATH, _new(agency))

        answer = agency.strategist.post(PATH, _new(agency, value=1))

        assert (answer.status_code, answer.json()["code"]) == (409, "target_exists")

    @pytest.mark.parametrize(("person", "status"), [("community", 403), ("viewer", 403)])
    def test_refuses_who_may_not(self, agency: Staffed, person: str, status: int) -> None:
        assert getattr(agency, person).post(PATH, _new(agency)).status_code == status


class TestUpdateKpiTarget:
    def test_changes_it(self, agency: Staffed) -> None:
        made = agency.strategist.post(PATH, _new(agency)).json()
        path = f"{PATH}/{made['id']}"

        changed = agency.strategist.patch(path, {"value": 60_000}, 1)
        stale = agency.strategist.patch(path, {"value": 1}, 1)
        broken = agency.strategist.patch(path, {"value": None}, 2)

        assert (changed.status_code, changed.json()["value"]) == (200, 60_000)
        assert stale.status_code == 412
        assert broken.json()["code"] == "target_form"
        assert agency.community.get(path).json()["value"] == 60_000
        assert events_of(agency, made["id"]) == ["kpi_target.created", "kpi_target.updated"]


class TestDeleteKpiTarget:
    def test_takes_it_back(self, agency: Staffed) -> None:
        made = agency.strategist.post(PATH, _new(agency)).json()
        path = f"{PATH}/{made['id']}"

        refused = agency.community.delete(path)
        gone = agency.strategist.delete(path)

        assert (refused.status_code, gone.status_code) == (403, 204)
        assert agency.strategist.get(path).status_code == 404
        assert events_of(agency, made["id"])[-1] == "kpi_target.deleted"

    def test_hides_another_agencys(self, agency: Staffed, other_agency: Staffed) -> None:
        made = agency.strategist.post(PATH, _new(agency)).json()

        assert other_agency.owner.delete(f"{PATH}/{made['id']}").status_code == 404
        assert other_agency.owner.get(PATH).json()["data"] == []


class TestTargetsOfPeriod:
    def test_are_exact_for_counts_and_may_be_wider_for_rates(self, agency: Staffed) -> None:
        year = {"starts_on": "2026-01-01", "ends_on": "2026-12-31"}
        quarter = {"starts_on": "2026-10-01", "ends_on": "2026-12-31"}
        agency.strategist.post(PATH, _new(agency, **quarter))
        for period in (year, quarter):
            agency.strategist.post(PATH, _rate(agency, **period))

        def found(start: date, end: date) -> dict[str, date]:
            with database.agency_session(auth.system(agency.agency_id)) as session:
                made = targets.of_period(session, agency.client_id, start, end)
                return {kpi: target.starts_on for kpi, target in made.items()}

        october = found(date(2026, 10, 1), date(2026, 10, 31))
        whole = found(date(2026, 10, 1), date(2026, 12, 31))
        march = found(date(2026, 3, 1), date(2026, 3, 31))

        assert october == {"er_views": date(2026, 10, 1)}
        assert whole == {"er_views": date(2026, 10, 1), "views": date(2026, 10, 1)}
        assert march == {"er_views": date(2026, 1, 1)}
