"""What can be done to a line's entries: units counted as they are done, and counted back."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.campaigns import billed, lots, retainers
from api.campaigns.lot_models import DONE, ScopeLot, UnitEntry, UnitEntryKind, UnitEntryNote
from api.campaigns.models import ScopeLine
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
    """What was counted on a line, newest first."""
    query = _entries(session, line_id).where(col(UnitEntry.kind).in_(DONE))
    return Listing(query, UnitEntry, page)


def ledger(session: Session, line_id: UUID, page: UnitEntryQuery) -> Listing:
    """What became of each of a line's units, newest first."""
    return Listing(_entries(session, line_id), UnitEntry, page)


def _entries(session: Session, line_id: UUID) -> Any:
    line = database.get(session, ScopeLine, line_id)
    lot_ids = select(col(ScopeLot.id)).where(col(ScopeLot.line_id) == line.id)
    return select(UnitEntry).where(col(UnitEntry.lot_id).in_(lot_ids))


def accrue(
    session: Session, line_id: UUID, *, quantity: int, counted_on: date, reason: str | None
) -> UnitEntry:
    """
    Count units that were done. What was done is a fact, also on a lot that is closed: what the lots
    that lived on the day have no room for is over-serviced, for a reason. What it takes of several
    lots is an entry on each, the oldest first; the first stands for them all.
    """
    line = database.get(session, ScopeLine, line_id)
    held = retainers.held(session, line)
    own = retainers.own(session, line, held, counted_on)
    rooms = retainers.rooms(session, line, held, counted_on)
    room = sum(free for _, free, _ in rooms)
    over = max(0, quantity - room)
    if over and reason is None:
        raise OverServiceReason(room)
    entries: list[UnitEntry] = []
    left = quantity - over
    for lot, free, gone in rooms:
        units, left = min(left, free), left - min(left, free)
        beyond = over if lot is own else 0
        if units or beyond:
            lots.use(session, lot, units, gone)
            entries.append(_counted(session, lot, units, beyond, counted_on, entries))
    if over and own not in [lot for lot, _, _ in rooms]:
        entries.append(_counted(session, own, 0, over, counted_on, entries))
    retainers.tidy(session, line, held)
    for entry in entries:
        billed.count(session, line, entry)
        _tell(session, entry, reason, "unit_entry.counted")
    return entries[0]


def reverse(session: Session, entry_id: UUID, reason: str) -> UnitEntry:
    """Count back what was counted wrongly, with all its parts; every entry stays."""
    wrong = database.get(session, UnitEntry, entry_id)
    lot = retainers.hold(session, wrong.lot_id)
    done = session.exec(select(UnitEntry.id).where(col(UnitEntry.reverses) == wrong.id)).first()
    if wrong.kind is not UnitEntryKind.accrual or wrong.part_of is not None or done is not None:
        raise EntryNotReversible
    parts = session.exec(select(UnitEntry).where(col(UnitEntry.part_of) == wrong.id)).all()
    line = session.exec(select(ScopeLine).where(col(ScopeLine.id) == lot.line_id)).one()
    held = {each.id: each for each in lots.of_line(session, line.id)}
    entries = [_back(session, held[each.lot_id], each) for each in (wrong, *parts)]
    retainers.tidy(session, line, [*held.values()])
    for entry in entries:
        billed.count(session, line, entry)
        _tell(session, entry, reason, "unit_entry.reversed")
    return entries[0]


def _counted(
    session: Session,
    lot: ScopeLot,
    units: int,
    over: int,
    day: date,
    before: Sequence[UnitEntry],
) -> UnitEntry:
    """Units within the lot, which are counted on it already, and such beyond it."""
    lot.over_serviced += over
    first = before[0].id if before else None
    told = {"over_quantity": over, "part_of": first}
    return lots.note(session, lot, UnitEntryKind.accrual, units + over, day, **told)


def _back(session: Session, lot: ScopeLot, wrong: UnitEntry) -> UnitEntry:
    lot.delivered -= wrong.quantity - wrong.over_quantity
    lot.over_serviced -= wrong.over_quantity
    told = {"over_quantity": -wrong.over_quantity, "reverses": wrong.id}
    day = wrong.counted_on
    return lots.note(session, lot, UnitEntryKind.reversal, -wrong.quantity, day, **told)


def _tell(session: Session, entry: UnitEntry, note: str | None, event: str) -> None:
    if note is not None:
        # The reason is the agency's: it stands where no client can read.
        database.add(
            session, UnitEntryNote(client_id=entry.client_id, entry_id=entry.id, note=note)
        )
    outbox.emit(session, event, entry)
