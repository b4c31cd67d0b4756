"""
Calls to Stripe that change something there: written down first, made once, and their end kept.

    planned → sent → ok · failed
                   ↘ unknown → ok · failed

Between the two short transactions around a call none is open. A call whose answer was lost is made
again with the same key, which Stripe answers as it did the first time, for a day; later, what it
made is looked for by our own id, and an hour later again what is not there was never done. There is
never a second key for what may have been done.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from billing.provider import gateway, references
from billing.provider.gateway import (
    Busy,
    Made,
    PaymentProviderRefused,
    PaymentProviderUnavailable,
    Refused,
    Unknown,
)
from billing.provider.stripe_models import Operation, OperationState
from tenants import clock, database, jobs, outbox, settings
from tenants.auth import Actor
from tenants.errors import Conflict

KIND = "billing.operation"
KEY_LASTS = timedelta(hours=23)  # Stripe keeps keys for at least a day
GONE_AFTER = timedelta(hours=24)  # whoever sent it last, with its key, has been answered by then
PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
OWNED = ("customer", "connect_account")  # what Stripe's events are known by
SETTLED = (OperationState.ok, OperationState.failed)
NEVER_SENT, NEVER_DONE = "never_sent", "never_done"

Settler = Callable[[database.Session, Operation], None]
_settlers: dict[str, Settler] = {}


class OperationChanged(Conflict):
    """The same was asked for before, in other words; it is done once."""


def settles(kind: str) -> Callable[[Settler], Settler]:
    """Register what follows from a kind of operation's end, in the transaction that keeps it."""

    def register(settler: Settler) -> Settler:
        _settlers[kind] = settler
        return settler

    return register


def plan(
    session: Session, kind: str, subject_id: UUID, request: Mapping[str, Any], *, attempt: int = 1
) -> Operation:
    """
    Write a call down; asked for again, it is the same one. Another `attempt` is another call: only
    for who knows that the last one did nothing.
    """
    agency_id = cast(database.Session, session).sight.agency_id
    operation = Operation(
        agency_id=agency_id,
        kind=kind,
        subject_id=subject_id,
        attempt=attempt,
        idempotency_key=f"{kind}:{agency_id.hex}:{subject_id.hex}:{attempt}",
        request=dict(request),
        request_hash=_hash(request),
    )
    session.exec(insert(Operation).values(operation.model_dump()).on_conflict_do_nothing())
    known = session.exec(
        select(Operation).where(
            col(Operation.agency_id) == agency_id,
            col(Operation.idempotency_key) == operation.idempotency_key,
        )
    ).one()
    if known.request_hash != operation.request_hash:
        raise OperationChanged
    return known


def ask(session: Session, operation: Operation) -> jobs.Job:
    """Have the worker make a call that was written down in this transaction."""
    return jobs.enqueue(session, KIND, operation_id=str(operation.id))


def last(session: Session, kind: str, subject_id: UUID) -> Operation | None:
    """The newest attempt at something."""
    query = select(Operation).where(
        col(Operation.kind) == kind, col(Operation.subject_id) == subject_id
    )
    return session.exec(query.order_by(col(Operation.created_at).desc()).limit(1)).first()


def _hash(request: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()


def perform(actor: Actor, operation_id: UUID, *, only_look: bool = False) -> Operation:
    """
    Make a call and keep how it ended; what is settled already stays as it is. `only_look`, and a
    kind that the operator has switched off: what was sent is looked for, and nothing is sent.
    """
    operation = _begin(actor, operation_id)
    if operation.state in SETTLED:
        return operation
    state, made, error = _call(operation, only_look=only_look)
    if made is not None and operation.kind in OWNED:
        references.keep(actor.agency_id, made.id)
    return _settle(actor, operation_id, state, made, error)


def performed(actor: Actor, operation_id: UUID) -> Operation:
    """The same, for who waits for the answer."""
    operation = perform(actor, operation_id)
    if operation.state is OperationState.failed:
        raise PaymentProviderRefused(extra={"provider_code": operation.error})
    if operation.state is not OperationState.ok:
        raise PaymentProviderUnavailable(headers={"Retry-After": "2"})
    return operation


def _begin(actor: Actor, operation_id: UUID) -> Operation:
    """Keep that it is being sent, before it is: a killed process leaves `sent`, never `planned`."""
    with database.agency_session(actor) as session:
        operation = database.get(session, Operation, operation_id, lock=True)
        if operation.state is OperationState.planned and _is_off(operation.kind):
            _end(session, operation, OperationState.failed, None, NEVER_SENT)
        if operation.state not in SETTLED:
            now = clock.now()
            operation.state = OperationState.sent
            operation.first_sent_at = operation.first_sent_at or now
            operation.attempts += 1
            pause = min(PAUSE * 2 ** min(operation.attempts, 10), LONGEST_PAUSE)
            operation.due_at = now + pause
        return operation


Outcome = tuple[OperationState, Made | None, str | None]


def call_off(session: Session, operation_id: UUID) -> None:
    """Let a call that was written down, and never sent, not be made any more."""
    operation = database.get(session, Operation, operation_id, lock=True)
    if operation.state is OperationState.planned:
        _end(session, operation, OperationState.failed, None, NEVER_SENT)


def _is_off(kind: str) -> bool:
    """Whether the operator lets no more of a kind leave."""
    return kind == "transfer" and not settings.get().stripe_transfers


def _call(operation: Operation, *, only_look: bool) -> Outcome:
    known = gateway.needed()
    assert operation.first_sent_at is not None
    age = clock.now() - operation.first_sent_at
    try:
        if only_look or _is_off(operation.kind) or age > KEY_LASTS:
            made = known.find(operation.kind, operation.request)
            if made is not None:
                return OperationState.ok, made, None
            if age > GONE_AFTER:
                return OperationState.failed, None, NEVER_DONE
            return OperationState.unknown, None, "not_found"
        made = known.perform(operation.kind, operation.request, operation.idempotency_key)
    except Refused as refusal:
        return OperationState.failed, None, refusal.code
    except (Unknown, Busy) as failure:
        return OperationState.unknown, None, type(failure).__name__.lower()
    return OperationState.ok, made, None


def _settle(
    actor: Actor, operation_id: UUID, state: OperationState, made: Made | None, error: str | None
) -> Operation:
    with database.agency_session(actor) as session:
        operation = database.get(session, Operation, operation_id, lock=True)
        if operation.state not in SETTLED:  # or somebody else made the same call, with the same key
            _end(session, operation, state, made, error)
        return operation


def _end(
    session: Session,
    operation: Operation,
    state: OperationState,
    made: Made | None,
    error: str | None,
) -> None:
    operation.state, operation.error = state, error
    if made is not None:
        operation.stripe_id, operation.result = made.id, made.result
    if state in SETTLED:
        operation.settled_at = clock.now()
        if settler := _settlers.get(operation.kind):
            settler(cast(database.Session, session), operation)
        end = "succeeded" if state is OperationState.ok else "failed"
        outbox.emit(session, f"stripe_operation.{end}", operation, audience="internal")
