"""What can be done to a lot: opened, drawn on, given back to, counted on, expired, closed."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from api.campaigns.deliverable_models import Deliverable
from api.campaigns.lot_models import ScopeLot, UnitEntry, UnitEntryKind
from api.campaigns.models import Scope, ScopeLine
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


def open_for(session: Session, scope: Scope, line: ScopeLine, day: date) -> None:
    """A line sold once has one lot, from the day its scope is accepted."""
    lot = ScopeLot(
        client_id=line.client_id,
        line_id=line.id,
        starts_on=scope.starts_on,
        ends_on=scope.ends_on,
        quantity=line.quantity,
    )
    grant(session, lot, scope.starts_on or day)


def hand_on(session: Session, lot: ScopeLot, scope: Scope, line: ScopeLine, day: date) -> None:
    """Go on counting for the line of the next version, with its quantity."""
    if lot.reserved + lot.delivered > line.quantity:
        raise ScopeBelowWork
    more = line.quantity - lot.quantity
    lot.line_id, lot.quantity = line.id, line.quantity
    lot.starts_on, lot.ends_on = scope.starts_on, scope.ends_on
    if more:
        note(session, lot, UnitEntryKind.grant, more, day)


def of_line(session: Session, line_id: UUID) -> Sequence[ScopeLot]:
    """The lots of a line, the oldest first, held until the transaction ends."""
    query = select(ScopeLot).where(col(ScopeLot.line_id) == line_id).order_by(col(ScopeLot.number))
    held = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = session.exec(held).all()
    if not found:
        raise ScopeNotInForce
    database.hold(session, *found)
    return found


def hold(session: Session, lot_id: UUID) -> ScopeLot:
    """One lot, held until the transaction ends."""
    query = select(ScopeLot).where(col(ScopeLot.id) == lot_id)
    held = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    lot = session.exec(held).one()
    database.hold(session, lot)
    return lot


def of_scope(session: Session, scope_id: UUID) -> Sequence[ScopeLot]:
    """The open lots of a scope's lines, held in the order of their ids."""
    lines = select(col(ScopeLine.id)).where(col(ScopeLine.scope_id) == scope_id)
    query = select(ScopeLot).where(
        col(ScopeLot.line_id).in_(lines), col(ScopeLot.closed_at).is_(None)
    )
    held = query.order_by(col(ScopeLot.id)).with_for_update(key_share=True)
    found = session.exec(held.execution_options(populate_existing=True)).all()
    database.hold(session, *found)
    return found


def grant(session: Session, lot: ScopeLot, day: date) -> None:
    """Open a lot: its units are the client's from a day on."""
    database.add(session, lot)
    note(session, lot, UnitEntryKind.grant, lot.quantity, day)


def draw(living: Sequence[ScopeLot], units: int) -> ScopeLot | None:
    """Draw units for a deliverable from the oldest lot that has as many free; all are held."""
    lot = next((each for each in living if each.available >= units), None)
    if lot is not None:
        lot.reserved += units
    return lot


def check_room(living: Sequence[ScopeLot], wanted: Sequence[int]) -> None:
    """That each of what is wanted could be drawn, one after the other."""
    free = [lot.available for lot in living]
    for units in wanted:
        place = next((place for place, left in enumerate(free) if left >= units), None)
        if place is None:
            raise ScopeExhausted(sum(lot.available for lot in living))
        free[place] -= units


def check_open(lot: ScopeLot) -> None:
    if lot.closed_at is not None:
        raise ScopeNotInForce


def deliver(session: Session, lot: ScopeLot, row: Deliverable, counted_on: date) -> None:
    """What a deliverable had drawn is delivered; what it gave beyond the scope is over-serviced."""
    if row.over_scope:
        lot.over_serviced += row.units
    else:
        lot.reserved -= row.units
        lot.delivered += row.units
    over = row.units if row.over_scope else 0
    told = {"over_quantity": over, "deliverable_id": row.id}
    note(session, lot, UnitEntryKind.delivery, row.units, counted_on, **told)


def expire(session: Session, lot: ScopeLot, day: date, units: int | None = None) -> None:
    """So many of its free units are gone from a day on; all of them, unless said."""
    units = lot.available if units is None else units
    if units:
        lot.expired += units
        note(session, lot, UnitEntryKind.expiry, units, day)


def expiries(
    session: Session, lots: Sequence[ScopeLot], after: date
) -> dict[UUID, list[tuple[date, int]]]:
    """lot → how many of its units expired on which day after one, the earliest first."""
    units = func.sum(col(UnitEntry.quantity))
    query = (
        select(col(UnitEntry.lot_id), col(UnitEntry.counted_on), units)
        .where(
            col(UnitEntry.lot_id).in_([lot.id for lot in lots if lot.expired]),
            col(UnitEntry.kind) == UnitEntryKind.expiry,
            col(UnitEntry.counted_on) > after,
        )
        .group_by(col(UnitEntry.lot_id), col(UnitEntry.counted_on))
        .order_by(col(UnitEntry.counted_on))
    )
    found: dict[UUID, list[tuple[date, int]]] = {}
    for lot_id, day, gone in session.exec(query):
        found.setdefault(lot_id, []).append((day, int(gone)))
    return found


def use(
    session: Session, lot: ScopeLot, units: int, expired: Sequence[tuple[date, int]] = ()
) -> None:
    """
    Count units as used: first such as expired since the day they were used on, the earliest gone
    first, as if they had been counted in time; then free ones.
    """
    missing = units
    for day, gone in expired:
        back = min(missing, gone)
        if back:
            lot.expired -= back
            note(session, lot, UnitEntryKind.expiry, -back, day)
        missing -= back
    lot.delivered += units


def close(session: Session, lot: ScopeLot, day: date) -> None:
    """Nothing more is drawn from it: what is free expires, and what was delivered stays."""
    expire(session, lot, day)
    lot.closed_at = clock.now()


def note(
    session: Session,
    lot: ScopeLot,
    kind: UnitEntryKind,
    quantity: int,
    day: date,
    **values: Any,
) -> UnitEntry:
    """Write down what became of units of a lot."""
    entry = UnitEntry(
        client_id=lot.client_id,
        lot_id=lot.id,
        kind=kind,
        quantity=quantity,
        counted_on=day,
        **values,
    )
    database.add(session, entry)
    return entry
