"""Payouts: of what is ready alone, approved by a second person, paid once."""

from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import pytest
from sqlalchemy import text

from billing.payable import payables
from tests.billing.creators import (
    WORK,
    again,
    broken,
    creator,
    inside,
    known,
    owed,
    said,
    say,
    set_rules,
    take_back,
)
from tests.billing.paying import PAID, accounts, act, create, read, ready
from tests.campaigns.making import done
from tests.factories import Staffed, events_of
from tests.work import settle

GATES = ("contract_signed", "content_accepted", "live_verified", "not_disputed")


class TestCreatePayout:
    def test_takes_what_is_ready_and_nothing_else(self, agency: Staffed) -> None:
        one, two = ready(agency), ready(agency, 700)
        blocked = owed(agency, gates=["content_accepted"])
        ready(agency, 30, currency="JPY")
        ready(agency, 40, payee_id=creator(agency))

        made = create(agency.owner, agency)

        assert (made["amount"], made["status"]) == (
            {"amount_minor": 50_700, "currency": "EUR"},
            "approved",
        )
        items = done(agency.owner.get(f"/v1/payouts/{made['id']}/items"))["data"]
        assert [each["payable_id"] for each in items] == [str(one.id), str(two.id)]
        assert (again(agency, one).status, again(agency, blocked).status) == (
            "submitted",
            "blocked",
        )
        assert events_of(agency, made["id"]) == ["payout.created"]
        assert broken(agency) == {}

    @pytest.mark.parametrize("satisfied", list(product([True, False], repeat=len(GATES))))
    def test_needs_every_gate(self, satisfied: tuple[bool, ...], agency: Staffed) -> None:
        known(agency)
        made = owed(agency, gates=GATES)
        for code, yes in zip(GATES, satisfied, strict=True):
            (say if yes else take_back)(agency, made, code)
        named = {"payable_ids": [str(made.id)]}

        answer = create(agency.owner, agency, 201 if all(satisfied) else 409, **named)

        missing = [code for code, yes in zip(GATES, satisfied, strict=True) if not yes]
        assert answer.get("open_gates", []) == missing
        assert again(agency, made).status == ("submitted" if all(satisfied) else "blocked")

    def test_is_made_once_whoever_asks_at_once(self, agency: Staffed) -> None:
        made = ready(agency)

        def ask(_: int) -> int:
            body = {"payee_id": str(agency.influencer_id), "currency": "EUR"}
            return int(agency.owner.post("/v1/payouts", body).status_code)

        with ThreadPoolExecutor(16) as pool:
            statuses = sorted(pool.map(ask, range(32)))

        assert statuses == [201, *[409] * 31]
        assert len(done(agency.owner.get("/v1/payouts"))["data"]) == 1
        assert again(agency, made).status == "submitted"
        assert broken(agency) == {}

    def test_is_made_once_for_one_key(self, agency: Staffed) -> None:
        ready(agency)
        body = {"payee_id": str(agency.influencer_id), "currency": "EUR"}

        answers = [
            agency.owner.post("/v1/payouts", body, headers={"Idempotency-Key": "noviembre"})
            for _ in range(20)
        ]

        assert {each.content for each in answers} == {answers[0].content}
        assert {each.status_code for each in answers} == {201}
        assert len(done(agency.owner.get("/v1/payouts"))["data"]) == 1

    def test_refuses_what_cannot_be_paid(self, agency: Staffed) -> None:
        foreign = ready(agency, payee_id=creator(agency))
        yen = ready(agency, 30, currency="JPY")
        nothing = create(agency.owner, agency, 409)
        other = create(agency.owner, agency, 422, payable_ids=[str(foreign.id)])
        currency = create(agency.owner, agency, 422, payable_ids=[str(yen.id)])
        unknown = create(agency.owner, agency, 422, currency="XXX")
        create(agency.owner, agency, 404, payee_id=str(agency.client_id))

        assert [each["code"] for each in (nothing, other, currency, unknown)] == [
            "nothing_to_pay",
            "payable_does_not_fit",
            "payable_does_not_fit",
            "invalid_request",
        ]
        assert done(agency.owner.get("/v1/payouts"))["data"] == []
        assert again(agency, foreign).status == "ready"

    def test_refuses_a_payee_of_whom_nothing_is_known(self, agency: Staffed) -> None:
        made = owed(agency, gates=[])

        refused = create(agency.owner, agency, 409)

        assert refused["code"] == "payee_not_ready"
        assert again(agency, made).status == "ready"

    def test_refuses_more_than_can_be_counted(self, agency: Staffed) -> None:
        for _ in range(2):
            ready(agency, 2**53 - 1)

        assert create(agency.owner, agency, 422)["code"] == "payout_too_large"

    @pytest.mark.parametrize("name", ["executive", "strategist", "influencer", "approver"])
    def test_is_for_who_runs_the_agency(self, name: str, agency: Staffed) -> None:
        ready(agency)

        create(agency.people[name], agency, 403)


