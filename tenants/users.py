"""
The person behind a log-in: proven by a password, the same one in every agency.

A password is checked outside any transaction, because that is slow; the `Proof` of it is settled
inside one, and counts for nothing when the password has changed in between.
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from sqlalchemy import update as sql_update
from sqlmodel import Session, col, select

from tenants import clock, database, jobs, outbox, passwords, permissions
from tenants.errors import BadRequest, Unprocessable
from tenants.models import Agency, Client, Membership, MembershipKind, User, UserSession
from tenants.permissions import PERMISSIONS, Duty
from tenants.shapes import email_key


class InvalidGrant(BadRequest):
    """The e-mail and password, or the refresh token, are not good, or no longer."""


class WrongPassword(Unprocessable):
    """The current password is not right."""


class StaleProof(Exception):
    """The password changed, or the person came to be, between proof and use; prove again."""


@dataclass(frozen=True)
class Known:
    """What a log-in is judged by; without a hash nobody has this address."""

    user_id: UUID | None
    password_hash: str | None
    from_known_address: bool


@dataclass(frozen=True)
class Proof:
    """A password that held for this hash; `fresh_hash` is to be stored. No user yet: a new one."""

    email: str
    user_id: UUID | None
    password_hash: str | None
    fresh_hash: str | None


@dataclass(frozen=True)
class NewPassword:
    """A change of password, judged: whether the current one held, for which hash."""

    text: str = field(repr=False)
    holds: bool
    password_hash: str | None
    fresh_hash: str


@dataclass(frozen=True)
class ClientDuties:
    """What the caller does, and may do, for one client."""

    client_id: UUID
    client_name: str
    duties: list[Duty]
    permissions: list[str]


@dataclass(frozen=True)
class Me:
    """The caller: the person, and what they are to this agency."""

    version: int
    user: User
    membership: Membership
    agency: Agency
    duties: list[ClientDuties]
    permissions: list[str]


def look_up(email: str, address_hash: str) -> Known:
    """Who has this e-mail address, and whether they logged in from this network address before."""
    with database.platform_session() as session:
        user = session.exec(
            select(User).where(
                col(User.email_key) == email_key(email), col(User.disabled_at).is_(None)
            )
        ).first()
        return _known(session, user, address_hash)


def look_up_caller(user_id: UUID, address_hash: str) -> Known:
    """The same for a person who is logged in."""
    with database.platform_session() as session:
        return _known(session, session.get(User, user_id), address_hash)


def _known(session: Session, user: User | None, address_hash: str) -> Known:
    # Asked for nobody too, so that nobody costs as much as somebody.
    user_id = user.id if user else None
    before = session.exec(
        select(UserSession.id)
        .where(col(UserSession.user_id) == user_id, col(UserSession.address_hash) == address_hash)
        .limit(1)
    ).first()
    return Known(user_id, user.password_hash if user else None, before is not None)


@dataclass(frozen=True)
class Reached:
    """How a person is written to: the same in every agency."""

    email: str
    name: str
    locale: str


def reached(user_id: UUID) -> Reached:
    """The address and language of a person."""
    with database.platform_session() as session:
        user = session.exec(select(User).where(col(User.id) == user_id)).one()
        return Reached(user.email, user.name, user.locale)


def settle(session: Session, proof: Proof, *, name: str = "", locale: str = "en") -> User:
    """The person a proof speaks of, held until the transaction ends; a new one is made here."""
    if proof.user_id is None:
        return _create(session, proof, name, locale)
    query = select(User).where(col(User.id) == proof.user_id).with_for_update(key_share=True)
    user = session.exec(query).one()
    if user.password_hash != proof.password_hash or user.disabled_at is not None:
        raise StaleProof
    if proof.fresh_hash:
        user.password_hash = proof.fresh_hash
    return user


def _create(session: Session, proof: Proof, name: str, locale: str) -> User:
    assert proof.fresh_hash is not None
    user = User(
        email=proof.email,
        email_key=email_key(proof.email),
        name=name,
        locale=locale,
        password_hash=proof.fresh_hash,
    )
    with database.refusing_twice("uq_users_email_key", StaleProof()):
        session.add(user)
        session.flush()
    return user


def me(session: Session) -> Me:
    """The caller of this session."""
    with database.platform_session() as own:
        user, membership, agency = _rows(own, _actor(session))
    return _me(session, user, membership, agency)


def update_me(session: Session, changes: dict[str, Any], password: NewPassword | None) -> Me:
    """Change the caller's name, language or password; a new password ends every other log-in."""
    actor = _actor(session)
    with database.platform_session(session.info.get("request_id")) as own:
        user, membership, agency = _rows(own, actor, lock=True)
        database.check_version(session, _me(session, user, membership, agency))
        if password is not None:
            _change_password(own, user, actor.credential_id, password)
        database.speak_as(own, actor)
        if "name" in changes and changes["name"] != membership.name:
            membership.name = changes["name"]
            outbox.emit(own, "member.updated", membership)
        user.sqlmodel_update(changes)
        user.version += 1
        outbox.emit(own, "user.password_changed" if password else "user.updated", user)
        if password:
            jobs.enqueue(own, "mail.password_changed", user_id=str(user.id))
        return _me(session, user, membership, agency)


