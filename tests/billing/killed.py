"""
Processes that move money, each killed at one point of it: `python -m tests.billing.killed`.

Each line that comes in orders one child, which loads nothing anew: what to do, of which agency, and
at which point it dies by SIGKILL. The answer is how it ended.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any
from uuid import UUID

import api.tables  # noqa: F401
import billing.provider.collection  # noqa: F401  (hears what is paid there)
from billing.payable import payout_sending, settlements, transfers
from billing.provider import gateway, invoicing, operations, stripe_transfers, sync
from billing.receivable import bookings, issuing, numbering, payments
from tenants import auth, database, pools
from tenants.auth import Actor
from tenants.jobs import Job


def pay_out(actor: Actor, id: str) -> None:
    job = Job(kind=payout_sending.KIND, args={"payout_id": id})
    payout_sending.send(actor, job, lambda *_: None)


def call(actor: Actor, id: str) -> None:
    operations.perform(actor, UUID(id))


def issue(actor: Actor, id: str) -> None:
    with database.agency_session(actor) as session:
        issuing.finalise(session, UUID(id))


def take_payment(actor: Actor, id: str) -> None:
    sync.invoice(actor, id)


TASKS: dict[str, Callable[[Actor, str], None]] = {
    "pay out": pay_out,
    "call": call,
    "issue": issue,
    "take payment": take_payment,
}
# what a point is named after → where it is
PLACES: dict[str, tuple[Callable[[], Any], str]] = {
    "claim": (lambda: transfers, "claim"),
    "claimed": (lambda: transfers, "_ended"),
    "plan": (lambda: stripe_transfers, "plan"),
    "begin": (lambda: operations, "_begin"),
    "call": (gateway.current, "perform"),
    "request": (lambda: gateway.current().transport, "request"),  # type: ignore[attr-defined]
    "end": (lambda: operations, "_end"),
    "settle": (lambda: operations, "_settle"),
    "pay": (lambda: settlements, "mark_paid"),
    "conclude": (lambda: transfers, "conclude"),
    "take": (lambda: numbering, "take"),
    "number": (lambda: issuing, "_number"),
    "write": (lambda: issuing, "write"),
    "book": (lambda: bookings, "finalised"),
    "finalise": (lambda: issuing, "finalise"),
    "mirror": (lambda: invoicing, "mirror"),
    "record": (lambda: payments, "record"),
}


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(point: str) -> None:
    """At `before write`, or at `after request 3`, the third of them."""
    when, place, *times = point.split()
    if place == "everything":
        return
    found, name = PLACES[place]
    where, left = found(), int(times[0]) if times else 1
    genuine = getattr(where, name)

    def watched(*given: Any, **named: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0 and when == "before":
            die()
        result = genuine(*given, **named)
        if left == 0:
            die()
        return result

    setattr(where, name, watched)


def do(orders: dict[str, Any]) -> None:
    os.environ.update(orders["settings"])
    pools.connect(pools.Pools(orders["app"], orders["platform"], pool=4, pooler=orders["pooler"]))
    die_at(orders["point"])
    TASKS[orders["task"]](auth.system(UUID(orders["agency"])), orders["id"])
    if orders["point"] == "after everything":
        die()


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                do(json.loads(line))
            except BaseException:
                traceback.print_exc()
            os._exit(1)  # it came to no such point
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
