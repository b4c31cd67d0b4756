"""Benchmarks with their source, and a client's own figures beside those that fit it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tenants import clock
from tests.factories import Staffed, events_of

PATH = "/v1/benchmarks"
WEEK = {"from": "2026-11-02", "to": "2026-11-08"}


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(datetime(2026, 11, 22, 15, 0, tzinfo=UTC)):
        yield


def _new(**values: Any) -> dict[str, Any]:
    return {
        "kpi": "er_views",
        "starts_on": "2025-01-01",
        "ends_on": "2025-12-31",
        "numerator": 47,
        "denominator": 1000,
        "sample_note": "2,100 accounts",
        "source_name": "A survey",
        "source_url": "https://survey.example/2025",
        "published_on": "2026-02-01",
        **values,
    }


def _count(**values: Any) -> dict[str, Any]:
    return _new(kpi="posts", value=12, numerator=None, denominator=None, **values)


def _done(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def _made(agency: Staffed, **values: Any) -> Any:
    return _done(agency.owner.post(PATH, _new(**values)), 201)


def _refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


class TestNoteABenchmark:
    def test_keeps_its_source(self, agency: Staffed) -> None:
        made = _made(agency, network="instagram", sector={"es": "Cafés"}, country="ES")

        assert made["source_url"] == "https://survey.example/2025"
        assert _done(agency.community.get(f"{PATH}/{made['id']}")) == made
        assert events_of(agency, made["id"]) == ["benchmark.created"]

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"value": 5}, "benchmark_form"),
            ({"numerator": None}, "benchmark_form"),
            ({"numerator": None, "denominator": None}, "benchmark_form"),
            ({"numerator": None, "denominator": None, "value": 5}, "benchmark_form"),
            ({"kpi": "posts"}, "benchmark_form"),
            ({"currency": "EUR"}, "benchmark_form"),
            ({"kpi": "cpc"}, "benchmark_form"),
            ({"ends_on": "2024-12-31"}, "benchmark_ends_before_it_starts"),
            ({"denominator": 0}, "invalid_request"),
            ({"kpi": "charm"}, "invalid_request"),
            ({"country": "es"}, "invalid_request"),
            ({"source_url": "a survey"}, "invalid_request"),
            ({"source_name": None}, "invalid_request"),
        ],
    )
    def test_refuses_what_makes_no_sense(
        self, agency: Staffed, values: dict[str, Any], code: str
    ) -> None:
        assert _refusal(agency.owner.post(PATH, _new(**values))) == (422, code)

    def test_takes_each_form(self, agency: Staffed) -> None:
        assert agency.owner.post(PATH, _count()).status_code == 201
        cost = _new(kpi="cpc", numerator=None, denominator=None, value=35, currency="EUR")
        assert agency.owner.post(PATH, cost).status_code == 201

    @pytest.mark.parametrize("person", ["strategist", "executive", "stranger", "approver"])
    def test_is_owners_and_admins(self, agency: Staffed, person: str) -> None:
        made = _made(agency)
        one = f"{PATH}/{made['id']}"

        assert agency.people[person].post(PATH, _new()).status_code == 403
        assert agency.people[person].patch(one, {"country": "FR"}).status_code == 403
        assert agency.people[person].delete(one).status_code == 403
        assert _done(agency.admin.get(one)) == made


class TestPutABenchmarkRight:
    def test_changes_it_within_its_form(self, agency: Staffed) -> None:
        made = _made(agency)
        one = f"{PATH}/{made['id']}"

        right = _done(agency.admin.patch(one, {"numerator": 48}, 1))
        broken = agency.admin.patch(one, {"value": 1})

        assert (right["numerator"], right["version"]) == (48, 2)
        assert _refusal(broken) == (422, "benchmark_form")

    def test_takes_it_out(self, agency: Staffed) -> None:
        made = _made(agency)
        one = f"{PATH}/{made['id']}"

        assert agency.owner.delete(one).status_code == 204
        assert agency.owner.get(one).status_code == 404
        assert events_of(agency, made["id"])[-1] == "benchmark.deleted"

    def test_lists_by_filters(self, agency: Staffed) -> None:
        made = _made(agency, network="x", country="ES")
        _made(agency)

        def found(**asked: str) -> list[str]:
            return [each["id"] for each in _done(agency.executive.get(PATH, params=asked))["data"]]

        assert found(network="x") == found(country="ES") == [made["id"]]
        assert found(kpi="posts") == []
        assert len(found(kpi="er_views")) == 2


class TestBesideAClient:
    def _found(self, agency: Staffed, person: str = "community") -> Any:
        path = f"/v1/clients/{agency.client_id}/benchmarks"
        return _done(agency.people[person].get(path, params=WEEK))

    def _channel(self, agency: Staffed, network: str) -> str:
        body = {"client_id": str(agency.client_id), "network": network, "handle": "aurora"}
        made = _done(agency.owner.post("/v1/channels", {**body, "name": "Aurora"}), 201)
        return str(made["id"])

    def test_shows_those_that_fit(self, agency: Staffed) -> None:
        client = f"/v1/clients/{agency.client_id}"
        _done(agency.owner.patch(client, {"sector": {"es": "Cafeterías", "en": "Coffee shops"}}))
        self._channel(agency, "instagram")
        fitting = [
            _made(agency),
            _made(agency, network="instagram"),
            _made(agency, sector={"en": "coffee SHOPS"}),
            _made(agency, country="ES"),
        ]
        for other in ({"network": "x"}, {"sector": {"es": "Bodegas"}}, {"country": "FR"}):
            _made(agency, **other)

        found = self._found(agency)

        shown = {each["benchmark"]["id"] for each in found["benchmarks"]}
        assert shown == {each["id"] for each in fitting}
        assert (found["country"], found["networks"]) == ("ES", ["instagram"])

    def test_puts_the_clients_own_figure_beside(self, agency: Staffed) -> None:
        instagram, tiktok = (self._channel(agency, name) for name in ("instagram", "tiktok"))
        day = {"date": "2026-11-03"}
        readings = [
            {**day, "channel": instagram, "likes": 10, "views": 100},
            {**day, "channel": tiktok, "likes": 50, "views": 100},
        ]
        _done(agency.community.post("/v1/metrics/daily", {"readings": readings}))
        _made(agency, network="instagram", published_on="2026-01-01")
        _made(agency, published_on="2026-02-01")
        _done(agency.owner.post(PATH, _count()), 201)

        found = self._found(agency)["benchmarks"]

        own = [(each["benchmark"]["network"], each["own"]["value"]) for each in found]
        assert own == [(None, 0.3), ("instagram", 0.1), (None, None)]
        assert found[0]["own"]["denominator"] == 200
        assert found[2]["own"]["missing_reason"] == "not_recorded"

    def test_is_not_for_the_client_or_others(self, agency: Staffed) -> None:
        path = f"/v1/clients/{agency.client_id}/benchmarks"
        assert agency.viewer.get(path, params=WEEK).status_code == 403
        assert agency.other_executive.get(path, params=WEEK).status_code == 404
        assert agency.owner.get(path, params={"from": "2026-11-02"}).status_code == 422
