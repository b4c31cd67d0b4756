"""
Rows as the statements that read and write them, each made once for its table.

The ORM's unit of work sorts what was changed into a graph, makes statements of it and waits for
each of their answers. Here a row is one statement, so that all that a transaction writes can travel
together (`database.Session.put_down`). What the ORM promises is kept: a column's type says how its
values are written and read, a row that counts versions counts this one, and a change that finds
another version than it was based on fails.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, inspect, update
from sqlalchemy.dialects.postgresql import psycopg as dialects
from sqlalchemy.orm import (
    Mapper,
    Session,
    configure_mappers,
    make_transient,
    make_transient_to_detached,
)
from sqlalchemy.orm.attributes import get_history, set_committed_value

from tenants.tables import ClientOwned, MaybeClientOwned

_DIALECT: Any = dialects.dialect()  # type: ignore[no-untyped-call]
Process = Callable[[Any], Any]


@dataclass(frozen=True)
class Written:
    """One row's statement; `based_on` says that it must find its row, in the version it had."""

    sql: str
    parameters: dict[str, Any]
    based_on: bool


class Form:
    """What a table's statements are made of."""

    def __init__(self, model: type[Any]) -> None:
        configure_mappers()
        self.mapper: Mapper[Any] = inspect(model)
        self.table = cast(Table, self.mapper.local_table)
        columns = list(self.table.columns)
        self.names = [column.key for column in columns]
        self.keys = [column.key for column in self.table.primary_key]
        self.written = {each.key: _process(each, "bind_processor") for each in columns}
        self.read = {
            each.key: made
            for each in columns
            if (made := _process(each, "result_processor", None)) is not None
        }
        version = self.mapper.version_id_col
        self.version = None if version is None else version.key
        self.noted: dict[str, Process] = {
            each.key: cast(Any, each.onupdate).arg for each in columns if each.onupdate is not None
        }

    @cached_property
    def insertion(self) -> str:
        compiled = insert(self.table).inline().compile(dialect=_DIALECT, column_keys=self.names)
        return str(compiled)

    @cache  # noqa: B019 - forms are as many as tables, and live as long
    def change(self, names: frozenset[str], based_on: tuple[str, ...]) -> str:
        columns = self.table.columns
        query = update(self.table).where(
            *(
                columns[name] == bindparam(f"old_{name}", type_=columns[name].type)
                for name in based_on
            )
        )
        return str(query.compile(dialect=_DIALECT, column_keys=sorted(names)))

    def values(self, row: Any, names: Iterable[str]) -> dict[str, Any]:
        """Some of a row's values, as they are written."""
        held, written = row.__dict__, self.written
        found = {}
        for name in names:
            process, value = written[name], held.get(name)
            found[name] = value if process is None else process(value)
        return found


def _process(column: Any, which: str, *more: Any) -> Process | None:
    made = column.type.dialect_impl(_DIALECT)
    return cast("Process | None", getattr(made, which)(_DIALECT, *more))


@cache
def form_of(model: Any) -> Form:
    return Form(model)


def written(row: Any, *, held: bool) -> Written | None:
    """What writes a row that is new, or was changed; none where nothing was. `held`: see change."""
    return _insertion(row) if key_of(row) is None else _change(row, held)


def _insertion(row: Any) -> Written:
    form = form_of(row.__class__)
    for name in form.names:
        row.__dict__.setdefault(name, None)
    return Written(form.insertion, form.values(row, form.names), based_on=False)


def _change(row: Any, held: bool) -> Written | None:
    """What of a row was changed, and its next version. Of a `held` row no other can have come."""
    form = form_of(row.__class__)
    altered = inspect(row).committed_state
    names = {name for name in altered if name in form.written and get_history(row, name).added}
    if not names:
        return None
    old = {name: row.__dict__[name] for name in form.keys}
    if form.version:
        before = altered.get(form.version, row.__dict__[form.version])
        if not held:
            old[form.version] = before
        set_committed_value(row, form.version, before + 1)
        names.add(form.version)
    for name, make in form.noted.items():
        if name not in names:
            set_committed_value(row, name, make(None))
            names.add(name)
    sql = form.change(frozenset(names), tuple(old))
    values = {f"old_{name}": value for name, value in old.items()}
    return Written(sql, form.values(row, names) | values, based_on=not held)


def key_of(row: Any) -> Any:
    """What a row is known by, in the session; none while it is new."""
    return inspect(row).key


def is_owned(model: type[Any]) -> bool:
    """Whether a model's rows belong to clients."""
    return model.__tablename__ == "clients" or issubclass(model, ClientOwned | MaybeClientOwned)


def order(row: Any) -> tuple[Any, ...]:
    """The ORM's own order: by class, what is changed before what is new, each by its key."""
    of, state = type(row), inspect(row)
    kind = f"{of.__module__}.{of.__name__}"
    return (kind, 1, state.insert_order) if state.key is None else (kind, 0, state.key[1])


def keep(session: Session, row: Any) -> None:
    """Let the session take a row for one that the database has, as it is now."""
    make_transient(row)
    make_transient_to_detached(row)
    session.add(row)


def loaded(session: Session, model: Any, found: Sequence[Any], *, anew: bool) -> Any:
    """The row of what its columns hold; one that the session knows stays, or is read `anew`."""
    form = form_of(model)
    values = dict(zip(form.names, found, strict=True))
    for name, process in form.read.items():
        values[name] = process(values[name])
    key = form.mapper.identity_key_from_primary_key(tuple(values[name] for name in form.keys))
    row = session.identity_map.get(key)
    if row is None:
        row = form.mapper.class_manager.new_instance()
        row.__dict__.update(values)
        make_transient_to_detached(row)
        session.add(row)
    elif anew:
        for name, value in values.items():
            set_committed_value(row, name, value)
    return row


@cache
def columns(model: Any) -> str:
    """The columns of a select that `loaded` reads, in their order."""
    quote = _DIALECT.identifier_preparer.quote
    return ", ".join(f"{model.__tablename__}.{quote(name)}" for name in form_of(model).names)


@cache
def by_id(model: Any, lock: bool) -> str:
    """The statement that reads one row of an agency."""
    table = model.__tablename__
    query = f"select {columns(model)} from {table} where agency_id = %(agency)s and id = %(id)s"  # noqa: S608
    return query + (" for no key update" if lock else "")
