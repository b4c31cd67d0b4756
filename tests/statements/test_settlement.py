"""What became of what was billed: to its invoices, and to what was paid of them."""

import random
from typing import Any

import pytest

from billing.receivable.billable_models import BillableKind
from tenants import clock
from tests.billing import invoicing
from tests.billing.invoicing import billable, credit, done, draft, equipped, issue, line, rate
from tests.campaigns import making
from tests.factories import Person, Staffed

SUMS = ("paid_minor", "applied_minor", "credited_minor", "written_off_minor", "open_minor")


def statement(agency: Staffed, person: Person | None = None) -> Any:
    path = f"/v1/clients/{agency.client_id}/statement"
    year = clock.now().year
    days = {"from": f"{year - 1}-01-01", "to": f"{year + 1}-12-31"}
    return done((person or agency.executive).get(path, params=days))


def earned(agency: Staffed, amount: int, **values: Any) -> str:
    return billable(agency, amount, earned_on=clock.now().date(), **values)


def after(settled: Any) -> tuple[int, ...]:
    """What became of what was invoiced."""
    names = ("credited_minor", "paid_minor", "written_off_minor", "open_minor")
    return tuple(settled[name] for name in names)


class TestSettlement:
    def test_goes_from_what_was_earned_to_what_is_open(self, agency: Staffed) -> None:
        equipped(agency)
        ids = [earned(agency, 500_00), earned(agency, 300_00)]
        invoice = draft(agency, line(7_00), billable_ids=ids[:1])
        first = next(each for each in invoice["lines"] if each["billable_id"])
        issue(agency, invoice)
        part = [{"line_id": first["id"], "amount_minor": 100_00}]
        done(credit(agency, invoice, part), 201)

        [owed] = statement(agency)["settlement"]
        assert (owed["delivered_minor"], owed["invoiced_minor"]) == (800_00, 500_00)
        assert after(owed) == (100_00, 0, 0, 400_00)

        done(invoicing.pay(agency, invoice, 407_00), 201)
        [paid] = statement(agency)["settlement"]
        assert after(paid) == (100_00, 400_00, 0, 0)

    def test_knows_the_line_of_a_milestone(self, agency: Staffed) -> None:
        equipped(agency)
        price = {"amount_minor": 90_000, "currency": "EUR"}
        sold = making.accepted(
            agency, making.line(measure="milestone", quantity=2, unit_price=price)
        )
        making.delivered(agency, making.deliverable(agency, sold["lines"][0]["id"]))
        [owed] = done(agency.executive.get("/v1/billables"))["data"]
        issue(agency, draft(agency, billable_ids=[owed["id"]]))

        [found] = statement(agency)["settlement"]

        assert (found["type"], found["id"]) == ("scope_lines", sold["lines"][0]["id"])
        assert (found["delivered_minor"], found["open_minor"]) == (90_000, 90_000)

    def test_forgets_a_void_invoice_and_a_draft(self, agency: Staffed) -> None:
        equipped(agency)
        ids = [earned(agency, 500_00), earned(agency, 300_00)]
        void = issue(agency, draft(agency, billable_ids=ids[:1]))
        path = f"/v1/invoices/{void['id']}/void"
        done(agency.owner.post(path, {"reason": "Duplicada."}))
        draft(agency, billable_ids=ids[1:])

        read = statement(agency)

        assert {each["invoiced_minor"] for each in read["settlement"]} == {0}
        assert read["invoices"] == []

    def test_is_the_same_for_both_sides(self, agency: Staffed) -> None:
        equipped(agency)
        issue(agency, draft(agency, billable_ids=[earned(agency, 500_00)]))
        assert statement(agency) == statement(agency, agency.approver)

    @pytest.mark.parametrize("seed", range(4))
    def test_adds_up_to_its_invoices(self, agency: Staffed, seed: int) -> None:
        """Whatever is billed, credited and paid, in two currencies."""
        equipped(agency)
        chance = random.Random(seed)
        made = [_any_invoice(agency, chance) for _ in range(6)]

        read = statement(agency)

        known = [invoicing.read(agency, each) for each in made]
        for each in read["invoices"]:
            ours = [one for one in known if one["currency"] == each["currency"]]
            assert each["invoices"] == len(ours)
            for name in ("total_minor", "returned_minor", *SUMS):
                assert each[name] == sum(one[name] for one in ours), name
            assert each["total_minor"] == sum(each[name] for name in SUMS)
        assert {each["currency"] for each in read["invoices"]} == {"EUR", "USD"}
        billed = [
            one["amount_minor"] for each in known for one in each["lines"] if one["billable_id"]
        ]
        assert sum(each["invoiced_minor"] for each in read["settlement"]) == sum(billed)
        for each in read["settlement"]:
            assert each["invoiced_minor"] == sum(after(each))
            assert 0 <= each["invoiced_minor"] <= each["delivered_minor"]


def _any_invoice(agency: Staffed, chance: random.Random) -> Any:
    currency = chance.choice(("EUR", "USD"))
    ids = [
        earned(
            agency,
            chance.randint(1, 900_00),
            currency=currency,
            kind=chance.choice((BillableKind.monthly_fee, BillableKind.pass_through)),
        )
        for _ in range(chance.randint(1, 3))
    ]
    made = draft(
        agency,
        line(chance.randint(1, 50_00), rate(agency)),
        currency=currency,
        billable_ids=ids[: chance.randint(1, 3)],
        billable_tax_rate_ids=[rate(agency, "7")],
    )
    made |= issue(agency, made)
    if chance.random() < 0.6:
        done(invoicing.pay(agency, made, chance.randint(1, made["total_minor"]), currency), 201)
    if chance.random() < 0.6:
        each = chance.choice(made["lines"])
        part = {"line_id": each["id"], "amount_minor": chance.randint(1, each["amount_minor"])}
        done(credit(agency, made, [part]), 201)
    if chance.random() < 0.3:
        path = f"/v1/invoices/{made['id']}/mark-uncollectible"
        agency.owner.post(path, {"reason": "No contestan."})
    return made
