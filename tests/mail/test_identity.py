"""Letters that let people in, and back in."""

import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text
from starlette.testclient import TestClient

from api.http import limits
from tenants import clock, database, mail_proofs, pools, tokens
from tests.factories import Staffed
from tests.identity.steps import (
    PASSWORD,
    SignedUp,
    column,
    fresh_email,
    log_in,
    meddle,
    refresh,
    sign_up,
    told,
)
from tests.mail.conftest import Sink, text_of
from tests.work import settle

FRESH = "otra frase muy distinta"
GONE = (410, "mail_proof_gone")
TOKEN = re.compile(r"\b(?:inv|proof)_[0-9a-f_]+")


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    limits._limiter.cache_clear()
    yield
    limits._limiter.cache_clear()


@pytest.fixture
def studio(http: TestClient) -> SignedUp:
    return sign_up(http)


def ask(http: TestClient, email: str) -> Any:
    return http.post("/v1/auth/password-resets", json={"email": email})


def post() -> None:
    """What the relay and the workers do."""
    mail_proofs.settle()
    settle()


def token_in(message: EmailMessage) -> str:
    found = {*TOKEN.findall(text_of(message)), *TOKEN.findall(text_of(message, "html"))}
    (token,) = found
    return str(token)


def complete(http: TestClient, token: str, password: str = FRESH) -> Any:
    return http.post(
        "/v1/auth/password-resets/complete", json={"token": token, "password": password}
    )


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def everything_stored() -> str:
    """All that the tables of jobs, events and proofs hold, as text."""
    with database.platform_session() as session:
        parts = [
            session.connection()
            .execute(text(f"select coalesce(string_agg(t::text, ' '), '') from {table} t"))
            .scalar_one()
            for table in ("jobs", "events", "mail_proofs", "invitations")
        ]
    return " ".join(map(str, parts))


class TestInvitation:
    def test_is_mailed_to_whom_it_is_for(
        self, agency: Staffed, http: TestClient, sink: Sink
    ) -> None:
        email = fresh_email("bea")
        body = {"email": email, "name": "Bea Sol", "kind": "staff"}
        made = agency.owner.post("/v1/invitations", body).json()
        assert sink.taken == []  # never in the request
        settle()

        (message,) = sink.to(email)
        assert str(message["From"]).startswith("Estudio Norte <")
        assert str(message["Subject"]) == "Estudio Norte te invita"
        assert str(message["Reply-To"]) == agency.owner.email
        assert f"https://app.agency.example/invitation#{made['token']}" in text_of(message)
        assert token_in(message) == made["token"]
        joined = {"token": token_in(message), "password": PASSWORD}
        assert http.post("/v1/invitations/accept", json=joined).status_code == 201

    def test_leaves_its_token_nowhere(
        self, agency: Staffed, sink: Sink, caplog: pytest.LogCaptureFixture
    ) -> None:
        sink.answers = ["451 later"]
        body = {"email": fresh_email("bea"), "kind": "staff"}
        token = agency.owner.post("/v1/invitations", body).json()["token"]
        settle()

        parts = tokens.read_opaque("inv", token)
        assert parts is not None
        assert parts.secret not in everything_stored()
        assert "mail.invitation" in caplog.text  # the failure was logged
        assert parts.secret not in caplog.text

    def test_is_not_sent_once_it_was_taken_back(self, agency: Staffed, sink: Sink) -> None:
        email = fresh_email("bea")
        made = agency.owner.post("/v1/invitations", {"email": email, "kind": "staff"}).json()
        agency.owner.delete(f"/v1/invitations/{made['id']}")
        settle()

        assert sink.to(email) == []

    def test_tells_a_client_in_their_language(self, agency: Staffed, sink: Sink) -> None:
        agency.owner.patch(f"/v1/clients/{agency.client_id}", {"locale": "en-GB"})
        email = fresh_email("clara")
        duty = {"client_id": str(agency.client_id), "duty": "approver"}
        body = {"email": email, "kind": "client_contact", "duties": [duty]}
        agency.owner.post("/v1/invitations", body)
        settle()

        assert str(sink.to(email)[0]["Subject"]) == "Estudio Norte invites you"

    def test_is_sent_again_when_the_server_comes_back(self, agency: Staffed, sink: Sink) -> None:
        sink.answers = ["451 later"]
        email = fresh_email("bea")
        agency.owner.post("/v1/invitations", {"email": email, "kind": "staff"})
        settle()
        assert sink.to(email) == []

        with clock.at(clock.now() + timedelta(minutes=1)):
            meddle("update jobs set lease_until = null where kind = 'mail.invitation'")
            settle()
        assert len(sink.to(email)) == 1


