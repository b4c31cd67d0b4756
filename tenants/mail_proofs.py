"""
Proving that one reads a mailbox: by a token that is mailed to it.

Whoever asks for a new password is not looked up: the request writes down the address and is done,
so it costs and answers the same whoever it is. A chore finds the person, and a job mails the token.
The token is made of the row, the person and the server's secret each time it is needed, and kept
nowhere; it ends when it is used, when its time is over, or when the password changes otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import delete, func
from sqlalchemy import update as sql_update
from sqlmodel import Session, col, select

from tenants import auth, clock, database, jobs, outbox, sessions, tokens
from tenants.errors import Gone, TooManyRequests
from tenants.models import (
    Agency,
    AgencyStatus,
    MailProof,
    Membership,
    MembershipStatus,
    ProofPurpose,
    User,
    UserSession,
)
from tenants.sessions import Origin
from tenants.shapes import email_key
from tenants.sight import PLATFORM

PREFIX = "proof"
LIFE = {
    ProofPurpose.password_reset: timedelta(minutes=30),
    ProofPurpose.email_verification: timedelta(days=1),
}
# Letters to one person in an hour. What strangers ask for beyond is quietly left out.
RESETS, VERIFICATIONS = 3, 20
HOUR = timedelta(hours=1)
BATCH = 200


class MailProofGone(Gone):
    """The token was used, has expired, or never was; ask for another."""


@dataclass(frozen=True)
class ToMail:
    """Who is written to, and the token they are given."""

    email: str
    name: str
    locale: str
    token: str


def ask_reset(email: str) -> None:
    """Write down that somebody wants a new password. Nobody is looked up."""
    with database.platform_session() as session:
        session.add(_proof(ProofPurpose.password_reset, email))


def ask_verification(session: Session) -> None:
    """Mail the caller a token that shows the address is theirs."""
    actor = cast(database.Session, session).sight
    with database.platform_session(session.info.get("request_id")) as own:
        user = own.exec(select(User).where(col(User.id) == actor.user_id)).one()
        if _asked(own, user.id, ProofPurpose.email_verification) >= VERIFICATIONS:
            raise TooManyRequests(seconds=3600, headers={"Retry-After": "3600"})
        proof = _proof(ProofPurpose.email_verification, user.email)
        proof.user_id, proof.settled_at = user.id, clock.now()
        own.add(proof)
        database.speak_as(own, actor)
        outbox.emit(own, "user.email_proof_asked", user)
        jobs.enqueue(own, "mail.email_verification", proof_id=str(proof.id))


def _proof(purpose: ProofPurpose, email: str) -> MailProof:
    return MailProof(purpose=purpose, email=email, expires_at=clock.now() + LIFE[purpose])


def settle() -> int:
    """Look up who asked for a new password, and let a job write to each; how many there were."""
    for done in range(BATCH):
        if not _settle_next():
            return done
    return BATCH


def _settle_next() -> bool:
    with database.platform_session() as session:
        waiting = select(MailProof).where(col(MailProof.settled_at).is_(None))
        claimed = waiting.order_by(col(MailProof.id)).limit(1).with_for_update(skip_locked=True)
        proof = session.exec(claimed).first()
        if proof is None:
            return False
        proof.settled_at = clock.now()
        found = _homes(session, col(User.email_key) == email_key(proof.email))
        if not found or _asked(session, found[0][0].id, proof.purpose) >= RESETS:
            session.delete(proof)
            return True
        user, _, agency = found[0]
        proof.user_id = user.id
        session.flush()
        database.speak_as(session, auth.system(agency.id))
        jobs.enqueue(session, f"mail.{proof.purpose}", proof_id=str(proof.id))
        return True


def _homes(session: Session, condition: Any) -> Sequence[tuple[User, Membership, Agency]]:
    """A person in each agency that lets them in, the one they have known longest first."""
    query = (
        select(User, Membership, Agency)
        .join(Membership, col(Membership.user_id) == col(User.id))
        .join(Agency, col(Agency.id) == col(Membership.agency_id))
        .where(
            condition,
            col(User.disabled_at).is_(None),
            col(Membership.status) == MembershipStatus.active,
            col(Agency.status) != AgencyStatus.closed,
        )
        .order_by(col(Membership.id))
    )
    return session.exec(query).all()


def _asked(session: Session, user_id: UUID, purpose: ProofPurpose) -> int:
    """How often in the last hour."""
    query = select(func.count()).where(
        col(MailProof.user_id) == user_id,
        col(MailProof.purpose) == purpose,
        col(MailProof.created_at) > clock.now() - HOUR,
    )
    return session.exec(query).one()


def to_mail(proof_id: UUID) -> ToMail | None:
    """What the letter says; None when the proof is over."""
    with database.platform_session() as session:
        found = _open(session, proof_id)
        if found is None:
            return None
        proof, user = found
        secret = _secret(proof, user)
        token = tokens.write_opaque(PREFIX, PLATFORM.agency_id, proof.id, secret)
        return ToMail(user.email, user.name, user.locale, token)


def addressee(token: str) -> tuple[str, str]:
    """Whose password a token changes: e-mail and name, which no password may be."""
    with database.platform_session() as session:
        _, user = _read(session, token, ProofPurpose.password_reset)
        return user.email, user.name


def reset_password(token: str, fresh_hash: str, origin: Origin) -> None:
    """Set a new password, once; every log-in of the person ends, and they are told."""
    with database.platform_session(origin.request_id) as session:
        proof, user = _read(session, token, ProofPurpose.password_reset, lock=True)
        proof.used_at = clock.now()
        user.password_hash = fresh_hash
        _verified(user)
        _end_log_ins(session, user)
        for place, (_, member, agency) in enumerate(_homes(session, col(User.id) == user.id)):
            database.speak_as(session, sessions.person(user, member, agency))
            outbox.emit(session, "user.password_reset", user)
            if place == 0:
                jobs.enqueue(session, "mail.password_changed", user_id=str(user.id))


def verify_email(token: str, origin: Origin) -> None:
    """Note that the person reads mail at their address."""
    with database.platform_session(origin.request_id) as session:
        proof, user = _read(session, token, ProofPurpose.email_verification, lock=True)
        proof.used_at = clock.now()
        _verified(user)
        for _, member, agency in _homes(session, col(User.id) == user.id):
            database.speak_as(session, sessions.person(user, member, agency))
            outbox.emit(session, "user.email_verified", user)


def _verified(user: User) -> None:
    user.email_verified_at = user.email_verified_at or clock.now()
    user.version += 1


def _end_log_ins(session: Session, user: User) -> None:
    session.execute(
        sql_update(UserSession)
        .where(col(UserSession.user_id) == user.id, col(UserSession.revoked_at).is_(None))
        .values(revoked_at=clock.now(), revoked_because="password_reset")
        .execution_options(synchronize_session=False)
    )


def _read(
    session: Session, token: str, purpose: ProofPurpose, *, lock: bool = False
) -> tuple[MailProof, User]:
    """What a token proves. Every refusal is the same."""
    parts = tokens.read_opaque(PREFIX, token)
    found = _open(session, parts.id, lock=lock) if parts else None
    if parts is None or found is None or found[0].purpose is not purpose:
        raise MailProofGone
    if not parts.matches(tokens.hash_secret(_secret(*found))):
        raise MailProofGone
    return found


def _open(session: Session, proof_id: UUID, *, lock: bool = False) -> tuple[MailProof, User] | None:
    query = (
        select(MailProof, User)
        .join(User, col(User.id) == col(MailProof.user_id))
        .where(
            col(MailProof.id) == proof_id,
            col(MailProof.used_at).is_(None),
            col(MailProof.expires_at) > clock.now(),
            col(User.disabled_at).is_(None),
        )
    )
    return session.exec(query.with_for_update() if lock else query).first()


def _secret(proof: MailProof, user: User) -> str:
    """It ends with what it is bound to: the password it is to replace, or the address."""
    resets = proof.purpose is ProofPurpose.password_reset
    return tokens.secret_for(
        proof.purpose, proof.id, user.password_hash if resets else user.email_key
    )


def forget() -> None:
    """What is over is not kept: it names addresses, and some are nobody's. An hour counts them."""
    with database.platform_session() as session:
        over = col(MailProof.expires_at) < clock.now() - HOUR
        session.exec(delete(MailProof).where(over))
