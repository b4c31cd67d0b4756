"""
Deciding without an account: an address that lets one named person give one decision.

The token stands in the address's path, for the page behind it needs no script. It is made of the
link and the server's secret each time it is needed; only its hash is kept. What holds the address
sees one approval and may add one decision to it, and nothing else (the role `app_link`); what
follows from the decision is done by the agency's own hand, as after any client's.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlmodel import Session, col, select

from api.approvals import approvals
from api.approvals.models import Approval, ApprovalLink, ApprovalStatus, Decision, Level, Outcome
from api.approvals.quorum import AlreadyDecided
from api.approvals.shapes import ApprovalLinkQuery
from tenants import clock, database, memberships, outbox, pools, settings, tokens
from tenants.auth import Actor
from tenants.errors import Gone, MoveNotAllowed, NotFound, Unprocessable
from tenants.models import MembershipKind
from tenants.pages import Listing
from tenants.permissions import Duty
from tenants.tokens import OpaqueToken

PREFIX = "decide"
# An approval that asks for nothing any more, and was not decided.
OVER = (ApprovalStatus.withdrawn, ApprovalStatus.superseded, ApprovalStatus.expired)


class ApprovalLinkUnknown(NotFound):
    """The address is wrong."""


class ApprovalLinkClosed(Gone):
    """The address has expired, or was taken back; ask the agency for another."""


class ApprovalOver(Gone):
    """What was asked was withdrawn, replaced, or has run out of time."""


class InternalDecision(Unprocessable):
    """An internal decision is given by the agency's own people, with their log-in."""


class LinkForStaff(Unprocessable):
    """This address is of somebody on the agency's staff, who cannot decide for the client."""


@dataclass(frozen=True)
class Made:
    """A link and its address, which is shown this once."""

    link: ApprovalLink
    address: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.link, name)


@dataclass(frozen=True)
class Guest:
    """Who holds a link, for whom they decide, who asks, and what they have decided with it."""

    client_id: UUID
    approval_id: UUID
    name: str
    email: str
    expires_at: datetime
    revoked_at: datetime | None
    client_name: str
    locale: str
    timezone: str
    agency_name: str
    branding: Mapping[str, Any]
    outcome: str | None
    decided_at: datetime | None

    @property
    def is_closed(self) -> bool:
        return self.revoked_at is not None or self.expires_at <= clock.now()


def create(session: Session, approval_id: UUID, *, name: str, email: str, days: int) -> Made:
    """Make an address for one person of the client. A job mails it; it is shown this once."""
    approval = database.get(session, Approval, approval_id)
    if approval.level is not Level.client:
        raise InternalDecision
    if approval.status is not ApprovalStatus.open:
        raise MoveNotAllowed(approval.status)
    if memberships.is_staff_address(session, email):
        raise LinkForStaff(pointer="/email")
    link = ApprovalLink(
        client_id=approval.client_id,
        approval_id=approval.id,
        name=name,
        email=email,
        secret_hash="",
        expires_at=clock.now() + timedelta(days=days),
    )
    link.secret_hash = tokens.hash_secret(_secret(link))
    database.add(session, link)
    outbox.emit(session, "approval_link.created", link)
    return Made(link, address_of(link))


def address_of(link: ApprovalLink) -> str:
    """Where its holder decides."""
    token = tokens.write_opaque(PREFIX, link.agency_id, link.id, _secret(link))
    return f"{settings.get().public_address}/decide/{token}"


def _secret(link: ApprovalLink) -> str:
    return tokens.secret_for("approval link", link.id, link.email)


def search(session: Session, page: ApprovalLinkQuery) -> Listing:
    """The links in sight, newest first."""
    query = select(ApprovalLink)
    if page.client_id:
        query = query.where(col(ApprovalLink.client_id) == page.client_id)
    if page.approval_id:
        query = query.where(col(ApprovalLink.approval_id) == page.approval_id)
    return Listing(query, ApprovalLink, page)


