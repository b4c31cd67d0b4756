"""A share of the sales is owed month by month, exactly, and less when sales are given back."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError
from sqlmodel import select
from starlette.testclient import TestClient

from api.collaborations.models import Collaboration
from api.tracking import shares, tasks
from billing.payable import payout_making
from tenants import auth, clock, daily, database, worker
from tenants.jobs import Job
from tenants.money import part_of
from tests.billing import creators
from tests.budgets.factories import balances
from tests.collaborations import making
from tests.factories import Staffed, staffed_agency
from tests.tracking.making import code, refund, results, sale, told

BP, CAP = 1_000, 5_000
SHARE = {"currency": "EUR", "commission_bp": BP, "commission_cap_minor": CAP}
GATES = ["content_accepted", "disclosure_valid", "live_verified", "min_live_days"]


def month(back: int) -> date:
    """The first day of a month so many before this one."""
    today = clock.today("Europe/Madrid")
    year, before = divmod(12 * today.year + today.month - 1 - back, 12)
    return date(year, before + 1, 1)


def noon(day: date) -> str:
    return datetime.combine(day, time(12), UTC).isoformat()


def sold(order: str, amount: int, back: int = 1) -> dict[str, Any]:
    """A sale by the code, in the middle of a month so many before this one."""
    at = noon(month(back) + timedelta(days=14)) if back else clock.now().isoformat()
    return sale(order, amount, code="AURORA10", occurred_at=at)


def returned(order: str, amount: int, name: str = "r1") -> dict[str, Any]:
    return refund(order, amount, name, occurred_at=clock.now().isoformat())


def shared(agency: Staffed, fee: dict[str, Any] = SHARE, **values: Any) -> dict[str, Any]:
    """A collaboration with a tenth of what is sold by its code."""
    made = making.started(agency, fee=fee, **values)
    window = {"starts_on": making.day(-200), "ends_on": making.day(60)}
    making.done(code(agency, made, **window), 201)
    return made


def close(agency: Staffed, back: int = 1) -> None:
    """What is done on the second day after a month so many before this one."""
    on = month(back - 1) + timedelta(days=1)
    with clock.at(datetime.combine(on, time(9), UTC)):
        tasks.close_months(auth.system(agency.agency_id), Job(kind=tasks.KIND), lambda *_: None)


def parts(agency: Staffed, made: dict[str, Any]) -> list[tuple[str, int, int]]:
    """Month, amount and what was taken back of each part of the commission."""
    return [
        (each["month"], each["amount_minor"], each["clawed_back_minor"])
        for each in making.instalments(agency.executive, made)
        if each["kind"] == "commission"
    ]


def owed(agency: Staffed, made: dict[str, Any]) -> list[tuple[str, str, int]]:
    found = making.payables_of(agency, made)
    return [(each.kind.value, each.status.value, each.amount_minor) for each in found]


def first_of(back: int) -> str:
    return month(back).isoformat()


class TestCloseMonths:
    def test_owes_the_share_of_a_month_that_is_over_once(self, agency: Staffed) -> None:
        line_id = making.budget_line(agency)
        made = shared(agency, line_id=line_id)
        told(agency, sold("1", 12_345), sold("2", 5), sold("3", 10_000, back=0))
        self._run(agency)
        close(agency)

        assert parts(agency, made) == [(first_of(1), 1_234, 0)]  # 1234.5 and 0.5, half to even
        (payable,) = making.payables_of(agency, made)
        assert (payable.amount_minor, payable.status) == (1_234, "blocked")
        assert sorted(payable.open_gates) == sorted([*GATES, "payee_ready"])
        assert payable.label["es"] == f"Reel de lanzamiento: comisión, {first_of(1)[:7]}"
        assert balances(agency.executive, line_id) == (1_000_000, CAP - 1_234, 1_234, 0)
        assert making.broken(agency) == []

    def _run(self, agency: Staffed) -> None:
        """Today's job, as the beat and the worker do it."""
        daily.open_day_of(agency.agency_id)
        with database.agency_session(auth.system(agency.agency_id)) as session:
            job_id = session.exec(select(Job.id).where(Job.kind == tasks.KIND)).one()
        worker.run_job(agency.agency_id, job_id)

    def test_waits_until_the_month_is_over_where_the_client_is(self, agency: Staffed) -> None:
        made = shared(agency)
        told(agency, sold("1", 10_000))
        midnight = datetime.combine(month(0), time(), UTC)  # an hour or two after Madrid's
        system = auth.system(agency.agency_id)
        for before, expected in ((timedelta(hours=3), 0), (timedelta(minutes=30), 1)):
            at = midnight - before
            with clock.at(at):
                tasks.close_months(system, Job(kind=tasks.KIND), lambda *_: None)
            assert len(parts(agency, made)) == expected

    def test_lets_a_late_sale_count_with_the_next_month(self, agency: Staffed) -> None:
        made = shared(agency)
        told(agency, sold("1", 10_000, back=2))
        close(agency, 2)
        told(agency, sold("2", 3_000, back=2))
        close(agency, 2)
        assert parts(agency, made) == [(first_of(2), 1_000, 0)]
        told(agency, sold("3", 500))
        close(agency, 1)
        assert parts(agency, made) == [(first_of(2), 1_000, 0), (first_of(1), 350, 0)]

    def test_never_owes_more_than_the_cap(self, agency: Staffed) -> None:
        line_id = making.budget_line(agency)
        made = shared(agency, line_id=line_id)
        told(agency, sold("1", 40_000, back=2), sold("2", 90_000))
        close(agency, 2)
        close(agency, 1)
        assert parts(agency, made) == [(first_of(2), 4_000, 0), (first_of(1), 1_000, 0)]
        assert balances(agency.executive, line_id) == (1_000_000, 0, CAP, 0)
        cost = results(agency.executive, made)["cost"]
        assert (cost["commission_minor"], cost["total_minor"]) == (CAP, CAP)

    def test_owes_less_when_a_sale_is_given_back(self, agency: Staffed) -> None:
        line_id = making.budget_line(agency)
        made = shared(agency, line_id=line_id)
        told(agency, sold("1", 20_000, back=2), sold("2", 10_000))
        close(agency, 2)
        close(agency, 1)
        told(agency, returned("1", 12_000))
        close(agency, 1)
        close(agency, 1)
        assert parts(agency, made) == [(first_of(2), 2_000, 200), (first_of(1), 1_000, 1_000)]
        assert owed(agency, made) == [("owed", "blocked", 1_800), ("owed", "cancelled", 1_000)]
        assert balances(agency.executive, line_id) == (1_000_000, CAP - 3_000, 1_800, 0)
        assert making.broken(agency) == []

    def test_asks_back_what_is_in_a_payout(self, agency: Staffed) -> None:
        creators.known(agency)
        made = shared(agency)
        told(agency, sold("1", 20_000))
        close(agency)
        for each in GATES:
            (payable,) = making.payables_of(agency, made)
            creators.say(agency, payable, each)
        with creators.inside(agency) as session:
            payout_making.create(session, agency.influencer_id, "EUR")
        told(agency, returned("1", 5_000))
        close(agency)
        told(agency, returned("1", 5_000, "r2"))
        close(agency)
        assert owed(agency, made) == [
            ("owed", "submitted", 2_000),
            ("clawback", "clawback_due", 500),
            ("clawback", "clawback_due", 500),
        ]
        assert parts(agency, made) == [(first_of(1), 2_000, 1_000)]
        assert making.broken(agency) == []

    def test_owes_nothing_of_what_was_never_accepted(self, agency: Staffed) -> None:
        made, _ = making.offered(agency, fee=SHARE)
        window = {"starts_on": making.day(-200), "ends_on": making.day(60)}
        making.done(code(agency, made, **window), 201)
        told(agency, sold("1", 20_000))
        close(agency)
        assert making.instalments(agency.executive, made) == []
        assert results(agency.executive, made)["sales"]["commission_minor"] == 0

    def test_waits_for_the_work_to_be_accepted(self, agency: Staffed) -> None:
        made = shared(agency)
        told(agency, sold("1", 20_000))
        close(agency)
        (piece,) = making.pieces_of(agency.influencer, made)
        handed_in = making.done(making.submit(agency.influencer, piece["id"]), 201)
        making.done(making.decide(agency.approver, handed_in))
        (payable,) = making.payables_of(agency, made)
        assert "content_accepted" not in payable.open_gates
        assert making.broken(agency) == []

    def test_knows_that_the_work_was_accepted_before(self, agency: Staffed) -> None:
        made = making.approved(agency, fee=SHARE)
        window = {"starts_on": making.day(-200), "ends_on": making.day(60)}
        making.done(code(agency, made, **window), 201)
        told(agency, sold("1", 20_000))
        close(agency)
        (payable,) = making.payables_of(agency, made)
        assert "content_accepted" not in payable.open_gates

    def test_is_behind_its_clients_wall(self, agency: Staffed) -> None:
        made = shared(agency)
        told(agency, sold("1", 20_000))
        close(agency)
        assert making.instalments(agency.influencer, made)[0]["amount_minor"] == 2_000
        path = f"/v1/collaborations/{made['id']}/instalments"
        assert agency.other_influencer.get(path).status_code == 404
        assert agency.other_executive.get(path).status_code == 404


