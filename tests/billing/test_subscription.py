"""The agency's own subscription, from the checkout on: what Stripe says is what holds."""

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from billing import tasks
from billing.provider import gateway, reconcile, sync
from billing.subscription.access import Access
from tenants import auth, clock, database, jobs
from tests.billing.stripe_steps import (
    BACK,
    PAGES,
    Stripe,
    checkout,
    mirrored,
    shown,
    subscribe,
)
from tests.factories import Staffed, events_of
from tests.identity.steps import SignedUp, sign_up
from tests.work import settle


class TestSignUp:
    def test_begins_a_trial_where_plans_are_sold(self, stripe: Stripe) -> None:
        studio: SignedUp = sign_up(stripe.http)
        found = studio.owner.get("/v1/billing/subscription").json()
        assert (found["plan"], found["status"], found["access"]) == ("trial", "trialing", "full")
        assert found["access_until"] == found["trial_ends_at"] is not None


class TestCheckout:
    def test_grants_nothing_until_stripe_says_so(self, stripe: Stripe, agency: Staffed) -> None:
        made = checkout(agency, seats=12)
        page = made.json()["url"].rpartition("/")[2]
        assert shown(agency)["plan"] == "network"

        stripe.world.control("complete", session=page)
        assert shown(agency)["plan"] == "network"
        stripe.deliver()

        found = shown(agency)
        assert (found["plan"], found["interval"], found["seats"]) == ("studio", "month", 12)
        allowed = {each["quota"]: each["allowed"] for each in found["quotas"]}
        assert (allowed["seats"], allowed["clients"]) == (12, 25)
        assert "subscription.updated" in events_of(agency, mirrored(agency).id)

    def test_makes_one_customer_and_with_one_key_one_page(
        self, stripe: Stripe, agency: Staffed
    ) -> None:
        body = {"plan": "studio", "interval": "year", **PAGES}
        keyed = {"Idempotency-Key": "buy-once"}
        path = "/v1/billing/checkout-sessions"
        first = agency.owner.post(path, body, headers=keyed)
        again = agency.owner.post(path, body, headers=keyed)
        other = agency.owner.post(path, body)

        assert first.json() == again.json() != other.json()
        assert len(stripe.world.every("customer")) == 1
        assert len(stripe.world.every("checkout.session")) == 2

    def test_refuses_what_is_not_sold_or_is_outgrown(self, stripe: Stripe, agency: Staffed) -> None:
        refused = checkout(agency, "trial")
        assert (refused.status_code, refused.json()["code"]) == (422, "plan_not_sold")
        small = checkout(agency, "starter")
        assert (small.status_code, small.json()["code"]) == (409, "plan_too_small")
        assert small.json()["over"] == [{"quota": "seats", "allowed": 3, "used": 7}]
        assert checkout(agency, "starter", seats=7).status_code == 201
        endless = checkout(agency, "network", seats=7)
        assert (endless.status_code, endless.json()["code"]) == (422, "seats_not_sold")

    def test_is_for_who_has_none(self, stripe: Stripe, agency: Staffed) -> None:
        subscribe(stripe, agency)
        refused = checkout(agency)
        assert (refused.status_code, refused.json()["code"]) == (409, "already_subscribed")
        portal = agency.owner.post(
            "/v1/billing/portal-sessions", {"return_url": BACK["return_url"]}
        )
        assert portal.status_code == 201

    def test_of_a_declined_card_changes_nothing(self, stripe: Stripe, agency: Staffed) -> None:
        page = checkout(agency).json()["url"].rpartition("/")[2]
        stripe.world.control("decline")
        stripe.world.control("complete", session=page)
        stripe.deliver()
        assert shown(agency)["plan"] == "network"

    def test_says_when_stripe_does_not_answer(self, stripe: Stripe, agency: Staffed) -> None:
        stripe.fail("500", "/v1/customers", times=2)
        lost = checkout(agency)
        assert (lost.status_code, lost.json()["code"]) == (503, "payment_provider_unavailable")
        assert checkout(agency).status_code == 201
        assert len(stripe.world.every("customer")) == 1

    def test_says_what_stripe_refused(self, stripe: Stripe, agency: Staffed) -> None:
        assert checkout(agency).status_code == 201
        for price in stripe.world.every("price"):
            stripe.change(price["id"], tell=False, lookup_key=None)
        refused = checkout(agency)
        assert (refused.status_code, refused.json()["code"]) == (502, "payment_provider_refused")
        assert refused.json()["provider_code"] == "price_missing"


class TestUpdate:
    def test_asks_stripe_and_takes_over_what_it_says(self, stripe: Stripe, agency: Staffed) -> None:
        bought = subscribe(stripe, agency)

        asked = agency.owner.patch("/v1/billing/subscription", {"seats": 15, "interval": "year"})
        assert asked.status_code == 202, asked.text
        assert asked.headers["location"].startswith("/v1/jobs/")
        assert asked.json()["seats"] == 10
        settle()

        found = shown(agency)
        assert (found["seats"], found["interval"]) == (15, "year")
        [sub] = stripe.world.every("subscription")
        kept = {each["price"]["lookup_key"]: each["quantity"] for each in sub["items"]["data"]}
        assert (sub["id"], kept) == (bought["id"], {"studio_base_year": 1, "studio_seat_year": 5})

    def test_refuses_a_downgrade_below_what_is_used(self, stripe: Stripe, agency: Staffed) -> None:
        subscribe(stripe, agency)
        refused = agency.owner.patch("/v1/billing/subscription", {"plan": "starter"})
        assert (refused.status_code, refused.json()["code"]) == (409, "plan_too_small")
        settle()
        assert shown(agency)["plan"] == "studio"

    def test_needs_a_subscription(self, stripe: Stripe, agency: Staffed) -> None:
        refused = agency.owner.patch("/v1/billing/subscription", {"seats": 9})
        assert (refused.status_code, refused.json()["code"]) == (409, "not_subscribed")


