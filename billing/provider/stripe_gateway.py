"""
Stripe: the one file that speaks to it, through its own library, at the version that ships with it.

A call that changes something brings our key, which the library sends again with each of its own
retries. What comes back leaves as our own types (`stripe_reading`).
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import stripe
from stripe import StripeClient, WebhookSignature

from billing.provider import stripe_calls, stripe_reading
from billing.provider.gateway import (
    AccountSnapshot,
    Busy,
    Gone,
    InvoiceSnapshot,
    Made,
    Movement,
    NotASignal,
    Refused,
    Signal,
    SubscriptionState,
    Unknown,
)
from tenants import clock
from tenants.settings import Settings

TIMEOUT = (3, 10)  # seconds to connect, and for each answer
RETRIES = 1  # of the library's, while somebody waits; the worker has its own
PAGE = 100  # of a list: the most there may be
TOLERANCE = 300  # seconds between a signature and its arrival
SECRETS = {
    "account": "stripe_account_webhook_secrets",
    "connect": "stripe_connect_webhook_secrets",
}
# Which of a customer's subscriptions counts: the best, and of those the newest.
_RANK = {"incomplete": 1, "incomplete_expired": 0, "canceled": 0}

stripe.enable_telemetry = False


class StripeGateway:
    """The platform's account at Stripe, and those connected to it."""

    name = "stripe"

    def __init__(self, configured: Settings) -> None:
        assert configured.stripe_secret_key is not None
        self.livemode = configured.stripe_livemode
        self.secrets = {
            endpoint: configured.secrets_of(setting) for endpoint, setting in SECRETS.items()
        }
        url = configured.stripe_api_url
        self.transport: Any = stripe.RequestsClient(timeout=TIMEOUT)
        self.client = StripeClient(
            configured.stripe_secret_key.get_secret_value(),
            max_network_retries=RETRIES,
            http_client=self.transport,
            base_addresses={"api": url, "connect": url, "files": url} if url else {},
        )

    def close(self) -> None:
        """Let the connections go."""
        self.transport.close()

    def perform(self, kind: str, request: Mapping[str, Any], key: str) -> Made:
        with _told():
            return stripe_calls.CALLS[kind](self.client, request, key)

    def find(self, kind: str, request: Mapping[str, Any]) -> Made | None:
        look = stripe_calls.LOOKS.get(kind)
        with _told():
            return look(self.client, request) if look else None

    def subscription_of(self, customer_id: str) -> SubscriptionState | None:
        wanted: Any = {"customer": customer_id, "status": "all", "limit": PAGE}
        with _told():
            found = list(self.client.v1.subscriptions.list(wanted).data)
        counting = max(found, key=lambda s: (_RANK.get(s.status, 2), s.created), default=None)
        return stripe_reading.subscription(counting) if counting else None

    def account(self, account_id: str) -> AccountSnapshot:
        with _told():
            return stripe_reading.account(self.client.v1.accounts.retrieve(account_id))

    def invoice(self, account_id: str, invoice_id: str) -> InvoiceSnapshot:
        on: Any = {"stripe_account": account_id}
        with _told():
            invoice = self.client.v1.invoices.retrieve(invoice_id, options=on)
            wanted: Any = {"invoice": invoice_id, "status": "paid", "limit": PAGE}
            paid = list(self.client.v1.invoice_payments.list(wanted, on).auto_paging_iter())
            refunds: list[Any] = []
            disputes: list[Any] = []
            for by in filter(None, map(stripe_reading.paid_by, paid)):
                of: Any = {**by, "limit": PAGE}
                refunds += self.client.v1.refunds.list(of, on).auto_paging_iter()
                disputes += self.client.v1.disputes.list(of, on).auto_paging_iter()
        return stripe_reading.invoice(invoice, paid, refunds, disputes)

    def signals(
        self, account_id: str, since: datetime, until: datetime
    ) -> Iterator[list[tuple[Signal, bytes]]]:
        on: Any = {"stripe_account": account_id}
        with _told():
            for page in _pages(self.client.v1.events.list(_within(since, until), on)):
                told = [{**each.to_dict(for_json=True), "account": account_id} for each in page]
                yield [(stripe_reading.signal(each), json.dumps(each).encode()) for each in told]

    def movements(
        self, account_id: str, since: datetime, until: datetime
    ) -> Iterator[list[Movement]]:
        on: Any = {"stripe_account": account_id}
        wanted: Any = {**_within(since, until), "expand": ["data.source"]}
        with _told():
            for page in _pages(self.client.v1.balance_transactions.list(wanted, on)):
                yield [found for each in page if (found := stripe_reading.movement(each))]

    def invoice_of(self, account_id: str, payment: str) -> str | None:
        on: Any = {"stripe_account": account_id}
        by: Any = {"type": "payment_intent", "payment_intent": payment}
        with _told():
            found = self.client.v1.invoice_payments.list({"payment": by, "limit": 1}, on).data
        return str(found[0].invoice) if found else None

    def read_signal(self, endpoint: str, body: bytes, signature: str | None) -> Signal:
        if not any(_signed(body, signature, secret) for secret in self.secrets[endpoint]):
            raise NotASignal
        try:
            told = json.loads(body)
        except (ValueError, RecursionError):
            raise NotASignal from None
        if not isinstance(told, dict) or told.get("object") != "event":
            raise NotASignal
        if told.get("livemode") is not self.livemode:
            raise NotASignal
        if isinstance(told.get("account"), str) is not (endpoint == "connect"):
            raise NotASignal
        return stripe_reading.signal(told)


def _signed(body: bytes, signature: str | None, secret: str) -> bool:
    """Whether these very bytes were signed with the secret, lately; the library says nothing of a
    moment that is still to come."""
    try:
        WebhookSignature.verify_header(body, signature, secret, TOLERANCE)
        parts = [part.partition("=") for part in (signature or "").split(",")]
        signed_at = next(int(value) for name, _, value in parts if name == "t")
    except (stripe.SignatureVerificationError, ValueError, TypeError, StopIteration):
        return False
    return signed_at < clock.now().timestamp() + TOLERANCE


def _within(since: datetime, until: datetime) -> Any:
    created = {"gte": int(since.timestamp()), "lte": int(until.timestamp())}
    return {"created": created, "limit": PAGE}


def _pages(first: Any) -> Iterator[list[Any]]:
    page = first
    while True:
        yield list(page.data)
        if not page.has_more:
            return
        page = page.next_page()


@contextmanager
def _told() -> Iterator[None]:
    """
    Stripe's refusals in our words. What it answers before doing anything is a refusal; whatever
    may have come after that is unknown, and is asked again with the same key.
    """
    try:
        yield
    except stripe.RateLimitError:
        raise Busy from None
    except stripe.AuthenticationError:
        raise Busy from None  # our key is wrong: nothing was done, and the operator can mend it
    except stripe.InvalidRequestError as refusal:
        if refusal.http_status == 404:
            raise Gone from None
        raise Refused(refusal.code or "invalid_request") from None
    except (stripe.CardError, stripe.PermissionError) as refusal:
        raise Refused(refusal.code or type(refusal).__name__) from None
    except stripe.StripeError:  # or a key that was used already: what it was used for may be done
        raise Unknown from None
