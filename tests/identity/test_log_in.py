"""Logging in with a password."""

import statistics
import time
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from tenants import passwords, sessions, users
from tenants.sessions import Origin
from tenants.users import Proof, StaleProof
from tests.identity.steps import (
    FORM,
    PASSWORD,
    SignedUp,
    column,
    fresh_email,
    log_in,
    meddle,
    sign_up,
    token,
    told,
)
from tests.spec import Checked


def elsewhere(http: TestClient) -> TestClient:
    """The same application, called from a network address that nobody has used."""
    number = uuid4().int
    host = f"10.{number % 250}.{number // 250 % 250}.{number // 62500 % 250}"
    return Checked(http.app, client=(host, 50000), raise_server_exceptions=False)


class TestPasswordGrant:
    def test_answers_tokens_that_work(self, http: TestClient, studio: SignedUp) -> None:
        answer = log_in(http, studio.email)

        assert answer.status_code == 200, answer.text
        tokens = answer.json()
        assert answer.headers["Cache-Control"] == "no-store"
        assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 900)
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert http.get("/v1/me", headers=bearer).status_code == 200

    def test_tells_of_it(self, http: TestClient, studio: SignedUp) -> None:
        log_in(http, studio.email)

        newest = column(
            "select id from sessions where agency_id = :id order by id desc limit 1",
            id=studio.agency_id,
        )
        assert told(studio.agency_id, newest) == ["session.opened"]

    def test_takes_the_address_in_any_case(self, http: TestClient, studio: SignedUp) -> None:
        assert log_in(http, studio.email.upper()).status_code == 200

    def test_stores_no_secret_as_it_is(self, http: TestClient, studio: SignedUp) -> None:
        refresh_token = log_in(http, studio.email).json()["refresh_token"]

        secret = refresh_token.rpartition("_")[2][:-8]
        found = column(
            "select count(*) from refresh_tokens where secret_hash like :secret",
            secret=f"%{secret}%",
        )
        hashed = column("select password_hash from users where email = :e", e=studio.email)
        assert found == 0
        assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")

    @pytest.mark.parametrize(
        "statement",
        [
            "update users set disabled_at = now() where email = :email",
            "update memberships set status = 'suspended' where email = :email",
            "update memberships set status = 'removed' where email = :email",
        ],
    )
    def test_refuses_alike_whatever_the_reason(
        self, http: TestClient, studio: SignedUp, statement: str
    ) -> None:
        wrong = log_in(http, studio.email, "not the right one").json()
        unknown = log_in(http, fresh_email()).json()
        elsewhere = log_in(http, studio.email, agency="no-such-agency").json()
        meddle(statement, email=studio.email)
        barred = log_in(http, studio.email).json()

        answers = [wrong, unknown, elsewhere, barred]
        for answer in answers:
            answer.pop("request_id")
        assert answers == [wrong] * 4
        assert (wrong["status"], wrong["code"], wrong["error"]) == (
            400,
            "invalid_grant",
            "invalid_grant",
        )

    def test_refuses_a_closed_agency_and_not_a_suspended_one(
        self, http: TestClient, studio: SignedUp
    ) -> None:
        meddle("update agencies set status = 'suspended' where id = :id", id=studio.agency_id)
        assert log_in(http, studio.email).status_code == 200

        meddle("update agencies set status = 'closed' where id = :id", id=studio.agency_id)
        assert log_in(http, studio.email).status_code == 400

    def test_works_as_hard_for_nobody(self, http: TestClient, studio: SignedUp) -> None:
        def spent(email: str) -> float:
            began = time.perf_counter()
            log_in(http, email, "not the right one")
            return time.perf_counter() - began

        spent(fresh_email())
        known = statistics.median(spent(studio.email) for _ in range(5))
        unknown = statistics.median(spent(fresh_email()) for _ in range(5))

        assert 0.4 < known / unknown < 2.5


class TestSeveralAgencies:
    @pytest.fixture
    def second(self, http: TestClient, studio: SignedUp) -> SignedUp:
        return sign_up(http, owner={"email": studio.email})

    def test_asks_which_one_once_the_password_held(
        self, http: TestClient, studio: SignedUp, second: SignedUp
    ) -> None:
        answer = log_in(http, studio.email)

        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (400, "agency_required")
        assert {each["slug"] for each in problem["agencies"]} == {studio.slug, second.slug}
        assert problem["error"] == "invalid_request"

    def test_names_none_before_that(
        self, http: TestClient, studio: SignedUp, second: SignedUp
    ) -> None:
        answer = log_in(http, studio.email, "not the right one")

        assert answer.json()["code"] == "invalid_grant"
        assert "agencies" not in answer.json()

    def test_opens_the_one_that_is_named(
        self, http: TestClient, studio: SignedUp, second: SignedUp
    ) -> None:
        for agency in (studio, second):
            tokens = log_in(http, studio.email, agency=agency.slug).json()
            bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
            assert http.get("/v1/me", headers=bearer).json()["agency"]["slug"] == agency.slug


