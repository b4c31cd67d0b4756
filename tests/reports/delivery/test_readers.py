"""Who of the client's opened a version while logged in: noted as they read, and little of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import col, select

from api.reports.delivery.models import ReportOpening
from tenants import auth, clock, database
from tests.factories import Person, Staffed
from tests.reports.test_reports import begin, publish, published, render
from tests.reports.writing import made


def get(person: Person, report: Any, query: str = "", number: int = 1) -> Any:
    return person.get(f"/v1/reports/{report['id']}/versions/{number}{query}")


def readers(agency: Staffed, report: Any, number: int = 1) -> list[Any]:
    answer = agency.executive.get(f"/v1/reports/{report['id']}/versions/{number}/readers")
    return list(made(answer, 200)["data"])


class TestReaders:
    def test_tell_who_opened_and_downloaded_it_first_and_last(self, agency: Staffed) -> None:
        report, version = published(agency)
        render(agency, version)
        start = datetime(2026, 11, 24, 9, tzinfo=UTC)
        for minutes, query in ((0, "?format=html"), (5, "?format=html"), (9, "?format=pdf")):
            with clock.at(start + timedelta(minutes=minutes)):
                answer = agency.viewer.get(f"/v1/clients/{agency.client_id}/reports/latest{query}")
            assert answer.status_code == 200

        (row,) = readers(agency, report)

        assert (row["name"], row["membership_id"]) == ("Viewer", str(agency.viewer.membership_id))
        assert row["formats"] == [
            {
                "format": "html",
                "first_at": "2026-11-24T09:00:00Z",
                "last_at": "2026-11-24T09:05:00Z",
                "times": 2,
            },
            {
                "format": "pdf",
                "first_at": "2026-11-24T09:09:00Z",
                "last_at": "2026-11-24T09:09:00Z",
                "times": 1,
            },
        ]
        assert row["opened_at"] == "2026-11-24T09:00:00Z"
        assert row["downloaded_at"] == "2026-11-24T09:09:00Z"
        assert (row["delivery"], row["acknowledged_at"]) == (None, None)

    def test_count_what_a_front_end_asks_in_a_minute_once(self, agency: Staffed) -> None:
        report, _ = published(agency)
        start = datetime(2026, 11, 24, 9, tzinfo=UTC)
        for seconds in (0, 20, 59):
            with clock.at(start + timedelta(seconds=seconds)):
                get(agency.viewer, report)

        assert readers(agency, report)[0]["formats"][0]["times"] == 1

    def test_join_what_one_person_did(self, agency: Staffed) -> None:
        report, _ = published(agency)
        get(agency.viewer, report)
        agency.viewer.post(
            f"/v1/reports/{report['id']}/versions/1/acknowledge", {"useful": 5, "recommend": 4}
        )
        agency.approver.post(f"/v1/reports/{report['id']}/versions/1/acknowledge", {})

        approver, viewer = readers(agency, report)

        assert (approver["name"], approver["opened_at"]) == ("Approver", None)
        assert approver["acknowledged_at"] is not None
        assert (viewer["name"], viewer["useful"], viewer["recommend"]) == ("Viewer", 5, 4)
        assert viewer["opened_at"] is not None
        (row,) = agency.executive.get("/v1/reports/board?shows=published").json()["data"]
        counted = ("sent", "opened_by", "downloaded_by", "acknowledged")
        assert [row[name] for name in counted] == [0, 1, 0, 2]

    def test_are_the_clients_and_never_the_staff(self, agency: Staffed) -> None:
        report, version = published(agency)
        render(agency, version)
        for person in (agency.owner, agency.executive, agency.community):
            assert get(person, report, "?format=html").status_code == 200

        assert readers(agency, report) == []

    def test_are_none_where_nothing_was_given(self, agency: Staffed) -> None:
        report, _ = published(agency)

        assert get(agency.viewer, report, "?format=pdf").status_code == 202
        assert get(agency.viewer, report, "?locale=en&format=html").status_code in (202, 406)
        assert get(agency.other_contact, report).status_code == 404
        made(
            agency.executive.post(
                f"/v1/reports/{report['id']}/withdraw", {"number": 1, "reason": {"es": "Mal."}}
            ),
            200,
        )
        assert get(agency.viewer, report).status_code == 410

        with database.agency_session(auth.system(agency.agency_id)) as session:
            found = session.exec(
                select(ReportOpening).where(col(ReportOpening.client_id) == agency.client_id)
            ).all()
        assert found == []

    def test_are_of_one_version(self, agency: Staffed) -> None:
        report = begin(agency)
        made(publish(agency, report))
        get(agency.viewer, report)
        made(publish(agency, report, reason={"es": "Datos."}))

        assert len(readers(agency, report)) == 1
        assert readers(agency, report, 2) == []

    def test_are_told_to_the_staff_alone(self, agency: Staffed) -> None:
        report, _ = published(agency)

        path = f"/v1/reports/{report['id']}/versions/1/readers"
        assert agency.viewer.get(path).status_code == 403
        assert agency.other_executive.get(path).status_code == 404
