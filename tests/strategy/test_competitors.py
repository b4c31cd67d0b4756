"""A client's competitors, through the API."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.factories import Staffed, events_of

PATH = "/v1/competitors"
RIVAL = [{"network": "instagram", "handle": "@Cafe.Rival"}, {"network": "x", "handle": "rival"}]


def _new(agency: Staffed, **values: Any) -> dict[str, Any]:
    return {"client_id": str(agency.client_id), "name": "Café Rival", "handles": RIVAL, **values}


def _made(agency: Staffed, **values: Any) -> Any:
    answer = agency.strategist.post(PATH, _new(agency, **values))
    assert answer.status_code == 201, answer.text
    return answer.json()


def _refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


class TestNameACompetitor:
    def test_keeps_its_accounts_without_the_at(self, agency: Staffed) -> None:
        made = _made(agency, url="https://rival.example", note="Opens in spring.")

        shown = [(each["network"], each["handle"]) for each in made["handles"]]
        assert shown == [("instagram", "Cafe.Rival"), ("x", "rival")]
        assert len({each["id"] for each in made["handles"]}) == 2
        assert (made["status"], made["note"]) == ("active", "Opens in spring.")
        assert agency.community.get(f"{PATH}/{made['id']}").json() == made
        assert events_of(agency, made["id"]) == ["competitor.created"]

    @pytest.mark.parametrize(
        "values",
        [
            {"handles": [*RIVAL, {"network": "instagram", "handle": "cafe.rival"}]},
            {"handles": [{"network": "smoke", "handle": "signals"}]},
            {"handles": [{"network": "x", "handle": "two words"}]},
            {"handles": RIVAL * 30},
            {"url": "javascript:alert(1)"},
            {"name": "  "},
            {"handles": None},
        ],
    )
    def test_refuses_what_makes_no_sense(self, agency: Staffed, values: dict[str, Any]) -> None:
        answer = agency.strategist.post(PATH, _new(agency, **values))

        assert _refusal(answer) == (422, "invalid_request")

    def test_gives_an_account_to_one_competitor_of_a_client(self, agency: Staffed) -> None:
        made = _made(agency)
        agency.strategist.patch(f"{PATH}/{made['id']}", {"status": "archived"})

        again = agency.strategist.post(PATH, _new(agency, handles=[RIVAL[1]]))
        other_client = _new(agency, client_id=str(agency.other_client_id))

        assert _refusal(again) == (409, "handle_taken")
        assert again.json()["errors"][0]["pointer"] == "/handles/0"
        assert agency.owner.post(PATH, other_client).status_code == 201

    def test_gives_it_to_one_of_many_who_ask_at_once(self, agency: Staffed) -> None:
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: agency.owner.post(PATH, _new(agency)), range(6)))

        assert sorted(each.status_code for each in answers) == [201, *[409] * 5]

    @pytest.mark.parametrize("person", ["community", "executive", "approver", "viewer"])
    def test_is_for_the_strategist(self, agency: Staffed, person: str) -> None:
        assert agency.people[person].post(PATH, _new(agency)).status_code == 403


class TestReadCompetitors:
    def test_leaves_archived_ones_out(self, agency: Staffed) -> None:
        old, present = _made(agency), _made(agency, name="Tostadero", handles=[])
        agency.strategist.patch(f"{PATH}/{old['id']}", {"status": "archived"})

        def found(**asked: str) -> list[str]:
            return [each["id"] for each in agency.executive.get(PATH, params=asked).json()["data"]]

        assert found() == found(client_id=str(agency.client_id)) == [present["id"]]
        assert found(status="archived") == [old["id"]]
        assert found(client_id=str(agency.other_client_id)) == []

    def test_shows_a_client_nothing(self, agency: Staffed) -> None:
        made = _made(agency)

        assert agency.approver.get(PATH).status_code == 403
        assert agency.viewer.get(f"{PATH}/{made['id']}").status_code == 403
        assert agency.other_executive.get(f"{PATH}/{made['id']}").status_code == 404


class TestChangeACompetitor:
    def test_keeps_an_account_the_same_when_it_comes_back(self, agency: Staffed) -> None:
        made = _made(agency)
        path = f"{PATH}/{made['id']}"

        fewer = agency.strategist.patch(path, {"handles": [RIVAL[1]]}, 1).json()
        back = agency.strategist.patch(path, {"handles": RIVAL}, 2).json()

        assert fewer["handles"] == made["handles"][1:]
        assert back["handles"] == made["handles"]
        assert back["version"] == 3

    def test_refuses_an_account_of_another(self, agency: Staffed) -> None:
        _made(agency)
        other = _made(agency, name="Tostadero", handles=[])

        answer = agency.strategist.patch(f"{PATH}/{other['id']}", {"handles": [RIVAL[0]]})

        assert _refusal(answer) == (409, "handle_taken")
        assert agency.strategist.get(f"{PATH}/{other['id']}").json()["handles"] == []

    def test_archives_it_and_takes_it_up_again(self, agency: Staffed) -> None:
        made = _made(agency)
        path = f"{PATH}/{made['id']}"

        archived = agency.strategist.patch(path, {"status": "archived"})
        back = agency.strategist.patch(path, {"status": "active", "name": "Café Rival Sur"})

        assert (archived.json()["status"], back.json()["status"]) == ("archived", "active")
        told = ["competitor.created", "competitor.archived", "competitor.activated"]
        assert events_of(agency, made["id"]) == told
