"""
A budget against a model of it: whatever is done, in whatever order and however many at once, the
API answers what a few lines of plain Python say it must, every balance is the sum of its entries,
and each alert is told once.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.budgets.factories import (
    balances,
    budget,
    draft,
    enter,
    expense,
    fact,
    free_client,
    line,
    sums,
)
from tests.budgets.test_alerts import told
from tests.budgets.test_invariants import broken
from tests.factories import Staffed

PLANNED = ((300, 9), (200, 6))
PERCENTS = (50, 80, 100)


@dataclass(frozen=True)
class Moved:
    """Money and units: of a movement, or what is left of one."""

    money: int
    units: int

    def less(self, other: "Moved") -> "Moved":
        return Moved(self.money - other.money, self.units - other.units)

    def takes(self, wanted: "Moved") -> "Moved":
        """What goes when so much is asked back: the last of the money takes the units along."""
        return self if wanted.money == self.money else wanted

    def has(self, wanted: "Moved") -> bool:
        return wanted.money <= self.money and wanted.units <= self.units


@dataclass
class Line:
    """What a line must be: its own bookkeeping, not the ledger's."""

    allocated: int
    hours: int
    commitments: dict[str, Moved] = field(default_factory=dict)
    expenses: dict[str, Moved] = field(default_factory=dict)
    reached: set[int] = field(default_factory=set)

    @property
    def committed(self) -> int:
        return sum(each.money for each in self.commitments.values())

    @property
    def gone(self) -> int:
        return sum(each.money for each in self.expenses.values())

    @property
    def spent(self) -> int:
        """Whatever was spent is funded as far as the room left by commitments goes."""
        return min(self.gone, self.allocated - self.committed)

    @property
    def hours_left(self) -> int:
        used = (*self.commitments.values(), *self.expenses.values())
        return self.hours - sum(each.units for each in used)

    @property
    def room(self) -> Moved:
        return Moved(self.allocated - self.committed - self.spent, max(self.hours_left, 0))

    @property
    def balances(self) -> tuple[int, ...]:
        return (self.allocated, self.committed, self.spent, self.gone - self.spent)


def reach(reached: set[int], gone: int, allocated: int) -> None:
    """What has to have been told by now."""
    reached |= {each for each in PERCENTS if gone and gone * 100 >= each * allocated}


