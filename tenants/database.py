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
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import (
    bindparam,
    column,
    event,
    text,
)
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import ORMExecuteState, SessionTransaction, with_loader_criteria
from sqlmodel import Session as SQLModelSession
from sqlmodel import SQLModel, col, select

from tenants import clock, pools
from tenants.errors import Forbidden, NotFound, PreconditionFailed, PreconditionRequired
from tenants.tables import AgencyModel, ClientOwned, MaybeClientOwned, PlatformModel, Resource


class Sight(Protocol):
    """Who looks, and how far: what a session needs to know of its caller."""

    @property
    def agency_id(self) -> UUID: ...

    @property
    def client_ids(self) -> frozenset[UUID] | None:
        """None: every client of the agency."""

    @property
    def db_role(self) -> str: ...

    @property
    def membership_id(self) -> UUID | None: ...

    def may(self, permission: str, client_id: UUID | None = None) -> bool: ...


class Entry(Protocol):
    """A way in: runs the statement that sets role and settings, and returns who came in."""

    def __call__(self, connection: Connection) -> Sight: ...


class NoEntry(Exception):
    """A session was used that nobody had entered."""


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


SET_SIGHT = (
    "select set_config('app.agency_id', :agency, true),"
    " set_config('app.client_ids', :clients, true),"
    " set_config('app.membership_id', :membership, true), set_config('role', :role, true)"
)


def set_sight(connection: Connection, sight: Sight) -> Sight:
    """Enter as somebody already known: a worker, a link, a test."""
    connection.execute(text(SET_SIGHT), sight_parameters(sight))
    return sight


def sight_parameters(sight: Sight) -> dict[str, str]:
    clients = sight.client_ids
    return {
        "agency": str(sight.agency_id),
        "clients": "{" + ",".join(map(str, sorted(clients or ()))) + "}",
        "membership": str(sight.membership_id or ""),
        "role": sight.db_role,
    }


@contextmanager
def driver(connection: Connection) -> Iterator[psycopg.Connection[Any]]:
    """The driver's own connection, for a pipeline; a lost one is told as SQLAlchemy tells it."""
    raw = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    try:
        yield raw
    except psycopg.OperationalError as failure:
        if raw.closed:
            connection.invalidate(failure)
            connection.engine.dispose()  # the others are lost with it
        raise OperationalError("pipeline", None, failure) from failure
    except psycopg.DatabaseError as failure:
        raise DBAPIError("pipeline", None, failure) from failure


@dataclass(frozen=True)
class Statement:
    """SQL as the driver takes it, with its parameters by name."""

    sql: str
    parameters: dict[str, Any]


def ask_together(connection: Connection, statements: Sequence[Statement]) -> list[list[Any]]:
    """The rows of some statements that travel together, with the BEGIN if they are the first."""
    with driver(connection) as raw:
        with raw.pipeline():
            asked = [raw.execute(each.sql, each.parameters) for each in statements]
        return [each.fetchall() if each.description else [] for each in asked]


def say_last(session: SQLModelSession, statement: Statement) -> None:
    """Keep a statement that nothing reads before the commit: all of them travel together then."""
    last_words(session).append(statement)


def last_words(session: SQLModelSession) -> list[Statement]:
    """What is said before the commit, in order."""
    said: list[Statement] = session.info.setdefault("last", [])
    return said


@event.listens_for(Session, "before_commit")
def _say_last(session: Session) -> None:
    if statements := session.info.pop("last", None):
        session.flush()
        ask_together(session.connection(), statements)


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


# The second layer can be switched off by a test that proves the first one alone.
second_layer = True


