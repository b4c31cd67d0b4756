"""An invoice before it goes out, and as it does."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

import billing.receivable.invoice_invariants  # noqa: F401
from billing.receivable import invoice_lines
from tenants import auth, database
from tests.billing import invoicing
from tests.billing.invoicing import (
    billable,
    broken,
    done,
    draft,
    equipped,
    issued,
    line,
    rate,
    read,
    refused,
)
from tests.factories import Staffed, events_of
from tests.work import until_somebody_waits


class TestDraft:
    def test_is_what_its_lines_come_to(self, agency: Staffed) -> None:
        vat, irpf = rate(agency), rate(agency, "15", "withheld")

        made = draft(agency, line(100_05, vat, irpf, quantity=3), line(50_00, vat))

        assert (made["status"], made["number"], made["currency"]) == ("draft", None, "EUR")
        assert [group["tax_minor"] for group in made["taxes"]] == [7353, -4502]
        assert (made["net_minor"], made["tax_minor"], made["total_minor"]) == (35015, 2851, 37866)
        assert events_of(agency, made["id"]) == ["invoice.created"]

    def test_takes_everything_unbilled_up_to_a_day(self, agency: Staffed) -> None:
        first = billable(agency, 100)
        billable(agency, 900, earned_on=_day("2026-11-02"))
        billable(agency, 700, currency="USD")
        named = {"unbilled_through": "2026-11-01", "lines": [line(5)]}

        made = done(agency.executive.post("/v1/invoices", _body(agency, **named)), 201)
        again = done(agency.executive.post("/v1/invoices", _body(agency, **named)), 201)

        assert [each["billable_id"] for each in made["lines"]] == [None, first]
        assert (made["net_minor"], again["net_minor"]) == (105, 5)

    def test_bills_a_billable_once_until_it_is_void(self, agency: Staffed) -> None:
        id = billable(agency)
        body = _body(agency, billable_ids=[id])
        made = done(agency.executive.post("/v1/invoices", body), 201)

        twice = agency.executive.post("/v1/invoices", body)
        done(agency.executive.post(f"/v1/invoices/{made['id']}/void", {"reason": "Error"}))

        assert refused(twice) == (409, "billable_invoiced")
        assert done(agency.executive.post("/v1/invoices", body), 201)["net_minor"] == 500_00
        assert broken(agency) == {}

    def test_refuses_another_currency_and_names_both(self, agency: Staffed) -> None:
        id = billable(agency, currency="USD")

        answer = agency.executive.post("/v1/invoices", _body(agency, billable_ids=[id]))

        assert refused(answer) == (422, "invoice_currency_differs")
        assert (answer.json()["expected"], answer.json()["sent"]) == ("EUR", "USD")

    def test_refuses_what_is_another_clients(self, agency: Staffed) -> None:
        id = billable(agency)
        body = {"client_id": str(agency.other_client_id), "billable_ids": [id]}

        assert refused(agency.owner.post("/v1/invoices", body)) == (404, "not_found")

    @pytest.mark.parametrize("amount", [10**30, 2**53, 1.5, "1e30"])
    def test_refuses_amounts_that_are_none(self, amount: Any, agency: Staffed) -> None:
        answer = agency.executive.post("/v1/invoices", _body(agency, lines=[line(amount)]))

        assert refused(answer) == (422, "invalid_request")

    def test_refuses_sums_beyond_what_an_amount_may_be(self, agency: Staffed) -> None:
        most = line(2**53 - 1)

        sums = agency.executive.post("/v1/invoices", _body(agency, lines=[most, most]))
        one = agency.executive.post("/v1/invoices", _body(agency, lines=[{**most, "quantity": 2}]))

        assert refused(sums) == refused(one) == (422, "invoice_overflows")
        assert done(agency.executive.get("/v1/invoices"))["data"] == []

    def test_refuses_more_lines_than_it_holds(self, agency: Staffed) -> None:
        at_once = agency.executive.post("/v1/invoices", _body(agency, lines=[line(1)] * 10_000))
        made = draft(agency, *[line(1)] * 500)

        one_more = agency.executive.post(f"/v1/invoices/{made['id']}/lines", {"lines": [line(1)]})

        assert refused(at_once) == (422, "invalid_request")
        assert refused(one_more) == (422, "too_many_invoice_lines")
        assert read(agency, made)["net_minor"] == 500

    def test_refuses_a_tax_that_is_over(self, agency: Staffed) -> None:
        vat = rate(agency)
        done(agency.owner.patch(f"/v1/tax-rates/{vat}", {"active": False}))

        answer = agency.executive.post("/v1/invoices", _body(agency, lines=[line(1, vat)]))

        assert refused(answer) == (422, "tax_rate_not_active")


class TestLines:
    def test_are_changed_and_counted_anew(self, agency: Staffed) -> None:
        vat = rate(agency)
        made = draft(agency, line(100, vat), line(200, vat))
        path = f"/v1/invoice-lines/{made['lines'][0]['id']}"

        changed = done(agency.executive.patch(path, {"unit_price_minor": 1000, "quantity": 2}))
        done(agency.executive.delete(f"/v1/invoice-lines/{made['lines'][1]['id']}"), 204)

        assert changed["net_minor"] == 2200
        left = read(agency, made)
        assert (left["net_minor"], left["total_minor"]) == (2000, 2420)
        assert left["version"] > changed["version"] > made["version"]

    def test_of_a_billable_keep_its_amount(self, agency: Staffed) -> None:
        made = draft(agency, billable_ids=[billable(agency)])
        of_billable = made["lines"][-1]["id"]
        path = f"/v1/invoice-lines/{of_billable}"

        amount = agency.executive.patch(path, {"unit_price_minor": 1})
        label = agency.executive.patch(path, {"label": {"es": "Cuota de octubre"}})

        assert refused(amount) == (409, "line_of_something")
        assert done(label)["lines"][-1]["label"] == {"es": "Cuota de octubre"}

    def test_taken_off_are_billed_again(self, agency: Staffed) -> None:
        id = billable(agency)
        made = draft(agency, billable_ids=[id])

        done(agency.executive.delete(f"/v1/invoice-lines/{made['lines'][-1]['id']}"), 204)

        assert draft(agency, billable_ids=[id])["net_minor"] == 600_00
        assert broken(agency) == {}

    def test_that_somebody_else_has_taken_off_meanwhile_is_not_there(
        self, agency: Staffed, owner: Engine
    ) -> None:
        made = invoicing.draft(agency, line(), line())
        line_id = made["lines"][0]["id"]
        with ThreadPoolExecutor(1) as pool:
            with database.agency_session(auth.system(agency.agency_id)) as session:
                invoice_lines.remove_line(session, UUID(line_id))
                second = pool.submit(agency.executive.delete, f"/v1/invoice-lines/{line_id}")
                until_somebody_waits(owner)
            assert (second.result().status_code, second.result().json()["code"]) == (
                404,
                "not_found",
            )


class TestReview:
    def test_takes_a_second_person(self, agency: Staffed) -> None:
        made = draft(agency)
        path = f"/v1/invoices/{made['id']}"
        done(agency.executive.post(f"{path}/submit"))

        own = agency.executive.post(f"{path}/approve")
        other = done(agency.owner.post(f"{path}/approve"))

        assert refused(own) == (403, "own_invoice")
        assert (other["status"], other["self_approved"]) == ("approved", False)
        told = ["invoice.created", "invoice.submitted", "invoice.approved"]
        assert events_of(agency, made["id"]) == told

    def test_returns_it_with_a_reason(self, agency: Staffed) -> None:
        made = invoicing.approved(agency)
        path = f"/v1/invoices/{made['id']}"

        back = done(agency.owner.post(f"{path}/return", {"reason": "Falta el pedido"}))
        changed = done(agency.executive.patch(path, {"reference": "PO-7"}))

        assert (back["status"], back["return_reason"]) == ("draft", "Falta el pedido")
        assert changed["reference"] == "PO-7"

    @pytest.mark.parametrize("lines", [[], [line(0)], [line(100), line(-200)]])
    def test_refuses_what_bills_nothing(self, lines: list[Any], agency: Staffed) -> None:
        made = done(agency.executive.post("/v1/invoices", _body(agency, lines=lines)), 201)

        answer = agency.executive.post(f"/v1/invoices/{made['id']}/submit")

        assert refused(answer) == (409, "nothing_to_invoice")
        assert read(agency, made)["status"] == "draft"

    def test_changes_only_drafts(self, agency: Staffed) -> None:
        made = invoicing.approved(agency)
        path = f"/v1/invoices/{made['id']}"

        answers = [
            agency.executive.patch(path, {"note": "x"}),
            agency.executive.post(f"{path}/lines", {"lines": [line()]}),
            agency.executive.delete(f"/v1/invoice-lines/{made['lines'][0]['id']}"),
        ]

        assert {refused(answer) for answer in answers} == {(409, "invoice_not_draft")}


class TestFinalize:
    def test_numbers_and_dates_it(self, agency: Staffed) -> None:
        equipped(agency, terms_days=15)
        vat = rate(agency)

        first, second = issued(agency, line(100_00, vat)), issued(agency)

        year = first["issued_on"][:4]
        assert (first["number"], second["number"]) == (f"F-{year}-0001", f"F-{year}-0002")
        assert (_day(first["due_on"]) - _day(first["issued_on"])).days == 15
        assert (first["status"], first["open_minor"]) == ("finalised", 121_00)
        assert events_of(agency, first["id"])[-1] == "invoice.finalised"
        assert broken(agency) == {}

    def test_happens_once(self, agency: Staffed) -> None:
        equipped(agency)
        made = issued(agency)

        again = agency.owner.post(f"/v1/invoices/{made['id']}/finalize")

        assert refused(again) == (409, "move_not_allowed")
        assert issued(agency)["number"].endswith("0002")

    def test_needs_to_know_both_sides(self, agency: Staffed) -> None:
        made = invoicing.approved(agency)
        path = f"/v1/invoices/{made['id']}/finalize"
        nobody = agency.owner.post(path)
        done(agency.owner.put("/v1/invoice-settings", invoicing.SETTINGS))

        no_buyer = agency.owner.post(path)
        invoicing.profile(agency)

        assert refused(nobody) == (409, "issuer_unknown")
        assert refused(no_buyer) == (409, "buyer_unknown")
        assert done(agency.owner.post(path))["number"].endswith("0001")

    def test_is_for_who_issues(self, agency: Staffed) -> None:
        equipped(agency)
        made = invoicing.approved(agency)

        answer = agency.executive.post(f"/v1/invoices/{made['id']}/finalize")

        assert refused(answer) == (403, "forbidden")

    def test_refuses_other_sums_than_were_approved(self, agency: Staffed) -> None:
        equipped(agency)
        vat = rate(agency, "10")
        made = invoicing.approved(agency, line(5, vat))
        equipped(agency, tax_rounding="half_even")

        answer = agency.owner.post(f"/v1/invoices/{made['id']}/finalize")

        assert made["tax_minor"] == 1
        assert refused(answer) == (409, "sums_changed")

    def test_bills_a_client_that_has_ended(self, agency: Staffed) -> None:
        equipped(agency)
        made = invoicing.approved(agency)
        done(agency.owner.patch(f"/v1/clients/{agency.client_id}", {"status": "ended"}))

        assert done(agency.owner.post(f"/v1/invoices/{made['id']}/finalize"))["number"]
        assert issued(agency)["status"] == "finalised"

    @pytest.mark.parametrize(("currency", "tax"), [("JPY", 21_0), ("KWD", 210)])
    def test_keeps_to_a_currencys_own_digits(
        self, currency: str, tax: int, agency: Staffed
    ) -> None:
        equipped(agency)
        vat = rate(agency)

        made = issued(agency, line(1000, vat), currency=currency)
        mixed = invoicing.pay(agency, made, 1210)

        assert (made["tax_minor"], made["open_minor"]) == (tax, 1210)
        assert refused(mixed) == (422, "invoice_currency_differs")
        done(invoicing.pay(agency, made, 1210, currency), 201)
        assert read(agency, made)["status"] == "paid"

    def test_cannot_be_changed_by_the_application_any_more(self, agency: Staffed) -> None:
        """Whoever is in: the lines are sealed, and the document has no right to be changed."""
        equipped(agency)
        made = issued(agency)
        of = {"agency": agency.agency_id, "id": made["id"]}
        lines = "invoice_lines set amount_minor = amount_minor + 1, unit_price_minor = 1"

        with database.agency_session(auth.system(agency.agency_id)) as session:
            changed = session.connection().execute(
                text(f"update {lines} where agency_id = :agency and invoice_id = :id"), of
            )
            removed = session.connection().execute(
                text("delete from invoice_lines where agency_id = :agency and invoice_id = :id"), of
            )
            assert (changed.rowcount, removed.rowcount) == (0, 0)
        for statement in ("update issued_documents set number = 'X'", "delete from payments"):
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                database.agency_session(auth.system(agency.agency_id)) as session,
            ):
                session.connection().execute(text(statement))


class TestVoid:
    def test_keeps_the_number_and_undoes_the_rest(self, agency: Staffed) -> None:
        equipped(agency)
        id = billable(agency)
        made = issued(agency, billable_ids=[id])
        path = f"/v1/invoices/{made['id']}/void"

        refusal = agency.executive.post(path, {"reason": "Error"})
        void = done(agency.owner.post(path, {"reason": "Cliente equivocado"}))

        assert refused(refusal) == (403, "forbidden")
        assert (void["status"], void["open_minor"], void["number"]) == ("void", 0, made["number"])
        assert draft(agency, billable_ids=[id])["net_minor"] == 600_00
        assert issued(agency)["number"].endswith("0002")
        assert broken(agency) == {}

    def test_refuses_what_was_touched(self, agency: Staffed) -> None:
        equipped(agency)
        made = issued(agency)
        done(invoicing.pay(agency, made, 1), 201)
        other = issued(agency)
        done(invoicing.credit(agency, other, [_part(agency, other, 1)]), 201)

        answers = [
            agency.owner.post(f"/v1/invoices/{each['id']}/void", {"reason": "x"})
            for each in (made, other)
        ]

        assert {answer.status_code for answer in answers} == {409}


class TestClientsView:
    def test_begins_when_it_is_issued(self, agency: Staffed) -> None:
        equipped(agency)
        made = invoicing.approved(agency)
        before = agency.approver.get(f"/v1/invoices/{made['id']}")
        listed = done(agency.approver.get("/v1/invoices"))["data"]
        done(agency.owner.post(f"/v1/invoices/{made['id']}/finalize"))

        after = read(agency, made, agency.approver)

        assert (before.status_code, listed) == (404, [])
        assert [each["amount_minor"] for each in after["lines"]] == [100_00]
        assert agency.viewer.get(f"/v1/invoices/{made['id']}").status_code == 403
        assert agency.other_contact.get(f"/v1/invoices/{made['id']}").status_code == 404

    def test_pays_nothing_itself(self, agency: Staffed) -> None:
        equipped(agency)
        made = issued(agency)
        body = {"amount": {"amount_minor": 1, "currency": "EUR"}}

        answer = agency.approver.post(f"/v1/invoices/{made['id']}/payments", body)

        assert refused(answer) == (403, "forbidden")


def _body(agency: Staffed, **values: Any) -> dict[str, Any]:
    return {"client_id": str(agency.client_id), **values}


def _part(agency: Staffed, made: Any, amount: int) -> dict[str, Any]:
    return {"line_id": read(agency, made)["lines"][0]["id"], "amount_minor": amount}


def _day(written: str) -> date:
    return date.fromisoformat(written)
