"""One's own log-ins: seen, ended."""

from starlette.testclient import TestClient

from tests.factories import Staffed
from tests.identity.steps import SignedUp, logged_in, refresh, sign_up, told


class TestListSessions:
    def test_shows_ones_own_and_which_one_asks(self, http: TestClient, studio: SignedUp) -> None:
        other = logged_in(http, studio.email)

        data = studio.owner.get("/v1/sessions").json()["data"]

        shown = {row["id"]: row["current"] for row in data}
        assert shown == {str(other.session_id): False, str(studio.owner.session_id): True}

    def test_shows_nobody_elses(self, agency: Staffed) -> None:
        for person in (agency.owner, agency.executive, agency.approver):
            data = person.get("/v1/sessions").json()["data"]
            assert [row["id"] for row in data] == [str(person.session_id)]

    def test_shows_none_of_another_agency(self, http: TestClient, studio: SignedUp) -> None:
        sign_up(http, owner={"email": studio.email})

        assert len(studio.owner.get("/v1/sessions").json()["data"]) == 1


class TestEndSession:
    def test_ends_it_at_once(self, http: TestClient, studio: SignedUp) -> None:
        other = logged_in(http, studio.email)

        answer = studio.owner.delete(f"/v1/sessions/{other.session_id}")

        assert answer.status_code == 204
        assert other.get("/v1/me").status_code == 401
        assert refresh(http, other.refresh_token).status_code == 400
        assert told(studio.agency_id, other.session_id) == ["session.opened", "session.revoked"]
        assert studio.owner.delete(f"/v1/sessions/{other.session_id}").status_code == 404

    def test_ends_ones_own_only(self, agency: Staffed, other_agency: Staffed) -> None:
        for person in (agency.executive, other_agency.owner, agency.approver):
            answer = agency.owner.delete(f"/v1/sessions/{person.session_id}")
            assert answer.status_code == 404
            assert person.get("/v1/me").status_code == 200

    def test_needs_if_match(self, agency: Staffed) -> None:
        path = f"/v1/sessions/{agency.executive.session_id}"

        assert agency.executive.call("DELETE", path).status_code == 428
        assert agency.executive.delete(path).status_code == 204


class TestEndOtherSessions:
    def test_ends_all_but_the_one_that_asks(self, http: TestClient, studio: SignedUp) -> None:
        others = [logged_in(http, studio.email) for _ in range(2)]

        answer = studio.owner.delete("/v1/sessions")

        assert answer.status_code == 204
        assert studio.owner.get("/v1/me").status_code == 200
        for other in others:
            assert other.get("/v1/me").status_code == 401
            assert told(studio.agency_id, other.session_id)[-1] == "session.revoked"

    def test_ends_nobody_elses(self, agency: Staffed) -> None:
        assert agency.owner.delete("/v1/sessions").status_code == 204

        assert agency.executive.get("/v1/me").status_code == 200