class TestAskForPasswordReset:
    def test_answers_the_same_whoever_it_is(
        self, studio: SignedUp, http: TestClient, sink: Sink
    ) -> None:
        nobody = fresh_email("nobody")
        answers = [ask(http, email) for email in (studio.email, nobody)]

        assert [each.status_code for each in answers] == [202, 202]
        assert answers[0].content == answers[1].content == b""
        own = ("date", "x-request-id", "traceparent", "ratelimit")
        first, second = (
            {k: v for k, v in each.headers.items() if k not in own} for each in answers
        )
        assert first == second
        post()
        assert len(sink.to(studio.email)) == 1
        assert sink.to(nobody) == []

    def test_asks_the_database_the_same_whoever_it_is(
        self, studio: SignedUp, http: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The same statements, in the same number: there is no time to be told by."""
        asked: list[str] = []
        engine = pools.current().platform

        def note(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
            asked.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            ask(http, studio.email)
            known, asked[:] = list(asked), []
            ask(http, fresh_email("nobody"))
        finally:
            event.remove(engine, "before_cursor_execute", note)

        assert known == asked
        assert not any("users" in statement for statement in known)

    def test_is_limited_by_where_it_comes_from(self, http: TestClient) -> None:
        answers = [ask(http, fresh_email("nobody")).status_code for _ in range(31)]

        assert answers == [202] * 30 + [429]

    def test_writes_to_one_person_three_times_an_hour(
        self, studio: SignedUp, http: TestClient, sink: Sink
    ) -> None:
        for _ in range(6):
            assert ask(http, studio.email).status_code == 202
        post()

        assert len(sink.to(studio.email)) == 3

    def test_is_led_by_no_header(self, studio: SignedUp, http: TestClient, sink: Sink) -> None:
        headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
        body = {"email": studio.email}
        http.post("/v1/auth/password-resets", json=body, headers=headers)
        post()

        assert "evil.example" not in sink.to(studio.email)[0].as_string()

    def test_is_in_the_persons_language(
        self, studio: SignedUp, http: TestClient, sink: Sink
    ) -> None:
        studio.owner.patch("/v1/me", {"locale": "en"})
        ask(http, studio.email)
        post()

        assert str(sink.to(studio.email)[0]["Subject"]) == "A new password for Estudio Sur"

    def test_leaves_no_token_behind(
        self, studio: SignedUp, http: TestClient, sink: Sink, caplog: pytest.LogCaptureFixture
    ) -> None:
        ask(http, studio.email)
        post()

        parts = tokens.read_opaque("proof", token_in(sink.to(studio.email)[0]))
        assert parts is not None
        assert parts.secret not in everything_stored()
        assert parts.secret not in caplog.text

    def test_forgets_what_is_over(self, http: TestClient) -> None:
        email = fresh_email("nobody")
        ask(http, email)
        with clock.at(clock.now() + timedelta(hours=2)):
            mail_proofs.forget()

        assert column("select count(*) from mail_proofs where email = :email", email=email) == 0


class TestCompletePasswordReset:
    @pytest.fixture
    def token(self, studio: SignedUp, http: TestClient, sink: Sink) -> str:
        ask(http, studio.email)
        post()
        return token_in(sink.to(studio.email)[0])

    def test_sets_the_password_and_ends_every_log_in(
        self, studio: SignedUp, http: TestClient, sink: Sink, token: str
    ) -> None:
        assert complete(http, token).status_code == 204

        assert studio.owner.get("/v1/me").status_code == 401
        assert refresh(http, studio.owner.refresh_token).status_code == 400
        assert log_in(http, studio.email, PASSWORD).status_code == 400
        assert log_in(http, studio.email, FRESH).status_code == 200
        user_id = column("select id from users where email = :email", email=studio.email)
        assert "user.password_reset" in told(studio.agency_id, user_id)
        settle()
        assert str(sink.to(studio.email)[1]["Subject"]) == "Tu contraseña ha cambiado"

    def test_ends_log_ins_in_every_agency(
        self, studio: SignedUp, agency: Staffed, http: TestClient, token: str
    ) -> None:
        invitation = {"email": studio.email, "kind": "staff"}
        invited = agency.owner.post("/v1/invitations", invitation).json()["token"]
        joined = {"token": invited, "password": PASSWORD}
        tokens = http.post("/v1/invitations/accept", json=joined).json()["tokens"]

        assert complete(http, token).status_code == 204
        assert refresh(http, tokens["refresh_token"]).status_code == 400

    def test_works_once(self, http: TestClient, token: str) -> None:
        assert complete(http, token).status_code == 204
        assert refusal(complete(http, token)) == GONE

    def test_works_for_half_an_hour(self, http: TestClient, token: str) -> None:
        with clock.at(clock.now() + timedelta(minutes=30, seconds=1)):
            assert refusal(complete(http, token)) == GONE

    def test_ends_the_others_that_were_asked_for(
        self, studio: SignedUp, http: TestClient, sink: Sink, token: str
    ) -> None:
        ask(http, studio.email)
        post()
        other = token_in(sink.to(studio.email)[1])
        assert other != token

        assert complete(http, token).status_code == 204
        assert refusal(complete(http, other)) == GONE

    def test_ends_with_the_password_it_replaces(
        self, studio: SignedUp, http: TestClient, token: str
    ) -> None:
        change = {"password": {"current": PASSWORD, "new": FRESH}}
        assert studio.owner.patch("/v1/me", change).status_code == 200

        assert refusal(complete(http, token, "la tercera frase")) == GONE

    def test_refuses_what_anybody_would_try(
        self, studio: SignedUp, http: TestClient, token: str
    ) -> None:
        assert refusal(complete(http, token, "password123")) == (422, "password_too_common")
        assert refusal(complete(http, token, studio.email)) == (422, "password_too_common")
        assert complete(http, token).status_code == 204

    def test_refuses_a_token_that_was_changed(self, http: TestClient, token: str) -> None:
        parts = tokens.read_opaque("proof", token)
        assert parts is not None
        forged = tokens.write_opaque("proof", parts.agency_id, parts.id, "0" * 48)
        for wrong in (forged, token[:-1], "proof", "x" * 200):
            assert refusal(complete(http, wrong)) == GONE

    def test_takes_no_token_of_another_kind(
        self, studio: SignedUp, http: TestClient, sink: Sink, token: str
    ) -> None:
        studio.owner.post("/v1/me/email-verifications", None)
        settle()
        other = token_in(sink.to(studio.email)[1])

        assert refusal(complete(http, other)) == GONE
        answer = http.post("/v1/me/email-verifications/complete", json={"token": token})
        assert refusal(answer) == GONE


class TestEmailVerification:
    def test_notes_that_the_address_is_theirs(
        self, studio: SignedUp, http: TestClient, sink: Sink
    ) -> None:
        before = studio.owner.get("/v1/me")
        assert before.json()["user"]["email_verified_at"] is None
        assert studio.owner.post("/v1/me/email-verifications", None).status_code == 202
        settle()
        token = token_in(sink.to(studio.email)[0])

        done = http.post("/v1/me/email-verifications/complete", json={"token": token})

        assert done.status_code == 204
        after = studio.owner.get("/v1/me")
        assert after.json()["user"]["email_verified_at"] is not None
        assert after.headers["ETag"] != before.headers["ETag"]
        again = http.post("/v1/me/email-verifications/complete", json={"token": token})
        assert refusal(again) == GONE

    def test_asks_for_a_log_in(self, http: TestClient) -> None:
        assert http.post("/v1/me/email-verifications").status_code == 401

    def test_is_for_a_day(self, studio: SignedUp, http: TestClient, sink: Sink) -> None:
        studio.owner.post("/v1/me/email-verifications", None)
        settle()
        token = token_in(sink.to(studio.email)[0])
        with clock.at(clock.now() + timedelta(days=1, seconds=1)):
            answer = http.post("/v1/me/email-verifications/complete", json={"token": token})
        assert refusal(answer) == GONE

    def test_tells_the_agency(self, studio: SignedUp, http: TestClient, sink: Sink) -> None:
        studio.owner.post("/v1/me/email-verifications", None)
        settle()
        token = token_in(sink.to(studio.email)[0])
        http.post("/v1/me/email-verifications/complete", json={"token": token})

        user_id = column("select id from users where email = :email", email=studio.email)
        assert told(studio.agency_id, UUID(str(user_id))) == [
            "user.email_proof_asked",
            "user.email_verified",
        ]


class TestPasswordChanged:
    def test_is_told_to_whose_it_is(self, studio: SignedUp, sink: Sink) -> None:
        change = {"password": {"current": PASSWORD, "new": FRESH}}
        studio.owner.patch("/v1/me", change)
        settle()

        assert str(sink.to(studio.email)[0]["Subject"]) == "Tu contraseña ha cambiado"
