"""The things at Stripe that are modelled, as the library's classes declare them."""

from typing import Any

API_VERSION = "2026-10-28.endive"


def customer(id: str, now: int, given: dict[str, Any]) -> dict[str, Any]:
    # https://docs.stripe.com/api/customers/object
    return {
        "id": id,
        "object": "customer",
        "created": now,
        "livemode": False,
        "name": given.get("name"),
        "email": given.get("email"),
        "metadata": given.get("metadata", {}),
        "default_source": None,
        "description": None,
        "shipping": None,
    }


def price(id: str, now: int, key: str) -> dict[str, Any]:
    # https://docs.stripe.com/api/prices/object
    return {
        "id": id,
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": now,
        "currency": "eur",
        "livemode": False,
        "lookup_key": key,
        "metadata": {},
        "nickname": None,
        "product": f"prod_{key}",
        "recurring": {
            "interval": key.rpartition("_")[2],
            "interval_count": 1,
            "meter": None,
            "usage_type": "licensed",
        },
        "tax_behavior": "exclusive",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring",
        "unit_amount": 1000,
        "unit_amount_decimal": "1000",
    }


def item(id: str, now: int, price: dict[str, Any], quantity: int, sub: str) -> dict[str, Any]:
    return {
        "id": id,
        "object": "subscription_item",
        "created": now,
        "current_period_start": now,
        "current_period_end": now + 30 * 86400,
        "discounts": [],
        "metadata": {},
        "price": price,
        "quantity": quantity,
        "subscription": sub,
        "billing_thresholds": None,
        "tax_rates": [],
    }


def subscription(id: str, now: int, customer: str) -> dict[str, Any]:
    # https://docs.stripe.com/api/subscriptions/object: the period is the items' since basil
    return {
        "id": id,
        "object": "subscription",
        "created": now,
        "livemode": False,
        "customer": customer,
        "status": "active",
        "items": {"object": "list", "data": [], "has_more": False, "url": "/v1/subscription_items"},
        "currency": "eur",
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "collection_method": "charge_automatically",
        "ended_at": None,
        "trial_end": None,
        "trial_start": None,
        "start_date": now,
        "metadata": {},
        "latest_invoice": None,
    }


def session(id: str, now: int, given: dict[str, Any]) -> dict[str, Any]:
    # https://docs.stripe.com/api/checkout/sessions/object
    return {
        "id": id,
        "object": "checkout.session",
        "created": now,
        "livemode": False,
        "client_reference_id": given.get("client_reference_id"),
        "customer": given.get("customer"),
        "metadata": given.get("metadata", {}),
        "mode": given["mode"],
        "payment_status": "unpaid",
        "status": "open",
        "subscription": None,
        "success_url": given.get("success_url"),
        "cancel_url": given.get("cancel_url"),
        "url": f"https://checkout.stripe.test/{id}",
    }


def account(id: str, now: int, given: dict[str, Any]) -> dict[str, Any]:
    # https://docs.stripe.com/api/accounts/object
    return {
        "id": id,
        "object": "account",
        "created": now,
        "country": given.get("country"),
        "default_currency": "eur",
        "charges_enabled": False,
        "payouts_enabled": False,
        "details_submitted": False,
        "capabilities": dict.fromkeys(given.get("capabilities", {}), "inactive"),
        "controller": {"type": "application", "is_controller": True},
        "metadata": given.get("metadata", {}),
        "requirements": {
            "alternatives": [],
            "current_deadline": None,
            "currently_due": ["external_account"],
            "disabled_reason": "requirements.past_due",
            "errors": [],
            "eventually_due": [],
            "past_due": [],
            "pending_verification": [],
        },
        "email": None,
        "type": "none",
    }


