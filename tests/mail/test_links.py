"""Deciding without an account: one person, one approval, one decision."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from api.approvals import links
from api.http import limits
from tenants import auth, clock, database, settings, tokens
from tests.budgets import factories as budgets
from tests.campaigns import making
from tests.campaigns.making import done
from tests.factories import Staffed, events_of
from tests.identity.steps import column
from tests.mail.conftest import Sink, text_of
from tests.work import settle

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
CLARA = {"name": "Clara Montes", "email": "clara@cafeaurora.example"}


@dataclass
class Link:
    """An address that was handed out, and the browser that opens it."""

    agency: Staffed
    http: TestClient
    approval: dict[str, Any]
    made: dict[str, Any]

    @property
    def path(self) -> str:
        return str(self.made["address"]).removeprefix(settings.get().public_address)

    @property
    def token(self) -> str:
        return self.path.removeprefix("/decide/")

    def get(self, **headers: str) -> Any:
        return self.http.get(self.path, headers={**HTML, **headers})

    def decide(self, outcome: str = "approved", reason: str = "", **form: Any) -> Any:
        data = {
            "outcome": outcome,
            "content_sha256": self.approval["content_sha256"],
            **({"reason": reason} if reason else {}),
            **form,
        }
        return self.http.post(self.path, data=data, headers=HTML, follow_redirects=False)

    def read(self) -> dict[str, Any]:
        path = f"/v1/approvals/{self.approval['id']}"
        found: dict[str, Any] = self.agency.executive.get(path).json()
        return found


def proposed(agency: Staffed) -> dict[str, Any]:
    made = budgets.draft(agency, 125_000, 80_050)
    answer = agency.executive.post(f"/v1/budgets/{made['id']}/propose").json()
    read: dict[str, Any] = agency.executive.get(f"/v1/approvals/{answer['approval_id']}").json()
    return {**read, "budget_id": made["id"]}


def handed_out(agency: Staffed, http: TestClient, **values: Any) -> Link:
    approval = values.pop("approval", None) or proposed(agency)
    body = {**CLARA, **values}
    answer = agency.executive.post(f"/v1/approvals/{approval['id']}/links", body)
    assert answer.status_code == 201, answer.text
    return Link(agency, http, approval, answer.json())


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    limits._limiter.cache_clear()
    yield
    limits._limiter.cache_clear()


@pytest.fixture
def link(agency: Staffed, http: TestClient) -> Link:
    return handed_out(agency, http)


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


class TestDecide:
    def test_moves_what_the_approval_covers(self, link: Link) -> None:
        answer = link.decide()

        assert (answer.status_code, answer.headers["location"]) == (303, link.path)
        assert link.read()["status"] == "approved"
        budget = link.agency.executive.get(f"/v1/budgets/{link.approval['budget_id']}").json()
        assert budget["status"] == "active"
        assert "Lo aprobaste el" in link.get().text

    def test_moves_all_that_a_change_order_changes(self, agency: Staffed, http: TestClient) -> None:
        scope = making.accepted(agency)
        (line,) = scope["lines"]
        gone = making.deliverable(agency, line["id"])
        account = budgets.approved(agency, 1000)["lines"][0]["id"]
        body = {
            "scope_id": scope["id"],
            "title": "Más reels",
            "reason": {"es": "El lanzamiento se alarga"},
            "lines": [{"action": "alter", "line_id": line["id"], "quantity_delta": 3}],
            "budget": [{"budget_line_id": account, "amount_minor": 500}],
            "cancels": [gone["id"]],
        }
        order = done(agency.executive.post("/v1/change-orders", body), 201)
        path = f"/v1/change-orders/{order['id']}"
        approval_id = done(agency.executive.post(f"{path}/submit"))["approval_id"]
        approval = done(agency.executive.get(f"/v1/approvals/{approval_id}"))
        link = handed_out(agency, http, approval=approval)

        page = link.get().text
        answer = link.decide()

        assert answer.status_code == 303
        for said in ("Orden de cambio", "Hasta ahora", "Cantidad: 12", "Cantidad: 15", "450,00"):
            assert said in page
        accepted = done(agency.executive.get(path))
        result = done(agency.executive.get(f"/v1/scopes/{accepted['result_scope_id']}"))
        assert [each["quantity"] for each in result["lines"]] == [15]
        read = done(agency.executive.get(f"/v1/deliverables/{gone['id']}"))
        assert read["status"] == "cancelled"
        paid = done(agency.executive.get(f"/v1/budget-lines/{account}"))
        assert paid["allocated_minor"] == 1500

    def test_keeps_who_when_and_from_where(self, link: Link) -> None:
        link.decide()

        (decision,) = link.read()["decisions"]
        assert decision["decided_by_name"] == CLARA["name"]
        assert decision["decided_by_email"] == CLARA["email"]
        assert decision["link_id"] == link.made["id"]
        assert decision["recorded_by"] is None
        with database.agency_session(auth.system(link.agency.agency_id)) as session:
            row = session.connection().execute(
                text(
                    "select decided_from, content_sha256, decided_by, request_id"
                    " from approval_decisions where id = :id"
                ),
                {"id": decision["id"]},
            )
            kept = row.one()
        assert kept.decided_from == "testclient"
        assert kept.content_sha256 == link.approval["content_sha256"]
        assert kept.decided_by is None
        assert kept.request_id
        told = events_of(link.agency, link.approval["id"])
        assert told == ["approval.opened", "approval.approved"]

    @pytest.mark.parametrize(
        ("outcome", "said"), [("changes_requested", "Pediste cambios"), ("rejected", "rechazaste")]
    )
    def test_needs_a_reason_to_say_no(self, link: Link, outcome: str, said: str) -> None:
        for reason in ("", "  \r\n "):
            refused = link.decide(outcome, reason)
            assert refused.status_code == 422
            assert "Di por qué" in refused.text
            assert "Aprobar" in refused.text  # the form again
        assert link.read()["status"] == "open"

        assert link.decide(outcome, "Más grande.\r\nY antes.").status_code == 303
        assert link.read()["decisions"][0]["reason"] == "Más grande.\nY antes."
        assert said in link.get().text

    def test_says_calmly_what_was_decided_when_it_comes_twice(self, link: Link) -> None:
        assert link.decide().status_code == 303
        assert link.decide().status_code == 303

        other = link.decide("rejected", "Mejor no.")
        assert other.status_code == 409
        assert "Lo aprobaste el" in other.text
        assert "vale tu primera decisión" in other.text
        assert len(link.read()["decisions"]) == 1

    def test_counts_once_of_many_at_once(self, link: Link) -> None:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: link.decide().status_code, range(8)))

        assert set(answers) == {303}
        assert len(link.read()["decisions"]) == 1

    def test_counts_once_where_all_must_approve(self, link: Link) -> None:
        """The approval stays open: what is decided by a link is still decided once."""
        with database.agency_session(auth.system(link.agency.agency_id)) as session:
            session.connection().execute(
                text("update approvals set quorum = 'all' where id = :id"),
                {"id": link.approval["id"]},
            )
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: link.decide().status_code, range(8)))

        assert set(answers) == {303}
        assert link.read()["status"] == "open"
        assert len(link.read()["decisions"]) == 1
        assert "Lo aprobaste el" in link.get().text
        assert link.decide("rejected", "No.").status_code == 409

    def test_refuses_what_was_not_shown(self, link: Link) -> None:
        answer = link.decide(content_sha256="0" * 64)

        assert answer.status_code == 412
        assert link.read()["status"] == "open"

    def test_refuses_what_has_changed_behind_the_page(self, link: Link) -> None:
        with database.agency_session(auth.system(link.agency.agency_id)) as session:
            session.connection().execute(
                text("update budgets set name = 'Otro' where id = :id"),
                {"id": link.approval["budget_id"]},
            )
        assert link.decide().status_code == 412
        assert link.read()["decisions"] == []

    def test_tells_who_asked(self, link: Link, sink: Sink) -> None:
        link.decide("rejected", "Demasiado.")
        settle()

        (message,) = sink.to(link.agency.executive.email)
        assert CLARA["name"] in text_of(message)

    def test_is_limited(self, link: Link) -> None:
        answers = [link.decide(content_sha256="0" * 64).status_code for _ in range(31)]
        assert answers == [412] * 30 + [429]

    def test_speaks_in_problems_to_machines(self, link: Link) -> None:
        data = {"outcome": "rejected", "content_sha256": link.approval["content_sha256"]}
        answer = link.http.post(link.path, data=data)
        assert (answer.status_code, answer.json()["code"]) == (422, "reason_required")


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