class TestMinimum:
    def test_keeps_what_is_not_worth_a_transfer(self, agency: Staffed) -> None:
        set_rules(agency, payout_minimum_minor=1_000)
        small = ready(agency, 999)
        large = ready(agency, 5_000, payee_id=creator(agency))

        refused = create(agency.owner, agency, 409)
        made = done(agency.owner.post("/v1/payouts/prepare", {}))

        assert (refused["code"], refused["minimum_minor"]) == ("below_minimum", 1_000)
        assert [each["payee_id"] for each in made["payouts"]] == [str(large.payee_id)]
        assert again(agency, small).status == "below_minimum"

        ready(agency, 1)
        assert create(agency.owner, agency)["amount"]["amount_minor"] == 1_000
        assert broken(agency) == {}


class TestApprovePayout:
    def test_is_somebody_elses_above_the_threshold(self, agency: Staffed) -> None:
        set_rules(agency, payout_approval_threshold_minor=1_000)
        ready(agency)
        made = create(agency.owner, agency)
        assert made["status"] == "pending"

        refused = act(agency.owner, made, "approve", 403)
        approved = act(agency.admin, made, "approve")

        assert refused["code"] == "own_payout"
        assert (approved["status"], approved["self_approved"]) == ("approved", False)
        assert events_of(agency, made["id"]) == ["payout.created", "payout.approved"]

    def test_is_void_when_the_money_would_go_elsewhere(self, agency: Staffed) -> None:
        set_rules(agency, payout_approval_threshold_minor=1_000)
        ready(agency)
        made = create(agency.owner, agency)
        act(agency.admin, made, "approve")

        said(agency, iban="DE89370400440532013000")

        assert read(agency, made)["status"] == "pending"
        act(agency.owner, made, "mark-paid", 409, **PAID)
        act(agency.admin, made, "approve")
        assert act(agency.owner, made, "mark-paid", **PAID)["status"] == "paid"

    def test_stands_when_nothing_that_matters_changes(self, agency: Staffed) -> None:
        ready(agency)
        made = create(agency.owner, agency)

        said(agency, address="Calle Mayor 1, Madrid")

        assert read(agency, made)["status"] == "approved"

    @pytest.mark.parametrize(
        "change",
        [
            "update payouts set gross_minor = gross_minor + 1, amount_minor = amount_minor + 1",
            "update payouts set currency = 'USD'",
            "update payout_items set amount_minor = amount_minor + 1",
            "update payee_details set destination_sha256 = 'another'",
        ],
    )
    def test_is_bound_to_what_was_approved(self, change: str, agency: Staffed) -> None:
        """Whatever way it was altered: nothing leaves by an approval of something else."""
        ready(agency)
        made = create(agency.owner, agency)
        with inside(agency) as session:
            session.connection().execute(text(change))

        assert act(agency.owner, made, "mark-paid", 409, **PAID)["code"] == "approval_void"

    def test_looks_at_the_gates_again(self, agency: Staffed) -> None:
        set_rules(agency, payout_approval_threshold_minor=0)
        known(agency)
        payable = owed(agency)
        say(agency, payable, "content_accepted")
        made = create(agency.owner, agency)
        take_back(agency, payable, "content_accepted")

        refused = act(agency.admin, made, "approve", 409)

        assert refused["code"] == "gates_open"
        assert refused["payables"][0]["open_gates"] == ["content_accepted"]
        settle()
        assert read(agency, made)["status"] == "held"

    def test_may_be_refused(self, agency: Staffed) -> None:
        set_rules(agency, payout_approval_threshold_minor=0)
        payable = ready(agency)
        made = create(agency.owner, agency)

        rejected = act(agency.admin, made, "reject", reason="Falta la factura.")

        assert rejected["status"] == "canceled"
        assert again(agency, payable).status == "ready"
        assert create(agency.owner, agency)["id"] != made["id"]
        assert broken(agency) == {}


