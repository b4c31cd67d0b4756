"""
A budget against a model of it: whatever is done, in whatever order, the API answers what a few
lines of plain Python say it must, and every balance is the sum of its entries.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.budgets.factories import approved, balances, enter, expense, fact, sums
from tests.factories import Staffed

PLANNED = (300, 200)


@dataclass
class Line:
    """What a line must be: its own bookkeeping, not the ledger's."""

    allocated: int
    commitments: dict[str, int] = field(default_factory=dict)
    expenses: dict[str, int] = field(default_factory=dict)

    @property
    def committed(self) -> int:
        return sum(self.commitments.values())

    @property
    def gone(self) -> int:
        return sum(self.expenses.values())

    @property
    def spent(self) -> int:
        """Whatever was spent is funded as far as the room left by commitments goes."""
        return min(self.gone, self.allocated - self.committed)

    @property
    def available(self) -> int:
        return self.allocated - self.committed - self.spent

    @property
    def balances(self) -> tuple[int, ...]:
        return (self.allocated, self.committed, self.spent, self.gone - self.spent)


class Driver:
    """Does one thing to the model and to the API, and holds them to the same answer."""

    def __init__(self, agency: Staffed) -> None:
        self.person = agency.strategist
        made = approved(agency, *PLANNED)
        self.ids = [row["id"] for row in made["lines"]]
        self.lines = [Line(planned) for planned in PLANNED]

    def do(self, what: str, at: int, amount: int, pick: int) -> None:
        getattr(self, what)(at, amount, pick)

    def commit(self, at: int, amount: int, pick: int) -> None:
        line = self.lines[at]
        answer = enter(self.person, self.ids[at], "commitment", amount_minor=amount)
        if self._agree(answer, amount <= line.available):
            line.commitments[answer.json()["id"]] = amount

    def release(self, at: int, amount: int, pick: int) -> None:
        line = self.lines[at]
        if made := _pick(line.commitments, pick):
            values = {"commitment_id": made, "amount_minor": amount}
            answer = enter(self.person, self.ids[at], "release", **values)
            if self._agree(answer, amount <= line.commitments[made]):
                line.commitments[made] -= amount

    def transfer(self, at: int, amount: int, pick: int) -> None:
        giver, taker = self.lines[at], self.lines[1 - at]
        values = {"to_line_id": self.ids[1 - at], "amount_minor": amount}
        answer = enter(self.person, self.ids[at], "transfer", **values)
        if self._agree(answer, amount <= giver.available):
            giver.allocated -= amount
            taker.allocated += amount

    def spend(self, at: int, amount: int, pick: int) -> None:
        line = self.lines[at]
        answer = expense(self.person, self.ids[at], amount)
        if self._agree(answer, amount <= line.available):
            line.expenses[answer.json()["id"]] = amount

    def settle(self, at: int, amount: int, pick: int) -> None:
        """Spend what a commitment was made for."""
        line = self.lines[at]
        if made := _pick(line.commitments, pick):
            freed = min(amount, line.commitments[made])
            answer = expense(self.person, self.ids[at], amount, commitment_id=made)
            if self._agree(answer, amount <= line.available + freed):
                line.commitments[made] -= freed
                line.expenses[answer.json()["id"]] = amount

    def invoice(self, at: int, amount: int, pick: int) -> None:
        answer = fact(self.person, self.ids[at], amount)
        assert self._agree(answer, True)
        self.lines[at].expenses[answer.json()["id"]] = amount

    def refund(self, at: int, amount: int, pick: int) -> None:
        line = self.lines[at]
        if made := _pick(line.expenses, pick):
            body = {"amount_minor": amount, "reason": "Abono"}
            answer = self.person.post(f"/v1/expenses/{made}/refund", body)
            if self._agree(answer, amount <= line.expenses[made]):
                line.expenses[made] -= amount

    def _agree(self, answer: Any, allowed: bool) -> bool:
        assert answer.status_code in ((200, 201) if allowed else (409,)), answer.text
        return allowed


def _pick(things: dict[str, int], number: int) -> str | None:
    return sorted(things)[number % len(things)] if things else None


# Few amounts and tight lines, so that a short run overspends, covers and gives back.
_STEP = st.tuples(
    st.sampled_from(
        ["commit", "release", "transfer", "spend", "settle", "invoice", "invoice", "refund"]
    ),
    st.integers(0, 1),
    st.sampled_from([1, 40, 100, 160]),
    st.integers(0, 3),
)


class TestLedgerAgainstItsModel:
    @pytest.fixture(autouse=True)
    def _agency(self, agency: Staffed) -> None:
        self.agency = agency

    @settings(
        max_examples=10,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],  # a run is short: shrinking it would take minutes
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(st.lists(_STEP, min_size=10, max_size=18))
    def test_agrees_whatever_is_done(self, steps: list[tuple[str, int, int, int]]) -> None:
        driver = Driver(self.agency)
        for what, at, amount, pick in steps:
            driver.do(what, at, amount, pick)
            assert balances(driver.person, driver.ids[at]) == driver.lines[at].balances
        for id, line in zip(driver.ids, driver.lines, strict=True):
            assert balances(driver.person, id) == line.balances == sums(self.agency, id)
        assert sum(line.allocated for line in driver.lines) == sum(PLANNED)
