"""What people do at Stripe, and what Stripe then does to us."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from sqlmodel import select
from starlette.testclient import TestClient

from billing.payable import payout_making
from billing.payable.transfers import Transfer
from billing.provider import accounts, operations
from billing.provider.stripe_models import ConnectAccount, Operation, StripeEvent, Subscription
from tenants import auth, database
from tests.billing.creators import inside, owed, said
from tests.factories import Staffed
from tests.stripe_double.running import Keyed
from tests.work import settle

PAGES = {"success_url": "https://app.example/paid", "cancel_url": "https://app.example/plans"}
BACK = {"return_url": "https://app.example/back", "refresh_url": "https://app.example/again"}


@dataclass
class Stripe:
    """The Stripe of one test, and the way its events take to us."""

    world: Keyed
    http: TestClient

    def send(self, delivery: dict[str, Any], **changes: Any) -> Any:
        sent = {**delivery, **changes}
        headers = {"Content-Type": "application/json"}
        if sent["signature"] is not None:
            headers["Stripe-Signature"] = sent["signature"]
        path = f"/webhooks/stripe/{sent['endpoint']}"
        return self.http.post(path, content=sent["body"], headers=headers)

    def deliver(self, **how: Any) -> int:
        """Let what waits come in, be answered at once, and be looked into."""
        sent = self.world.deliveries(**how)
        for each in sent:
            assert self.send(each).status_code == 200
        settle()
        return len(sent)

    def change(self, id: str, account: str = "", *, tell: bool = True, **values: Any) -> Any:
        return self.world.control("change", id=id, account=account, tell=tell, values=values)

    def fail(self, how: str, path: str, *, times: int = 9, done: bool = False) -> None:
        self.world.control("fail", how=how, path=path, times=times, done=done)


def checkout(agency: Staffed, plan: str = "studio", **values: Any) -> Any:
    body = {"plan": plan, "interval": "month", **PAGES, **values}
    return agency.owner.post("/v1/billing/checkout-sessions", body)


def subscribe(stripe: Stripe, agency: Staffed, plan: str = "studio", **values: Any) -> Any:
    """Buy a plan and pay; the subscription as Stripe has it."""
    made = checkout(agency, plan, **values)
    assert made.status_code == 201, made.text
    page = made.json()["url"].rpartition("/")[2]
    bought = stripe.world.control("complete", session=page)
    stripe.deliver()
    return bought


def onboard(stripe: Stripe, agency: Staffed) -> str:
    """Open the agency's account and answer all that Stripe asks; the account."""
    asked = {"country": "ES", **BACK}
    made = agency.owner.post("/v1/billing/connect-account", asked)
    assert made.status_code == 201, made.text
    account = str(stripe.world.every("account")[0]["id"])
    verify(stripe, account)
    return account


def verify(stripe: Stripe, account: str, **values: Any) -> None:
    found = stripe.world.every("account")
    needs = next(each for each in found if each["id"] == account)["requirements"]
    able = dict.fromkeys(("card_payments", "transfers"), "active")
    stripe.change(
        account,
        **{
            "charges_enabled": True,
            "payouts_enabled": True,
            "details_submitted": True,
            "capabilities": able,
            "requirements": {**needs, "currently_due": [], "disabled_reason": None},
            **values,
        },
    )
    stripe.deliver()


def payee(stripe: Stripe, agency: Staffed, payee_id: UUID) -> str:
    """A creator's account, ready to be paid."""
    actor = auth.system(agency.agency_id)
    with database.agency_session(actor) as session:
        planned = accounts.plan(session, "ES", payee_id).id
    account = str(operations.performed(actor, planned).stripe_id)
    verify(stripe, account)
    return account


def transfer(creator: UUID, payout: UUID, attempt: int = 1, **values: Any) -> Transfer:
    """What is to be moved, as a payout's attempt says it."""
    key = f"payout:{payout}:{attempt}"
    usual = {"account": None, "amount_minor": 5000, "currency": "EUR"}
    return Transfer(key=key, payout_id=payout, payee_id=creator, **{**usual, **values})


def transferable(stripe: Stripe, agency: Staffed) -> UUID:
    """A payout that is approved and may leave by Stripe; nobody has heard of it yet."""
    said(agency, method="stripe", iban=None)
    payee(stripe, agency, agency.influencer_id)
    payable = owed(agency, gates=[])
    with inside(agency) as session:
        return payout_making.create(session, agency.influencer_id, "EUR", [payable.id]).id


def shown(agency: Staffed) -> dict[str, Any]:
    found: dict[str, Any] = agency.owner.get("/v1/billing/subscription").json()
    return found


def mirrored(agency: Staffed) -> Subscription:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        return session.exec(select(Subscription)).one()


def account_of(agency: Staffed) -> ConnectAccount:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        return session.exec(select(ConnectAccount)).one()


def operation(agency: Staffed, kind: str) -> Operation:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        return session.exec(select(Operation).where(Operation.kind == kind)).one()


def events(event_id: str) -> list[StripeEvent]:
    with database.platform_session() as session:
        query = select(StripeEvent).where(StripeEvent.event_id == event_id)
        return list(session.exec(query))


def open_transactions(url: str) -> int:
    """How many transactions of the application wait for it to go on."""
    with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
        found = connection.execute(
            "select count(*) from pg_stat_activity where state like 'idle in transaction%'"
            " and usename in ('app_login', 'platform_login')"
        ).fetchone()
    return int(found[0]) if found else 0
