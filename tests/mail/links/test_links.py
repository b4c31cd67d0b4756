"""Deciding without an account: the address and its page, how it ends and what it shows."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from api.approvals import links
from tenants import auth, clock, database, tokens
from tests.budgets import factories as budgets
from tests.factories import Staffed, events_of
from tests.identity.steps import column
from tests.mail.conftest import Sink, text_of
from tests.mail.links.handed_out import CLARA, HTML, Link, handed_out, proposed
from tests.work import settle


class TestCreate:
    def test_shows_the_address_once_and_mails_it(
        self, agency: Staffed, http: TestClient, sink: Sink
    ) -> None:
        link = handed_out(agency, http)
        settle()

        (message,) = sink.to(CLARA["email"])
        assert link.made["address"] in text_of(message)
        assert link.made["address"] in text_of(message, "html")
        assert "tu decisión sobre" in str(message["Subject"])
        listed = agency.executive.get("/v1/approval-links").json()["data"]
        assert [each["id"] for each in listed] == [link.made["id"]]
        assert "address" not in listed[0]
        assert events_of(agency, link.made["id"]) == ["approval_link.created"]

    def test_keeps_its_token_nowhere(self, link: Link) -> None:
        settle()
        parts = tokens.read_opaque("decide", link.token)
        assert parts is not None
        for table in ("approval_links", "jobs", "events", "event_queue"):
            query = f"select coalesce(string_agg(t::text, ' '), '') from {table} t"
            with database.agency_session(auth.system(link.agency.agency_id)) as session:
                stored = session.connection().execute(text(query)).scalar_one()
            assert parts.secret not in str(stored), table

    def test_is_for_no_staff(self, agency: Staffed) -> None:
        approval = proposed(agency)
        body = {**CLARA, "email": agency.strategist.email.upper()}
        answer = agency.executive.post(f"/v1/approvals/{approval['id']}/links", body)

        assert (answer.status_code, answer.json()["code"]) == (422, "link_for_staff")

    def test_is_for_the_clients_decision_alone(self, agency: Staffed) -> None:
        agency.owner.patch(f"/v1/clients/{agency.client_id}", {"approval_mode": "internal"})
        approval = proposed(agency)
        answer = agency.executive.post(f"/v1/approvals/{approval['id']}/links", CLARA)

        assert (answer.status_code, answer.json()["code"]) == (422, "internal_decision")

    def test_is_for_what_still_waits(self, agency: Staffed) -> None:
        approval = proposed(agency)
        agency.approver.post(f"/v1/approvals/{approval['id']}/decide", {"outcome": "approved"})
        answer = agency.executive.post(f"/v1/approvals/{approval['id']}/links", CLARA)

        assert (answer.status_code, answer.json()["code"]) == (409, "move_not_allowed")


class TestPage:
    def test_shows_what_is_decided_on(self, link: Link) -> None:
        page = link.get()

        assert page.status_code == 200
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        for word in (
            "Estudio Norte",
            "Café Aurora",
            CLARA["name"],
            link.approval["content_sha256"],
            "Presupuesto",
            "1.250,00\xa0€",
            "800,50\xa0€",
            "Pauta en medios",
            "1 oct 2026",
            "Aprobar",
        ):
            assert word in page.text, word
        assert '<html lang="es">' in page.text

    def test_is_in_the_clients_language_whatever_the_browser_says(
        self, agency: Staffed, http: TestClient
    ) -> None:
        agency.owner.patch(f"/v1/clients/{agency.client_id}", {"locale": "en-GB"})
        page = handed_out(agency, http).get(**{"Accept-Language": "es"})

        assert '<html lang="en">' in page.text
        assert "€1,250.00" in page.text
        assert "Approve" in page.text

    def test_wears_the_agencys_colours(self, agency: Staffed, http: TestClient) -> None:
        branding = {"branding": {"primary": "#5B2A86", "accent": "#F2B134"}}
        assert agency.owner.patch("/v1/agency", branding).status_code == 200

        assert "#5B2A86" in handed_out(agency, http).get().text

    def test_lets_nothing_in_and_tells_nobody(self, link: Link) -> None:
        page = link.get()
        policy = page.headers["content-security-policy"]

        assert "default-src 'none'" in policy
        assert "form-action 'self'" in policy
        assert "script" not in policy.replace("script-src", "")
        assert "<script" not in page.text
        assert "style=" not in page.text
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-robots-tag"] == "noindex, nofollow"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert link.token not in page.text

    def test_shows_words_as_words(self, agency: Staffed, http: TestClient) -> None:
        made = budgets.draft(agency, 1000, name="<script>alert(1)</script>")
        answer = agency.executive.post(f"/v1/budgets/{made['id']}/propose").json()
        approval = agency.executive.get(f"/v1/approvals/{answer['approval_id']}").json()
        link = handed_out(agency, http, approval=approval, name="<b>Clara</b>")

        page = link.get().text
        assert "<script>" not in page
        assert "<b>Clara" not in page

    def test_changes_nothing_by_being_looked_at(self, link: Link) -> None:
        """A mail scanner follows every address it finds, more than once."""
        before = link.read()
        for _ in range(3):
            assert link.get().status_code == 200
            assert link.http.head(link.path, headers=HTML).status_code == 200
            assert link.http.options(link.path).status_code == 204
        assert link.http.put(link.path).status_code == 405

        assert link.read() == before
        links = link.agency.executive.get("/v1/approval-links").json()["data"]
        assert links[0]["version"] == 1


class TestEnd:
    def test_by_time(self, link: Link) -> None:
        with clock.at(clock.now() + timedelta(days=15)):
            for answer in (link.get(), link.decide()):
                assert answer.status_code == 410
                assert "Pide otra" in answer.text
                assert "Estudio Norte" in answer.text
                assert link.approval["title"] not in answer.text
        assert link.read()["status"] == "open"

    def test_by_hand(self, link: Link) -> None:
        path = f"/v1/approval-links/{link.made['id']}"
        assert link.agency.executive.delete(path).status_code == 200

        assert link.get().status_code == 410
        assert link.decide().status_code == 410
        assert link.read()["status"] == "open"
        told = events_of(link.agency, link.made["id"])
        assert told == ["approval_link.created", "approval_link.revoked"]

    def test_with_what_was_asked(self, link: Link) -> None:
        link.agency.executive.post(f"/v1/budgets/{link.approval['budget_id']}/withdraw")

        for answer in (link.get(), link.decide()):
            assert answer.status_code == 410
            assert "ya no se pregunta" in answer.text
            assert "Aprobar" not in answer.text

    def test_says_when_somebody_else_has_decided(self, link: Link) -> None:
        path = f"/v1/approvals/{link.approval['id']}/decide"
        link.agency.approver.post(path, {"outcome": "approved"})

        assert "Se aprobó el" in link.get().text
        late = link.decide("rejected", "No.")
        assert late.status_code == 409
        assert "no se ha registrado" in late.text

    def test_of_a_wrong_address_tells_nothing(self, link: Link, http: TestClient) -> None:
        parts = tokens.read_opaque("decide", link.token)
        assert parts is not None
        forged = tokens.write_opaque("decide", parts.agency_id, parts.id, "0" * 48)
        elsewhere = tokens.write_opaque("decide", UUID(int=7), parts.id, parts.secret)
        share = tokens.write_opaque("share", parts.agency_id, parts.id, parts.secret)
        pages = set()
        for token in (forged, elsewhere, share, link.token[:-1], "x"):
            page = http.get(f"/decide/{token}", headers=HTML)
            assert page.status_code == 404
            pages.add(page.text)
        assert len(pages) == 1
        assert "Estudio Norte" not in pages.pop()


class TestSight:
    """What the address opens, asked of the database itself."""

    def test_is_one_approval_and_one_decision(self, link: Link, http: TestClient) -> None:
        other = proposed(link.agency)
        with links.opened(link.token) as (session, _):
            rows = session.connection().execute(text("select id from approvals")).scalars().all()
        assert list(map(str, rows)) == [link.approval["id"]]
        refused = (
            "select 1 from approval_decisions",
            "select 1 from approval_links",
            "select 1 from clients",
            "select 1 from budgets",
            "select 1 from memberships",
            "select 1 from events",
            "select 1 from jobs",
            "update approvals set status = 'approved'",
            "update approvals set updated_at = now()",
            "delete from approvals",
        )
        for statement in refused:
            with pytest.raises(DBAPIError, match=r"InsufficientPrivilege|row-level"):
                self.attempt(link, statement)
        decision = (
            "insert into approval_decisions (agency_id, client_id, id, created_at, approval_id,"
            " level, outcome, content_sha256, decided_by_name, self_approved) values"
            " (:agency, :client, gen_random_uuid(), now(), :approval, 'client', 'approved', 'x',"
            " 'X', false)"
        )
        values = {"agency": link.agency.agency_id, "client": link.agency.client_id}
        with pytest.raises(DBAPIError, match="row-level"):
            self.attempt(link, decision, **values, approval=other["id"])

    def attempt(self, link: Link, statement: str, **values: Any) -> None:
        with links.opened(link.token) as (session, _):
            session.connection().execute(text(statement), values)

    def test_is_the_links_own_again_after_the_agencys_hand(self, link: Link) -> None:
        def role(session: Any) -> str:
            return str(session.connection().execute(text("select current_user")).scalar_one())

        with links.opened(link.token) as (session, guest):
            assert role(session) == "app_link"
            with database.acting_for_agency(session, guest.client_id):
                assert role(session) == "app_scoped"
            assert role(session) == "app_link"

    def test_counts_in_one_agency(self, link: Link) -> None:
        query = "select count(*) from approval_links where id = :id"
        with pytest.raises(DBAPIError):
            column(query, id=link.made["id"])  # not even the platform's


def test_no_log_holds_an_address(link: Link, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "agency")
    link.get()
    link.decide(content_sha256="0" * 64)
    link.decide()
    settle()

    parts = re.split("_", link.token)
    assert parts[-1] not in caplog.text
