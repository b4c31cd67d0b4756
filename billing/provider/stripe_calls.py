"""
What is sent to Stripe for each kind of operation, and how what it made is found again.

The client comes from `stripe_gateway`. An operation of several calls gives each a key made of its
own, so that all of it can be done again; each thing made carries our operation's id, so that it can
be found when the keys are forgotten.
"""

from collections.abc import Callable, Mapping
from typing import Any

from billing.provider.gateway import Made, Refused

Request = Mapping[str, Any]
OURS = "operation"  # member of Stripe's metadata


def _ours(request: Request) -> dict[str, str]:
    return {OURS: str(request["reference"])}


def _on(key: str, account: str | None = None) -> dict[str, str]:
    options = {"idempotency_key": key}
    return {**options, "stripe_account": account} if account else options


def _customer(client: Any, request: Request, key: str) -> Made:
    params = {"name": request["name"], "metadata": _ours(request)}
    if request.get("email"):
        params["email"] = request["email"]
    made = client.v1.customers.create(params, _on(key, request.get("account")))
    return Made(made.id)


def _prices(client: Any, keys: list[str]) -> dict[str, str]:
    """The price that each lookup key names now."""
    found = client.v1.prices.list({"lookup_keys": keys, "active": True, "limit": 100})
    known = {price.lookup_key: price.id for price in found.data}
    if set(keys) - known.keys():
        raise Refused("price_missing")
    return known


def _checkout(client: Any, request: Request, key: str) -> Made:
    prices = _prices(client, sorted(request["quantities"]))
    params = {
        "mode": "subscription",
        "customer": request["customer"],
        "client_reference_id": str(request["reference"]),
        "line_items": [
            {"price": prices[name], "quantity": count}
            for name, count in sorted(request["quantities"].items())
        ],
        "success_url": request["success_url"],
        "cancel_url": request["cancel_url"],
        "metadata": _ours(request),
    }
    made = client.v1.checkout.sessions.create(params, _on(key))
    return Made(made.id, {"url": made.url})


def _portal(client: Any, request: Request, key: str) -> Made:
    params = {"customer": request["customer"], "return_url": request["return_url"]}
    made = client.v1.billing_portal.sessions.create(params, _on(key))
    return Made(made.id, {"url": made.url})


def _subscription(client: Any, request: Request, key: str) -> Made:
    """Bring the items to the quantities that are wanted, and leave no other."""
    wanted, known = request["quantities"], request["items"]
    prices = _prices(client, sorted(set(wanted) - known.keys()))
    items: list[dict[str, Any]] = []
    for name, count in sorted(wanted.items()):
        named = {"id": known[name]} if name in known else {"price": prices[name]}
        items.append({**named, "quantity": count})
    gone = sorted(known.keys() - wanted.keys())
    items += [{"id": known[name], "deleted": True} for name in gone]
    params = {
        "items": items,
        "proration_behavior": "create_prorations",
        "metadata": _ours(request),
    }
    made = client.v1.subscriptions.update(request["subscription"], params, _on(key))
    return Made(made.id)


def _account(client: Any, request: Request, key: str) -> Made:
    """The account bears its own fees and losses, and Stripe asks it for what the law wants."""
    payee = request["role"] == "payee"
    able = {"transfers": {"requested": True}}
    if not payee:
        able["card_payments"] = {"requested": True}
    params = {
        "controller": {
            "fees": {"payer": "application" if payee else "account"},
            "losses": {"payments": "application" if payee else "stripe"},
            "requirement_collection": "stripe",
            "stripe_dashboard": {"type": "express" if payee else "full"},
        },
        "capabilities": able,
        "country": request["country"],
        "metadata": _ours(request),
    }
    made = client.v1.accounts.create(params, _on(key))
    return Made(made.id)


def _account_link(client: Any, request: Request, key: str) -> Made:
    params = {
        "account": request["account"],
        "type": "account_onboarding",
        "refresh_url": request["refresh_url"],
        "return_url": request["return_url"],
    }
    made = client.v1.account_links.create(params, _on(key))
    return Made(request["account"], {"url": made.url, "expires_at": made.expires_at})


def _invoice(client: Any, request: Request, key: str) -> Made:
    """
    A client's invoice on the agency's own account: what floats there stays out of it, and Stripe
    moves it no further by itself.
    """
    account, customer = request["account"], request["customer"]
    if customer is None:
        customer = _customer(client, request, f"{key}:customer").id
    params = {
        "customer": customer,
        "currency": request["currency"].lower(),
        "auto_advance": False,
        "collection_method": "send_invoice",
        "days_until_due": request["days_until_due"],
        "pending_invoice_items_behavior": "exclude",
        "metadata": _ours(request),
    }
    made = client.v1.invoices.create(params, _on(f"{key}:create", account))
    for place, line in enumerate(request["lines"]):
        item = {
            "customer": customer,
            "invoice": made.id,
            "amount": line["amount_minor"],
            "currency": request["currency"].lower(),
            "description": line["label"],
        }
        client.v1.invoice_items.create(item, _on(f"{key}:line:{place}", account))
    final = client.v1.invoices.finalize_invoice(
        made.id, {"auto_advance": False}, _on(f"{key}:finalize", account)
    )
    return _made(final)


def _void_invoice(client: Any, request: Request, key: str) -> Made:
    account, id = request["account"], request["invoice"]
    return Made(client.v1.invoices.void_invoice(id, {}, _on(key, account)).id)


def _transfer(client: Any, request: Request, key: str) -> Made:
    params = {
        "amount": request["amount_minor"],
        "currency": request["currency"].lower(),
        "destination": request["destination"],
        "transfer_group": str(request["reference"]),
        "metadata": _ours(request),
    }
    return Made(client.v1.transfers.create(params, _on(key)).id)


def _find_transfer(client: Any, request: Request) -> Made | None:
    wanted = {"transfer_group": str(request["reference"]), "limit": 10}
    found = client.v1.transfers.list(wanted).data
    return Made(found[0].id) if found else None


def _find_invoice(client: Any, request: Request) -> Made | None:
    """Only a finalised one counts: what was left unfinished asks nobody for money."""
    whose = {"customer": request["customer"]} if request["customer"] else {}
    wanted = {**whose, "limit": 100}
    found = client.v1.invoices.list(wanted, {"stripe_account": request["account"]})
    for each in found.auto_paging_iter():
        ours = each.metadata.to_dict().get(OURS) if each.metadata else None
        if ours == str(request["reference"]) and each.status != "draft":
            return _made(each)
    return None


def _made(invoice: Any) -> Made:
    told = {"url": invoice.hosted_invoice_url, "number": invoice.number}
    return Made(invoice.id, {**told, "customer": invoice.customer})


CALLS: dict[str, Callable[[Any, Request, str], Made]] = {
    "account_link": _account_link,
    "checkout_session": _checkout,
    "connect_account": _account,
    "customer": _customer,
    "invoice": _invoice,
    "portal_session": _portal,
    "subscription_update": _subscription,
    "transfer": _transfer,
    "void_invoice": _void_invoice,
}
# What moves money, and so must be found when its key is forgotten.
LOOKS: dict[str, Callable[[Any, Request], Made | None]] = {
    "invoice": _find_invoice,
    "transfer": _find_transfer,
}
