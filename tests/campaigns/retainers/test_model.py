"""
Retainers against a model in plain Python, that keeps every unit by itself and knows no counter.

What is done through the API, day by day, is done to the model too, and compared lot by lot after
each step, and on every past day at the end.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from api.campaigns import invariants as _rules  # noqa: F401  (registers them)
from tenants import auth, database, invariants
from tests.campaigns import making
from tests.campaigns.making import done, move
from tests.campaigns.retainers.renewing import accrue, lots, on, renewed, terms
from tests.factories import Staffed

FEW = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
START, GRANTED, SETTLE = date(2027, 1, 31), 4, 3
DAY = timedelta(days=1)


def first_day(place: int) -> date:
    """The 31st, or the last of a month that has none."""
    year, month = 2027 + place // 12, place % 12 + 1
    after = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 28) + 3 * DAY, after - DAY)


@dataclass
class Unit:
    """One unit of one period, and what became of it on which day."""

    period: int
    reserved: bool = False
    used_on: date | None = None
    gone_on: date | None = None
    taken_on: date | None = None

    @property
    def free(self) -> bool:
        return not (self.reserved or self.used_on or self.gone_on or self.taken_on)

    def there(self, day: date) -> bool:
        """Whether it was left, or at work, at the end of a day."""
        ends = [each for each in (self.used_on, self.gone_on, self.taken_on) if each]
        return first_day(self.period) <= day and all(day < each for each in ends)


@dataclass
class Model:
    """What should be so."""

    rollover: str
    today: date = START
    periods: int = 1
    units: list[Unit] = field(default_factory=lambda: [Unit(0) for _ in range(GRANTED)])
    over: dict[int, int] = field(default_factory=dict)
    opened: list[date] = field(default_factory=lambda: [START])

    def lives(self, unit: Unit, day: date) -> bool:
        beyond = {"none": 1, "expiring": 2}.get(self.rollover)
        begun = first_day(unit.period) <= day
        return begun and (beyond is None or day < first_day(unit.period + beyond))

    def go_to(self, day: date) -> None:
        self.today = day
        while (start := first_day(self.periods)) <= day:
            self.units += [Unit(self.periods) for _ in range(GRANTED)]
            self.periods += 1
            self.opened.append(day)
            self.roll(start)
            for unit in self.units:
                if unit.free and not self.lives(unit, start):
                    unit.gone_on = start

    def roll(self, day: date) -> None:
        """The newest period's beginning, or something given back or used beyond since."""
        newest = self.periods - 1
        if self.rollover == "capped":
            earlier = [unit for unit in self.units if unit.free and unit.period < newest]
            for unit in earlier[: max(0, len(earlier) - 3)]:
                unit.gone_on = day
        if self.rollover == "deficit_carry":
            owed = sum(units for place, units in self.over.items() if place < newest)
            taken = [unit for unit in self.units if unit.taken_on]
            fresh = [unit for unit in self.units if unit.free and unit.period == newest]
            for unit in fresh[: max(0, owed - len(taken))]:
                unit.taken_on = day

    def accrue(self, units: int, day: date) -> int:
        """Count units done on a day; returns how many were beyond what there was."""
        place = max(each for each in range(self.periods) if first_day(each) <= day)
        # A period that was opened after its end is settled as long after that day.
        over_since = max(first_day(place + 1) - DAY, self.opened[place])
        settled = over_since + SETTLE * DAY < self.today
        room = [
            unit
            for unit in self.units
            if self.lives(unit, day)
            and (unit.free or (unit.gone_on is not None and unit.gone_on > day))
        ]
        # Of a period's units those which expired since come first, the earliest gone first.
        room.sort(key=lambda unit: (unit.period, unit.gone_on is None, unit.gone_on or day))
        for unit in [] if settled else room[:units]:
            unit.gone_on, unit.used_on = None, day
        over = units if settled else max(0, units - len(room))
        if over:
            self.over[place] = self.over.get(place, 0) + over
        self.roll(self.today)
        return over

    def reserve(self) -> Unit | None:
        found = [unit for unit in self.units if unit.free and self.lives(unit, self.today)]
        for unit in found[:1]:
            unit.reserved = True
        return found[0] if found else None

    def let_go(self, unit: Unit) -> None:
        unit.reserved = False
        if not self.lives(unit, self.today):
            unit.gone_on = self.today
        self.roll(self.today)

    def counts(self) -> list[tuple[int, int, int, int, int]]:
        """Of each lot: reserved, delivered, expired, deducted, over."""

        def those(place: int, which: Callable[[Unit], Any]) -> int:
            return sum(1 for unit in self.units if unit.period == place and which(unit))

        return [
            (
                those(place, lambda unit: unit.reserved),
                those(place, lambda unit: unit.used_on),
                those(place, lambda unit: unit.gone_on),
                those(place, lambda unit: unit.taken_on),
                self.over.get(place, 0),
            )
            for place in range(self.periods)
        ]

    def left(self, day: date) -> int:
        return sum(unit.there(day) for unit in self.units)