class TestForm:
    def test_refuses_other_grants(self, http: TestClient) -> None:
        answer = token(http, grant_type="client_credentials", username="x")

        problem = answer.json()
        assert answer.status_code == 400
        assert problem["code"] == problem["error"] == "unsupported_grant_type"

    def test_says_what_is_missing(self, http: TestClient) -> None:
        answer = token(http, grant_type="password", username=fresh_email())

        problem = answer.json()
        assert (answer.status_code, problem["errors"][0]["pointer"]) == (422, "/password")
        assert problem["error"] == "invalid_request"
        assert problem["error_description"].isascii()

    def test_takes_a_field_without_a_value_as_left_out(self, http: TestClient) -> None:
        answer = token(http, grant_type="password", username=fresh_email(), password="")

        assert answer.json()["errors"][0]["pointer"] == "/password"

    def test_describes_the_error_in_ascii_to_a_spanish_reader(self, http: TestClient) -> None:
        answer = http.post(
            "/v1/auth/token",
            data={"grant_type": "password", "username": fresh_email(), "password": PASSWORD},
            headers={"Accept-Language": "es"},
        )

        assert "contraseña" in answer.json()["detail"]
        assert answer.json()["error_description"].isascii()

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b"grant_type=password&scope=all&username=a&password=b", 422),
            (b"grant_type=password&grant_type=refresh_token", 400),
            (b"grant_type=password&username=%ff&password=b", 400),
            (b"grant_type=password&username=a%00&password=b", 400),
            ("grant_type=password&username=a&password=ñ".encode(), 400),
            (b"grant_type", 400),
            (b"&".join(b"a%d=1" % n for n in range(60)), 400),
            (b"", 422),
        ],
    )
    def test_refuses_what_is_no_clean_form(
        self, http: TestClient, body: bytes, status: int
    ) -> None:
        answer = http.post("/v1/auth/token", content=body, headers=FORM)

        assert (answer.status_code, answer.json()["error"]) == (status, "invalid_request")

    def test_refuses_json_and_query_parameters(self, http: TestClient) -> None:
        json = http.post("/v1/auth/token", json={"grant_type": "password"})
        query = http.post("/v1/auth/token?grant_type=password", data={"grant_type": "password"})

        assert (json.status_code, json.json()["error"]) == (415, "invalid_request")
        assert (query.status_code, query.json()["code"]) == (400, "unknown_parameter")

    def test_is_bounded(self, http: TestClient) -> None:
        body = iter([b"a=", *[b"b" * 1_000_000] * 3])

        answer = http.post("/v1/auth/token", content=body, headers=FORM)

        assert (answer.status_code, answer.json()["error"]) == (413, "invalid_request")

    def test_takes_no_get(self, http: TestClient) -> None:
        answer = http.get("/v1/auth/token")

        assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")


class TestRehash:
    @pytest.fixture
    def raised(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stronger = PasswordHasher(time_cost=3, memory_cost=24_000, parallelism=1)
        monkeypatch.setattr(passwords, "hasher", stronger)

    def test_takes_up_stronger_parameters(
        self, http: TestClient, studio: SignedUp, request: pytest.FixtureRequest
    ) -> None:
        request.getfixturevalue("raised")

        assert log_in(http, studio.email, "not the right one").status_code == 400
        before = column("select password_hash from users where email = :e", e=studio.email)
        assert log_in(http, studio.email).status_code == 200
        after = column("select password_hash from users where email = :e", e=studio.email)

        assert "m=19456,t=2" in before
        assert "m=24000,t=3" in after
        assert log_in(http, studio.email).status_code == 200


class TestThrottle:
    def guess(self, http: TestClient, email: str, times: int) -> list[int]:
        return [log_in(http, email, f"guess number {n}").status_code for n in range(times)]

    def test_stops_guessing_from_one_address(self, http: TestClient, studio: SignedUp) -> None:
        attacker = elsewhere(http)

        assert self.guess(attacker, studio.email, 12) == [*[400] * 10, 429, 429]

    def test_says_when_to_come_back(self, http: TestClient, studio: SignedUp) -> None:
        attacker = elsewhere(http)
        self.guess(attacker, studio.email, 10)

        answer = log_in(attacker, studio.email)

        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
        assert 0 < int(answer.headers["Retry-After"]) <= 900

    def test_stops_guessing_from_many_addresses_and_lets_the_owner_in(
        self, http: TestClient, studio: SignedUp
    ) -> None:
        answers = [
            status for _ in range(11) for status in self.guess(elsewhere(http), studio.email, 5)
        ]

        assert answers.count(400) == 40
        assert set(answers[40:]) == {429}
        assert log_in(elsewhere(http), studio.email).status_code == 429
        assert log_in(http, studio.email).status_code == 200

    def test_counts_nobody_the_same(self, http: TestClient) -> None:
        assert self.guess(elsewhere(http), fresh_email(), 11) == [*[400] * 10, 429]

    def test_forgets_the_slips_of_who_succeeds(self, http: TestClient, studio: SignedUp) -> None:
        for _ in range(3):
            assert self.guess(http, studio.email, 6) == [400] * 6
            assert log_in(http, studio.email).status_code == 200

    def test_counts_guesses_at_sign_up_too(self, http: TestClient, studio: SignedUp) -> None:
        attacker = elsewhere(http)
        self.guess(attacker, studio.email, 10)

        owner = {"name": "Ana", "email": studio.email, "password": "guess at sign-up"}
        body = {
            "name": "Otra",
            "locale": "es",
            "timezone": "Europe/Madrid",
            "currency": "EUR",
            "owner": owner,
        }
        assert attacker.post("/v1/agencies", json=body).status_code == 429


class TestProof:
    def test_counts_for_nothing_once_the_password_has_changed(
        self, http: TestClient, studio: SignedUp
    ) -> None:
        origin = Origin("10.0.0.1", "tests", None)
        known = users.look_up(studio.email, origin.address_hash)
        proof = Proof(studio.email, known.user_id, known.password_hash, None)
        change = {"password": {"current": PASSWORD, "new": "a wholly other phrase"}}
        assert studio.owner.patch("/v1/me", change).status_code == 200

        with pytest.raises(StaleProof):
            sessions.log_in(proof, None, origin)
