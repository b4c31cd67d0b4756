"""
Log-ins: opened with a proof, kept alive by rotating refresh tokens, ended by anybody concerned.

A refresh token works once. A retry within `GRACE` gets the same successor while that is unused, so
a lost answer harms nobody; any later use of a spent token ends the whole log-in, because somebody
else has it (RFC 9700 §4.14.2). A log-in ends for good after `LONGEST`.
"""

import base64
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from cryptography.fernet import Fernet
from sqlalchemy import update as sql_update
from sqlmodel import Session, col, select

from tenants import auth, clock, database, outbox, settings, tokens, users
from tenants.auth import Actor
from tenants.errors import BadRequest, NotFound
from tenants.models import (
    Agency,
    AgencyStatus,
    Membership,
    MembershipStatus,
    RefreshToken,
    User,
    UserSession,
)
from tenants.pages import PageQuery, Rows, paginate
from tenants.users import InvalidGrant, Proof

LONGEST = timedelta(days=30)
GRACE = timedelta(seconds=10)
PREFIX = "rt"


class AgencyRequired(BadRequest):
    """You work for several agencies: name one by its slug; `agencies` lists them."""


@dataclass(frozen=True)
class Origin:
    """Where a log-in comes from."""

    address: str
    user_agent: str
    request_id: str | None

    @property
    def address_hash(self) -> str:
        return hmac.digest(settings.get().secret_key, self.address.encode(), "sha256").hex()


@dataclass(frozen=True)
class Tokens:
    """What a log-in holds (RFC 6749 §5.1); `expires_in` is seconds."""

    access_token: str
    token_type: str
    expires_in: int
    refresh_token: str


@dataclass(frozen=True)
class OwnSession:
    """A log-in as its owner sees it: `current` is the one that asks."""

    row: UserSession
    current: bool

    def __getattr__(self, name: str) -> Any:
        return getattr(self.row, name)


def log_in(proof: Proof, slug: str | None, origin: Origin) -> Tokens:
    """Open a log-in to the named agency, or to the only one."""
    with database.platform_session(origin.request_id) as session:
        user = users.settle(session, proof)
        membership, agency = _choose(session, user, slug)
        return open_session(session, user, membership, agency, origin)


def _choose(session: Session, user: User, slug: str | None) -> tuple[Membership, Agency]:
    query = (
        select(Membership, Agency)
        .join(Agency, col(Agency.id) == col(Membership.agency_id))
        .where(
            col(Membership.user_id) == user.id,
            col(Membership.status) == MembershipStatus.active,
            col(Agency.status) != AgencyStatus.closed,
        )
        .order_by(col(Agency.slug))
    )
    if slug is not None:
        query = query.where(col(Agency.slug) == slug)
    homes = session.exec(query).all()
    if not homes:
        raise InvalidGrant
    if len(homes) > 1:
        agencies = [{"slug": agency.slug, "name": agency.name} for _, agency in homes]
        raise AgencyRequired(extra={"agencies": agencies})
    return homes[0]


def open_session(
    session: database.Session, user: User, membership: Membership, agency: Agency, origin: Origin
) -> Tokens:
    """Open a log-in in a platform session, which from here on tells events as that person."""
    login = UserSession(
        agency_id=agency.id,
        user_id=user.id,
        membership_id=membership.id,
        user_agent=origin.user_agent,
        address_hash=origin.address_hash,
        expires_at=clock.now() + LONGEST,
    )
    database.speak_as(session, person(user, membership, agency, login.id))
    database.add(session, login)
    outbox.emit(session, "session.opened", login)
    return _tokens(login, _write(session, login)[1])


def person(
    user: User, membership: Membership, agency: Agency, session_id: UUID | None = None
) -> Actor:
    """Somebody who has just proven who they are, as the teller of events."""
    return Actor(
        kind="user",
        agency_id=agency.id,
        label=membership.name,
        user_id=user.id,
        membership_id=membership.id,
        credential_id=session_id,
        membership=membership.kind,
        role=membership.role,
        agency_status=agency.status,
        locale=user.locale,
        every_client=True,
    )


def refresh(token: str, origin: Origin) -> Tokens:
    """Spend a refresh token for an access token and the next refresh token."""
    with database.platform_session(origin.request_id) as session:
        made = _rotate(session, token)
    # Only now: ending a log-in whose token came twice must commit, and then refuse.
    if made is None:
        raise InvalidGrant
    return made


def _rotate(session: database.Session, token: str) -> Tokens | None:
    found = _find(session, token)
    if found is None:
        return None
    row, login = found
    if row.used_at is None:
        return _succeed(session, row, login, token)
    if row.used_at + GRACE >= clock.now() and not _spent(session, row.successor_id):
        assert row.successor is not None
        return _tokens(login, _cipher(token).decrypt(row.successor).decode())
    database.speak_as(session, auth.system(login.agency_id, "refresh token"))
    _end(login, "token_reuse")
    outbox.emit(session, "session.reuse_detected", login)
    return None