@event.listens_for(Session, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    if not second_layer or state.is_column_load or state.is_relationship_load:
        return
    sight = state.session.info.get("sight") or cast(Session, state.session).sight
    if sight is PLATFORM:
        return
    # Made once for each sight: making them is most of what they cost.
    of, options = state.session.info.get("criteria", (None, ()))
    if of is not sight:
        options = tuple(_criteria(sight))
        state.session.info["criteria"] = sight, options
    state.statement = state.statement.options(*options)


def _criteria(sight: Sight) -> Iterator[Any]:
    agency = sight.agency_id
    yield with_loader_criteria(
        AgencyModel, lambda cls: _column_of(cls, "agency_id") == agency, include_aliases=True
    )
    if sight.client_ids is None:
        return
    clients = sorted(sight.client_ids)
    for mixin in (ClientOwned, MaybeClientOwned):
        yield with_loader_criteria(
            mixin, lambda cls: _column_of(cls, "client_id").in_(clients), include_aliases=True
        )
    yield with_loader_criteria(_client(), lambda cls: cls.id.in_(clients), include_aliases=True)


def _column_of(model: Any, name: str) -> Any:
    """A mapped column; a mixin, which is asked only to learn the criterion's form, has none."""
    return getattr(model, name, None) if hasattr(model, "__mapper__") else column(name)


@cache
def _client() -> Any:
    """The class of `clients`, which stands a floor above this module."""
    return next(m.class_ for m in SQLModel._sa_registry.mappers if m.class_.__name__ == "Client")


Row = TypeVar("Row", bound=AgencyModel)


def get(session: SQLModelSession, model: type[Row], id: UUID, *, lock: bool = False) -> Row:
    """
    The one door from an id to a row. Foreign, hidden and missing are the same NotFound; a row of a
    client for which the caller lacks the route's permission is Forbidden. `lock` holds the row
    until the transaction ends, and the first locked row of a request is the one If-Match is about.
    """
    session = cast(Session, session)
    values = {"agency": session.sight.agency_id, "id": id}
    row: Row | None = session.exec(_by_id(model, lock), params=values).first()
    if row is None:
        raise NotFound
    _permit(session, row)
    if lock:
        check_version(session, row)
    return row


@cache
def _by_id(model: Any, lock: bool) -> Any:
    """Made once: building a statement costs as much as sending it."""
    query = select(model).where(
        col(model.agency_id) == bindparam("agency"), col(model.id) == bindparam("id")
    )
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return query


def _permit(session: Session, row: AgencyModel) -> None:
    permission = session.info.get("permission")
    client_id = owner_of(row)
    if permission and client_id and not session.sight.may(permission, client_id):
        raise Forbidden


def owner_of(row: AgencyModel | PlatformModel) -> UUID | None:
    """The client a row belongs to, if it belongs to one."""
    if row.__tablename__ == "clients":
        return row.id
    return getattr(row, "client_id", None)


def check_version(session: SQLModelSession, row: object) -> None:
    """If-Match is decided after the row was found and before anything else is (RFC 9110 §13)."""
    expected = session.info.pop("if_match", None)
    if expected is None:
        return
    if not expected:
        raise PreconditionRequired
    if "*" not in expected and getattr(row, "version", None) not in expected:
        raise PreconditionFailed


def add(session: SQLModelSession, *rows: AgencyModel) -> None:
    """Insert rows in the order given: parents first. A flush by itself goes by class name."""
    for row in rows:
        session.add(row)
        session.flush()


def touch(row: Resource) -> None:
    """Count a new version of an aggregate whose child has changed."""
    row.updated_at = clock.now()


class _Platform:
    """The platform's own sight: no agency, few tables."""

    agency_id = UUID(int=0)
    client_ids: frozenset[UUID] | None = None
    db_role = "app_platform"
    membership_id = None

    def may(self, permission: str, client_id: UUID | None = None) -> bool:
        return False


PLATFORM: Sight = _Platform()


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
def acting_for_agency(session: SQLModelSession, client_id: UUID) -> Iterator[None]:
    """
    What follows from a client's decision is done by the agency, in the same transaction and
    within that client's walls: a contact's own role may write next to nothing.
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
    with driver(connection) as raw:
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
    try:
        yield
    except IntegrityError as error:
        if is_violation(error, constraint):
            raise refusal from None
        raise


def is_violation(error: Exception, constraint: str) -> bool:
    """Whether a database error says that this constraint was violated."""
    cause = getattr(error, "orig", None)
    return isinstance(cause, psycopg.Error) and cause.diag.constraint_name == constraint
