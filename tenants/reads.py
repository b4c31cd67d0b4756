"""
Questions that the database answers as JSON, in one round trip.

A resource, or a page of them, is one statement whose rows are JSON already: the members that a wire
shape names, out of the columns of the same names. BEGIN, the entry, the statement and COMMIT travel
together (libpq's pipeline mode), from the event loop: what only reads needs no thread to wait in.
A shape that is more than columns is read as rows, through the session.
"""

import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, Protocol, TypeGuard, Union, get_args, get_origin
from uuid import UUID

import psycopg
from pydantic import BaseModel
from sqlalchemy import DateTime, Select, Text, inspect, literal_column
from sqlalchemy.dialects.postgresql import psycopg as dialects
from sqlalchemy.exc import DBAPIError, OperationalError

from tenants import database, pipeline, pools, rows, second_layer
from tenants.database import Session
from tenants.errors import Forbidden, NotFound
from tenants.money import MoneyRead
from tenants.pipeline import Statement
from tenants.sight import Sight
from tenants.tables import AgencyModel, InfluencerOwned

_DIALECT: Any = dialects.dialect()  # type: ignore[no-untyped-call]
Row = tuple[Any, ...]
Shape = type[BaseModel]


@dataclass(frozen=True)
class Answer:
    """JSON, and the version of what it shows."""

    body: bytes
    version: int | None = None


class Entry(Protocol):
    """A way in whose one statement can travel with others."""

    @property
    def agency_id(self) -> UUID: ...

    @property
    def statement(self) -> Statement: ...

    def entered(self, rows: Sequence[Any]) -> Sight: ...


class Question(Protocol):
    """Something to be read, that has not been asked yet."""

    def statements(self, agency_id: UUID) -> Sequence[Statement]: ...

    def answer(self, sight: Sight, permission: str | None, found: Sequence[list[Row]]) -> Any:
        """What the rows of each statement say: an `Answer`, or something for the route's shape."""


def is_question(found: Any) -> TypeGuard[Question]:
    """Whether it has yet to be asked. Asking the protocol itself takes a hundred times as long."""
    return hasattr(type(found), "statements")


@dataclass(frozen=True)
class Asked:
    """Statements of a verb's own, and what it makes of their rows."""

    asked: Sequence[Statement]
    finish: Callable[[Sight, Sequence[list[Row]]], Any]

    def statements(self, agency_id: UUID) -> Sequence[Statement]:
        return self.asked

    def answer(self, sight: Sight, permission: str | None, found: Sequence[list[Row]]) -> Any:
        return self.finish(sight, found)


async def ask(
    entry: Entry, question: Question, permission: str | None, permit: Callable[[Sight], None]
) -> tuple[Sight, Any]:
    """
    Enter, ask and end the transaction in one round trip, without a thread. `permit` raises what
    keeps the caller out; nothing is made of the rows before it has run.
    """
    statements = (entry.statement, *question.statements(entry.agency_id))
    entered, *found = await _together(entry, statements, permit)
    sight = entry.entered(entered)
    permit(sight)
    return sight, question.answer(sight, permission, found)


async def _together(
    entry: Entry, statements: Sequence[Statement], permit: Callable[[Sight], None]
) -> list[list[Row]]:
    pool = await pools.current().reads()
    cursors: list[Any] = []
    try:
        async with pool.connection() as raw:
            try:
                async with raw.pipeline():
                    for each in statements:
                        cursors.append(await raw.execute(each.sql, each.parameters))
                    await raw.commit()
            except psycopg.errors.InsufficientPrivilege:
                # Nobody came in, or somebody whose role has no right to this table at all.
                permit(entry.entered(await cursors[0].fetchall()))
                raise
            return [await each.fetchall() for each in cursors]
    except psycopg.OperationalError as failure:
        await pool.check()  # the others may be lost with it
        raise OperationalError("pipeline", None, failure) from failure
    except psycopg.DatabaseError as failure:
        raise DBAPIError("pipeline", None, failure) from failure


def ask_within(session: Session, question: Question) -> Any:
    """Ask in a transaction that has entered already."""
    sight, permission = session.sight, session.info.get("permission")
    found = pipeline.ask_together(session.connection(), question.statements(sight.agency_id))
    return question.answer(sight, permission, found)


class Lazy(Protocol):
    """What a verb found without looking: asked as JSON when the shape is plain, else as rows."""

    @property
    def model(self) -> type[AgencyModel]: ...

    def as_json(self, shape: Shape) -> Question: ...

    def as_rows(self, session: Session) -> Any: ...


def is_lazy(found: Any) -> TypeGuard[Lazy]:
    """Whether it was found without looking."""
    return hasattr(type(found), "as_json")


@dataclass(frozen=True)
class Lookup:
    """A row by its id: what `database.get` finds."""

    model: type[AgencyModel]
    id: UUID

    def as_json(self, shape: Shape) -> Question:
        return _One(self.model, shape, self.id)

    def as_rows(self, session: Session) -> Any:
        return database.get(session, self.model, self.id)


