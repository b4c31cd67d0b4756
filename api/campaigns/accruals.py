"""What can be done to a line's entries: units counted as they are done, and counted back."""

from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from api.campaigns import lots
from api.campaigns.models import (
    ScopeLine,
    ScopeLot,
    UnitEntry,
    UnitEntryKind,
    UnitEntryNote,
)
from api.campaigns.scope_shapes import UnitEntryQuery
from tenants import database, outbox
from tenants.errors import Conflict, Unprocessable
from tenants.pages import Listing


class OverServiceReason(Unprocessable):
    """More than was sold is given only for a reason; `available` says how much is left."""

    def __init__(self, available: int) -> None:
        super().__init__(pointer="/reason", extra={"available": available}, available=available)


class EntryNotReversible(Conflict):
    """Only what was counted by hand, and only once."""


def search(session: Session, line_id: UUID, page: UnitEntryQuery) -> Listing:
    """The entries of a line, newest first."""
    line = database.get(session, ScopeLine, line_id)
    lot_ids = select(col(ScopeLot.id)).where(col(ScopeLot.line_id) == line.id)
    query = select(UnitEntry).where(col(UnitEntry.lot_id).in_(lot_ids))
    return Listing(query, UnitEntry, page)


def accrue(
    session: Session, line_id: UUID, *, quantity: int, counted_on: date, reason: str | None
) -> UnitEntry:
    """
    Count units that were done. What was done is a fact, also on a lot that is closed: what the lot
    has no room for is over-serviced, for a reason.
    """
    line = database.get(session, ScopeLine, line_id)
    lot = lots.of_line(session, line.id)
    room = lot.quantity - lot.reserved - lot.delivered
    over = max(0, quantity - room)
    if over and reason is None:
        raise OverServiceReason(room)
    lot.delivered += quantity - over
    lot.over_serviced += over
    entry = UnitEntry(
        client_id=line.client_id,
        lot_id=lot.id,
        kind=UnitEntryKind.accrual,
        quantity=quantity,
        over_quantity=over,
        counted_on=counted_on,
    )
    return _enter(session, entry, reason, "unit_entry.counted")


def reverse(session: Session, entry_id: UUID, reason: str) -> UnitEntry:
    """Count back what was counted wrongly; both entries stay."""
    wrong = database.get(session, UnitEntry, entry_id)
    lot = lots.hold(session, wrong.lot_id)
    done = session.exec(select(UnitEntry.id).where(col(UnitEntry.reverses) == wrong.id)).first()
    if wrong.kind is not UnitEntryKind.accrual or done is not None:
        raise EntryNotReversible
    lot.delivered -= wrong.quantity - wrong.over_quantity
    lot.over_serviced -= wrong.over_quantity
    entry = UnitEntry(
        client_id=wrong.client_id,
        lot_id=lot.id,
        kind=UnitEntryKind.reversal,
        quantity=-wrong.quantity,
        over_quantity=-wrong.over_quantity,
        counted_on=wrong.counted_on,
        reverses=wrong.id,
    )
    return _enter(session, entry, reason, "unit_entry.reversed")


def _enter(session: Session, entry: UnitEntry, note: str | None, event: str) -> UnitEntry:
    database.add(session, entry)
    if note is not None:
        # The reason is the agency's: it stands where no client can read.
        database.add(
            session, UnitEntryNote(client_id=entry.client_id, entry_id=entry.id, note=note)
        )
    outbox.emit(session, event, entry)
    return entry
