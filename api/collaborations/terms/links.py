"""
Answering terms without an account: an address for one named influencer and one version of terms.

As with decisions by link, the token stands in the path, is made of the link and the server's secret
each time it is needed, and only its hash is kept. Its holder may read nothing but what the look-up
says; what follows from their answer is done by the agency's own hand.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlmodel import Session, col, select

from api.collaborations import endings, moves
from api.collaborations.models import Collaboration, CollaborationStatus
from api.collaborations.terms import amendments, offers
from api.collaborations.terms.models import Answer, CollaborationLink
from api.collaborations.terms.shapes import CollaborationLinkQuery
from tenants import clock, database, memberships, outbox, pools, settings, tokens
from tenants.auth import Actor
from tenants.errors import Gone, NotFound, Unprocessable
from tenants.models import MembershipKind
from tenants.pages import Listing
from tenants.tokens import OpaqueToken

PREFIX = "terms"
# Where terms that have no answer wait for one: the first, or those that change what was agreed.
_ANSWERABLE = amendments.AGREED | {CollaborationStatus.terms_sent}


class TermsLinkUnknown(NotFound):
    """The address is wrong."""


class TermsLinkClosed(Gone):
    """The address has expired, or was taken back; ask the agency for another."""


class TermsOver(Gone):
    """These terms were withdrawn or replaced, or their time is over."""


class StaffAddress(Unprocessable):
    """This address is of somebody on the agency's staff, who cannot accept for an influencer."""


@dataclass(frozen=True)
class Made:
    """A link and its address, which is shown this once."""

    link: CollaborationLink
    address: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.link, name)


@dataclass(frozen=True)
class Guest:
    """Who holds a link, for whom they would work, who asks, on what terms, and what they said."""

    client_id: UUID
    collaboration_id: UUID
    terms_id: UUID
    influencer_id: UUID
    name: str
    email: str
    expires_at: datetime
    revoked_at: datetime | None
    title: str
    client_name: str
    locale: str
    timezone: str
    agency_name: str
    branding: Mapping[str, Any]
    content: Mapping[str, Any]
    content_sha256: str
    respond_by: datetime
    status: str
    answer: str | None
    answered_at: datetime | None

    @property
    def is_closed(self) -> bool:
        return self.revoked_at is not None or self.expires_at <= clock.now()

    @property
    def is_over(self) -> bool:
        """Whether there is nothing to answer any more, and no answer of theirs to show."""
        if self.answer is not None:
            return self.answer not in (Answer.accepted, Answer.declined)
        return self.status not in _ANSWERABLE or self.respond_by <= clock.now()


def create(session: Session, collaboration_id: UUID, *, name: str, email: str) -> Made:
    """Make an address at which the terms on the table are answered. It is shown this once."""
    with moves.held(session, collaboration_id) as row:
        if offers.amendment(session, row) is None:
            moves.check(row, CollaborationStatus.contracted)
        if memberships.is_staff_address(session, email):
            raise StaffAddress(pointer="/email")
        terms = offers.standing(session, row)
        link = CollaborationLink(
            client_id=row.client_id,
            collaboration_id=row.id,
            terms_id=terms.id,
            name=name,
            email=email,
            secret_hash="",
            expires_at=terms.respond_by,
        )
        link.secret_hash = tokens.hash_secret(_secret(link))
        database.add(session, link)
        outbox.emit(session, "collaboration_link.created", link)
    return Made(link, address_of(link))


def address_of(link: CollaborationLink) -> str:
    """Where its holder answers."""
    token = tokens.write_opaque(PREFIX, link.agency_id, link.id, _secret(link))
    return f"{settings.get().public_address}/terms/{token}"


def search(session: Session, page: CollaborationLinkQuery) -> Listing:
    """The links in sight, newest first."""
    query = select(CollaborationLink)
    if page.client_id:
        query = query.where(col(CollaborationLink.client_id) == page.client_id)
    if page.collaboration_id:
        query = query.where(col(CollaborationLink.collaboration_id) == page.collaboration_id)
    return Listing(query, CollaborationLink, page)


