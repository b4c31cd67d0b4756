"""Who one is to the agency, and what one may change of oneself."""

from uuid import UUID

from starlette.testclient import TestClient

from tests.factories import Staffed, events_of
from tests.identity.steps import (
    PASSWORD,
    SignedUp,
    column,
    log_in,
    logged_in,
    refresh,
    sign_up,
    told,
)

NEW = "a wholly other phrase"
CHANGE = {"password": {"current": PASSWORD, "new": NEW}}


class TestGetMe:
    def test_tells_a_person_with_duties_what_they_may_for_whom(self, agency: Staffed) -> None:
        me = agency.executive.get("/v1/me").json()

        duties = {each["client_id"]: each for each in me["duties"]}
        one, two = duties[str(agency.client_id)], duties[str(agency.other_client_id)]
        assert one["client_name"] == "Café Aurora"
        assert one["duties"] == ["account_executive"]
        assert two["duties"] == ["community_manager"]
        assert "reports:publish_client" in one["permissions"]
        assert "reports:publish_client" not in two["permissions"]
        assert "clients:create" not in me["permissions"]

    def test_tells_an_owner_what_holds_for_every_client(self, agency: Staffed) -> None:
        me = agency.owner.get("/v1/me").json()

        assert (me["membership"]["role"], me["duties"]) == ("owner", [])
        assert "clients:create" in me["permissions"]
        assert "reports:publish" not in me["permissions"]

    def test_serves_a_contact_their_own_client(self, agency: Staffed) -> None:
        me = agency.approver.get("/v1/me").json()

        assert me["membership"]["kind"] == "client_contact"
        assert [each["client_id"] for each in me["duties"]] == [str(agency.client_id)]
        assert me["permissions"] == ["account:read", "account:write"]
        assert "settings" not in me["agency"]

    def test_is_the_same_until_something_of_it_changes(self, agency: Staffed) -> None:
        etag = agency.strategist.get("/v1/me").headers["ETag"]
        match = {"If-None-Match": etag}
        assert agency.strategist.get("/v1/me", headers=match).status_code == 304

        body = {
            "membership_id": str(agency.strategist.membership_id),
            "duty": "community_manager",
        }
        path = f"/v1/clients/{agency.other_client_id}/assignments"
        assert agency.owner.post(path, body).status_code == 201

        again = agency.strategist.get("/v1/me", headers=match)
        assert again.status_code == 200
        assert len(again.json()["duties"]) == 2


class TestUpdateMe:
    def test_changes_name_and_language(self, agency: Staffed) -> None:
        answer = agency.viewer.patch("/v1/me", {"name": "Vera", "locale": "es-MX"})

        assert answer.status_code == 200, answer.text
        me = agency.viewer.get("/v1/me").json()
        assert (me["user"]["name"], me["user"]["locale"]) == ("Vera", "es-MX")
        assert me["membership"]["name"] == "Vera"
        assert events_of(agency, agency.viewer.user_id) == ["user.updated"]
        assert events_of(agency, agency.viewer.membership_id) == ["member.updated"]

    def test_needs_the_version_it_changes(self, agency: Staffed) -> None:
        old = agency.viewer.get("/v1/me").headers["ETag"]
        first = agency.viewer.patch("/v1/me", {"name": "Vera"}, old)

        second = agency.viewer.patch("/v1/me", {"name": "Clara"}, old)
        without = agency.viewer.call("PATCH", "/v1/me", json={"name": "Clara"})

        assert first.status_code == 200
        assert (second.status_code, without.status_code) == (412, 428)
        assert agency.viewer.get("/v1/me").json()["user"]["name"] == "Vera"

    def test_answers_the_etag_of_what_it_has_become(self, agency: Staffed) -> None:
        answer = agency.viewer.patch("/v1/me", {"name": "Vera"})

        assert answer.headers["ETag"] == agency.viewer.get("/v1/me").headers["ETag"]

    def test_changes_no_other_member(self, agency: Staffed) -> None:
        answer = agency.viewer.patch("/v1/me", {"role": "owner"})

        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/role")


class TestChangePassword:
    def test_takes_the_new_one_only(self, http: TestClient, studio: SignedUp) -> None:
        answer = studio.owner.patch("/v1/me", CHANGE)

        assert answer.status_code == 200, answer.text
        assert log_in(http, studio.email).status_code == 400
        assert log_in(http, studio.email, NEW).status_code == 200
        user_id = answer.json()["user"]["id"]
        assert told(studio.agency_id, user_id) == ["user.password_changed"]

    def test_ends_every_other_log_in_in_every_agency(
        self, http: TestClient, studio: SignedUp
    ) -> None:
        other = logged_in(http, studio.email)
        abroad = sign_up(http, owner={"email": studio.email})

        assert studio.owner.patch("/v1/me", CHANGE).status_code == 200

        assert studio.owner.get("/v1/me").status_code == 200
        assert other.get("/v1/me").status_code == 401
        assert abroad.owner.get("/v1/me").status_code == 401
        assert refresh(http, other.refresh_token).status_code == 400
        assert refresh(http, studio.owner.refresh_token).status_code == 200

    def test_refuses_without_the_current_one(self, http: TestClient, studio: SignedUp) -> None:
        change = {"password": {"current": "not the right one", "new": NEW}}

        answer = studio.owner.patch("/v1/me", change)

        assert (answer.status_code, answer.json()["code"]) == (422, "wrong_password")
        assert log_in(http, studio.email).status_code == 200

    def test_refuses_a_common_one(self, http: TestClient, studio: SignedUp) -> None:
        change = {"password": {"current": PASSWORD, "new": "password1"}}

        answer = studio.owner.patch("/v1/me", change)

        assert (answer.status_code, answer.json()["code"]) == (422, "password_too_common")
        assert answer.json()["errors"][0]["pointer"] == "/password/new"

    def test_counts_guesses(self, studio: SignedUp) -> None:
        change = {"password": {"current": "not the right one", "new": NEW}}

        answers = [studio.owner.patch("/v1/me", change).status_code for _ in range(11)]

        assert answers == [*[422] * 10, 429]

    def test_does_nothing_for_a_log_in_that_has_ended(
        self, http: TestClient, studio: SignedUp
    ) -> None:
        http.post("/v1/auth/revoke", data={"token": studio.owner.refresh_token})

        assert studio.owner.patch("/v1/me", CHANGE).status_code == 401
        assert log_in(http, studio.email).status_code == 200

    def test_shows_no_password_in_the_event(self, studio: SignedUp) -> None:
        user_id = studio.owner.patch("/v1/me", CHANGE).json()["user"]["id"]

        changed = column(
            "select changed::text from events where subject_id = :id", id=UUID(user_id)
        )
        assert "argon" not in changed
        assert NEW not in changed
