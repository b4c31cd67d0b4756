"""Whatever is sold, given back and closed, in any order: what is owed is the share of it."""

from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tenants.money import part_of
from tests.budgets.factories import balances
from tests.collaborations import making
from tests.factories import Staffed, staffed_agency
from tests.tracking.making import told
from tests.tracking.sharing import BP, CAP, close, first_of, owed, parts, returned, shared, sold

_SOLD = st.tuples(st.just("sale"), st.integers(0, 5), st.integers(1, 3))
_BACK = st.tuples(st.just("refund"), st.integers(0, 5), st.integers(1, 3))
_CLOSE = st.tuples(st.just("close"), st.integers(1, 3), st.just(0))
_AMOUNTS = (9_995, 15_005, 1, 12_344, 30_000, 0)


class Model:
    """What is owed, in a few lines: each order's share, the months closed, and the cap."""

    def __init__(self) -> None:
        self.sold: dict[int, int] = {}
        self.refunds: dict[tuple[int, int], int] = {}
        # months ago → what was owed, what of it was taken back
        self.parts: dict[int, list[int]] = {}

    def share(self, back: int) -> int:
        total = 0
        for order, month_of in self.sold.items():
            given = sum(n for (of, _), n in self.refunds.items() if of == order)
            if month_of >= back:
                total += part_of(max(0, _AMOUNTS[order] - given), BP, 10_000)
        return min(total, CAP)

    def close(self, back: int) -> None:
        back = min([back, *self.parts])
        less = self.owed - self.share(back)
        if less < 0:
            if back not in self.parts:
                self.parts[back] = [-less, 0]
            return
        for part in [self.parts[each] for each in sorted(self.parts)]:
            taken = min(less, part[0] - part[1])
            part[1], less = part[1] + taken, less - taken

    @property
    def owed(self) -> int:
        return sum(amount - back for amount, back in self.parts.values())


class TestSums:
    @settings(
        max_examples=10,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @example(steps=[("sale", 1, 1), ("close", 1, 0), ("refund", 1, 2), ("close", 3, 0)])
    @given(steps=st.lists(st.one_of(_SOLD, _BACK, _CLOSE, _CLOSE), min_size=8, max_size=20))
    def test_are_the_share_of_what_was_sold_and_kept(
        self, http: TestClient, steps: list[tuple[str, int, int]]
    ) -> None:
        agency, model = staffed_agency(http), Model()
        line_id = making.budget_line(agency)
        made = shared(agency, line_id=line_id)
        for kind, one, other in [*steps, ("close", 1, 0)]:
            if kind == "close":
                model.close(one)
                close(agency, one)
                self._check(agency, made, line_id, model)
            elif kind == "sale" and model.sold.setdefault(one, other) == other:
                told(agency, sold(str(one), _AMOUNTS[one], back=other))
            elif kind == "refund" and (one, other) not in model.refunds:
                model.refunds[one, other] = 3_333 * other
                told(agency, returned(str(one), 3_333 * other, f"r{other}"))
        assert making.broken(agency) == []

    def _check(self, agency: Staffed, made: Any, line_id: str, model: Model) -> None:
        expected = [(first_of(each), *model.parts[each]) for each in sorted(model.parts)[::-1]]
        assert parts(agency, made) == expected
        standing = [amount for _, status, amount in owed(agency, made) if status != "cancelled"]
        assert sum(standing) == model.owed
        _, committed, spent, unfunded = balances(agency.executive, line_id)
        gross = sum(amount for amount, _ in model.parts.values())
        assert (committed, spent + unfunded) == (max(0, CAP - gross), model.owed)