@dataclass(frozen=True)
class _One:
    """`database.get`, with the same refusals."""

    model: type[AgencyModel]
    shape: Shape
    id: UUID

    def statements(self, agency_id: UUID) -> Sequence[Statement]:
        return [Statement(_one(self.model, self.shape), {"agency": agency_id, "id": self.id})]

    def answer(self, sight: Sight, permission: str | None, found: Sequence[list[Row]]) -> Answer:
        body, version, owner, influencer = found[0][0] if found[0] else (None, None, None, None)
        if body is None or not shows(sight, self.model, owner, influencer):
            raise NotFound
        if permission and owner and not sight.may(permission, owner):
            raise Forbidden
        return Answer(body.encode(), version)


in_sight, shows = second_layer.in_sight, second_layer.shows


def check_client(sight: Sight, permission: str | None, client_id: UUID | None) -> None:
    """
    What an answer is about is this client's: NotFound where there is none, or none in sight;
    Forbidden where the caller lacks the route's permission for it.
    """
    if client_id is None or not in_sight(sight, client_id):
        raise NotFound
    if permission and not sight.may(permission, client_id):
        raise Forbidden


@cache
def _one(model: type[AgencyModel], shape: Shape) -> str:
    table = model.__tablename__
    version = f"{table}.version" if "version" in shape.model_fields else "null"
    return (
        f"select {members(model, shape)}::text, {version}, {owner_of(model)},"  # noqa: S608
        f" {influencer_of(model)} from {table}"
        f" where {table}.agency_id = %(agency)s and {table}.id = %(id)s"
    )


def owner_of(model: type[AgencyModel]) -> str:
    """The column that names the client a row belongs to."""
    if model.__tablename__ == "clients":
        return "clients.id"
    return f"{model.__tablename__}.client_id" if is_owned(model) else "null::uuid"


def influencer_of(model: type[AgencyModel]) -> str:
    """The column that names the influencer whose row it is."""
    if issubclass(model, InfluencerOwned):
        return f"{model.__tablename__}.{model.influencer_column}"
    return "null::uuid"


is_owned = rows.is_owned


@cache
def members(model: type[AgencyModel], shape: Shape, **more: str) -> str:
    """The SQL of a shape's JSON object; `more` is that of members that are no columns."""
    pairs = [f"'{name}', {more.get(name) or _member(model, name)}" for name in shape.model_fields]
    return f"json_build_object({', '.join(pairs)})"


def _member(model: type[AgencyModel], attribute: str) -> str:
    made: Any = inspect(model).all_orm_descriptors[attribute].__get__(None, model)
    name = str(made.expression.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True}))
    if not isinstance(made.type, DateTime):
        return name
    # As the shapes write an instant: UTC, and no fraction when there is none.
    written = f"to_char({name} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    return f"replace({written}, '.000000Z', 'Z')"


_PLAIN = (str, int, bool, date, datetime, UUID, Enum, MoneyRead, type(None))


@cache
def is_plain(model: type[AgencyModel], shape: Shape) -> bool:
    """Whether a shape is columns (or SQL of columns) of the same names and nothing else."""
    known = inspect(model).all_orm_descriptors
    return all(
        name in known and _is_plain(field.annotation) for name, field in shape.model_fields.items()
    )


def _is_plain(kind: Any) -> bool:
    if get_origin(kind) is Literal:
        return True
    if get_origin(kind) is Annotated:
        return _is_plain(get_args(kind)[0])
    if get_origin(kind) in (list, dict, Union, types.UnionType):
        return all(map(_is_plain, get_args(kind)))
    return isinstance(kind, type) and issubclass(kind, _PLAIN)


_compiled: dict[Any, Any] = {}


def compiled(query: Select[Any]) -> Statement:
    """A select as a statement. Two of the same form are compiled once, but for lists of values."""
    key = query._generate_cache_key()
    assert key is not None
    if any(each.expanding for each in key.bindparams):
        whole = query.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
        return Statement(str(whole), {name: _plain(each) for name, each in whole.params.items()})
    known = _compiled.get(key.key)
    if known is None:
        options: dict[str, Any] = {"cache_key": key}
        known = _compiled[key.key] = query.compile(dialect=_DIALECT, **options)
    values = known.construct_params(extracted_parameters=key.bindparams)
    return Statement(str(known), {name: _plain(value) for name, value in values.items()})


def template(query: Select[Any]) -> Statement:
    """A select as a statement whose named parameters have no values yet."""
    made: Any = query.compile(dialect=_DIALECT)
    given = {name: _plain(bind.value) for name, bind in made.binds.items() if not bind.required}
    return Statement(str(made), given)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def as_json(model: type[AgencyModel], shape: Shape, **more: str) -> Any:
    """A shape's JSON as a column of a select."""
    return literal_column(f"{members(model, shape, **more)}::text", Text)
