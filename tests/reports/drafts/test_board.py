"""The board of all reports: what is late first, and nobody's but those in sight."""

from datetime import UTC, datetime
from typing import Any

from tenants import clock
from tests.factories import Person, Staffed
from tests.reports.writing import HEADLINE, act, begin, made


def board(person: Person, **query: Any) -> list[Any]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return list(made(person.get(f"/v1/reports/board?{asked}"), 200)["data"])


class TestBoard:
    def test_shows_what_is_late_first_and_who_owes_it(self, agency: Staffed) -> None:
        later = begin(agency, starts_on="2026-08-01", due_on="2026-12-20")
        late = begin(agency, due_on="2026-11-05")

        with clock.at(datetime(2026, 11, 5, 23, 30, tzinfo=UTC)):  # the sixth, in Madrid
            rows = board(agency.owner)
            overdue = board(agency.owner, shows="overdue")

        assert [row["id"] for row in rows] == [late["id"], later["id"]]
        assert [row["late"] for row in rows] == [True, False]
        assert [row["id"] for row in overdue] == [late["id"]]
        assert (rows[0]["author_name"], rows[0]["client_name"]) == ("Executive", "Café Aurora")

    def test_says_how_far_each_is(self, agency: Staffed) -> None:
        report = begin(agency, locales=["es", "en"])
        reviewer = str(agency.strategist.membership_id)
        said = {"es": {"summary": "Bien."}, "en": {"headline": "October."}}
        agency.executive.patch(
            f"/v1/reports/{report['id']}", {"narrative": said, "reviewer_membership_id": reviewer}
        )
        act(agency.executive, report, "submit")

        (row,) = board(agency.strategist, mine="true")

        assert (row["completeness"], row["status"]) == (75, "in_review")
        assert row["reviewer_name"] == "Strategist"
        assert (row["last_published_at"], row["opened"]) == (None, 0)
        assert board(agency.community, mine="true") == []

    def test_keeps_what_is_out_apart(self, agency: Staffed) -> None:
        report = begin(agency)
        version = act(agency.executive, report, "publish", 201)

        (row,) = board(agency.executive, shows="published")

        assert board(agency.executive) == []
        assert (row["last_version"], row["late"]) == (1, False)
        assert row["last_published_at"] == version["published_at"]

    def test_is_of_the_clients_in_sight(self, agency: Staffed) -> None:
        mine = begin(agency)
        theirs = begin(
            agency, agency.other_executive, client_id=str(agency.other_client_id), period="month"
        )

        assert {row["id"] for row in board(agency.owner)} == {mine["id"], theirs["id"]}
        assert [row["id"] for row in board(agency.strategist)] == [mine["id"]]
        assert agency.approver.get("/v1/reports/board").status_code == 403

    def test_goes_page_by_page(self, agency: Staffed) -> None:
        for month in range(1, 6):
            begin(agency, starts_on=f"2026-{month:02}-01", due_on=f"2026-12-{month:02}")

        first = made(agency.owner.get("/v1/reports/board?limit=3&include=total"), 200)
        cursor = first["next_cursor"]
        rest = made(agency.owner.get(f"/v1/reports/board?limit=3&cursor={cursor}"), 200)

        assert first["total"] == 5
        days = [row["due_on"] for row in (*first["data"], *rest["data"])]
        assert days == [f"2026-12-{month:02}" for month in range(1, 6)]

    def test_narrows_by_kind_and_readers(self, agency: Staffed) -> None:
        begin(agency)
        internal = begin(
            agency, agency.community, audience="internal", narrative=HEADLINE, kind="incident"
        )

        assert [row["id"] for row in board(agency.owner, audience="internal")] == [internal["id"]]
        assert [row["id"] for row in board(agency.owner, kind="incident")] == [internal["id"]]
