"""A version's files, through the API: asked for by type or by name, listed, made when they lack."""

from typing import Any
from uuid import UUID

import pytest

from api.documents.pdf import DocumentTooHeavy
from api.reports import render as rendering
from api.reports.models import Format
from api.reports.render import Rendered
from tenants import worker
from tests.factories import Staffed, events_of
from tests.reports import office
from tests.reports.test_reports import begin, publish, published, render

OFFICE = "application/vnd.openxmlformats-officedocument"


def too_heavy(*_: Any) -> Rendered:
    """Paper is too much for the machine."""
    raise DocumentTooHeavy


def files(agency: Staffed, report: Any) -> dict[str, Any]:
    answer = agency.viewer.get(f"/v1/reports/{report['id']}/versions/1/files")
    assert answer.status_code == 200, answer.text
    return {file["format"]: file for file in answer.json()["data"]}


def work(agency: Staffed, job_id: str) -> None:
    worker.run_job(agency.agency_id, UUID(job_id))


class TestServe:
    @pytest.mark.parametrize(
        ("kind", "media_type", "begins"),
        [
            ("xlsx", f"{OFFICE}.spreadsheetml.sheet", b"PK"),
            ("pptx", f"{OFFICE}.presentationml.presentation", b"PK"),
            ("csv", "text/csv", "\ufeffsection,key,metric,unit".encode()),
        ],
    )
    def test_sends_a_file_by_its_type_or_its_name(
        self, agency: Staffed, kind: str, media_type: str, begins: bytes
    ) -> None:
        report, version = published(agency)
        render(agency, version)
        path = f"/v1/reports/{report['id']}/versions/1"

        by_type = agency.viewer.get(path, headers={"Accept": media_type})
        by_name = agency.viewer.get(f"/v1/clients/{agency.client_id}/reports/latest?format={kind}")

        assert by_type.content.startswith(begins)
        assert by_name.content == by_type.content
        assert by_type.headers["Content-Type"].startswith(media_type)
        disposition = by_type.headers["Content-Disposition"]
        assert disposition == f'attachment; filename="2026-10-v1-es.{kind}"'
        tag = {"If-None-Match": by_type.headers["ETag"]}
        assert agency.viewer.get(f"{path}?format={kind}", headers=tag).status_code == 304

    def test_shows_slides_under_the_same_policy_as_the_page(self, agency: Staffed) -> None:
        report, version = published(agency)
        render(agency, version)
        path = f"/v1/reports/{report['id']}/versions/1"

        slides = agency.viewer.get(f"{path}?format=slides")
        page = agency.viewer.get(path, headers={"Accept": "text/html"})

        assert "scroll-snap-type" in slides.text
        assert "scroll-snap-type" not in page.text
        policy = slides.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "<script" not in slides.text

    def test_keeps_json_for_whoever_takes_anything(self, agency: Staffed) -> None:
        report, version = published(agency)
        render(agency, version)

        answer = agency.viewer.get(
            f"/v1/reports/{report['id']}/versions/1", headers={"Accept": "*/*"}
        )

        assert answer.headers["Content-Type"] == "application/json"


class TestFiles:
    def test_lists_what_is_there_and_how_accessible(self, agency: Staffed) -> None:
        report, version = published(agency)
        before = files(agency, report)
        render(agency, version)
        after = files(agency, report)

        assert {file["state"] for file in before.values()} == {"being_made"}
        assert {file["state"] for file in after.values()} == {"ready"}
        assert set(after) == {kind.value for kind in rendering.KEPT}
        assert after["pdf"]["accessible"] is True
        assert after["pdf"]["size"] > 10_000

    def test_says_so_when_no_letter_can_be_shown(self, agency: Staffed) -> None:
        report = begin(agency, narrative={"es": {"headline": "\u65e5\u672c"}})
        render(agency, publish(agency, report).json())

        assert files(agency, report)["pdf"]["accessible"] is False


class TestTooHeavy:
    def test_fails_with_its_reason_and_leaves_the_rest(
        self, agency: Staffed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(rendering._MAKERS, Format.pdf, too_heavy)
        report, version = published(agency)

        work(agency, version["render_job_id"])

        job = agency.viewer.get(f"/v1/jobs/{version['render_job_id']}").json()
        assert (job["state"], job["problem"]["code"]) == ("failed", "document_too_heavy")
        made = files(agency, report)
        assert made.pop("pdf")["state"] == "failed"
        assert {file["state"] for file in made.values()} == {"ready"}


class TestMakeMissing:
    def test_makes_what_failed_before(
        self, agency: Staffed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        report, version = published(agency)
        path = f"/v1/reports/{report['id']}/versions/1/files"
        with monkeypatch.context() as patched:
            patched.setitem(rendering._MAKERS, Format.pdf, too_heavy)
            work(agency, version["render_job_id"])

        asked = agency.executive.post(path, {})
        work(agency, asked.json()["job_id"])

        assert asked.status_code == 202
        assert files(agency, report)["pdf"]["state"] == "ready"
        assert "report.rendering" in events_of(agency, version["id"])
        again = agency.executive.post(path, {})
        assert (again.status_code, again.json()["code"]) == (409, "nothing_to_render")

    def test_is_for_who_publishes(self, agency: Staffed) -> None:
        report, _ = published(agency)
        path = f"/v1/reports/{report['id']}/versions/1/files"

        for person in (agency.viewer, agency.community, agency.strategist):
            assert person.post(path, {}).status_code == 403


def test_a_spreadsheet_of_the_demonstration_opens(agency: Staffed) -> None:
    report, version = published(agency)
    render(agency, version)

    book = agency.viewer.get(f"/v1/reports/{report['id']}/versions/1?format=xlsx").content

    assert "Informe" in office.sheets(book)