def _find(session: Session, token: str) -> tuple[RefreshToken, UserSession] | None:
    """A refresh token and its log-in, both locked; None when it is not, or no longer, good."""
    parts = tokens.read_opaque(PREFIX, token)
    if parts is None:
        return None
    row = session.exec(
        select(RefreshToken)
        .where(col(RefreshToken.agency_id) == parts.agency_id, col(RefreshToken.id) == parts.id)
        .with_for_update()
    ).first()
    if row is None or not parts.matches(row.secret_hash):
        return None
    login = session.exec(_live(row.agency_id, row.session_id)).first()
    return (row, login) if login else None


def _live(agency_id: UUID, session_id: UUID) -> Any:
    """The same conditions under which `sight_of_session` lets a log-in in."""
    return (
        select(UserSession)
        .join(
            Membership,
            (col(Membership.agency_id) == col(UserSession.agency_id))
            & (col(Membership.id) == col(UserSession.membership_id)),
        )
        .join(User, col(User.id) == col(UserSession.user_id))
        .join(Agency, col(Agency.id) == col(UserSession.agency_id))
        .where(
            col(UserSession.agency_id) == agency_id,
            col(UserSession.id) == session_id,
            col(UserSession.revoked_at).is_(None),
            col(UserSession.expires_at) > clock.now(),
            col(Membership.status) == MembershipStatus.active,
            col(User.disabled_at).is_(None),
            col(Agency.status) != AgencyStatus.closed,
        )
        .with_for_update(of=UserSession)
    )


def _succeed(
    session: database.Session, row: RefreshToken, login: UserSession, token: str
) -> Tokens:
    successor, written = _write(session, login)
    row.used_at = login.last_used_at = clock.now()
    row.successor_id = successor.id
    row.successor = _cipher(token).encrypt(written.encode())
    return _tokens(login, written)


def _spent(session: Session, successor_id: UUID | None) -> bool:
    used = select(RefreshToken.used_at).where(col(RefreshToken.id) == successor_id)
    return session.exec(used).one() is not None


def _write(session: database.Session, login: UserSession) -> tuple[RefreshToken, str]:
    secret = tokens.new_secret()
    row = RefreshToken(
        agency_id=login.agency_id, session_id=login.id, secret_hash=tokens.hash_secret(secret)
    )
    database.add(session, row)
    return row, tokens.write_opaque(PREFIX, login.agency_id, row.id, secret)


def _tokens(login: UserSession, refresh_token: str) -> Tokens:
    access = tokens.write_token(login.agency_id, login.id, login.user_id)
    return Tokens(access, "Bearer", tokens.ACCESS_SECONDS, refresh_token)


def _cipher(token: str) -> Fernet:
    """Opened by the spent token and the server's secret together; the database has neither."""
    key = hmac.digest(settings.get().secret_key, token.encode(), "sha256")
    return Fernet(base64.urlsafe_b64encode(key))


def revoke(token: str, origin: Origin) -> None:
    """End the log-in of a refresh token; a token that is not good is as good as revoked."""
    with database.platform_session(origin.request_id) as session:
        found = _find(session, token)
        if found is None:
            return
        login = found[1]
        database.speak_as(session, auth.system(login.agency_id, "refresh token"))
        _end(login, "logged_out")
        outbox.emit(session, "session.revoked", login)


def search(session: Session, page: PageQuery) -> Rows:
    """The caller's own open log-ins to this agency, newest first."""
    found = paginate(session, select(UserSession).where(*_own(session)), UserSession, page)
    current = cast(database.Session, session).sight.credential_id
    rows = [OwnSession(row, row.id == current) for row in found.data]
    return Rows(rows, found.next_cursor, found.total)


def end(session: Session, session_id: UUID) -> None:
    """End one of the caller's own log-ins."""
    own = select(UserSession.id).where(col(UserSession.id) == session_id, *_own(session))
    if session.exec(own).first() is None:
        raise NotFound
    login = database.get(session, UserSession, session_id, lock=True)
    _end(login, "revoked")
    outbox.emit(session, "session.revoked", login)


def end_others(session: Session) -> None:
    """End the caller's log-ins to this agency but the one that speaks."""
    current = cast(database.Session, session).sight.credential_id
    database.get(session, UserSession, current, lock=True)
    others = (
        select(UserSession)
        .where(col(UserSession.id) != current, *_own(session))
        .order_by(col(UserSession.id))
        .with_for_update()
    )
    for login in session.exec(others).all():
        _end(login, "revoked")
        outbox.emit(session, "session.revoked", login)


def end_all(session: Session, membership_id: UUID, because: str) -> None:
    """End every log-in of a member; the member's own event tells of it."""
    session.execute(
        sql_update(UserSession)
        .where(
            col(UserSession.membership_id) == membership_id,
            col(UserSession.revoked_at).is_(None),
        )
        .values(revoked_at=clock.now(), revoked_because=because)
        .execution_options(synchronize_session=False)
    )


def _own(session: Session) -> list[Any]:
    actor = cast(database.Session, session).sight
    return [
        col(UserSession.agency_id) == actor.agency_id,
        col(UserSession.membership_id) == actor.membership_id,
        col(UserSession.revoked_at).is_(None),
        col(UserSession.expires_at) > clock.now(),
    ]


def _end(login: UserSession, because: str) -> None:
    login.revoked_at = clock.now()
    login.revoked_because = because
