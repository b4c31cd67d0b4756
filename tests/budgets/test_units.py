"""Units beside money: both limits hold for plans, and facts beyond them are shown as over."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.budgets.factories import approved, draft, enter, expense, fact, line
from tests.factories import Staffed

UNITS = ("allocated_units", "committed_units", "spent_units", "over_units")


def hours(agency: Staffed, planned: int = 10, money: int = 1_000) -> str:
    """An active line of so many hours."""
    planned_line = line(money, "production", unit="hora", planned_units=planned)
    made: str = approved(agency, lines=[planned_line])["lines"][0]["id"]
    return made


def units(agency: Staffed, line_id: str) -> tuple[int, ...]:
    read = agency.executive.get(f"/v1/budget-lines/{line_id}").json()
    return tuple(read[name] for name in UNITS)


class TestPlanUnits:
    def test_shows_the_client_what_is_planned(self, agency: Staffed) -> None:
        one = hours(agency)

        read = agency.approver.get(f"/v1/budget-lines/{one}").json()

        assert (read["unit"], read["planned_units"], read["available_units"]) == ("hora", 10, 10)
        entry = agency.approver.get(f"/v1/budget-lines/{one}/entries").json()["data"][0]
        assert (entry["kind"], entry["amount_minor"], entry["units"]) == ("allocation", 1_000, 10)

    def test_needs_to_know_which(self, agency: Staffed) -> None:
        made = draft(agency, 1_000)
        nameless = line(1, planned_units=2)
        path = f"/v1/budget-lines/{made['lines'][0]['id']}"

        refused = [
            agency.executive.post(f"/v1/budgets/{made['id']}/lines", nameless),
            agency.executive.patch(path, {"planned_units": 2}),
        ]
        named = agency.executive.patch(path, {"unit": "post", "planned_units": 2})

        assert [(each.status_code, each.json()["code"]) for each in refused] == [
            (422, "unit_not_planned")
        ] * 2
        assert (named.json()["unit"], named.json()["planned_units"]) == ("post", 2)

    def test_takes_a_proposal_back_when_they_change(self, agency: Staffed) -> None:
        made = draft(agency, lines=[line(1_000, unit="hora", planned_units=10)])
        agency.executive.post(f"/v1/budgets/{made['id']}/propose")

        changed = agency.executive.patch(
            f"/v1/budget-lines/{made['lines'][0]['id']}", {"planned_units": 11}
        )

        assert changed.status_code == 200
        read = agency.executive.get(f"/v1/budgets/{made['id']}").json()
        assert read["status"] == "draft"


class TestSpendUnits:
    def test_refuses_a_plan_beyond_either_limit(self, agency: Staffed) -> None:
        one = hours(agency)

        answers = [
            enter(agency.strategist, one, "commitment", amount_minor=1, units=11),
            enter(agency.strategist, one, "commitment", amount_minor=1_001, units=1),
            expense(agency.community, one, 1, units=11),
        ]

        for answer in answers:
            problem = answer.json()
            assert (answer.status_code, problem["code"]) == (409, "line_exceeded")
            assert (problem["available_minor"], problem["available_units"]) == (1_000, 10)
        assert units(agency, one) == (10, 0, 0, 0)

    def test_keeps_a_fact_and_shows_what_is_over(self, agency: Staffed) -> None:
        one = hours(agency)
        enter(agency.strategist, one, "commitment", amount_minor=100, units=4)

        answer = fact(agency.community, one, 500, units=9)
        refused = expense(agency.community, one, 1, units=1)
        without = expense(agency.community, one, 1)

        assert (answer.status_code, answer.json()["units"]) == (201, 9)
        assert refused.json()["available_units"] == 0
        assert without.status_code == 201
        assert units(agency, one) == (10, 4, 9, 3)

    def test_gives_back_by_release_refund_and_use(self, agency: Staffed) -> None:
        one = hours(agency)
        made = enter(agency.strategist, one, "commitment", amount_minor=300, units=6).json()
        of_it = {"commitment_id": made["id"]}

        beyond = enter(agency.strategist, one, "release", amount_minor=1, units=7, **of_it)
        enter(agency.strategist, one, "release", amount_minor=100, units=1, **of_it)
        spent = expense(agency.community, one, 150, units=2, **of_it).json()["id"]
        used = units(agency, one)
        agency.strategist.post(
            f"/v1/expenses/{spent}/refund", {"amount_minor": 50, "units": 1, "reason": "Abono"}
        )
        back = units(agency, one)
        agency.strategist.post(f"/v1/expenses/{spent}/refund", {"reason": "Anulada"})
        enter(agency.strategist, one, "release", **of_it)

        assert (beyond.status_code, beyond.json()["open_units"]) == (409, 6)
        assert (used, back) == ((10, 3, 2, 0), (10, 3, 1, 0))
        assert units(agency, one) == (10, 0, 0, 0)

    def test_leaves_no_units_behind_when_the_money_is_used_up(self, agency: Staffed) -> None:
        one = hours(agency)
        made = enter(agency.strategist, one, "commitment", amount_minor=300, units=6).json()

        expense(agency.community, one, 300, units=1, commitment_id=made["id"])

        assert units(agency, one) == (10, 0, 1, 0)

    def test_refuses_a_refund_of_more_than_there_were(self, agency: Staffed) -> None:
        spent = expense(agency.community, hours(agency), 100, units=2).json()["id"]

        answer = agency.strategist.post(
            f"/v1/expenses/{spent}/refund", {"amount_minor": 1, "units": 3, "reason": "Abono"}
        )

        assert (answer.status_code, answer.json()["refundable_units"]) == (409, 2)

    def test_moves_them_between_lines_of_the_same_unit(self, agency: Staffed) -> None:
        lines = [line(1_000, unit=unit, planned_units=10) for unit in ("hora", "hora", "post")]
        one, two, posts = (row["id"] for row in approved(agency, lines=lines)["lines"])

        def move(to: str, many: int) -> Any:
            values = {"to_line_id": to, "amount_minor": 10, "units": many}
            return enter(agency.strategist, one, "transfer", **values)

        assert move(two, 4).status_code == 201
        assert (units(agency, one), units(agency, two)) == ((6, 0, 0, 0), (14, 0, 0, 0))
        assert move(two, 7).json()["available_units"] == 6
        assert move(posts, 1).json()["code"] == "unit_not_planned"

    def test_refuses_units_where_none_are_planned(self, agency: Staffed) -> None:
        one = approved(agency, 1_000)["lines"][0]["id"]

        answers = [
            enter(agency.strategist, one, "commitment", amount_minor=1, units=1),
            expense(agency.community, one, 1, units=1),
            fact(agency.community, one, 1, units=1),
        ]

        codes = {(each.status_code, each.json()["code"]) for each in answers}
        assert codes == {(422, "unit_not_planned")}

    def test_never_pass_what_is_planned_whoever_writes(self, agency: Staffed) -> None:
        one = hours(agency, planned=50, money=1_000_000)

        def spend(number: int) -> str:
            if number % 2:
                answer = expense(agency.community, one, 1, units=3)
            else:
                answer = enter(agency.strategist, one, "commitment", amount_minor=1, units=3)
            return str(answer.json().get("code", "accepted"))

        with ThreadPoolExecutor(16) as pool:
            codes = list(pool.map(spend, range(32)))

        assert (codes.count("accepted"), codes.count("line_exceeded")) == (16, 16)
        allocated, committed, spent, over = units(agency, one)
        assert (allocated, committed + spent, over) == (50, 48, 0)

    @pytest.mark.parametrize(
        "change", ["spent_units = -1", "unit = null", "committed_units = committed_units - 1"]
    )
    def test_are_bounded_by_the_database_too(
        self, agency: Staffed, urls: dict[str, str], change: str
    ) -> None:
        one = hours(agency)
        owner = create_engine(urls["owner"])

        with owner.connect() as connection, pytest.raises(Exception, match="units") as refused:
            connection.execute(text(f"update budget_lines set {change} where id = '{one}'"))

        assert "violates check constraint" in str(refused.value)
        owner.dispose()
