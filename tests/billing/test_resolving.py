"""A payout that is with a provider: looked up, paid or given back, and never sent twice."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from billing import ledger, tasks
from billing.payable import payout_sending, transfers
from billing.payable.payout_models import Payout, PayoutStatus
from billing.payable.transfers import Answer, Transfer
from billing.provider import gateway, operations, stripe_transfers
from billing.provider.gateway import BillingNotConfigured
from billing.provider.operations import OperationChanged
from tenants import clock, jobs, settings
from tests.billing.creators import broken, inside, owed, said
from tests.billing.stripe_steps import Stripe, open_transactions, transferable
from tests.campaigns.making import done
from tests.factories import Staffed, system
from tests.work import settle

Switch = Callable[[bool], None]


@pytest.fixture
def payout_id(stripe: Stripe, agency: Staffed) -> UUID:
    return transferable(stripe, agency)


@pytest.fixture
def switch(stripe: Stripe, monkeypatch: pytest.MonkeyPatch) -> Switch:
    """Let transfers leave the platform's balance, or not."""
    return lambda on: monkeypatch.setattr(settings.get(), "stripe_transfers", on)


def send(agency: Staffed, payout_id: UUID) -> Answer:
    by_stripe = stripe_transfers.provider(system(agency))
    return transfers.send(system(agency), payout_id, by_stripe, stripe_transfers.NAME)


def look(agency: Staffed, payout_id: UUID) -> Answer:
    looking = stripe_transfers.finder(system(agency))
    return transfers.resolve(system(agency), payout_id, looking, stripe_transfers.NAME)


def claim(agency: Staffed, payout_id: UUID) -> Transfer:
    with inside(agency) as session:
        claimed = transfers.claim(session, payout_id, stripe_transfers.NAME)
    assert claimed is not None
    return claimed


def read(agency: Staffed, payout_id: UUID) -> Payout:
    with inside(agency) as session:
        return session.get_one(Payout, (agency.agency_id, payout_id))


def moved(agency: Staffed) -> int:
    with inside(agency) as session:
        return -ledger.balance(session, "bank", "EUR")


def resolve(agency: Staffed, payout_id: UUID) -> Any:
    """Ask for it over HTTP, and what the job then says."""
    asked = agency.owner.post(f"/v1/payouts/{payout_id}/resolve")
    done(asked, 202)
    settle()
    return done(agency.owner.get(asked.headers["Location"]))["result"]


