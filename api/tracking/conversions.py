"""
What can be done to conversions: told, once, however often and in whatever order.

A sale is known by its order id, a refund by its order's and its own. What comes again the same is
passed over; what comes again differently is refused, for one of the two words must be wrong. A
refund before its sale is kept, waits, and counts when the sale comes. All money of a client's
conversions is in the client's currency.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from api.tracking import attribution, kept, shares
from api.tracking.attribution import Claim, Touch
from api.tracking.models import Conversion
from api.tracking.orders import Order, changes, sums
from api.tracking.shapes import ConversionQuery, RefundWrite, SaleWrite
from tenants import clock, database, outbox
from tenants.errors import ApiError, Conflict, Unprocessable
from tenants.ids import new_id
from tenants.models import Client
from tenants.pages import Listing

SLACK = timedelta(minutes=5)  # other people's clocks


class ConversionCurrencyDiffers(Unprocessable):
    """Conversions are told in the client's currency."""


class ConversionDiffers(Conflict):
    """This sale or refund was told before, with another amount or instant."""


class ConversionFromTheFuture(Unprocessable):
    """Nothing was sold or given back at an instant that lies ahead."""


Told = SaleWrite | RefundWrite


@dataclass
class Outcome:
    """What became of a batch."""

    received: int
    stored: int = 0
    unchanged: int = 0
    attributed: int = 0
    unattributed: int = 0
    waiting: int = 0
    faults: list[tuple[int, ApiError]] = field(default_factory=list)


def search(session: Session, page: ConversionQuery) -> Listing:
    """The conversions in sight, newest first."""
    query = select(Conversion)
    for name in ("client_id", "collaboration_id", "order_id", "kind"):
        if (value := getattr(page, name)) is not None:
            query = query.where(getattr(Conversion, name) == value)
    return Listing(query, Conversion, page)


def record(
    session: Session, client_id: UUID, source: str, told: Sequence[Told], *, per_item: bool
) -> Outcome:
    """Keep what is new of a batch: all of it or nothing; `per_item`, what can be kept."""
    client = database.get(session, Client, client_id)
    kept.hold(session, client)
    outcome = Outcome(len(told))
    new = _news(session, client, told, outcome, per_item=per_item)
    if not new:
        return outcome
    claims = _claims(session, client, new)
    _keep_facts(session, client, source, new, claims)
    _keep_orders(session, client, new, claims, outcome)
    outcome.stored = len(new)
    outbox.emit(session, "conversions.recorded", client)
    return outcome


def _news(
    session: Session, client: Client, told: Sequence[Told], outcome: Outcome, *, per_item: bool
) -> list[Told]:
    known = kept.told(session, client, list({each.order_id for each in told}))
    latest, new = clock.now() + SLACK, []
    for index, each in enumerate(told):
        key = (each.kind, each.order_id, each.refund_id if each.kind == "refund" else None)
        said = (each.amount_minor, each.occurred_at)
        refusal: ApiError | None = None
        if each.currency != client.currency:
            refusal = ConversionCurrencyDiffers(pointer=f"/conversions/{index}/currency")
        elif each.occurred_at > latest:
            refusal = ConversionFromTheFuture(pointer=f"/conversions/{index}/occurred_at")
        elif (before := known.setdefault(key, said)) is said:
            new.append(each)
        elif before == said:
            outcome.unchanged += 1
        else:
            refusal = ConversionDiffers(pointer=f"/conversions/{index}")
        if refusal is not None:
            if not per_item:
                raise refusal
            outcome.faults.append((index, refusal))
    return new


@dataclass(frozen=True)
class _Claimed:
    """Who claims a sale, on which of the client's days, by which rule."""

    claim: Claim
    day: Any
    rule: attribution.Rule


def _claims(session: Session, client: Client, new: Sequence[Told]) -> dict[str, _Claimed]:
    """order id → who claims its sale."""
    sales = [each for each in new if isinstance(each, SaleWrite)]
    keys = {attribution.key_of(each.code) for each in sales if each.code}
    followed = {touch.link for each in sales for touch in each.touches}
    codes = kept.codes(session, client, keys) if keys else {}
    links = kept.links(session, client, followed) if followed else {}
    zone, found = ZoneInfo(client.timezone), {}
    for each in sales:
        day = each.occurred_at.astimezone(zone).date()
        rule = attribution.rule_on(day)
        touches = [Touch(touch.link, touch.clicked_at) for touch in each.touches]
        claim = attribution.attribute(rule, each.code, touches, each.occurred_at, day, codes, links)
        found[each.order_id] = _Claimed(claim, day, rule)
    return found


def _keep_facts(
    session: Session,
    client: Client,
    source: str,
    new: Sequence[Told],
    claims: dict[str, _Claimed],
) -> None:
    by = session.sight.membership_id  # type: ignore[attr-defined]
    same = {"source": source, "recorded_by": by}
    rows = []
    for each in new:
        row: dict[str, Any] = {
            "id": new_id(),
            "kind": each.kind,
            "order_id": each.order_id,
            "amount_minor": each.amount_minor,
            "currency": each.currency,
            "occurred_at": each.occurred_at,
            **same,
        }
        if isinstance(each, SaleWrite):
            row |= _attributed(claims[each.order_id])
        else:
            row["refund_id"] = each.refund_id
        rows.append(row)
    kept.add_facts(session, client, rows)


def _attributed(claimed: _Claimed) -> dict[str, Any]:
    claim = claimed.claim
    return {
        "collaboration_id": claim.collaboration_id,
        "link_id": claim.link_id,
        "promo_code_id": claim.code_id,
        "attributed_by": claim.why,
        "rule": claimed.rule.id,
        "rule_version": claimed.rule.version,
    }


def _keep_orders(
    session: Session,
    client: Client,
    new: Sequence[Told],
    claims: dict[str, _Claimed],
    outcome: Outcome,
) -> None:
    known = kept.orders(session, client, list({each.order_id for each in new}))
    before = [sums(each) for each in known.values()]
    claimed = {each.claim.collaboration_id for each in claims.values()} - {None}
    given = shares.given(session, [id for id in claimed if id])
    for each in new:
        order = known.setdefault(each.order_id, Order(each.order_id, each.currency))
        if isinstance(each, SaleWrite):
            _sell(order, each, claims[each.order_id], given)
            outcome.attributed += order.collaboration_id is not None
            outcome.unattributed += order.collaboration_id is None
        else:
            order.refunded_minor += each.amount_minor
    refunds = {each.order_id for each in new if each.kind == "refund"}
    outcome.waiting = sum(known[order_id].sold_at is None for order_id in refunds)
    kept.put_orders(session, client, known.values())
    if changed := changes(before, (sums(each) for each in known.values())):
        kept.add_days(session, client, changed)


def _sell(order: Order, sale: SaleWrite, claimed: _Claimed, given: dict[UUID, int]) -> None:
    owner = claimed.claim.collaboration_id
    order.collaboration_id, order.sale_minor = owner, sale.amount_minor
    order.sold_at, order.sold_on = sale.occurred_at, claimed.day
    order.commission_bp = given.get(owner, 0) if owner else 0
