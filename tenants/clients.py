"""
What can be done to a client: taken on, changed, moved through its states.

A client is one wall of the house, so it stands here; its contacts, contracts and brand are the
work's, in `api/clients`.
"""

import re
import unicodedata
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session, col, select

from tenants import clock, database, outbox, quotas, rows
from tenants.errors import Conflict, MoveNotAllowed, Unprocessable
from tenants.models import (
    Agency,
    Assignment,
    Client,
    ClientStatus,
    Membership,
    MembershipKind,
    MembershipStatus,
)
from tenants.pages import Listing
from tenants.permissions import Duty

MOVES: dict[ClientStatus, frozenset[ClientStatus]] = {
    ClientStatus.prospect: frozenset(
        {ClientStatus.onboarding, ClientStatus.active, ClientStatus.ended}
    ),
    ClientStatus.onboarding: frozenset({ClientStatus.active, ClientStatus.ended}),
    ClientStatus.active: frozenset(
        {ClientStatus.paused, ClientStatus.in_notice, ClientStatus.ended}
    ),
    ClientStatus.paused: frozenset(
        {ClientStatus.active, ClientStatus.in_notice, ClientStatus.ended}
    ),
    ClientStatus.in_notice: frozenset({ClientStatus.active, ClientStatus.ended}),
    ClientStatus.ended: frozenset(),
}


class ClientSlugTaken(Conflict):
    """Another client of the agency has this slug."""


class LeadNotStaff(Unprocessable):
    """The lead must be an active member of the agency's staff."""


def search(session: Session, page: Any) -> Listing:
    """The clients in sight, newest first; ended ones only when asked for by name."""
    query = select(Client)
    if page.status:
        query = query.where(col(Client.status) == page.status)
    else:
        query = query.where(col(Client.status) != ClientStatus.ended)
    return Listing(query, Client, page)


def create(session: Session, lead_membership_id: UUID, **values: Any) -> Client:
    """Take a client on. Its lead account executive is assigned from today."""
    lead = _staff(session, lead_membership_id)
    agency = current_agency(session)
    values["slug"] = values.get("slug") or _slug(values["name"])
    if session.exec(select(Client.id).where(Client.slug == values["slug"])).first():
        raise ClientSlugTaken(pointer="/slug")
    quotas.add(session, quotas.QuotaKind.clients)
    for name in ("locale", "timezone", "currency"):
        values[name] = values.get(name) or getattr(agency, name)
    values["sector"] = values.get("sector") or {}
    client = Client(lead_membership_id=lead.id, **values)
    duty = Assignment(
        client_id=client.id,
        membership_id=lead.id,
        duty=Duty.account_executive,
        is_lead=True,
        starts_on=clock.today(agency.timezone),
    )
    session.add(client)
    database.admit(session, client.id)
    database.add(session, client, duty)
    outbox.emit(session, "client.created", client)
    return client


def update(session: Session, client_id: UUID, **changes: Any) -> Client:
    client = database.get(session, Client, client_id, lock=True)
    if "status" in changes:
        _check_move(client.status, changes["status"])
        if ClientStatus.ended is changes["status"] is not client.status:
            quotas.add(session, quotas.QuotaKind.clients, -1)
    client.sqlmodel_update(changes)
    outbox.emit(session, "client.updated", client)
    return client


def current_agency(session: Any) -> Agency:
    """The agency of the session, read once."""
    known = session.info.get("agency")
    if known is None or known.id != session.sight.agency_id:
        known = session.info["agency"] = database.read(session, Agency, _agency(), anew=False)
    return cast(Agency, known)


@cache
def _agency() -> str:
    return f"select {rows.columns(Agency)} from agencies where id = %(agency)s"  # noqa: S608


def _check_move(state: ClientStatus, to: ClientStatus) -> None:
    if to is not state and to not in MOVES[state]:
        raise MoveNotAllowed(state, [str(each) for each in MOVES[state]])


def _staff(session: Session, membership_id: UUID) -> Membership:
    member = session.exec(
        select(Membership).where(
            col(Membership.id) == membership_id,
            col(Membership.kind) == MembershipKind.staff,
            col(Membership.status) == MembershipStatus.active,
        )
    ).first()
    if member is None:
        raise LeadNotStaff(pointer="/lead_membership_id")
    return member


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50]
    return made if len(made) >= 3 else f"client-{made or 'new'}"
