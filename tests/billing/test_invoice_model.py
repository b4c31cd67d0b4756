"""
An invoice against a model of it: whatever is paid, reversed, credited, written off or applied, in
whatever order, the API answers what a few lines of plain Python say it must, nothing exceeds, and
the ledger says the same.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import billing.receivable.invoice_invariants  # noqa: F401
from tests.billing.invoicing import broken, credit, credits, done, equipped, issued, line, pay, read
from tests.factories import Staffed

TOTAL = 100


@dataclass
class Model:
    """What an invoice must be: its own bookkeeping."""

    paid: int = 0
    credited: int = 0
    returned: int = 0
    written_off: int = 0
    excess: int = 0
    payments: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def open(self) -> int:
        return TOTAL - self.paid - self.credited - self.written_off

    @property
    def status(self) -> str:
        if self.written_off:
            return "uncollectible"
        if self.open == 0:
            return "paid"
        return "partly_paid" if self.paid or self.credited else "finalised"


moves = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), st.integers(1, 130)),
        st.tuples(st.just("credit"), st.integers(1, 120)),
        st.tuples(st.just("reverse"), st.integers(0, 3)),
        st.tuples(st.just("write_off"), st.just(0)),
        st.tuples(st.just("void"), st.just(0)),
        st.tuples(st.just("finalize"), st.just(0)),
    ),
    min_size=3,
    max_size=7,
)


class TestInvoice:
    @pytest.fixture(autouse=True)
    def _ready(self, agency: Staffed) -> None:
        equipped(agency)

    @given(moves)
    @settings(
        max_examples=8,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    def test_is_what_the_model_says(self, agency: Staffed, moves: list[tuple[str, int]]) -> None:
        made = issued(agency, line(TOTAL))
        model = Model()
        before = sum(each["left_minor"] for each in credits(agency, limit="200"))

        for move, value in moves:
            _DO[move](agency, made, model, value)

        shown = read(agency, made)
        assert (shown["status"], shown["open_minor"]) == (
            model.status,
            0 if model.written_off else model.open,
        )
        assert (shown["paid_minor"], shown["credited_minor"], shown["returned_minor"]) == (
            model.paid,
            model.credited,
            model.returned,
        )
        after = sum(each["left_minor"] for each in credits(agency, limit="200"))
        assert after - before == model.excess + model.returned
        assert broken(agency) == {}


def _pay(agency: Staffed, made: Any, model: Model, amount: int) -> None:
    kept = done(pay(agency, made, amount), 201)
    model.written_off = 0
    applied = min(amount, model.open)
    model.paid += applied
    model.excess += amount - applied
    model.payments.append((kept["id"], applied, amount - applied))


def _credit(agency: Staffed, made: Any, model: Model, amount: int) -> None:
    part = {"line_id": read(agency, made)["lines"][0]["id"], "amount_minor": amount}
    answer = credit(agency, made, [part])
    left = TOTAL - model.credited - model.returned
    if model.written_off or amount > left:
        assert answer.status_code == 409
        return
    done(answer, 201)
    applied = min(amount, model.open)
    model.credited += applied
    model.returned += amount - applied


def _reverse(agency: Staffed, made: Any, model: Model, place: int) -> None:
    if place >= len(model.payments):
        return
    id, applied, excess = model.payments.pop(place)
    done(agency.owner.post(f"/v1/payments/{id}/reverse", {"reference": "x"}), 201)
    model.written_off = 0
    model.paid -= applied
    model.excess -= excess


def _write_off(agency: Staffed, made: Any, model: Model, _: int) -> None:
    path = f"/v1/invoices/{made['id']}/mark-uncollectible"
    answer = agency.owner.post(path, {"reason": "x"})
    if model.status in ("finalised", "partly_paid"):
        done(answer)
        model.written_off = model.open
    else:
        assert answer.status_code == 409


def _void(agency: Staffed, made: Any, model: Model, _: int) -> None:
    """Whatever came of it, it cannot be void any more; what nothing came of is left alone here."""
    if model.status != "finalised" or model.returned:
        answer = agency.owner.post(f"/v1/invoices/{made['id']}/void", {"reason": "x"})
        assert answer.status_code == 409


def _finalize(agency: Staffed, made: Any, model: Model, _: int) -> None:
    assert agency.owner.post(f"/v1/invoices/{made['id']}/finalize").status_code == 409


_DO = {
    "pay": _pay,
    "credit": _credit,
    "reverse": _reverse,
    "write_off": _write_off,
    "void": _void,
    "finalize": _finalize,
}
