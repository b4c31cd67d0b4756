"""
Trying the walls from inside: rows of everybody are planted in a table, and each database role tries
to read, add, edit, move and remove them, in one transaction that whoever asks rolls back.

Each question answers with its faults, none of them when all is well, like a rule of the catalogue;
but here nothing is read from the catalogue's texts: what happens is looked at.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from tenants.ids import new_id
from tests.isolation import walls
from tests.isolation.rules import LOGINS, MAY_BE_MEMBER
from tests.isolation.walls import (
    ELSEWHERE,
    OTHER_CLIENTS,
    OTHER_CREATORS,
    OURS,
    ROLES,
    ROWS,
    THEIRS,
    THEIRS_BY_OUR_IDS,
    Row,
)

REFUSED = "42501"
DANGLING = "23503"

# key → the client of another row of the agency may stand there, because of what.
OF_ANY_CLIENT = {
    "fk_approval_decisions_agency_id_evidence_file_id": "a file may be the whole agency's",
    "fk_deliverables_agency_id_proof_file_id": "a file may be the whole agency's",
    "fk_deliverables_agency_id_work_file_id": "a file may be the whole agency's",
    "fk_imports_agency_id_file_id": "a file may be the whole agency's",
    "fk_influencer_documents_agency_id_file_id": "a file may be the whole agency's",
    "fk_imports_agency_id_job_id": "a job may be the whole agency's",
    "fk_ledger_entries_previous": "a transaction may be about several clients",
}

_numbers = count(1000)
_ENTER = (
    "select set_config('app.agency_id', :agency, true), set_config('app.client_ids', :clients,"
    " true), set_config('app.membership_id', :member, true),"
    " set_config('app.influencer_id', :creator, true),"
    " set_config('app.subject_id', :subject, true), set_config('role', :role, true)"
)
US = {
    "agency": str(walls.US),
    "clients": f"{{{walls.CLIENT}}}",
    "member": str(walls.ME),
    "creator": str(walls.CREATOR),
    "subject": str(walls.SUBJECT),
}
NOBODY = dict.fromkeys(US, "")


def faults(stage: "Stage", roles: Iterable[str] = ROLES) -> list[str]:
    """What a role can do to a table, or cannot, against what is written down."""
    rights = walls.written().get(stage.table, {})
    return [
        f"{stage.table}: {role} {fault}"
        for role in roles
        for fault in Visitor(stage, role, rights.get(role, frozenset())).faults()
    ]


class Stage:
    """A table with a row of everybody in it, until the transaction is rolled back."""

    def __init__(self, connection: Connection, table: str) -> None:
        self.connection = connection
        self.table = table
        self.types: dict[str, tuple[str, bool]] = {
            name: (kind, needed) for name, kind, needed in self.ask(_COLUMNS)
        }
        connection.execute(text("set local session_replication_role = replica"))
        for (name,) in self.ask(_CHECKS):
            connection.execute(text(f"alter table {table} drop constraint {name}"))
        self.planted: dict[Row, dict[str, Any]] = {}
        for row in filter(self.is_of_its_own, ROWS):
            self._plant(row)

    def ask(self, query: str) -> Any:
        return self.connection.execute(text(query), {"table": self.table}).all()

    def _plant(self, row: Row) -> None:
        """Where a table knows no difference between two rows, the first stands for both."""
        values = self.values(row)
        if self.attempt("", self.insert(), values) == 1:
            self.planted[row] = values

    def is_of_its_own(self, row: Row) -> bool:
        client, of_creator = walls.client_column(self.table), self.table in walls.INFLUENCERS
        if row in (OTHER_CREATORS, ELSEWHERE):
            return of_creator and (row is OTHER_CREATORS or client is not None)
        if row.client is None:
            return client is not None and not self.types[client][1]
        if row.agency == OURS.agency and row.client == OURS.client and row.member != OURS.member:
            return "membership_id" in self.types
        return (row.shown or self.table in walls.SHOWN) and (
            (row.opened or self.table in walls.OPENED)
            and (row.offered or self.table in walls.OFFERED)
        )

    def insert(self) -> str:
        names = ", ".join(f'"{name}"' for name in self.types)
        values = ", ".join(f":{name}" for name in self.types)
        return f"insert into {self.table} ({names}) values ({values})"

    def values(self, row: Row) -> dict[str, Any]:
        """A row that nothing but its owners tells apart from others; it need not make sense."""
        made = {name: _any(kind) if needed else None for name, (kind, needed) in self.types.items()}
        if self.table in walls.SHOWN:
            column, shown, hidden = walls.SHOWN[self.table]
            made[column] = shown if row.shown else hidden
        # One column may say both: what is hidden from the client is hidden then.
        column, offered, kept = walls.OFFERED.get(self.table, ("", None, None))
        if column and (row.shown or walls.SHOWN.get(self.table, ("",))[0] != column):
            made[column] = offered if row.offered else kept
        if self.table in walls.INFLUENCERS:
            made[walls.INFLUENCERS[self.table]] = row.creator
        opened_by = walls.OPENED.get(self.table)
        # Opened by its own id, there is but one.
        alone = opened_by == "id" and row != OURS
        if row.opened and opened_by and not alone:
            made[opened_by] = walls.SUBJECT
        if "membership_id" in made:
            made["membership_id"] = row.member
        if client := walls.client_column(self.table):
            made[client] = row.client
        if agency := walls.agency_column(self.table):
            made[agency] = row.agency
        return made

    def attempt(
        self, role: str, statement: str, values: Any = None, settings: Any = None
    ) -> int | str:
        """
        How many rows a statement saw or changed, or the SQLSTATE it ended with. As a `role` it
        leaves nothing behind; without one it is done by whoever plants.
        """
        nested = self.connection.begin_nested()
        try:
            if role:
                entering = {**(settings or US), "role": f"app_{role}"}
                self.connection.execute(text(_ENTER), entering)
            done = self.connection.execute(text(statement), values or {})
            met = len(done.all()) if done.returns_rows else done.rowcount
        except DBAPIError as error:
            nested.rollback()
            return str(getattr(error.orig, "sqlstate", None) or error)
        if role:
            nested.rollback()
        else:
            nested.commit()
        return met


_COLUMNS = """
select attname, format_type(atttypid, atttypmod), attnotnull from pg_attribute
where attrelid = cast(:table as regclass) and attnum > 0 and not attisdropped
    and attgenerated = '' order by attnum
