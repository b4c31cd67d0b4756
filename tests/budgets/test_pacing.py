"""How far money has gone: against a model in plain Python, by the client's calendar."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

import api.budgets.tasks  # noqa: F401
from api.budgets import pacing
from api.budgets.models import Budget, BudgetLine, BudgetStatus, LineCategory
from api.budgets.pace_shapes import BudgetState
from tenants import auth, clock, daily, database, reads, worker
from tenants.jobs import Job
from tenants.models import Client
from tests.budgets.factories import approved, draft, enter, expense, fact
from tests.factories import Staffed, events_of

LARGEST = 2**53 - 1


@dataclass(frozen=True)
class Sums:
    """What a line is allocated, and where it went."""

    allocated: int
    committed: int
    spent: int
    unfunded: int


def _expected(sums: Sums, first: date, last: date, today: date) -> dict[str, Any]:
    """The formulas of `api.budgets.pacing`, in fractions."""
    total, elapsed = (last - first).days + 1, (min(today, last) - first).days + 1
    gone, within = sums.spent + sums.unfunded, first <= today <= last
    expected = round(Fraction(sums.allocated * max(elapsed, 0), total))
    basis = round(Fraction(gone * 10_000, expected)) if expected else None
    forecast, runs_out = gone + sums.committed, None
    if within:
        forecast = max(forecast, round(Fraction(gone * total, elapsed)))
    if within and gone:
        days = (elapsed + day for day in range(total - elapsed + 1))
        fit = (day for day in days if Fraction(gone * day, elapsed) >= sums.allocated)
        runs_out = next((first + timedelta(day - 1) for day in fit), None)
    return {
        "pace": _pace(basis, gone, today, first, last),
        "remaining_minor": sums.allocated - sums.committed - sums.spent,
        "expected_minor": expected,
        "pace_bp": None if basis is None else min(basis, LARGEST),
        "forecast_minor": min(forecast, LARGEST),
        "runs_out_on": None if runs_out is None else runs_out.isoformat(),
    }


def _pace(basis: int | None, gone: int, today: date, first: date, last: date) -> str:
    if today < first:
        return "not_started"
    if today > last:
        return "over_period"
    if basis is None:
        return "over" if gone else "on"
    return "under" if basis < 8_500 else "over" if basis > 11_500 else "on"


def _states(shown: dict[str, Any], sums: Sums) -> set[str]:
    """The states under which a list of budgets has to show it."""
    states = {"on_track"} if shown["pace"] == "on" else {shown["pace"]} & {"under", "over"}
    risky = shown["forecast_minor"] > sums.allocated or sums.unfunded or shown["pace"] == "over"
    return states | ({"at_risk"} if risky else set())


def _read(agency: Staffed, budget_id: UUID) -> dict[str, Any]:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        answer = reads.ask_within(session, pacing.BudgetPace(budget_id))
        found: dict[str, Any] = json.loads(answer.body)
        return found


def _listed(agency: Staffed, budget_id: UUID) -> set[str]:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        return {
            state.value
            for state in BudgetState
            if session.exec(
                select(Budget.id).where(
                    col(Budget.id) == budget_id, pacing.stands(agency.agency_id, state)
                )
            ).first()
        }


_AMOUNT = st.one_of(st.integers(0, 40), st.integers(0, 3_000_000), st.just(2**51))


@st.composite
def _line_sums(draw: st.DrawFn) -> Sums:
    allocated = draw(_AMOUNT)
    spent = draw(st.integers(0, allocated))
    committed = draw(st.integers(0, allocated - spent))
    unfunded = 0
    if draw(st.booleans()):
        committed, unfunded = allocated - spent, draw(st.integers(0, 1_000))
    return Sums(allocated, committed, spent, unfunded)


@contextmanager
def _planted(
    agency: Staffed, first: date, last: date, lines: list[Sums]
) -> Iterator[tuple[UUID, list[UUID]]]:
    """A budget with these balances and no entries: what is read is only the arithmetic."""
    with database.agency_session(auth.system(agency.agency_id)) as session:
        made = Budget(
            client_id=agency.client_id,
            name="Plantado",
            period_start=first,
            period_end=last,
            currency="EUR",
            status=BudgetStatus.active,
        )
        database.add(session, made)
        rows = [
            BudgetLine(
                client_id=agency.client_id,
                budget_id=made.id,
                status=BudgetStatus.active,
                category=LineCategory.other,
                label={"es": "Otra"},
                pass_through=False,
                currency="EUR",
                planned_minor=each.allocated,
                allocated_minor=each.allocated,
                committed_minor=each.committed,
                spent_minor=each.spent,
                unfunded_minor=each.unfunded,
            )
            for each in lines
        ]
        database.add(session, *rows)
    yield made.id, [row.id for row in rows]


class TestPace:
    @pytest.fixture(autouse=True)
    def _agency(self, agency: Staffed) -> None:
        self.agency = agency

    @settings(
        max_examples=60,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(
        first=st.dates(date(2023, 1, 1), date(2028, 12, 31)),
        days=st.integers(1, 400),
        offset=st.integers(-40, 440),
        lines=st.lists(_line_sums(), max_size=3),
    )
    def test_is_what_its_formulas_say(
        self, first: date, days: int, offset: int, lines: list[Sums]
    ) -> None:
        last, today = first + timedelta(days - 1), first + timedelta(offset)
        noon = datetime(today.year, today.month, today.day, 11, tzinfo=UTC)
        whole = Sums(
            *(
                sum(getattr(each, name) for each in lines)
                for name in ("allocated", "committed", "spent", "unfunded")
            )
        )

        with _planted(self.agency, first, last, lines) as (budget_id, ids), clock.at(noon):
            found, states = _read(self.agency, budget_id), _listed(self.agency, budget_id)

        wanted = _expected(whole, first, last, today)
        assert found["on"] == today.isoformat()
        assert found["total"] == {**found["total"], **wanted}
        assert [each["line_id"] for each in found["lines"]] == [str(id) for id in ids]
        for each, sums in zip(found["lines"], lines, strict=True):
            assert each["pace"] == {**each["pace"], **_expected(sums, first, last, today)}
        assert states == _states(wanted, whole)

    def test_rounds_half_to_even(self) -> None:
        noon = datetime(2026, 10, 1, 11, tzinfo=UTC)
        lines = [Sums(1, 0, 0, 0), Sums(3, 0, 0, 0), Sums(5, 0, 0, 0)]

        with (
            _planted(self.agency, date(2026, 10, 1), date(2026, 10, 2), lines) as (made, _),
            clock.at(noon),
        ):
            found = _read(self.agency, made)

        assert [each["pace"]["expected_minor"] for each in found["lines"]] == [0, 2, 2]

    @pytest.mark.parametrize(
        ("zone", "at", "day"),
        [
            ("Europe/Madrid", "2026-10-24T21:59:59Z", "2026-10-24"),
            ("Europe/Madrid", "2026-10-24T22:00:00Z", "2026-10-25"),
            ("Europe/Madrid", "2026-10-25T22:59:59Z", "2026-10-25"),  # a day of 25 hours
            ("Europe/Madrid", "2026-10-25T23:00:00Z", "2026-10-26"),
            ("America/Santiago", "2026-09-06T03:59:59Z", "2026-09-05"),  # has no midnight next
            ("America/Santiago", "2026-09-06T04:00:00Z", "2026-09-06"),
            ("Pacific/Kiritimati", "2026-02-28T10:00:00Z", "2026-03-01"),
            ("America/Los_Angeles", "2028-02-29T08:00:00Z", "2028-02-29"),
        ],
    )
    def test_counts_days_by_the_clients_calendar(self, zone: str, at: str, day: str) -> None:
        self._live_in(zone)
        today = date.fromisoformat(day)
        first = today.replace(day=1)
        last = (first + timedelta(40)).replace(day=1) - timedelta(1)

        with (
            _planted(self.agency, first, last, [Sums(3_100, 0, 100, 0)]) as (made, _),
            clock.at(datetime.fromisoformat(at)),
        ):
            found = _read(self.agency, made)

        assert (found["on"], found["days_elapsed"]) == (day, today.day)
        assert found["days_total"] == last.day
        assert found["total"] == {
            **found["total"],
            **_expected(Sums(3_100, 0, 100, 0), first, last, today),
        }

    def _live_in(self, zone: str) -> None:
        with database.agency_session(auth.system(self.agency.agency_id)) as session:
            database.get(session, Client, self.agency.client_id).timezone = zone


class TestReadPace:
    def test_shows_the_client_its_own_money(self, agency: Staffed) -> None:
        made = approved(agency, 9_200, 1_000)
        one = made["lines"][0]["id"]
        enter(agency.strategist, one, "commitment", amount_minor=700, payee="Luz", note="Reel")
        fact(agency.community, one, 2_000)
        path = f"/v1/budgets/{made['id']}/pace"

        staff, client = agency.executive.get(path), agency.approver.get(path)

        assert staff.status_code == 200, staff.text
        assert staff.json() == client.json()
        assert "ETag" not in staff.headers
        first = staff.json()["lines"][0]
        assert first["line_id"] == one
        assert first["pace"]["remaining_minor"] == 9_200 - 700 - 2_000
        assert staff.json()["total"]["spent_minor"] == 2_000

    def test_hides_drafts_and_the_budgets_of_others(self, agency: Staffed) -> None:
        path = f"/v1/budgets/{draft(agency, 1_000)['id']}/pace"

        assert agency.executive.get(path).json()["total"]["expected_minor"] == 0
        assert agency.approver.get(path).status_code == 404
        assert agency.other_executive.get(path).status_code == 404
        assert agency.stranger.get(path).status_code == 403

    @pytest.mark.parametrize(("currency", "amount"), [("JPY", 920_000), ("KWD", 9_200_000)])
    def test_is_in_minor_units_whatever_they_are(
        self, agency: Staffed, currency: str, amount: int
    ) -> None:
        made = approved(agency, amount, currency=currency)

        assert (
            expense(agency.community, made["lines"][0]["id"], 1, currency=currency).status_code
            == 201
        )

        found = agency.executive.get(f"/v1/budgets/{made['id']}/pace").json()
        elapsed, total = found["days_elapsed"], found["days_total"]
        assert found["currency"] == currency
        assert found["total"]["expected_minor"] == round(Fraction(amount * elapsed, total))


def _running(agency: Staffed) -> dict[str, Any]:
    """A budget in the middle of its period, whatever today is."""
    first = clock.today("UTC") - timedelta(days=40)
    period = {
        "period_start": first.isoformat(),
        "period_end": (first + timedelta(days=80)).isoformat(),
    }
    return approved(agency, 1_000, **period)


class TestListByState:
    def test_shows_budgets_as_they_stand(self, agency: Staffed) -> None:
        calm, eager, unpaid = (_running(agency) for _ in range(3))
        draft(agency, 1_000)
        expense(agency.community, eager["lines"][0]["id"], 990)
        fact(agency.community, unpaid["lines"][0]["id"], 1_001)

        def ids(state: str, person: Any = agency.executive) -> list[str]:
            answer = person.get(f"/v1/budgets?state={state}&client_id={agency.client_id}")
            assert answer.status_code == 200, answer.text
            return [row["id"] for row in answer.json()["data"]]

        assert ids("at_risk") == ids("over") == [unpaid["id"], eager["id"]]
        assert ids("at_risk", agency.approver) == [unpaid["id"], eager["id"]]
        assert ids("under") == [calm["id"]]
        assert ids("on_track") == ids("at_risk", agency.other_executive) == []
        assert agency.executive.get("/v1/budgets?state=fine").status_code == 422

    def test_is_paged(self, agency: Staffed) -> None:
        made = [_running(agency)["id"] for _ in range(3)]
        path = "/v1/budgets?state=under&limit=2&include=total"

        first = agency.executive.get(path).json()
        second = agency.executive.get(f"{path}&cursor={first['next_cursor']}").json()

        assert [row["id"] for row in (*first["data"], *second["data"])] == made[::-1]
        assert (first["total"], second["next_cursor"]) == (3, None)


class TestLookAhead:
    def _run(self, agency: Staffed) -> Any:
        """Today's job, as the beat and the worker do it; again, when it was done already."""
        daily.open_day_of(agency.agency_id)
        with database.agency_session(auth.system(agency.agency_id)) as session:
            query = select(Job.id).where(col(Job.kind) == "budgets.look_ahead")
            job_id = session.exec(query).one()
        worker.run_job(agency.agency_id, job_id)
        with database.agency_session(auth.system(agency.agency_id)) as session:
            return database.get(session, Job, job_id).result

    def test_tells_once_in_a_period_of_what_is_at_risk(self, agency: Staffed) -> None:
        calm, eager = _running(agency), _running(agency)
        draft(agency, 1_000)
        expense(agency.community, eager["lines"][0]["id"], 990)

        first = self._run(agency)
        with database.agency_session(auth.system(agency.agency_id)) as session:
            again = pacing.look_ahead(session, agency.agency_id)

        assert (first, again) == ({"told": 1}, 0)
        assert events_of(agency, eager["id"]).count("budget.at_risk") == 1
        assert "budget.at_risk" not in events_of(agency, calm["id"])
