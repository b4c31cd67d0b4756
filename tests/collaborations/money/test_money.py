"""What is earned and owed: the parts of a fee, and the gates that hold them."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from api.collaborations import moves
from api.collaborations.models import Collaboration
from api.collaborations.money import fees, money
from api.collaborations.money.models import Milestone
from api.collaborations.terms import offers
from billing.payable import gates
from tenants import database
from tests.budgets.factories import balances
from tests.collaborations.making import (
    FEE,
    PER_POST,
    act,
    approved,
    broken,
    budget_line,
    closed_budget,
    decide,
    done,
    instalments,
    payables_of,
    piece,
    pieces_of,
    started,
    submit,
    verified,
)
from tests.factories import Staffed

LIVE_GATES = ["live_verified", "disclosure_valid", "min_live_days"]


class TestMoney:
    def test_of_accepted_work_is_an_expense_and_one_payable_with_its_gates(
        self, agency: Staffed
    ) -> None:
        line_id = budget_line(agency)
        made = approved(agency, line_id=line_id)
        assert balances(agency.executive, line_id) == (1_000_000, 0, FEE, 0)
        (owed,) = payables_of(agency, made)
        assert owed.amount_minor == FEE
        assert owed.open_gates == [*_in_order(owed.gates, ["payee_ready", *LIVE_GATES])]
        (part,) = instalments(agency.influencer, made)
        assert (part["status"], part["payable_id"]) == ("earned", str(owed.id))
        assert broken(agency) == []

    def test_of_each_post_is_earned_with_it(self, agency: Staffed) -> None:
        made = started(agency, fee=PER_POST, deliverables=[piece(), piece()])
        first, second = pieces_of(agency.influencer, made)
        done(decide(agency.approver, done(submit(agency.influencer, first["id"]), 201)))
        assert [str(each.part) for each in payables_of(agency, made)] == [first["id"]]
        done(decide(agency.approver, done(submit(agency.influencer, second["id"]), 201)))
        assert [str(each.part) for each in payables_of(agency, made)] == [
            first["id"],
            second["id"],
        ]

    def test_of_the_whole_waits_for_the_last_piece(self, agency: Staffed) -> None:
        made = started(agency, deliverables=[piece(), piece()])
        first, second = pieces_of(agency.influencer, made)
        done(decide(agency.approver, done(submit(agency.influencer, first["id"]), 201)))
        assert payables_of(agency, made) == []
        done(decide(agency.approver, done(submit(agency.influencer, second["id"]), 201)))
        assert len(payables_of(agency, made)) == 1

    def test_is_owed_once_when_it_is_said_again(self, agency: Staffed) -> None:
        line_id = budget_line(agency)
        made = approved(agency, line_id=line_id)
        (asked,) = pieces_of(agency.executive, made)

        def again(session: database.Session) -> None:
            row = database.get(session, Collaboration, UUID(made["id"]), lock=True)
            all_pieces = moves.pieces_of(session, row)
            signed = offers.signed(session, row)
            money.earn_work(session, row, all_pieces[0], all_pieces, signed, {"again": True})

        act(agency, again)
        assert len(payables_of(agency, made)) == 1
        assert balances(agency.executive, line_id) == (1_000_000, 0, FEE, 0)
        assert asked["status"] == "approved"

    def test_that_the_client_pays_is_not_owed_by_us(self, agency: Staffed) -> None:
        line_id = budget_line(agency, paid_by="client")
        made = approved(agency, line_id=line_id)
        assert balances(agency.executive, line_id) == (1_000_000, 0, FEE, 0)
        assert payables_of(agency, made) == []

    def test_of_a_product_is_none(self, agency: Staffed) -> None:
        gift = {"currency": "EUR", "product": "Una cafetera", "product_value_minor": 9000}
        made = approved(agency, fee=gift)
        assert payables_of(agency, made) == []
        assert instalments(agency.executive, made) == []

    def test_is_owed_when_its_budget_is_closed_too(self, agency: Staffed) -> None:
        """Whoever closed it gave back what was set aside; what is accepted is owed all the same."""
        line_id = budget_line(agency)
        made = started(agency, line_id=line_id)
        closed_budget(agency, line_id)
        (asked,) = pieces_of(agency.influencer, made)
        done(decide(agency.approver, done(submit(agency.influencer, asked["id"]), 201)))
        assert [each.amount_minor for each in payables_of(agency, made)] == [FEE]
        assert balances(agency.executive, line_id) == (1_000_000, 0, 0, 0)
        assert broken(agency) == []

    def test_above_the_agencys_threshold_waits_for_nobody_a_second_time(
        self, agency: Staffed
    ) -> None:
        patch = {"settings": {"expense_approval_threshold_minor": 1}}
        done(agency.owner.patch("/v1/agency", patch))
        assert len(payables_of(agency, approved(agency))) == 1


def _in_order(codes: list[str], wanted: list[str]) -> list[str]:
    return [code for code in codes if code in wanted]


fee_of = st.integers(1, 2**53 - 1)
shares = st.lists(st.integers(1, 100), min_size=1, max_size=6)


class TestFees:
    @given(fee_of, shares)
    def test_fall_due_in_parts_that_add_up(self, amount: int, weights: list[int]) -> None:
        percents = _to_hundred(weights)
        split = [{"milestone": Milestone.live, "percent": each} for each in percents]
        fee = dict.fromkeys(
            ("per_post_minor", "commission_bp", "commission_cap_minor", "product")
        ) | {"fixed_minor": amount}
        try:
            parts = fees.parts(fee, split, 1)
        except fees.InstalmentsUneven:
            assert amount < 100
            return
        assert sum(part.amount_minor for part in parts) == amount
        for part, percent in zip(parts, percents, strict=True):
            assert abs(part.amount_minor * 100 - amount * percent) < 100
            assert part.amount_minor > 0


def _to_hundred(weights: list[int]) -> list[int]:
    """Percentages above zero that add up to a hundred."""
    cut = [1 + (100 - len(weights)) * weight // sum(weights) for weight in weights]
    return [*cut[:-1], cut[-1] + 100 - sum(cut)]


class TestGates:
    def test_let_the_money_go_when_each_has_its_evidence(self, agency: Staffed) -> None:
        made = verified(agency)
        for code in (*LIVE_GATES, "payee_ready"):
            act(agency, gates.satisfy, money.SOURCE, UUID(made["id"]), code, {"seen": "yes"})
        (owed,) = payables_of(agency, made)
        assert (owed.status.value, owed.open_gates) == ("ready", [])
