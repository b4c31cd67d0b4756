"""
What a test may do behind Stripe's back: let time pass, let people pay, let deliveries and answers
go wrong. All of it is simulated; none of it says when the real Stripe would do so.
"""

import json
import random
from collections.abc import Callable
from typing import Any

from stripe import WebhookSignature

from tests.stripe_double import things
from tests.stripe_double.state import Thing, World

Asked = dict[str, Any]


def prices(world: World, asked: Asked) -> Any:
    """Put prices on sale, by their lookup keys."""
    for key in asked["keys"]:
        world.keep("", things.price(f"price_{key}", world.now(), key))
    return {}


def advance(world: World, asked: Asked) -> Any:
    """Let the double's clock go ahead."""
    world.ahead += int(asked["seconds"])
    return {"now": world.now()}


def complete(world: World, asked: Asked) -> Any:
    """Let somebody pay on a checkout's page; declined, nothing comes of it."""
    if world.declining:
        world.declining = None
        return {"declined": True}
    found = world.get("", asked["session"], "checkout.session")
    given = world.get("", f"lines:{found['id']}", "_lines")["of"]
    sub = things.subscription(world.id("sub"), world.now(), found["customer"])
    for line in given["line_items"]:
        price = world.get("", line["price"], "price")
        quantity = int(line.get("quantity", 1))
        made = things.item(world.id("si"), world.now(), price, quantity, sub["id"])
        sub["items"]["data"].append(made)
    world.keep("", sub)
    found.update(status="complete", payment_status="paid", subscription=sub["id"])
    world.tell("", "customer.subscription.created", sub)
    world.tell("", "checkout.session.completed", found)
    return sub


def decline(world: World, asked: Asked) -> Any:
    """Let the next card be declined."""
    world.declining = "card_declined"
    return {}


def change(world: World, asked: Asked) -> Any:
    """Let a thing be otherwise, and say so unless told not to."""
    account = asked.get("account", "")
    found = world.things[account, asked["id"]]
    found.update(asked["values"])
    if found["object"] == "account":
        world.tell(found["id"], "account.updated", found)
    elif asked.get("tell", True):
        kind = {"subscription": "customer.subscription"}.get(found["object"], found["object"])
        ended = found.get("status") == "canceled"
        world.tell(account, f"{kind}.{'deleted' if ended else 'updated'}", found)
    return found


def pay(world: World, asked: Asked) -> Any:
    """Let a client pay some of an invoice, or all of it."""
    account = asked["account"]
    found = world.get(account, asked["invoice"], "invoice")
    amount = int(asked.get("amount") or found["amount_remaining"])
    paid = things.invoice_payment(world.id("inpay"), world.now(), found, amount)
    world.keep(account, paid)
    found["amount_paid"] += amount
    found["amount_remaining"] -= amount
    if found["amount_remaining"] == 0:
        found["status"] = "paid"
    charge = things.charge(world.id("ch"), world.now(), paid, found["customer"])
    world.move(account, "charge", amount, charge)
    world.tell(account, "invoice_payment.paid", paid)
    if found["status"] == "paid":
        world.tell(account, "invoice.paid", found)
    return paid


def sell(world: World, asked: Asked) -> Any:
    """Let somebody pay the account for something that no invoice asked for."""
    paid = {
        "amount_paid": asked["amount"],
        "currency": asked["currency"],
        "payment": {"payment_intent": world.id("pi")},
    }
    charge = things.charge(world.id("ch"), world.now(), paid, world.id("cus"))
    world.move(asked["account"], "charge", asked["amount"], charge)
    return charge


def give_back(world: World, asked: Asked) -> Any:
    """Refund some of a payment; `pending`, until `end_refund` says otherwise."""
    account, intent = asked["account"], asked["payment_intent"]
    made = things.refund(world.id("re"), world.now(), intent, asked["amount"], asked["currency"])
    made["status"] = "pending" if asked.get("pending") else "succeeded"
    world.keep(account, made)
    world.move(account, "refund", -made["amount"], made)
    world.tell(account, "refund.created", made)
    return made


def end_refund(world: World, asked: Asked) -> Any:
    """Let a refund go through, or fail, which one that went through may do too."""
    account = asked["account"]
    found = world.get(account, asked["refund"], "refund")
    if asked["status"] == "failed":
        found.update(things.failed(found))
        world.move(account, "refund_failure", found["amount"], found)
        world.tell(account, "refund.failed", found)
    found["status"] = asked["status"]
    world.tell(account, "refund.updated", found)
    return found


def dispute(world: World, asked: Asked) -> Any:
    """Let the payer's bank ask about a payment: the money is withdrawn meanwhile."""
    account, intent = asked["account"], asked["payment_intent"]
    made = things.dispute(world.id("du"), world.now(), intent, asked["amount"], asked["currency"])
    world.keep(account, made)
    world.move(account, "adjustment", -made["amount"], made)
    world.tell(account, "charge.dispute.created", made)
    world.tell(account, "charge.dispute.funds_withdrawn", made)
    return made


def end_dispute(world: World, asked: Asked) -> Any:
    """Let a dispute be won or lost."""
    account = asked["account"]
    found = world.get(account, asked["dispute"], "dispute")
    found["status"] = asked["status"]
    if found["status"] == "won":
        world.move(account, "adjustment", found["amount"], found)
        world.tell(account, "charge.dispute.funds_reinstated", found)
    world.tell(account, "charge.dispute.closed", found)
    return found


def deliveries(world: World, asked: Asked) -> Any:
    """
    What waits to be delivered, signed; it no longer waits then. `shuffle`, `duplicate` and `lose`
    (a share from 0 to 1) happen on the way, by `seed`.
    """
    with world.lock:
        waiting, world.waiting = world.waiting, []
    chance = random.Random(asked.get("seed", 0))
    sent = [each for each in waiting if chance.random() >= asked.get("lose", 0)]
    sent += [each for each in sent if chance.random() < asked.get("duplicate", 0)]
    if asked.get("shuffle"):
        chance.shuffle(sent)
    return [signed(world, *each, asked["secrets"][each[0]]) for each in sent]


def signed(world: World, endpoint: str, event: Thing, secret: str) -> Thing:
    body = json.dumps(event)
    signature = WebhookSignature.generate_signature_header(body, secret)
    return {"endpoint": endpoint, "body": body, "signature": signature}


def every(world: World, asked: Asked) -> Any:
    """All things of a kind, on an account."""
    return world.all(asked.get("account", ""), asked["kind"], lambda _: True)


def forget_keys(world: World, asked: Asked) -> Any:
    """Idempotency keys are kept for a day, here as there."""
    world.answers.clear()
    return {}


CONTROLS: dict[str, Callable[[World, Asked], Any]] = {
    "advance": advance,
    "change": change,
    "complete": complete,
    "decline": decline,
    "deliveries": deliveries,
    "dispute": dispute,
    "end_dispute": end_dispute,
    "end_refund": end_refund,
    "every": every,
    "forget_keys": forget_keys,
    "give_back": give_back,
    "pay": pay,
    "prices": prices,
    "sell": sell,
}