class TestResolvePayout:
    @pytest.mark.parametrize(("planned", "on"), [(False, False), (True, False), (True, True)])
    def test_gives_back_what_never_left(
        self,
        stripe: Stripe,
        agency: Staffed,
        payout_id: UUID,
        switch: Switch,
        planned: bool,
        on: bool,
    ) -> None:
        claimed = claim(agency, payout_id)
        if planned:
            with inside(agency) as session:
                stripe_transfers.plan(session, claimed)
        switch(on)

        assert resolve(agency, payout_id)["reason"] == "never_sent"

        assert (read(agency, payout_id).status, moved(agency)) == ("failed", 0)
        switch(True)
        send(agency, payout_id)  # whoever was at it all the while
        stripe_transfers.provider(system(agency))(claimed)
        assert stripe.world.every("transfer") == []
        said(agency)
        body = {"payee_id": str(agency.influencer_id), "currency": "EUR"}
        by_bank = done(agency.owner.post("/v1/payouts", body), 201)
        paid = {"reference": "TRF-1"}
        done(agency.owner.post(f"/v1/payouts/{by_bank['id']}/mark-paid", paid))
        assert moved(agency) == 50_000
        assert broken(agency) == {}

    def test_books_what_it_finds(
        self, stripe: Stripe, agency: Staffed, payout_id: UUID, switch: Switch
    ) -> None:
        stripe.fail("drop", "/v1/transfers", times=2, done=True)
        assert send(agency, payout_id).outcome == "unknown"
        switch(False)

        told = resolve(agency, payout_id)

        [sent] = stripe.world.every("transfer")
        assert (told["outcome"], told["reference"]) == ("done", sent["id"])
        payout = read(agency, payout_id)
        assert (payout.status, payout.reference, moved(agency)) == ("paid", sent["id"], 50_000)
        assert broken(agency) == {}

    def test_keeps_what_may_still_move_until_its_key_is_forgotten(
        self, stripe: Stripe, agency: Staffed, payout_id: UUID, switch: Switch
    ) -> None:
        stripe.fail("drop", "/v1/transfers", times=2)
        assert send(agency, payout_id).outcome == "unknown"
        switch(False)

        assert resolve(agency, payout_id)["outcome"] == "unknown"
        with clock.at(clock.now() + timedelta(hours=23, minutes=30)):
            assert look(agency, payout_id).outcome == "unknown"
        assert read(agency, payout_id).status == "queued"
        with clock.at(clock.now() + timedelta(hours=24, minutes=1)):
            ended = look(agency, payout_id)

        assert (ended.outcome, ended.reason) == ("refused", "never_done")
        assert (read(agency, payout_id).status, moved(agency)) == ("failed", 0)
        assert stripe.world.every("transfer") == []
        assert broken(agency) == {}

    @pytest.mark.parametrize("word", ["mark-paid", "mark-failed", "mark-returned", "cancel"])
    def test_is_the_only_way_out_meanwhile(
        self, word: str, agency: Staffed, payout_id: UUID
    ) -> None:
        claim(agency, payout_id)
        body = {"reference": "TRF-1"} if word == "mark-paid" else {"reason": "No salió."}

        refused = done(agency.owner.post(f"/v1/payouts/{payout_id}/{word}", body), 409)

        assert (refused["code"], refused["allowed"]) == ("move_not_allowed", [])
        assert (read(agency, payout_id).status, moved(agency)) == ("queued", 0)

    def test_is_for_what_a_provider_has(self, agency: Staffed, payout_id: UUID) -> None:
        path = f"/v1/payouts/{payout_id}/resolve"
        approved = done(agency.owner.post(path), 409)
        with inside(agency) as session:
            payout = session.get_one(Payout, (agency.agency_id, payout_id))
            payout.status = PayoutStatus.queued
        by_hand = done(agency.owner.post(path), 409)

        assert {approved["code"], by_hand["code"]} == {"not_with_provider"}
        done(agency.executive.post(path), 403)

    def test_needs_stripe_for_what_was_sent(
        self, stripe: Stripe, agency: Staffed, payout_id: UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stripe.fail("drop", "/v1/transfers", times=2, done=True)
        send(agency, payout_id)
        with monkeypatch.context() as without:
            without.setattr(gateway, "needed", _nobody)
            with pytest.raises(BillingNotConfigured):
                look(agency, payout_id)

        assert read(agency, payout_id).status == "queued"
        assert look(agency, payout_id).outcome == "done"

    def test_holds_no_transaction_open(
        self,
        stripe: Stripe,
        agency: Staffed,
        payout_id: UUID,
        urls: dict[str, str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        stripe.fail("drop", "/v1/transfers", times=2, done=True)
        send(agency, payout_id)
        known, seen = gateway.current(), []

        class Watching:
            name = "stripe"

            def find(self, *asked: Any) -> Any:
                seen.append(open_transactions(urls["owner"]))
                return known.find(*asked)

        monkeypatch.setattr(gateway, "needed", Watching)
        assert look(agency, payout_id).outcome == "done"
        assert seen == [0]


def _nobody() -> Any:
    raise BillingNotConfigured


class TestSwitchedOff:
    def test_sends_nothing_more(
        self, stripe: Stripe, agency: Staffed, payout_id: UUID, switch: Switch
    ) -> None:
        """Neither what waits for its job, nor what the sweeper takes up."""
        stripe.fail("drop", "/v1/transfers", times=2)
        assert send(agency, payout_id).outcome == "unknown"
        owed(agency, gates=[], amount_minor=20_000)
        body = {"payee_id": str(agency.influencer_id), "currency": "EUR"}
        waiting = done(agency.owner.post("/v1/payouts", body), 201)
        with inside(agency) as session:
            jobs.enqueue(session, payout_sending.KIND, payout_id=waiting["id"])
        switch(False)

        with clock.at(clock.now() + timedelta(minutes=5)):
            tasks.sweep()
            settle()

        assert stripe.world.every("transfer") == []
        assert read(agency, payout_id).status == "queued"
        assert read(agency, UUID(waiting["id"])).status == "approved"
        done(agency.owner.post(f"/v1/payouts/{waiting['id']}/mark-paid", {"reference": "TRF"}))

    def test_leaves_what_was_done_to_be_found(
        self, stripe: Stripe, agency: Staffed, payout_id: UUID, switch: Switch
    ) -> None:
        stripe.fail("drop", "/v1/transfers", times=2, done=True)
        send(agency, payout_id)
        switch(False)

        with clock.at(clock.now() + timedelta(minutes=5)):
            tasks.sweep()
            settle()

        assert (read(agency, payout_id).status, moved(agency)) == ("paid", 50_000)
        assert len(stripe.world.every("transfer")) == 1


class TestNeverTwice:
    @pytest.mark.parametrize("seed", range(24))
    def test_whatever_is_done_in_whatever_order(
        self, seed: int, stripe: Stripe, agency: Staffed, payout_id: UUID, switch: Switch
    ) -> None:
        """Sent, looked up, switched, lost before and after, hours apart; then a day later."""
        chance, now = random.Random(seed), clock.now()
        for _ in range(10):
            step = chance.choice(["send", "send", "look", "lose", "lose done", "switch", "wait"])
            if step == "switch":
                switch(chance.random() < 0.5)
            elif step == "wait":
                now += timedelta(hours=chance.choice([1, 11, 23]))
                _forget_keys(stripe, agency, payout_id, now)
            elif step.startswith("lose"):
                stripe.fail("drop", "/v1/transfers", times=2, done=step == "lose done")
            else:
                with clock.at(now):
                    _try(send if step == "send" else look, agency, payout_id)
        stripe.world.control("mend")
        stripe.world.control("forget_keys")

        switch(True)
        with clock.at(now + timedelta(hours=25)):
            _try(send, agency, payout_id)
            _try(send, agency, payout_id)

        status, sent = read(agency, payout_id).status, stripe.world.every("transfer")
        assert (status, len(sent)) in {("paid", 1), ("failed", 0)}
        assert moved(agency) == 50_000 * len(sent)
        assert broken(agency) == {}

    def test_whoever_does_it_at_once(
        self, stripe: Stripe, agency: Staffed, payout_id: UUID
    ) -> None:
        claim(agency, payout_id)

        with ThreadPoolExecutor(8) as pool:
            doing = [pool.submit(_try, each, agency, payout_id) for each in (send, look) * 6]
            for each in doing:
                each.result()

        assert look(agency, payout_id).outcome == "done"
        status, sent = read(agency, payout_id).status, stripe.world.every("transfer")
        assert (status, len(sent)) in {("paid", 1), ("failed", 0)}
        assert broken(agency) == {}


def _forget_keys(stripe: Stripe, agency: Staffed, payout_id: UUID, now: datetime) -> None:
    """Stripe keeps a key for a day."""
    with inside(agency) as session:
        known = operations.last(session, "transfer", payout_id)
    if known and known.first_sent_at and now - known.first_sent_at > timedelta(hours=24):
        stripe.world.control("forget_keys")


def _try(what: Callable[[Staffed, UUID], Answer], agency: Staffed, payout_id: UUID) -> None:
    """As a job does: what is refused now is tried by the next."""
    with suppress(BillingNotConfigured, OperationChanged):
        what(agency, payout_id)
