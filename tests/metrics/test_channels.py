"""A client's channels, through the API."""

from typing import Any

import pytest

from tests.factories import Staffed, events_of
from tests.metrics.made import channel_of


def _new(agency: Staffed, **values: Any) -> dict[str, Any]:
    return {
        "client_id": str(agency.client_id),
        "network": "instagram",
        "handle": "@CafeAurora",
        "name": "Instagram",
        **values,
    }


class TestCreateChannel:
    def test_notes_it_without_the_at_sign(self, agency: Staffed) -> None:
        answer = agency.community.post("/v1/channels", _new(agency))

        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert (made["handle"], made["status"], made["connector"]) == (
            "CafeAurora",
            "active",
            "manual",
        )
        assert events_of(agency, made["id"]) == ["channel.created"]

    def test_refuses_the_same_account_twice_however_written(self, agency: Staffed) -> None:
        agency.community.post("/v1/channels", _new(agency))

        answer = agency.community.post("/v1/channels", _new(agency, handle="cafeaurora"))

        assert (answer.status_code, answer.json()["code"]) == (409, "channel_exists")

    def test_lets_another_client_have_it(self, agency: Staffed) -> None:
        agency.owner.post("/v1/channels", _new(agency))

        other = _new(agency, client_id=str(agency.other_client_id))

        assert agency.owner.post("/v1/channels", other).status_code == 201

    @pytest.mark.parametrize(
        ("person", "status"), [("viewer", 403), ("stranger", 403), ("other_executive", 404)]
    )
    def test_refuses_who_may_not(self, agency: Staffed, person: str, status: int) -> None:
        answer = getattr(agency, person).post("/v1/channels", _new(agency))

        assert answer.status_code == status

    def test_refuses_another_agencys_client(self, agency: Staffed, other_agency: Staffed) -> None:
        answer = other_agency.owner.post("/v1/channels", _new(agency))

        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

    @pytest.mark.parametrize(
        "values",
        [
            {"handle": "two words"},
            {"handle": "a,b"},
            {"url": "javascript:alert(1)"},
            {"url": "https://[a.example"},
            {"url": "https://bank.example@a.example"},
            {"network": "myspace"},
            {"timezone": "Europe/Atlantis"},
        ],
    )
    def test_refuses_what_makes_no_sense(self, agency: Staffed, values: dict[str, str]) -> None:
        answer = agency.community.post("/v1/channels", _new(agency, **values))

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == f"/{next(iter(values))}"


class TestUpdateChannel:
    def test_archives_it_and_takes_it_up_again(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        path = f"/v1/channels/{channel}"

        archived = agency.community.patch(path, {"status": "archived"}, 1)
        listed = agency.community.get("/v1/channels").json()["data"]
        again = agency.community.patch(path, {"status": "active"}, 2)

        assert (archived.status_code, archived.json()["status"]) == (200, "archived")
        assert listed == []
        assert again.json()["status"] == "active"
        assert events_of(agency, channel) == [
            "channel.created",
            "channel.archived",
            "channel.activated",
        ]

    def test_refuses_a_version_that_is_past(self, agency: Staffed) -> None:
        path = f"/v1/channels/{channel_of(agency)}"
        agency.community.patch(path, {"name": "One"}, 1)

        answer = agency.community.patch(path, {"name": "Two"}, 1)

        assert answer.status_code == 412

    def test_refuses_a_handle_that_is_taken(self, agency: Staffed) -> None:
        channel_of(agency, handle="one")
        path = f"/v1/channels/{channel_of(agency, handle='two')}"

        answer = agency.community.patch(path, {"handle": "@ONE"})
        same = agency.community.patch(path, {"handle": "@Two"})

        assert (answer.status_code, answer.json()["code"]) == (409, "channel_exists")
        assert (same.status_code, same.json()["handle"]) == (200, "Two")

    def test_has_no_delete(self, agency: Staffed) -> None:
        assert agency.owner.delete(f"/v1/channels/{channel_of(agency)}").status_code == 405


class TestListChannels:
    def test_shows_what_is_in_sight(self, agency: Staffed) -> None:
        mine = channel_of(agency)
        theirs = channel_of(agency, client_id=str(agency.other_client_id))

        def seen(person: str, filters: str = "") -> set[str]:
            rows = getattr(agency, person).get(f"/v1/channels{filters}").json()["data"]
            return {row["id"] for row in rows}

        assert seen("owner") == {mine, theirs}
        assert seen("owner", f"?client_id={agency.client_id}") == {mine}
        assert seen("owner", "?network=tiktok") == set()
        assert seen("strategist") == seen("viewer") == {mine}
        assert seen("other_contact") == {theirs}

    def test_hides_another_agencys(self, agency: Staffed, other_agency: Staffed) -> None:
        channel = channel_of(agency)

        assert other_agency.owner.get("/v1/channels").json()["data"] == []
        assert other_agency.owner.get(f"/v1/channels/{channel}").status_code == 404
        assert other_agency.owner.patch(f"/v1/channels/{channel}", {"name": "X"}).status_code == 404