class TestEnding:
    @pytest.mark.parametrize("verb", ["complete", "cancel", "breach"])
    def test_owes_what_was_sold_until_then_and_nothing_later(
        self, agency: Staffed, verb: str
    ) -> None:
        line_id = making.budget_line(agency)
        work = making.approved if verb == "cancel" else making.verified
        made = work(agency, line_id=line_id, fee=SHARE)
        window = {"starts_on": making.day(-200), "ends_on": making.day(60)}
        making.done(code(agency, made, **window), 201)
        told(agency, sold("1", 10_000), sold("2", 3_000, back=0))
        body = None if verb == "complete" else {"reason": "Se acabó."}
        making.done(agency.executive.post(f"/v1/collaborations/{made['id']}/{verb}", body))
        told(agency, sold("3", 10_000), sold("4", 10_000, back=0))
        close(agency)
        assert parts(agency, made) == [(first_of(0), 1_300, 0)]
        assert balances(agency.executive, line_id) == (1_000_000, 0, 1_300, 0)
        told(agency, returned("2", 3_000))
        close(agency)
        assert parts(agency, made) == [(first_of(0), 1_300, 300)]
        assert balances(agency.executive, line_id) == (1_000_000, 0, 1_000, 0)
        assert making.broken(agency) == []

    def test_waits_for_the_sales_that_are_being_told(self, agency: Staffed) -> None:
        """A sale is shared while whoever ends the work waits, or not at all."""
        made = shared(agency)
        id = UUID(made["id"])
        with creators.inside(agency) as session:
            assert shares.given(session, [id]) == {id: BP}
            with pytest.raises(OperationalError, match="lock timeout"):
                self._hold_at_once(agency, id)
        self._hold_at_once(agency, id)

    def _hold_at_once(self, agency: Staffed, id: UUID) -> None:
        with creators.inside(agency) as session:
            session.connection().exec_driver_sql("set local lock_timeout = '50ms'")
            database.get(session, Collaboration, id, lock=True)


