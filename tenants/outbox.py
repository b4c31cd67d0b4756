"""
Telling: every change of a resource writes one event, in the transaction that changes it.

The `events` table is append-only: the audit log, the activity feed and the outbox at once.
`event_queue` is its mutable part: after the commit a sealer gives each event a `position`, without
gaps in the order of one agency, so a reader that remembers the last position misses no transaction
that was slow to commit. A handler notes `handled` in its own transaction: it runs at least once,
and changes nothing the second time.
"""

from datetime import datetime
from functools import cache
from typing import Any, ClassVar, cast
from uuid import UUID
from weakref import WeakKeyDictionary

from psycopg.types.json import Jsonb
from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, event, inspect, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm.attributes import get_history
from sqlmodel import Field, Session, SQLModel

from tenants import clock, database, tables
from tenants.ids import new_id
from tenants.pipeline import Statement
from tenants.tables import (
    INTERNAL,
    PERSONAL,
    PUBLIC,
    UTC_TIMESTAMP,
    AgencyModel,
    MaybeClientOwned,
    PlatformModel,
    Wall,
)


class Event(MaybeClientOwned, AgencyModel, table=True):
    """What changed, of which resource, by whom."""

    __tablename__ = "events"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
        Index(None, "agency_id", "subject_type", "subject_id", "id"),
        Index(None, "agency_id", "client_id", "id"),
    )
    wall = Wall.client_internal

    type: str = Field(max_length=80, sa_column_kwargs=INTERNAL)
    subject_type: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    subject_id: UUID
    subject_version: int = Field(sa_type=BigInteger)
    actor_kind: str = Field(max_length=20, sa_column_kwargs=INTERNAL)
    actor_id: UUID | None = None
    actor_label: str = Field(max_length=120, sa_column_kwargs=PERSONAL)
    credential_id: UUID | None = None
    audience: str = Field(max_length=20, sa_column_kwargs=INTERNAL)
    changed: dict[str, Any] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    request_id: str | None = Field(max_length=128, sa_column_kwargs=INTERNAL)


class QueuedEvent(SQLModel, table=True):
    """
    An event on its way: not sealed, or sealed and not yet handled by all who listen. Nothing is due
    any more (`due_at` is null) when it is done, or when a handler failed too often (`problem`).
    """

    __tablename__ = "event_queue"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "event_id"], ["events.agency_id", "events.id"]),
        Index(
            "uq_event_queue_position",
            "agency_id",
            "position",
            unique=True,
            postgresql_where=text("position is not null"),
        ),
        Index("ix_event_queue_unsealed", "agency_id", postgresql_where=text("position is null")),
        Index("ix_event_queue_due", "due_at", postgresql_where=text("done_at is null")),
    )
    wall: ClassVar[Wall] = Wall.agency

    agency_id: UUID = Field(primary_key=True)
    event_id: UUID = Field(primary_key=True)
    position: int | None = Field(default=None, sa_type=BigInteger)
    queued_at: datetime = Field(default_factory=clock.now, sa_type=UTC_TIMESTAMP)
    attempts: int = Field(default=0)
    due_at: datetime | None = Field(default_factory=clock.now, sa_type=UTC_TIMESTAMP)
    done_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    problem: dict[str, Any] | None = Field(default=None, sa_type=JSONB, sa_column_kwargs=INTERNAL)


class Handled(SQLModel, table=True):
    """This handler has done its part for this event."""

    __tablename__ = "handled"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "event_id"], ["events.agency_id", "events.id"]),
    )
    wall: ClassVar[Wall] = Wall.agency

    agency_id: UUID = Field(primary_key=True)
    event_id: UUID = Field(primary_key=True)
    handler: str = Field(max_length=120, primary_key=True, sa_column_kwargs=PUBLIC)
    at: datetime = Field(default_factory=clock.now, sa_type=UTC_TIMESTAMP)


# What an event may carry of a changed row: never these, whatever the column.
_KEPT_OUT = {"personal", "secret"}
_LEFT_OUT = {"agency_id", "created_at", "updated_at"}


def emit(
    session: Session, type: str, row: AgencyModel | PlatformModel, *, audience: str = "staff"
) -> None:
    """
    Record that `type` (`campaign.approved`) happened to `row`. It goes out if, and only if, this
    transaction commits. `audience` is `staff`; `client` for what the client may be told: of what
    is still decided on `inside`, nothing; or `internal` for what most of the staff may not know
    either: such an event names no client, so that owner and admin alone see it in the feed.
    """
    session = cast(database.Session, session)
    session.put_down()
    if getattr(row, "inside", False):
        audience = "staff"
    actor = session.sight
    values = {
        "agency_id": actor.agency_id,
        "id": new_id(),
        "now": clock.now(),
        "client_id": None if audience == "internal" else tables.owner_of(row),
        "type": type,
        "subject_type": str(row.__tablename__),
        "subject_id": row.id,
        "subject_version": getattr(row, "version", 1),
        "actor_kind": actor.kind,
        "actor_id": actor.user_id,
        "actor_label": actor.label,
        "credential_id": actor.credential_id,
        "audience": audience,
        "changed": Jsonb(_taken(session, row)),
        "request_id": session.info.get("request_id"),
    }
    database.say_last(session, Statement(_TELL, values))


def withhold(session: Session, row: AgencyModel) -> None:
    """Tell the client nothing of what has happened to a row in this transaction."""
    for statement in database.last_words(session):
        if statement.parameters.get("subject_id") == row.id:
            statement.parameters["audience"] = "staff"


_TOLD = [name for name in Event.model_fields if name != "created_at"]
# Nothing is returned: who may insert an event need not be able to read one.
_TELL = f"""
with told as (
    insert into events (created_at, {", ".join(_TOLD)})
    values (%(now)s, {", ".join(f"%({name})s" for name in _TOLD)})
)
insert into event_queue (agency_id, event_id, queued_at, attempts, due_at)
values (%(agency_id)s, %(id)s, %(now)s, 0, %(now)s)
"""  # noqa: S608


@event.listens_for(database.Session, "before_flush")
def _note_changes(session: Session, *_: Any) -> None:
    """Remember what each flush is about to write: after it, the row no longer knows."""
    notes = _notes(session)
    for row in (*session.new, *session.dirty):
        if isinstance(row, AgencyModel | PlatformModel) and not isinstance(row, Event):
            noted = notes.setdefault(inspect(row), {})
            noted.update(_changes(row, whole=row in session.new))


def _notes(session: Session) -> WeakKeyDictionary[Any, dict[str, Any]]:
    """What was written of each row, and of none any more that is gone from memory."""
    notes: WeakKeyDictionary[Any, dict[str, Any]] = session.info.setdefault(
        "changes", WeakKeyDictionary()
    )
    return notes


def _taken(session: Session, row: SQLModel) -> dict[str, Any]:
    return _notes(session).pop(inspect(row), {})


def _changes(row: SQLModel, *, whole: bool) -> dict[str, Any]:
    """The columns being set or altered, as a merge patch (RFC 7396)."""
    altered = inspect(row).committed_state
    return {
        name: _plain(getattr(row, name))
        for name in _shown(type(row))
        if whole or (name in altered and get_history(row, name).added)
    }


@cache
def _shown(model: type[SQLModel]) -> list[str]:
    return [
        column.key
        for column in model.__table__.columns  # type: ignore[attr-defined]
        if column.key not in _LEFT_OUT and column.info.get("sensitivity") not in _KEPT_OUT
    ]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str | list | dict):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
