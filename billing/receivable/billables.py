"""
What can be done to a billable: added, by the work that earned it, in the transaction that did.

Work pushes what it earned down here, and this knows nothing of work but a source's type and id.
"""

from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from billing.receivable.billable_models import Billable, BillableKind
from tenants import database, outbox
from tenants.pages import Listing


def add(
    session: Session,
    kind: BillableKind,
    source_type: str,
    source_id: UUID,
    *,
    client_id: UUID,
    label: dict[str, str],
    amount_minor: int,
    currency: str,
    earned_on: date,
    period: tuple[date, date] | None = None,
) -> bool:
    """
    Add what a client is to be billed for; whether it is new. One source is billed once for one
    kind and period, and gives back once, however often it says so: the first word stands. Nothing
    is added for nothing.
    """
    if amount_minor == 0:
        return False
    first, last = period or (None, None)
    row = Billable(
        client_id=client_id,
        kind=kind,
        source_type=source_type,
        source_id=source_id,
        label=label,
        period_start=first,
        period_end=last,
        earned_on=earned_on,
        amount_minor=amount_minor,
        currency=currency,
    )
    row.agency_id = cast(database.Session, session).sight.agency_id
    table: Any = Billable.__table__  # type: ignore[attr-defined]
    added = insert(table).values(row.model_dump()).on_conflict_do_nothing()
    if session.connection().execute(added.returning(table.c.id)).first() is None:
        return False
    outbox.emit(session, "billable.added", row)
    return True


def of_source(session: Session, source_type: str, source_id: UUID) -> int:
    """What was billed for a source, in minor units of its one currency."""
    query = select(func.coalesce(func.sum(col(Billable.amount_minor)), 0)).where(
        col(Billable.source_type) == source_type, col(Billable.source_id) == source_id
    )
    return int(session.exec(query).one())


def search(session: Session, page: Any) -> Listing:
    """The billables in sight, newest first."""
    query = select(Billable)
    for name in ("client_id", "kind", "source_id"):
        if (wanted := getattr(page, name)) is not None:
            query = query.where(getattr(Billable, name) == wanted)
    if page.earned_from:
        query = query.where(Billable.earned_on >= page.earned_from)
    if page.earned_to:
        query = query.where(Billable.earned_on <= page.earned_to)
    return Listing(query, Billable, page)
