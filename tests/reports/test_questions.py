"""What a client asks about a section of a report, and who is to answer."""

from typing import Any

import pytest

from tests.factories import Person, Staffed
from tests.reports.test_reports import published
from tests.reports.writing import act, made


def ask(person: Person, version: Any, status: int = 201, **values: Any) -> Any:
    body = {
        "subject_type": "report_versions",
        "subject_id": version["id"],
        "audience": "client",
        "section": "summary",
        "body": "¿Por qué bajó el alcance?",
        **values,
    }
    return made(person.post("/v1/comments", body), status)


def questions(agency: Staffed) -> list[Any]:
    """Those in the author's day."""
    day = made(agency.executive.get("/v1/me/day"), 200)
    return [item for item in day["do"] if item["kind"] == "question"]


def counted(agency: Staffed) -> int:
    (row,) = made(agency.executive.get("/v1/reports/board?shows=published"), 200)["data"]
    return int(row["questions"])


def asked_about(by: Person, more: str = "") -> list[Any]:
    return list(made(by.get(f"/v1/reports/board?shows=questions{more}"), 200)["data"])


class TestAsk:
    def test_is_about_a_section_and_waits_for_the_author(self, agency: Staffed) -> None:
        _, version = published(agency)

        asked = ask(agency.approver, version)

        assert (asked["section"], asked["subject_type"]) == ("summary", "report_versions")
        (item,) = questions(agency)
        assert (item["id"], item["title"]) == (asked["id"], "¿Por qué bajó el alcance?")
        assert counted(agency) == 1

    def test_is_found_by_its_section(self, agency: Staffed) -> None:
        _, version = published(agency)
        ask(agency.approver, version)
        about_all = ask(agency.approver, version, section=None)
        query = f"subject_type=report_versions&subject_id={version['id']}"

        of_section = agency.executive.get(f"/v1/comments?{query}&section=summary").json()["data"]
        of_all = agency.executive.get(f"/v1/comments?{query}").json()["data"]

        assert [each["section"] for each in of_section] == ["summary"]
        assert [each["id"] for each in of_all][-1] == about_all["id"]

    @pytest.mark.parametrize("section", ["paid", "nothing_of_the_kind"])
    def test_is_about_a_section_that_is_printed(self, agency: Staffed, section: str) -> None:
        _, version = published(agency)

        refused = ask(agency.approver, version, 422, section=section)

        assert refused["code"] == "section_unknown"

    def test_has_no_section_elsewhere(self, agency: Staffed) -> None:
        report, _ = published(agency)

        refused = ask(
            agency.approver, {"id": report["id"]}, 422, subject_type="reports", section="summary"
        )

        assert refused["code"] == "section_unknown"

    def test_is_asked_of_what_one_sees(self, agency: Staffed) -> None:
        report, version = published(agency)

        ask(agency.other_contact, version, 404)
        made(
            agency.executive.post(
                f"/v1/reports/{report['id']}/withdraw", {"number": 1, "reason": {"es": "Mal."}}
            ),
            200,
        )
        ask(agency.approver, version, 404)


class TestBoardOfQuestions:
    def test_shows_the_reports_that_somebody_asks_about(self, agency: Staffed) -> None:
        quiet, _ = published(agency)
        report, version = published(agency, starts_on="2026-08-01")
        other, _ = published(agency, starts_on="2026-09-01")
        ask(agency.approver, version)
        ask(agency.approver, version)
        ask(agency.approver, {"id": other["id"]}, subject_type="reports", section=None)
        ask(agency.executive, {"id": quiet["id"]}, subject_type="reports", section=None)

        rows = asked_about(agency.executive)

        assert [(row["id"], row["questions"]) for row in rows] == [
            (report["id"], 2),
            (other["id"], 1),
        ]

    def test_keeps_a_question_about_an_older_version(self, agency: Staffed) -> None:
        report, version = published(agency)
        ask(agency.approver, version)
        act(agency.executive, report, "publish", 201, reason={"es": "Mejor."})

        assert [row["id"] for row in asked_about(agency.executive)] == [report["id"]]

    def test_leaves_out_what_was_answered_or_is_out_of_sight(self, agency: Staffed) -> None:
        _, version = published(agency)
        asked = ask(agency.approver, version)
        before = [len(asked_about(by)) for by in (agency.owner, agency.other_executive)]

        ask(agency.executive, version, section=None, parent_id=asked["id"], body="Menos.")

        assert before == [1, 0]
        assert asked_about(agency.owner) == []

    def test_narrows_like_the_others(self, agency: Staffed) -> None:
        _, version = published(agency)
        ask(agency.approver, version)
        client = f"client_id={agency.client_id}"

        assert len(asked_about(agency.owner, f"&{client}&period=month&mine=false")) == 1
        assert asked_about(agency.owner, "&period=week") == []
        assert asked_about(agency.owner, "&mine=true") == []


class TestAnswer:
    def test_ends_the_wait_until_the_client_asks_again(self, agency: Staffed) -> None:
        _, version = published(agency)
        asked = ask(agency.approver, version)

        answer = ask(agency.executive, version, section=None, parent_id=asked["id"], body="Menos.")
        after_the_answer = counted(agency), len(questions(agency))
        ask(agency.approver, version, parent_id=asked["id"], body="¿Y en noviembre?")

        assert answer["section"] == "summary"
        assert after_the_answer == (0, 0)
        assert (counted(agency), len(questions(agency))) == (1, 1)
        made(agency.executive.post(f"/v1/comments/{asked['id']}/resolve", {}), 200)
        assert (counted(agency), questions(agency)) == (0, [])

    def test_stays_in_its_threads_section(self, agency: Staffed) -> None:
        _, version = published(agency)
        asked = ask(agency.approver, version)

        refused = ask(agency.executive, version, 422, section="definitions", parent_id=asked["id"])

        assert refused["code"] == "reply_out_of_thread"

    def test_is_not_waited_for_by_what_the_staff_said(self, agency: Staffed) -> None:
        report, version = published(agency)
        ask(agency.executive, version)
        ask(agency.community, version, audience="internal")
        asked = ask(agency.approver, {"id": report["id"]}, subject_type="reports", section=None)

        assert [item["id"] for item in questions(agency)] == [asked["id"]]
        assert counted(agency) == 1
