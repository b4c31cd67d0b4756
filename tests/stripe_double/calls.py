"""What can be asked of the double: each call of Stripe's that is modelled, and no other."""

from collections.abc import Callable
from typing import Any

from tests.stripe_double import things
from tests.stripe_double.state import StripeRefused, Thing, World, invalid

Given = dict[str, Any]
Call = Callable[..., Thing]
CALLS: dict[tuple[str, str], Call] = {}


def models(verb: str, path: str) -> Callable[[Call], Call]:
    def register(call: Call) -> Call:
        CALLS[verb, path] = call
        return call

    return register


def listed(found: list[Thing], path: str, given: Given) -> Thing:
    """A page, from after `starting_after` on (https://docs.stripe.com/api/pagination)."""
    ids = [each["id"] for each in found]
    after = given.get("starting_after")
    start = ids.index(after) + 1 if after in ids else 0
    limit = int(given.get("limit", 10))
    page = found[start : start + limit]
    more = start + limit < len(found)
    return {"object": "list", "url": path, "has_more": more, "data": page}


@models("post", "/v1/customers")
def create_customer(world: World, account: str, given: Given) -> Thing:
    made = world.keep(account, things.customer(world.id("cus"), world.now(), given))
    world.tell(account, "customer.created", made)
    return made


@models("get", "/v1/customers/{customer}")
def get_customer(world: World, account: str, given: Given, id: str) -> Thing:
    return world.get(account, id, "customer")


@models("get", "/v1/prices")
def list_prices(world: World, account: str, given: Given) -> Thing:
    keys = given.get("lookup_keys")
    found = world.all(account, "price", lambda p: keys is None or p["lookup_key"] in keys)
    return listed(found, "/v1/prices", given)


@models("post", "/v1/checkout/sessions")
def create_session(world: World, account: str, given: Given) -> Thing:
    world.get(account, given["customer"], "customer")
    for line in given["line_items"]:
        world.get(account, line["price"], "price")
    made = things.session(world.id("cs_test"), world.now(), given)
    world.keep(account, made)
    world.keep(account, {"id": f"lines:{made['id']}", "object": "_lines", "of": given})
    return made


@models("post", "/v1/billing_portal/sessions")
def create_portal(world: World, account: str, given: Given) -> Thing:
    world.get(account, given["customer"], "customer")
    id = world.id("bps")
    return {
        "id": id,
        "object": "billing_portal.session",
        "created": world.now(),
        "customer": given["customer"],
        "livemode": False,
        "return_url": given.get("return_url"),
        "url": f"https://billing.stripe.test/{id}",
        "configuration": "bpc_1",
        "flow": None,
        "locale": None,
        "on_behalf_of": None,
    }


@models("get", "/v1/subscriptions")
def list_subscriptions(world: World, account: str, given: Given) -> Thing:
    every = given.get("status") == "all"
    found = world.all(
        account,
        "subscription",
        lambda s: (
            s["customer"] == given.get("customer", s["customer"])
            and (every or s["status"] not in ("canceled", "incomplete_expired"))
        ),
    )
    return listed(found, "/v1/subscriptions", given)


@models("get", "/v1/subscriptions/{subscription_exposed_id}")
def get_subscription(world: World, account: str, given: Given, id: str) -> Thing:
    return world.get(account, id, "subscription")


@models("post", "/v1/subscriptions/{subscription_exposed_id}")
def update_subscription(world: World, account: str, given: Given, id: str) -> Thing:
    found = world.get(account, id, "subscription")
    if found["status"] in ("canceled", "incomplete_expired"):
        raise invalid("A canceled subscription can only update its cancellation_details")
    items = {each["id"]: each for each in found["items"]["data"]}
    for each in given.get("items", []):
        _change_item(world, account, found, items, each)
    found["items"]["data"] = list(items.values())
    found["metadata"].update(given.get("metadata", {}))
    world.tell(account, "customer.subscription.updated", found)
    return found


def _change_item(
    world: World, account: str, sub: Thing, items: dict[str, Thing], asked: Given
) -> None:
    if asked.get("deleted") == "true":
        items.pop(asked["id"])
    elif "id" in asked:
        if asked["id"] not in items:
            raise invalid(f"No such subscription item: '{asked['id']}'", "items[0][id]")
        items[asked["id"]]["quantity"] = int(asked.get("quantity", 1))
    else:
        price = world.get(account, asked["price"], "price")
        quantity = int(asked.get("quantity", 1))
        made = things.item(world.id("si"), world.now(), price, quantity, sub["id"])
        items[made["id"]] = made


@models("post", "/v1/accounts")
def create_account(world: World, account: str, given: Given) -> Thing:
    return world.keep("", things.account(world.id("acct"), world.now(), given))


@models("get", "/v1/accounts/{account}")
def get_account(world: World, account: str, given: Given, id: str) -> Thing:
    return world.get("", id, "account")


@models("post", "/v1/account_links")
def create_account_link(world: World, account: str, given: Given) -> Thing:
    world.get("", given["account"], "account")
    now = world.now()
    url = f"https://connect.stripe.test/{given['account']}/{now}"
    return {"object": "account_link", "created": now, "expires_at": now + 300, "url": url}


