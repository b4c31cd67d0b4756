"""What can be done to an objective: set, changed, put in its place, reached, missed, dropped."""

from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from api.strategy.models import LAST, Objective, ObjectiveStatus
from api.strategy.shapes import ObjectiveQuery
from tenants import clock, database, outbox
from tenants.errors import MoveNotAllowed
from tenants.models import Client
from tenants.pages import Listing, Order

MOVES: dict[ObjectiveStatus, frozenset[ObjectiveStatus]] = {
    ObjectiveStatus.open: frozenset(
        {ObjectiveStatus.reached, ObjectiveStatus.missed, ObjectiveStatus.dropped}
    ),
    ObjectiveStatus.reached: frozenset(),
    ObjectiveStatus.missed: frozenset(),
    ObjectiveStatus.dropped: frozenset(),
}


def search(session: Session, page: ObjectiveQuery) -> Listing:
    """The objectives in sight, in the order that each client's stand in."""
    query = select(Objective)
    for name in ("client_id", "status", "horizon"):
        if (value := getattr(page, name)) is not None:
            query = query.where(getattr(Objective, name) == value)
    if page.due_before:
        query = query.where(col(Objective.due_on) < page.due_before)
    if page.due_after:
        query = query.where(col(Objective.due_on) > page.due_after)
    return Listing(query, Objective, page, Order("position"))


def create(session: Session, client_id: UUID, position: int | None, **values: Any) -> Objective:
    """Set what a client wants; without a place it comes after all others."""
    # The client's row serialises two people who both put theirs last.
    client = database.get(session, Client, client_id, lock=True)
    if position is None:
        position = min(_last(session, client.id) + 1, LAST)
    objective = Objective(client_id=client.id, position=position, **values)
    database.add(session, objective)
    outbox.emit(session, "objective.created", objective)
    return objective


def update(session: Session, objective_id: UUID, **changes: Any) -> Objective:
    """Change an open objective; one that is settled stays as it was judged."""
    objective = database.get(session, Objective, objective_id, lock=True)
    if objective.status is not ObjectiveStatus.open:
        raise MoveNotAllowed(objective.status)
    objective.sqlmodel_update(changes)
    database.touch(objective)
    outbox.emit(session, "objective.updated", objective)
    return objective


def settle(
    session: Session, objective_id: UUID, to: ObjectiveStatus, *, reason: str | None = None
) -> Objective:
    """Judge it: reached or missed; or drop it for a reason."""
    objective = database.get(session, Objective, objective_id, lock=True)
    if to not in MOVES[objective.status]:
        raise MoveNotAllowed(objective.status, [str(each) for each in MOVES[objective.status]])
    objective.status, objective.settled_at = to, clock.now()
    objective.settled_reason = reason
    outbox.emit(session, f"objective.{to}", objective)
    return objective


def _last(session: Session, client_id: UUID) -> int:
    query = select(func.max(Objective.position)).where(col(Objective.client_id) == client_id)
    found = session.exec(query).one()
    return -1 if found is None else found
