"""What Stripe tells us: kept once and answered at once; what is not from Stripe changes nothing."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import func
from sqlmodel import select
from stripe import WebhookSignature

from billing.provider import gateway, inbox
from billing.provider.stripe_models import EventState, StripeEvent
from tenants import clock, database, pools, settings
from tests.billing.stripe_steps import Stripe, events, mirrored, shown, subscribe
from tests.factories import Staffed
from tests.stripe_double.running import SECRETS
from tests.work import settle


def event(**values: Any) -> dict[str, Any]:
    return {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "type": "customer.subscription.updated",
        "api_version": "2026-10-28.endive",
        "created": 1,
        "livemode": False,
        "data": {"object": {"id": "sub_1", "object": "subscription", "customer": "cus_unknown"}},
        **values,
    }


def delivery(said: Any, secret: str = SECRETS["account"], at: int | None = None) -> dict[str, Any]:
    body = said if isinstance(said, str) else json.dumps(said)
    signature = WebhookSignature.generate_signature_header(body, secret, at)
    return {"endpoint": "account", "body": body, "signature": signature}


def count() -> int:
    with database.platform_session() as session:
        return session.exec(select(func.count()).select_from(StripeEvent)).one()


class TestIntake:
    def test_keeps_an_event_once(self, stripe: Stripe) -> None:
        said = event()
        assert [stripe.send(delivery(said)).status_code for _ in range(3)] == [200] * 3
        [kept] = events(said["id"])
        assert (kept.state, kept.type) == (EventState.received, said["type"])
        assert kept.raw == json.dumps(said).encode()

    def test_takes_any_of_several_secrets(
        self, stripe: Stripe, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rolled = SecretStr(f"whsec_new, {SECRETS['account']}")
        monkeypatch.setattr(settings.get(), "stripe_account_webhook_secrets", rolled)
        gateway.current.cache_clear()
        assert stripe.send(delivery(event(), "whsec_new")).status_code == 200
        assert stripe.send(delivery(event())).status_code == 200

    def test_keeps_what_it_does_not_look_into(self, stripe: Stripe) -> None:
        said = event(type="product.created")
        assert stripe.send(delivery(said)).status_code == 200
        assert events(said["id"])[0].state is EventState.ignored

    @pytest.mark.parametrize(
        "said",
        [
            [],
            [event()],
            {"a": 1},
            "{",
            "null",
            '"evt_1"',
            "NaN",
            "[" * 100_000,
            event(id=7),
            event(id=""),
            event(id="x" * 300),
            event(id="evt_\u00e9"),
            event(type=None),
            event(livemode=True),
            event(livemode="false"),
            event(object="v2.core.event"),
            event(account="acct_1"),
        ],
        ids=map(str, range(16)),
    )
    def test_refuses_what_is_signed_and_no_event_of_ours(self, stripe: Stripe, said: Any) -> None:
        before = count()
        refused = stripe.send(delivery(said))
        assert (refused.status_code, refused.json()["code"]) == (400, "not_from_stripe")
        assert count() == before

    def test_refuses_what_is_not_signed_so(self, stripe: Stripe) -> None:
        good = delivery(event())
        now = int(clock.now().timestamp())
        forged = [
            {**good, "signature": None},
            {**good, "signature": ""},
            {**good, "signature": "t=1"},
            {**good, "signature": "t=x,v1=y"},
            {**good, "signature": good["signature"].replace("v1=", "v0=")},
            {**good, "body": good["body"].replace("sub_1", "sub_2")},
            {**good, "body": b"\xff\xfe"},
            {**good, "endpoint": "connect"},
            delivery(event(), "whsec_other"),
            delivery(event(), SECRETS["connect"]),
            delivery(event(), at=now - 301),
            delivery(event(), at=now + 3600),
        ]
        before = count()
        answers = [stripe.send(each) for each in forged]
        assert [each.json()["code"] for each in answers] == ["not_from_stripe"] * len(forged)
        assert count() == before

    def test_refuses_two_mebibytes_unread(self, stripe: Stripe) -> None:
        said = event(padding="x" * (2 << 20))
        refused = stripe.send(delivery(said))
        assert (refused.status_code, refused.json()["code"]) == (413, "too_large")

    def test_is_not_there_without_a_secret(
        self, stripe: Stripe, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(settings.get(), "stripe_connect_webhook_secrets", None)
        gateway.current.cache_clear()
        said = event(account="acct_1")
        sent = {**delivery(said, SECRETS["connect"]), "endpoint": "connect"}
        assert stripe.send(sent).status_code == 404
        assert stripe.send(delivery(event())).status_code == 200

    def test_asks_stripe_to_come_again_while_the_database_is_down(
        self, stripe: Stripe, engines: pools.Pools
    ) -> None:
        lost = "postgresql://nobody@127.0.0.1:1/nothing"
        down = pools.Pools(lost, lost, pool=1, pooler="session")
        said = event()
        pools.connect(down)
        try:
            refused = stripe.send(delivery(said))
        finally:
            pools.connect(engines)
            down.dispose()
        assert (refused.status_code, refused.json()["code"]) == (503, "database_unavailable")
        assert stripe.send(delivery(said)).status_code == 200


class TestWithoutStripe:
    def test_is_not_there(self, http: Any) -> None:
        assert http.post("/webhooks/stripe/account", content=b"{}").status_code == 404


class TestSweep:
    def test_takes_up_what_was_lost_on_its_way(self, stripe: Stripe, agency: Staffed) -> None:
        bought = subscribe(stripe, agency)
        stripe.change(bought["id"], status="unpaid")
        [told] = stripe.world.deliveries()
        assert stripe.send(told).status_code == 200
        id = json.loads(told["body"])["id"]
        lose_jobs(agency)
        settle()
        assert (events(id)[0].state, mirrored(agency).status) == (EventState.processing, "active")

        with clock.at(clock.now() + timedelta(minutes=16)):
            inbox.sweep()
            settle()

        assert (events(id)[0].state, mirrored(agency).status) == (EventState.done, "unpaid")

    def test_waits_for_an_owner_and_then_lets_go(self, stripe: Stripe) -> None:
        said = event()
        stripe.send(delivery(said))
        inbox.sweep()
        assert events(said["id"])[0].state is EventState.received
        with clock.at(clock.now() + timedelta(minutes=11)):
            inbox.sweep()
        assert events(said["id"])[0].state is EventState.ignored

    def test_gives_up_at_last_and_can_be_told_to_try_again(
        self, stripe: Stripe, agency: Staffed
    ) -> None:
        bought = subscribe(stripe, agency)
        stripe.change(bought["id"], status="unpaid")
        [told] = stripe.world.deliveries()
        id = json.loads(told["body"])["id"]
        stripe.fail("500", "/v1/subscriptions", times=1000)
        stripe.send(told)
        lose_jobs(agency)
        for minutes in range(20, 20 * (inbox.ATTEMPTS + 1), 20):
            with clock.at(clock.now() + timedelta(minutes=minutes)):
                inbox.sweep()
                lose_jobs(agency)
        assert events(id)[0].state is EventState.dead

        stripe.world.control("mend")
        assert inbox.replay(id)
        inbox.sweep()
        settle()
        assert (events(id)[0].state, shown(agency)["status"]) == (EventState.done, "unpaid")

    def test_lets_go_of_what_events_said(self, stripe: Stripe) -> None:
        said = event()
        stripe.send(delivery(said))
        inbox.forget()
        assert events(said["id"])[0].raw is not None
        inbox.forget(timedelta(seconds=-5))
        assert events(said["id"])[0].raw is None


def lose_jobs(agency: Staffed) -> None:
    """Let the agency's work be lost with whoever was at it."""
    with database.platform_session() as session:
        connection = session.connection()
        connection.exec_driver_sql(
            "update jobs set state = 'cancelled' where state in ('queued', 'running')"
            " and agency_id = %(agency)s",
            {"agency": agency.agency_id},
        )
