"""
Ways in: one e-mail address, one role, one use, seven days at most.

The token is shown once, to whoever invites, and mailed to whom it is for; only its hash is kept.
What it grants is fixed when it is written, and is checked again when it is used: an inviter who has
lost the right to grant it has invited nobody. To whom it is shown it tells nothing of other
agencies, and whatever is wrong with it, the refusal is the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session, col, func, select

from tenants import clock, database, memberships, outbox, quotas, sessions, tokens, users
from tenants.errors import Conflict, Forbidden, Gone, MoveNotAllowed, Unprocessable
from tenants.models import (
    Agency,
    AgencyStatus,
    Assignment,
    Client,
    Invitation,
    InvitationStatus,
    Membership,
    MembershipKind,
    MembershipStatus,
    User,
)
from tenants.pages import Listing
from tenants.permissions import CONTACT_DUTIES, STAFF_DUTIES, AgencyRole, Duty
from tenants.sessions import Origin, Tokens
from tenants.shapes import email_key
from tenants.users import Proof

PREFIX = "inv"

# What is done, in the platform's transaction, when somebody has come in: by whoever keeps more of
# them than a membership.
Joining = Callable[[Session, Invitation, Membership], None]
_JOINING: list[Joining] = []


def on_joining(follow: Joining) -> Joining:
    """Register what follows when an invitation is accepted, before the person's first request."""
    _JOINING.append(follow)
    return follow


DUTIES_OF: dict[MembershipKind, frozenset[Duty]] = {
    MembershipKind.staff: STAFF_DUTIES,
    MembershipKind.client_contact: CONTACT_DUTIES,
    MembershipKind.influencer: frozenset(),
}


class AlreadyMember(Conflict):
    """This person is one of the agency's people already."""


class DutyNotForKind(Unprocessable):
    """Staff serve clients, contacts approve or view; nobody does the other's."""


class DutyRequired(Unprocessable):
    """A client contact is somebody at a client: name at least one duty."""


class InvitationGone(Gone):
    """The invitation was used, taken back, has expired, or never was."""


class InvitationForAnother(Forbidden):
    """You are logged in as somebody else than the person invited."""


class NameRequired(Unprocessable):
    """Say the name by which the agency will know you."""


@dataclass(frozen=True)
class Written:
    """An invitation and the token that is shown this once."""

    invitation: Invitation
    token: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.invitation, name)


@dataclass(frozen=True)
class Admission:
    """Somebody who came in: to which agency, as which member, with their first log-in."""

    agency: Agency
    membership: Membership
    tokens: Tokens


def create(
    session: Session,
    *,
    duties: list[dict[str, Any]],
    days: int,
    email: str,
    name: str | None,
    **values: Any,
) -> Written:
    """Write an invitation; one that is open for the same address ends with it."""
    memberships.check_role(session, values["kind"], values["role"])
    _check_duties(session, values["kind"], duties)
    key = email_key(email)
    _check_new(session, key)
    if values["kind"] is MembershipKind.staff:
        quotas.check(session, quotas.QuotaKind.seats)
    _void(session, key)
    invitation = Invitation(
        name=name or "",
        email=email,
        email_key=key,
        duties=[{"client_id": str(d["client_id"]), "duty": str(d["duty"])} for d in duties],
        secret_hash="",
        expires_at=clock.now() + timedelta(days=days),
        invited_by=cast(database.Session, session).sight.membership_id,
        **values,
    )
    invitation.secret_hash = tokens.hash_secret(_secret(invitation))
    database.add(session, invitation)
    outbox.emit(session, "invitation.created", invitation)
    return Written(invitation, token_of(invitation))


def token_of(invitation: Invitation) -> str:
    """The token again, for the letter that carries it: it is made of the row, and kept nowhere."""
    return tokens.write_opaque(PREFIX, invitation.agency_id, invitation.id, _secret(invitation))


def _secret(invitation: Invitation) -> str:
    return tokens.secret_for("invitation", invitation.id, invitation.email_key)


def _check_duties(session: Session, kind: MembershipKind, duties: list[dict[str, Any]]) -> None:
    if kind is MembershipKind.client_contact and not duties:
        raise DutyRequired(pointer="/duties")
    for place, each in enumerate(duties):
        if each["duty"] not in DUTIES_OF[kind]:
            raise DutyNotForKind(pointer=f"/duties/{place}/duty")
        database.get(session, Client, each["client_id"])


def _check_new(session: Session, key: str) -> None:
    known = select(Membership.id).where(
        func.lower(Membership.email) == key, col(Membership.status) != MembershipStatus.removed
    )
    if session.exec(known).first():
        raise AlreadyMember


def _void(session: Session, key: str) -> None:
    former = (
        select(Invitation)
        .where(col(Invitation.email_key) == key, col(Invitation.status) == InvitationStatus.open)
        .with_for_update(key_share=True)
    )
    for invitation in session.exec(former).all():
        memberships.check_rank(session, invitation.role)
        _revoke(session, invitation)


