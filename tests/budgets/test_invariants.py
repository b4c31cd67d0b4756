"""The rules of budgets hold after everything that is done, and each is seen to fire."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text

import api.budgets.invariants  # noqa: F401
from tenants import invariants
from tests.budgets.factories import approved, enter, expense, fact, line, set_agency
from tests.factories import Staffed


def broken(agency: Staffed) -> dict[str, list[UUID]]:
    """The rules of budgets that do not hold for an agency, and the rows that show it."""
    return {
        each.invariant.name: each.ids
        for each in invariants.check_agency(agency.agency_id)
        if each.invariant.name.startswith(("budget", "expenses"))
    }


def _used(agency: Staffed) -> dict[str, Any]:
    """A budget on which everything has happened."""
    hours = line(1_000, "production", unit="hora", planned_units=10)
    made = approved(agency, lines=[hours, line(500)])
    one, two = (row["id"] for row in made["lines"])
    commitment = enter(agency.strategist, one, "commitment", amount_minor=300, units=4).json()
    enter(agency.strategist, one, "release", commitment_id=commitment["id"], amount_minor=100)
    spent = expense(agency.community, one, 150, units=2, commitment_id=commitment["id"]).json()
    refund = {"amount_minor": 50, "units": 1, "reason": "Abono"}
    agency.strategist.post(f"/v1/expenses/{spent['id']}/refund", refund)
    fact(agency.community, two, 700)
    enter(agency.strategist, one, "transfer", to_line_id=two, amount_minor=120)
    set_agency(agency, expense_approval_threshold_minor=0)
    expense(agency.community, one, 10)
    return {**made, "line": one, "expense": spent["id"], "commitment": commitment["id"]}


# rule → what breaks it, and the row that shows it. Checks that would refuse it stand aside.
VIOLATIONS = {
    "budget_lines.balances": ("update budget_lines set spent_minor = spent_minor + 1", "line"),
    "budget_lines.other_payer": ("update budget_lines set other_payer_minor = 1", "line"),
    "budget_lines.units": ("update budget_lines set spent_units = spent_units + 1", "line"),
    "budget_lines.within_allocation": (
        "update budget_lines set committed_minor = allocated_minor + 1",
        "line",
    ),
    "budget_lines.unfunded_covered_first": ("update budget_lines set unfunded_minor = 1", "line"),
    "budget_lines.like_their_budget": ("update budget_lines set currency = 'USD'", "line"),
    "budget_entries.like_their_line": (
        "update budget_entries set currency = 'USD'",
        "commitment",
    ),
    "budget_entries.in_their_period": (
        "update budget_entries set booked_on = '2026-09-30'",
        "commitment",
    ),
    "budgets.closed_settled": ("update budgets set status = 'closed'", "id"),
    "expenses.in_the_ledger": ("update expenses set status = 'pending'", "expense"),
}
CHECKS = ("within_its_allocation", "room_covers_what_is_unfunded_first")


class TestRules:
    def test_hold_whatever_was_done(self, agency: Staffed) -> None:
        _used(agency)

        assert broken(agency) == {}

    def test_are_all_tried(self) -> None:
        known = {name for name in invariants.known if name.startswith(("budget", "expenses"))}

        assert known == set(VIOLATIONS)

    @pytest.mark.parametrize("rule", VIOLATIONS)
    def test_find_what_breaks_them(self, rule: str, agency: Staffed, urls: dict[str, str]) -> None:
        made = _used(agency)
        change, shown = VIOLATIONS[rule]
        owner = create_engine(urls["owner"])

        try:
            with owner.connect() as connection:
                for check in CHECKS:
                    name = f"ck_budget_lines_{check}"
                    connection.execute(text(f"alter table budget_lines drop constraint {name}"))
                connection.execute(text(f"{change} where id = '{made[shown]}'"))
                query = f"{invariants.known[rule].broken} limit 20"
                rows = connection.execute(text(query), {"agency": agency.agency_id}).all()
                connection.rollback()
        finally:
            owner.dispose()

        assert [row[0] for row in rows] == [UUID(made[shown])]
