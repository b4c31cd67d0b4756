"""How every client did, in one answer and as tables, through the API."""

import csv
import io
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from api.metrics.performance.shapes import AgencyPerformance
from tenants import clock
from tests.factories import Staffed
from tests.metrics.made import channel_of, performance, reading, record, target_of

OCTOBER = {"from": "2026-10-01", "to": "2026-10-31", "compare": "previous_month"}
SHOWN = (
    *("views", "engagements", "er_views", "spend", "leads", "conversions", "revenue"),
    *("roi", "revenue_roi"),
)
METRICS = ("views", "likes", "comments", "shares", "saves", "clicks", "impressions", "leads")
MONEY = ("conversions", "spend_minor", "revenue_minor")


@pytest.fixture(autouse=True)
def _in_november() -> Iterator[None]:
    with clock.at(datetime(2026, 11, 20, 9, tzinfo=UTC)):
        yield


def _read(agency: Staffed, person: str = "owner", **query: str) -> Any:
    answer = getattr(agency, person).get("/v1/performance", params={**OCTOBER, **query})
    assert answer.status_code == 200, answer.text
    AgencyPerformance.model_validate_json(answer.content)
    return answer.json()


def _table(agency: Staffed, path: str, **query: str) -> list[dict[str, str]]:
    headers = {"Accept-Language": "en"}
    answer = agency.owner.get(path, params={**OCTOBER, **query}, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text)))


def _record(agency: Staffed, channel: str, start: str, days: int, **values: Any) -> None:
    first = date.fromisoformat(start)
    readings = [reading(channel, (first + timedelta(n)).isoformat(), **values) for n in range(days)]
    assert record(agency, *readings, person="owner").status_code == 200


def _kpi(client: Any, name: str) -> Any:
    return next(kpi for kpi in client["kpis"] if kpi["id"] == name)


def _theirs(agency: Staffed) -> str:
    return channel_of(agency, client_id=str(agency.other_client_id))


class TestOverview:
    def test_has_every_clients_figures_and_the_change(self, agency: Staffed) -> None:
        mine, theirs = channel_of(agency), _theirs(agency)
        _record(agency, mine, "2026-09-01", 30, views=20, likes=1)
        _record(agency, mine, "2026-10-01", 31, views=10, likes=1, spend_minor=5)
        _record(agency, theirs, "2026-10-01", 30, views=7)

        made = _read(agency)

        assert made["compared_with"]["says"] == "31 days against 30"
        assert [each["client_id"] for each in made["clients"]] == [
            str(agency.client_id),
            str(agency.other_client_id),
        ]
        one, two = made["clients"]
        views = _kpi(one, "views")
        assert (views["value"], views["previous"], views["change"]) == (310, 600, -0.483333)
        assert (_kpi(one, "er_views")["numerator"], _kpi(one, "er_views")["change"]) == (31, 1.0)
        assert (_kpi(one, "spend")["value"], _kpi(one, "spend")["currency"]) == (155, "EUR")
        assert _kpi(one, "leads")["missing_reason"] == "not_recorded"
        assert (one["complete"], one["last_reading_on"]) == (True, "2026-10-31")
        assert (_kpi(two, "views")["value"], two["complete"]) == (210, False)
        assert (two["last_reading_on"], _kpi(two, "views")["change"]) == ("2026-10-30", None)

    def test_puts_the_worst_target_before_the_biggest_fall(self, agency: Staffed) -> None:
        mine, theirs = channel_of(agency), _theirs(agency)
        _record(agency, mine, "2026-09-01", 30, views=900)
        _record(agency, mine, "2026-10-01", 31, views=100)
        _record(agency, theirs, "2026-10-01", 31, views=50)
        target_of(agency)
        assert [each["client_id"] for each in _read(agency)["clients"]][0] == str(agency.client_id)

        target_of(agency, client_id=str(agency.other_client_id))
        target_of(agency, client_id=str(agency.other_client_id), kpi="reach")
        target_of(agency, client_id=str(agency.other_client_id), ends_on="2026-12-31")
        clients = _read(agency)["clients"]

        assert [each["client_id"] for each in clients] == [
            str(agency.other_client_id),
            str(agency.client_id),
        ]
        none = {"on_track": 0, "at_risk": 0, "off_track": 0, "not_yet": 0, "unknown": 0}
        assert clients[0]["states"] == {**none, "off_track": 1, "unknown": 1}
        assert clients[1]["states"] == {**none, "on_track": 1}

    def test_of_nothing_says_why(self, agency: Staffed) -> None:
        made = _read(agency, compare="none")

        assert made["compared_with"] is None
        for client in made["clients"]:
            assert {each["missing_reason"] for each in client["kpis"]} == {"not_recorded"}
            assert client["last_reading_on"] is None

    def test_does_not_mix_currencies(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        _record(agency, channel, "2026-10-01", 1, spend_minor=1, currency="USD")
        _record(agency, channel, "2026-10-02", 1, spend_minor=1)

        mine = str(agency.client_id)
        (client,) = (each for each in _read(agency)["clients"] if each["client_id"] == mine)
        spend = _kpi(client, "spend")

        assert (spend["value"], spend["missing_reason"]) == (None, "mixed_currency")

    @pytest.mark.parametrize("seed", range(6))
    def test_has_the_same_figures_as_each_clients_own(self, agency: Staffed, seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(3):
            channel = channel_of(agency)
            mine = [name for name in (*METRICS, *MONEY) if chance.random() < 0.8] or ["views"]
            for start, days in (("2026-09-01", 30), ("2026-10-01", 31)):
                known = chance.choice([days, days, days - 2, 0])
                values = {name: chance.randrange(0, 50) for name in mine}
                if known:
                    _record(agency, channel, start, known, **values)
                if chance.random() < 0.4:
                    month = {name: chance.randrange(1, 2000) for name in mine}
                    record(agency, reading(channel, start, basis="month", **month))

        own = performance(agency, "owner", **OCTOBER).json()
        overview = next(
            each for each in _read(agency)["clients"] if each["client_id"] == str(agency.client_id)
        )

        figures = {kpi["id"]: kpi for kpi in own["kpis"]}
        for shown in overview["kpis"]:
            alone = figures[shown["id"]]
            for name in ("value", "numerator", "denominator", "currency", "missing_reason"):
                assert shown[name] == alone[name], (shown["id"], name)
            assert shown["previous"] == alone["previous"]["value"]

    def test_shows_the_clients_in_sight_alone(self, agency: Staffed, other_agency: Staffed) -> None:
        _record(other_agency, channel_of(other_agency), "2026-10-01", 31, views=1)

        def seen(who: Staffed, person: str) -> set[str]:
            return {each["client_id"] for each in _read(who, person)["clients"]}

        both = {str(agency.client_id), str(agency.other_client_id)}
        assert seen(agency, "owner") == seen(agency, "executive") == both
        assert seen(agency, "community") == {str(agency.client_id)}
        assert seen(agency, "other_executive") == {str(agency.other_client_id)}
        assert all(
            _kpi(each, "views")["value"] is None for each in _read(agency, "owner")["clients"]
        )
        for person in ("approver", "viewer", "stranger"):
            refused = getattr(agency, person).get("/v1/performance", params=OCTOBER)
            assert refused.status_code == 403

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ({"to": "2026-09-30"}, "period_ends_before_it_starts"),
            ({"from": "2020-09-30"}, "period_too_long"),
            ({"compare": "custom"}, "comparison_days"),
        ],
    )
    def test_refuses_what_makes_no_sense(
        self, agency: Staffed, query: dict[str, str], code: str
    ) -> None:
        answer = agency.owner.get("/v1/performance", params={**OCTOBER, **query})

        assert (answer.status_code, answer.json()["code"]) == (422, code)


