"""Deciding without an account: one person, one approval, one decision."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from tenants import auth, database
from tests.budgets import factories as budgets
from tests.campaigns import making
from tests.campaigns.making import done
from tests.factories import Staffed, events_of
from tests.mail.conftest import Sink, text_of
from tests.mail.links.handed_out import CLARA, Link, handed_out
from tests.work import settle


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
