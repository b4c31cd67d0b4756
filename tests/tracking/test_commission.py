"""A share of the sales is owed month by month, exactly, and less when sales are given back."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from api.collaborations.models import Collaboration
from api.tracking import shares, tasks
from billing.payable import payout_making
from tenants import auth, clock, daily, database, worker
from tenants.jobs import Job
from tests.billing import creators
from tests.budgets.factories import balances
from tests.collaborations import making
from tests.factories import Staffed
from tests.tracking.making import code, results, told
from tests.tracking.sharing import (
    BP,
    CAP,
    GATES,
    SHARE,
    close,
    first_of,
    month,
    owed,
    parts,
    returned,
    shared,
    sold,
)


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
