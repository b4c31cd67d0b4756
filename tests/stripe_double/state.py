"""
Stripe as far as it is needed, with a memory: what was made, by whom, on which account.

What time does at Stripe (retries, the end of a trial, verification) happens here only when a test
says so: `controls.py`.
"""

import itertools
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.stripe_double import things

Thing = dict[str, Any]


class StripeRefused(Exception):
    """An error as Stripe words it."""

    def __init__(self, status: int, type: str, code: str | None, message: str, param: str = ""):
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": type, "code": code, "message": message, "param": param}}


def missing(kind: str, id: str) -> StripeRefused:
    return StripeRefused(
        404, "invalid_request_error", "resource_missing", f"No such {kind}: '{id}'", "id"
    )


def invalid(message: str, param: str = "", code: str | None = None) -> StripeRefused:
    return StripeRefused(400, "invalid_request_error", code, message, param)


@dataclass
class World:
    """Everything at Stripe of one API key."""

    things: dict[tuple[str, str], Thing] = field(default_factory=dict)  # account, id
    answers: dict[tuple[str, str], tuple[str, int, str]] = field(default_factory=dict)
    waiting: list[tuple[str, Thing]] = field(default_factory=list)  # endpoint, event
    ahead: int = 0  # seconds
    balance: int = 10**12
    declining: str | None = None
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    lock: threading.RLock = field(default_factory=threading.RLock)

    def now(self) -> int:
        return int(time.time()) + self.ahead

    def id(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers):06}{time.time_ns() % 10**9:09}"

    def keep(self, account: str, thing: Thing) -> Thing:
        self.things[account, thing["id"]] = thing
        return thing

    def get(self, account: str, id: str, kind: str) -> Thing:
        found = self.things.get((account, id))
        if found is None or found["object"] != kind:
            raise missing(kind, id)
        return found

    def all(self, account: str, kind: str, keep: Callable[[Thing], bool]) -> list[Thing]:
        """Newest first, as Stripe lists."""
        found = [
            thing
            for (where, _), thing in self.things.items()
            if where == account and thing["object"] == kind and keep(thing)
        ]
        return found[::-1]

    def tell(self, account: str, type: str, thing: Thing) -> None:
        """Something happened: it waits to be delivered."""
        event = {
            "id": self.id("evt"),
            "object": "event",
            "api_version": things.API_VERSION,
            "created": self.now(),
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": type,
            "data": {"object": json.loads(json.dumps(thing))},
        }
        if account:
            event["account"] = account
        self.keep(account, event)
        self.waiting.append(("connect" if account else "account", event))

    def move(self, account: str, type: str, amount: int, source: Thing) -> None:
        """The balance of an account moved."""
        told = json.loads(json.dumps(source))
        id = self.id("txn")
        self.keep(account, things.balance_transaction(id, self.now(), type, amount, told))