class TestTables:
    def test_have_the_numbers_of_the_json(self, agency: Staffed) -> None:
        one, two = channel_of(agency, name="Uno"), channel_of(agency, name="Dos")
        _record(agency, one, "2026-10-01", 31, views=30, likes=1, spend_minor=7)
        _record(agency, two, "2026-10-01", 31, views=11, likes=1, revenue_minor=-3)
        path = f"/v1/clients/{agency.client_id}/performance"
        made = agency.owner.get(path, params=OCTOBER).json()

        lines = _table(agency, f"{path}.csv")

        def column(part: str, name: str, **where: str) -> dict[str, str]:
            return {
                line["Figure"]: line[name]
                for line in lines
                if line["Part"] == part and all(line[key] == v for key, v in where.items())
            }

        def written(value: Any) -> str:
            return "" if value is None else str(value)

        totals = {name: written(each["value"]) for name, each in made["totals"].items()}
        assert column("total", "Value") == {**totals, "followers": ""}
        assert totals["revenue_minor"] == "-93"
        for name, key in (("Value", "value"), ("Inputs digest", "inputs_digest")):
            assert column("kpi", name) == {each["id"]: written(each[key]) for each in made["kpis"]}
        (own,) = (each for each in made["channels"] if each["id"] == one)
        assert column("channel", "Value", Channel="Uno")["views"] == "930"
        assert column("channel", "Value", Channel="Uno")["er_views"] == written(
            next(each["value"] for each in own["kpis"] if each["id"] == "er_views")
        )
        days = [line for line in lines if line["Part"] == "day" and line["Figure"] == "views"]
        assert [int(line["Value"]) for line in days] == [41] * 31

    def test_of_the_overview_have_a_line_for_each_client_and_figure(self, agency: Staffed) -> None:
        _record(agency, channel_of(agency), "2026-10-01", 31, views=30)
        target_of(agency)
        made = _read(agency)

        lines = _table(agency, "/v1/performance.csv")

        assert [(line["Client id"], line["Figure"]) for line in lines] == [
            (each["client_id"], name) for each in made["clients"] for name in SHOWN
        ]
        views = next(line for line in lines if line["Figure"] == "views" and line["Value"])
        assert (views["Value"], views["Targets off track"]) == ("930", "1")

    def test_hold_no_formulas(self, agency: Staffed) -> None:
        evil = "=HYPERLINK(1)"
        _record(agency, channel_of(agency, name=evil), "2026-10-01", 1, views=1)
        agency.owner.patch(f"/v1/clients/{agency.client_id}", {"name": "@SUM(1)"})

        own = _table(agency, f"/v1/clients/{agency.client_id}/performance.csv")
        all_of_them = _table(agency, "/v1/performance.csv")

        assert f"'{evil}" in {line["Channel"] for line in own}
        assert "'@SUM(1)" in {line["Client"] for line in all_of_them}

    def test_speak_the_readers_language(self, agency: Staffed) -> None:
        answer = agency.owner.get(
            "/v1/performance.csv", params=OCTOBER, headers={"Accept-Language": "es"}
        )

        assert answer.text.startswith("Id del cliente,Cliente,Cifra,Valor,Antes,Cambio")
        assert answer.headers["content-language"] == "es"

    def test_are_for_who_may(self, agency: Staffed, other_agency: Staffed) -> None:
        path = f"/v1/clients/{agency.client_id}/performance.csv"

        assert other_agency.owner.get(path, params=OCTOBER).status_code == 404
        assert agency.viewer.get(path, params=OCTOBER).status_code == 403
        assert agency.approver.get("/v1/performance.csv", params=OCTOBER).status_code == 403