def awaited(session: Session, approval: Approval) -> Sequence[ApprovalLink]:
    """The open links of an approval whose holders have not decided."""
    decided = select(Decision.link_id).where(
        col(Decision.approval_id) == approval.id, col(Decision.link_id).is_not(None)
    )
    query = select(ApprovalLink).where(
        col(ApprovalLink.approval_id) == approval.id,
        col(ApprovalLink.revoked_at).is_(None),
        col(ApprovalLink.expires_at) > clock.now(),
        col(ApprovalLink.id).not_in(decided),
    )
    return session.exec(query.order_by(col(ApprovalLink.id))).all()


def revoke(session: Session, link_id: UUID) -> ApprovalLink:
    """End an address now. What was decided with it stands."""
    link = database.get(session, ApprovalLink, link_id, lock=True)
    if link.revoked_at is None:
        link.revoked_at = clock.now()
        outbox.emit(session, "approval_link.revoked", link)
    return link


def guest_of(token: str) -> Guest | None:
    """Who holds this address, whether it still opens anything or not."""
    parts = tokens.read_opaque(PREFIX, token)
    if parts is None:
        return None
    with pools.current().app.begin() as connection:
        return _guest(connection, _LOOK, parts)


@contextmanager
def opened(token: str, **origin: str | None) -> Iterator[tuple[Session, Guest]]:
    """
    One transaction of whoever holds the address; commits at its end. `origin`: the `request_id`
    and the `address` that a decision keeps.
    """
    parts = tokens.read_opaque(PREFIX, token)
    if parts is None:
        raise ApprovalLinkUnknown
    entry = LinkEntry(parts)
    with database.open_session(entry) as session, session.begin():
        session.info.update(origin)
        session.connection()
        assert entry.guest is not None
        yield session, entry.guest


@dataclass
class LinkEntry:
    """The way in of whoever holds an address: one approval of one client."""

    token: OpaqueToken
    guest: Guest | None = None

    def __call__(self, connection: Connection) -> Actor:
        guest = self.guest = _guest(connection, _ENTER, self.token)
        if guest is None:
            raise ApprovalLinkUnknown
        if guest.is_closed:
            raise ApprovalLinkClosed
        return Actor(
            "link",
            self.token.agency_id,
            guest.name,
            credential_id=self.token.id,
            membership=MembershipKind.client_contact,
            duties={guest.client_id: frozenset({Duty.approver})},
        )


def _guest(connection: Connection, query: Any, token: OpaqueToken) -> Guest | None:
    asked = {
        "agency": str(token.agency_id),
        "link": str(token.id),
        "secret": tokens.hash_secret(token.secret),
    }
    row = connection.execute(query, asked).one_or_none()
    return Guest(*row[: len(Guest.__dataclass_fields__)]) if row else None


_SIGHT = (
    "sight_of_approval_link(cast(:agency as uuid), cast(:link as uuid), cast(:secret as text)) s"
)
_LOOK = text(f"select s.* from {_SIGHT}")  # noqa: S608
_ENTER = text(
    "select s.*, set_config('app.agency_id', cast(:agency as text), true),"  # noqa: S608
    " set_config('app.client_ids', '{' || s.client_id || '}', true),"
    " set_config('app.membership_id', '', true),"
    " set_config('app.subject_id', s.approval_id::text, true),"
    f" set_config('role', 'app_link', true) from {_SIGHT}"
)


def read(session: Session, guest: Guest) -> Approval:
    """The one approval that a link opens."""
    approval = database.get(session, Approval, guest.approval_id)
    if approval.status in OVER:
        raise ApprovalOver
    return approval


def decide(
    session: Session,
    guest: Guest,
    outcome: Outcome,
    *,
    reason: str | None,
    content_sha256: str,
) -> None:
    """Give the one decision of a link. The same one again changes nothing."""
    if guest.outcome is not None:
        if guest.outcome != outcome:
            raise AlreadyDecided
        return
    try:
        with database.refusing_twice("uq_approval_decisions_link", AlreadyDecided()):
            approvals.decide(
                session,
                guest.approval_id,
                outcome,
                reason=reason,
                content_sha256=content_sha256,
                link_id=session.sight.credential_id,  # type: ignore[attr-defined]
                decided_by_email=guest.email,
            )
    except MoveNotAllowed:
        read(session, guest)  # says of what is over that it is
        raise
