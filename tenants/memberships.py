"""
The people of one agency: who they are to it, and since when no longer.

What is changed here bites on the person's next request, and their log-ins end. The last owner
stays; nobody touches, or makes, somebody above their own rank; who leads a client hands it over
before leaving.
"""

from typing import Any, cast
from uuid import UUID

from sqlmodel import Session, col, func, or_, select

from tenants import database, outbox, quotas, sessions
from tenants.errors import Conflict, Forbidden, MoveNotAllowed, NotFound, Unprocessable
from tenants.models import (
    Assignment,
    Client,
    ClientStatus,
    Membership,
    MembershipKind,
    MembershipStatus,
)
from tenants.pages import Listing
from tenants.permissions import AgencyRole
from tenants.shapes import email_key

MOVES: dict[MembershipStatus, frozenset[MembershipStatus]] = {
    MembershipStatus.active: frozenset({MembershipStatus.suspended, MembershipStatus.removed}),
    MembershipStatus.suspended: frozenset({MembershipStatus.active, MembershipStatus.removed}),
    MembershipStatus.removed: frozenset(),
}
_TOLD = {
    MembershipStatus.active: "member.reactivated",
    MembershipStatus.suspended: "member.suspended",
    MembershipStatus.removed: "member.removed",
}
_RANK = {AgencyRole.member: 0, AgencyRole.admin: 1, AgencyRole.owner: 2}


class AboveOwnRank(Forbidden):
    """Nobody grants, changes or takes away a rank above their own."""


class LastOwner(Conflict):
    """An agency always has an active owner; make another one first."""


class LeadsClients(Conflict):
    """The person leads clients; hand over each of `clients` first."""


class RoleNotForKind(Unprocessable):
    """Only staff can be owner or admin."""


def search(session: Session, page: Any) -> Listing:
    """The people in the caller's sight, newest first; removed ones only when asked for by name."""
    query = select(Membership).where(_in_sight(session))
    if page.status:
        query = query.where(col(Membership.status) == page.status)
    else:
        query = query.where(col(Membership.status) != MembershipStatus.removed)
    for name in ("kind", "role"):
        if getattr(page, name):
            query = query.where(getattr(Membership, name) == getattr(page, name))
    return Listing(query, Membership, page)


def get(session: Session, membership_id: UUID) -> Membership:
    query = select(Membership).where(col(Membership.id) == membership_id, _in_sight(session))
    member = session.exec(query).first()
    if member is None:
        raise NotFound
    return member


def is_staff_address(session: Session, email: str) -> bool:
    """Whether an address is of somebody on the staff, who can answer for nobody else."""
    query = select(Membership.id).where(
        func.lower(Membership.email) == email_key(email),
        col(Membership.kind) == MembershipKind.staff,
        col(Membership.status) != MembershipStatus.removed,
    )
    return session.exec(query).first() is not None


def _in_sight(session: Session) -> Any:
    """Colleagues; and of the clients' own people those of a client in sight."""
    actor = cast(database.Session, session).sight
    mine = col(Membership.agency_id) == actor.agency_id
    if actor.client_ids is None:
        return mine
    theirs = select(Assignment.membership_id).where(col(Assignment.client_id).in_(actor.duties))
    staff = col(Membership.kind) == MembershipKind.staff
    return mine & or_(staff, col(Membership.id).in_(theirs))


def update(session: Session, membership_id: UUID, **changes: Any) -> Membership:
    """Change a title, a role, or whether the person may come in."""
    if {"role", "status"} & changes.keys():
        _hold_owners(session)
    member = database.get(session, Membership, membership_id, lock=True)
    role, status = changes.get("role", member.role), changes.get("status", member.status)
    check_rank(session, member.role)
    check_role(session, member.kind, role)
    _check_move(member, status)
    _check_owners(session, member, role, status)
    told = "member.updated" if status is member.status else _TOLD[status]
    bites = role is not member.role or status is not member.status
    member.sqlmodel_update(changes)
    if bites:
        sessions.end_all(session, member.id, told.replace(".", "_"))
    outbox.emit(session, told, member)
    return member


def remove(session: Session, membership_id: UUID) -> None:
    """Let somebody go: their duties and log-ins end; the record stays, for what they did."""
    _hold_owners(session)
    member = database.get(session, Membership, membership_id, lock=True)
    check_rank(session, member.role)
    if member.status is MembershipStatus.removed:
        raise MoveNotAllowed(member.status)
    _check_owners(session, member, member.role, MembershipStatus.removed)
    _check_leads(session, member)
    duties = select(Assignment).where(col(Assignment.membership_id) == member.id)
    for duty in session.exec(duties).all():
        outbox.emit(session, "assignment.removed", duty)
        session.delete(duty)
    member.status = MembershipStatus.removed
    if member.kind is MembershipKind.staff:
        quotas.add(session, quotas.QuotaKind.seats, -1)
    sessions.end_all(session, member.id, "member_removed")
    outbox.emit(session, "member.removed", member)


def check_rank(session: Session, role: AgencyRole) -> None:
    """Refuse to handle a role above the caller's own."""
    if not may_handle(cast(database.Session, session).sight.role, role):
        raise AboveOwnRank


def may_handle(own: AgencyRole, role: AgencyRole) -> bool:
    return _RANK[own] >= _RANK[role]


def check_role(session: Session, kind: MembershipKind, role: AgencyRole) -> None:
    """Refuse a role the caller may not grant, or this kind of person may not hold."""
    check_rank(session, role)
    if kind is not MembershipKind.staff and role is not AgencyRole.member:
        raise RoleNotForKind(pointer="/role")


def _hold_owners(session: Session) -> list[UUID]:
    """The active owners, locked: two of them cannot let each other go at the same time."""
    query = (
        select(Membership.id)
        .where(
            col(Membership.agency_id) == cast(database.Session, session).sight.agency_id,
            col(Membership.role) == AgencyRole.owner,
            col(Membership.status) == MembershipStatus.active,
        )
        .order_by(col(Membership.id))
        .with_for_update(key_share=True)
    )
    return list(session.exec(query))


def _check_move(member: Membership, to: MembershipStatus) -> None:
    if to is not member.status and to not in MOVES[member.status]:
        raise MoveNotAllowed(member.status, [str(each) for each in MOVES[member.status]])


def _check_owners(
    session: Session, member: Membership, role: AgencyRole, status: MembershipStatus
) -> None:
    before, after = (member.role, member.status), (role, status)
    owns = (AgencyRole.owner, MembershipStatus.active)
    if before == owns and after != owns and set(_hold_owners(session)) == {member.id}:
        raise LastOwner


def _check_leads(session: Session, member: Membership) -> None:
    query = select(Client.id, Client.name).where(
        col(Client.lead_membership_id) == member.id, col(Client.status) != ClientStatus.ended
    )
    led = [{"id": str(id), "name": name} for id, name in session.exec(query)]
    if led:
        raise LeadsClients(extra={"clients": led})
