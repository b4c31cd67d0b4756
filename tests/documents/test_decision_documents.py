"""What is put to a decision, as JSON and as a PDF."""

import hashlib
import json
from typing import Any

import pytest

import api.worker  # noqa: F401  (what `settle` runs)
from api.approvals import documents
from api.approvals.models import Approval
from tenants import auth, database
from tenants.models import Agency, Client
from tests.campaigns import making
from tests.campaigns.making import done
from tests.factories import Person, Staffed, events_of
from tests.work import settle


def path_of(scope: Any) -> str:
    return f"/v1/approvals/{scope['approval_id']}"


def fetch(person: Person, scope: Any, format: str = "pdf") -> Any:
    return person.get(f"{path_of(scope)}/document", params={"format": format})


def rendered(person: Person, scope: Any) -> Any:
    """The PDF, after it was asked for."""
    assert fetch(person, scope).status_code == 202
    settle()
    answer = fetch(person, scope)
    assert answer.status_code == 200, answer.text
    return answer


@pytest.fixture
def scope(agency: Staffed) -> Any:
    lines = [making.line(), making.line(measure="hours", kind="hours", due_on=None)]
    return making.submitted(agency, *lines, title="Alcance — “otoño” 🍂")


class TestDocument:
    def test_is_the_bytes_that_were_hashed(self, agency: Staffed, scope: Any) -> None:
        approval = done(agency.approver.get(path_of(scope)))

        answer = fetch(agency.approver, scope, "json")

        assert hashlib.sha256(answer.content).hexdigest() == approval["content_sha256"]
        assert answer.json() == approval["document"]
        canonical: Any = {"sort_keys": True, "separators": (",", ":"), "ensure_ascii": False}
        assert answer.text == json.dumps(approval["document"], **canonical)
        assert answer.headers["etag"] == f'"{approval["content_sha256"]}.json"'

    def test_is_chosen_by_accept(self, agency: Staffed, scope: Any) -> None:
        path = f"{path_of(scope)}/document"

        answers = {
            accept: agency.approver.get(path, headers={"Accept": accept}).status_code
            for accept in ("application/json", "application/pdf", "*/*", "text/html")
        }

        assert answers == {
            "application/json": 200,
            "application/pdf": 202,
            "*/*": 200,
            "text/html": 406,
        }


class TestPdf:
    def test_is_made_once_by_the_worker(self, agency: Staffed, scope: Any) -> None:
        before = done(agency.approver.get(path_of(scope)))
        asked = [fetch(agency.approver, scope), fetch(agency.executive, scope)]
        job = done(agency.approver.get(asked[0].headers["location"]))
        settle()

        paper = fetch(agency.approver, scope)

        assert (before["pdf_sha256"], job["state"]) == (None, "queued")
        assert {answer.json()["job_id"] for answer in asked} == {job["id"]}
        assert paper.headers["content-type"] == "application/pdf"
        assert paper.content.startswith(b"%PDF-")
        after = done(agency.approver.get(path_of(scope)))
        assert after["pdf_sha256"] == hashlib.sha256(paper.content).hexdigest()
        assert after["version"] > before["version"]
        assert events_of(agency, scope["approval_id"]).count("approval.rendered") == 1
        tag = {"If-None-Match": paper.headers["etag"]}
        known = agency.approver.get(f"{path_of(scope)}/document?format=pdf", headers=tag)
        assert known.status_code == 304

    def test_is_the_same_bytes_each_time(self, agency: Staffed, scope: Any) -> None:
        with database.agency_session(auth.system(agency.agency_id)) as session:
            approval = session.get_one(Approval, (agency.agency_id, scope["approval_id"]))
            client = session.get_one(Client, (agency.agency_id, agency.client_id))
        made = Agency(name="Estudio Norte", slug="x", locale="es", timezone="UTC", currency="EUR")
        papers = [
            documents.laid_out(approval, agency=made.name, branding=colours, client=client)
            for colours in ({}, {}, {"primary": "#004488", "accent": "#CC3311"})
        ]

        assert all(paper.accessible for paper in papers)
        assert papers[0].body == papers[1].body
        assert papers[0].body != papers[2].body

    def test_is_shown_to_who_may_read_the_approval(
        self, agency: Staffed, other_agency: Staffed, scope: Any
    ) -> None:
        rendered(agency.executive, scope)

        assert fetch(agency.strategist, scope).status_code == 200
        assert fetch(agency.viewer, scope).status_code == 403
        for person in (agency.other_contact, other_agency.owner):
            assert fetch(person, scope).status_code == 404

    def test_is_begun_anew_when_its_job_failed(self, agency: Staffed, scope: Any) -> None:
        first = fetch(agency.approver, scope).json()["job_id"]
        with database.platform_session() as session:
            session.connection().exec_driver_sql(
                "update jobs set state = 'failed', finished_at = now() where id = %s", (first,)
            )

        second = fetch(agency.approver, scope).json()["job_id"]

        assert second != first


class TestDecision:
    def test_keeps_the_hash_of_what_its_giver_was_served(self, agency: Staffed, scope: Any) -> None:
        paper = rendered(agency.approver, scope)
        decided = done(agency.approver.post(f"{path_of(scope)}/decide", {"outcome": "approved"}))

        (decision,) = decided["decisions"]
        assert decision["content_sha256"] == decided["content_sha256"]
        assert decision["pdf_sha256"] == hashlib.sha256(paper.content).hexdigest()

    def test_keeps_none_of_what_somebody_else_was_served(self, agency: Staffed, scope: Any) -> None:
        rendered(agency.executive, scope)
        decided = done(agency.approver.post(f"{path_of(scope)}/decide", {"outcome": "approved"}))

        (decision,) = decided["decisions"]
        assert (decision["pdf_sha256"], len(decision["content_sha256"])) == (None, 64)
        assert decided["pdf_sha256"] is not None