class Driver:
    """Does one thing to the model and to the API, and holds them to the same answer."""

    def __init__(self, agency: Staffed) -> None:
        self.person = agency.strategist
        lines = [line(money, unit="hora", planned_units=hours) for money, hours in PLANNED]
        self.id = draft(agency, lines=lines)["id"]
        proposed = agency.executive.post(f"/v1/budgets/{self.id}/propose")
        assert proposed.json()["status"] == "active", proposed.text
        self.ids = [row["id"] for row in budget(self.person, self.id)["lines"]]
        self.lines = [Line(*planned) for planned in PLANNED]
        self.reached: set[int] = set()

    def do(self, what: str, at: int, moved: Moved, pick: int) -> None:
        getattr(self, what)(at, moved, pick)
        for each in self.lines:
            reach(each.reached, each.gone, each.allocated)
        gone, allocated = (sum(getattr(x, n) for x in self.lines) for n in ("gone", "allocated"))
        reach(self.reached, gone, allocated)

    def commit(self, at: int, moved: Moved, pick: int) -> None:
        answer = self._commit(at, moved)
        self._agree(answer, self.lines[at].room.has(moved))
        self._committed(at, moved, answer)

    def release(self, at: int, moved: Moved, pick: int) -> None:
        held = self.lines[at].commitments
        if made := _pick(held, pick):
            freed = held[made].takes(moved)
            values = {"commitment_id": made, **_said(moved)}
            answer = enter(self.person, self.ids[at], "release", **values)
            if self._agree(answer, held[made].has(moved)):
                held[made] = held[made].less(freed)

    def transfer(self, at: int, moved: Moved, pick: int) -> None:
        answer = self._transfer(at, moved)
        self._agree(answer, self.lines[at].room.has(moved))
        self._transferred(at, moved, answer)

    def allocate(self, at: int, moved: Moved, pick: int) -> None:
        """Raise, or lower, what a line has."""
        target, less = self.lines[at], pick % 2 == 1
        sign = -1 if less else 1
        values = {"amount_minor": sign * moved.money, "units": sign * moved.units}
        answer = enter(self.person, self.ids[at], "allocation", note="Acordado", **values)
        if self._agree(answer, not less or target.room.has(moved)):
            target.allocated += sign * moved.money
            target.hours += sign * moved.units

    def spend(self, at: int, moved: Moved, pick: int) -> None:
        answer = self._spend(at, moved)
        self._agree(answer, self.lines[at].room.has(moved))
        self._spent(at, moved, answer)

    def settle(self, at: int, moved: Moved, pick: int) -> None:
        """Spend what a commitment was made for."""
        target = self.lines[at]
        if made := _pick(target.commitments, pick):
            left = target.commitments[made]
            freed = left.takes(Moved(min(moved.money, left.money), min(moved.units, left.units)))
            room = Moved(target.room.money + freed.money, max(target.hours_left + freed.units, 0))
            answer = self._spend(at, moved, commitment_id=made)
            if self._agree(answer, room.has(moved)):
                target.commitments[made] = left.less(freed)
                target.expenses[answer.json()["id"]] = moved

    def invoice(self, at: int, moved: Moved, pick: int) -> None:
        answer = self._invoice(at, moved)
        assert self._agree(answer, True)
        self._spent(at, moved, answer)

    def refund(self, at: int, moved: Moved, pick: int) -> None:
        made_here = self.lines[at].expenses
        if made := _pick(made_here, pick):
            back = made_here[made].takes(moved)
            body = {**_said(moved), "reason": "Abono"}
            answer = self.person.post(f"/v1/expenses/{made}/refund", body)
            if self._agree(answer, made_here[made].has(moved)):
                made_here[made] = made_here[made].less(back)

    def together(self, at: int, moved: Moved, pick: int) -> None:
        """
        Two to eight at once that each take as much of one line's room: whoever comes first, as many
        of them fit as there is room for.
        """
        moved = Moved(moved.money, 0)
        ways: list[tuple[Callable[..., Any], Callable[..., None]]] = [
            (self._commit, self._committed),
            (self._spend, self._spent),
            (self._transfer, self._transferred),
        ]
        chosen = [ways[(pick + number) % 3] for number in range(2 + pick * 2)]
        fitting = min(self.lines[at].room.money // moved.money, len(chosen))
        with ThreadPoolExecutor(len(chosen)) as pool:
            sent = [pool.submit(send, at, moved) for send, _ in chosen]
        answers = [each.result() for each in sent]
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert [answer.status_code for answer in answers].count(201) == fitting
        for answer, (_, keep) in zip(answers, chosen, strict=True):
            keep(at, moved, answer)

    def flood(self, at: int, moved: Moved, pick: int) -> None:
        """Two to eight facts at once: each is kept."""
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: self._invoice(at, moved), range(2 + pick * 2)))
        for answer in answers:
            assert self._agree(answer, True)
            self._spent(at, moved, answer)

    def close(self) -> None:
        """Nothing of a budget changes any more, once it could be closed."""
        unsettled = any(each.committed or each.gone > each.spent for each in self.lines)
        answer = self.person.post(f"/v1/budgets/{self.id}/close")
        if self._agree(answer, not unsettled):
            after = [self._invoice(0, Moved(1, 0)), self._commit(0, Moved(1, 0))]
            assert [each.json()["code"] for each in after] == ["budget_not_active"] * 2

    def _commit(self, at: int, moved: Moved) -> Any:
        return enter(self.person, self.ids[at], "commitment", **_said(moved))

    def _committed(self, at: int, moved: Moved, answer: Any) -> None:
        if answer.status_code == 201:
            self.lines[at].commitments[answer.json()["id"]] = moved

    def _transfer(self, at: int, moved: Moved) -> Any:
        values = {"to_line_id": self.ids[1 - at], **_said(moved)}
        return enter(self.person, self.ids[at], "transfer", **values)

    def _transferred(self, at: int, moved: Moved, answer: Any) -> None:
        if answer.status_code == 201:
            giver, taker = self.lines[at], self.lines[1 - at]
            giver.allocated, taker.allocated = (
                giver.allocated - moved.money,
                taker.allocated + moved.money,
            )
            giver.hours, taker.hours = giver.hours - moved.units, taker.hours + moved.units

    def _spend(self, at: int, moved: Moved, **values: Any) -> Any:
        return expense(self.person, self.ids[at], moved.money, units=moved.units, **values)

    def _invoice(self, at: int, moved: Moved) -> Any:
        return fact(self.person, self.ids[at], moved.money, units=moved.units)

    def _spent(self, at: int, moved: Moved, answer: Any) -> None:
        if answer.status_code == 201:
            self.lines[at].expenses[answer.json()["id"]] = moved

    def _agree(self, answer: Any, allowed: bool) -> bool:
        assert answer.status_code in ((200, 201) if allowed else (409,)), answer.text
        return allowed


def _said(moved: Moved) -> dict[str, int]:
    return {"amount_minor": moved.money, "units": moved.units}


def _pick(things: dict[str, Moved], number: int) -> str | None:
    return sorted(things)[number % len(things)] if things else None


# Few amounts and tight lines, so that a short run overspends, covers and gives back.
_STEP = st.tuples(
    st.sampled_from(
        [
            *("commit", "release", "transfer", "allocate", "spend", "settle"),
            *("invoice", "refund", "together", "together", "flood"),
        ]
    ),
    st.integers(0, 1),
    st.builds(Moved, st.sampled_from([1, 40, 100, 160]), st.sampled_from([0, 0, 1, 4])),
    st.integers(0, 3),
)


class TestLedgerAgainstItsModel:
    @pytest.fixture(autouse=True)
    def _agency(self, agency: Staffed) -> None:
        free_client(agency)
        self.agency = agency

    @settings(
        max_examples=12,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],  # a run is short: shrinking it would take minutes
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(st.lists(_STEP, min_size=10, max_size=18))
    def test_agrees_whatever_is_done(self, steps: list[tuple[str, int, Moved, int]]) -> None:
        driver = Driver(self.agency)
        for what, at, moved, pick in steps:
            driver.do(what, at, moved, pick)
            for id, held in zip(driver.ids, driver.lines, strict=True):
                assert balances(driver.person, id) == held.balances, what
                read = driver.person.get(f"/v1/budget-lines/{id}").json()
                assert read["available_units"] - read["over_units"] == held.hours_left, what
        for id, held in zip(driver.ids, driver.lines, strict=True):
            assert balances(driver.person, id) == sums(self.agency, id)
            assert told(self.agency, id) == sorted(held.reached)
        assert told(self.agency, driver.id) == sorted(driver.reached)
        assert broken(self.agency) == {}
        driver.close()
