"""What goes back at Stripe: booked once; and what nobody can book, told."""

from collections.abc import Iterator

import pytest
from sqlmodel import select

from billing import ledger
from billing.provider.stripe_models import StripePayment
from tests.billing import invoicing
from tests.billing.creators import inside
from tests.billing.invoicing import credit, credits, done, equipped, issue, issued, line, rate, read
from tests.billing.stripe_lives import Paid
from tests.billing.stripe_steps import Stripe, onboard
from tests.factories import Staffed, events_of


@pytest.fixture
def account(stripe: Stripe, agency: Staffed) -> Iterator[str]:
    equipped(agency)
    yield onboard(stripe, agency)
    assert invoicing.broken(agency) == {}


@pytest.fixture
def paid(stripe: Stripe, agency: Staffed, account: str) -> Paid:
    """1,000 and its tax of 210, paid."""
    put = Paid(stripe, agency, account, issued(agency, line(1000_00, rate(agency))))
    put.pay()
    return put


def told(agency: Staffed) -> list[tuple[str, int, int]]:
    """What came and went there, and how much of it is in the books."""
    with inside(agency) as session:
        query = select(StripePayment.kind, StripePayment.amount_minor, StripePayment.booked_minor)
        found = session.exec(query.order_by(StripePayment.id))  # type: ignore[arg-type]
        return [(str(kind), amount, booked) for kind, amount, booked in found]


def payments(agency: Staffed) -> list[tuple[str, int]]:
    found = done(agency.owner.get("/v1/payments"))["data"]
    return [(each["kind"], each["amount_minor"]) for each in reversed(found)]


def failures(agency: Staffed, paid: Paid) -> int:
    """How often somebody was told that a refund failed."""
    return events_of(agency, paid.row.id).count("stripe_invoice.refund_failed")


def books(agency: Staffed) -> dict[str, int]:
    names = ("bank", "receivable", "revenue", "tax_payable", "client_credit", "client_deposits")
    with inside(agency) as session:
        return {name: ledger.balance(session, name, "EUR") for name in names}


