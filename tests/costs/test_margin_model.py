"""Labour against a model in plain Python: rates, entries and closed days in any order."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from tenants import clock
from tenants.money import part_of, part_of_sql
from tests.campaigns import making
from tests.costs.making import close, done, enter, set_rate
from tests.factories import Staffed, staffed_agency

FEW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
FIRST, PEOPLE = date(2026, 10, 29), ("community", "strategist", "executive")
DAYS = st.integers(0, 6).map(lambda after: FIRST + timedelta(days=after))
WHO = st.sampled_from(PEOPLE)
STEPS = st.one_of(
    st.tuples(st.just("enter"), WHO, DAYS, st.integers(1, 900)),
    st.tuples(st.just("enter"), WHO, DAYS, st.integers(1, 59)),
    st.tuples(st.just("rate"), WHO, DAYS, st.integers(0, 9_999)),
    st.tuples(st.just("correct"), WHO, DAYS, st.integers(0, 9_999)),
    st.tuples(st.just("close"), WHO, DAYS, st.just(0)),
)
Step = tuple[str, str, date, int]


@dataclass
class Model:
    """What should be so."""

    rates: dict[tuple[str, date], int] = field(default_factory=dict)
    entries: list[tuple[str, date, int]] = field(default_factory=list)
    closed: date = date.min

    def allows(self, step: Step) -> bool:
        what, who, day, amount = step
        if what == "close":
            return day >= self.closed  # without a reason it never goes back
        if day <= self.closed:
            return False
        if what == "enter":
            spent = sum(m for w, d, m in self.entries if (w, d) == (who, day))
            return spent + amount <= 1440
        return ((who, day) in self.rates) is (what == "correct")

    def follow(self, step: Step) -> None:
        what, who, day, amount = step
        if what == "close":
            self.closed = day
        elif what == "enter":
            self.entries.append((who, day, amount))
        else:
            self.rates[who, day] = amount

    def rate(self, who: str, day: date) -> int | None:
        known = [(since, rate) for (w, since), rate in self.rates.items() if w == who]
        return max(((s, r) for s, r in known if s <= day), default=(day, None))[1]

    def labour(self, start: date, end: date) -> tuple[int, int, int]:
        """Minutes, those without a rate, and what the others cost."""
        inside = [each for each in self.entries if start <= each[1] <= end]
        priced = [(minutes, self.rate(who, day)) for who, day, minutes in inside]
        return (
            sum(minutes for minutes, _ in priced),
            sum(minutes for minutes, rate in priced if rate is None),
            sum(round(Fraction(m * rate, 60)) for m, rate in priced if rate is not None),
        )


def _do(agency: Staffed, step: Step, rates: dict[tuple[str, date], str]) -> Any:
    what, who, day, amount = step
    person = agency.people[who]
    if what == "enter":
        return enter(person, agency, amount, worked_on=str(day))
    if what == "close":
        return close(agency, str(day))
    if what == "rate":
        return set_rate(agency, person, str(day), amount)
    body = {"hourly": {"amount_minor": amount, "currency": "EUR"}}
    missing = "00000000-0000-7000-8000-000000000000"
    return agency.owner.patch(f"/v1/cost-rates/{rates.get((who, day), missing)}", body)


def _told(agency: Staffed, start: date, end: date) -> tuple[int, int, int]:
    asked = {"from": str(start), "to": str(end)}
    path = f"/v1/clients/{agency.client_id}/margin"
    totals = done(agency.executive.get(path, params=asked))["totals"]
    names = ("minutes", "minutes_without_rate", "labour_cost_minor")
    minutes, without, cost = (sum(row[name] for row in totals) for name in names)
    return minutes, without, cost


class TestLabour:
    @FEW
    @given(steps=st.lists(STEPS, min_size=8, max_size=30), period=st.tuples(DAYS, DAYS))
    def test_is_what_the_model_says(
        self, steps: list[Step], period: tuple[date, date], http: Any
    ) -> None:
        agency, model = staffed_agency(http), Model()
        rates: dict[tuple[str, date], str] = {}
        with clock.at(datetime(2026, 11, 22, 15, 0, tzinfo=UTC)):
            kept: dict[date, tuple[int, int, int]] = {}
            for step in steps:
                answer = _do(agency, step, rates)
                assert (answer.status_code < 300) is model.allows(step), (step, answer.text)
                if not model.allows(step):
                    continue
                model.follow(step)
                if step[0] == "rate":
                    rates[step[1], step[2]] = answer.json()["id"]
                if step[0] == "close":
                    kept[step[2]] = _told(agency, FIRST, step[2])

            start, end = sorted(period)
            assert _told(agency, start, end) == model.labour(start, end)
            for closed, told in kept.items():  # whatever came later: what was closed is so still
                assert _told(agency, FIRST, closed) == told


class TestMargin:
    @FEW
    @given(
        price=st.integers(0, 100_000),
        done_units=st.lists(st.integers(1, 9), max_size=4),
        hourly=st.integers(0, 20_000),
        minutes=st.lists(st.integers(1, 300), max_size=4),
    )
    def test_is_what_the_model_says(
        self, price: int, done_units: list[int], hourly: int, minutes: list[int], http: Any
    ) -> None:
        agency, sold = staffed_agency(http), 12
        with clock.at(datetime(2026, 11, 22, 15, 0, tzinfo=UTC)):
            line = making.line(
                measure="hours",
                quantity=sold,
                due_on=None,
                unit_price={"amount_minor": price, "currency": "EUR"},
            )
            scope = making.accepted(agency, line, starts_on="2026-01-01")
            path = f"/v1/scope-lines/{scope['lines'][0]['id']}/accruals"
            for units in done_units:
                body = {"quantity": units, "counted_on": "2026-11-10", "reason": "Más"}
                done(agency.community.post(path, body), 201)
            done(set_rate(agency, agency.community, "2026-01-01", hourly), 201)
            for each in minutes:
                done(enter(agency.community, agency, each, worked_on="2026-11-10"), 201)
            shown = done(agency.executive.get(f"/v1/clients/{agency.client_id}/margin"))

        revenue = min(sum(done_units), sold) * price
        labour = sum(round(Fraction(each * hourly, 60)) for each in minutes)
        hours = Fraction(sum(minutes), 60)
        if not done_units and not minutes:
            assert shown["totals"] == []
            return
        (row,) = shown["totals"]
        assert row["revenue_minor"] == revenue
        assert row["over_serviced_minor"] == max(sum(done_units) - sold, 0) * price
        assert row["margin_minor"] == revenue - labour
        share = round(Fraction((revenue - labour) * 10_000, revenue)) if revenue else None
        assert row["margin_bp"] == share
        assert row["effective_hourly_rate_minor"] == (round(revenue / hours) if hours else None)


class TestRounding:
    @pytest.mark.parametrize("whole", [1, 28, 30, 31, 60])
    def test_is_the_same_in_sql(self, owner: Engine, whole: int) -> None:
        cases = [(amount, part) for amount in range(0, 160) for part in range(1, 62)]
        cases += [(10**11, 1440), (2**53 - 1, 31), (10**11 - 1, 1439)]
        rounded = part_of_sql("a::bigint", "p", str(whole))
        query = text(
            f"select {rounded} from unnest(cast(:a as bigint[]), cast(:p as bigint[])) c(a, p)"
        )

        with owner.connect() as connection:
            asked = {"a": [a for a, _ in cases], "p": [p for _, p in cases]}
            found = connection.execute(query, asked).scalars().all()

        assert [int(each) for each in found] == [part_of(a, p, whole) for a, p in cases]
