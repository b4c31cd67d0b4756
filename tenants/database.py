"""
The session bound to an agency, and the one door from an id to a row.

Opening a session costs nothing. Its first SQL begins the transaction and enters: one statement
looks the caller up, live, and sets the database role and the settings that the row policies read,
all local to the transaction (`migrations/isolation.py` is the other half). A session without a
caller cannot begin. A second layer, independent of the first, adds `agency_id` (and the clients in
sight) to every ORM query. Verbs never commit: whoever opened the session does, before it answers.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import (
    event,
)
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import ORMExecuteState, SessionTransaction
from sqlmodel import Session as SQLModelSession

from tenants import clock, pipeline, pools, rows, second_layer, tables
from tenants.errors import Forbidden, NotFound, PreconditionFailed, PreconditionRequired
from tenants.sight import PLATFORM, Sight, set_sight
from tenants.tables import AgencyModel, Resource


class Entry(Protocol):
    """A way in: runs the statement that sets role and settings, and returns who came in."""

    def __call__(self, connection: Connection) -> Sight: ...


class NoEntry(Exception):
    """A session was used that nobody had entered."""


MANY = 40  # rows at once, from which on the ORM is quicker: it writes a thousand in one statement
_told_here: ContextVar[bool] = ContextVar("told_here", default=False)


class Session(SQLModelSession):
    """One transaction of one caller."""

    def get_bind(self, *given: Any, **options: Any) -> Any:
        if self.info.get("on_loop"):
            raise Blocking
        return super().get_bind(*given, **options)

    @property
    def sight(self) -> Any:
        """The caller; enters when nothing has been asked of the database yet."""
        if "sight" not in self.info:
            self.connection()
        return self.info["sight"]

    def connection(self, *given: Any, **options: Any) -> Connection:
        """The connection, for statements of one's own: they come after what was put down."""
        made = super().connection(*given, **options)
        self._send(made)
        return made

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Write what was added and changed; whatever the database has against it is told here."""
        self.put_down()
        self.send()

    def put_down(self) -> None:
        """
        Make statements of what was added and changed: they are sent before the next question, or
        with the COMMIT. Many rows, and what is deleted, are the ORM's to write, at once.
        """
        written = sorted((*self.new, *self.dirty), key=rows.order)
        if self.deleted or len(written) > MANY or self.in_nested_transaction():
            self.send()
            super().flush()
        elif written:
            self.dispatch.before_flush(self, None, None)
            unsent = self.info.setdefault("unsent", [])
            for row in written:
                if made := rows.written(row, held=rows.key_of(row) in held_rows(self)):
                    unsent.append(made)
                rows.keep(self, row)
            if _told_here.get():
                self.send()

    def send(self) -> None:
        """Send what was put down."""
        if self.info.get("unsent"):
            self.connection()

    def _send(self, connection: Connection) -> None:
        if unsent := self.info.pop("unsent", None):
            pipeline.write_together(connection, unsent)


def say(session: SQLModelSession, statement: pipeline.Statement) -> None:
    """Keep a statement whose answer nobody needs: it goes after what was put down, with it."""
    session = cast(Session, session)
    session.put_down()
    written = rows.Written(statement.sql, statement.parameters, based_on=False)
    session.info.setdefault("unsent", []).append(written)
    if session.in_nested_transaction() or _told_here.get():
        session.send()


def say_last(session: SQLModelSession, statement: pipeline.Statement) -> None:
    """Keep a statement that nothing reads before the commit: all of them travel together then."""
    last_words(session).append(statement)


def last_words(session: SQLModelSession) -> list[pipeline.Statement]:
    """What is said before the commit, in order."""
    said: list[pipeline.Statement] = session.info.setdefault("last", [])
    return said


@event.listens_for(Session, "before_commit")
def _write_last(session: Session) -> None:
    session.put_down()
    written, last = session.info.pop("unsent", ()), session.info.pop("last", ())
    if written or last:
        outermost = not session.in_nested_transaction()
        pipeline.write_together(session.connection(), written, last, commit=outermost)


@event.listens_for(Session, "after_begin")
def _enter(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if transaction.nested:
        return
    entry: Entry | None = session.info.get("entry")
    if entry is None:
        raise NoEntry
    session.info["sight"] = entry(connection)


@event.listens_for(Session, "before_flush")
def _fill_agency(session: Session, *_: Any) -> None:
    for row in session.new:
        if isinstance(row, AgencyModel) and row.agency_id is None:
            row.agency_id = session.sight.agency_id


@event.listens_for(Session, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    cast(Session, state.session).send()
    if not second_layer.on or state.is_column_load or state.is_relationship_load:
        return
    sight = state.session.info.get("sight") or cast(Session, state.session).sight
    if sight is PLATFORM:
        return
    # Made once for each sight: making them is most of what they cost.
    of, options = state.session.info.get("criteria", (None, ()))
    if of is not sight:
        options = tuple(second_layer.criteria(sight))
        state.session.info["criteria"] = sight, options
    state.statement = state.statement.options(*options)


Row = TypeVar("Row", bound=AgencyModel)


def get(session: SQLModelSession, model: type[Row], id: UUID, *, lock: bool = False) -> Row:
    """
    The one door from an id to a row. Foreign, hidden and missing are the same NotFound; a row of a
    client for which the caller lacks the route's permission is Forbidden. `lock` holds the row
    until the transaction ends, and the first locked row of a request is the one If-Match is about.
    """
    session = cast(Session, session)
    sight = session.sight
    row: Row | None = read(session, model, rows.by_id(model, lock), anew=lock, id=id)
    if row is None:
        raise NotFound
    if not second_layer.shows(sight, model, tables.owner_of(row), tables.influencer_of(row)):
        raise NotFound
    _permit(session, row)
    if lock:
        hold(session, row)
        check_version(session, row)
    return row


def read(session: SQLModelSession, model: type[Any], sql: str, *, anew: bool, **values: Any) -> Any:
    """The row that a statement finds, whose columns are `rows.columns` of its model; or None."""
    session = cast(Session, session)
    session.flush()
    with pipeline.driver(session.connection()) as raw:
        found = raw.execute(sql, {"agency": session.sight.agency_id, **values}).fetchone()
    return None if found is None else rows.loaded(session, model, found, anew=anew)


def read_together(
    session: SQLModelSession, *asked: tuple[type[Any], str], **values: Any
) -> list[list[Any]]:
    """
    The rows that each of some statements finds, in one round trip: of its model, whose
    `rows.columns` it selects.
    """
    session = cast(Session, session)
    values = {"agency": session.sight.agency_id, **values}
    statements = [pipeline.Statement(sql, values) for _, sql in asked]
    found = pipeline.ask_together(session.connection(), statements)
    return [
        [rows.loaded(session, model, cells, anew=False) for cells in each]
        for (model, _), each in zip(asked, found, strict=True)
    ]


def held_rows(session: SQLModelSession) -> set[Any]:
    """The keys of the rows that this transaction has locked and read since."""
    keys: set[Any] = session.info.setdefault("held", set())
    return keys


def hold(session: SQLModelSession, *locked: AgencyModel) -> None:
    """Say that rows were read under their locks: nobody else changes them before we write them."""
    held_rows(session).update(map(rows.key_of, locked))


def _permit(session: Session, row: AgencyModel) -> None:
    permission = session.info.get("permission")
    client_id = tables.owner_of(row)
    if permission and client_id and not session.sight.may(permission, client_id):
        raise Forbidden


def check_version(session: SQLModelSession, row: object) -> None:
    """If-Match is decided after the row was found and before anything else is (RFC 9110 §13)."""
    expected = session.info.pop("if_match", None)
    if expected is None:
        return
    if not expected:
        raise PreconditionRequired
    if "*" not in expected and getattr(row, "version", None) not in expected:
        raise PreconditionFailed


def add(session: SQLModelSession, *added: AgencyModel) -> None:
    """
    Insert rows in the order given: parents first. By itself a session goes by class name, and
    settles the order only with the next question.
    """
    session = cast(Session, session)
    for row in added:
        session.add(row)
        session.put_down()


def touch(row: Resource) -> None:
    """Count a new version of an aggregate whose child has changed."""
    row.updated_at = clock.now()


class Blocking(Exception):
    """A session was used where nothing may wait: on the event loop."""


def open_session(entry: Entry) -> Session:
    """A session that enters through `entry` with its first SQL. Its opener commits and closes."""
    return Session(pools.current().app, info={"entry": entry}, expire_on_commit=False)


@contextmanager
def agency_session(sight: Sight) -> Iterator[Session]:
    """One transaction as somebody already known; commits at its end."""
    with open_session(lambda connection: set_sight(connection, sight)) as session, session.begin():
        yield session


@contextmanager
def platform_session(request_id: str | None = None) -> Iterator[Session]:
    """One transaction across agencies, in the few tables the platform may touch. Few callers."""
    entry = lambda connection: set_sight(connection, PLATFORM)  # noqa: E731
    info = {"entry": entry, "request_id": request_id}
    with (
        Session(pools.current().platform, info=info, expire_on_commit=False) as session,
        session.begin(),
    ):
        yield session


def speak_as(session: Session, sight: Sight) -> None:
    """Let a platform session tell its events in the name of somebody in one agency."""
    session.connection()
    session.info["sight"] = sight


@contextmanager
def acting_for_agency(session: SQLModelSession, client_id: UUID | None) -> Iterator[None]:
    """
    What follows from a client's decision is done by the agency, in the same transaction and
    within that client's walls: a contact's own role may write next to nothing. None: what an
    influencer changes of themselves is no client's.
    """
    session = cast(Session, session)
    session.flush()
    before, permission = session.sight, session.info.pop("permission", None)
    _assume(session, before.as_agency(client_id))
    try:
        yield
        session.flush()
    finally:
        session.info["permission"] = permission
        if session.is_active and not _is_aborted(session.connection()):
            _assume(session, before)


def _is_aborted(connection: Connection) -> bool:
    """Whether the database takes nothing but a rollback any more, after a deadlock for one."""
    with pipeline.driver(connection) as raw:
        return raw.info.transaction_status is TransactionStatus.INERROR


def _assume(session: Session, sight: Sight) -> None:
    session.info["sight"] = set_sight(session.connection(), sight)


def admit(session: SQLModelSession, client_id: UUID) -> None:
    """Let the caller see a client made in this very transaction."""
    session = cast(Session, session)
    _assume(session, session.sight.with_client(client_id))


@contextmanager
def refusing_twice(constraint: str, refusal: Exception) -> Iterator[None]:
    """Say a unique constraint's violation in the domain's words: the race a check cannot see."""
    before = _told_here.set(True)
    try:
        yield
    except IntegrityError as error:
        if is_violation(error, constraint):
            raise refusal from None
        raise
    finally:
        _told_here.reset(before)


def is_violation(error: Exception, constraint: str) -> bool:
    """Whether a database error says that this constraint was violated."""
    cause = getattr(error, "orig", None)
    return isinstance(cause, psycopg.Error) and cause.diag.constraint_name == constraint
