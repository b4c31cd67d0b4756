"""Competitors' readings, and the client's channels beside them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tenants import clock
from tests.factories import Staffed

WEEK = {"from": "2026-11-02", "to": "2026-11-08"}


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(datetime(2026, 11, 22, 15, 0, tzinfo=UTC)):
        yield


def _done(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def _rival(agency: Staffed, *handles: tuple[str, str], **values: Any) -> Any:
    body = {
        "client_id": str(agency.client_id),
        "name": "Café Rival",
        "handles": [{"network": network, "handle": handle} for network, handle in handles],
        **values,
    }
    return _done(agency.owner.post("/v1/competitors", body), 201)


def _channel(agency: Staffed, network: str, handle: str) -> str:
    body = {"client_id": str(agency.client_id), "network": network, "handle": handle}
    made = _done(agency.owner.post("/v1/channels", {**body, "name": handle}), 201)
    return str(made["id"])


def _read(agency: Staffed, *readings: dict[str, Any]) -> Any:
    answer = agency.community.post("/v1/metrics/daily", {"readings": list(readings)})
    return answer.json()


def _figures(agency: Staffed, made: Any) -> Any:
    answer = agency.community.get(f"/v1/competitors/{made['id']}/figures", params=WEEK)
    return _done(answer)["accounts"]


def _values(standing: Any) -> dict[str, Any]:
    names = ("followers", "followers_net", "posts", "engagements")
    return {name: standing[name]["value"] for name in names}


class TestReadings:
    def test_name_an_account_by_handle_or_id(self, agency: Staffed) -> None:
        made = _rival(agency, ("instagram", "cafe.rival"), ("x", "rival"))
        by_id = made["handles"][1]["id"]

        told = _read(
            agency,
            {"date": "2026-11-03", "competitor": "instagram:@Cafe.Rival", "posts": 2, "likes": 30},
            {"date": "2026-11-03", "competitor": by_id, "followers": 500},
        )

        assert (told["stored"], told["rejected"]) == (2, 0)
        one, two = _figures(agency, made)
        assert _values(one) == {"posts": 2, "engagements": 30} | dict.fromkeys(
            ("followers", "followers_net")
        )
        assert _values(two)["followers"] == 500
        assert two["posts"]["missing_reason"] == "not_recorded"

    def test_refuse_what_nobody_has(self, agency: Staffed) -> None:
        body = {"client_id": str(agency.other_client_id), "name": "Lejos"}
        handles = [{"network": "x", "handle": "far"}]
        _done(agency.owner.post("/v1/competitors", {**body, "handles": handles}), 201)

        told = _read(
            agency,
            {"date": "2026-11-03", "competitor": "x:nobody", "posts": 1},
            {"date": "2026-11-03", "competitor": "x:far", "posts": 1},
        )

        assert [each["code"] for each in told["errors"]] == ["unknown_competitor"] * 2

    def test_stay_with_an_account_that_comes_back(self, agency: Staffed) -> None:
        made = _rival(agency, ("x", "rival"))
        _read(agency, {"date": "2026-11-03", "competitor": "x:rival", "posts": 4})
        path = f"/v1/competitors/{made['id']}"

        _done(agency.strategist.patch(path, {"handles": []}))
        assert _figures(agency, made) == []
        _done(agency.strategist.patch(path, {"handles": [{"network": "x", "handle": "Rival"}]}))

        assert _figures(agency, made)[0]["posts"]["value"] == 4


class TestComparison:
    def _path(self, agency: Staffed) -> str:
        return f"/v1/clients/{agency.client_id}/competitors/comparison"

    def test_stands_network_by_network(self, agency: Staffed) -> None:
        rival = _rival(agency, ("instagram", "rival"))
        mine, _ = _channel(agency, "instagram", "aurora"), _channel(agency, "tiktok", "aurora")
        told = _read(
            agency,
            {"date": "2026-11-01", "competitor": "instagram:rival", "followers": 1000},
            {"date": "2026-11-08", "competitor": "instagram:rival", "followers": 1100, "likes": 55},
            {"date": "2026-11-01", "channel": mine, "followers": 400},
            {"date": "2026-11-08", "channel": mine, "followers": 300},
        )
        assert told["rejected"] == 0

        found = _done(agency.executive.get(self._path(agency), params=WEEK))

        (network,) = found["networks"]  # nobody to compare with on TikTok
        (own,), (other,) = network["own"], network["competitors"]
        assert (network["network"], own["competitor_id"]) == ("instagram", None)
        assert (other["competitor_id"], other["name"]) == (rival["id"], "Café Rival")
        assert (other["growth"]["value"], own["growth"]["value"]) == (0.1, -0.25)
        assert (own["growth"]["numerator"], own["growth"]["denominator"]) == (-100, 400)
        assert other["er_followers"]["value"] == 0.05
        assert own["engagements"]["value"] is None
        assert own["engagements"]["missing_reason"] == "not_recorded"
        assert own["er_followers"]["missing_reason"] == "not_recorded"

    def test_leaves_archived_competitors_out(self, agency: Staffed) -> None:
        rival = _rival(agency, ("x", "rival"))
        _done(agency.owner.patch(f"/v1/competitors/{rival['id']}", {"status": "archived"}))

        assert _done(agency.executive.get(self._path(agency), params=WEEK))["networks"] == []

    def test_tells_growth_only_where_it_is_known(self, agency: Staffed) -> None:
        _rival(agency, ("x", "rival"), ("threads", "new"))
        _read(
            agency,
            {"date": "2026-11-01", "competitor": "x:rival", "followers": 0},
            {"date": "2026-11-08", "competitor": "x:rival", "followers": 9},
            {"date": "2026-11-08", "competitor": "threads:new", "followers": 9},
        )

        found = _done(agency.executive.get(self._path(agency), params=WEEK))["networks"]

        reasons = [each["competitors"][0]["growth"]["missing_reason"] for each in found]
        assert reasons == ["not_recorded", "no_denominator"]

    def test_is_the_agencys_staff_s(self, agency: Staffed) -> None:
        made = _rival(agency)
        figures = f"/v1/competitors/{made['id']}/figures"
        for path in (self._path(agency), figures):
            assert agency.viewer.get(path, params=WEEK).status_code == 403
            assert agency.other_executive.get(path, params=WEEK).status_code == 404
        backwards = {"from": "2026-11-08", "to": "2026-11-02"}
        assert agency.executive.get(figures, params=backwards).status_code == 422