def revoke(session: Session, link_id: UUID) -> CollaborationLink:
    """End an address now. What was answered with it stands."""
    link = database.get(session, CollaborationLink, link_id, lock=True)
    if link.revoked_at is None:
        link.revoked_at = clock.now()
        outbox.emit(session, "collaboration_link.revoked", link)
    return link


def guest_of(token: str) -> Guest | None:
    """Who holds this address, whether it still opens anything or not."""
    parts = tokens.read_opaque(PREFIX, token)
    if parts is None:
        return None
    with pools.current().app.begin() as connection:
        return _guest(connection, _LOOK, parts)


def opened(token: str) -> Guest:
    """Who holds an address that opens something."""
    guest = guest_of(token)
    if guest is None:
        raise TermsLinkUnknown
    if guest.is_closed and guest.answer is None:
        raise TermsLinkClosed
    if guest.is_over:
        raise TermsOver
    return guest


def answer(
    token: str, given: Answer, *, reason: str | None, content_sha256: str, **origin: str | None
) -> None:
    """Accept or decline, once, in the name of whom the link is for. The same again is nothing."""
    guest = opened(token)
    if guest.answer is not None:
        if guest.answer != given:
            raise offers.TermsAnswered
        return
    with _entered(token, origin) as session, database.acting_for_agency(session, guest.client_id):
        row = database.get(session, Collaboration, guest.collaboration_id, lock=True)
        terms = offers.standing(session, row)
        if terms.id != guest.terms_id:
            raise TermsOver
        link_id = session.sight.credential_id
        if given is Answer.accepted:
            amendments.settle(session, row, terms, content_sha256, link_id=link_id)
        else:
            endings.refuse(session, row, reason or "", link_id=link_id)


@contextmanager
def _entered(token: str, origin: dict[str, str | None]) -> Iterator[database.Session]:
    parts = tokens.read_opaque(PREFIX, token)
    if parts is None:
        raise TermsLinkUnknown
    with database.open_session(LinkEntry(parts)) as session, session.begin():
        session.info.update(origin)
        yield session


@dataclass
class LinkEntry:
    """The way in of whoever holds an address: they see nothing by themselves."""

    token: OpaqueToken

    def __call__(self, connection: Connection) -> Actor:
        guest = _guest(connection, _ENTER, self.token)
        if guest is None:
            raise TermsLinkUnknown
        if guest.is_closed:
            raise TermsLinkClosed
        return Actor(
            "link",
            self.token.agency_id,
            guest.name,
            credential_id=self.token.id,
            membership=MembershipKind.client_contact,
            duties={guest.client_id: frozenset()},
            influencer_id=guest.influencer_id,
        )


def _secret(link: CollaborationLink) -> str:
    return tokens.secret_for("collaboration link", link.id, link.email)


def _guest(connection: Connection, query: Any, token: OpaqueToken) -> Guest | None:
    asked = {
        "agency": str(token.agency_id),
        "link": str(token.id),
        "secret": tokens.hash_secret(token.secret),
    }
    row = connection.execute(query, asked).one_or_none()
    return Guest(*row[: len(Guest.__dataclass_fields__)]) if row else None


_SIGHT = (
    "sight_of_collaboration_link("
    "cast(:agency as uuid), cast(:link as uuid), cast(:secret as text)) s"
)
_LOOK = text(f"select s.* from {_SIGHT}")  # noqa: S608
_ENTER = text(
    "select s.*, set_config('app.agency_id', cast(:agency as text), true),"  # noqa: S608
    " set_config('app.client_ids', '{' || s.client_id || '}', true),"
    " set_config('app.membership_id', '', true), set_config('app.influencer_id', '', true),"
    " set_config('app.subject_id', '', true),"
    f" set_config('role', 'app_link', true) from {_SIGHT}"
)
