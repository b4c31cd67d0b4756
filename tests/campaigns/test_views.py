"""Board and calendar: every card in sight once, in its place."""

from typing import Any

import pytest

from api.campaigns import views
from tests.campaigns import making
from tests.campaigns.making import done
from tests.factories import Staffed

BOARD, CALENDAR = "/v1/deliverables/board", "/v1/deliverables/calendar"


def placed(groups: list[dict[str, Any]]) -> dict[str | None, list[str]]:
    """The ids in each group that has any."""
    for group in groups:
        assert group["count"] == len(group["cards"])
    return {
        group["key"]: [card["id"] for card in group["cards"]] for group in groups if group["cards"]
    }


@pytest.fixture
def work(agency: Staffed) -> list[Any]:
    """Four deliverables: one delivered, one begun, one of somebody, one called off."""
    (line,) = making.accepted(agency)["lines"]
    somebody = str(agency.community.membership_id)
    made = [
        making.deliverable(agency, line["id"], due_on=f"2026-12-0{day}", assignee_id=assignee)
        for day, assignee in ((4, None), (3, None), (2, somebody), (1, None))
    ]
    making.delivered(agency, made[0])
    done(making.move(agency.community, made[1], "start"))
    done(making.move(agency.community, made[3], "cancel"))
    return made


class TestBoard:
    def test_has_a_column_for_each_status(self, agency: Staffed, work: list[Any]) -> None:
        read = done(agency.community.get(BOARD))

        assert placed(read["columns"]) == {
            "planned": [work[2]["id"]],
            "in_progress": [work[1]["id"]],
            "delivered": [work[0]["id"]],
        }
        assert [column["key"] for column in read["columns"]] == list(views.COLUMNS)
        assert (read["group_by"], read["complete"]) == ("status", True)

    def test_has_a_column_for_each_person(self, agency: Staffed, work: list[Any]) -> None:
        read = done(agency.community.get(BOARD, params={"group_by": "assignee"}))

        somebody = str(agency.community.membership_id)
        assert placed(read["columns"]) == {
            somebody: [work[2]["id"]],
            None: [work[1]["id"], work[0]["id"]],
        }

    def test_shows_what_is_asked_for(self, agency: Staffed, work: list[Any]) -> None:
        mine = done(agency.community.get(BOARD, params={"assignee": "me"}))
        other = {"client_id": str(agency.other_client_id)}
        others = done(agency.owner.get(BOARD, params=other))

        assert placed(mine["columns"]) == {"planned": [work[2]["id"]]}
        assert placed(others["columns"]) == {}

    def test_says_when_there_is_more(
        self, agency: Staffed, work: list[Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(views, "MOST_CARDS", 2)

        read = done(agency.community.get(BOARD))

        assert not read["complete"]
        assert sum(column["count"] for column in read["columns"]) == 2

    def test_shows_each_their_own(
        self, agency: Staffed, other_agency: Staffed, work: list[Any]
    ) -> None:
        for person in (agency.stranger, agency.other_executive, other_agency.owner):
            answer = person.get(BOARD)
            seen = placed(answer.json()["columns"]) if answer.status_code == 200 else {}
            assert seen == {}
        assert len(placed(done(agency.viewer.get(BOARD))["columns"])) == 3


class TestCalendar:
    def test_shows_day_by_day_what_is_due(self, agency: Staffed, work: list[Any]) -> None:
        read = done(agency.viewer.get(CALENDAR, params={"from": "2026-12-01", "to": "2026-12-03"}))

        assert list(placed(read["days"]).items()) == [
            ("2026-12-02", [work[2]["id"]]),
            ("2026-12-03", [work[1]["id"]]),
        ]
        assert (read["from"], read["to"]) == ("2026-12-01", "2026-12-03")

    @pytest.mark.parametrize("to", ["2026-11-30", "2027-03-12"])
    def test_refuses_what_no_calendar_shows(self, agency: Staffed, to: str) -> None:
        answer = agency.viewer.get(CALENDAR, params={"from": "2026-12-01", "to": to})

        assert (answer.status_code, answer.json()["code"]) == (422, "calendar_too_long")
