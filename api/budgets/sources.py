"""What an entry of a ledger comes from."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tenants.ids import new_id


@dataclass(frozen=True)
class Why:
    """
    The thing an entry comes from, its day (today, when none is given), and what of it only the
    staff may read. One source enters one kind of thing on one line once.
    """

    source_type: str
    source_id: UUID
    booked_on: date | None = None
    payee: str | None = None
    note: str | None = None


def by_hand(
    booked_on: date | None = None, payee: str | None = None, note: str | None = None
) -> Why:
    """Entered by somebody, for no other thing's sake."""
    return Why("request", new_id(), booked_on, payee, note)