@models("post", "/v1/invoices")
def create_invoice(world: World, account: str, given: Given) -> Thing:
    world.get(account, given["customer"], "customer")
    return world.keep(account, things.invoice(world.id("in"), world.now(), given))


@models("post", "/v1/invoiceitems")
def create_invoice_item(world: World, account: str, given: Given) -> Thing:
    found = world.get(account, given["invoice"], "invoice")
    if found["status"] != "draft":
        raise invalid("This invoice is no longer editable", "invoice", "invoice_not_editable")
    if given["currency"] != found["currency"]:
        raise invalid("The currency of the item is not the invoice's", "currency")
    made = world.keep(account, things.invoice_item(world.id("ii"), world.now(), given))
    for name in ("total", "subtotal", "amount_due", "amount_remaining"):
        found[name] += made["amount"]
    return made


@models("get", "/v1/invoices/{invoice}")
def get_invoice(world: World, account: str, given: Given, id: str) -> Thing:
    return world.get(account, id, "invoice")


@models("get", "/v1/invoices")
def list_invoices(world: World, account: str, given: Given) -> Thing:
    whose = given.get("customer")
    found = world.all(account, "invoice", lambda i: whose in (None, i["customer"]))
    return listed(found, "/v1/invoices", given)


@models("post", "/v1/invoices/{invoice}/finalize")
def finalize_invoice(world: World, account: str, given: Given, id: str) -> Thing:
    found = world.get(account, id, "invoice")
    if found["status"] != "draft":
        raise invalid("This invoice is already finalized", "", "invoice_already_finalized")
    found.update(
        status="open",
        number=f"TEST-{id[-6:]}",
        hosted_invoice_url=f"https://invoice.stripe.test/{id}",
    )
    world.tell(account, "invoice.finalized", found)
    return found


@models("post", "/v1/invoices/{invoice}/void")
def void_invoice(world: World, account: str, given: Given, id: str) -> Thing:
    found = world.get(account, id, "invoice")
    if found["status"] not in ("open", "uncollectible"):
        raise invalid(f"You cannot void a {found['status']} invoice")
    found["status"] = "void"
    world.tell(account, "invoice.voided", found)
    return found


@models("get", "/v1/invoice_payments")
def list_invoice_payments(world: World, account: str, given: Given) -> Thing:
    whose, by = given.get("invoice"), given.get("payment", {}).get("payment_intent")
    found = world.all(
        account,
        "invoice_payment",
        lambda p: whose in (None, p["invoice"]) and by in (None, p["payment"]["payment_intent"]),
    )
    return listed(found, "/v1/invoice_payments", given)


@models("get", "/v1/refunds")
def list_refunds(world: World, account: str, given: Given) -> Thing:
    of = given.get("payment_intent")
    found = world.all(account, "refund", lambda r: of in (None, r["payment_intent"]))
    return listed(found, "/v1/refunds", given)


@models("get", "/v1/disputes")
def list_disputes(world: World, account: str, given: Given) -> Thing:
    of = given.get("payment_intent")
    found = world.all(account, "dispute", lambda d: of in (None, d["payment_intent"]))
    return listed(found, "/v1/disputes", given)


@models("get", "/v1/events")
def list_events(world: World, account: str, given: Given) -> Thing:
    """Of the account alone, which they do not name (https://docs.stripe.com/api/events/list)."""
    found = world.all(account, "event", lambda e: _is_within(e, given))
    told = [{name: e[name] for name in e if name != "account"} for e in found]
    return listed(told, "/v1/events", given)


@models("get", "/v1/balance_transactions")
def list_balance_transactions(world: World, account: str, given: Given) -> Thing:
    found = world.all(account, "balance_transaction", lambda t: _is_within(t, given))
    if "data.source" not in given.get("expand", []):
        found = [{**each, "source": each["source"]["id"]} for each in found]
    return listed(found, "/v1/balance_transactions", given)


def _is_within(thing: Thing, given: Given) -> bool:
    created = given.get("created", {})
    since, until = int(created.get("gte", 0)), int(created.get("lte", 1 << 40))
    return bool(since <= thing["created"] <= until)


@models("post", "/v1/transfers")
def create_transfer(world: World, account: str, given: Given) -> Thing:
    to = world.get("", given["destination"], "account")
    if to["capabilities"].get("transfers") != "active":
        raise invalid(
            "Your destination account needs to have the transfers capability enabled",
            "destination",
            "insufficient_capabilities_for_transfer",
        )
    if int(given["amount"]) > world.balance:
        raise StripeRefused(
            400, "invalid_request_error", "balance_insufficient", "Insufficient funds"
        )
    world.balance -= int(given["amount"])
    made = world.keep(account, things.transfer(world.id("tr"), world.now(), given))
    world.tell(account, "transfer.created", made)
    return made


@models("get", "/v1/transfers")
def list_transfers(world: World, account: str, given: Given) -> Thing:
    group = given.get("transfer_group")
    found = world.all(account, "transfer", lambda t: group in (None, t["transfer_group"]))
    return listed(found, "/v1/transfers", given)
