"""kill -9 of whoever moves money, at every point: one transfer, one number, one charge (MON-3)."""

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from billing import ledger
from billing.payable import payout_sending, transfers
from billing.payable.payout_models import Payout
from billing.provider import collection, operations, stripe_transfers
from billing.provider.stripe_models import OperationState, StripeInvoice
from billing.receivable.invoice_models import Invoice
from tenants import database, jobs
from tests.billing import creators, invoicing
from tests.billing.creators import inside
from tests.billing.invoicing import approved, equipped, finalize, issued, line, numbers, read
from tests.billing.killing import Nursery
from tests.billing.stripe_steps import (
    Stripe,
    onboard,
    operation,
    payee,
    transfer,
    transferable,
)
from tests.factories import Staffed, events_of, system
from tests.work import settle


class TestOperation:
    @pytest.mark.parametrize("point", ["before begin", "before call", "after call", "after settle"])
    def test_is_one_transfer(
        self, stripe: Stripe, agency: Staffed, nursery: Nursery, point: str
    ) -> None:
        """Whoever comes next ends it, and the money is sent once."""
        payee(stripe, agency, agency.influencer_id)
        wanted = transfer(agency.influencer_id, agency.client_id)
        with inside(agency) as session:
            planned = stripe_transfers.plan(session, wanted).id

        nursery.kill(agency, "call", planned, point)
        assert len(stripe.world.every("transfer")) == (point in ("after call", "after settle"))

        ended = operations.perform(system(agency), planned)
        assert ended.state is OperationState.ok
        assert len(stripe.world.every("transfer")) == 1
        assert events_of(agency, planned) == ["stripe_operation.succeeded"]


class TestPayout:
    @pytest.mark.parametrize(
        "point",
        [
            *("before claim", "after claim", "before claimed"),
            *("before plan", "after plan", "before begin", "after begin"),
            *("before request", "after request", "after call"),
            *("before end", "after end", "after settle"),
            *("before conclude", "before pay", "after pay", "after conclude"),
            *("after claimed", "after everything"),
        ],
    )
    def test_is_one_transfer(
        self, stripe: Stripe, agency: Staffed, nursery: Nursery, point: str
    ) -> None:
        """Its job is done again, and goes on wherever the first stood."""
        payout_id = transferable(stripe, agency)
        with inside(agency) as session:
            jobs.enqueue(session, payout_sending.KIND, payout_id=str(payout_id))

        nursery.kill(agency, "pay out", payout_id, point)
        settle()

        [sent] = stripe.world.every("transfer")
        assert operation(agency, "transfer").stripe_id == sent["id"]
        with inside(agency) as session:
            payout = session.get_one(Payout, (agency.agency_id, payout_id))
            left = ledger.balance(session, "bank", "EUR")
        assert (payout.status, payout.reference, payout.attempts) == ("paid", sent["id"], 1)
        assert left == -50_000
        assert creators.broken(agency) == {}

    @pytest.mark.parametrize(
        ("point", "left"), [("after begin", 0), ("after request", 1), ("after call", 1)]
    )
    def test_is_not_called_off_once_it_may_have_left(
        self, stripe: Stripe, agency: Staffed, nursery: Nursery, point: str, left: int
    ) -> None:
        """Looked up after such a death it is found, or nobody can say yet."""
        payout_id = transferable(stripe, agency)

        nursery.kill(agency, "pay out", payout_id, point)
        looking = stripe_transfers.finder(system(agency))
        found = transfers.resolve(system(agency), payout_id, looking, stripe_transfers.NAME)

        assert len(stripe.world.every("transfer")) == left
        assert found.outcome == ("done" if left else "unknown")
        with inside(agency) as session:
            payout = session.get_one(Payout, (agency.agency_id, payout_id))
        assert payout.status == ("paid" if left else "queued")


class TestNumber:
    @pytest.mark.parametrize(
        "point",
        [
            *("before take", "after take", "after number", "before write", "after write"),
            *("before book", "after book", "after finalise", "after everything"),
        ],
    )
    def test_is_taken_once_and_leaves_no_gap(
        self, agency: Staffed, nursery: Nursery, point: str
    ) -> None:
        equipped(agency)
        made, other = approved(agency), approved(agency)

        nursery.kill(agency, "issue", made["id"], point)

        is_out = point == "after everything"
        assert len(numbers(agency)) == is_out
        assert finalize(agency, made).status_code == (409 if is_out else 200)
        assert finalize(agency, other).status_code == 200
        taken = [read(agency, each)["number"] for each in (made, other)]
        assert [each.rpartition("-")[2] for each in taken] == ["0001", "0002"]
        assert numbers(agency) == taken
        assert invoicing.broken(agency) == {}


class TestCharge:
    @pytest.fixture
    def account(self, stripe: Stripe, agency: Staffed) -> str:
        equipped(agency)
        return onboard(stripe, agency)

    @pytest.mark.parametrize(
        "point",
        [
            *("before begin", "after begin"),
            *(f"{when} request {n}" for n in (1, 2, 3, 4) for when in ("before", "after")),
            *("after call", "after end", "after settle"),
        ],
    )
    def test_is_one_invoice(
        self, stripe: Stripe, agency: Staffed, account: str, nursery: Nursery, point: str
    ) -> None:
        """Its customer, itself, its line and its end are a request each."""
        made = issued(agency, line(1000_00))
        with inside(agency) as session:
            row = database.get(session, Invoice, UUID(made["id"]), lock=True)
            assert collection.put_there(session, row)

        nursery.kill(agency, "call", operation(agency, "invoice").id, point)
        settle()

        [there] = stripe.world.every("invoice", account)
        assert (there["status"], there["total"]) == ("open", 1000_00)
        assert len(stripe.world.every("invoiceitem", account)) == 1
        assert len(stripe.world.every("customer", account)) == 1
        assert _mirrored(agency).stripe_id == there["id"]

    @pytest.mark.parametrize(
        "point",
        ["before mirror", "before record", "after record", "after mirror", "after everything"],
    )
    def test_is_one_payment(
        self, stripe: Stripe, agency: Staffed, account: str, nursery: Nursery, point: str
    ) -> None:
        made = issued(agency, line(1000_00))
        settle()
        [there] = stripe.world.every("invoice", account)
        stripe.world.control("pay", account=account, invoice=there["id"], amount=1000_00)

        nursery.kill(agency, "take payment", there["id"], point)
        stripe.deliver(duplicate=1)

        found = agency.owner.get(f"/v1/payments?invoice_id={made['id']}").json()["data"]
        assert [each["amount_minor"] for each in found] == [1000_00]
        assert read(agency, made)["status"] == "paid"
        assert invoicing.broken(agency) == {}


def _mirrored(agency: Staffed) -> Any:
    with inside(agency) as session:
        return session.exec(select(StripeInvoice)).one()