class TestHoldPayout:
    def test_keeps_it_from_leaving_until_it_is_released(self, agency: Staffed) -> None:
        ready(agency)
        made = create(agency.owner, agency)
        act(agency.owner, made, "hold", reason="A la espera.")
        refused = act(agency.owner, made, "mark-paid", 409, **PAID)
        assert refused["allowed"] == ["approved", "canceled", "pending"]

        released = act(agency.admin, made, "release", reason="Aclarado.")

        assert released["status"] == "approved"
        assert events_of(agency, made["id"])[1:] == ["payout.held", "payout.released"]

    def test_does_not_save_an_approval_of_something_else(self, agency: Staffed) -> None:
        ready(agency)
        made = create(agency.owner, agency)
        act(agency.owner, made, "hold", reason="A la espera.")

        said(agency, iban="DE89370400440532013000")

        assert act(agency.admin, made, "release", reason="Sigue.")["status"] == "pending"


class TestMarkPaid:
    def test_owes_nothing_any_more(self, agency: Staffed) -> None:
        payable = ready(agency)
        made = create(agency.owner, agency)

        paid = act(agency.owner, made, "mark-paid", reference="TRF-9", paid_on="2026-01-15")

        assert (paid["status"], paid["reference"], paid["paid_on"]) == (
            "paid",
            "TRF-9",
            "2026-01-15",
        )
        assert again(agency, payable).status == "paid"
        assert accounts(agency, "creators_payable", "creator_costs", "bank") == [0, 50_000, -50_000]
        act(agency.owner, made, "mark-paid", 409, **PAID)
        assert broken(agency) == {}

    def test_refuses_a_day_to_come(self, agency: Staffed) -> None:
        ready(agency)
        made = create(agency.owner, agency)

        refused = act(agency.owner, made, "mark-paid", 422, reference="TRF", paid_on="2199-01-01")

        assert refused["code"] == "paid_in_future"
        assert accounts(agency, "bank") == [0]

    def test_pays_once_whoever_says_it_at_once(self, agency: Staffed) -> None:
        ready(agency)
        made = create(agency.owner, agency)
        path = f"/v1/payouts/{made['id']}/mark-paid"

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: agency.owner.post(path, PAID), range(16)))

        assert sorted(each.status_code for each in answers) == [200, *[409] * 15]
        assert accounts(agency, "bank") == [-50_000]

    def test_comes_back_when_it_is_returned(self, agency: Staffed) -> None:
        payable = ready(agency)
        made = create(agency.owner, agency)
        act(agency.owner, made, "mark-paid", **PAID)

        returned = act(agency.owner, made, "mark-returned", reason="Cuenta cerrada.")

        assert returned["status"] == "returned"
        assert again(agency, payable).status == "ready"
        assert accounts(agency, "creators_payable", "bank") == [-50_000, 0]
        assert broken(agency) == {}
        assert create(agency.owner, agency)["amount"]["amount_minor"] == 50_000