"""
_CHECKS = """
select conname from pg_constraint where conrelid = cast(:table as regclass) and contype = 'c'
"""


def _any(kind: str) -> Any:
    number = next(_numbers)
    simple: dict[str, Any] = {
        "uuid": new_id(),
        "boolean": False,
        "jsonb": "{}",
        "bytea": b"x",
        "date": date(2000, 1, 1) + timedelta(days=number % 50_000),
        "timestamp with time zone": datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=number),
        "integer": number,
        "bigint": number,
        "character varying(3)": f"{number % 4096:03x}",
    }
    return simple.get(kind, f"{number:x}")


class Visitor:
    """One role in front of one table, with the rights it should have."""

    def __init__(self, stage: Stage, role: str, rights: frozenset[str]) -> None:
        self.stage = stage
        self.role = role
        self.rights = rights
        self.table = stage.table
        self.reached = [r for r in stage.planted if walls.in_sight(self.table, role, r)]

    def faults(self) -> list[str]:
        found = [*self._owning(), *self._adding()]
        for word, statement in (
            ("read", f"select 1 from {self.table}"),
            ("edit", f"update {self.table} set {self._a_column()}"),
            ("remove", f"delete from {self.table}"),
        ):
            without = 0 if self._has(word) else REFUSED
            if self.role == "platform":
                # It reaches whatever else there is in the database too.
                found += self._compare(word, f"{statement} where false", without)
                continue
            expected = len(self.reached) if word in self.rights else REFUSED
            found += self._compare(word, statement, expected)
            # Without settings there are no rows, and no cast error either.
            found += self._compare(f"{word} as nobody", statement, without, settings=NOBODY)
        return [*found, *self._opening(), *self._moving(), *self._locking()]

    def _has(self, word: str) -> bool:
        """With a right to some columns a statement is let through, and finds what it may."""
        return any(right.split(" ")[0] == word for right in self.rights)

    def _compare(
        self, what: str, statement: str, expected: int | str, values: Any = None, **options: Any
    ) -> list[str]:
        met = self.stage.attempt(self.role, statement, values, **options)
        return [] if met == expected else [f"{what}: {met} for {expected}"]

    def _a_column(self) -> str:
        """What an UPDATE sets, that tells nobody's rows apart."""
        for right in self.rights:
            if right.startswith("edit ("):
                return f"{right[len('edit (') : -1].split(' ')[0]} = now()"
        plain = next((n for n in ("updated_at", "created_at") if n in self.stage.types), None)
        return f"{plain} = now()" if plain else self._another_column()

    def _another_column(self) -> str:
        name, (kind, _) = list(self.stage.types.items())[-1]
        return f"{name} = '{_any(kind)}'"

    def _owning(self) -> list[str]:
        """Only the owner empties a table, or takes its wall down."""
        return [
            fault
            for statement in (
                f"truncate {self.table}",
                f"alter table {self.table} disable row level security",
            )
            for fault in self._compare(statement, statement, REFUSED)
        ]

    def _adding(self) -> list[str]:
        column = walls.agency_column(self.table) or "id"
        none = f"insert into {self.table} ({column}) select null::uuid where false"
        may = self._has("add")
        found = self._compare("add no row", none, 0 if may else REFUSED)
        for row in ROWS:
            if not may or not self.stage.is_of_its_own(row):
                continue
            values = self.stage.values(row)
            if self.role == "influencer":
                values |= walls.PROPOSED.get(self.table, {})
            met = self.stage.attempt(self.role, self.stage.insert(), values)
            # Whatever else is wrong with a row is looked at after the wall has let it pass.
            if (met != REFUSED) != walls.may_add(self.table, self.role, row):
                found.append(f"add {row.label}: {met}")
        return found

    def _opening(self) -> list[str]:
        """A link to a row by its own id opens it where every other wall lets it through."""
        if walls.OPENED.get(self.table) != "id" or "read" not in self.rights:
            return []
        statement = f"select 1 from {self.table}"
        found = []
        for row, values in self.stage.planted.items():
            if self.role == "link" and row.opened:
                expected = int(walls.in_sight(self.table, self.role, row))
                by_its_id = {**US, "subject": str(values["id"])}
                found += self._compare(f"open {row.label}", statement, expected, settings=by_its_id)
        return found

    def _moving(self) -> list[str]:
        """A row in sight cannot be put out of it."""
        if "edit" not in self.rights or self.role == "platform":
            return []
        out: list[tuple[str | None, Any]] = [(walls.agency_column(self.table), THEIRS.agency)]
        if self.role == "influencer" and self.table in walls.INFLUENCERS:
            out.append((walls.INFLUENCERS[self.table], OTHER_CLIENTS.creator))
        elif not walls.in_sight(self.table, self.role, OTHER_CLIENTS):
            if walls.client_column(self.table):
                out.append((walls.client_column(self.table), OTHER_CLIENTS.client))
            if walls.models()[self.table].wall == "personal":
                out.append(("membership_id", OTHER_CLIENTS.member))
        return [
            fault
            for column, owner in out
            if column
            for fault in self._compare(
                f"move by {column}",
                f"update {self.table} set {column} = :owner",
                REFUSED,
                {"owner": owner},
            )
        ]

    def _locking(self) -> list[str]:
        """Who may lock a row and edit none meets no row but those in sight."""
        if "edit" in self.rights or not self._has("edit"):
            return []
        nested = self.stage.connection.begin_nested()
        ids = [self.stage.planted[row]["id"] for row in self.reached]
        away = f"delete from {self.table} where id = any(:ids)"
        self.stage.connection.execute(text(away), {"ids": ids})
        found = self._compare("lock out of sight", f"update {self.table} set {self._a_column()}", 0)
        nested.rollback()
        return found


