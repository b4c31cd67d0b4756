"""
Answering an invitation without an account: an address that lets one named person answer once.

As of an approval's link, the token is made of the row and the server's secret each time it is
needed; only its hash is kept. Who holds the address is told what the look-up says and may read no
row at all (the role `app_link`); what they answer is done by the agency's own hand.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlmodel import Session, col, select

from api.influencers.admitting import NoAddress
from api.influencers.models import Influencer
from api.influencers.programs.models import (
    Candidate,
    CandidateStatus,
    JoinAnswer,
    ProgramLink,
    ProgramStatus,
)
from tenants import clock, database, outbox, pools, settings, tokens
from tenants.auth import Actor
from tenants.errors import Conflict, Gone, NotFound
from tenants.models import Client, MembershipKind
from tenants.permissions import Duty
from tenants.tokens import OpaqueToken

PREFIX = "join"


class JoinLinkUnknown(NotFound):
    """The address is wrong."""


class JoinLinkClosed(Gone):
    """The address has expired, or was taken back; ask the agency for another."""


class JoinOver(Gone):
    """The invitation is no longer open: the program is closed, or it was settled otherwise."""


class AnsweredOtherwise(Conflict):
    """The invitation was answered already, and not so."""


@dataclass(frozen=True)
class Made:
    """A link and its address, which is shown this once."""

    link: ProgramLink
    address: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.link, name)


@dataclass(frozen=True)
class Invited:
    """Who holds a link, to what they are invited, by whom, and what they have answered."""

    client_id: UUID
    candidate_id: UUID
    name: str
    email: str
    locale: str
    message: str | None
    expires_at: datetime
    revoked_at: datetime | None
    answer: str | None
    answered_at: datetime | None
    candidate_status: str
    program_status: str
    program_name: str
    program_kind: str
    brief: Mapping[str, str]
    perks: Mapping[str, str]
    monthly_activity: int | None
    starts_on: date | None
    ends_on: date | None
    client_name: str
    timezone: str
    agency_name: str
    branding: Mapping[str, Any]

    @property
    def is_closed(self) -> bool:
        return self.revoked_at is not None or self.expires_at <= clock.now()

    @property
    def is_over(self) -> bool:
        """Whether there is nothing to answer any more, and it was not answered here."""
        waits = self.candidate_status == CandidateStatus.invited
        return self.answer is None and not (waits and self.program_status == ProgramStatus.active)


def create(
    session: Session,
    candidate: Candidate,
    influencer: Influencer,
    *,
    email: str | None,
    message: str | None,
    locale: str | None,
    days: int,
) -> Made:
    """Make an address for a candidate. A job mails it; it is shown this once."""
    address = email or influencer.email
    if address is None:
        raise NoAddress(pointer="/email")
    end(session, candidate)
    client = database.get(session, Client, candidate.client_id)
    link = ProgramLink(
        client_id=candidate.client_id,
        candidate_id=candidate.id,
        name=influencer.name,
        email=address,
        locale=locale or client.locale,
        message=message,
        secret_hash="",
        expires_at=clock.now() + timedelta(days=days),
    )
    link.secret_hash = tokens.hash_secret(_secret(link))
    database.add(session, link)
    outbox.emit(session, "program_link.created", link)
    return Made(link, address_of(link))


def end(session: Session, candidate: Candidate) -> None:
    """Take back the addresses of a candidate that nobody has answered at."""
    query = select(ProgramLink).where(
        col(ProgramLink.candidate_id) == candidate.id,
        col(ProgramLink.revoked_at).is_(None),
        col(ProgramLink.answer).is_(None),
    )
    for link in session.exec(query.with_for_update(key_share=True)).all():
        link.revoked_at = clock.now()
        outbox.emit(session, "program_link.revoked", link)


def address_of(link: ProgramLink) -> str:
    """Where its holder answers."""
    token = tokens.write_opaque(PREFIX, link.agency_id, link.id, _secret(link))
    return f"{settings.get().public_address}/join/{token}"


def _secret(link: ProgramLink) -> str:
    return tokens.secret_for("program link", link.id, link.email)


def invited_by(token: str) -> Invited | None:
    """Who holds this address, whether it still opens anything or not."""
    parts = tokens.read_opaque(PREFIX, token)
    if parts is None:
        return None
    with pools.current().app.begin() as connection:
        return _invited(connection, _LOOK, parts)


@contextmanager
def opened(token: str, **origin: str | None) -> Iterator[tuple[Session, Invited]]:
    """One transaction of whoever holds the address; commits at its end."""
    parts = tokens.read_opaque(PREFIX, token)
    if parts is None:
        raise JoinLinkUnknown
    entry = JoinEntry(parts)
    with database.open_session(entry) as session, session.begin():
        session.info.update(origin)
        session.connection()
        assert entry.invited is not None
        yield session, entry.invited


@dataclass
class JoinEntry:
    """The way in of whoever holds an address: one candidate of one client's program."""

    token: OpaqueToken
    invited: Invited | None = None

    def __call__(self, connection: Connection) -> Actor:
        invited = self.invited = _invited(connection, _ENTER, self.token)
        if invited is None:
            raise JoinLinkUnknown
        if invited.is_closed and invited.answer is None:
            raise JoinLinkClosed
        return Actor(
            "link",
            self.token.agency_id,
            invited.name,
            credential_id=self.token.id,
            membership=MembershipKind.client_contact,
            duties={invited.client_id: frozenset[Duty]()},
        )


def _invited(connection: Connection, query: Any, token: OpaqueToken) -> Invited | None:
    asked = {
        "agency": str(token.agency_id),
        "link": str(token.id),
        "secret": tokens.hash_secret(token.secret),
    }
    row = connection.execute(query, asked).one_or_none()
    return Invited(*row[: len(Invited.__dataclass_fields__)]) if row else None


_SIGHT = (
    "sight_of_program_link(cast(:agency as uuid), cast(:link as uuid), cast(:secret as text)) s"
)
_LOOK = text(f"select s.* from {_SIGHT}")  # noqa: S608
_ENTER = text(
    "select s.*, set_config('app.agency_id', cast(:agency as text), true),"  # noqa: S608
    " set_config('app.client_ids', '{' || s.client_id || '}', true),"
    " set_config('app.membership_id', '', true), set_config('app.influencer_id', '', true),"
    f" set_config('role', 'app_link', true) from {_SIGHT}"
)


def hold(session: Session, invited: Invited) -> tuple[Candidate, ProgramLink]:
    """The candidate and the link that is answered, both held, by the agency's hand."""
    candidate = database.get(session, Candidate, invited.candidate_id, lock=True)
    link_id = session.sight.credential_id  # type: ignore[attr-defined]
    return candidate, database.get(session, ProgramLink, link_id, lock=True)


def note(session: Session, link: ProgramLink, answer: JoinAnswer) -> None:
    """Keep what was answered, and when."""
    link.answer, link.answered_at = answer, clock.now()
    outbox.emit(session, "program_link.answered", link)
