"""
What the platform sells to agencies: plans, as data, and what each has room for.

Prices are Stripe's, found by their lookup key (`studio_base_month`, `studio_seat_year`), so that an
amount is changed in one place, which is not here. A plan without a price is not sold: the trial is
given, and `network` without Stripe is everybody's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tenants.quotas import QuotaKind

GIB = 1 << 30


class PlanCode(StrEnum):
    trial = "trial"
    starter = "starter"
    studio = "studio"
    network = "network"


class Interval(StrEnum):
    """How often a plan is paid."""

    month = "month"
    year = "year"


@dataclass(frozen=True)
class Plan:
    """What a plan is called, what it has room for (None: no end), and how it is sold."""

    code: PlanCode
    name: Mapping[str, str]
    room: Mapping[QuotaKind, int | None]
    trial_days: int = 0
    sold: bool = True
    sells_seats: bool = True

    def price(self, kind: str, interval: Interval) -> str:
        """The lookup key of its base price, or of one more seat."""
        return f"{self.code}_{kind}_{interval}"

    def allowed(self, kind: QuotaKind, seats: int | None = None) -> int | None:
        """How much of something, with as many seats as were bought."""
        room = self.room[kind]
        if kind is not QuotaKind.seats or room is None:
            return room
        return max(room, seats or 0)


def _room(seats: int | None, clients: int | None, schedules: int | None, gib: int | None) -> dict:  # type: ignore[type-arg]
    return {
        QuotaKind.seats: seats,
        QuotaKind.clients: clients,
        QuotaKind.report_schedules: schedules,
        QuotaKind.stored_bytes: gib and gib * GIB,
    }


PLANS: dict[PlanCode, Plan] = {
    plan.code: plan
    for plan in (
        Plan(
            PlanCode.trial,
            {"es": "Prueba", "en": "Trial"},
            _room(10, 10, 20, 10),
            trial_days=14,
            sold=False,
            sells_seats=False,
        ),
        Plan(PlanCode.starter, {"es": "Inicial", "en": "Starter"}, _room(3, 5, 10, 20)),
        Plan(PlanCode.studio, {"es": "Estudio", "en": "Studio"}, _room(10, 25, 75, 200)),
        Plan(PlanCode.network, {"es": "Red", "en": "Network"}, _room(None, None, None, None)),
    )
}


@dataclass(frozen=True)
class Priced:
    """What a price of Stripe's stands for."""

    plan: PlanCode
    kind: str  # base · seat
    interval: Interval


PRICES: dict[str, Priced] = {
    plan.price(kind, interval): Priced(plan.code, kind, interval)
    for plan in PLANS.values()
    if plan.sold
    for kind in ("base", "seat")
    for interval in Interval
}
