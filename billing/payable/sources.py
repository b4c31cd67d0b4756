"""
What owes something, as billing knows it: a type and an id, and the payables that stand for it.

Whoever opens payables of a source, or says something about its gates, holds the source first: two
at once come one after the other, and none misses what the other did.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from billing.payable.payable_models import Payable, PayableKind, PayableStatus
from tenants import clock, database
from tenants.models import Client

# What may still be paid, and so still listens to its gates.
OPEN = frozenset(
    {
        PayableStatus.accruing,
        PayableStatus.blocked,
        PayableStatus.ready,
        PayableStatus.below_minimum,
        PayableStatus.submitted,
        PayableStatus.held,
    }
)


@dataclass(frozen=True)
class Source:
    """What owes something to a payee for a client's work."""

    client_id: UUID
    payee_id: UUID
    source_type: str
    source_id: UUID


def sight_of(session: Session) -> Any:
    """Who is looking."""
    return cast(database.Session, session).sight


def hold(session: Session, source_type: str, source_id: UUID) -> None:
    """Let nobody else open payables of a source, or speak of its gates, until this has ended."""
    _hold(session, f"payables of {source_type} {source_id}")


def hold_payee(session: Session, payee_id: UUID, *, shared: bool = False) -> None:
    """Let nobody change what a payee is while something is opened for them, and the reverse."""
    _hold(session, f"payee {payee_id}", shared)


def _hold(session: Session, what: str, shared: bool = False) -> None:
    lock = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    key = f"{what} of {sight_of(session).agency_id}"
    session.connection().execute(text(f"select {lock}(hashtextextended(:key, 0))"), {"key": key})


def owed(
    session: Session, source_type: str, source_id: UUID, part: UUID | None = None
) -> list[Payable]:
    """What a source owes, or one part of it: locked, in the order of their ids."""
    query = (
        select(Payable)
        .where(
            col(Payable.source_type) == source_type,
            col(Payable.source_id) == source_id,
            col(Payable.kind) == PayableKind.owed,
        )
        .order_by(col(Payable.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if part is not None:
        query = query.where(col(Payable.part) == part)
    return list(session.exec(query))


def of_source(
    session: Session, source_type: str, source_id: UUID, part: UUID | None = None
) -> list[Payable]:
    """What a source owes, and what was asked back of it, in the order in which it was said."""
    query = select(Payable).where(
        col(Payable.source_type) == source_type, col(Payable.source_id) == source_id
    )
    if part is not None:
        query = query.where(col(Payable.part) == part)
    return list(session.exec(query.order_by(col(Payable.id))))


def clawed_back(session: Session, source_type: str, source_id: UUID, part: UUID | None) -> int:
    """What was asked back of it already."""
    query = select(func.coalesce(func.sum(col(Payable.amount_minor)), 0)).where(
        col(Payable.source_type) == source_type,
        col(Payable.source_id) == source_id,
        col(Payable.kind) == PayableKind.clawback,
        col(Payable.status) != PayableStatus.written_off,
    )
    if part is not None:
        query = query.where(col(Payable.part) == part)
    return int(session.exec(query).one())


def today(session: Session, client_id: UUID) -> date:
    """The day it is where a client is."""
    zone = session.exec(select(Client.timezone).where(col(Client.id) == client_id)).one()
    return clock.today(zone)
