"""What is entered on a line by hand, and its entries as they are read."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.budgets import ledger
from api.budgets.book import Moved, sight_of
from api.budgets.ledger import Wanted
from api.budgets.models import Budget, BudgetEntry, BudgetLine, EntryKind, EntryNote
from api.budgets.shapes import EntryQuery
from api.budgets.sources import by_hand
from tenants import database
from tenants.errors import Conflict
from tenants.pages import Rows, paginate


class AllocationApproved(Conflict):
    """What was approved is not raised or lowered by hand: transfer, or have a change agreed."""


@dataclass(frozen=True)
class Shown:
    """An entry, with its note for those who may read it."""

    entry: BudgetEntry
    internal: EntryNote | None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.entry, name)


def search(session: Session, line_id: UUID, page: EntryQuery) -> Rows:
    """A line's entries, newest first."""
    line = database.get(session, BudgetLine, line_id)
    query = select(BudgetEntry).where(col(BudgetEntry.line_id) == line.id)
    if page.kind:
        query = query.where(col(BudgetEntry.kind) == page.kind)
    rows = paginate(session, query, BudgetEntry, page)
    return Rows(_shown(session, rows.data), rows.next_cursor, rows.total)


def enter(session: Session, line_id: UUID, data: dict[str, Any]) -> Shown:
    """Enter what somebody decided by hand: a commitment, release, transfer or allocation."""
    line = database.get(session, BudgetLine, line_id)
    entry = _VERBS[data["kind"]](session, line, data)
    return _shown(session, [entry])[0]


def _commit(session: Session, line: BudgetLine, data: dict[str, Any]) -> BudgetEntry:
    why = by_hand(data["booked_on"], data["payee"], data["note"])
    return ledger.commit(session, line, _moved(data), why)


def _release(session: Session, line: BudgetLine, data: dict[str, Any]) -> BudgetEntry:
    commitment = database.get(session, BudgetEntry, data["commitment_id"])
    why = by_hand(data["booked_on"], note=data["note"])
    wanted = Wanted(data["amount_minor"], data["units"])
    return ledger.release(session, line, commitment, wanted, why)


def _transfer(session: Session, line: BudgetLine, data: dict[str, Any]) -> BudgetEntry:
    to = database.get(session, BudgetLine, data["to_line_id"])
    why = by_hand(data["booked_on"], note=data["note"])
    return ledger.transfer(session, line, to, _moved(data), why)


def _allocate(session: Session, line: BudgetLine, data: dict[str, Any]) -> BudgetEntry:
    if database.get(session, Budget, line.budget_id).approval_id is not None:
        raise AllocationApproved
    why = by_hand(data["booked_on"], note=data["note"])
    return ledger.allocate(session, line, _moved(data), why)


def _moved(data: dict[str, Any]) -> Moved:
    return Moved(data["amount_minor"], data["units"])


_VERBS = {
    EntryKind.commitment: _commit,
    EntryKind.release: _release,
    EntryKind.transfer: _transfer,
    EntryKind.allocation: _allocate,
}


def _shown(session: Session, entries: Any) -> list[Shown]:
    """The notes lie in a table that a client's contacts have no way to."""
    notes: dict[UUID, EntryNote] = {}
    if not sight_of(session).is_contact:
        query = select(EntryNote).where(col(EntryNote.id).in_([entry.id for entry in entries]))
        notes = {note.id: note for note in session.exec(query)}
    return [Shown(entry, notes.get(entry.id)) for entry in entries]
