"""How work ends: completed, cancelled, breached; and what is disputed."""

from datetime import timedelta
from typing import Any

from billing.payable import payout_making
from tenants import clock
from tests.billing import creators
from tests.budgets.factories import balances
from tests.collaborations.making import (
    FEE,
    PER_POST,
    approved,
    broken,
    budget_line,
    decide,
    done,
    instalments,
    payables_of,
    piece,
    pieces_of,
    right,
    started,
    submit,
    verified,
)
from tests.factories import Staffed


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
    def _say(self, agency: Staffed, made: dict[str, Any], verb: str, reason: str) -> None:
        path = f"/v1/collaborations/{made['id']}/{verb}"
        done(agency.executive.post(path, {"reason": reason}))

    def _disputed(self, agency: Staffed, made: dict[str, Any]) -> list[tuple[bool, str | None]]:
        found = payables_of(agency, made)
        return [("not_disputed" in each.open_gates, each.reason) for each in found]

    def test_lets_nothing_be_paid_until_it_is_settled(self, agency: Staffed) -> None:
        made = approved(agency)
        self._say(agency, made, "dispute", "El audio falla.")
        assert self._disputed(agency, made) == [(True, "El audio falla.")]
        self._say(agency, made, "settle", "Corregido.")
        assert self._disputed(agency, made) == [(False, "Corregido.")]

    def test_is_about_what_will_be_owed_too(self, agency: Staffed) -> None:
        made = started(agency)
        self._say(agency, made, "dispute", "No llega el producto.")
        for each in pieces_of(agency.influencer, made):
            done(decide(agency.approver, done(submit(agency.influencer, each["id"]), 201)))
        assert self._disputed(agency, made) == [(True, None)]
        self._say(agency, made, "settle", "Llegó.")
        assert self._disputed(agency, made) == [(False, "Llegó.")]

    def test_lets_go_of_nothing_that_is_held_for_another_reason(self, agency: Staffed) -> None:
        made = approved(agency)
        (owed,) = payables_of(agency, made)
        done(agency.owner.post(f"/v1/payables/{owed.id}/hold", {"reason": "Falta la factura."}))
        self._say(agency, made, "dispute", "El audio falla.")
        self._say(agency, made, "settle", "Corregido.")
        (owed,) = payables_of(agency, made)
        assert owed.status.value == "held"
