"""Who of the client's has read a report, and what it was worth to them."""

from typing import Any

from tests.factories import Person, Staffed, events_of
from tests.reports.test_reports import publish, published


def acknowledge(person: Person, report: Any, number: int = 1, **values: Any) -> Any:
    return person.post(f"/v1/reports/{report['id']}/versions/{number}/acknowledge", values)


def receipts(agency: Staffed, report: Any, number: int = 1) -> list[Any]:
    path = f"/v1/reports/{report['id']}/versions/{number}/receipts"
    answer = agency.executive.get(path)
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["data"]
    return found


class TestAcknowledge:
    def test_tells_the_staff_who_read_it_and_what_it_was_worth(self, agency: Staffed) -> None:
        report, _ = published(agency)

        answer = acknowledge(agency.viewer, report, useful=5, recommend=4, comment="Muy claro.")

        assert answer.status_code == 201
        (receipt,) = receipts(agency, report)
        assert receipt["membership_id"] == str(agency.viewer.membership_id)
        assert (receipt["useful"], receipt["recommend"]) == (5, 4)
        assert receipt["comment"] == "Muy claro."
        assert events_of(agency, receipt["id"]) == ["report.acknowledged"]

    def test_asks_for_nothing_more(self, agency: Staffed) -> None:
        report, _ = published(agency)

        assert acknowledge(agency.approver, report).status_code == 201
        assert receipts(agency, report)[0]["useful"] is None

    def test_is_said_once_of_each_version(self, agency: Staffed) -> None:
        report, _ = published(agency)
        first = acknowledge(agency.viewer, report, useful=2)
        second = acknowledge(agency.viewer, report, useful=5)
        publish(agency, report, reason={"es": "Llegaron datos tarde."})
        of_next = acknowledge(agency.viewer, report, number=2, useful=4)
        of_another = acknowledge(agency.approver, report)

        statuses = [each.status_code for each in (first, second, of_next, of_another)]
        assert statuses == [201, 409, 201, 201]
        assert second.json()["code"] == "already_acknowledged"
        assert sorted(str(each["useful"]) for each in receipts(agency, report)) == ["2", "None"]

    def test_goes_from_one_to_five(self, agency: Staffed) -> None:
        report, _ = published(agency)

        refused = [
            acknowledge(agency.viewer, report, useful=number).status_code for number in (0, 6)
        ]

        assert refused == [422, 422]
        assert receipts(agency, report) == []

    def test_is_the_clients_alone(self, agency: Staffed) -> None:
        report, _ = published(agency)

        for name in ("owner", "admin", "executive", "community"):
            person: Person = getattr(agency, name)
            assert acknowledge(person, report).status_code == 403, name
        assert acknowledge(agency.other_contact, report).status_code == 404
        path = f"/v1/reports/{report['id']}/versions/1/receipts"
        assert agency.viewer.get(path).status_code == 403