class TestMirror:
    def test_follows_a_payment_that_fails_and_comes(self, stripe: Stripe, agency: Staffed) -> None:
        bought = subscribe(stripe, agency)
        stripe.change(bought["id"], status="past_due")
        stripe.deliver()
        assert agency.owner.get("/v1/agency").json()["status"] == "past_due"

        stripe.change(bought["id"], status="unpaid")
        stripe.deliver()
        assert agency.owner.get("/v1/agency").json()["status"] == "read_only"

        stripe.change(bought["id"], status="active")
        stripe.deliver()
        assert shown(agency)["access"] == "full"

    def test_of_a_new_status_leaves_all_as_it_is(self, stripe: Stripe, agency: Staffed) -> None:
        bought = subscribe(stripe, agency)
        stripe.change(bought["id"], status="pondering")
        stripe.deliver()
        assert (shown(agency)["status"], shown(agency)["access"]) == ("pondering", "full")

    def test_is_never_written_over_by_what_was_asked_for_before(
        self, stripe: Stripe, agency: Staffed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The answer of a slow worker is overtaken: it asks again, and takes over what is now."""
        bought = subscribe(stripe, agency)
        actor, ask = auth.system(agency.agency_id), gateway.needed
        slow = ask()
        answers: list[Any] = []

        class Slow:
            def subscription_of(self, customer: str) -> Any:
                found = slow.subscription_of(customer)
                if not answers:  # it waits, while another worker takes over a later answer
                    answers.append(found)
                    stripe.change(bought["id"], tell=False, status="unpaid")
                    with monkeypatch.context() as other:
                        other.setattr(gateway, "needed", ask)
                        sync.subscription(actor)
                return found

        monkeypatch.setattr(gateway, "needed", Slow)
        sync.subscription(actor)

        assert answers[0].status == "active"
        assert mirrored(agency).status == "unpaid"

    def test_tells_of_nothing_that_did_not_change(self, stripe: Stripe, agency: Staffed) -> None:
        subscribe(stripe, agency)
        before = events_of(agency, mirrored(agency).id), mirrored(agency).version
        for _ in range(3):
            sync.subscription(auth.system(agency.agency_id))
        assert (events_of(agency, mirrored(agency).id), mirrored(agency).version) == before


LIFE = ("past_due", "unpaid", "active", "paused", "trialing", "canceled")


def live(stripe: Stripe, agency: Staffed, *, turns: int, seed: int) -> None:
    """Turns of a life whose events are shuffled, doubled and lost; each ends as Stripe has it."""
    bought = subscribe(stripe, agency)
    actor, chance = auth.system(agency.agency_id), random.Random(seed)
    for turn in range(turns):
        for status in chance.sample(LIFE, 3):
            stripe.change(bought["id"], status=status)
        last = stripe.change(bought["id"], status=chance.choice(LIFE))
        stripe.deliver(shuffle=True, duplicate=0.4, lose=0.3, seed=seed * 100 + turn)
        if mirrored(agency).status != last["status"]:  # all that told of it were lost
            assert reconcile.agency(actor)["different"] == 1
        assert mirrored(agency).status == last["status"], turn
    assert reconcile.agency(actor)["different"] == 0


class TestOrder:
    def test_of_events_does_not_matter(self, stripe: Stripe, agency: Staffed) -> None:
        """Shuffled, a third lost, some twice: the end is Stripe's."""
        live(stripe, agency, turns=8, seed=1)

    @pytest.mark.deep
    @pytest.mark.parametrize("seed", range(25))
    def test_of_events_never_matters(self, stripe: Stripe, agency: Staffed, seed: int) -> None:
        """500 shuffles."""
        live(stripe, agency, turns=20, seed=seed + 2)

    def test_brings_back_who_was_gone(self, stripe: Stripe, agency: Staffed) -> None:
        bought = subscribe(stripe, agency)
        stripe.change(bought["id"], status="canceled", ended_at=int(clock.now().timestamp()))
        stripe.deliver()
        assert shown(agency)["access"] == "read_only"

        again = subscribe(stripe, agency)

        assert mirrored(agency).stripe_id == again["id"] != bought["id"]
        assert shown(agency)["access"] == "full"


class TestReconcile:
    def test_finds_and_repairs_what_no_event_told(self, stripe: Stripe, agency: Staffed) -> None:
        bought = subscribe(stripe, agency)
        stripe.change(bought["id"], tell=False, status="unpaid")

        actor = auth.system(agency.agency_id)
        assert reconcile.agency(actor)["different"] == 1

        assert mirrored(agency).access is Access.read_only
        assert reconcile.agency(actor, whole=True)["different"] == 0

    def test_is_asked_for_each_hour(self, stripe: Stripe, agency: Staffed) -> None:
        bought = subscribe(stripe, agency)
        stripe.change(bought["id"], tell=False, status="unpaid")
        with clock.at(clock.now() + timedelta(hours=1)):
            tasks.reconcile_hourly()
            tasks.reconcile_hourly()
            settle()
        assert mirrored(agency).access is Access.read_only
        with database.agency_session(auth.system(agency.agency_id)) as session:
            query = select(jobs.Job).where(jobs.Job.kind == "billing.reconcile")
            assert len(session.exec(query).all()) == 1
