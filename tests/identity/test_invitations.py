"""Ways in: written, used once, taken back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from tenants import clock, tokens
from tests.factories import Person, Staffed, events_of
from tests.identity.steps import (
    PASSWORD,
    Login,
    column,
    fresh_email,
    log_in,
    meddle,
    sign_up,
    told,
)

REFUSED = (410, "invitation_gone")


def invite(by: Person, **values: Any) -> Any:
    data = {"email": fresh_email("bea"), "name": "Bea", "kind": "staff", **values}
    return by.post("/v1/invitations", data)


def invited(by: Person, **values: Any) -> str:
    answer = invite(by, **values)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


def accept(http: TestClient, token: str, password: str = PASSWORD, **values: Any) -> Any:
    headers = values.pop("headers", {})
    body = {"token": token, "password": password, **values}
    return http.post("/v1/invitations/accept", json=body, headers=headers)


def at(client_id: Any, *duties: str) -> list[dict[str, str]]:
    return [{"client_id": str(client_id), "duty": duty} for duty in duties]


class TestCreateInvitation:
    def test_shows_its_token_once(self, agency: Staffed) -> None:
        answer = invite(agency.admin)

        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert made["status"] == "open"
        read = agency.owner.get(f"/v1/invitations/{made['id']}").json()
        assert read == {key: value for key, value in made.items() if key != "token"}
        kept = column("select secret_hash from invitations where id = :id", id=made["id"])
        assert kept not in made["token"]
        assert events_of(agency, made["id"]) == ["invitation.created"]

    def test_is_good_for_seven_days_at_most(self, agency: Staffed) -> None:
        assert invite(agency.owner, days=8).status_code == 422
        made = invite(agency.owner).json()

        assert made["expires_at"] <= (clock.now() + timedelta(days=7)).isoformat()

    def test_refuses_a_rank_above_ones_own(self, agency: Staffed) -> None:
        answer = invite(agency.admin, role="owner")

        assert (answer.status_code, answer.json()["code"]) == (403, "above_own_rank")
        assert invite(agency.owner, role="owner").status_code == 201

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"kind": "client_contact"}, "duty_required"),
            ({"kind": "client_contact", "role": "admin"}, "role_not_for_kind"),
            ({"kind": "client_contact", "duty": "community_manager"}, "duty_not_for_kind"),
            ({"kind": "staff", "duty": "approver"}, "duty_not_for_kind"),
            ({"kind": "influencer", "duty": "viewer"}, "duty_not_for_kind"),
        ],
    )
    def test_refuses_what_does_not_fit(
        self, agency: Staffed, values: dict[str, str], code: str
    ) -> None:
        duty = values.pop("duty", None)
        duties = at(agency.client_id, duty) if duty else []

        answer = invite(agency.owner, duties=duties, **values)

        assert (answer.status_code, answer.json()["code"]) == (422, code)

    def test_refuses_anothers_client(self, agency: Staffed, other_agency: Staffed) -> None:
        duties = at(other_agency.client_id, "viewer")

        answer = invite(agency.owner, kind="client_contact", duties=duties)

        assert answer.status_code == 404

    def test_refuses_a_member(self, agency: Staffed) -> None:
        answer = invite(agency.owner, email=agency.stranger.email.upper())

        assert (answer.status_code, answer.json()["code"]) == (409, "already_member")

    def test_answers_the_same_for_a_person_of_another_agency(
        self, agency: Staffed, other_agency: Staffed
    ) -> None:
        known = invite(agency.owner, email=other_agency.owner.email).json()
        unknown = invite(agency.owner).json()

        assert known.keys() == unknown.keys()
        assert (known["status"], known["name"]) == (unknown["status"], unknown["name"])

    def test_refuses_who_may_not(self, agency: Staffed) -> None:
        for person in (agency.executive, agency.stranger, agency.approver):
            assert invite(person).status_code == 403


class TestAcceptInvitation:
    def test_lets_a_new_person_in(self, http: TestClient, agency: Staffed) -> None:
        duties = at(agency.client_id, "community_manager")

        answer = accept(http, invited(agency.owner, duties=duties))

        assert answer.status_code == 201, answer.text
        came = answer.json()
        me = Login(http, came["tokens"]).get("/v1/me").json()
        assert (me["user"]["name"], me["agency"]["slug"]) == ("Bea", agency.slug)
        assert [each["duties"] for each in me["duties"]] == [["community_manager"]]
        assert told(agency.agency_id, came["membership"]["id"]) == ["member.joined"]

    def test_tells_of_it(self, http: TestClient, agency: Staffed) -> None:
        made = invite(agency.owner).json()

        accept(http, made["token"])

        assert events_of(agency, made["id"]) == ["invitation.created", "invitation.accepted"]
        read = agency.owner.get(f"/v1/invitations/{made['id']}").json()
        assert read["status"] == "accepted"

    def test_lets_a_contact_see_their_client_only(self, http: TestClient, agency: Staffed) -> None:
        duties = at(agency.client_id, "approver", "viewer")
        token = invited(agency.owner, kind="client_contact", duties=duties)

        contact = Login(http, accept(http, token).json()["tokens"])

        clients = contact.get("/v1/clients").json()["data"]
        assert [each["id"] for each in clients] == [str(agency.client_id)]
        assert contact.get("/v1/members").status_code == 403

    def test_lets_an_influencer_in(self, http: TestClient, agency: Staffed) -> None:
        came = accept(http, invited(agency.owner, kind="influencer")).json()

        me = Login(http, came["tokens"]).get("/v1/me")
        assert me.json()["membership"]["kind"] == "influencer"

    def test_works_once_for_many_at_once(self, http: TestClient, agency: Staffed) -> None:
        token = invited(agency.owner)

        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda _: accept(http, token), range(20)))

        statuses = sorted(answer.status_code for answer in answers)
        assert statuses.count(201) == 1
        assert set(statuses[1:]) <= {400, 410, 429}

    def test_refuses_the_same_way_whatever_is_wrong(
        self, http: TestClient, agency: Staffed
    ) -> None:
        used, revoked, voided, late = (invite(agency.owner).json() for _ in range(4))
        accept(http, used["token"])
        agency.owner.delete(f"/v1/invitations/{revoked['id']}")
        invite(agency.owner, email=voided["email"])
        meddle(
            "update invitations set expires_at = now() where id = :id",
            id=late["id"],
        )
        forged = tokens.write_opaque(
            "inv", agency.agency_id, agency.owner.membership_id, tokens.new_secret()
        )

        ended = [each["token"] for each in (used, revoked, voided, late)]
        answers = [accept(http, token) for token in (*ended, forged, "x", ended[0][:-1])]

        said = [{k: v for k, v in a.json().items() if k != "request_id"} for a in answers]
        assert said == [said[0]] * len(said)
        assert (said[0]["status"], said[0]["code"]) == REFUSED

    def test_lets_a_person_of_another_agency_in_with_their_password(
        self, http: TestClient, agency: Staffed
    ) -> None:
        elsewhere = sign_up(http)
        token = invited(agency.owner, email=elsewhere.email, name=None)

        wrong = accept(http, token, "not the right one")
        right = accept(http, token)

        assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid_grant")
        assert right.status_code == 201, right.text
        assert right.json()["membership"]["name"] == "Ana Ruiz"
        answer = log_in(http, elsewhere.email)
        assert {each["slug"] for each in answer.json()["agencies"]} == {
            elsewhere.slug,
            agency.slug,
        }

    def test_asks_a_new_person_for_a_name_and_a_good_password(
        self, http: TestClient, agency: Staffed
    ) -> None:
        token = invited(agency.owner, name=None)

        nameless = accept(http, token)
        common = accept(http, token, "password1", name="Bea")

        assert (nameless.status_code, nameless.json()["code"]) == (422, "name_required")
        assert (common.status_code, common.json()["code"]) == (422, "password_too_common")
        assert accept(http, token, name="Bea").status_code == 201

    def test_refuses_somebody_logged_in_as_another(self, http: TestClient, agency: Staffed) -> None:
        token = invited(agency.owner)

        another = accept(http, token, headers=agency.stranger.headers)
        broken = accept(http, token, headers={"Authorization": "Bearer x"})

        assert (another.status_code, another.json()["code"]) == (403, "invitation_for_another")
        assert broken.status_code == 401
        assert accept(http, token).status_code == 201

    def test_takes_the_person_logged_in_elsewhere(self, http: TestClient, agency: Staffed) -> None:
        elsewhere = sign_up(http)
        token = invited(agency.owner, email=elsewhere.email)

        assert accept(http, token, headers=elsewhere.owner.headers).status_code == 201

    def test_is_void_once_the_inviter_has_lost_the_right(
        self, http: TestClient, agency: Staffed
    ) -> None:
        token = invited(agency.admin)
        kept = invited(agency.owner)

        path = f"/v1/members/{agency.admin.membership_id}"
        assert agency.owner.patch(path, {"status": "suspended"}).status_code == 200

        assert accept(http, token).status_code == 410
        assert accept(http, kept).status_code == 201

    def test_is_void_once_it_grants_more_than_the_inviter_has(
        self, http: TestClient, agency: Staffed
    ) -> None:
        above, within = invited(agency.owner, role="owner"), invited(agency.owner)
        meddle(
            "update memberships set role = 'admin' where id = :id",
            id=agency.owner.membership_id,
        )

        assert accept(http, above).status_code == 410
        assert accept(http, within).status_code == 201

    def test_is_void_while_the_agency_is_suspended(self, http: TestClient, agency: Staffed) -> None:
        token = invited(agency.owner)
        meddle("update agencies set status = 'suspended' where id = :id", id=agency.agency_id)

        assert accept(http, token).status_code == 410

    def test_brings_a_removed_member_back(self, http: TestClient, agency: Staffed) -> None:
        first = invite(agency.owner).json()
        member = accept(http, first["token"]).json()["membership"]["id"]
        agency.owner.delete(f"/v1/members/{member}")

        again = accept(http, invited(agency.owner, email=first["email"], role="admin"))

        assert again.status_code == 201, again.text
        assert again.json()["membership"]["id"] == member
        assert again.json()["membership"]["role"] == "admin"
        assert told(agency.agency_id, member) == [
            "member.joined",
            "member.removed",
            "member.joined",
        ]

    def test_leaves_nothing_behind_when_it_is_refused(
        self, http: TestClient, agency: Staffed
    ) -> None:
        made = invite(agency.owner).json()

        accept(http, made["token"], headers=agency.stranger.headers)

        assert log_in(http, made["email"]).status_code == 400


class TestReinvite:
    def test_voids_the_former(self, http: TestClient, agency: Staffed) -> None:
        first = invite(agency.owner).json()

        second = invite(agency.admin, email=first["email"].upper()).json()

        assert accept(http, first["token"]).status_code == 410
        assert events_of(agency, first["id"]) == ["invitation.created", "invitation.revoked"]
        assert accept(http, second["token"]).status_code == 201

    def test_leaves_one_open_of_many_at_once(self, agency: Staffed) -> None:
        email = fresh_email()

        with ThreadPoolExecutor(6) as pool:
            statuses = list(
                pool.map(lambda _: invite(agency.owner, email=email).status_code, range(6))
            )

        still_open = column(
            "select count(*) from invitations where email_key = :e and status = 'open'", e=email
        )
        assert still_open == 1
        assert 201 in statuses
        assert set(statuses) <= {201, 409}

    def test_does_not_let_an_admin_void_an_owners(self, agency: Staffed) -> None:
        first = invite(agency.owner, role="owner").json()

        answer = invite(agency.admin, email=first["email"])

        assert (answer.status_code, answer.json()["code"]) == (403, "above_own_rank")


class TestRevokeInvitation:
    def test_takes_it_back_while_it_is_open(self, http: TestClient, agency: Staffed) -> None:
        made = invite(agency.owner).json()
        path = f"/v1/invitations/{made['id']}"

        assert agency.owner.delete(path).status_code == 204

        assert events_of(agency, made["id"])[-1] == "invitation.revoked"
        again = agency.owner.delete(path)
        assert (again.status_code, again.json()["code"]) == (409, "move_not_allowed")

    def test_finds_none_of_another_agency(self, agency: Staffed, other_agency: Staffed) -> None:
        made = invite(agency.owner).json()

        assert other_agency.owner.delete(f"/v1/invitations/{made['id']}").status_code == 404
        assert other_agency.owner.get(f"/v1/invitations/{made['id']}").status_code == 404


class TestListInvitations:
    def test_narrows_by_state(self, agency: Staffed) -> None:
        waiting, back, late = (invite(agency.owner).json()["id"] for _ in range(3))
        agency.owner.delete(f"/v1/invitations/{back}")
        meddle("update invitations set expires_at = now() where id = :id", id=late)

        def found(status: str) -> dict[str, str]:
            rows = agency.owner.get(f"/v1/invitations?status={status}").json()["data"]
            return {row["id"]: row["status"] for row in rows}

        assert found("open") == {waiting: "open"}
        assert found("revoked") == {back: "revoked"}
        assert found("expired") == {late: "expired"}
        assert agency.executive.get("/v1/invitations").status_code == 403