def _change_password(session: Session, user: User, current: UUID, new: NewPassword) -> None:
    if not new.holds or user.password_hash != new.password_hash:
        raise WrongPassword(pointer="/password/current")
    passwords.check(new.text, user.email, user.name, pointer="/password/new")
    user.password_hash = new.fresh_hash
    # In every agency: the platform's own sight, not yet narrowed to the caller's.
    session.execute(
        sql_update(UserSession)
        .where(
            col(UserSession.user_id) == user.id,
            col(UserSession.id) != current,
            col(UserSession.revoked_at).is_(None),
        )
        .values(revoked_at=clock.now(), revoked_because="password_changed")
        .execution_options(synchronize_session=False)
    )


def _actor(session: Session) -> Any:
    return cast(database.Session, session).sight


def _rows(own: Session, actor: Any, *, lock: bool = False) -> tuple[User, Membership, Agency]:
    query = (
        select(User, Membership, Agency)
        .join(Membership, col(Membership.user_id) == col(User.id))
        .join(Agency, col(Agency.id) == col(Membership.agency_id))
        .where(
            col(Membership.agency_id) == actor.agency_id,
            col(Membership.id) == actor.membership_id,
        )
    )
    if lock:
        query = query.with_for_update(key_share=True, of=[User, Membership])
    return own.exec(query).one()


def _me(session: Session, user: User, membership: Membership, agency: Agency) -> Me:
    actor = _actor(session)
    duties = [
        ClientDuties(
            client_id=client_id,
            client_name=name,
            duties=sorted(actor.duties[client_id]),
            permissions=[each for each in PERMISSIONS if actor.may(each, client_id)],
        )
        for client_id, name in _clients(session, actor)
    ]
    staff = membership.kind is MembershipKind.staff
    held = [
        permission
        for permission in PERMISSIONS
        if permission in permissions.EVERYBODY
        or (staff and permissions.by_rank(membership.role, permission))
        or (actor.is_influencer and permission in permissions.INFLUENCER)
    ]
    version = _version(user, membership, agency, duties, held)
    return Me(version, user, membership, agency, duties, held)


def _clients(session: Session, actor: Any) -> list[tuple[UUID, str]]:
    if not actor.duties:  # an influencer may not even ask
        return []
    query = select(Client.id, Client.name).where(
        col(Client.agency_id) == actor.agency_id, col(Client.id).in_(actor.duties)
    )
    return sorted(session.exec(query).all())


def _version(*parts: Any) -> int:
    """One number for what several rows say together: it changes whenever any of them does."""
    said = json.dumps(parts, default=_said, sort_keys=True)
    return int.from_bytes(hashlib.sha256(said.encode()).digest()[:6], "big")


def _said(part: Any) -> Any:
    if isinstance(part, User | Membership | Agency):
        return [str(part.id), part.version]
    return vars(part) if isinstance(part, ClientDuties) else str(part)
