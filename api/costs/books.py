"""
What can be done to the books: days closed, and for a reason opened again.

Whoever makes, changes or deletes what a day cost holds the books open until the end of the
transaction, beside others; whoever closes them waits for all of these, and they for it.
"""

from datetime import date
from typing import cast

from sqlalchemy import text
from sqlmodel import Session, select

from api.costs.models import Books
from tenants import clients, clock, database, outbox
from tenants.errors import Conflict, Unprocessable

INTERNAL = "internal"  # the audience of all that is told of costs


class BooksClosed(Conflict):
    """The day is closed; `closed_through` says through which day the books are."""

    def __init__(self, closed_through: date) -> None:
        day = closed_through.isoformat()
        super().__init__(extra={"closed_through": day}, closed_through=day)


class DayNotOver(Unprocessable):
    """Only days that are over, where the agency is, are closed."""


class ReopeningReason(Unprocessable):
    """Days that were closed are opened again only for a reason."""


def read(session: Session) -> Books:
    """The books; before they were ever closed they are version 1, in no table."""
    return session.exec(select(Books)).first() or Books()


def put(session: Session, closed_through: date | None, reason: str | None) -> Books:
    """Close all days up to one, or open the days after it again."""
    _hold(session, "pg_advisory_xact_lock")
    books = read(session)
    database.check_version(session, books)
    if closed_through == books.closed_through:
        return books
    reopens = _reopens(books.closed_through, closed_through)
    if reopens and reason is None:
        raise ReopeningReason(pointer="/reason")
    if closed_through and closed_through >= _today(session):
        raise DayNotOver(pointer="/closed_through")
    database.add(session, books)
    books.closed_through, books.reason = closed_through, reason
    database.touch(books)
    outbox.emit(session, "books.reopened" if reopens else "books.closed", books, audience=INTERNAL)
    return books


def check_open(session: Session, *days: date) -> None:
    """Refuse what touches a closed day; until the transaction ends, no day is closed."""
    _hold(session, "pg_advisory_xact_lock_shared")
    closed_through = read(session).closed_through
    if closed_through and min(days) <= closed_through:
        raise BooksClosed(closed_through)


def _reopens(before: date | None, after: date | None) -> bool:
    return before is not None and (after is None or after < before)


def _today(session: Session) -> date:
    return clock.today(clients.current_agency(session).timezone)


def _hold(session: Session, lock: str) -> None:
    agency_id = cast(database.Session, session).sight.agency_id
    held = text(f"select {lock}(hashtextextended(:books, 0))")
    session.connection().execute(held, {"books": f"books {agency_id}"})
