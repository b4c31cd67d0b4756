"""An agency signs up."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.testclient import TestClient

from tenants import settings
from tests.identity.steps import (
    PASSWORD,
    SignedUp,
    column,
    fresh_email,
    log_in,
    new_agency,
    sign_up,
    told,
)


class TestCreateAgency:
    def test_makes_it_with_its_owner_logged_in(self, http: TestClient) -> None:
        data = new_agency(slug=None)

        answer = http.post("/v1/agencies", json=data)

        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert made["agency"]["slug"].startswith("estudio-sur")
        assert made["agency"]["status"] == "active"
        assert answer.headers["Cache-Control"] == "no-store"
        token = {"Authorization": f"Bearer {made['tokens']['access_token']}"}
        me = http.get("/v1/me", headers=token).json()
        assert (me["user"]["name"], me["membership"]["role"]) == ("Ana Ruiz", "owner")
        assert me["agency"]["id"] == made["agency"]["id"]

    @pytest.mark.parametrize(("plan", "status"), [("trial", "trialing"), ("studio", "active")])
    def test_says_whether_it_is_on_trial(
        self, http: TestClient, monkeypatch: pytest.MonkeyPatch, plan: str, status: str
    ) -> None:
        monkeypatch.setattr(settings.get(), "default_plan", plan)

        made = sign_up(http)

        assert made.owner.get("/v1/agency").json()["status"] == status
        subscription = made.owner.get("/v1/billing/subscription").json()
        assert (subscription["plan"], subscription["status"]) == (plan, status)

    def test_tells_of_the_agency_its_owner_and_the_log_in(self, studio: SignedUp) -> None:
        me = studio.owner.get("/v1/me").json()

        assert told(studio.agency_id, studio.agency_id) == ["agency.created"]
        assert told(studio.agency_id, me["membership"]["id"]) == ["member.joined"]
        assert told(studio.agency_id, studio.owner.session_id) == ["session.opened"]

    def test_refuses_a_slug_that_is_taken(self, http: TestClient, studio: SignedUp) -> None:
        answer = http.post("/v1/agencies", json=new_agency(slug=studio.slug))

        assert (answer.status_code, answer.json()["code"]) == (409, "agency_slug_taken")
        assert answer.json()["errors"][0]["pointer"] == "/slug"

    def test_leaves_no_person_behind_when_it_is_refused(
        self, http: TestClient, studio: SignedUp
    ) -> None:
        email = fresh_email()

        http.post("/v1/agencies", json=new_agency(slug=studio.slug, owner={"email": email}))

        assert log_in(http, email).status_code == 400

    def test_gives_a_slug_to_only_one_of_many(self, http: TestClient) -> None:
        slug = new_agency()["slug"]
        bodies = [new_agency(slug=slug) for _ in range(8)]

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda body: http.post("/v1/agencies", json=body), bodies))

        assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]

    def test_gives_a_known_person_a_second_agency(self, http: TestClient, studio: SignedUp) -> None:
        second = sign_up(http, owner={"email": studio.email.upper()})

        first, other = studio.owner.get("/v1/me").json(), second.owner.get("/v1/me").json()
        assert first["user"]["id"] == other["user"]["id"]
        assert first["agency"]["id"] != other["agency"]["id"]

    def test_refuses_a_known_person_with_a_wrong_password_as_a_log_in_is(
        self, http: TestClient, studio: SignedUp
    ) -> None:
        owner = {"email": studio.email, "password": "not the right one"}

        answer = http.post("/v1/agencies", json=new_agency(owner=owner))

        refused = log_in(http, studio.email, "not the right one").json()
        alone = ("request_id", "error", "error_description")
        assert answer.status_code == 400
        assert {k: v for k, v in answer.json().items() if k not in alone} == {
            k: v for k, v in refused.items() if k not in alone
        }

    def test_makes_one_person_of_one_address(self, http: TestClient) -> None:
        email = fresh_email()
        bodies = [new_agency(owner={"email": email}) for _ in range(6)]

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda body: http.post("/v1/agencies", json=body), bodies))

        assert {answer.status_code for answer in answers} == {201}
        known = column("select count(*) from users where email_key = :email", email=email)
        assert known == 1


class TestPasswords:
    def test_refuses_a_common_one(self, http: TestClient) -> None:
        answer = http.post("/v1/agencies", json=new_agency(owner={"password": "Baseball1"}))

        assert (answer.status_code, answer.json()["code"]) == (422, "password_too_common")

    def test_refuses_the_persons_own_name(self, http: TestClient) -> None:
        owner = {"name": "Ana Ruiz Gil", "password": "ana ruiz gil"}

        answer = http.post("/v1/agencies", json=new_agency(owner=owner))

        assert (answer.status_code, answer.json()["code"]) == (422, "password_too_common")

    def test_refuses_one_too_short_or_too_long(self, http: TestClient) -> None:
        for password in ("x7#kq2!", "ñ" * 513):
            answer = http.post("/v1/agencies", json=new_agency(owner={"password": password}))

            assert answer.status_code == 422
            assert answer.json()["errors"][0]["pointer"] == "/owner/password"

    def test_takes_any_composition_whole(self, http: TestClient) -> None:
        long = "kein Problem " * 70
        made = sign_up(http, owner={"password": long + "x"})

        assert log_in(http, made.email, long + "x").status_code == 200
        assert log_in(http, made.email, long + "y").status_code == 400

    def test_takes_the_same_letters_however_they_are_composed(self, http: TestClient) -> None:
        made = sign_up(http, owner={"password": "mañana será otro día"})

        answer = log_in(http, made.email, "mañana será otro día")

        assert answer.status_code == 200


class TestForm:
    def test_refuses_unknown_members_and_parameters(self, http: TestClient) -> None:
        surplus = http.post("/v1/agencies", json=new_agency(plan="gold"))
        parameter = http.post("/v1/agencies?plan=gold", json=new_agency())
        media = http.post("/v1/agencies", data=new_agency()["owner"])

        assert (surplus.status_code, surplus.json()["errors"][0]["pointer"]) == (422, "/plan")
        assert (parameter.status_code, parameter.json()["code"]) == (400, "unknown_parameter")
        assert (media.status_code, media.json()["code"]) == (415, "unsupported_media")

    def test_refuses_zones_locales_and_currencies_that_do_not_exist(self, http: TestClient) -> None:
        data = new_agency(timezone="Mars/Olympus", locale="xx-ES", currency="ZZZ")

        answer = http.post("/v1/agencies", json=data)

        pointers = {fault["pointer"] for fault in answer.json()["errors"]}
        assert pointers == {"/timezone", "/locale", "/currency"}

    def test_never_repeats_the_password(self, http: TestClient) -> None:
        answer = http.post("/v1/agencies", json=new_agency(name=3, owner={"password": PASSWORD}))

        assert answer.status_code == 422
        assert PASSWORD not in answer.text