class TestRefund:
    def test_without_a_credit_note_leaves_the_invoice_open(
        self, agency: Staffed, paid: Paid
    ) -> None:
        paid.give_back(210_00)
        assert paid.stands == ("partly_paid", 1000_00, 210_00)

        paid.give_back(1000_00)

        assert paid.stands == ("finalised", 0, 1210_00)
        assert payments(agency) == [("payment", 1210_00), ("refund", -210_00), ("refund", -1000_00)]
        assert books(agency)["bank"] == 0

    def test_pays_back_what_was_credited(self, agency: Staffed, paid: Paid) -> None:
        done(credit(agency, paid.made), 201)
        [given_] = credits(agency, unapplied="true")
        assert given_["left_minor"] == 1210_00

        paid.give_back(1210_00)

        assert paid.stands == ("paid", 1210_00, 0)
        assert credits(agency, unapplied="true") == []
        assert set(books(agency).values()) == {0}

    def test_comes_to_the_same_before_its_credit_note(self, agency: Staffed, paid: Paid) -> None:
        paid.give_back(1210_00)
        done(credit(agency, paid.made), 201)

        assert paid.stands == ("paid", 0, 0)
        assert credits(agency, unapplied="true") == []
        assert set(books(agency).values()) == {0}

    def test_of_more_than_was_credited_takes_the_rest_of_the_payment(
        self, agency: Staffed, paid: Paid
    ) -> None:
        [first] = paid.made["lines"]
        for amount in (100_00, 200_00):
            part = [{"line_id": first["id"], "amount_minor": amount}]
            done(credit(agency, paid.made, part), 201)

        refund = paid.give_back(500_00)

        assert paid.stands == ("partly_paid", 1073_00, 137_00)
        assert payments(agency)[1:] == [
            ("refund", -121_00),
            ("refund", -242_00),
            ("refund", -137_00),
        ]
        found = done(agency.owner.get("/v1/payments?kind=refund"))["data"]
        assert sorted(each["external_id"] for each in found) == [
            *(refund, f"{refund}#2", f"{refund}#3"),
        ]

    def test_that_is_pending_waits(self, agency: Staffed, paid: Paid) -> None:
        refund = paid.give_back(210_00, pending=True)
        assert paid.stands == ("paid", 1210_00, 0)
        paid.end_refund(refund, "succeeded")
        assert paid.stands == ("partly_paid", 1000_00, 210_00)

    def test_that_never_went_through_is_told_once_and_booked_nowhere(
        self, agency: Staffed, paid: Paid
    ) -> None:
        before = books(agency)
        refund = paid.give_back(210_00, pending=True)
        assert failures(agency, paid) == 0

        paid.end_refund(refund, "failed")
        paid.give_back(10_00, pending=True)  # the invoice is looked at again

        assert failures(agency, paid) == 1
        assert told(agency) == [
            *(("payment", 1210_00, 1210_00), ("refund", -210_00, 0), ("refund_failed", 210_00, 0)),
        ]
        assert paid.stands == ("paid", 1210_00, 0)
        assert payments(agency) == [("payment", 1210_00)]
        assert books(agency) == before

    def test_that_failed_is_money_that_came_again(self, agency: Staffed, paid: Paid) -> None:
        refund = paid.give_back(1210_00)
        assert paid.stands == ("finalised", 0, 1210_00)

        paid.end_refund(refund, "failed")
        assert paid.stands == ("paid", 1210_00, 0)
        assert failures(agency, paid) == 1
        again = paid.give_back(1210_00)

        assert again != refund
        assert paid.stands == ("finalised", 0, 1210_00)
        assert [kind for kind, _, _ in told(agency)] == [
            *("payment", "refund", "refund_failed", "refund"),
        ]

    def test_that_failed_gives_back_what_was_credited(self, agency: Staffed, paid: Paid) -> None:
        done(credit(agency, paid.made), 201)
        paid.end_refund(paid.give_back(1210_00), "failed")
        assert paid.stands == ("paid", 1210_00, 0)
        assert [each["left_minor"] for each in credits(agency, unapplied="true")] == [1210_00]

    def test_of_what_was_paid_too_much_pays_that_back(
        self, stripe: Stripe, agency: Staffed, account: str
    ) -> None:
        made = issued(agency, line(1000_00))
        paid = Paid(stripe, agency, account, made)
        done(invoicing.pay(agency, made, 400_00), 201)
        paid.pay()
        assert [each["left_minor"] for each in credits(agency)] == [400_00]

        paid.give_back(400_00)

        assert paid.stands == ("paid", 1000_00, 0)
        assert books(agency)["client_credit"] == 0

    def test_of_a_payment_that_was_reversed_by_hand_is_booked_already(
        self, agency: Staffed, paid: Paid
    ) -> None:
        [payment] = done(agency.owner.get("/v1/payments"))["data"]
        path = f"/v1/payments/{payment['id']}/reverse"
        done(agency.owner.post(path, {"reference": "Devuelto en Stripe"}), 201)
        done(invoicing.pay(agency, paid.made, 1210_00), 201)

        paid.give_back(1210_00)

        assert paid.stands == ("paid", 1210_00, 0)
        assert told(agency)[1] == ("refund", -1210_00, 0)

    def test_leaves_nothing_to_reverse_by_hand(self, agency: Staffed, paid: Paid) -> None:
        paid.give_back(210_00)
        payment = done(agency.owner.get("/v1/payments"))["data"][-1]
        path = f"/v1/payments/{payment['id']}/reverse"
        refused = agency.owner.post(path, {"reference": "Otra vez"})
        assert invoicing.refused(refused) == (409, "payment_reversed")

    def test_of_what_was_paid_for_a_void_invoice_is_told_alone(
        self, stripe: Stripe, agency: Staffed, account: str
    ) -> None:
        made = issued(agency, line(1000_00))
        paid = Paid(stripe, agency, account, made)
        done(agency.owner.post(f"/v1/invoices/{made['id']}/void", {"reason": "Duplicada."}))
        paid.pay()
        paid.give_back(1000_00)
        assert told(agency) == [("payment", 1000_00, 0), ("refund", -1000_00, 0)]
        assert payments(agency) == []

    def test_of_a_deposit_takes_it_back(
        self, stripe: Stripe, agency: Staffed, account: str
    ) -> None:
        made = issued(agency, line(1000_00, rate(agency)), kind="deposit")
        paid = Paid(stripe, agency, account, made)
        paid.pay()
        assert [each["left_minor"] for each in credits(agency)] == [1000_00]

        paid.give_back(1210_00)

        assert paid.stands == ("finalised", 0, 1210_00)
        assert credits(agency, unapplied="true") == []

    def test_of_a_deposit_that_was_deducted_is_a_persons(
        self, stripe: Stripe, agency: Staffed, account: str
    ) -> None:
        made = issued(agency, line(1000_00, rate(agency)), kind="deposit")
        paid = Paid(stripe, agency, account, made)
        paid.pay()
        [deposit] = credits(agency)
        later = invoicing.draft(agency, line(3000_00))
        use = f"/v1/client-credits/{deposit['id']}/apply"
        done(agency.owner.post(use, {"invoice_id": later["id"]}))
        issue(agency, later)

        paid.give_back(1210_00)

        assert paid.stands == ("paid", 1210_00, 0)
        assert told(agency)[-1] == ("refund", -1210_00, 0)

    def test_brings_back_what_was_written_off(
        self, stripe: Stripe, agency: Staffed, account: str
    ) -> None:
        made = issued(agency, line(1000_00))
        paid = Paid(stripe, agency, account, made)
        paid.pay(amount=400_00)
        path = f"/v1/invoices/{made['id']}/mark-uncollectible"
        done(agency.owner.post(path, {"reason": "No contestan."}))
        paid.give_back(400_00)

        assert paid.stands == ("finalised", 0, 1000_00)


class TestDispute:
    def test_is_told_and_held(self, agency: Staffed, paid: Paid) -> None:
        paid.dispute(1210_00)

        assert paid.row.disputed_minor == 1210_00
        assert paid.stands == ("paid", 1210_00, 0)
        assert events_of(agency, paid.row.id).count("stripe_invoice.disputed") == 1

    def test_that_is_won_changes_nothing(self, agency: Staffed, paid: Paid) -> None:
        paid.end_dispute(paid.dispute(1210_00), "won")
        assert paid.row.disputed_minor == 0
        assert paid.stands == ("paid", 1210_00, 0)
        assert told(agency) == [("payment", 1210_00, 1210_00)]

    def test_that_is_lost_takes_it_back_and_reminds_nobody(
        self, agency: Staffed, paid: Paid
    ) -> None:
        paid.end_dispute(paid.dispute(1210_00), "lost")

        assert paid.row.disputed_minor == 0
        assert paid.stands == ("finalised", 0, 1210_00)
        assert read(agency, paid.made)["disputed_at"] is not None
        assert told(agency)[-1] == ("dispute", -1210_00, -1210_00)
