"""
What is kept of Stripe is what Stripe says when it is asked: an event only says that it is time to.

Asking takes a while, and an answer may be older than one that came before it. So each asking takes
the mirror's count of takings-over along, and is taken over only if that count is still the same:
whatever is written was asked for after what it replaces was written. Whoever is overtaken asks
again. Nothing is locked, and no transaction is open, while the network is waited for.

Each verb says whether what is kept was otherwise.
"""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import Session, col, select, update

from billing.provider import accounts, gateway, invoicing
from billing.provider.gateway import Gone
from billing.provider.stripe_models import ConnectAccount, StripeInvoice, Subscription
from billing.subscription import subscriptions
from tenants import clock, database
from tenants.auth import Actor

TRIES = 8

State = TypeVar("State")
Mirror = type[Subscription] | type[ConnectAccount] | type[StripeInvoice]


class Overtaken(Exception):
    """Others went on writing what was asked for; it is tried again later."""


def subscription(actor: Actor) -> bool:
    """Ask for the agency's subscription, and take it over."""
    return _take_over(
        actor,
        Subscription,
        lambda session: _row(session, Subscription, col(Subscription.customer_id).is_not(None)),
        lambda row: gateway.needed().subscription_of(str(row.customer_id)),
        lambda session, row, state: subscriptions.mirror(session, state),
    )


def account(actor: Actor, stripe_id: str) -> bool:
    """Ask for a connected account, and take it over; one that is gone is restricted for good."""
    return _take_over(
        actor,
        ConnectAccount,
        lambda session: _row(session, ConnectAccount, col(ConnectAccount.stripe_id) == stripe_id),
        lambda row: _or_none(lambda: gateway.needed().account(stripe_id)),
        accounts.mirror,
    )


def invoice(actor: Actor, stripe_id: str) -> bool:
    """Ask for a client's invoice, with what was paid on it, and take it over."""
    return _take_over(
        actor,
        StripeInvoice,
        lambda session: _row(session, StripeInvoice, col(StripeInvoice.stripe_id) == stripe_id),
        lambda row: _or_none(lambda: gateway.needed().invoice(row.account, stripe_id)),
        invoicing.mirror,
    )


def _or_none(ask: Callable[[], State]) -> State | None:
    try:
        return ask()
    except Gone:
        return None


def _row(session: Session, model: Any, condition: Any) -> Any:
    return session.exec(select(model).where(condition)).first()


def _take_over(
    actor: Actor,
    model: Any,
    find: Callable[[database.Session], Any],
    ask: Callable[[Any], Any],
    write: Callable[[database.Session, Any, Any], Any],
) -> bool:
    for _ in range(TRIES):
        with database.agency_session(actor) as session:
            row = find(session)
        if row is None:
            return False
        state = ask(row)
        with database.agency_session(actor) as session:
            if _is_turn(session, model, row.agency_id, row.id, row.fetches):
                fresh = database.get(session, model, row.id, lock=True)
                before = fresh.version
                write(session, fresh, state)
                session.flush()
                return bool(fresh.version != before)
    raise Overtaken


def _is_turn(session: Session, model: Any, agency_id: UUID, id: UUID, seen: int) -> bool:
    """Count this taking-over, unless another has come between; others wait until it is done."""
    mine = update(model).where(
        col(model.agency_id) == agency_id, col(model.id) == id, col(model.fetches) == seen
    )
    counted = mine.values(
        fetches=seen + 1, fetched_at=clock.now(), version=model.version, updated_at=model.updated_at
    )
    quietly = {"synchronize_session": False}
    return bool(session.exec(counted, execution_options=quietly).rowcount)