def _revoke(session: Session, invitation: Invitation) -> None:
    invitation.status = InvitationStatus.revoked
    outbox.emit(session, "invitation.revoked", invitation)


def search(session: Session, page: Any) -> Listing:
    """The invitations, newest first. One that nobody used in time is `expired`."""
    query = select(Invitation)
    if page.status == "expired":
        query = query.where(
            col(Invitation.status) == InvitationStatus.open,
            col(Invitation.expires_at) <= clock.now(),
        )
    elif page.status:
        query = query.where(col(Invitation.status) == page.status)
        if page.status == InvitationStatus.open:
            query = query.where(col(Invitation.expires_at) > clock.now())
    return Listing(query, Invitation, page)


def revoke(session: Session, invitation_id: UUID) -> None:
    """Take an invitation back while it is open."""
    invitation = database.get(session, Invitation, invitation_id, lock=True)
    memberships.check_rank(session, invitation.role)
    if invitation.status is not InvitationStatus.open:
        raise MoveNotAllowed(invitation.status)
    _revoke(session, invitation)


def addressee(token: str) -> str:
    """Whom an open invitation is for: their e-mail address."""
    with database.platform_session() as session:
        return _open(session, token)[0].email


def accept(
    token: str, proof: Proof, *, name: str | None, caller: UUID | None, origin: Origin
) -> Admission:
    """Come in: the person proves who they are, and the invitation is spent."""
    with database.platform_session(origin.request_id) as session:
        invitation, agency = _open(session, token, lock=True)
        if proof.email != invitation.email:
            raise InvitationGone
        if caller not in (None, proof.user_id):
            raise InvitationForAnother
        name = name or invitation.name
        if proof.user_id is None and not name:
            raise NameRequired(pointer="/name")
        user = users.settle(session, proof, name=name, locale=agency.locale)
        member = _admit(session, user, invitation, name or user.name)
        database.speak_as(session, sessions.person(user, member, agency))
        if member.kind is MembershipKind.staff:
            quotas.add(session, quotas.QuotaKind.seats)
        invitation.status = InvitationStatus.accepted
        outbox.emit(session, "invitation.accepted", invitation)
        outbox.emit(session, "member.joined", member)
        _assign(session, member, invitation, agency)
        for follow in _JOINING:
            follow(session, invitation, member)
        tokens = sessions.open_session(session, user, member, agency, origin)
        return Admission(agency, member, tokens)


def _open(session: Session, token: str, *, lock: bool = False) -> tuple[Invitation, Agency]:
    """The invitation a token is good for, and its agency. Every refusal is the same."""
    parts = tokens.read_opaque(PREFIX, token)
    if parts is None:
        raise InvitationGone
    query = (
        select(Invitation, Agency, Membership)
        .join(Agency, col(Agency.id) == col(Invitation.agency_id))
        .join(
            Membership,
            (col(Membership.agency_id) == col(Invitation.agency_id))
            & (col(Membership.id) == col(Invitation.invited_by)),
        )
        .where(
            col(Invitation.agency_id) == parts.agency_id,
            col(Invitation.id) == parts.id,
            col(Invitation.status) == InvitationStatus.open,
            col(Invitation.expires_at) > clock.now(),
            col(Agency.status).not_in([AgencyStatus.suspended, AgencyStatus.closed]),
            col(Membership.status) == MembershipStatus.active,
            col(Membership.role).in_([AgencyRole.owner, AgencyRole.admin]),
        )
    )
    if lock:
        query = query.with_for_update(of=Invitation, key_share=True)
    found = session.exec(query).first()
    if found is None or not parts.matches(found[0].secret_hash):
        raise InvitationGone
    invitation, agency, inviter = found
    if not memberships.may_handle(inviter.role, invitation.role):
        raise InvitationGone
    return invitation, agency


def _admit(session: Session, user: User, invitation: Invitation, name: str) -> Membership:
    """A membership as invited; somebody who had been removed comes back under their old one."""
    query = (
        select(Membership)
        .where(
            col(Membership.agency_id) == invitation.agency_id, col(Membership.user_id) == user.id
        )
        .with_for_update(key_share=True)
    )
    member = session.exec(query).first()
    if member and member.status is not MembershipStatus.removed:
        raise AlreadyMember
    values: dict[str, Any] = {
        "name": name,
        "email": invitation.email,
        "kind": invitation.kind,
        "role": invitation.role,
        "status": MembershipStatus.active,
    }
    if member is None:
        member = Membership(agency_id=invitation.agency_id, user_id=user.id, **values)
    member.sqlmodel_update(values)
    with database.refusing_twice("uq_memberships_agency_id_user_id", AlreadyMember()):
        session.add(member)
        session.flush()
    return member


def _assign(session: Session, member: Membership, invitation: Invitation, agency: Agency) -> None:
    for each in invitation.duties:
        duty = Assignment(
            client_id=UUID(each["client_id"]),
            membership_id=member.id,
            duty=Duty(each["duty"]),
            starts_on=clock.today(agency.timezone),
        )
        database.add(session, duty)
        outbox.emit(session, "assignment.created", duty)
