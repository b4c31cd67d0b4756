"""
Lives at Stripe: an invoice's, paid and given back and disputed; and an agency's, with a
subscription and one invoice after another, of which chance decides. The same seed is the same life.
"""

import random
from functools import partial
from typing import Any
from uuid import UUID

from sqlmodel import select

from billing import ledger
from billing.provider.stripe_models import StripeInvoice, StripePayment
from tenants import clock
from tests.billing import invoicing
from tests.billing.creators import inside
from tests.billing.invoicing import credit, credits, done, issued, line, read
from tests.billing.stripe_steps import Stripe, mirrored, subscribe
from tests.factories import Staffed
from tests.work import settle

STATUSES = ("past_due", "unpaid", "active", "paused", "trialing", "canceled")
ACCOUNTS = ("bank", "receivable", "revenue", "tax_payable", "client_credit", "client_deposits")
LONG = 600  # seconds of a life: what happens in it happens a second after the other


class Paid:
    """An invoice that was put at Stripe, and what is done about it there."""

    tells = True  # and whether what is done is told at once

    def __init__(self, stripe: Stripe, agency: Staffed, account: str, made: Any) -> None:
        self.stripe, self.agency, self.account = stripe, agency, account
        self.made = read(agency, made)
        settle()
        self.there = next(
            each["id"]
            for each in stripe.world.every("invoice", account)
            if each["metadata"]["operation"] == made["id"]
        )
        self.intent = ""

    def pay(self, **how: Any) -> None:
        asked = {"account": self.account, "invoice": self.there, **how}
        paid = self.stripe.world.control("pay", **asked)
        self.intent = str(paid["payment"]["payment_intent"])
        self._tell()

    def give_back(self, amount: int, **how: Any) -> str:
        made = self.stripe.world.control("give_back", **self._about(amount), **how)
        self._tell()
        return str(made["id"])

    def end_refund(self, refund: str, status: str) -> None:
        asked = {"account": self.account, "refund": refund, "status": status}
        self.stripe.world.control("end_refund", **asked)
        self._tell()

    def dispute(self, amount: int) -> str:
        made = self.stripe.world.control("dispute", **self._about(amount))
        self._tell()
        return str(made["id"])

    def end_dispute(self, dispute: str, status: str) -> None:
        asked = {"account": self.account, "dispute": dispute, "status": status}
        self.stripe.world.control("end_dispute", **asked)
        self._tell()

    def _tell(self) -> None:
        if self.tells:
            self.stripe.deliver(shuffle=True, duplicate=1)

    def _about(self, amount: int) -> dict[str, Any]:
        about = {"account": self.account, "payment_intent": self.intent}
        return {**about, "amount": amount, "currency": "eur"}

    @property
    def stands(self) -> tuple[str, int, int]:
        """Its state, what was paid, and what is open."""
        found = read(self.agency, self.made)
        return found["status"], found["paid_minor"], found["open_minor"]

    @property
    def row(self) -> StripeInvoice:
        with inside(self.agency) as session:
            query = select(StripeInvoice).where(StripeInvoice.invoice_id == UUID(self.made["id"]))
            return session.exec(query).one()


class Chanced(Paid):
    """An invoice with which anything may happen, and of which nothing is told at once."""

    tells = False

    def begin(self, chance: random.Random) -> None:
        self.paid_minor: dict[str, int] = {}  # payment → what of it did not go back
        self.refunds: list[tuple[str, str, int]] = []
        self.disputes: list[tuple[str, str, int]] = []
        self.chance = chance

    def step(self) -> None:
        able = [self._pay, self._credit, self._apply]
        if any(self.paid_minor.values()):
            able += [self._refund, self._refund, self._dispute]
        if self.refunds:
            able += [self._end_refund]
        if self.disputes:
            able += [self._end_dispute]
        self.stripe.world.control("advance", seconds=1)
        self.chance.choice(able)()

    def _pay(self) -> None:
        found = self.stripe.world.every("invoice", self.account)
        left = next(each["amount_remaining"] for each in found if each["id"] == self.there)
        if left:
            amount = self.chance.choice((left, self.chance.randint(1, left)))
            self.pay(amount=amount)
            self.paid_minor[self.intent] = amount

    def _part(self) -> int:
        able = [intent for intent, amount in self.paid_minor.items() if amount]
        self.intent = self.chance.choice(able)
        left = self.paid_minor[self.intent]
        part = self.chance.choice((left, self.chance.randint(1, left)))
        self.paid_minor[self.intent] -= part
        return part

    def _refund(self) -> None:
        part = self._part()
        id = self.give_back(part, pending=self.chance.random() < 0.3)
        self.refunds.append((id, self.intent, part))

    def _end_refund(self) -> None:
        id, intent, part = self.refunds.pop(self.chance.randrange(len(self.refunds)))
        ended = self.chance.choice(("failed", "succeeded"))
        self.end_refund(id, ended)
        if ended == "failed":
            self.paid_minor[intent] += part

    def _dispute(self) -> None:
        part = self._part()
        self.disputes.append((self.dispute(part), self.intent, part))

    def _end_dispute(self) -> None:
        id, intent, part = self.disputes.pop()
        ended = self.chance.choice(("won", "lost"))
        self.end_dispute(id, ended)
        if ended == "won":
            self.paid_minor[intent] += part

    def _credit(self) -> None:
        """By hand, here; there may be nothing left to credit."""
        part = {"line_id": self.made["lines"][0]["id"]}
        credit(self.agency, self.made, [{**part, "amount_minor": self.chance.randint(1, 300_00)}])

    def _apply(self) -> None:
        """Use what is to the client's credit for something else."""
        for each in credits(self.agency, unapplied="true", kind="credit_note")[:1]:
            other = issued(self.agency, line(self.chance.randint(1, each["left_minor"])))
            body = {"invoice_id": other["id"]}
            done(self.agency.owner.post(f"/v1/client-credits/{each['id']}/apply", body))

    def check(self) -> None:
        """What is kept is what is there; what is in the books is what of it was booked."""
        with inside(self.agency) as session:
            query = select(StripePayment).where(StripePayment.invoice_row_id == self.row.id)
            kept = list(session.exec(query))
        assert sum(each.amount_minor for each in kept) == self._there()
        assert self.row.disputed_minor == sum(part for _, _, part in self.disputes)
        path = f"/v1/payments?client_id={self.agency.client_id}&limit=100"
        found = pages(self.agency, path)
        for each in kept:
            parts = [
                payment["amount_minor"]
                for payment in found
                if (payment["external_id"] or "").split("#")[0] == each.external_id
            ]
            assert sum(parts) == each.booked_minor, each.external_id
        assert read(self.agency, self.made)["open_minor"] >= 0

    def _there(self) -> int:
        """What came and stayed, of all that was done and is decided."""
        every, account = self.stripe.world.every, self.account
        came = {
            each["payment"]["payment_intent"]: each["amount_paid"]
            for each in every("invoice_payment", account)
            if each["invoice"] == self.there
        }
        refunds = [each for each in every("refund", account) if each["status"] == "succeeded"]
        lost = [each for each in every("dispute", account) if each["status"] == "lost"]
        gone = [each["amount"] for each in refunds + lost if each["payment_intent"] in came]
        return int(sum(came.values()) - sum(gone))


