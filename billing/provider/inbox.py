"""
What Stripe tells us: kept as it comes, answered at once, and looked into by a worker.

    received → processing → done · ignored · dead

One statement keeps an event, finds whose it is and asks for the work; a second delivery finds the
first. An event says that something changed, and what it is now is asked for (`sync`): so the order
in which events come, and whether all do, matters to nobody.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql import bindparam
from sqlmodel import Session, col, select, update

from billing.provider import gateway, sync
from billing.provider.gateway import Signal
from billing.provider.stripe_models import EventState, StripeEvent, StripeInvoice, StripePayment
from tenants import auth, clock, database, jobs
from tenants.auth import Actor
from tenants.errors import BadRequest, NotFound
from tenants.ids import new_id

log = logging.getLogger("agency.stripe")

KIND = "billing.stripe_event"
LIMIT = 1 << 20  # bytes of an event
ATTEMPTS = 8
OWNERLESS = timedelta(minutes=10)  # how long an event of nobody waits for its owner's row
PATIENCE = timedelta(minutes=15)  # how long a worker may be at one

# What is looked into; all else is kept and left.
_LOOKED_INTO = {
    "account": ("customer.subscription.", "checkout.session.", "invoice.", "customer.deleted"),
    "connect": ("account.", "invoice.", "invoice_payment.", "charge.", "refund."),
}


class NotFromStripe(BadRequest):
    """This is no event that Stripe signed for this endpoint, lately, and in this mode."""


def take_in(endpoint: str, body: bytes, signature: str | None) -> bool:
    """Keep an event. False: it is here already."""
    known = gateway.current()
    if known.name != "stripe" or not getattr(known, "secrets", {}).get(endpoint):
        raise NotFound
    try:
        signal = known.read_signal(endpoint, body, signature)
    except gateway.NotASignal:
        raise NotFromStripe from None
    with database.platform_session() as session:
        return _keep(session, endpoint, signal, body)


def _keep(session: Session, endpoint: str, signal: Signal, body: bytes | None) -> bool:
    now = clock.now()
    found = session.connection().execute(
        _KEEP,
        {
            "id": new_id(),
            "job": new_id(),
            "now": now,
            "later": now + PATIENCE,
            "endpoint": endpoint,
            "event_id": signal.id,
            "type": signal.type,
            "account": signal.account,
            "object_type": signal.object_type,
            "object_id": signal.object_id,
            "api_version": signal.api_version,
            "related": list(signal.related),
            "names": list(signal.related),
            "raw": body,
            "looked_into": _is_looked_into(endpoint, signal),
        },
    )
    return found.first() is not None


def _is_looked_into(endpoint: str, signal: Signal) -> bool:
    return signal.type.startswith(_LOOKED_INTO[endpoint])


_KEEP = text(
    """
    with owner as (
        select (
            select agency_id from stripe_references where stripe_id = any(:names)
            order by array_position(cast(:names as varchar[]), stripe_id) limit 1
        ) as agency_id
    ), kept as (
        insert into stripe_events (
            id, created_at, endpoint, event_id, type, account, object_type, object_id, api_version,
            related, raw, agency_id, state, attempts, due_at
        )
        select :id, :now, :endpoint, :event_id, :type, :account, :object_type, :object_id,
            :api_version, :related, :raw, agency_id,
            case when not :looked_into then 'ignored' when agency_id is null then 'received'
                else 'processing' end,
            case when agency_id is null then 0 else 1 end,
            case when agency_id is null then cast(:now as timestamptz) else :later end
        from owner
        on conflict (endpoint, event_id) do nothing
        returning id, agency_id, state
    ), asked as (
        insert into jobs (
            agency_id, id, created_at, kind, queue, args, state, attempts, due_at, shared, progress
        )
        select agency_id, :job, :now, 'billing.stripe_event', 'now',
            jsonb_build_object('event_id', id), 'queued', 0, :now, false, 0
        from kept where state = 'processing'
    )
    select id from kept
    """
).bindparams(bindparam("related", type_=JSONB))


def keep_missed(found: Sequence[tuple[Signal, bytes]]) -> int:
    """
    Keep events of connected accounts that Stripe lists and that never arrived; how many. One that
    is on its way finds itself here.
    """
    told = {each.id: (each, body) for each, body in found if _is_looked_into("connect", each)}
    here = select(StripeEvent.event_id).where(
        col(StripeEvent.endpoint) == "connect", col(StripeEvent.event_id).in_(told)
    )
    with database.platform_session() as session:
        missed = told.keys() - set(session.exec(here))
        return sum(_keep(session, "connect", *told[id]) for id in sorted(missed))


def look_into(actor: Actor, event_id: UUID) -> None:
    """Ask Stripe for what an event is about. The second time, what it says has changed nothing."""
    with database.platform_session() as session:
        event = session.get(StripeEvent, event_id)
        if event is None or event.state in (EventState.done, EventState.ignored):
            return
    if event.agency_id != actor.agency_id:
        return
    try:
        _follow(actor, event)
    except Exception as failure:
        _note(event_id, error=type(failure).__name__)
        raise
    _note(event_id, state=EventState.done, done_at=clock.now(), error=None)


def _note(event_id: UUID, **values: Any) -> None:
    with database.platform_session() as session:
        session.exec(update(StripeEvent).where(col(StripeEvent.id) == event_id).values(**values))


def _follow(actor: Actor, event: StripeEvent) -> None:
    if event.endpoint == "account":
        sync.subscription(actor)
    elif event.type.startswith("account."):
        sync.account(actor, str(event.account))
    else:
        for invoice in _invoices(actor, event):
            sync.invoice(actor, invoice)


def _invoices(actor: Actor, event: StripeEvent) -> list[str]:
    """The invoices of ours that an event is about: itself, what it names, or what it paid."""
    with database.agency_session(actor) as session:
        paid = select(StripePayment.invoice_row_id).where(
            col(StripePayment.external_id).in_(event.related)
        )
        query = select(StripeInvoice.stripe_id).where(
            col(StripeInvoice.stripe_id).in_(event.related) | col(StripeInvoice.id).in_(paid)
        )
        return list(session.exec(query).all())


def sweep() -> int:
    """
    Take up again what was left: events whose owner was not known yet, or whose work was lost. How
    many were found.
    """
    now = clock.now()
    with database.platform_session() as session:
        values = {"now": now, "later": now + PATIENCE, "attempts": ATTEMPTS}
        values["old"] = now - OWNERLESS
        found = session.connection().execute(_SWEEP, values).all()
    for each in found:
        if each.state == EventState.dead:
            log.error("Stripe event %s (%s) was given up", each.event_id, each.type)
        elif each.state == EventState.processing:
            with database.agency_session(auth.system(each.agency_id)) as session:
                jobs.enqueue(session, KIND, event_id=str(each.id))
    return len(found)


_SWEEP = text(
    """
    with due as (
        select e.id, coalesce(e.agency_id, (
            select agency_id from stripe_references r
            where r.stripe_id in (select jsonb_array_elements_text(e.related)) limit 1
        )) as owner
        from stripe_events e
        where e.state in ('received', 'processing') and e.due_at <= :now
        order by e.due_at limit 200
        for update of e skip locked
    ), moved as (
        update stripe_events e set
            agency_id = d.owner,
            attempts = e.attempts + 1,
            state = case
                when d.owner is null and e.created_at < :old then 'ignored'
                when e.attempts >= :attempts then 'dead'
                when d.owner is null then 'received'
                else 'processing' end,
            due_at = case when d.owner is null then cast(:now as timestamptz)
                + interval '30 seconds' else :later end
        from due d where e.id = d.id
        returning e.id, e.event_id, e.type, e.agency_id, e.state
    )
    select * from moved
    """
)


def replay(event_id: str) -> bool:
    """Look into an event again from the start, by Stripe's own id of it; whether there is one."""
    again = (
        update(StripeEvent)
        .where(col(StripeEvent.event_id) == event_id)
        .values(state=EventState.received, attempts=0, due_at=clock.now(), error=None)
    )
    with database.platform_session() as session:
        return bool(session.exec(again).rowcount)


def forget(older_than: timedelta = timedelta(days=90)) -> None:
    """Let go of what events said; that they came is kept."""
    past = col(StripeEvent.created_at) < clock.now() - older_than
    with database.platform_session() as session:
        session.exec(update(StripeEvent).where(past).values(raw=None))