def invoice(id: str, now: int, given: dict[str, Any]) -> dict[str, Any]:
    # https://docs.stripe.com/api/invoices/object
    return {
        "id": id,
        "object": "invoice",
        "created": now,
        "livemode": False,
        "customer": given["customer"],
        "currency": given.get("currency", "eur"),
        "status": "draft",
        "number": None,
        "total": 0,
        "subtotal": 0,
        "amount_due": 0,
        "amount_paid": 0,
        "amount_remaining": 0,
        "auto_advance": given.get("auto_advance") == "true",
        "collection_method": given.get("collection_method", "charge_automatically"),
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "metadata": given.get("metadata", {}),
    }


def invoice_item(id: str, now: int, given: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": id,
        "object": "invoiceitem",
        "date": now,
        "livemode": False,
        "customer": given.get("customer"),
        "invoice": given.get("invoice"),
        "amount": int(given["amount"]),
        "currency": given["currency"],
        "description": given.get("description"),
        "discountable": True,
        "metadata": {},
        "period": {"start": now, "end": now},
        "proration": False,
        "quantity": 1,
    }


def invoice_payment(id: str, now: int, invoice: dict[str, Any], amount: int) -> dict[str, Any]:
    # https://docs.stripe.com/api/invoice-payment/object
    return {
        "id": id,
        "object": "invoice_payment",
        "created": now,
        "livemode": False,
        "invoice": invoice["id"],
        "amount_paid": amount,
        "amount_requested": amount,
        "currency": invoice["currency"],
        "is_default": True,
        "payment": {"type": "payment_intent", "payment_intent": f"pi_{id}", "charge": None},
        "status": "paid",
        "status_transitions": {"paid_at": now, "canceled_at": None},
    }


def refund(id: str, now: int, intent: str, amount: int, currency: str) -> dict[str, Any]:
    # https://docs.stripe.com/api/refunds/object
    return {
        "id": id,
        "object": "refund",
        "created": now,
        "amount": amount,
        "currency": currency,
        "payment_intent": intent,
        "charge": None,
        "status": "succeeded",
        "metadata": {},
    }


def failed(refund: dict[str, Any]) -> dict[str, Any]:
    """What a refund's coming back says of it: https://docs.stripe.com/refunds#failed-refunds"""
    return {**refund, "status": "failed", "failure_reason": "lost_or_stolen_card"}


def charge(id: str, now: int, paid: dict[str, Any], customer: str) -> dict[str, Any]:
    # https://docs.stripe.com/api/charges/object
    return {
        "id": id,
        "object": "charge",
        "created": now,
        "livemode": False,
        "amount": paid["amount_paid"],
        "currency": paid["currency"],
        "customer": customer,
        "payment_intent": paid["payment"]["payment_intent"],
        "paid": True,
        "status": "succeeded",
        "metadata": {},
    }


def dispute(id: str, now: int, intent: str, amount: int, currency: str) -> dict[str, Any]:
    # https://docs.stripe.com/api/disputes/object
    return {
        "id": id,
        "object": "dispute",
        "created": now,
        "livemode": False,
        "amount": amount,
        "charge": f"ch_{intent}",
        "currency": currency,
        "payment_intent": intent,
        "reason": "fraudulent",
        "status": "needs_response",
        "metadata": {},
    }


def balance_transaction(
    id: str, now: int, type: str, amount: int, source: dict[str, Any]
) -> dict[str, Any]:
    # https://docs.stripe.com/api/balance_transactions/object, with its source expanded
    return {
        "id": id,
        "object": "balance_transaction",
        "created": now,
        "amount": amount,
        "available_on": now,
        "currency": source["currency"],
        "description": None,
        "exchange_rate": None,
        "fee": 0,
        "fee_details": [],
        "net": amount,
        "source": source,
        "status": "available",
        "type": type,
    }


def transfer(id: str, now: int, given: dict[str, Any]) -> dict[str, Any]:
    # https://docs.stripe.com/api/transfers/object
    return {
        "id": id,
        "object": "transfer",
        "created": now,
        "livemode": False,
        "amount": int(given["amount"]),
        "amount_reversed": 0,
        "currency": given["currency"],
        "destination": given["destination"],
        "metadata": given.get("metadata", {}),
        "reversed": False,
        "transfer_group": given.get("transfer_group"),
    }
