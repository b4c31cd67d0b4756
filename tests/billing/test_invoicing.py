"""Clients' invoices on the agency's own account at Stripe: pushed once, paid, given back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from billing.provider import invoicing, operations, reconcile
from billing.provider.accounts import AccountNotReady
from billing.provider.gateway import BillingNotConfigured, CurrencyNotTaken
from billing.provider.invoicing import Bill, Line
from billing.provider.stripe_models import Operation, StripeInvoice, StripePayment
from tenants import auth, database
from tests.billing.stripe_steps import BACK, Stripe, account_of, onboard, verify
from tests.factories import Staffed, events_of
from tests.work import settle


@contextmanager
def inside(agency: Staffed) -> Iterator[database.Session]:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        yield session


def bill(agency: Staffed, invoice: UUID | None = None, **values: Any) -> Bill:
    given: dict[str, Any] = {
        "invoice_id": invoice or uuid4(),
        "client_id": agency.client_id,
        "client_name": "Café Aurora",
        "client_email": "pagos@aurora.example",
        "currency": "EUR",
        "lines": [Line("Alcance de octubre", 200_000), Line("Pauta a coste", 50_000)],
        "days_until_due": 30,
    }
    return Bill(**{**given, **values})


def push(agency: Staffed, wanted: Bill) -> None:
    with inside(agency) as session:
        invoicing.push(session, wanted)
    settle()


def pushed(agency: Staffed, invoice: UUID) -> StripeInvoice:
    with inside(agency) as session:
        found = invoicing.find(session, invoice)
    assert found is not None
    return found


def payments(agency: Staffed) -> list[int]:
    with inside(agency) as session:
        query = select(StripePayment.amount_minor).order_by(StripePayment.id)  # type: ignore[arg-type]
        return list(session.exec(query))


class TestOnboarding:
    def test_goes_through_its_states(self, stripe: Stripe, agency: Staffed) -> None:
        read = "/v1/billing/connect-account"
        assert agency.owner.get(read).json()["state"] == "not_started"

        asked = {"country": "ES", **BACK}
        first = agency.owner.post(read, asked)
        again = agency.owner.post(read, {**asked, "country": "FR"})

        assert first.json()["url"].startswith("https://connect.stripe.test/acct_")
        assert again.status_code == 201
        [account] = stripe.world.every("account")
        assert agency.owner.get(read).json()["state"] == "onboarding"
        stripe.change(account["id"], details_submitted=True)
        stripe.deliver()
        assert agency.owner.get(read).json()["state"] == "restricted"
        verify(stripe, account["id"])
        found = agency.owner.get(read).json()
        assert (found["state"], found["charges_enabled"]) == ("ready", True)

    def test_may_be_taken_back(self, stripe: Stripe, agency: Staffed) -> None:
        account = onboard(stripe, agency)
        [found] = stripe.world.every("account")
        needs = {**found["requirements"], "disabled_reason": "rejected.fraud"}
        stripe.change(account, charges_enabled=False, requirements=needs)
        stripe.deliver()
        assert agency.owner.get("/v1/billing/connect-account").json()["state"] == "rejected"

    def test_of_another_agency_is_not_told(
        self, stripe: Stripe, agency: Staffed, other_agency: Staffed
    ) -> None:
        onboard(stripe, agency)
        assert "connect_account.updated" in events_of(agency, account_of(agency).id)
        shown = other_agency.owner.get("/v1/billing/connect-account").json()
        assert shown["state"] == "not_started"


class TestPush:
    def test_puts_it_there_once(self, stripe: Stripe, agency: Staffed) -> None:
        account, wanted = onboard(stripe, agency), bill(agency)
        push(agency, wanted)
        push(agency, wanted)

        [there] = stripe.world.every("invoice", account)
        assert (there["status"], there["total"]) == ("open", 250_000)
        assert stripe.world.every("invoice") == []
        found = pushed(agency, wanted.invoice_id)
        assert (found.status, found.amount_minor) == ("open", 250_000)
        assert found.remaining_minor == 250_000
        assert found.hosted_url == there["hosted_invoice_url"]
        assert events_of(agency, found.id)[0] == "stripe_invoice.created"

    def test_knows_a_client_again(self, stripe: Stripe, agency: Staffed) -> None:
        account = onboard(stripe, agency)
        push(agency, bill(agency))
        push(agency, bill(agency))
        assert len(stripe.world.every("customer", account)) == 1
        assert len(stripe.world.every("invoice", account)) == 2

    @pytest.mark.parametrize("path", ["/v1/customers", "/v1/invoices", "/v1/invoiceitems", "lize"])
    @pytest.mark.parametrize("done", [True, False])
    def test_is_there_once_whichever_answer_is_lost(
        self, stripe: Stripe, agency: Staffed, path: str, done: bool
    ) -> None:
        account, wanted = onboard(stripe, agency), bill(agency)
        stripe.fail("drop", path, times=2, done=done)
        with inside(agency) as session:
            planned = invoicing.push(session, wanted).id
        actor = auth.system(agency.agency_id)
        first = operations.perform(actor, planned)
        assert str(first.state) == "unknown"
        operations.perform(actor, planned)
        settle()

        made = stripe.world.every("invoice", account)
        assert [(each["status"], each["total"]) for each in made] == [("open", 250_000)]
        assert len(stripe.world.every("customer", account)) == 1

    def test_needs_an_account_that_is_ready(self, stripe: Stripe, agency: Staffed) -> None:
        with inside(agency) as session, pytest.raises(AccountNotReady) as refused:
            invoicing.push(session, bill(agency))
        assert refused.value.extra == {"account_state": "not_started"}

    def test_refuses_a_currency_that_stripe_lacks(self, stripe: Stripe, agency: Staffed) -> None:
        onboard(stripe, agency)
        with inside(agency) as session, pytest.raises(CurrencyNotTaken):
            invoicing.push(session, bill(agency, currency="KPW"))
        assert no_operation(agency)

    def test_needs_stripe(self, agency: Staffed) -> None:
        with inside(agency) as session, pytest.raises(BillingNotConfigured):
            invoicing.push(session, bill(agency))


def no_operation(agency: Staffed) -> bool:
    with inside(agency) as session:
        query = select(Operation).where(Operation.kind == "invoice")
        return session.exec(query).first() is None


class TestPayments:
    @pytest.fixture
    def heard(self) -> Iterator[list[tuple[UUID, str, int]]]:
        told: list[tuple[UUID, str, int]] = []

        def listener(session: Any, row: StripeInvoice, paid: StripePayment) -> None:
            told.append((row.invoice_id, paid.external_id, paid.amount_minor))

        invoicing.on_payment(listener)
        yield told
        invoicing._listeners.remove(listener)

    def test_are_told_once_each_whatever_becomes_of_the_events(
        self, stripe: Stripe, agency: Staffed, heard: list[tuple[UUID, str, int]]
    ) -> None:
        account, wanted = onboard(stripe, agency), bill(agency)
        push(agency, wanted)
        there = pushed(agency, wanted.invoice_id).stripe_id
        stripe.world.control("pay", account=account, invoice=there, amount=100_000)
        stripe.deliver(shuffle=True, duplicate=1)
        assert payments(agency) == [100_000]

        paid = stripe.world.control("pay", account=account, invoice=there)
        stripe.deliver(lose=1)
        assert payments(agency) == [100_000]
        assert reconcile.agency(auth.system(agency.agency_id))["different"] == 1
        assert payments(agency) == [100_000, 150_000]

        intent = paid["payment"]["payment_intent"]
        back = {"payment_intent": intent, "amount": 30_000, "currency": "eur"}
        stripe.world.control("give_back", account=account, **back)
        stripe.deliver(duplicate=1)

        assert payments(agency) == [100_000, 150_000, -30_000]
        assert [amount for _, _, amount in heard] == [100_000, 150_000, -30_000]
        assert {invoice for invoice, _, _ in heard} == {wanted.invoice_id}
        found = pushed(agency, wanted.invoice_id)
        assert (found.status, found.paid_minor, found.remaining_minor) == ("paid", 250_000, 0)

    def test_of_a_void_invoice_are_not_waited_for(self, stripe: Stripe, agency: Staffed) -> None:
        onboard(stripe, agency)
        wanted = bill(agency)
        push(agency, wanted)
        with inside(agency) as session:
            invoicing.void(session, wanted.invoice_id)
        settle()
        stripe.deliver()
        assert pushed(agency, wanted.invoice_id).status == "void"

    def test_are_the_clients_own(
        self, stripe: Stripe, agency: Staffed, other_agency: Staffed
    ) -> None:
        account = onboard(stripe, agency)
        wanted = bill(agency)
        push(agency, wanted)
        there = pushed(agency, wanted.invoice_id).stripe_id
        stripe.world.control("pay", account=account, invoice=there)
        stripe.deliver()
        assert payments(agency) == [250_000]
        assert payments(other_agency) == []