class TestAmending:
    """Terms that change amid a month: what was sold before and after is owed, once."""

    def _offered(self, agency: Staffed, made: dict[str, Any], line_id: str, **fee: Any) -> Any:
        path = f"/v1/collaborations/{made['id']}/amend"
        return agency.executive.post(path, making.terms(line_id, fee={**SHARE, **fee}))

    def _amended(self, agency: Staffed, made: dict[str, Any], line_id: str, **fee: Any) -> Any:
        said = making.done(self._offered(agency, made, line_id, **fee), 201)
        return making.accept(agency, made, said)

    def test_is_not_offered_with_less_than_was_sold_already(self, agency: Staffed) -> None:
        """Whoever is asked could only be refused, and not know why."""
        line_id = making.budget_line(agency)
        made = shared(agency, line_id=line_id)
        told(agency, sold("1", 10_000, back=0))
        for least in (999, None):
            share = {"commission_cap_minor": least, "commission_bp": BP if least else None}
            answer = self._offered(agency, made, line_id, **share, fixed_minor=5_000)
            problem = making.done(answer, 409)
            assert (problem["code"], problem["earned_minor"]) == ("earned_already", 1_000)
        making.done(self._offered(agency, made, line_id, commission_cap_minor=1_000), 201)

    @pytest.mark.parametrize("ends", [True, False])
    def test_owes_what_is_sold_after_it_too(self, agency: Staffed, ends: bool) -> None:
        line_id = making.budget_line(agency)
        made = making.verified(agency, line_id=line_id, fee=SHARE)
        making.done(code(agency, made, starts_on=making.day(-200), ends_on=making.day(60)), 201)
        told(agency, sold("1", 10_000, back=0))
        making.done(self._amended(agency, made, line_id, commission_bp=2 * BP))
        assert parts(agency, made) == [(first_of(0), 1_000, 0)]
        told(agency, sold("2", 10_000, back=0))
        close(agency, 1)
        assert parts(agency, made) == [(first_of(0), 1_000, 0)]  # the month goes on
        if ends:
            making.done(agency.executive.post(f"/v1/collaborations/{made['id']}/complete"))
        else:
            close(agency, 0)
            close(agency, 0)
        assert parts(agency, made) == [(first_of(0), 1_000, 0), (first_of(0), 2_000, 0)]
        committed = 0 if ends else CAP - 3_000
        assert balances(agency.executive, line_id) == (1_000_000, committed, 3_000, 0)
        assert making.broken(agency) == []

    def test_takes_nothing_off_what_was_sold_before(self, agency: Staffed) -> None:
        line_id = making.budget_line(agency)
        made = shared(agency, line_id=line_id)
        told(agency, sold("1", 9_000, back=0))
        said = making.done(self._offered(agency, made, line_id, commission_cap_minor=999), 201)
        told(agency, sold("3", 1_000, back=0))  # after it was offered, and before it is accepted
        less = making.accept(agency, made, said)
        assert making.done(less, 409)["code"] == "earned_already"
        assert parts(agency, made) == []
        making.done(self._amended(agency, made, line_id, commission_cap_minor=1_000))
        told(agency, sold("2", 10_000, back=0))
        close(agency, 0)
        assert parts(agency, made) == [(first_of(0), 1_000, 0)]
        told(agency, returned("1", 9_000), returned("3", 1_000, "r3"))
        close(agency, 0)
        assert parts(agency, made) == [(first_of(0), 1_000, 0)]  # what was sold since makes up
        told(agency, returned("2", 10_000, "r2"))
        close(agency, 0)
        assert parts(agency, made) == [(first_of(0), 1_000, 1_000)]
        assert making.broken(agency) == []


class TestOffer:
    def test_refuses_a_share_in_another_currency_than_sales_have(self, agency: Staffed) -> None:
        made, line_id = making.invited(agency), making.budget_line(agency)
        dollars = {**SHARE, "currency": "USD"}
        answer = making.offer(agency, made, making.terms(line_id, fee=dollars))
        assert making.done(answer, 422)["code"] == "commission_currency_differs"
        assert making.read(agency.executive, made)["status"] == "invited"


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
