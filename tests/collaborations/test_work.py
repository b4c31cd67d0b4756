"""What is handed in, decided, earned and owed; rights of use; how work ends."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.collaborations import moves
from api.collaborations.models import Collaboration, CollaborationStatus, PieceStatus
from api.collaborations.money import fees, money
from api.collaborations.money.models import Milestone
from api.collaborations.terms import offers
from api.collaborations.work import pieces
from billing.payable import gates, payout_making
from tenants import clock, database
from tenants.errors import MoveNotAllowed
from tests.billing import creators
from tests.budgets.factories import balances
from tests.collaborations.making import (
    FEE,
    act,
    approved,
    broken,
    budget_line,
    client_of,
    contracted,
    day,
    decide,
    done,
    instalments,
    payables_of,
    piece,
    pieces_of,
    read,
    right,
    set_mode,
    started,
    submit,
    verified,
)
from tests.factories import Staffed, events_of

PER_POST = {"currency": "EUR", "per_post_minor": FEE}
LIVE_GATES = ["live_verified", "disclosure_valid", "min_live_days"]


class TestCreateSubmission:
    def test_is_put_to_the_client(self, agency: Staffed) -> None:
        made = started(agency)
        (asked,) = pieces_of(agency.influencer, made)
        handed_in = done(submit(agency.influencer, asked["id"]), 201)
        assert (handed_in["number"], handed_in["status"]) == (1, "in_review")
        assert read(agency.approver, made)["status"] == "in_review"
        assert done(agency.approver.get(f"/v1/submissions/{handed_in['id']}")) == handed_in
        approval = done(agency.approver.get(f"/v1/approvals/{handed_in['approval_id']}"))
        (shown,) = approval["document"]["subjects"]
        assert (shown["type"], shown["text"]) == ("submissions", handed_in["caption"])
        assert events_of(agency, handed_in["id"])[0] == "submission.submitted"

    def test_is_refused_before_the_terms_are_accepted_and_before_it_starts(
        self, agency: Staffed
    ) -> None:
        made = contracted(agency)
        (asked,) = pieces_of(agency.influencer, made)
        problem = done(submit(agency.influencer, asked["id"]), 409)
        assert (problem["code"], problem["state"]) == ("move_not_allowed", "contracted")
        assert done(agency.influencer.get("/v1/submissions"))["data"] == []

    def test_needs_something_to_look_at(self, agency: Staffed) -> None:
        (asked,) = pieces_of(agency.influencer, started(agency))
        answer = submit(agency.influencer, asked["id"], url=None)
        assert done(answer, 422)["code"] == "submission_empty"

    def test_is_once_at_a_time(self, agency: Staffed) -> None:
        (asked,) = pieces_of(agency.influencer, started(agency))
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: submit(agency.influencer, asked["id"]), range(4)))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]

    def test_is_not_for_another_influencer(self, agency: Staffed) -> None:
        (asked,) = pieces_of(agency.influencer, started(agency))
        assert submit(agency.other_influencer, asked["id"]).status_code == 404

    def test_counts_rounds_of_changes(self, agency: Staffed) -> None:
        made = started(agency)
        (asked,) = pieces_of(agency.influencer, made)
        for number in (1, 2, 3):
            handed_in = done(submit(agency.influencer, asked["id"]), 201)
            assert handed_in["number"] == number
            if number < 3:
                done(decide(agency.approver, handed_in, "changes_requested"))
                assert read(agency.influencer, made)["status"] == "content_due"
        (now,) = pieces_of(agency.influencer, made)
        assert (now["rounds_used"], now["rounds_included"], now["rounds_over"]) == (2, 1, 1)
        states = [e["status"] for e in done(agency.executive.get("/v1/submissions"))["data"]]
        assert states == ["in_review", "changes_requested", "changes_requested"]

    def test_can_be_taken_back_until_it_is_decided(self, agency: Staffed) -> None:
        made = started(agency)
        (asked,) = pieces_of(agency.influencer, made)
        handed_in = done(submit(agency.influencer, asked["id"]), 201)
        path = f"/v1/submissions/{handed_in['id']}/withdraw"
        assert done(agency.influencer.post(path))["status"] == "withdrawn"
        assert read(agency.influencer, made)["status"] == "content_due"
        assert decide(agency.approver, handed_in).status_code == 409
        assert done(agency.influencer.post(path), 409)["code"] == "move_not_allowed"

    def test_stays_inside_where_the_client_is_not_asked(self, agency: Staffed) -> None:
        set_mode(agency, "internal")
        made = started(agency)
        (asked,) = pieces_of(agency.influencer, made)
        handed_in = done(submit(agency.influencer, asked["id"]), 201)
        assert agency.approver.get(f"/v1/submissions/{handed_in['id']}").status_code == 404
        done(decide(agency.strategist, handed_in))
        assert read(agency.executive, made)["status"] == "approved"
        assert agency.approver.get(f"/v1/submissions/{handed_in['id']}").status_code == 404

    def test_is_accepted_at_once_where_nobody_is_asked(self, agency: Staffed) -> None:
        set_mode(agency, "none")
        made = started(agency)
        (asked,) = pieces_of(agency.influencer, made)
        assert done(submit(agency.influencer, asked["id"]), 201)["status"] == "approved"
        assert read(agency.influencer, made)["status"] == "approved"
        assert len(payables_of(agency, made)) == 1


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
        entries = f"/v1/budget-lines/{line_id}/entries"
        held = done(agency.executive.get(entries, params={"kind": "commitment"}))["data"][0]
        back = {"kind": "release", "commitment_id": held["id"]}
        done(agency.owner.post(entries, back), 201)
        budget = done(agency.owner.get("/v1/budgets"))["data"][0]
        done(agency.owner.post(f"/v1/budgets/{budget['id']}/close"))
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


class TestPieces:
    def test_lead_the_collaboration(self, agency: Staffed) -> None:
        made = approved(agency, deliverables=[piece(), piece()])
        first, second = (UUID(each["id"]) for each in pieces_of(agency.executive, made))
        act(agency, pieces.go_live, first, clock.now())
        assert read(agency.executive, made)["status"] == "approved"
        act(agency, pieces.go_live, second, clock.now())
        assert read(agency.executive, made)["status"] == "live"
        act(agency, pieces.verify, first)
        act(agency, pieces.verify, second)
        assert read(agency.executive, made)["status"] == "verified"
        act(agency, pieces.doubt, first)
        assert read(agency.executive, made)["status"] == "live"
        act(agency, pieces.fall, first)
        assert read(agency.executive, made)["status"] == "approved"
        assert broken(agency) == []

    def test_are_not_live_before_they_are_accepted(self, agency: Staffed) -> None:
        made = started(agency)
        (asked,) = pieces_of(agency.executive, made)
        with pytest.raises(MoveNotAllowed):
            act(agency, pieces.go_live, UUID(asked["id"]), clock.now())

    @given(st.lists(st.sampled_from(moves.STAGES), min_size=1, max_size=4), st.data())
    def test_move_the_collaboration_by_one_step_at_most(
        self, stages: list[PieceStatus], data: st.DataObject
    ) -> None:
        """So that each step of a piece is a move that the table of collaborations allows."""
        place = data.draw(st.integers(0, len(stages) - 1))
        onward = sorted(moves.PIECE_MOVES[stages[place]] - {PieceStatus.cancelled})
        to = data.draw(st.sampled_from(onward))
        before = min(stages, key=moves.STAGES.index)
        after = min([*stages[:place], to, *stages[place + 1 :]], key=moves.STAGES.index)
        if before is not after:
            here, then = (CollaborationStatus(each.value) for each in (before, after))
            assert then in moves.MOVES[here]


class TestCompleteCollaboration:
    def test_closes_it_once_it_was_live_for_long_enough(self, agency: Staffed) -> None:
        made = verified(agency, min_live_days=20)
        path = f"/v1/collaborations/{made['id']}/complete"
        problem = done(agency.executive.post(path), 409)
        assert problem["code"] == "live_days_left"
        with clock.at(clock.now() + timedelta(days=20, seconds=5)):
            assert done(agency.executive.post(path))["status"] == "completed"

    def test_gives_the_budget_back_what_commission_did_not_come_to(self, agency: Staffed) -> None:
        line_id = budget_line(agency)
        share = {
            "currency": "EUR",
            "fixed_minor": FEE,
            "commission_bp": 500,
            "commission_cap_minor": 700,
        }
        made = verified(agency, line_id=line_id, fee=share)
        assert balances(agency.executive, line_id) == (1_000_000, 700, FEE, 0)
        done(agency.executive.post(f"/v1/collaborations/{made['id']}/complete"))
        assert balances(agency.executive, line_id) == (1_000_000, 0, FEE, 0)


HALVES = [{"milestone": "contract", "percent": 50}, {"milestone": "live", "percent": 50}]


class TestCancelCollaboration:
    def test_keeps_what_was_earned_and_frees_the_rest(self, agency: Staffed) -> None:
        line_id = budget_line(agency)
        made = started(agency, line_id=line_id, instalments=HALVES, rights=[right()])
        (asked,) = pieces_of(agency.influencer, made)
        handed_in = done(submit(agency.influencer, asked["id"]), 201)
        path = f"/v1/collaborations/{made['id']}/cancel"
        assert done(agency.executive.post(path, {"reason": "Lluvia."}))["status"] == "cancelled"
        assert balances(agency.executive, line_id) == (1_000_000, 0, FEE // 2, 0)
        assert [e["status"] for e in instalments(agency.executive, made)] == ["earned", "void"]
        assert decide(agency.approver, handed_in).status_code == 409
        (given_right,) = done(agency.executive.get("/v1/usage-rights"))["data"]
        assert given_right["ended_at"] is not None
        assert broken(agency) == []


class TestBreachCollaboration:
    def test_asks_back_what_was_earned(self, agency: Staffed) -> None:
        line_id = budget_line(agency)
        made = verified(agency, line_id=line_id, instalments=HALVES)
        path = f"/v1/collaborations/{made['id']}/breach"
        body = {"reason": "La publicación se borró el día 5.", "percent": 50}
        assert done(agency.executive.post(path, body))["status"] == "breached"
        left = [(each.kind.value, each.amount_minor) for each in payables_of(agency, made)]
        assert left == [("owed", FEE // 4), ("owed", FEE // 4)]
        assert balances(agency.executive, line_id) == (1_000_000, 0, FEE // 2, 0)
        parts = instalments(agency.executive, made)
        assert [each["clawed_back_minor"] for each in parts] == [FEE // 4, FEE // 4]
        assert done(agency.executive.post(path, body), 409)["code"] == "move_not_allowed"
        assert broken(agency) == []

    def test_asks_back_what_is_in_a_payout(self, agency: Staffed) -> None:
        creators.known(agency)
        line_id = budget_line(agency)
        made = verified(agency, line_id=line_id, instalments=HALVES)
        with creators.inside(agency) as session:
            payout_making.create(session, agency.influencer_id, "EUR")
        body = {"reason": "Borrada.", "percent": 30}
        done(agency.executive.post(f"/v1/collaborations/{made['id']}/breach", body))
        left = {(e.status.value, e.amount_minor) for e in payables_of(agency, made)}
        assert left == {
            *(("submitted", FEE // 2), ("clawback_due", FEE // 2 * 3 // 10)),
            ("blocked", FEE // 2 * 7 // 10),
        }
        assert balances(agency.executive, line_id) == (1_000_000, 0, FEE * 7 // 10, 0)
        assert broken(agency) == []
        assert creators.broken(agency) == {}

    def test_asks_nothing_back_of_what_is_owed_no_more(self, agency: Staffed) -> None:
        made = verified(agency)
        (payable,) = payables_of(agency, made)
        path = f"/v1/payables/{payable.id}/cancel"
        done(agency.owner.post(path, {"reason": "Lo regala."}))
        body = {"reason": "Borrada.", "percent": 50}
        done(agency.executive.post(f"/v1/collaborations/{made['id']}/breach", body))
        assert [each.status.value for each in payables_of(agency, made)] == ["cancelled"]
        assert broken(agency) == []

    def test_can_be_of_one_piece(self, agency: Staffed) -> None:
        made = verified(agency, fee=PER_POST, deliverables=[piece(), piece()])
        first, _ = pieces_of(agency.executive, made)
        body = {"reason": "Borrada.", "deliverable_id": first["id"]}
        done(agency.executive.post(f"/v1/collaborations/{made['id']}/breach", body))
        back = [each for each in payables_of(agency, made) if each.status.value == "cancelled"]
        assert [(str(each.part), each.amount_minor) for each in back] == [(first["id"], FEE)]


class TestDisputeCollaboration:
    def test_holds_what_is_owed_until_it_is_settled(self, agency: Staffed) -> None:
        made = approved(agency)
        path = f"/v1/collaborations/{made['id']}"
        done(agency.executive.post(f"{path}/dispute", {"reason": "El audio falla."}))
        (owed,) = payables_of(agency, made)
        assert (owed.status.value, owed.reason) == ("held", "El audio falla.")
        done(agency.executive.post(f"{path}/settle", {"reason": "Corregido."}))
        (owed,) = payables_of(agency, made)
        assert owed.status.value == "blocked"


class TestGates:
    def test_let_the_money_go_when_each_has_its_evidence(self, agency: Staffed) -> None:
        made = verified(agency)
        for code in (*LIVE_GATES, "payee_ready"):
            act(agency, gates.satisfy, money.SOURCE, UUID(made["id"]), code, {"seen": "yes"})
        (owed,) = payables_of(agency, made)
        assert (owed.status.value, owed.open_gates) == ("ready", [])


def _use(**values: Any) -> dict[str, Any]:
    return {
        "medium": "social",
        "territory": "ES",
        "use": "organic",
        "starts_on": day(0),
        "ends_on": day(1),
        **values,
    }


class TestRecordAssetUse:
    def _right(self, agency: Staffed, **values: Any) -> str:
        contracted(agency, rights=[right(**values)])
        return str(done(agency.executive.get("/v1/usage-rights"))["data"][0]["id"])

    def test_notes_what_the_right_covers(self, agency: Staffed) -> None:
        path = f"/v1/usage-rights/{self._right(agency)}/uses"
        made = done(agency.community.post(path, _use()), 201)
        assert done(agency.executive.get(path))["data"] == [made]

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"ends_on": day(91)}, "right_expired"),
            ({"starts_on": day(91), "ends_on": day(92)}, "right_expired"),
            ({"starts_on": day(-1)}, "right_expired"),
            ({"medium": "print"}, "use_not_granted"),
            ({"territory": "FR"}, "use_not_granted"),
            ({"use": "paid"}, "use_not_granted"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_refuses_what_it_does_not(
        self, agency: Staffed, values: dict[str, Any], code: str
    ) -> None:
        path = f"/v1/usage-rights/{self._right(agency)}/uses"
        assert done(agency.executive.post(path, _use(**values)), 409)["code"] == code
        assert done(agency.executive.get(path))["data"] == []

    def test_is_worldwide_where_that_was_granted(self, agency: Staffed) -> None:
        path = f"/v1/usage-rights/{self._right(agency, territories=['world'])}/uses"
        done(agency.executive.post(path, _use(territory="FR")), 201)

    def test_filters_what_ends(self, agency: Staffed) -> None:
        right_id = self._right(agency)
        soon = (clock.now() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")

        def found(query: str) -> list[str]:
            answer = agency.viewer.get("/v1/usage-rights", params=dict([query.split("=")]))
            return [each["id"] for each in done(answer)["data"]]

        assert found(f"ends_after={soon}") == [right_id]
        assert found(f"ends_before={soon}") == []
        assert found(f"client_id={client_of(agency)}") == [right_id]
