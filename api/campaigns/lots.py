"""What can be done to a lot: opened, drawn on, given back to, counted on, handed on, closed."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from api.campaigns.models import (
    Deliverable,
    Scope,
    ScopeLine,
    ScopeLot,
    UnitEntry,
    UnitEntryKind,
)
from tenants import clock, database
from tenants.errors import Conflict


class ScopeNotInForce(Conflict):
    """The line's scope is not in force: not accepted yet, superseded, or over."""


class ScopeExhausted(Conflict):
    """Fewer units are free than asked for; `available` says how many are."""

    def __init__(self, available: int) -> None:
        super().__init__(extra={"available": available}, available=available)


class ScopeBelowWork(Conflict):
    """A line holds fewer units than are at work or delivered; cancel some first."""


def open_for(session: Session, scope: Scope, line: ScopeLine) -> None:
    """A line sold once has one lot, from the day its scope is accepted."""
    lot = ScopeLot(
        client_id=line.client_id,
        line_id=line.id,
        starts_on=scope.starts_on,
        ends_on=scope.ends_on,
        quantity=line.quantity,
    )
    database.add(session, lot)


def hand_on(lot: ScopeLot, scope: Scope, line: ScopeLine) -> None:
    """Go on counting for the line of the next version, with its quantity."""
    if lot.reserved + lot.delivered > line.quantity:
        raise ScopeBelowWork
    lot.line_id, lot.quantity = line.id, line.quantity
    lot.starts_on, lot.ends_on = scope.starts_on, scope.ends_on


def of_line(session: Session, line_id: UUID) -> ScopeLot:
    """The lot of a line, held until the transaction ends."""
    query = (
        select(ScopeLot)
        .where(col(ScopeLot.line_id) == line_id)
        .order_by(col(ScopeLot.number).desc())
    )
    lot = session.exec(query.with_for_update(key_share=True)).first()
    if lot is None:
        raise ScopeNotInForce
    return lot


def hold(session: Session, lot_id: UUID) -> ScopeLot:
    """One lot, held until the transaction ends."""
    query = select(ScopeLot).where(col(ScopeLot.id) == lot_id)
    held = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return session.exec(held).one()


def of_scope(session: Session, scope_id: UUID) -> Sequence[ScopeLot]:
    """The open lots of a scope's lines, held in the order of their ids."""
    lines = select(col(ScopeLine.id)).where(col(ScopeLine.scope_id) == scope_id)
    query = select(ScopeLot).where(
        col(ScopeLot.line_id).in_(lines), col(ScopeLot.closed_at).is_(None)
    )
    held = query.order_by(col(ScopeLot.id)).with_for_update(key_share=True)
    return session.exec(held.execution_options(populate_existing=True)).all()


def of_campaign(session: Session, campaign_id: UUID) -> list[ScopeLot]:
    """The open lots of a campaign, held in the order of their ids."""
    scopes = session.exec(select(Scope.id).where(col(Scope.campaign_id) == campaign_id)).all()
    return [lot for scope_id in sorted(scopes) for lot in of_scope(session, scope_id)]


def draw(lot: ScopeLot, units: int) -> bool:
    """Draw units for a deliverable, if there are as many; the lot is held."""
    if units > lot.available:
        return False
    lot.reserved += units
    return True


def check_open(lot: ScopeLot) -> None:
    if lot.closed_at is not None:
        raise ScopeNotInForce


def release(lot: ScopeLot, units: int) -> None:
    """Give back what a deliverable had drawn."""
    lot.reserved -= units


def deliver(session: Session, lot: ScopeLot, row: Deliverable, counted_on: date) -> None:
    """What a deliverable had drawn is delivered; what it gave beyond the scope is over-serviced."""
    if row.over_scope:
        lot.over_serviced += row.units
    else:
        lot.reserved -= row.units
        lot.delivered += row.units
    entry = UnitEntry(
        client_id=lot.client_id,
        lot_id=lot.id,
        kind=UnitEntryKind.delivery,
        quantity=row.units,
        over_quantity=row.units if row.over_scope else 0,
        counted_on=counted_on,
        deliverable_id=row.id,
    )
    database.add(session, entry)


def close(lot: ScopeLot) -> None:
    """Nothing more is drawn from it; what was delivered stays."""
    lot.closed_at = clock.now()