def references(connection: Connection, table: str, name: str | None = None) -> list[str]:
    """
    Which keys of a table's model let its row point at what is not of its agency and client.
    `name`: of this key alone.
    """
    found = []
    keys = walls.models()[table].__table__.foreign_key_constraints
    for key in sorted(keys, key=lambda each: str(each.name)):
        if name not in (None, key.name):
            continue
        parent = key.referred_table.name
        if parent != "agencies" and walls.agency_column(table) and walls.agency_column(parent):
            nested = connection.begin_nested()
            found += [f"{key.name} {fault}" for fault in _pointing(connection, table, key)]
            nested.rollback()
    return found


def _pointing(connection: Connection, table: str, key: Any) -> list[str]:
    """What a row of ours may name, with no other key of its table in the way."""
    parent = Stage(connection, key.referred_table.name)
    child = parent if parent.table == table else Stage(connection, table)
    for (name,) in child.ask(_KEYS):
        if name != key.name:
            connection.execute(text(f"alter table {table} drop constraint {name}"))
    connection.execute(text("set local session_replication_role = origin"))
    found = []
    by_its_id = "id" in (walls.OPENED.get(table), walls.INFLUENCERS.get(table))
    own_id = table == "clients" or by_its_id  # which is planted already
    _make_way(child, key)
    for row, expected in _nameable(table, key):
        values = child.values(OURS)
        if own_id:
            anew = {"id", "membership_id"} & values.keys()
            values |= {name: new_id() for name in anew}
        for each in key.elements:
            if each.column.name not in ("agency_id", "client_id"):
                values[each.parent.name] = parent.planted[row][each.column.name]
        met = child.attempt("", child.insert(), values)
        if met != expected:
            found.append(f"to {row.label}: {met} for {expected}")
    return found


