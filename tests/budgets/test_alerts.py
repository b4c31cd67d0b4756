"""What the staff is told of money that goes: each percentage once, whoever writes."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from tenants import auth, database
from tenants.outbox import Event
from tests.budgets.factories import approved, enter, expense, fact, line
from tests.factories import Staffed

LINE, BUDGET = "budget_line.threshold_reached", "budget.threshold_reached"


def told(agency: Staffed, subject_id: str) -> list[int]:
    """The percentages told of a line or a budget, in order."""
    with database.agency_session(auth.system(agency.agency_id)) as session:
        query = (
            select(Event)
            .where(
                col(Event.subject_id) == UUID(subject_id),
                col(Event.type).endswith(".threshold_reached"),
            )
            .order_by(col(Event.id))
        )
        found = session.exec(query).all()
        assert {event.audience for event in found} <= {"staff"}
        return [event.changed["alerted_percent"] for event in found]


class TestThresholds:
    def test_are_told_as_they_are_reached(self, agency: Staffed) -> None:
        made = approved(agency, 1_000, 1_000)
        one = made["lines"][0]["id"]

        def after(amount: int) -> tuple[list[int], list[int]]:
            assert expense(agency.community, one, amount).status_code == 201
            return told(agency, one), told(agency, made["id"])

        assert after(499) == ([], [])
        assert after(1) == ([50], [])
        assert after(300) == ([50, 80], [])
        assert after(200) == ([50, 80, 100], [50])

    def test_are_told_once_after_a_refund_and_a_second_crossing(self, agency: Staffed) -> None:
        made = approved(agency, 1_000)
        one = made["lines"][0]["id"]
        spent = expense(agency.community, one, 850).json()["id"]

        agency.strategist.post(f"/v1/expenses/{spent}/refund", {"reason": "Anulada"})
        expense(agency.community, one, 850)

        assert told(agency, one) == told(agency, made["id"]) == [50, 80]

    def test_count_what_is_unfunded_and_not_what_is_set_aside(self, agency: Staffed) -> None:
        made = approved(agency, 1_000)
        one = made["lines"][0]["id"]

        enter(agency.strategist, one, "commitment", amount_minor=900)
        before = told(agency, one)
        fact(agency.community, one, 600)

        assert (before, told(agency, one)) == ([], [50])

    def test_are_reached_too_when_allocation_leaves_the_line(self, agency: Staffed) -> None:
        one, two = (row["id"] for row in approved(agency, 1_000, 1_000)["lines"])
        expense(agency.community, one, 400)

        enter(agency.strategist, one, "transfer", to_line_id=two, amount_minor=300)

        assert told(agency, one) == [50]
        assert told(agency, two) == []

    def test_are_the_agencys_own(self, agency: Staffed) -> None:
        settings = {"settings": {"budget_alert_percents": [90, 30]}}
        changed = agency.owner.patch("/v1/agency", settings)
        one = approved(agency, 1_000)["lines"][0]["id"]

        expense(agency.community, one, 890)
        before = told(agency, one)
        expense(agency.community, one, 10)

        assert changed.json()["settings"]["budget_alert_percents"] == [90, 30]
        assert (before, told(agency, one)) == ([30], [30, 90])

    @pytest.mark.parametrize("percents", [[], [0], [201], [50.5], "50", [50] * 11])
    def test_are_percentages(self, agency: Staffed, percents: Any) -> None:
        body = {"settings": {"budget_alert_percents": percents}}

        assert agency.owner.patch("/v1/agency", body).status_code == 422

    def test_are_no_news_for_the_client(self, agency: Staffed) -> None:
        made = approved(agency, 1_000)
        expense(agency.community, made["lines"][0]["id"], 1_000)

        budget = agency.approver.get(f"/v1/budgets/{made['id']}")

        assert "alerted" not in budget.text
        assert told(agency, made["id"]) == [50, 80, 100]

    def test_are_told_once_whoever_writes_at_the_same_time(self, agency: Staffed) -> None:
        made = approved(agency, 3_200, 3_200)
        one, two = (row["id"] for row in made["lines"])
        people = (agency.community, agency.strategist, agency.executive, agency.owner)

        def spend(number: int) -> list[int]:
            person = people[number % 4]
            return [expense(person, each, 50).status_code for each in (one, two)]

        with ThreadPoolExecutor(32) as pool:
            codes = [code for each in pool.map(spend, range(64)) for code in each]

        assert codes == [201] * 128
        assert told(agency, one) == told(agency, two) == told(agency, made["id"]) == [50, 80, 100]

    def test_are_reached_by_lines_together(self, agency: Staffed) -> None:
        lines = [line(100, "production") for _ in range(8)]
        budgets = [approved(agency, lines=lines) for _ in range(3)]

        with ThreadPoolExecutor(8) as pool:
            for made in budgets:
                ids = [row["id"] for row in made["lines"]]
                codes = pool.map(lambda id: expense(agency.owner, id, 50).status_code, ids)
                assert set(codes) == {201}

        assert [told(agency, made["id"]) for made in budgets] == [[50]] * 3
