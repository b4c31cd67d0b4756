"""
Mutants of the schema: each takes one piece of a wall away, by statements of its own.

They are read from the catalogue, so that a new table, policy, role or key has its mutants the day
it is made.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.engine import Connection

from migrations.roles import GROUPS, SIGHTS
from tests.isolation.rules import LOGINS, MAY_BE_MEMBER, conjunction
from tests.isolation.walls import ROLES


@dataclass(frozen=True)
class Mutant:
    """One fault. `roles`: who could notice."""

    kind: str
    name: str
    statements: tuple[str, ...]
    roles: tuple[str, ...] = ROLES


def of_table(connection: Connection, table: str) -> list[Mutant]:
    """Every mutant of one table's walls."""
    return [
        *_row_security(table),
        *_owners(table),
        *_policies(connection, table),
        *_grants(connection, table),
        *_keys(connection, table),
    ]


def _row_security(table: str) -> Iterator[Mutant]:
    alter = f"alter table {table}"
    yield Mutant("row security off", table, (f"{alter} disable row level security",))
    yield Mutant("not forced", table, (f"{alter} no force row level security",))


def _owners(table: str) -> Iterator[Mutant]:
    """A sight that owns the table, held by FORCE or not."""
    for role in SIGHTS:
        owns = f"alter table {table} owner to {role}"
        short = role.removeprefix("app_")
        yield Mutant("owner", f"{table} {short}", (owns,), (short,))
        loose = (owns, f"alter table {table} no force row level security")
        yield Mutant("owner, not forced", f"{table} {short}", loose, (short,))


_POLICIES = """
select polname, pg_get_userbyid(polroles[1]), pg_get_expr(polqual, polrelid),
    pg_get_expr(polwithcheck, polrelid)
from pg_policy where polrelid = cast(:table as regclass) order by polname
"""


def _policies(connection: Connection, table: str) -> Iterator[Mutant]:
    for policy, role, shown, checked in connection.execute(text(_POLICIES), {"table": table}).all():
        alter, name = f"alter policy {policy} on {table}", f"{table}.{policy}"
        short = role.removeprefix("app_")
        # To everybody, that is: which of them notices depends on their grants.
        yield Mutant("policy for all roles", name, (f"{alter} to public",))
        for kind, clause, condition in (
            ("USING", "using", shown),
            ("WITH CHECK", "with check", checked),
        ):
            if condition in (None, "true"):
                continue
            yield Mutant(f"{kind} true", name, (f"{alter} {clause} (true)",), (short,))
            for left in _shorter(condition):
                statement = f"{alter} {clause} ({left})"
                yield Mutant(f"{kind} without a term", f"{name}: {left}", (statement,), (short,))


def _shorter(condition: str) -> list[str]:
    """The condition with each of its terms left out."""
    terms = conjunction(condition)
    if len(terms) < 2:
        return []
    without = ([each for each in terms if each != term] for term in terms if term != "true")
    return [" and ".join(left) for left in without]


_PRIVILEGES = ("select", "insert", "update", "delete", "truncate", "references", "trigger")
_COLUMN_PRIVILEGES = ("select", "insert", "update")


def _grants(connection: Connection, table: str) -> Iterator[Mutant]:
    """Every right a role does not have yet; and, to a column alone, those of a whole table."""
    columns = connection.execute(
        text(
            "select attname from pg_attribute where attrelid = cast(:table as regclass)"
            " and attnum > 0 and not attisdropped order by attnum desc limit 1"
        ),
        {"table": table},
    )
    column = columns.scalar_one()
    for role in (*SIGHTS, "app_platform", "public"):
        short = role.removeprefix("app_")
        for privilege in _PRIVILEGES:
            if role != "public" and _has(connection, role, table, privilege):
                continue
            grant = f"grant {privilege} on {table} to {role}"
            noticing = ROLES if role == "public" else (short,)
            yield Mutant("grant", f"{table} {privilege} to {short}", (grant,), noticing)
            if role != "public" and privilege in _COLUMN_PRIVILEGES:
                grant = f"grant {privilege} ({column}) on {table} to {role}"
                name = f"{table} {privilege} ({column}) to {short}"
                yield Mutant("column grant", name, (grant,), (short,))


def _has(connection: Connection, role: str, table: str, privilege: str) -> bool:
    asked = {"role": role, "table": table, "privilege": privilege}
    query = "select has_table_privilege(:role, :table, :privilege)"
    return bool(connection.execute(text(query), asked).scalar())


_KEYS = """
select k.conname, k.confrelid::regclass::text,
    array(select a.attname::text from unnest(k.conkey) with ordinality n(num, at)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = n.num order by at),
    array(select a.attname::text from unnest(k.confkey) with ordinality n(num, at)
        join pg_attribute a on a.attrelid = k.confrelid and a.attnum = n.num order by at)
from pg_constraint k
where k.conrelid = cast(:table as regclass) and k.contype = 'f' order by k.conname
"""


def _keys(connection: Connection, table: str) -> Iterator[Mutant]:
    """Foreign keys that lost the agency, the client, or themselves."""
    for name, parent, own, theirs in connection.execute(text(_KEYS), {"table": table}).all():
        pairs = list(zip(own, theirs, strict=True))
        if ("agency_id", "agency_id") not in pairs:
            continue
        drop = f"alter table {table} drop constraint {name}"
        yield Mutant("key dropped", name, (drop,))
        for owner in ("agency_id", "client_id"):
            left = [pair for pair in pairs if pair != (owner, owner)]
            if len(left) == len(pairs) or not left:
                continue
            columns = ", ".join(column for column, _ in left)
            targets = ", ".join(target for _, target in left)
            anew = (
                drop,
                f"create unique index mutant on {parent} ({targets})",
                f"alter table {table} add constraint {name}"
                f" foreign key ({columns}) references {parent} ({targets}) not valid",
            )
            yield Mutant(f"key without {owner}", name, anew)


def of_roles() -> list[Mutant]:
    """Attributes no role may have, and memberships beyond the known ones."""
    powers = ("bypassrls", "superuser", "createrole", "createdb", "replication")
    everybody = (*GROUPS, *LOGINS)
    found = [
        Mutant(
            "role attribute", f"{role} {power}", (f"alter role {role} {power}",), _noticing(role)
        )
        for role in everybody
        for power in (*powers, *(("inherit",) if role in LOGINS else ("login",)))
    ]
    found += [
        Mutant("membership", f"{role} in {group}", (f"grant {group} to {role}",), _noticing(role))
        for role in everybody
        for group in everybody
        if role not in (group, "app_owner") and group not in MAY_BE_MEMBER.get(role, set())
        if role not in MAY_BE_MEMBER.get(group, set())
    ]
    return found


def _noticing(role: str) -> tuple[str, ...]:
    short = role.removeprefix("app_")
    return (short,) if short in ROLES else ()
