"""Invoices that clients pay at Stripe, and payouts that leave by it: the whole way, over HTTP."""

from datetime import UTC
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from api.billing import tasks
from api.documents.letters import Letter, laid_out
from billing.payable import payout_making, payouts, transfers
from billing.payable.payout_models import Payout
from billing.provider import accounts, collection, operations, stripe_transfers
from billing.provider.stripe_models import MoneyKind, StripeInvoice, StripePayment
from billing.receivable.invoice_models import Invoice
from billing.receivable.issuers import contact_id
from tenants import auth, clock, database
from tenants.ids import new_id
from tenants.jobs import Job
from tests.billing import invoicing
from tests.billing.creators import broken, inside, known, owed, said
from tests.billing.invoicing import equipped, issued, line, mailbox, rate, read
from tests.billing.stripe_steps import Stripe, onboard, operation, verify
from tests.campaigns.making import done
from tests.factories import Staffed, events_of
from tests.work import settle


@pytest.fixture
def account(stripe: Stripe, agency: Staffed) -> str:
    equipped(agency)
    return onboard(stripe, agency)


class TestInvoice:
    def test_is_paid_where_it_was_put(self, stripe: Stripe, agency: Staffed, account: str) -> None:
        made = issued(agency, line(1000_00, rate(agency, "21")))
        settle()

        [there] = stripe.world.every("invoice", account)
        assert (there["status"], there["total"]) == ("open", 1210_00)
        page = agency.approver.get(f"/v1/invoices/{made['id']}/payment-page").json()
        assert (page["url"], page["status"]) == (there["hosted_invoice_url"], "open")

        for amount in (200_00, 1010_00):
            stripe.world.control("pay", account=account, invoice=there["id"], amount=amount)
            stripe.deliver(duplicate=1, shuffle=True)

        shown = read(agency, made)
        assert (shown["status"], shown["open_minor"]) == ("paid", 0)
        with inside(agency) as session:
            kept = session.exec(select(StripeInvoice.id)).one()
        assert events_of(agency, kept).count("stripe_invoice.updated") >= 2
        found = agency.owner.get(f"/v1/payments?invoice_id={made['id']}").json()["data"]
        assert sorted(each["amount_minor"] for each in found) == [200_00, 1010_00]
        assert invoicing.broken(agency) == {}

    def test_is_taken_back_there_when_it_is_void(
        self, stripe: Stripe, agency: Staffed, account: str
    ) -> None:
        made = issued(agency)
        settle()
        void = agency.owner.post(f"/v1/invoices/{made['id']}/void", {"reason": "Duplicada."})
        assert void.status_code == 200, void.text
        settle()
        assert [each["status"] for each in stripe.world.every("invoice", account)] == ["void"]

    def test_is_taken_back_there_when_it_is_paid_otherwise(
        self, stripe: Stripe, agency: Staffed, account: str
    ) -> None:
        made = issued(agency)
        settle()
        total = read(agency, made)["open_minor"]
        assert invoicing.pay(agency, made, total).status_code == 201
        settle()
        assert [each["status"] for each in stripe.world.every("invoice", account)] == ["void"]

    @pytest.mark.parametrize("ends", ["void", "paid"])
    def test_is_taken_back_there_when_it_was_over_before_it_was_there(
        self, stripe: Stripe, agency: Staffed, account: str, ends: str
    ) -> None:
        """Stripe could not be reached meanwhile: the call is made again, with the same key."""
        stripe.fail("500", "/v1/invoices", times=99)
        made = issued(agency)
        settle()
        if ends == "void":
            done(agency.owner.post(f"/v1/invoices/{made['id']}/void", {"reason": "Duplicada."}))
        else:
            done(invoicing.pay(agency, made, made["open_minor"]), 201)
        settle()

        stripe.world.control("mend")
        operations.perform(auth.system(agency.agency_id), operation(agency, "invoice").id)
        settle()

        assert [each["status"] for each in stripe.world.every("invoice", account)] == ["void"]

    def test_says_at_once_what_is_left_to_pay(
        self, stripe: Stripe, agency: Staffed, account: str
    ) -> None:
        """Before anybody has asked Stripe how it stands there."""
        made = issued(agency, line(1000_00))
        with inside(agency) as session:
            collection.put_there(session, database.get(session, Invoice, UUID(made["id"])))
        operations.perform(auth.system(agency.agency_id), operation(agency, "invoice").id)

        page = agency.approver.get(f"/v1/invoices/{made['id']}/payment-page").json()
        assert (page["status"], page["remaining"]["amount_minor"]) == ("open", made["open_minor"])

    def test_stays_here_while_there_is_no_account(self, stripe: Stripe, agency: Staffed) -> None:
        equipped(agency)
        made = issued(agency)
        settle()
        page = agency.executive.get(f"/v1/invoices/{made['id']}/payment-page").json()
        assert page == {"status": None, "url": None, "remaining": None}

    def test_is_put_there_once_the_account_takes_payments(
        self, stripe: Stripe, agency: Staffed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """All that are open, in as many transactions as it takes; none that are over."""
        monkeypatch.setattr(collection, "BATCH", 2)
        equipped(agency)
        void, *open_ones = [issued(agency, line(100_00 + n)) for n in range(6)]
        done(agency.owner.post(f"/v1/invoices/{void['id']}/void", {"reason": "Duplicada."}))
        settle()

        account = onboard(stripe, agency)
        settle()

        there = stripe.world.every("invoice", account)
        assert {each["status"] for each in there} == {"open"}
        wanted = sorted(each["open_minor"] for each in open_ones)
        assert sorted(each["total"] for each in there) == wanted

    def test_tells_what_was_paid_there_though_it_was_void(
        self, stripe: Stripe, agency: Staffed, account: str
    ) -> None:
        made = issued(agency, line(1000_00))
        settle()
        [there] = stripe.world.every("invoice", account)
        void = agency.owner.post(f"/v1/invoices/{made['id']}/void", {"reason": "Duplicada."})
        assert void.status_code == 200, void.text

        stripe.world.control("pay", account=account, invoice=there["id"], amount=1000_00)
        stripe.deliver()

        page = agency.owner.get(f"/v1/invoices/{made['id']}/payment-page").json()
        assert (page["status"], read(agency, made)["status"]) == ("paid", "void")
        with inside(agency) as session:
            told = session.exec(select(StripePayment.amount_minor)).all()
        assert told == [1000_00]
        assert invoicing.broken(agency) == {}

    def test_was_paid_on_the_day_it_was_where_the_agency_is(self, agency: Staffed) -> None:
        equipped(agency)
        made = issued(agency, line(1000_00))
        midnight = clock.now().astimezone(ZoneInfo("Europe/Madrid")).replace(hour=0, minute=20)
        row: Any = SimpleNamespace(
            invoice_id=UUID(made["id"]), agency_id=agency.agency_id, number=None
        )
        paid = StripePayment(
            client_id=agency.client_id,
            invoice_row_id=new_id(),
            kind=MoneyKind.payment,
            external_id="py_1",
            amount_minor=1000_00,
            currency="EUR",
            occurred_at=midnight.astimezone(UTC),
        )
        with inside(agency) as session:
            collection.record(session, row, paid)

        (payment,) = agency.owner.get(f"/v1/payments?invoice_id={made['id']}").json()["data"]
        assert payment["received_on"] == str(midnight.date())


class TestLetter:
    @pytest.mark.parametrize("kind", ["invoice", "invoice_reminder"])
    def test_leads_to_where_it_is_paid(
        self, stripe: Stripe, agency: Staffed, account: str, kind: str
    ) -> None:
        """Not once the page asks for another sum than is open here."""
        made = issued(agency, line(1000_00))
        settle()
        [there] = stripe.world.every("invoice", account)

        written = self.written(agency, made, kind)
        done(invoicing.pay(agency, made, 1_00), 201)

        assert written.link == there["hosted_invoice_url"]
        assert f"Ver la factura y pagarla:\n{written.link}" in laid_out(written, new_id()).text
        assert self.written(agency, made, kind).link is None

    def written(self, agency: Staffed, made: Any, kind: str) -> Letter:
        contact = contact_id(mailbox(agency))
        args = {"document_id": made["id"], "contact": contact}
        with inside(agency) as session:
            found = getattr(tasks, kind)(session, Job(kind=f"mail.{kind}", args=args))
        assert found is not None
        return cast(Letter, found)


class TestPayout:
    @pytest.fixture
    def approved(self, stripe: Stripe, agency: Staffed) -> UUID:
        """A payout to a creator whose account is ready; what it needs to leave is there."""
        known(agency)
        actor = auth.system(agency.agency_id)
        with inside(agency) as session:
            planned = accounts.plan(session, "ES", agency.influencer_id).id
        verify(stripe, str(operations.performed(actor, planned).stripe_id))
        payable = owed(agency, gates=[])
        with inside(agency) as session:
            return payout_making.create(session, agency.influencer_id, "EUR", [payable.id]).id

    def send(self, agency: Staffed, payout_id: UUID) -> Any:
        actor = auth.system(agency.agency_id)
        by_stripe = stripe_transfers.provider(actor)
        return transfers.send(actor, payout_id, by_stripe, stripe_transfers.NAME)

    def status(self, agency: Staffed, payout_id: UUID) -> str:
        with inside(agency) as session:
            return str(session.get_one(Payout, (agency.agency_id, payout_id)).status)

    @pytest.mark.parametrize("done", [True, False])
    def test_leaves_once_and_is_written_down(
        self, stripe: Stripe, agency: Staffed, approved: UUID, done: bool
    ) -> None:
        stripe.fail("drop", "/v1/transfers", times=2, done=done)
        assert str(self.send(agency, approved).outcome) == "unknown"
        assert self.status(agency, approved) == "queued"

        with inside(agency) as session:
            last = operations.last(session, "transfer", approved)
        assert last is not None
        operations.perform(auth.system(agency.agency_id), last.id)
        settle()  # the operation's end is told, and the payout's follows

        assert self.status(agency, approved) == "paid"
        assert [each["amount"] for each in stripe.world.every("transfer")] == [50_000]
        assert broken(agency) == {}

    def test_leaves_by_itself_once_it_is_approved(
        self, stripe: Stripe, agency: Staffed, approved: UUID
    ) -> None:
        said(agency, method="stripe", iban=None)
        owed(agency, gates=[], amount_minor=20_000)
        with inside(agency) as session:
            made = payout_making.create(session, agency.influencer_id, "EUR")
        assert made.status == "approved"
        settle()
        assert self.status(agency, made.id) == "paid"
        assert self.status(agency, approved) == "pending"  # it was for another destination
        assert [each["amount"] for each in stripe.world.every("transfer")] == [20_000]
        assert broken(agency) == {}

    def test_leaves_by_itself_when_it_is_released(
        self, stripe: Stripe, agency: Staffed, approved: UUID
    ) -> None:
        said(agency, method="stripe", iban=None)
        owed(agency, gates=[], amount_minor=20_000)
        with inside(agency) as session:
            made = payout_making.create(session, agency.influencer_id, "EUR")
            payouts.hold(session, made.id, "Por si acaso.")
        settle()
        assert self.status(agency, made.id) == "held"
        done(agency.owner.post(f"/v1/payouts/{made.id}/release", {"reason": "Todo bien."}))
        settle()
        assert self.status(agency, made.id) == "paid"

    def test_is_not_given_back_when_its_key_was_used_in_other_words(
        self, stripe: Stripe, agency: Staffed, approved: UUID
    ) -> None:
        """A release that writes the same call differently, between two tries of it."""
        stripe.fail("drop", "/v1/transfers", times=2, done=True)
        assert str(self.send(agency, approved).outcome) == "unknown"
        with inside(agency) as session:
            last = operations.last(session, "transfer", approved)
            assert last is not None
            last.request = {**last.request, "reference": "otherwise"}

        assert str(self.send(agency, approved).outcome) == "unknown"
        assert self.status(agency, approved) == "queued"

    def test_says_what_stripe_asks_of_a_creator(
        self, stripe: Stripe, agency: Staffed, approved: UUID
    ) -> None:
        shown = agency.owner.get(f"/v1/payees/{agency.influencer_id}").json()
        assert shown["provider_ready"] is True
        [account] = stripe.world.every("account")
        verify(stripe, account["id"], capabilities={"transfers": "inactive"})
        shown = agency.owner.get(f"/v1/payees/{agency.influencer_id}").json()
        assert shown["provider_ready"] is False
