"""What Stripe tells us, signed as Stripe signs it, while no worker looks into anything."""

import json
from typing import Any
from uuid import uuid4

import psycopg
from stripe import WebhookSignature

from tests.bench.load import Call
from tests.bench.operations import Operation

SECRET, CUSTOMER = "whsec_bench", "cus_bench"
SETTINGS = {
    "AGENCY_BILLING_PROVIDER": "stripe",
    "AGENCY_STRIPE_SECRET_KEY": "sk_test_bench",
    "AGENCY_STRIPE_ACCOUNT_WEBHOOK_SECRETS": SECRET,
}
_ITEM = {
    "id": "si_bench",
    "object": "subscription_item",
    "current_period_end": 1798761600,
    "current_period_start": 1796083200,
    "metadata": {},
    "price": {
        "id": "price_bench",
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "currency": "eur",
        "lookup_key": "studio_month",
        "product": "prod_bench",
        "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"},
        "type": "recurring",
        "unit_amount": 14900,
    },
    "quantity": 1,
    "subscription": "sub_bench",
}
_SUBSCRIPTION = {
    "id": "sub_bench",
    "object": "subscription",
    "billing_cycle_anchor": 1796083200,
    "collection_method": "charge_automatically",
    "created": 1796083200,
    "currency": "eur",
    "customer": CUSTOMER,
    "items": {"object": "list", "data": [_ITEM, _ITEM], "has_more": False, "total_count": 2},
    "latest_invoice": "in_bench",
    "livemode": False,
    "metadata": {},
    "status": "active",
}


def all_of(agency: str, connection: psycopg.Connection[Any]) -> list[Operation]:
    """Events of a customer who is the agency's. `connection` owns the tables."""
    connection.execute(
        "insert into stripe_references (id, created_at, stripe_id, agency_id)"
        " values (gen_random_uuid(), now(), %s, %s) on conflict do nothing",
        (CUSTOMER, agency),
    )
    typed = {"Content-Type": "application/json"}
    return [
        Operation(
            "take in an event of Stripe's",
            Call("POST", "/webhooks/stripe/account", typed, _event, sign=_signed),
            Call("POST", "/event", typed, _event, sign=_signed),
            reach=2.5,
            settings=SETTINGS,
        )
    ]


def _event(_: int) -> bytes:
    said = {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "type": "customer.subscription.updated",
        "api_version": "2026-10-28.endive",
        "created": 1796083200,
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "data": {"object": _SUBSCRIPTION, "previous_attributes": {"status": "past_due"}},
    }
    return json.dumps(said, indent=2).encode()  # as Stripe writes them


def _signed(body: bytes) -> dict[str, str]:
    made = WebhookSignature.generate_signature_header(body.decode(), SECRET)
    return {"Stripe-Signature": made}