STEPS = st.one_of(
    st.tuples(st.just("accrue"), st.integers(1, 7), st.integers(0, 35)),
    st.tuples(st.just("accrue"), st.integers(1, 3), st.integers(0, 3)),
    st.tuples(st.just("reserve"), st.just(0), st.just(0)),
    st.tuples(st.just("cancel"), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("deliver"), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("wait"), st.integers(1, 40), st.just(0)),
)
RULES = st.sampled_from(
    [
        {"rollover": "none"},
        {"rollover": "capped", "rollover_cap": 3},
        {"rollover": "expiring", "rollover_periods": 1},
        {"rollover": "deficit_carry"},
    ]
)


class TestRetainer:
    @FEW
    @given(rule=RULES, steps=st.lists(STEPS, min_size=6, max_size=16))
    @example(rule={"rollover": "none"}, steps=[("wait", 62, 0), ("accrue", 1, 4)])
    def test_follows_the_model(
        self, agency: Staffed, rule: dict[str, Any], steps: list[tuple[str, int, int]]
    ) -> None:
        model = Model(rule["rollover"])
        with on(str(START)):
            line_id = _sold(agency, rule)
        work: list[tuple[Any, Unit]] = []
        for verb, number, back in steps:
            if verb == "wait":
                model.go_to(model.today + number * DAY)
            with on(str(model.today)):
                self._step(agency, model, line_id, work, verb, number, back)
                found = renewed(agency, line_id)
            kept = [
                (lot.reserved, lot.delivered, lot.expired, lot.deducted, lot.over_serviced)
                for lot in found
            ]
            assert kept == model.counts(), (rule, verb, number, back, model.today)
        with on(str(model.today)):
            self._check_days(agency, model, line_id)
        assert _broken(agency) == []

    def _step(
        self,
        agency: Staffed,
        model: Model,
        line_id: str,
        work: list[tuple[Any, Unit]],
        verb: str,
        number: int,
        back: int,
    ) -> None:
        if verb == "accrue":
            day = max(START, model.today - back * DAY)
            first = done(accrue(agency, line_id, number, str(day)), 201)
            assert (first["over_quantity"] == first["quantity"]) <= (model.accrue(number, day) > 0)
        elif verb == "reserve":
            answer = agency.community.post("/v1/deliverables", {"line_id": line_id})
            unit = model.reserve()
            assert answer.status_code == (409 if unit is None else 201), answer.text
            if unit is not None:
                work.append((answer.json(), unit))
        elif verb in ("cancel", "deliver") and number < len(work):
            row, unit = work.pop(number)
            if verb == "cancel":
                done(move(agency.community, row, "cancel"))
                model.let_go(unit)
            else:
                making.delivered(agency, row)
                unit.reserved, unit.used_on = False, model.today

    def _check_days(self, agency: Staffed, model: Model, line_id: str) -> None:
        day = START
        while day < model.today:
            path = f"/v1/clients/{agency.client_id}/balance?on={day}"
            found = [
                line
                for line in done(agency.viewer.get(path))["lines"]
                if line["line_id"] == line_id
            ]
            shown = found[0]
            kept = shown["carried"] + shown["granted"] - shown["deducted"]
            assert kept - shown["used"] - shown["expired"] == shown["remaining"]
            assert shown["remaining"] == model.left(day), day
            assert sum(each["remaining"] for each in shown["lots"]) == shown["remaining"]
            day += 3 * DAY

    @FEW
    @given(rule=RULES, left=st.integers(1, 3))
    def test_gives_the_last_units_once(
        self, agency: Staffed, rule: dict[str, Any], left: int
    ) -> None:
        with on(str(START)):
            line_id = _sold(agency, rule)
            done(accrue(agency, line_id, GRANTED - left, str(START)), 201)
            with ThreadPoolExecutor(8) as pool:
                drawn = [
                    pool.submit(agency.community.post, "/v1/deliverables", {"line_id": line_id})
                    for _ in range(4)
                ]
                counted = [
                    pool.submit(accrue, agency, line_id, 1, str(START), None) for _ in range(4)
                ]
        codes = [each.result().status_code for each in (*drawn, *counted)]

        assert codes.count(201) == left
        (lot,) = lots(agency, line_id)
        assert (lot.available, lot.reserved + lot.delivered) == (0, GRANTED)
        assert _broken(agency) == []


def _sold(agency: Staffed, rule: dict[str, Any]) -> str:
    line = making.line(
        quantity=GRANTED,
        due_on=None,
        renewal=terms(**rule, settle_after_days=SETTLE),
    )
    scope = making.accepted(agency, line, starts_on=str(START))
    found: str = scope["lines"][0]["id"]
    return found


def _broken(agency: Staffed) -> list[str]:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        return [each.invariant.name for each in invariants.check(session)]
