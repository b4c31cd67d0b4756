"""
What can be done to a promise: made, changed, kept, dropped.

A request is the client's promise to us, a commitment is ours to the client; they move alike.
"""

from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import Session, col, select

from api.clients.models import ClientRequest, Commitment, PromiseStatus, PromiseSubject
from api.clients.shapes import PromiseQuery
from tenants import clock, database, outbox
from tenants.errors import MoveNotAllowed, NotFound, Unprocessable
from tenants.models import Client, Membership
from tenants.pages import Listing, Order
from tenants.storage import StoredFile

MOVES: dict[PromiseStatus, frozenset[PromiseStatus]] = {
    PromiseStatus.open: frozenset({PromiseStatus.done, PromiseStatus.dropped}),
    PromiseStatus.done: frozenset(),
    PromiseStatus.dropped: frozenset(),
}

EVENTS: dict[type, str] = {ClientRequest: "client_request", Commitment: "commitment"}

Promised = TypeVar("Promised", bound=ClientRequest | Commitment)


class OwnerMissing(Unprocessable):
    """Say who owes it: a member, or a name."""


def search(session: Session, model: type[Promised], page: PromiseQuery) -> Listing:
    """The promises in sight, the earliest due first."""
    query = select(model)
    if page.client_id:
        query = query.where(col(model.client_id) == page.client_id)
    if page.status:
        query = query.where(col(model.status) == page.status)
    if page.due_before:
        query = query.where(col(model.due_on) < page.due_before)
    if page.due_after:
        query = query.where(col(model.due_on) > page.due_after)
    return Listing(query, model, page, Order("due_on"))


def create(session: Session, model: type[Promised], client_id: UUID, **values: Any) -> Promised:
    client = database.get(session, Client, client_id)
    _name_owner(session, values)
    if values["owner_name"] is None:
        raise OwnerMissing(pointer="/owner_name")
    row = model(client_id=client.id, **values)
    _check_subject(session, row)
    database.add(session, row)
    outbox.emit(session, f"{EVENTS[model]}.opened", row, audience="client")
    return row


def update(session: Session, model: type[Promised], id: UUID, **changes: Any) -> Promised:
    row = database.get(session, model, id, lock=True)
    if row.status is not PromiseStatus.open:
        raise MoveNotAllowed(row.status)
    _name_owner(session, changes)
    row.sqlmodel_update(changes)
    _check_subject(session, row)
    outbox.emit(session, f"{EVENTS[model]}.updated", row, audience="client")
    return row


def settle(
    session: Session,
    model: type[Promised],
    id: UUID,
    to: PromiseStatus,
    *,
    reason: str | None = None,
) -> Promised:
    """Keep it (`done`), or drop it for a reason."""
    row = database.get(session, model, id, lock=True)
    if to not in MOVES[row.status]:
        raise MoveNotAllowed(row.status, [*MOVES[row.status]])
    row.status, row.settled_at, row.settled_reason = to, clock.now(), reason
    outbox.emit(session, f"{EVENTS[model]}.{to}", row, audience="client")
    return row


def _name_owner(session: Session, values: dict[str, Any]) -> None:
    """A member who owes it is named: whoever reads it may not see the member."""
    owner = values.get("owner_membership_id")
    if owner is None:
        return
    member = database.get(session, Membership, owner)
    values["owner_name"] = values.get("owner_name") or member.name


def _check_subject(session: Session, row: ClientRequest | Commitment) -> None:
    """A file must be there, and this client's; other subjects stand above this domain."""
    if row.subject_kind is PromiseSubject.file and row.subject_id:
        file = database.get(session, StoredFile, row.subject_id)
        if file.client_id not in (None, row.client_id):
            raise NotFound
