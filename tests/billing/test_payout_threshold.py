"""What goes to a payee without a second person stays below the threshold, however it is split."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from billing.payable import payables, payout_making, payouts, settlements
from billing.payable.payable_models import Payable
from tenants import clock
from tests.billing.creators import (
    broken,
    creator,
    described,
    inside,
    known,
    set_rules,
)
from tests.billing.paying import PAID, act, create, ready
from tests.factories import Staffed

WEEK = timedelta(days=7)


class TestThreshold:
    """What one payee gets without a second person, however many payouts it is made of."""

    @pytest.fixture
    def limited(self, agency: Staffed) -> Staffed:
        set_rules(agency, payout_approval_threshold_minor=1_000)
        return agency

    def made(self, agency: Staffed, amount: int, **values: Any) -> Any:
        payable = ready(agency, amount, **values)
        named: dict[str, Any] = {
            "payee_id": str(payable.payee_id),
            "payable_ids": [str(payable.id)],
        }
        return create(agency.owner, agency, **named)

    def test_is_not_split_around(self, limited: Staffed) -> None:
        made = [self.made(limited, amount)["status"] for amount in (400, 600, 1, 400)]

        assert made == ["approved", "approved", "pending", "pending"]
        another = creator(limited)
        assert self.made(limited, 1_000, payee_id=another)["status"] == "approved"

    def test_counts_what_was_paid_lately_whatever_day_is_said(self, limited: Staffed) -> None:
        first = self.made(limited, 600)
        act(limited.owner, first, "mark-paid", reference="TRF", paid_on="2026-01-15")

        second = self.made(limited, 401)

        assert second["status"] == "pending"
        assert act(limited.owner, second, "approve", 403)["code"] == "own_payout"
        assert act(limited.admin, second, "approve")["self_approved"] is False

    @pytest.mark.parametrize(
        ("rules", "days", "status"),
        [
            ({}, 6.9, "pending"),
            ({}, 7.1, "approved"),
            ({"payout_approval_window_days": 30}, 29.9, "pending"),
            ({"payout_approval_window_days": 1}, 1.1, "approved"),
        ],
    )
    def test_is_for_some_days(
        self, limited: Staffed, rules: dict[str, int], days: float, status: str
    ) -> None:
        set_rules(limited, **rules)
        act(limited.owner, self.made(limited, 600), "mark-paid", **PAID)
        payable = ready(limited, 600)

        with clock.at(clock.now() + timedelta(days=days)), inside(limited) as session:
            made = payout_making.create(session, payable.payee_id, "EUR", [payable.id])

        assert made.status == status

    def test_counts_what_has_not_left_for_ever(self, limited: Staffed) -> None:
        self.made(limited, 600)
        payable = ready(limited, 600)

        with clock.at(clock.now() + timedelta(days=300)), inside(limited) as session:
            made = payout_making.create(session, payable.payee_id, "EUR", [payable.id])

        assert made.status == "pending"

    def test_counts_nothing_that_came_to_nothing_or_that_two_looked_at(
        self, limited: Staffed
    ) -> None:
        act(limited.owner, self.made(limited, 900), "cancel", reason="No.")
        returned = self.made(limited, 10)
        act(limited.owner, returned, "mark-paid", **PAID)
        act(limited.owner, returned, "mark-returned", reason="Cuenta cerrada.")
        act(limited.admin, self.made(limited, 5_000), "approve")

        assert self.made(limited, 1_000)["status"] == "approved"
        assert self.made(limited, 1)["status"] == "pending"

    def test_is_exact_whoever_makes_some_at_once(self, limited: Staffed) -> None:
        payables = [ready(limited, 300) for _ in range(12)]

        def ask(payable: Payable) -> str:
            return str(create(limited.owner, limited, payable_ids=[str(payable.id)])["status"])

        with ThreadPoolExecutor(12) as pool:
            statuses = sorted(pool.map(ask, payables))

        assert statuses == ["approved"] * 3 + ["pending"] * 9

    def test_is_exact_whoever_approves_some_at_once(self, limited: Staffed) -> None:
        """Pending by the rule of before; by that of now the first of them need nobody else."""
        set_rules(limited, payout_approval_threshold_minor=0)
        made = [self.made(limited, 300) for _ in range(8)]
        set_rules(limited, payout_approval_threshold_minor=1_000)

        def ask(payout: Any) -> int:
            return int(limited.owner.post(f"/v1/payouts/{payout['id']}/approve").status_code)

        with ThreadPoolExecutor(8) as pool:
            statuses = sorted(pool.map(ask, made))

        assert statuses == [200] * 3 + [403] * 5

    @pytest.mark.parametrize("seed", range(12))
    def test_holds_whatever_is_done(self, seed: int, limited: Staffed) -> None:
        """Against a model: one waits if and only if it would be too much."""
        chance, now = random.Random(seed), clock.now()
        known(limited)
        alone: dict[UUID, tuple[int, datetime | None]] = {}  # amount, and when it was paid
        for _ in range(20):
            step = chance.choice(["make", "make", "make", "pay", "cancel", "wait"])
            unpaid = [each for each, (_, paid) in alone.items() if paid is None]
            if step == "wait":
                now += timedelta(days=chance.choice([1, 3, 8]))
            elif step == "make":
                gets = sum(a for a, paid in alone.values() if not paid or paid > now - WEEK)
                amount = chance.randint(1, 700)
                id, status = self._make(limited, now, amount)
                assert (status == "pending") == (gets + amount > 1_000)
                alone |= {id: (amount, None)} if status == "approved" else {}
            elif unpaid:
                with clock.at(now), inside(limited) as session:
                    self._end(session, step, unpaid[0])
                amount, _ = alone.pop(unpaid[0])
                alone |= {unpaid[0]: (amount, now)} if step == "pay" else {}
        assert broken(limited) == {}

    def _make(self, agency: Staffed, now: datetime, amount: int) -> tuple[UUID, str]:
        with clock.at(now), inside(agency) as session:
            owes = described(agency, amount_minor=amount, gates=[])
            row = payables.open(session, **owes)
            made = payout_making.create(session, row.payee_id, "EUR", [row.id])
        return made.id, made.status

    def _end(self, session: Any, step: str, payout_id: UUID) -> None:
        if step == "pay":
            settlements.mark_paid(session, payout_id, "TRF", None)
        else:
            payouts.cancel(session, payout_id, "No.")
