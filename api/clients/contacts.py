"""What can be done to a contact: noted down, changed, archived."""

from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.clients.models import Contact
from api.clients.shapes import ContactQuery
from tenants import database, outbox
from tenants.errors import Unprocessable
from tenants.models import Client, Membership, MembershipKind
from tenants.pages import Listing


class ContactNotOfClient(Unprocessable):
    """The membership is not a client contact's."""


def search(session: Session, client_id: UUID, page: ContactQuery) -> Listing:
    """A client's contacts, newest first."""
    client = database.get(session, Client, client_id)
    query = select(Contact).where(
        col(Contact.client_id) == client.id, col(Contact.status) == page.status
    )
    return Listing(query, Contact, page)


def create(session: Session, client_id: UUID, **values: Any) -> Contact:
    client = database.get(session, Client, client_id)
    _check_membership(session, values["membership_id"])
    values["locale"] = values["locale"] or client.locale
    values["title"] = values["title"] or {}
    contact = Contact(client_id=client.id, **values)
    database.add(session, contact)
    outbox.emit(session, "contact.created", contact)
    return contact


def update(session: Session, contact_id: UUID, **changes: Any) -> Contact:
    contact = database.get(session, Contact, contact_id, lock=True)
    _check_membership(session, changes.get("membership_id"))
    contact.sqlmodel_update(changes)
    outbox.emit(session, "contact.updated", contact)
    return contact


def _check_membership(session: Session, membership_id: UUID | None) -> None:
    if membership_id is None:
        return
    member = session.exec(
        select(Membership).where(
            col(Membership.id) == membership_id,
            col(Membership.kind) == MembershipKind.client_contact,
        )
    ).first()
    if member is None:
        raise ContactNotOfClient(pointer="/membership_id")
