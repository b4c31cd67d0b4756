"""Money that comes for invoices, goes back, and is to a client's credit."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import billing.receivable.invoice_invariants  # noqa: F401
from billing.receivable import payments
from billing.receivable.invoice_states import hold
from tenants import auth, clock, database
from tests.billing.invoicing import (
    broken,
    credit,
    credits,
    done,
    draft,
    equipped,
    issue,
    issued,
    line,
    pay,
    rate,
    read,
    refused,
)
from tests.factories import Staffed, events_of


class TestPayment:
    def test_settles_in_parts(self, agency: Staffed) -> None:
        equipped(agency)
        made = issued(agency)

        done(pay(agency, made, 40_00, reference="Transferencia 7"), 201)
        partly = read(agency, made)
        done(pay(agency, made, 60_00), 201)

        paid = read(agency, made, agency.approver)
        assert (partly["status"], partly["open_minor"]) == ("partly_paid", 60_00)
        assert (paid["status"], paid["open_minor"], paid["paid_minor"]) == ("paid", 0, 100_00)
        assert events_of(agency, made["id"])[-2:] == ["invoice.balance_changed", "invoice.paid"]
        assert len(done(agency.approver.get("/v1/payments"))["data"]) == 2
        assert broken(agency) == {}

    def test_that_is_too_much_becomes_credit(self, agency: Staffed) -> None:
        equipped(agency)
        made = issued(agency)

        first = done(pay(agency, made, 130_00), 201)
        again = done(pay(agency, made, 5_00), 201)

        assert (first["applied_minor"], first["excess_minor"]) == (100_00, 30_00)
        assert [each["left_minor"] for each in credits(agency, kind="overpayment")] == [5_00, 30_00]
        assert again["applied_minor"] == 0
        assert broken(agency) == {}

    def test_is_recorded_once_for_its_external_id(self, agency: Staffed) -> None:
        equipped(agency)
        made, other = issued(agency), issued(agency)

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: pay(agency, made, 10, external_id="pi_1"), range(6)))
        differs = pay(agency, other, 10, external_id="pi_1")

        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert read(agency, made)["paid_minor"] == 10
        assert refused(differs) == (409, "external_id_taken")

    def test_is_mirrored_through_the_port(self, agency: Staffed) -> None:
        equipped(agency)
        made = issued(agency)

        for _ in range(2):
            with database.agency_session(auth.system(agency.agency_id)) as session:
                invoice = hold(session, UUID(made["id"]))
                kept = payments.record(session, invoice, 70, external_id="pi_2")
                assert kept.invoice_id == invoice.id

        assert read(agency, made)["paid_minor"] == 70

    def test_refuses_a_day_to_come(self, agency: Staffed) -> None:
        equipped(agency)
        made = issued(agency)
        later = (clock.now() + timedelta(days=2)).date().isoformat()

        answer = pay(agency, made, 10, received_on=later)

        assert refused(answer) == (422, "received_in_future")
        assert read(agency, made)["paid_minor"] == 0

    def test_refuses_what_is_not_issued(self, agency: Staffed) -> None:
        equipped(agency)
        made = draft(agency)

        assert refused(pay(agency, made, 10)) == (409, "move_not_allowed")


class TestReversal:
    def test_opens_it_again(self, agency: Staffed) -> None:
        equipped(agency)
        made = issued(agency)
        paid = done(pay(agency, made, 130_00), 201)
        path = f"/v1/payments/{paid['id']}/reverse"

        back = done(agency.owner.post(path, {"reference": "Devuelta"}), 201)
        twice = agency.owner.post(path, {"reference": "Devuelta"})

        assert (back["amount_minor"], back["reversal_of"]) == (-130_00, paid["id"])
        assert refused(twice) == (409, "payment_reversed")
        again = read(agency, made)
        assert (again["status"], again["open_minor"]) == ("finalised", 100_00)
        assert credits(agency, unapplied="true") == []
        assert broken(agency) == {}

    def test_refuses_what_became_credit_and_was_used(self, agency: Staffed) -> None:
        equipped(agency)
        made, other = issued(agency), issued(agency)
        paid = done(pay(agency, made, 130_00), 201)
        _apply(agency, credits(agency)[0], other)

        answer = agency.owner.post(f"/v1/payments/{paid['id']}/reverse", {"reference": "x"})

        assert refused(answer) == (409, "credit_drawn")
        assert read(agency, made)["status"] == "paid"
        assert broken(agency) == {}


class TestCredit:
    def test_settles_another_invoice(self, agency: Staffed) -> None:
        equipped(agency)
        made, other = issued(agency), issued(agency)
        done(pay(agency, made, 130_00), 201)
        (left,) = credits(agency)

        shown = _apply(agency, left, other)
        more = agency.executive.post(
            f"/v1/client-credits/{left['id']}/apply", {"invoice_id": other["id"]}
        )

        assert (shown["status"], shown["open_minor"]) == ("partly_paid", 70_00)
        assert refused(more) == (409, "credit_exceeded")
        assert broken(agency) == {}

    def test_is_paid_back_by_hand(self, agency: Staffed) -> None:
        equipped(agency)
        made = issued(agency)
        done(pay(agency, made, 130_00), 201)
        (left,) = credits(agency)
        path = f"/v1/client-credits/{left['id']}/refund"

        back = done(agency.owner.post(path, {"amount_minor": 20_00, "reference": "T-9"}), 201)
        more = agency.owner.post(path, {"amount_minor": 20_00, "reference": "T-10"})

        assert (back["kind"], back["amount_minor"]) == ("refund", -20_00)
        assert refused(more) == (409, "credit_exceeded")
        assert more.json()["left_minor"] == 10_00
        assert broken(agency) == {}

    def test_is_used_once_by_many(self, agency: Staffed) -> None:
        equipped(agency)
        made = issued(agency)
        others = [issued(agency) for _ in range(4)]
        done(pay(agency, made, 130_00), 201)
        path = f"/v1/client-credits/{credits(agency)[0]['id']}/apply"
        body = {"amount_minor": 20_00}

        with ThreadPoolExecutor(4) as pool:
            answers = list(
                pool.map(
                    lambda each: agency.executive.post(path, {**body, "invoice_id": each["id"]}),
                    others,
                )
            )

        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
        assert broken(agency) == {}

    def test_never_crosses_currencies(self, agency: Staffed) -> None:
        equipped(agency)
        made, other = issued(agency), issued(agency, line(10), currency="USD")
        done(pay(agency, made, 130_00), 201)
        path = f"/v1/client-credits/{credits(agency)[0]['id']}/apply"

        answer = agency.executive.post(path, {"invoice_id": other["id"]})

        assert refused(answer) == (422, "invoice_currency_differs")
        assert broken(agency) == {}


class TestDeposit:
    def test_paid_is_deducted_with_its_taxes(self, agency: Staffed) -> None:
        equipped(agency)
        vat = rate(agency)
        deposit = issued(agency, line(1000_00, vat), kind="deposit")
        before = credits(agency)
        done(pay(agency, deposit, 1210_00), 201)
        (held,) = credits(agency)
        final = draft(agency, line(3000_00, vat))

        _apply(agency, held, final)

        shown = read(agency, final)
        assert before == []
        assert (held["kind"], held["left_minor"]) == ("deposit", 1000_00)
        assert (shown["net_minor"], shown["tax_minor"]) == (2000_00, 420_00)
        assert credits(agency, unapplied="true") == []
        assert issue(agency, final)["open_minor"] == 2420_00
        assert broken(agency) == {}

    def test_taken_off_is_there_again(self, agency: Staffed) -> None:
        equipped(agency)
        deposit = issued(agency, kind="deposit")
        done(pay(agency, deposit, 100_00), 201)
        (held,) = credits(agency)
        final = draft(agency, line(300_00))
        _apply(agency, held, final)

        done(
            agency.executive.delete(f"/v1/invoice-lines/{read(agency, final)['lines'][-1]['id']}"),
            204,
        )
        _apply(agency, held, final)
        done(agency.executive.post(f"/v1/invoices/{final['id']}/void", {"reason": "Otra"}))

        assert credits(agency)[0]["left_minor"] == 100_00
        assert broken(agency) == {}

    def test_covers_a_whole_invoice(self, agency: Staffed) -> None:
        equipped(agency)
        done(pay(agency, issued(agency, kind="deposit"), 100_00), 201)
        final = draft(agency, line(100_00))
        _apply(agency, credits(agency)[0], final)

        shown = issue(agency, final)

        assert (shown["status"], shown["total_minor"]) == ("paid", 0)
        assert broken(agency) == {}

    def test_that_is_used_keeps_its_payment(self, agency: Staffed) -> None:
        equipped(agency)
        deposit = issued(agency, kind="deposit")
        paid = done(pay(agency, deposit, 100_00), 201)
        _apply(agency, credits(agency)[0], draft(agency, line(300_00)))

        back = agency.owner.post(f"/v1/payments/{paid['id']}/reverse", {"reference": "x"})
        note = credit(agency, deposit)

        assert refused(back) == refused(note) == (409, "credit_drawn")
        assert broken(agency) == {}

    def test_paid_back_is_credited_first(self, agency: Staffed) -> None:
        equipped(agency)
        vat = rate(agency)
        deposit = issued(agency, line(100_00, vat), kind="deposit")
        done(pay(agency, deposit, 121_00), 201)

        note = done(credit(agency, deposit), 201)

        money = credits(agency, unapplied="true")
        assert [(each["kind"], each["left_minor"]) for each in money] == [("credit_note", 121_00)]
        assert note["credit_id"] == money[0]["id"]
        assert broken(agency) == {}

    def test_has_one_kind_of_taxes(self, agency: Staffed) -> None:
        made = draft(agency, line(10, rate(agency)), line(10), kind="deposit")

        answer = agency.executive.post(f"/v1/invoices/{made['id']}/submit")

        assert refused(answer) == (409, "deposit_taxes_differ")


class TestUncollectible:
    def test_is_written_off_and_brought_back_by_money(self, agency: Staffed) -> None:
        equipped(agency)
        made = issued(agency)
        done(pay(agency, made, 40_00), 201)
        path = f"/v1/invoices/{made['id']}/mark-uncollectible"

        off = done(agency.owner.post(path, {"reason": "Concurso"}))
        rules = broken(agency)
        done(pay(agency, made, 25_00), 201)

        back = read(agency, made)
        assert (off["status"], off["open_minor"], off["written_off_minor"]) == (
            "uncollectible",
            0,
            60_00,
        )
        assert rules == {}
        assert (back["status"], back["open_minor"]) == ("partly_paid", 35_00)
        assert done(agency.owner.post(path, {"reason": "Otra vez"}))["written_off_minor"] == 35_00
        assert broken(agency) == {}


def _apply(agency: Staffed, held: Any, to: Any) -> Any:
    path = f"/v1/client-credits/{held['id']}/apply"
    body = {"invoice_id": to["id"]}
    return done(agency.executive.post(path, body))
