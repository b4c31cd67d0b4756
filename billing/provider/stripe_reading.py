"""What Stripe's objects say, read field by field, in our own types."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from billing.provider.gateway import (
    AccountSnapshot,
    InvoiceSnapshot,
    Movement,
    NotASignal,
    PaymentSnapshot,
    Signal,
    SubscriptionState,
)
from tenants import clock

_NAMES = ("id", "customer", "destination", "invoice", "payment_intent", "charge")  # of things
_DECIDED = ("lost", "won", "warning_closed", "prevented")  # disputes that nobody asks about now
_OUTGOING = ("refund", "payment_refund")


def signal(told: Mapping[str, Any]) -> Signal:
    thing = told.get("data", {}).get("object") if isinstance(told.get("data"), dict) else None
    thing = thing if isinstance(thing, dict) else {}
    if not _name(told.get("id")) or not _name(told.get("type")):
        raise NotASignal
    named = (told.get("account"), *(thing.get(name) for name in _NAMES))
    return Signal(
        id=told["id"],
        type=told["type"],
        account=_name(told.get("account")),
        object_type=_name(thing.get("object")),
        object_id=_name(thing.get("id")),
        api_version=_name(told.get("api_version")),
        related=tuple(name for each in named if (name := _name(each))),
    )


def _name(value: Any) -> str | None:
    """An id or a type, as Stripe writes them."""
    good = isinstance(value, str) and 0 < len(value) <= 255 and value.isascii()
    return value if good and value.isprintable() and len(value) <= 120 else None


def subscription(found: Any) -> SubscriptionState:
    items = [item for item in found["items"].data if item.price.lookup_key]
    ends = [item.current_period_end for item in found["items"].data]
    return SubscriptionState(
        id=found.id,
        status=found.status,
        quantities={item.price.lookup_key: item.quantity or 0 for item in items},
        items={item.price.lookup_key: item.id for item in items},
        current_period_end=_moment(min(ends)) if ends else None,
        cancel_at=_maybe(found.cancel_at),
        trial_end=_maybe(found.trial_end),
        ended_at=_maybe(found.ended_at),
        created=_moment(found.created),
    )


def account(found: Any) -> AccountSnapshot:
    needs = found.requirements
    able = found.capabilities
    return AccountSnapshot(
        id=found.id,
        charges_enabled=bool(found.charges_enabled),
        payouts_enabled=bool(found.payouts_enabled),
        transfers_enabled=bool(able and getattr(able, "transfers", None) == "active"),
        details_submitted=bool(found.details_submitted),
        currently_due=tuple(needs.currently_due or ()) if needs else (),
        disabled_reason=needs.disabled_reason if needs else None,
        default_currency=(found.default_currency or "").upper() or None,
    )


def invoice(
    found: Any, paid: Sequence[Any], refunds: Sequence[Any], disputes: Sequence[Any]
) -> InvoiceSnapshot:
    payments = [  # lists begin with what is newest
        *map(payment, reversed(paid)),
        *(each for refund in reversed(refunds) for each in given_back(refund)),
        *(taken_back(dispute) for dispute in reversed(disputes) if dispute.status == "lost"),
    ]
    return InvoiceSnapshot(
        id=found.id,
        status=found.status or "draft",
        number=found.number,
        hosted_url=found.hosted_invoice_url,
        currency=found.currency.upper(),
        amount_minor=found.total,
        paid_minor=found.amount_paid,
        remaining_minor=found.amount_remaining,
        disputed_minor=sum(each.amount for each in disputes if each.status not in _DECIDED),
        payments=tuple(payments),
    )


def payment(found: Any) -> PaymentSnapshot:
    (named,) = paid_by(found).values() or (found.id,)
    paid_at = found.status_transitions.paid_at or found.created
    amount, currency = found.amount_paid or 0, found.currency.upper()
    return PaymentSnapshot("payment", named, amount, currency, _moment(paid_at))


def paid_by(found: Any) -> dict[str, str]:
    """What made an invoice's payment, as lists are asked about it."""
    for name in ("payment_intent", "charge"):
        if (id := getattr(found.payment, name, None)) is not None:
            return {name: str(id)}
    return {}


def given_back(found: Any) -> Iterator[PaymentSnapshot]:
    """
    A refund that has gone; one that failed is that, and its coming back. Stripe does not say when
    it came back: it is then that we hear of it.
    """
    currency, is_failed = found.currency.upper(), found.status in ("failed", "canceled")
    if is_failed or found.status == "succeeded":
        at, of = _moment(found.created), _paid_with(found)
        yield PaymentSnapshot("refund", found.id, -found.amount, currency, at, of)
    if is_failed:
        id = failed(found.id)
        yield PaymentSnapshot("refund_failed", id, found.amount, currency, clock.now(), found.id)


def failed(refund_id: str) -> str:
    """What the coming back of a refund that failed is known by: Stripe has no name for it."""
    return f"{refund_id}:failed"


def taken_back(found: Any) -> PaymentSnapshot:
    """A dispute that was lost; Stripe does not say when."""
    currency, of = found.currency.upper(), _paid_with(found)
    return PaymentSnapshot("dispute", found.id, -found.amount, currency, clock.now(), of)


def movement(found: Any) -> Movement | None:
    """
    What a balance moved by, when that is a payment, a refund or a dispute; as the payment itself
    has it, for a balance is kept in its own currency. How a dispute goes only the payment says.
    """
    source = found.source
    object = getattr(source, "object", None)
    if object not in ("charge", "refund", "dispute"):
        return None
    of = source.payment_intent or (source.id if object == "charge" else source.charge)
    if of is None:
        return None
    id, amount = None, 0
    if object == "charge" and found.type in ("charge", "payment"):
        id, amount = str(of), source.amount
    elif object == "refund":
        is_gone = found.type in _OUTGOING
        id, amount = (source.id, -source.amount) if is_gone else (failed(source.id), source.amount)
    customer = source.customer if object == "charge" else None
    return Movement(str(of), id, amount, source.currency.upper(), customer and str(customer))


def _paid_with(found: Any) -> str:
    return str(found.payment_intent or found.charge)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _maybe(seconds: int | None) -> datetime | None:
    return None if seconds is None else _moment(seconds)
