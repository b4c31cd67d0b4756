"""What waits for what, through the API."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tenants.ids import new_id
from tests.campaigns import making
from tests.campaigns.making import done, move
from tests.factories import Person, Staffed, events_of

DUE = {"due_on": "2026-12-10"}


def depend(person: Person, made: Any, *others: Any, **options: Any) -> Any:
    body = {"depends_on": [other["id"] for other in others]}
    return person.put(f"/v1/deliverables/{made['id']}/dependencies", body, **options)


def card(person: Person, made: Any) -> Any:
    """A deliverable as the board shows it."""
    columns = done(person.get("/v1/deliverables/board"))["columns"]
    (found,) = [each for column in columns for each in column["cards"] if each["id"] == made["id"]]
    return found


def _ids(day: Any, section: str) -> list[str]:
    return [each["id"] for each in day[section]]


@pytest.fixture
def work(agency: Staffed) -> list[Any]:
    """Three planned deliverables of one client."""
    (line,) = making.accepted(agency)["lines"]
    return [making.deliverable(agency, line["id"], **DUE) for _ in range(3)]


class TestDependOnOthers:
    def test_waits_until_all_are_approved(self, agency: Staffed, work: list[Any]) -> None:
        first, second, last = work
        row = done(depend(agency.community, last, first, second))
        assert set(row["depends_on"]) == {first["id"], second["id"]}
        assert row["version"] == last["version"] + 1

        refused = move(agency.community, last, "start")
        making.in_client_review(agency, first)
        done(move(agency.approver, first, "approve"))
        still = move(agency.community, last, "start")
        making.delivered(agency, second)
        begun = move(agency.community, last, "start")

        assert (refused.status_code, refused.json()["code"]) == (409, "waits_for_others")
        assert set(refused.json()["waits_for"]) == {first["id"], second["id"]}
        assert (still.status_code, still.json()["waits_for"]) == (409, [second["id"]])
        assert begun.json()["status"] == "in_progress"
        assert events_of(agency, last["id"])[:2] == ["deliverable.planned", "deliverable.updated"]

    def test_is_said_when_it_is_planned(self, agency: Staffed) -> None:
        (line,) = making.accepted(agency)["lines"]
        first = making.deliverable(agency, line["id"])

        made = making.deliverable(agency, line["id"], depends_on=[first["id"]])

        assert (made["depends_on"], made["version"]) == ([first["id"]], 1)
        assert card(agency.viewer, made)["waits_for"] == [first["id"]]
        assert move(agency.community, made, "start").status_code == 409

    def test_does_not_wait_for_what_was_called_off(self, agency: Staffed, work: list[Any]) -> None:
        first, second, _ = work
        done(depend(agency.community, second, first))
        done(move(agency.community, first, "cancel"))

        assert card(agency.community, second)["waits_for"] == []
        assert done(move(agency.community, second, "start"))["depends_on"] == [first["id"]]

    def test_lets_go_of_those_that_are_not_named_again(
        self, agency: Staffed, work: list[Any]
    ) -> None:
        first, second, last = work
        done(depend(agency.community, last, first, second))

        done(depend(agency.community, last, second))
        shown = done(agency.viewer.get(f"/v1/deliverables/{last['id']}/dependencies"))
        done(depend(agency.community, last))

        assert [each["id"] for each in shown["depends_on"]] == [second["id"]]
        assert done(move(agency.community, last, "start"))["depends_on"] == []

    def test_never_goes_round(self, agency: Staffed, work: list[Any]) -> None:
        first, second, last = work
        done(depend(agency.community, second, first))
        done(depend(agency.community, last, second))

        for answer in (
            depend(agency.community, first, last),
            depend(agency.community, first, second),
            depend(agency.community, first, first),
        ):
            assert (answer.status_code, answer.json()["code"]) == (409, "dependency_cycle")
        assert done(agency.community.get(f"/v1/deliverables/{first['id']}"))["depends_on"] == []

    def test_never_goes_round_by_two_halves_at_once(self, agency: Staffed) -> None:
        (line,) = making.accepted(agency, making.line(quantity=40))["lines"]
        with ThreadPoolExecutor(8) as pool:
            for _ in range(10):
                pair = [making.deliverable(agency, line["id"], **DUE) for _ in range(2)]
                halves = [(pair[0], pair[1]), (pair[1], pair[0])]
                answers = list(pool.map(lambda half: depend(agency.community, *half), halves * 3))
                kept = [
                    done(agency.community.get(f"/v1/deliverables/{each['id']}"))["depends_on"]
                    for each in pair
                ]
                assert {each.status_code for each in answers} == {200, 409}
                assert sorted(map(len, kept)) == [0, 1]

    def test_refuses_another_clients_and_what_is_not_there(
        self, agency: Staffed, other_agency: Staffed, work: list[Any]
    ) -> None:
        scope = done(
            agency.owner.post(
                "/v1/scopes",
                {
                    "client_id": str(agency.other_client_id),
                    "title": "Otro",
                    "lines": [making.line()],
                },
            ),
            201,
        )
        done(agency.owner.post(f"/v1/scopes/{scope['id']}/submit"))
        done(agency.other_contact.post(f"/v1/scopes/{scope['id']}/accept"))
        body = {"line_id": scope["lines"][0]["id"]}
        foreign = done(agency.executive.post("/v1/deliverables", body), 201)
        (line,) = making.accepted(other_agency)["lines"]
        others = making.deliverable(other_agency, line["id"])

        for other in (foreign, others, {"id": str(new_id())}):
            assert depend(agency.executive, work[0], other).status_code == 404
        assert depend(agency.viewer, work[0], work[1]).status_code == 403
        twice = {"depends_on": [work[1]["id"]] * 2}
        answer = agency.community.put(f"/v1/deliverables/{work[0]['id']}/dependencies", twice)
        assert answer.status_code == 422

    def test_does_not_change_once_it_is_handed_in(self, agency: Staffed, work: list[Any]) -> None:
        first, second, _ = work
        making.in_client_review(agency, first)

        answer = depend(agency.community, first, second)

        assert (answer.status_code, answer.json()["code"]) == (409, "not_at_work")

    def test_keeps_to_the_version_that_was_seen(self, agency: Staffed, work: list[Any]) -> None:
        first, second, _ = work
        stale = {"headers": {"If-Match": f'"{first["version"] + 1}.s.en"'}}

        assert depend(agency.community, first, second, **stale).status_code == 412


class TestConflict:
    def test_is_shown_and_moves_nothing(self, agency: Staffed, work: list[Any]) -> None:
        first, second, _ = work
        done(depend(agency.community, second, first))
        before = card(agency.community, second)
        later = {"due_on": "2026-12-20", "cause": "client", "reason": "Fotos tarde"}

        done(move(agency.community, first, "redate", later))

        assert not before["conflicts_with_dependency"]
        after = card(agency.community, second)
        assert (after["conflicts_with_dependency"], after["due_on"]) == (True, DUE["due_on"])
        path = f"/v1/deliverables/{first['id']}/dependencies"
        (told,) = done(agency.community.get(path))["needed_by"]
        assert (told["id"], told["conflicts_with_dependency"]) == (second["id"], True)
        day = done(agency.community.get("/v1/me/day"))
        assert [(each["id"], each["waits_for"]) for each in day["redate"]] == [
            (second["id"], [first["id"]])
        ]
        assert done(agency.viewer.get("/v1/me/day"))["redate"] == []

    def test_ends_with_what_it_waited_for(self, agency: Staffed, work: list[Any]) -> None:
        first, second, _ = work
        done(depend(agency.community, second, first))
        later = {"due_on": "2026-12-20", "cause": "client", "reason": "Fotos tarde"}
        done(move(agency.community, first, "redate", later))

        done(move(agency.community, first, "cancel"))

        assert not card(agency.community, second)["conflicts_with_dependency"]
        assert done(agency.community.get("/v1/me/day"))["redate"] == []


class TestDayOfWhoWaits:
    def test_holds_up_what_cannot_be_begun(self, agency: Staffed) -> None:
        (line,) = making.accepted(agency)["lines"]
        mine = {"assignee_id": str(agency.community.membership_id), "due_on": "2026-11-24"}
        first = making.deliverable(agency, line["id"], **mine)
        second = making.deliverable(agency, line["id"], **mine, depends_on=[first["id"]])

        before = done(agency.community.get("/v1/me/day"))
        making.delivered(agency, first)
        after = done(agency.community.get("/v1/me/day"))

        assert (_ids(before, "do"), _ids(before, "held_up")) == ([first["id"]], [second["id"]])
        assert before["held_up"][0]["waits_for"] == [first["id"]]
        assert (_ids(after, "do"), _ids(after, "held_up")) == ([second["id"]], [])
        assert after["do"][0]["waits_for"] == []
