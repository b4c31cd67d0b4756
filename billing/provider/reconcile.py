"""
Seeing that what is kept of Stripe is what Stripe has: each hour what may still change and what no
event told, each night all of it. Mirrors are put right; money never is.

What is kept is asked for thing by thing, the longest unasked first, so an event that never came is
made good like one that came late. Each thing that differed is counted and logged: nothing should,
and a person may want to know why. What was asked for since the work began is not asked for again,
so whoever is killed at it goes on where they were.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlmodel import col, select

from billing.provider import invoicing, missed, sync
from billing.provider.missed import Beat
from billing.provider.stripe_models import ConnectAccount, Operation, StripeInvoice, Subscription
from tenants import clock, database, quotas
from tenants.auth import Actor

log = logging.getLogger("agency.stripe")

OPEN_SINCE = timedelta(days=60)  # invoices that are settled are looked at as long after
MOST = 5_000  # things of a kind that are asked for at once; others are longer unasked next time


def agency(
    actor: Actor,
    *,
    whole: bool = False,
    since: datetime | None = None,
    beat: Beat = lambda progress, total: None,
) -> dict[str, int]:
    """
    Ask for everything of one agency that was not asked for `since`: how many things there were, how
    many differed, how many events had never arrived; of the whole, also how what its account's
    balance moved by compares.
    """
    asked = _asked(actor, whole, since)
    different = 0
    for place, (name, ask) in enumerate(asked):
        beat(place, len(asked))
        if ask():
            different += 1
            log.warning("agency %s: %s was not as Stripe has it", actor.agency_id, name)
    found = {"asked": len(asked), "different": different, "missed": missed.events(actor, beat)}
    if whole:
        moved = missed.movements(actor, beat)
        found |= {**moved, "different": different + moved["different"]}
        _recount(actor)
    return found


def _asked(
    actor: Actor, whole: bool, since: datetime | None
) -> list[tuple[str, Callable[[], bool]]]:
    def unasked(query: Any, model: Any) -> Any:
        if since is not None:
            late = col(model.fetched_at).is_(None) | (col(model.fetched_at) < since)
            query = query.where(late)
        return query.order_by(col(model.fetched_at).nulls_first()).limit(MOST)

    paying = select(Subscription.id).where(col(Subscription.customer_id).is_not(None))
    with database.agency_session(actor) as session:
        subscriptions = session.exec(unasked(paying, Subscription)).all()
        connected = session.exec(unasked(select(ConnectAccount.stripe_id), ConnectAccount)).all()
        invoices = session.exec(unasked(_invoices(whole), StripeInvoice)).all()
    return [
        *(("subscription", partial(sync.subscription, actor)) for _ in subscriptions),
        *((id, partial(sync.account, actor, id)) for id in connected),
        *((id, partial(sync.invoice, actor, id)) for id in invoices),
    ]


def _invoices(whole: bool) -> Any:
    unsettled = col(StripeInvoice.status).not_in((*invoicing.FINAL, "deleted"))
    recent = col(StripeInvoice.created_at) > clock.now() - OPEN_SINCE
    query = select(StripeInvoice.stripe_id)
    return query.where(unsettled | recent) if whole else query.where(unsettled)


def _recount(actor: Actor) -> None:
    with database.agency_session(actor) as session:
        for kind in quotas.recount(session):
            log.warning("agency %s: %s was not counted right", actor.agency_id, kind)


def unsettled() -> list[tuple[Any, Any]]:
    """Operations that nobody is at any more, and nobody knows the end of."""
    query = select(Operation.agency_id, Operation.id).where(
        col(Operation.state).in_(("planned", "sent", "unknown")),
        col(Operation.due_at) < clock.now() - timedelta(seconds=60),
    )
    with database.platform_session() as session:
        return [(agency, id) for agency, id in session.exec(query.limit(200))]
