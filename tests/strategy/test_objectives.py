"""A client's objectives, through the API."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tenants import clock
from tests.factories import Staffed, events_of

PATH = "/v1/objectives"
WORDS = {"es": "Que nos encuentren en el barrio", "en": "Be found in the neighbourhood"}


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(datetime(2026, 11, 22, 15, 0, tzinfo=UTC)):
        yield


def _new(agency: Staffed, **values: Any) -> dict[str, Any]:
    return {
        "client_id": str(agency.client_id),
        "horizon": "short",
        "statement": WORDS,
        "due_on": "2026-12-31",
        **values,
    }


def _made(agency: Staffed, **values: Any) -> Any:
    answer = agency.strategist.post(PATH, _new(agency, **values))
    assert answer.status_code == 201, answer.text
    return answer.json()


def _refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


class TestSetAnObjective:
    def test_is_open_and_comes_last(self, agency: Staffed) -> None:
        first, placed, last = _made(agency), _made(agency, position=7), _made(agency)

        assert (first["status"], first["statement"]) == ("open", WORDS)
        assert [each["position"] for each in (first, placed, last)] == [0, 7, 8]
        assert events_of(agency, first["id"]) == ["objective.created"]

    def test_counts_each_clients_places_apart(self, agency: Staffed) -> None:
        _made(agency, position=9_999)

        others = _new(agency, client_id=str(agency.other_client_id))
        assert agency.owner.post(PATH, others).json()["position"] == 0
        assert _made(agency)["position"] == 9_999  # there is no place after the last

    @pytest.mark.parametrize(
        ("values", "pointer"),
        [
            ({"statement": {}}, "/statement"),
            ({"statement": {"fr": "Bonjour"}}, "/statement/fr"),
            ({"horizon": "never"}, "/horizon"),
            ({"due_on": "31/12/2026"}, "/due_on"),
            ({"position": -1}, "/position"),
            ({"position": 10_000}, "/position"),
            ({"status": "reached"}, "/status"),
        ],
    )
    def test_refuses_what_makes_no_sense(
        self, agency: Staffed, values: dict[str, Any], pointer: str
    ) -> None:
        answer = agency.strategist.post(PATH, _new(agency, **values))

        assert _refusal(answer) == (422, "invalid_request")
        assert answer.json()["errors"][0]["pointer"].startswith(pointer)

    @pytest.mark.parametrize(
        ("person", "status"),
        [("community", 403), ("executive", 403), ("approver", 403), ("stranger", 403)],
    )
    def test_is_for_the_strategist(self, agency: Staffed, person: str, status: int) -> None:
        assert agency.people[person].post(PATH, _new(agency)).status_code == status
        assert agency.strategist.get(PATH).json()["data"] == []


class TestReadObjectives:
    def test_lists_them_in_their_order(self, agency: Staffed) -> None:
        second, first = _made(agency, position=5), _made(agency, position=2)

        listed = agency.community.get(PATH, params={"client_id": str(agency.client_id)})

        assert [each["id"] for each in listed.json()["data"]] == [first["id"], second["id"]]

    def test_filters(self, agency: Staffed) -> None:
        soon = _made(agency, due_on="2026-11-30")
        late = _made(agency, due_on="2027-06-30", horizon="long")
        agency.strategist.post(f"{PATH}/{soon['id']}/reach")

        def found(**asked: str) -> list[str]:
            return [each["id"] for each in agency.owner.get(PATH, params=asked).json()["data"]]

        assert found(status="reached") == found(due_before="2026-12-01") == [soon["id"]]
        assert found(horizon="long") == found(due_after="2026-11-30") == [late["id"]]
        assert found(client_id=str(agency.other_client_id)) == []

    def test_shows_a_client_nothing(self, agency: Staffed) -> None:
        made = _made(agency)

        assert _refusal(agency.approver.get(PATH)) == (403, "forbidden")
        assert agency.approver.get(f"{PATH}/{made['id']}").status_code == 403
        assert agency.other_executive.get(f"{PATH}/{made['id']}").status_code == 404


class TestChangeAnObjective:
    def test_moves_it_and_says_it_better(self, agency: Staffed) -> None:
        made = _made(agency)
        path = f"{PATH}/{made['id']}"

        changed = agency.strategist.patch(path, {"position": 3, "due_on": "2027-01-31"}, 1)
        stale = agency.strategist.patch(path, {"position": 4}, 1)

        assert changed.status_code == 200
        assert (changed.json()["position"], changed.json()["version"]) == (3, 2)
        assert changed.json()["statement"] == WORDS
        assert _refusal(stale) == (412, "precondition_failed")
        assert events_of(agency, made["id"]) == ["objective.created", "objective.updated"]


class TestSettleAnObjective:
    @pytest.mark.parametrize(("move", "status"), [("reach", "reached"), ("miss", "missed")])
    def test_judges_it(self, agency: Staffed, move: str, status: str) -> None:
        made = _made(agency)

        settled = agency.strategist.post(f"{PATH}/{made['id']}/{move}")

        assert settled.status_code == 200
        assert (settled.json()["status"], settled.json()["settled_reason"]) == (status, None)
        assert settled.json()["settled_at"] == "2026-11-22T15:00:00Z"
        assert events_of(agency, made["id"]) == ["objective.created", f"objective.{status}"]

    def test_drops_it_for_a_reason(self, agency: Staffed) -> None:
        made = _made(agency)
        path = f"{PATH}/{made['id']}/drop"

        assert _refusal(agency.strategist.post(path, {})) == (422, "invalid_request")
        dropped = agency.strategist.post(path, {"reason": "The shop closes."})

        assert dropped.json()["settled_reason"] == "The shop closes."
        assert dropped.json()["status"] == "dropped"

    @pytest.mark.parametrize("before", ["reach", "miss", "drop"])
    def test_is_for_good(self, agency: Staffed, before: str) -> None:
        made = _made(agency)
        path = f"{PATH}/{made['id']}"
        settled = agency.strategist.post(f"{path}/{before}", {"reason": "So it is."}).json()

        moves = [
            agency.strategist.post(f"{path}/reach"),
            agency.strategist.post(f"{path}/miss"),
            agency.strategist.post(f"{path}/drop", {"reason": "Again."}),
            agency.strategist.patch(path, {"position": 1}),
        ]

        assert [_refusal(each) for each in moves] == [(409, "move_not_allowed")] * 4
        assert agency.strategist.get(path).json()["status"] == settled["status"]

    def test_is_for_the_strategist(self, agency: Staffed) -> None:
        made = _made(agency)
        assert agency.community.post(f"{PATH}/{made['id']}/reach").status_code == 403
        assert agency.strategist.get(f"{PATH}/{made['id']}").json()["status"] == "open"