def pages(agency: Staffed, path: str) -> list[Any]:
    found: list[Any] = []
    after = ""
    while True:
        page = done(agency.owner.get(path + after))
        found += page["data"]
        if not page.get("next_cursor"):
            return found
        after = f"&cursor={page['next_cursor']}"


class Life:
    """An agency's: its subscription, and invoices of which four turns each are seen."""

    def __init__(self, stripe: Stripe, agency: Staffed, account: str, seed: int) -> None:
        self.stripe, self.agency, self.account = stripe, agency, account
        self.chance = random.Random(seed)
        self._be_earlier()
        self.bought = subscribe(stripe, agency)
        self.begin()

    def _be_earlier(self) -> None:
        """So that what happens there is never still to come here."""
        advance = partial(self.stripe.world.control, "advance")
        there = advance(seconds=0)["now"]
        advance(seconds=int(clock.now().timestamp()) - LONG - there)

    def begin(self) -> None:
        made = issued(self.agency, line(self.chance.randint(1, 2000_00)))
        self.invoice = Chanced(self.stripe, self.agency, self.account, made)
        self.invoice.begin(self.chance)

    def turn(self) -> None:
        """
        Much happens, here and there, and nothing of it is told yet. It begins and ends well, for
        who does not pay may not write either; other ends are in `test_subscription`.
        """
        for _ in range(3):
            self.invoice.step()
        for _ in range(3):
            self.stripe.change(self.bought["id"], status=self.chance.choice(STATUSES))
        self.bought = self.stripe.change(self.bought["id"], status="active")

    def check(self) -> None:
        """Here all is as it is there, and the books are in balance."""
        assert mirrored(self.agency).status == self.bought["status"]
        self.invoice.check()
        assert invoicing.broken(self.agency) == {}
        with inside(self.agency) as session:
            booked = [each.booked_minor for each in session.exec(select(StripePayment))]
            assert ledger.balance(session, ledger.BANK, "EUR") == sum(booked)

    def state(self) -> dict[str, Any]:
        """All that is kept and in the books, but for ids and days."""
        invoices = [
            read(self.agency, each) for each in pages(self.agency, "/v1/invoices?limit=100")
        ]
        payments = pages(self.agency, "/v1/payments?limit=100")
        mirror = ("status", "amount_minor", "paid_minor", "remaining_minor", "disputed_minor")
        with inside(self.agency) as session:
            told = session.exec(select(StripePayment)).all()
            there = session.exec(select(StripeInvoice)).all()
            books = {name: ledger.balance(session, name, "EUR") for name in ACCOUNTS}
        return {
            "subscription": (mirrored(self.agency).status, mirrored(self.agency).access),
            "invoices": sorted(_said(each, "status", *_SUMS) for each in invoices),
            "credits": sorted(
                _said(each, "kind", "amount_minor", "left_minor") for each in credits(self.agency)
            ),
            "payments": sorted(
                _said(each, "kind", "amount_minor", "applied_minor") for each in payments
            ),
            "there": sorted(_said(each.model_dump(), *mirror) for each in there),
            "told": sorted(
                _said(each.model_dump(), "kind", "amount_minor", "booked_minor") for each in told
            ),
            "books": books,
        }


_SUMS = (
    *("total_minor", "paid_minor", "applied_minor", "credited_minor", "written_off_minor"),
    *("open_minor", "returned_minor"),
)


def _said(thing: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(thing[name] for name in names)
