"""
Calendar feeds: an address that a calendar program reads for one member, again and again.

The token stands in the address's path, for that is all a calendar program can be given; only a hash
of its secret is kept. Whoever reads it sees what its owner would see at that moment and nothing
more: it enters as the owner, live, in a transaction that can write nothing. Who is suspended has no
feed any more, and of a client without their assignment it is empty.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import func, text
from sqlalchemy.engine import Connection
from sqlmodel import Session, col, select

from api.campaigns.deliverable_models import Deliverable, DeliverableStatus
from api.desk import calendar
from api.desk.models import CalendarFeed, CalendarFeedQuery
from tenants import auth, clock, database, outbox, pipeline, settings, tokens
from tenants.auth import Actor
from tenants.errors import Conflict, NotFound
from tenants.models import Client
from tenants.pages import Listing
from tenants.permissions import Duty
from tenants.pipeline import Statement
from tenants.tokens import OpaqueToken

PREFIX = "calendar"
MOST = 20
MOST_EVENTS = 2_000
BEHIND, AHEAD = timedelta(days=90), timedelta(days=366)


class CalendarFeedClosed(NotFound):
    """The address is wrong, was taken back, or its owner may read it no more."""


class TooManyFeeds(Conflict):
    """A member has 20 calendar feeds at most; take one back first."""


@dataclass(frozen=True)
class Made:
    """A feed and its address, which is shown this once."""

    feed: CalendarFeed
    address: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.feed, name)


def create(session: Session, *, client_id: UUID | None, duty: Duty | None) -> Made:
    """Make an address for whoever asks."""
    if client_id:
        database.get(session, Client, client_id)
    if session.exec(select(func.count()).select_from(_own(session).subquery())).one() >= MOST:
        raise TooManyFeeds
    secret = tokens.new_secret()
    feed = CalendarFeed(
        membership_id=_me(session),
        of_client_id=client_id,
        duty=duty,
        secret_hash=tokens.hash_secret(secret),
    )
    database.add(session, feed)
    outbox.emit(session, "calendar_feed.created", feed)
    token = tokens.write_opaque(PREFIX, feed.agency_id, feed.id, secret)
    return Made(feed, f"{settings.get().public_address}/calendar/{token}.ics")


def search(session: Session, page: CalendarFeedQuery) -> Listing:
    """The caller's own feeds, newest first."""
    return Listing(_own(session), CalendarFeed, page)


def _mine(session: Session, feed_id: UUID, *, lock: bool = False) -> CalendarFeed:
    feed = database.get(session, CalendarFeed, feed_id, lock=lock)
    if feed.membership_id != _me(session):
        raise NotFound
    return feed


def revoke(session: Session, feed_id: UUID) -> None:
    """End an address now."""
    feed = _mine(session, feed_id, lock=True)
    outbox.emit(session, "calendar_feed.revoked", feed)
    session.delete(feed)


def read(token: str) -> bytes:
    """The calendar behind an address, as its owner would see it now."""
    with _opened(token) as (session, feed):
        sight = session.sight
        shown = _clients(sight, feed) if sight.may("deliverables:read") else frozenset[UUID]()
        return calendar.write(_due(session, shown), sight.locale)


def _own(session: Session) -> Any:
    return select(CalendarFeed).where(col(CalendarFeed.membership_id) == _me(session))


def _me(session: Session) -> Any:
    return cast(database.Session, session).sight.membership_id


@contextmanager
def _opened(token: str) -> Iterator[tuple[database.Session, CalendarFeed]]:
    parts = tokens.read_opaque(PREFIX, token)
    if parts is None:
        raise CalendarFeedClosed
    with database.open_session(FeedEntry(parts)) as session, session.begin():
        yield session, _mine(session, parts.id)


@dataclass(frozen=True)
class FeedEntry:
    """The way in of whoever holds an address: as its owner, to read."""

    token: OpaqueToken

    def __call__(self, connection: Connection) -> Actor:
        asked = {
            "agency": self.token.agency_id,
            "feed": self.token.id,
            "secret": tokens.hash_secret(self.token.secret),
            "now": clock.now(),
        }
        (rows,) = pipeline.ask_together(connection, [Statement(_ENTER, asked)])
        if not rows:
            raise CalendarFeedClosed
        connection.execute(text("set transaction read only"))
        return auth.actor(rows[0], self.token.agency_id, self.token.id, kind="feed")


_ENTER = auth.entering(
    "sight_of_calendar_feed(%(agency)s::uuid, %(feed)s::uuid, %(secret)s, %(now)s::timestamptz)"
)


def _clients(sight: Actor, feed: CalendarFeed) -> frozenset[UUID] | None:
    """The clients a feed shows, of those in sight; None: every one."""
    shown = sight.client_ids
    if feed.duty is not None:
        shown = frozenset(id for id, duties in sight.duties.items() if feed.duty in duties)
    if feed.of_client_id is not None:
        only = frozenset({feed.of_client_id})
        shown = only if shown is None else shown & only
    return shown


def _due(session: Session, shown: frozenset[UUID] | None) -> list[tuple[Deliverable, str]]:
    """What is due around today, with the names of its clients; what was called off is not."""
    today = clock.now().date()
    same = (col(Deliverable.agency_id) == col(Client.agency_id)) & (
        col(Deliverable.client_id) == col(Client.id)
    )
    query = (
        select(Deliverable, Client.name)
        .join(Client, same)
        .where(
            col(Deliverable.status) != DeliverableStatus.cancelled,
            col(Deliverable.due_on).between(today - BEHIND, today + AHEAD),
        )
        .order_by(col(Deliverable.due_on), col(Deliverable.id))
    )
    if shown is not None:
        query = query.where(col(Deliverable.client_id).in_(sorted(shown)))
    return list(session.exec(query.limit(MOST_EVENTS))) if shown != frozenset() else []
