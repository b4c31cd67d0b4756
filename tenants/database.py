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
from functools import cache
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import (
    column,
    event,
    false,
    text,
    true,
)
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import ORMExecuteState, SessionTransaction, with_loader_criteria
from sqlmodel import Session as SQLModelSession
from sqlmodel import SQLModel

from tenants import clock, pipeline, pools, rows
from tenants.errors import Forbidden, NotFound, PreconditionFailed, PreconditionRequired
from tenants.tables import (
    AgencyModel,
    ClientOwned,
    InfluencerOwned,
    MaybeClientOwned,
    PlatformModel,
    Resource,
)


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

    @property
    def influencer_id(self) -> UUID | None:
        """Whom of the roster the caller is, if one of them."""

    def may(self, permission: str, client_id: UUID | None = None) -> bool: ...


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


SET_SIGHT = (
    "select set_config('app.agency_id', :agency, true),"
    " set_config('app.client_ids', :clients, true),"
    " set_config('app.membership_id', :membership, true),"
    " set_config('app.influencer_id', :influencer, true), set_config('role', :role, true)"
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
        "influencer": str(sight.influencer_id or ""),
        "role": sight.db_role,
    }


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


# The second layer can be switched off by a test that proves the first one alone.
second_layer = True


@event.listens_for(Session, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    cast(Session, state.session).send()
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
    if sight.db_role == "app_influencer":
        yield from _of_influencer(sight.influencer_id)
    elif sight.client_ids is not None:
        yield from _of_clients(sight.client_ids)


def _of_clients(client_ids: frozenset[UUID]) -> Iterator[Any]:
    clients = sorted(client_ids)
    for mixin in (ClientOwned, MaybeClientOwned):
        yield with_loader_criteria(
            mixin, lambda cls: _column_of(cls, "client_id").in_(clients), include_aliases=True
        )
    yield with_loader_criteria(_client(), lambda cls: cls.id.in_(clients), include_aliases=True)


def _of_influencer(influencer_id: UUID | None) -> Iterator[Any]:
    """Theirs, whichever client it is for; and of the rest of what belongs to clients nothing."""
    yield with_loader_criteria(
        InfluencerOwned,
        lambda cls: _column_of(cls, cls.influencer_column) == influencer_id,
        include_aliases=True,
    )
    for mixin in (ClientOwned, MaybeClientOwned):
        yield with_loader_criteria(
            mixin,
            lambda cls: true() if hasattr(cls, "influencer_column") else false(),
            include_aliases=True,
        )
    yield with_loader_criteria(_client(), lambda cls: false(), include_aliases=True)


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
    sight = session.sight
    row: Row | None = read(session, model, rows.by_id(model, lock), anew=lock, id=id)
    if row is None:
        raise NotFound
    if not shows(sight, model, owner_of(row), influencer_of(row)):
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


def shows(
    sight: Sight, model: type[Any], client_id: UUID | None, influencer_id: UUID | None
) -> bool:
    """The second layer's word on a row of a model: of a client in sight, or the influencer's."""
    if sight.db_role == "app_influencer" and issubclass(model, InfluencerOwned):
        return not second_layer or influencer_id == sight.influencer_id
    return not rows.is_owned(model) or in_sight(sight, client_id)


def in_sight(sight: Sight, client_id: UUID | None) -> bool:
    """The second layer's word on a row of a client: whether the caller sees them."""
    if sight.client_ids is None or not second_layer:
        return True
    return client_id in sight.client_ids


def held_rows(session: SQLModelSession) -> set[Any]:
    """The keys of the rows that this transaction has locked and read since."""
    keys: set[Any] = session.info.setdefault("held", set())
    return keys


def hold(session: SQLModelSession, *locked: AgencyModel) -> None:
    """Say that rows were read under their locks: nobody else changes them before we write them."""
    held_rows(session).update(map(rows.key_of, locked))


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


def influencer_of(row: AgencyModel) -> UUID | None:
    """The influencer whose a row is, if it is one's."""
    return getattr(row, row.influencer_column) if isinstance(row, InfluencerOwned) else None


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
    Insert rows now, in the order given: parents first. By itself a session goes by class name, and
    waits for the next question.
    """
    session = cast(Session, session)
    for row in added:
        session.add(row)
        session.put_down()
    session.send()


def touch(row: Resource) -> None:
    """Count a new version of an aggregate whose child has changed."""
    row.updated_at = clock.now()


class _Platform:
    """The platform's own sight: no agency, few tables."""

    agency_id = UUID(int=0)
    client_ids: frozenset[UUID] | None = None
    db_role = "app_platform"
    membership_id = None
    influencer_id = None

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
