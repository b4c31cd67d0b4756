"""An invitation to log in is bound to a row of the roster, and to one agency."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tenants import auth, database
from tenants.models import Membership
from tests.factories import Person, Staffed
from tests.influencers.making import done, influencer, refused

PASSWORD = "tuesta lento, sirve pronto"


def invited(agency: Staffed, influencer_id: str, email: str) -> Any:
    path = f"/v1/influencers/{influencer_id}/invite"
    return done(agency.owner.post(path, {"email": email}), 201)


def came_in(http: TestClient, invitation: Any) -> dict[str, str]:
    """The headers of whoever accepts."""
    body = {"token": invitation["token"], "password": PASSWORD}
    came = done(http.post("/v1/invitations/accept", json=body), 201)
    return {"Authorization": f"Bearer {came['tokens']['access_token']}"}


class TestInviteInfluencer:
    def test_binds_whoever_accepts_to_the_row(self, http: TestClient, agency: Staffed) -> None:
        made = influencer(agency, name="Ana Ruiz")
        headers = came_in(http, invited(agency, made["id"], "ana@people.example"))
        own = done(http.get("/v1/me/influencer-profile", headers=headers))
        assert (own["id"], own["name"]) == (made["id"], "Ana Ruiz")
        me = done(http.get("/v1/me", headers=headers))
        assert me["membership"]["kind"] == "influencer"
        assert "own_profile:write" in me["permissions"]
        now = done(agency.owner.get(f"/v1/influencers/{made['id']}"))
        assert now["membership_id"] == me["membership"]["id"]
        again = agency.owner.post(f"/v1/influencers/{made['id']}/invite", {"email": "b@b.example"})
        refused(again, 409, "logs_in_already")

    def test_lets_one_person_work_with_two_agencies_that_never_learn_of_each_other(
        self, http: TestClient, agency: Staffed, other_agency: Staffed
    ) -> None:
        email = f"ana.{agency.slug}@people.example"
        rows = [influencer(each, name="Ana") for each in (agency, other_agency)]
        here = came_in(http, invited(agency, rows[0]["id"], email))
        there = came_in(http, invited(other_agency, rows[1]["id"], email))
        own = [done(http.get("/v1/me/influencer-profile", headers=each)) for each in (here, there)]
        assert [each["id"] for each in own] == [each["id"] for each in rows]
        users = {person_of(agency, rows[0]), person_of(other_agency, rows[1])}
        assert len(users) == 1
        # What one agency does to their log-in is nothing to the other.
        member = done(agency.owner.get(f"/v1/influencers/{rows[0]['id']}"))["membership_id"]
        assert agency.owner.delete(f"/v1/members/{member}").status_code == 204
        assert http.get("/v1/me/influencer-profile", headers=here).status_code == 401
        done(http.get("/v1/me/influencer-profile", headers=there))

    def test_moves_whoever_comes_back_by_another_row(
        self, http: TestClient, agency: Staffed
    ) -> None:
        email = f"ana.{agency.slug}@people.example"
        first, second = influencer(agency), influencer(agency)
        came_in(http, invited(agency, first["id"], email))
        member = done(agency.owner.get(f"/v1/influencers/{first['id']}"))["membership_id"]
        assert agency.owner.delete(f"/v1/members/{member}").status_code == 204
        headers = came_in(http, invited(agency, second["id"], email))
        own = done(http.get("/v1/me/influencer-profile", headers=headers))
        assert own["id"] == second["id"]
        before = done(agency.owner.get(f"/v1/influencers/{first['id']}"))
        assert before["membership_id"] is None

    def test_needs_an_address_and_a_living_row(self, agency: Staffed) -> None:
        made = influencer(agency)
        path = f"/v1/influencers/{made['id']}/invite"
        refused(agency.owner.post(path, {}), 422, "no_address")
        done(agency.owner.patch(f"/v1/influencers/{made['id']}", {"status": "archived"}))
        refused(agency.owner.post(path, {"email": "a@a.example"}), 409, "move_not_allowed")

    @pytest.mark.parametrize("name", ["executive", "community"])
    def test_is_for_who_lets_people_in(self, agency: Staffed, name: str) -> None:
        made = influencer(agency)
        path = f"/v1/influencers/{made['id']}/invite"
        refused(agency.people[name].post(path, {"email": "a@a.example"}), 403, "forbidden")


def person_of(agency: Staffed, row: dict[str, Any]) -> Any:
    by: Person = agency.owner
    member_id = done(by.get(f"/v1/influencers/{row['id']}"))["membership_id"]
    with database.agency_session(auth.system(agency.agency_id)) as session:
        return database.get(session, Membership, member_id).user_id
