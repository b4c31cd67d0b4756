"""The client's report, through the API: drafted, published, frozen, corrected, shared."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from api.reports import tasks
from api.reports.models import Artifact, ReportVersion
from tenants import auth, clock, database
from tenants.jobs import Job
from tests.factories import Person, Staffed, events_of

WORDS = {"headline": "Octubre, en una frase.", "summary": "Lo que pasó, **en breve**."}


def begin(agency: Staffed, **values: Any) -> Any:
    answer = agency.executive.post(
        "/v1/reports",
        {
            "client_id": str(agency.client_id),
            "period": "month",
            "starts_on": "2026-10-15",
            "narrative": {"es": WORDS},
            **values,
        },
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


def publish(agency: Staffed, report: Any, **values: Any) -> Any:
    """One day of figures is not a month of them, and these stories are about other things."""
    said = {"accept_gaps": {"es": "Solo un día.", "en": "One day only."}, **values}
    return agency.executive.post(f"/v1/reports/{report['id']}/publish", said)


def published(agency: Staffed, **values: Any) -> tuple[Any, Any]:
    report = begin(agency, **values)
    answer = publish(agency, report)
    assert answer.status_code == 201, answer.text
    return report, answer.json()


def render(agency: Staffed, version: Any) -> None:
    """What the worker does with the job of a publication."""
    actor = auth.system(agency.agency_id)
    with database.agency_session(actor) as session:
        job = session.exec(select(Job).where(col(Job.id) == UUID(version["render_job_id"]))).one()
    tasks.render_version(actor, job, lambda done, total: None)


def read_views(agency: Staffed, views: int) -> None:
    """One channel, and its views of one October day."""
    channels = agency.community.get(f"/v1/channels?client_id={agency.client_id}").json()["data"]
    if not channels:
        made = agency.community.post(
            "/v1/channels",
            {
                "client_id": str(agency.client_id),
                "network": "instagram",
                "handle": "aurora",
                "name": "Instagram",
            },
        )
        channels = [made.json()]
    reading = {"date": "2026-10-05", "channel": channels[0]["id"], "views": views}
    reading["captured_at"] = (clock.now() - timedelta(seconds=1)).isoformat()
    answer = agency.community.post("/v1/metrics/daily", {"readings": [reading]})
    assert answer.status_code in (200, 201, 207), answer.text


class TestBegin:
    def test_opens_the_whole_month_with_the_platforms_figures(self, agency: Staffed) -> None:
        read_views(agency, 1200)

        report = begin(agency)

        assert (report["starts_on"], report["ends_on"]) == ("2026-10-01", "2026-10-31")
        assert report["compare"] == "previous_month"
        tiles = {tile["id"]: tile for tile in report["figures"]["kpis"]}
        assert tiles["views"]["value"] == 1200
        assert events_of(agency, report["id"]) == ["report.created"]

    def test_refuses_a_second_one_for_the_same_month(self, agency: Staffed) -> None:
        begin(agency)

        answer = agency.executive.post(
            "/v1/reports",
            {
                "client_id": str(agency.client_id),
                "period": "month",
                "starts_on": "2026-10-02",
            },
        )

        assert (answer.status_code, answer.json()["code"]) == (409, "report_exists")

    def test_is_not_for_the_client_to_see(self, agency: Staffed) -> None:
        report = begin(agency)

        for person in (agency.approver, agency.viewer):
            answer = person.get(f"/v1/reports/{report['id']}")
            assert answer.status_code == 403
            latest = person.get(f"/v1/clients/{agency.client_id}/reports/latest")
            assert latest.status_code == 404
            listed = person.get(f"/v1/clients/{agency.client_id}/reports")
            assert listed.json()["data"] == []


class TestPublish:
    def test_gives_the_client_what_was_drafted(self, agency: Staffed) -> None:
        read_views(agency, 1200)
        report, version = published(agency)

        answer = agency.viewer.get(f"/v1/clients/{agency.client_id}/reports/latest")

        assert answer.status_code == 200
        snapshot = answer.json()
        assert snapshot["report"]["version"] == 1
        assert snapshot["narrative"]["es"]["headline"] == WORDS["headline"]
        assert {"id": "views", "value": 1200}.items() <= snapshot["kpis"][0].items()
        assert answer.headers["ETag"] == f'"{version["sha256"]}.json"'
        assert events_of(agency, version["id"]) == ["report.published"]

    def test_is_the_executives_alone(self, agency: Staffed) -> None:
        report = begin(agency)

        for name in ("owner", "admin", "strategist", "community", "approver"):
            person: Person = getattr(agency, name)
            answer = person.post(f"/v1/reports/{report['id']}/publish", {})
            assert answer.status_code == 403, name
        assert publish(agency, report).status_code == 201

    def test_needs_words_in_each_language(self, agency: Staffed) -> None:
        report = begin(agency, locales=["es", "en"])

        answer = publish(agency, report)

        assert (answer.status_code, answer.json()["locales"]) == (409, ["en"])

    def test_freezes_it(self, agency: Staffed) -> None:
        read_views(agency, 1200)
        report, _ = published(agency)
        path = f"/v1/clients/{agency.client_id}/reports/latest"
        before = agency.viewer.get(path)

        read_views(agency, 9999)
        agency.executive.post(f"/v1/reports/{report['id']}/refresh", {})
        agency.executive.patch(
            f"/v1/reports/{report['id']}", {"narrative": {"es": {"headline": "Otra cosa."}}}
        )
        after = agency.viewer.get(path)

        assert after.content == before.content
        assert after.headers["ETag"] == before.headers["ETag"]
        unchanged = agency.viewer.get(path, headers={"If-None-Match": before.headers["ETag"]})
        assert (unchanged.status_code, unchanged.content) == (304, b"")

    def test_again_makes_the_next_version_and_keeps_the_first(self, agency: Staffed) -> None:
        read_views(agency, 1200)
        report, first = published(agency)
        read_views(agency, 1500)
        agency.executive.post(f"/v1/reports/{report['id']}/refresh", {})

        silent = publish(agency, report)
        second = publish(agency, report, reason={"es": "Llegaron datos tarde."}).json()

        assert (silent.status_code, silent.json()["code"]) == (422, "correction_needs_reason")
        assert (first["number"], second["number"]) == (1, 2)
        path = f"/v1/reports/{report['id']}/versions"
        old, new = (agency.viewer.get(f"{path}/{number}").json() for number in (1, 2))
        assert (old["kpis"][0]["value"], new["kpis"][0]["value"]) == (1200, 1500)
        assert new["report"]["supersedes"]["reason"]["es"] == "Llegaron datos tarde."
        listed = agency.viewer.get(f"/v1/clients/{agency.client_id}/reports").json()["data"]
        assert [row["status"] for row in listed] == ["published", "superseded"]

    def test_shows_no_other_clients_figures(self, agency: Staffed) -> None:
        read_views(agency, 1200)
        _, version = published(agency)

        other = agency.other_contact.get(f"/v1/clients/{agency.client_id}/reports/latest")
        direct = agency.other_contact.get(f"/v1/reports/{version['report_id']}/versions/1")

        assert (other.status_code, direct.status_code) == (404, 404)


class TestRender:
    def test_serves_the_page_and_the_paper_once_they_are_made(self, agency: Staffed) -> None:
        _, version = published(agency)
        path = f"/v1/clients/{agency.client_id}/reports/latest"

        waiting = agency.viewer.get(path, headers={"Accept": "application/pdf"})
        render(agency, version)
        render(agency, version)
        page = agency.viewer.get(path, headers={"Accept": "text/html"})
        paper = agency.viewer.get(f"{path}?format=pdf")

        assert waiting.status_code == 202
        assert waiting.headers["Location"] == f"/v1/jobs/{version['render_job_id']}"
        assert agency.viewer.get(waiting.headers["Location"]).status_code == 200
        assert WORDS["headline"] in page.text
        assert "sha256-" in page.headers["Content-Security-Policy"]
        assert paper.content.startswith(b"%PDF-")
        with database.agency_session(auth.system(agency.agency_id)) as session:
            made = select(Artifact).where(col(Artifact.version_id) == UUID(version["id"]))
            assert len(session.exec(made).all()) == 6

    def test_refuses_what_it_cannot_be(self, agency: Staffed) -> None:
        published(agency)
        path = f"/v1/clients/{agency.client_id}/reports/latest"

        picture = agency.viewer.get(path, headers={"Accept": "image/png"})
        english = agency.viewer.get(f"{path}?format=html&locale=en")

        assert (picture.status_code, english.status_code) == (406, 406)
        assert english.json()["locales"] == ["es"]


class TestWithdraw:
    def test_leaves_nothing_in_its_place(self, agency: Staffed) -> None:
        report, _ = published(agency)
        publish(agency, report, reason={"es": "Una corrección."})

        answer = agency.executive.post(
            f"/v1/reports/{report['id']}/withdraw",
            {
                "number": 2,
                "reason": {"es": "Cifras de otra tienda."},
                "replacement_expected_on": "2026-12-01",
            },
        )
        latest = agency.viewer.get(f"/v1/clients/{agency.client_id}/reports/latest")

        assert answer.json()["status"] == "withdrawn"
        assert (latest.status_code, latest.json()["code"]) == (410, "report_withdrawn")
        assert latest.json()["replacement_expected_on"] == "2026-12-01"

    def test_happens_once(self, agency: Staffed) -> None:
        report, _ = published(agency)
        body = {"number": 1, "reason": {"es": "No."}}

        first = agency.executive.post(f"/v1/reports/{report['id']}/withdraw", body)
        second = agency.executive.post(f"/v1/reports/{report['id']}/withdraw", body)

        assert (first.status_code, second.status_code) == (200, 410)


class TestSnapshot:
    def test_is_stored_as_the_bytes_that_are_served(self, agency: Staffed) -> None:
        _, version = published(agency)

        answer = agency.viewer.get(f"/v1/clients/{agency.client_id}/reports/latest")

        with database.agency_session(auth.system(agency.agency_id)) as session:
            row = session.exec(
                select(ReportVersion).where(col(ReportVersion.id) == UUID(version["id"]))
            ).one()
        assert row.snapshot.encode() == answer.content
