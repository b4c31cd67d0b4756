"""The agency's people: seen, changed, suspended, let go."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from tests.factories import Person, Staffed, events_of
from tests.identity.steps import column


def of(person: Person) -> str:
    return f"/v1/members/{person.membership_id}"


def shown(person: Person, query: str = "?limit=200") -> set[str]:
    return {row["id"] for row in person.get(f"/v1/members{query}").json()["data"]}


def ids(*people: Person) -> set[str]:
    return {str(person.membership_id) for person in people}


class TestListMembers:
    def test_shows_the_owner_everybody(self, agency: Staffed, other_agency: Staffed) -> None:
        assert shown(agency.owner) == ids(*agency.people.values())

    def test_shows_staff_their_colleagues_and_their_clients_people(self, agency: Staffed) -> None:
        seen = shown(agency.strategist)

        assert ids(agency.approver, agency.viewer, agency.stranger) <= seen
        assert not ids(agency.other_contact) & seen
        assert agency.strategist.get(of(agency.other_contact)).status_code == 404
        assert agency.executive.get(of(agency.other_contact)).status_code == 200

    def test_shows_a_contact_nobody(self, agency: Staffed) -> None:
        assert agency.approver.get("/v1/members").status_code == 403

    def test_narrows(self, agency: Staffed) -> None:
        contacts = shown(agency.owner, "?kind=client_contact")
        owners = shown(agency.owner, "?role=owner&status=active")

        assert contacts == ids(agency.approver, agency.viewer, agency.other_contact)
        assert owners == ids(agency.owner)

    def test_does_not_tell_the_person_behind_from_other_agencies(self, agency: Staffed) -> None:
        assert "user_id" not in agency.owner.get(of(agency.executive)).json()


class TestUpdateMember:
    def test_gives_a_title(self, agency: Staffed) -> None:
        answer = agency.admin.patch(of(agency.stranger), {"title": {"es": "Diseño"}})

        assert (answer.status_code, answer.json()["title"]) == (200, {"es": "Diseño"})
        assert events_of(agency, agency.stranger.membership_id) == ["member.updated"]
        assert agency.stranger.get("/v1/me").status_code == 200

    def test_raises_a_role_on_the_next_log_in(self, agency: Staffed) -> None:
        answer = agency.owner.patch(of(agency.stranger), {"role": "admin"})

        assert (answer.status_code, answer.json()["role"]) == (200, "admin")
        assert agency.stranger.get("/v1/clients").status_code == 401

    def test_lowers_a_role_on_the_next_request(self, agency: Staffed) -> None:
        assert agency.admin.get("/v1/invitations").status_code == 200

        agency.owner.patch(of(agency.admin), {"role": "member"})

        assert agency.admin.get("/v1/invitations").status_code == 401

    def test_refuses_a_rank_above_ones_own(self, agency: Staffed) -> None:
        for path, change in (
            (of(agency.stranger), {"role": "owner"}),
            (of(agency.admin), {"role": "owner"}),
            (of(agency.owner), {"role": "member"}),
            (of(agency.owner), {"status": "suspended"}),
            (of(agency.owner), {"title": {"es": "x"}}),
        ):
            answer = agency.admin.patch(path, change)
            assert (answer.status_code, answer.json()["code"]) == (403, "above_own_rank")
        assert agency.owner.get("/v1/me").json()["membership"]["role"] == "owner"

    def test_refuses_a_role_to_who_is_no_staff(self, agency: Staffed) -> None:
        answer = agency.owner.patch(of(agency.approver), {"role": "admin"})

        assert (answer.status_code, answer.json()["code"]) == (422, "role_not_for_kind")

    def test_keeps_the_last_owner(self, agency: Staffed) -> None:
        for change in ({"role": "admin"}, {"status": "suspended"}):
            answer = agency.owner.patch(of(agency.owner), change)
            assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")
        assert agency.owner.delete(of(agency.owner)).json()["code"] == "last_owner"

    def test_lets_an_owner_step_down_when_there_is_another(self, agency: Staffed) -> None:
        agency.owner.patch(of(agency.stranger), {"role": "owner"})

        answer = agency.owner.patch(of(agency.owner), {"role": "member"})

        assert answer.status_code == 200, answer.text

    def test_keeps_one_owner_when_two_demote_each_other(self, agency: Staffed) -> None:
        agency.owner.patch(of(agency.admin), {"role": "owner"})
        _log_in_again(agency.admin)

        def demote(pair: tuple[Person, Person]) -> int:
            return int(pair[0].patch(of(pair[1]), {"role": "member"}).status_code)

        pairs = [(agency.owner, agency.admin), (agency.admin, agency.owner)]
        with ThreadPoolExecutor(2) as pool:
            statuses = sorted(pool.map(demote, pairs))

        owners = column(
            "select count(*) from memberships where agency_id = :id and role = 'owner'",
            id=agency.agency_id,
        )
        assert owners == 1
        assert statuses[0] == 200
        assert statuses[1] in (401, 403, 409)

    def test_changes_once_for_one_etag(self, agency: Staffed) -> None:
        etag = agency.owner.get(of(agency.stranger)).headers["ETag"]

        first = agency.owner.patch(of(agency.stranger), {"title": {"es": "Uno"}}, etag)
        second = agency.admin.patch(of(agency.stranger), {"title": {"es": "Dos"}}, etag)

        assert (first.status_code, second.status_code) == (200, 412)

    def test_refuses_who_may_not(self, agency: Staffed) -> None:
        answer = agency.executive.patch(of(agency.stranger), {"title": {"es": "x"}})

        assert answer.status_code == 403

    def test_finds_nobody_of_another_agency(self, agency: Staffed, other_agency: Staffed) -> None:
        answer = agency.owner.patch(of(other_agency.stranger), {"title": {"es": "x"}})

        assert answer.status_code == 404

    @pytest.mark.parametrize("change", [{"status": "removed"}, {"name": "X"}, {"role": None}])
    def test_refuses_what_is_not_changed_here(
        self, agency: Staffed, change: dict[str, Any]
    ) -> None:
        assert agency.owner.patch(of(agency.stranger), change).status_code == 422


class TestSuspend:
    def test_bites_on_the_next_request_and_ends_the_log_ins(self, agency: Staffed) -> None:
        assert agency.executive.get("/v1/clients").status_code == 200

        answer = agency.owner.patch(of(agency.executive), {"status": "suspended"})

        assert answer.status_code == 200, answer.text
        assert agency.executive.get("/v1/clients").status_code == 401
        assert events_of(agency, agency.executive.membership_id) == ["member.suspended"]

    def test_leaves_old_log_ins_dead_when_it_is_lifted(self, agency: Staffed) -> None:
        agency.owner.patch(of(agency.executive), {"status": "suspended"})

        agency.owner.patch(of(agency.executive), {"status": "active"})

        assert agency.executive.get("/v1/clients").status_code == 401
        assert events_of(agency, agency.executive.membership_id)[-1] == "member.reactivated"


class TestRemoveMember:
    def test_ends_duties_and_log_ins_and_hides_them(self, agency: Staffed) -> None:
        answer = agency.owner.delete(of(agency.strategist))

        assert answer.status_code == 204
        assert agency.strategist.get("/v1/me").status_code == 401
        assert not ids(agency.strategist) & shown(agency.owner)
        assert shown(agency.owner, "?status=removed") == ids(agency.strategist)
        path = f"/v1/clients/{agency.client_id}/assignments"
        rows = agency.owner.get(path).json()["data"]
        assert str(agency.strategist.membership_id) not in {r["membership_id"] for r in rows}
        assert events_of(agency, agency.strategist.membership_id) == ["member.removed"]

    def test_refuses_who_leads_a_client_and_says_which(self, agency: Staffed) -> None:
        answer = agency.owner.delete(of(agency.executive))

        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (409, "leads_clients")
        assert problem["clients"] == [{"id": str(agency.client_id), "name": "Café Aurora"}]
        assert agency.executive.get("/v1/me").status_code == 200

    def test_lets_a_lead_go_once_the_client_is_handed_over(self, agency: Staffed) -> None:
        body = {
            "membership_id": str(agency.stranger.membership_id),
            "duty": "account_executive",
            "is_lead": True,
        }
        path = f"/v1/clients/{agency.client_id}/assignments"
        assert agency.owner.post(path, body).status_code == 201

        assert agency.owner.delete(of(agency.executive)).status_code == 204

    def test_happens_once(self, agency: Staffed) -> None:
        agency.owner.delete(of(agency.stranger))

        answer = agency.owner.delete(of(agency.stranger))

        assert (answer.status_code, answer.json()["allowed"]) == (409, [])

    def test_refuses_somebody_of_a_higher_rank(self, agency: Staffed) -> None:
        assert agency.admin.delete(of(agency.owner)).json()["code"] == "above_own_rank"


def _log_in_again(person: Person) -> None:
    column(
        "update sessions set revoked_at = null where id = :id returning 1",
        id=UUID(str(person.session_id)),
    )


def test_a_role_change_ends_no_log_in_elsewhere(http: TestClient, agency: Staffed) -> None:
    before = agency.community.get("/v1/me").status_code

    agency.owner.patch(of(agency.stranger), {"role": "admin"})

    assert before == agency.community.get("/v1/me").status_code == 200
