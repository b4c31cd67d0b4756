"""Who does what for which client."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest

from tenants import clock
from tests.factories import Person, Staffed, events_of


def path(agency: Staffed, assignment_id: Any = None) -> str:
    collection = f"/v1/clients/{agency.client_id}/assignments"
    return f"{collection}/{assignment_id}" if assignment_id else collection


def assign(agency: Staffed, person: Person, duty: str, **values: Any) -> Any:
    body = {"membership_id": str(person.membership_id), "duty": duty, **values}
    return agency.owner.post(path(agency), body)


def duties(agency: Staffed, **filters: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = agency.owner.get(path(agency), params=filters).json()["data"]
    return rows


def duty_of(agency: Staffed, person: Person) -> dict[str, Any]:
    return duties(agency, membership_id=str(person.membership_id))[0]


def today() -> date:
    return clock.today("Europe/Madrid")


class TestListAssignments:
    def test_shows_who_serves_the_client(self, agency: Staffed) -> None:
        rows = agency.strategist.get(path(agency)).json()["data"]

        assert {(row["duty"], row["is_lead"]) for row in rows} == {
            ("account_executive", True),
            ("social_media_manager", True),
            ("community_manager", True),
            ("approver", False),
            ("viewer", False),
        }

    def test_narrows_by_duty(self, agency: Staffed) -> None:
        rows = duties(agency, duty="approver")

        assert [row["membership_id"] for row in rows] == [str(agency.approver.membership_id)]

    def test_is_hidden_where_the_client_is(self, agency: Staffed) -> None:
        assert agency.stranger.get(path(agency)).status_code == 403
        assert agency.other_executive.get(path(agency)).status_code == 404
        assert agency.approver.get(path(agency)).status_code == 403


class TestCreateAssignment:
    def test_opens_the_client_on_the_next_request(self, agency: Staffed) -> None:
        client = f"/v1/clients/{agency.client_id}"
        assert agency.stranger.get(client).status_code == 404

        answer = assign(agency, agency.stranger, "community_manager")

        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert (made["starts_on"], made["is_lead"]) == (today().isoformat(), False)
        assert agency.stranger.get(client).status_code == 200
        assert events_of(agency, made["id"]) == ["assignment.created"]

    def test_opens_it_on_its_first_day(self, agency: Staffed) -> None:
        day = (today() + timedelta(days=3)).isoformat()
        assign(agency, agency.stranger, "community_manager", starts_on=day)

        client = f"/v1/clients/{agency.client_id}"
        assert agency.stranger.get(client).status_code == 404

    @pytest.mark.parametrize(
        ("person", "duty"),
        [("approver", "community_manager"), ("stranger", "approver"), ("viewer", "viewer2")],
    )
    def test_refuses_a_duty_of_the_other_side(
        self, agency: Staffed, person: str, duty: str
    ) -> None:
        answer = assign(agency, getattr(agency, person), duty)

        code = "invalid_request" if duty == "viewer2" else "duty_not_for_kind"
        assert (answer.status_code, answer.json()["code"]) == (422, code)

    def test_refuses_who_is_not_an_active_member(
        self, agency: Staffed, other_agency: Staffed
    ) -> None:
        member = f"/v1/members/{agency.stranger.membership_id}"
        agency.owner.patch(member, {"status": "suspended"})

        for person in (agency.stranger, other_agency.stranger):
            answer = assign(agency, person, "community_manager")
            assert (answer.status_code, answer.json()["code"]) == (422, "member_not_active")

    def test_refuses_the_same_twice_in_the_same_time(self, agency: Staffed) -> None:
        answer = assign(agency, agency.community, "community_manager")

        assert (answer.status_code, answer.json()["code"]) == (409, "already_assigned")

    def test_takes_the_same_again_after_its_end(self, agency: Staffed) -> None:
        end = today() - timedelta(days=1)
        row = duty_of(agency, agency.community)
        agency.owner.patch(path(agency, row["id"]), {"ends_on": end.isoformat()})

        answer = assign(agency, agency.community, "community_manager")

        assert answer.status_code == 201, answer.text

    def test_takes_a_stand_in(self, agency: Staffed) -> None:
        absent = str(agency.community.membership_id)
        until = (today() + timedelta(days=14)).isoformat()

        answer = assign(
            agency, agency.stranger, "community_manager", stands_in_for=absent, ends_on=until
        )

        assert (answer.status_code, answer.json()["stands_in_for"]) == (201, absent)

    def test_refuses_a_stand_in_for_nobody(self, agency: Staffed) -> None:
        for other in (agency.strategist, agency.stranger, agency.other_executive):
            answer = assign(
                agency,
                agency.stranger,
                "community_manager",
                stands_in_for=str(other.membership_id),
            )
            assert (answer.status_code, answer.json()["code"]) == (422, "nobody_to_stand_in_for")

    def test_refuses_days_that_end_before_they_start(self, agency: Staffed) -> None:
        answer = assign(
            agency,
            agency.stranger,
            "community_manager",
            starts_on="2026-05-02",
            ends_on="2026-05-01",
        )

        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/ends_on")

    def test_refuses_who_may_not(self, agency: Staffed) -> None:
        body = {"membership_id": str(agency.stranger.membership_id), "duty": "viewer"}

        assert agency.executive.post(path(agency), body).status_code == 403


class TestLead:
    def test_passes_to_the_new_one_and_the_client_follows(self, agency: Staffed) -> None:
        answer = assign(agency, agency.stranger, "account_executive", is_lead=True)

        assert answer.status_code == 201, answer.text
        leads = [row for row in duties(agency, duty="account_executive") if row["is_lead"]]
        assert [row["membership_id"] for row in leads] == [str(agency.stranger.membership_id)]
        client = agency.owner.get(f"/v1/clients/{agency.client_id}").json()
        assert client["lead_membership_id"] == str(agency.stranger.membership_id)
        assert events_of(agency, agency.client_id) == ["client.lead_changed"]

    def test_passes_by_a_change_too(self, agency: Staffed) -> None:
        row = assign(agency, agency.stranger, "account_executive").json()
        former = duty_of(agency, agency.executive)

        answer = agency.owner.patch(path(agency, row["id"]), {"is_lead": True})

        assert answer.status_code == 200, answer.text
        assert duty_of(agency, agency.executive)["is_lead"] is False
        assert events_of(agency, former["id"]) == ["assignment.updated"]
        assert events_of(agency, row["id"]) == ["assignment.created", "assignment.updated"]

    def test_is_one_however_many_take_it_at_once(self, agency: Staffed) -> None:
        people = [agency.stranger, agency.strategist, agency.community, agency.other_executive]

        with ThreadPoolExecutor(4) as pool:
            answers = list(
                pool.map(lambda p: assign(agency, p, "account_executive", is_lead=True), people)
            )

        assert {answer.status_code for answer in answers} == {201}
        leads = [row for row in duties(agency, duty="account_executive") if row["is_lead"]]
        client = agency.owner.get(f"/v1/clients/{agency.client_id}").json()
        assert [row["membership_id"] for row in leads] == [client["lead_membership_id"]]

    def test_is_always_there(self, agency: Staffed) -> None:
        row = duty_of(agency, agency.executive)

        gone = agency.owner.delete(path(agency, row["id"]))
        laid_down = agency.owner.patch(path(agency, row["id"]), {"is_lead": False})
        ending = agency.owner.patch(path(agency, row["id"]), {"ends_on": "2099-01-01"})

        assert (gone.status_code, gone.json()["code"]) == (409, "lead_stays")
        assert (laid_down.status_code, laid_down.json()["code"]) == (409, "lead_stays")
        assert (ending.status_code, ending.json()["code"]) == (422, "lead_must_serve")
        assert duty_of(agency, agency.executive)["is_lead"] is True

    def test_serves_from_today(self, agency: Staffed) -> None:
        day = (today() + timedelta(days=1)).isoformat()

        answer = assign(agency, agency.stranger, "account_executive", is_lead=True, starts_on=day)

        assert (answer.status_code, answer.json()["code"]) == (422, "lead_must_serve")

    def test_may_lay_down_another_duty(self, agency: Staffed) -> None:
        row = duty_of(agency, agency.strategist)

        answer = agency.owner.patch(path(agency, row["id"]), {"is_lead": False})

        assert (answer.status_code, answer.json()["is_lead"]) == (200, False)

    def test_is_nothing_for_a_clients_own_people(self, agency: Staffed) -> None:
        row = duty_of(agency, agency.approver)

        answer = agency.owner.patch(path(agency, row["id"]), {"is_lead": True})

        assert (answer.status_code, answer.json()["code"]) == (422, "only_staff_lead")


class TestUpdateAssignment:
    def test_closes_the_client_after_its_last_day(self, agency: Staffed) -> None:
        row = duty_of(agency, agency.community)
        client = f"/v1/clients/{agency.client_id}"
        last = (today() - timedelta(days=1)).isoformat()

        answer = agency.owner.patch(path(agency, row["id"]), {"ends_on": last})

        assert answer.status_code == 200, answer.text
        assert agency.community.get(client).status_code == 404

    def test_changes_once_for_one_etag(self, agency: Staffed) -> None:
        row = duty_of(agency, agency.community)
        one = path(agency, row["id"])

        first = agency.owner.patch(one, {"is_lead": False}, row["version"])
        second = agency.owner.patch(one, {"is_lead": True}, row["version"])
        without = agency.owner.call("PATCH", one, json={"is_lead": True})

        assert (first.status_code, second.status_code) == (200, 412)
        assert without.status_code == 428

    def test_finds_it_under_its_own_client_only(self, agency: Staffed) -> None:
        row = duty_of(agency, agency.community)
        elsewhere = f"/v1/clients/{agency.other_client_id}/assignments/{row['id']}"

        assert agency.owner.patch(elsewhere, {"is_lead": False}).status_code == 404
        assert agency.owner.delete(elsewhere).status_code == 404


class TestRemoveAssignment:
    def test_closes_the_client_on_the_next_request(self, agency: Staffed) -> None:
        row = duty_of(agency, agency.viewer)

        answer = agency.owner.delete(path(agency, row["id"]))

        assert answer.status_code == 204
        assert agency.viewer.get(f"/v1/clients/{agency.client_id}").status_code == 403
        assert events_of(agency, row["id"]) == ["assignment.removed"]


class TestGetTeam:
    def team(self, agency: Staffed) -> dict[str, Any]:
        answer = agency.strategist.get(f"/v1/clients/{agency.client_id}/team")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def test_shows_who_serves_today(self, agency: Staffed) -> None:
        team = self.team(agency)

        assert team["lead_membership_id"] == str(agency.executive.membership_id)
        assert {each["name"] for each in team["members"]} == {
            "Executive",
            "Strategist",
            "Community",
            "Approver",
            "Viewer",
        }
        assert team["gaps"] == []

    def test_shows_the_stand_in(self, agency: Staffed) -> None:
        absent = str(agency.community.membership_id)
        assign(agency, agency.stranger, "community_manager", stands_in_for=absent)

        names = {each["name"]: each["stands_in_for"] for each in self.team(agency)["members"]}
        assert names["Stranger"] == absent

    def test_shows_a_gap_when_nobody_does_it(self, agency: Staffed) -> None:
        row = duty_of(agency, agency.community)
        agency.owner.delete(path(agency, row["id"]))

        assert self.team(agency)["gaps"] == ["community_manager"]

    def test_shows_a_gap_when_who_does_it_is_suspended(self, agency: Staffed) -> None:
        member = f"/v1/members/{agency.community.membership_id}"
        agency.owner.patch(member, {"status": "suspended"})

        team = self.team(agency)
        assert team["gaps"] == ["community_manager"]
        active = {each["name"]: each["active"] for each in team["members"]}
        assert active["Community"] is False

    def test_shows_no_gap_for_a_client_that_is_not_active(self, agency: Staffed) -> None:
        row = duty_of(agency, agency.community)
        agency.owner.delete(path(agency, row["id"]))
        agency.owner.patch(f"/v1/clients/{agency.client_id}", {"status": "paused"})

        assert self.team(agency)["gaps"] == []

    def test_is_the_staffs_own(self, agency: Staffed) -> None:
        team = f"/v1/clients/{agency.client_id}/team"

        assert agency.approver.get(team).status_code == 403
        assert agency.other_executive.get(team).status_code == 404