def _make_way(child: Stage, key: Any) -> None:
    """A row that names its parent by its own id is planted already."""
    if key.referred_table.name != child.table and "id" in {e.parent.name for e in key.elements}:
        ids = [values["id"] for values in child.planted.values()]
        away = f"delete from {child.table} where id = any(:ids)"
        child.connection.execute(text(away), {"ids": ids})


def _nameable(table: str, key: Any) -> list[tuple[Row, int | str]]:
    found: list[tuple[Row, int | str]] = [(OURS, 1), (THEIRS, DANGLING)]
    parent = key.referred_table.name
    if parent != "clients" and walls.INFLUENCERS.get(parent) != "id":
        found.append((THEIRS_BY_OUR_IDS, DANGLING))
        both = walls.client_column(table) and walls.client_column(parent)
        if both and key.name not in OF_ANY_CLIENT:
            found.append((OTHER_CLIENTS, DANGLING))
    return found


_KEYS = """
select conname from pg_constraint where conrelid = cast(:table as regclass) and contype = 'f'
"""


def logins(connection: Connection) -> list[str]:
    """What the log-in roles can do by themselves, and whom they can become."""
    everybody = (*(f"app_{role}" for role in ROLES), "app_owner", *LOGINS)
    found = []
    for login in LOGINS:
        for role in everybody:
            met = _as_login(connection, login, f"set local role {role}")
            may = role in MAY_BE_MEMBER[login] or role == login
            if (met == REFUSED) == may:
                found.append(f"{login} becomes {role}: {met}")
        for statement in (
            "create role peep",
            *(f"select 1 from {table}" for table in walls.models()),
        ):
            if (met := _as_login(connection, login, statement)) != REFUSED:
                found.append(f"{login}, {statement}: {met}")
    return found


def _as_login(connection: Connection, login: str, statement: str) -> str:
    nested = connection.begin_nested()
    try:
        connection.execute(text(f"set local session authorization {login}"))
        connection.execute(text(statement))
    except DBAPIError as error:
        return str(getattr(error.orig, "sqlstate", None) or error)
    finally:
        nested.rollback()
    return "done"
