"""Refresh tokens: each works once, a lost answer harms nobody, a stolen one ends the log-in."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from tenants import clock, tokens
from tests.identity.steps import (
    Login,
    SignedUp,
    column,
    log_in,
    meddle,
    refresh,
    told,
)


class TestRefreshGrant:
    def test_answers_the_next_tokens(self, http: TestClient, studio: SignedUp) -> None:
        answer = refresh(http, studio.owner.refresh_token)

        assert answer.status_code == 200, answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        next_login = Login(http, answer.json())
        assert next_login.refresh_token != studio.owner.refresh_token
        assert next_login.session_id == studio.owner.session_id
        assert next_login.get("/v1/me").status_code == 200

    def test_makes_one_successor_for_many_at_once(self, http: TestClient, studio: SignedUp) -> None:
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda _: refresh(http, studio.owner.refresh_token), range(20)))

        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.json()["refresh_token"] for answer in answers}) == 1
        rows = column(
            "select count(*) from refresh_tokens where session_id = :id",
            id=studio.owner.session_id,
        )
        assert rows == 2

    def test_answers_a_retry_within_the_grace_the_same(
        self, http: TestClient, studio: SignedUp
    ) -> None:
        now = clock.now()
        with clock.at(now):
            first = refresh(http, studio.owner.refresh_token).json()
        with clock.at(now + timedelta(seconds=10)):
            again = refresh(http, studio.owner.refresh_token).json()

        assert again["refresh_token"] == first["refresh_token"]
        assert refresh(http, first["refresh_token"]).status_code == 200

    def test_ends_the_log_in_when_a_spent_token_comes_late(
        self, http: TestClient, studio: SignedUp
    ) -> None:
        now = clock.now()
        with clock.at(now):
            successor = refresh(http, studio.owner.refresh_token).json()
        with clock.at(now + timedelta(seconds=11)):
            late = refresh(http, studio.owner.refresh_token)

        assert (late.status_code, late.json()["error"]) == (400, "invalid_grant")
        assert refresh(http, successor["refresh_token"]).status_code == 400
        assert Login(http, successor).get("/v1/me").status_code == 401
        assert told(studio.agency_id, studio.owner.session_id) == [
            "session.opened",
            "session.reuse_detected",
        ]

    def test_ends_the_log_in_when_the_successor_was_used(
        self, http: TestClient, studio: SignedUp
    ) -> None:
        successor = refresh(http, studio.owner.refresh_token).json()
        refresh(http, successor["refresh_token"])

        replayed = refresh(http, studio.owner.refresh_token)

        assert replayed.status_code == 400
        assert studio.owner.get("/v1/me").status_code == 401

    def test_tells_of_reuse_once(self, http: TestClient, studio: SignedUp) -> None:
        successor = refresh(http, studio.owner.refresh_token).json()
        refresh(http, successor["refresh_token"])

        for _ in range(3):
            assert refresh(http, studio.owner.refresh_token).status_code == 400

        events = told(studio.agency_id, studio.owner.session_id)
        assert events.count("session.reuse_detected") == 1

    def test_leaves_other_log_ins_alone(self, http: TestClient, studio: SignedUp) -> None:
        other = Login(http, log_in(http, studio.email).json())
        successor = refresh(http, studio.owner.refresh_token).json()
        refresh(http, successor["refresh_token"])
        refresh(http, studio.owner.refresh_token)

        assert other.get("/v1/me").status_code == 200

    def test_ends_for_good_after_thirty_days(self, http: TestClient, studio: SignedUp) -> None:
        day = clock.now()
        token = studio.owner.refresh_token
        for _ in range(2):
            day += timedelta(days=14)
            with clock.at(day):
                answer = refresh(http, token)
            assert answer.status_code == 200
            token = answer.json()["refresh_token"]

        with clock.at(day + timedelta(days=2, minutes=1)):
            assert refresh(http, token).status_code == 400

    @pytest.mark.parametrize(
        "statement",
        [
            "update users set disabled_at = now() where email = :email",
            "update memberships set status = 'suspended' where email = :email",
            "update agencies set status = 'closed' where id in"
            " (select agency_id from memberships where email = :email)",
        ],
    )
    def test_refuses_who_may_no_longer_come_in(
        self, http: TestClient, studio: SignedUp, statement: str
    ) -> None:
        meddle(statement, email=studio.email)

        assert refresh(http, studio.owner.refresh_token).status_code == 400

    def test_refuses_what_is_no_refresh_token(self, http: TestClient, studio: SignedUp) -> None:
        good = studio.owner.refresh_token
        parts = tokens.read_opaque("rt", good)
        assert parts is not None
        forged = tokens.write_opaque("rt", parts.agency_id, parts.id, tokens.new_secret())
        moved = tokens.write_opaque("rt", parts.id, parts.id, parts.secret)
        renamed = tokens.write_opaque("inv", parts.agency_id, parts.id, parts.secret)
        access = studio.owner.tokens["access_token"]

        wrong = [forged, moved, renamed, access, good[:-1], good + "0", "x", "é", good.upper()]
        answers = [refresh(http, token) for token in wrong]

        assert {answer.status_code for answer in answers} == {400}
        assert {answer.json()["code"] for answer in answers} == {"invalid_grant"}
        assert refresh(http, good).status_code == 200

    def test_keeps_the_successor_unreadable(self, http: TestClient, studio: SignedUp) -> None:
        successor = refresh(http, studio.owner.refresh_token).json()["refresh_token"]

        sealed = column(
            "select successor from refresh_tokens where successor is not null and session_id = :id",
            id=studio.owner.session_id,
        )
        assert successor.encode() not in bytes(sealed)


class TestRevokeToken:
    def test_ends_the_log_in(self, http: TestClient, studio: SignedUp) -> None:
        answer = http.post(
            "/v1/auth/revoke",
            data={"token": studio.owner.refresh_token, "token_type_hint": "refresh_token"},
        )

        assert answer.status_code == 200
        assert refresh(http, studio.owner.refresh_token).status_code == 400
        assert studio.owner.get("/v1/me").status_code == 401
        assert told(studio.agency_id, studio.owner.session_id) == [
            "session.opened",
            "session.revoked",
        ]

    def test_is_content_with_any_token(self, http: TestClient, studio: SignedUp) -> None:
        for token in ("x", studio.owner.refresh_token[:-1], studio.owner.tokens["access_token"]):
            assert http.post("/v1/auth/revoke", data={"token": token}).status_code == 200

        assert studio.owner.get("/v1/me").status_code == 200

    def test_may_be_said_twice(self, http: TestClient, studio: SignedUp) -> None:
        for _ in range(2):
            answer = http.post("/v1/auth/revoke", data={"token": studio.owner.refresh_token})
            assert answer.status_code == 200