class TestClawback:
    def _asked(self, agency: Staffed, paid: int, *back: int) -> Any:
        """What was asked back of something paid, for a reason each."""
        first = ready(agency, paid)
        act(agency.owner, create(agency.owner, agency), "mark-paid", **PAID)
        with inside(agency) as session:
            source = (WORK, first.source_id, None)
            asked = [payables.claw_back(session, *source, each, f"Por {each}.").id for each in back]
        return asked if len(asked) > 1 else asked[0]

    def test_is_deducted_from_what_is_paid_next(self, agency: Staffed) -> None:
        clawback = self._asked(agency, 50_000, 20_000)
        ready(agency, 30_000)

        made = create(agency.owner, agency)
        act(agency.owner, made, "mark-paid", **PAID)

        assert (made["gross_minor"], made["deducted_minor"], made["amount"]["amount_minor"]) == (
            30_000,
            20_000,
            10_000,
        )
        shown = done(agency.owner.get(f"/v1/payables/{clawback}"))
        assert (shown["status"], shown["recovered_minor"]) == ("recovered", 20_000)
        assert accounts(agency, "creator_receivables", "creators_payable") == [0, 0]
        assert broken(agency) == {}

    def test_never_takes_more_than_there_is(self, agency: Staffed) -> None:
        clawback = self._asked(agency, 50_000, 50_000)
        for amount in (20_000, 30_001):
            ready(agency, amount)
            made = create(agency.owner, agency)
            act(agency.owner, made, "mark-paid", **PAID)
            assert broken(agency) == {}

        assert made["amount"]["amount_minor"] == 1
        assert done(agency.owner.get(f"/v1/payables/{clawback}"))["status"] == "recovered"

    def test_is_asked_again_when_the_payout_comes_back(self, agency: Staffed) -> None:
        clawback = self._asked(agency, 50_000, 20_000)
        ready(agency, 30_000)
        made = create(agency.owner, agency)
        act(agency.owner, made, "mark-paid", **PAID)

        act(agency.owner, made, "mark-returned", reason="Cuenta cerrada.")

        shown = done(agency.owner.get(f"/v1/payables/{clawback}"))
        assert (shown["status"], shown["deducted_minor"]) == ("clawback_due", 0)
        assert accounts(agency, "creator_receivables") == [20_000]
        assert broken(agency) == {}

    def test_ends_when_it_is_repaid_or_written_off(self, agency: Staffed) -> None:
        repaid, lost = self._asked(agency, 50_000, 20_000, 7_000)
        path = "/v1/payables"
        done(agency.owner.post(f"{path}/{repaid}/repay", {"reference": "ABONO"}))
        done(agency.owner.post(f"{path}/{lost}/write-off", {"reason": "Incobrable."}))

        assert accounts(agency, "creator_receivables", "write_offs") == [0, 7_000]
        assert agency.owner.post(f"{path}/{lost}/write-off", {"reason": "Otra."}).status_code == 409
        assert broken(agency) == {}


class TestFailed:
    def test_is_told_of_what_was_sent_alone(self, agency: Staffed) -> None:
        ready(agency)
        made = create(agency.owner, agency)

        assert (
            act(agency.owner, made, "mark-failed", 409, reason="No salió.")["state"] == "approved"
        )


class TestInfluencer:
    def test_sees_what_is_theirs(self, agency: Staffed) -> None:
        mine = ready(agency)
        ready(agency, payee_id=agency.other_influencer_id)
        for payee in (agency.influencer_id, agency.other_influencer_id):
            create(agency.owner, agency, payee_id=str(payee))

        for path in ("/v1/payables", "/v1/payouts", "/v1/payees"):
            (shown,) = done(agency.influencer.get(path))["data"]
            assert shown.get("payee_id", shown["id"]) == str(agency.influencer_id)
        assert agency.other_influencer.get(f"/v1/payables/{mine.id}").status_code == 404
        (details,) = done(agency.influencer.get(f"/v1/payees/{agency.influencer_id}/details"))[
            "data"
        ]
        assert details["legal_name"] == "Marta Ríos"
