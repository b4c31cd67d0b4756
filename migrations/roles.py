"""
The database's roles, made before the first migration and looked at on every one.

`app_owner` owns the schema and cannot log in. One `app_<sight>` per kind of sight holds the grants.
The two log-in roles own nothing and may nothing by themselves: they may only become a sight.
"""

from sqlalchemy import text
from sqlalchemy.engine import Connection

SIGHTS = ("app_staff", "app_scoped", "app_contact", "app_influencer", "app_link")
GROUPS = ("app_owner", *SIGHTS, "app_platform")


# The functions a log-in role may call by itself: each says how far one credential sees.
LOOK_UPS = (
    "sight_of_session(uuid, uuid, timestamptz)",
    "sight_of_link(uuid, uuid, timestamptz)",
    "sight_of_approval_link(uuid, uuid, text)",
    "sight_of_collaboration_link(uuid, uuid, text)",
    "sight_of_calendar_feed(uuid, uuid, text, timestamptz)",
    "sight_of_program_link(uuid, uuid, text)",
)


class UnsafeRole(Exception):
    """A log-in role can do more than it may; the message names it."""


def ensure(connection: Connection, login: str, platform: str) -> None:
    """Make what is missing, and give the log-ins their memberships. Needs CREATEROLE."""
    # Roles belong to the whole server: two databases migrating at once must not race. The lock is
    # the transaction's: behind a pooler a session's would stay with a connection of the pooler's.
    with connection.begin():
        connection.execute(text("select pg_advisory_xact_lock(hashtext('agency roles'))"))
        for role in GROUPS:
            _create(connection, role, "nologin")
        for role in (login, platform):
            _create(connection, role, "login noinherit")
        _grant(connection, "app_owner", "current_user")
        for role in SIGHTS:
            _grant(connection, role, quoted(login))
        _grant(connection, "app_platform", quoted(platform))
    for role in (login, platform):
        refuse_unsafe(connection, role)


def refuse_unsafe(connection: Connection, role: str) -> None:
    """A log-in that bypasses row security, or owns or inherits anything, is no log-in of ours."""
    row = connection.execute(
        text(
            "select rolsuper or rolbypassrls or rolinherit or rolcreaterole or rolcreatedb"
            " from pg_roles where rolname = :role"
        ),
        {"role": role},
    ).scalar_one()
    if row:
        raise UnsafeRole(
            f"the database role {role!r} must be NOSUPERUSER NOBYPASSRLS NOINHERIT"
            " NOCREATEROLE NOCREATEDB"
        )


def open_schema(connection: Connection, login: str, platform: str) -> None:
    """After the migrations: the schema's use, and the look-ups a log-in may call by itself."""
    for role in (*SIGHTS, "app_platform", quoted(login), quoted(platform)):
        connection.execute(text(f"grant usage on schema public to {role}"))
    connection.execute(text("set local role app_owner"))
    for function in LOOK_UPS:
        connection.execute(text(f"grant execute on function {function} to {quoted(login)}"))


def quoted(role: str) -> str:
    return '"' + role.replace('"', '""') + '"'


def _create(connection: Connection, role: str, options: str) -> None:
    known = connection.execute(
        text("select 1 from pg_roles where rolname = :role"), {"role": role}
    ).scalar()
    if not known:
        connection.execute(text(f"create role {quoted(role)} {options}"))


def _grant(connection: Connection, role: str, to: str) -> None:
    # From PostgreSQL 16 on, who makes a role is its member, and may not become it yet.
    version = connection.dialect.server_version_info or (0,)
    right = "set" if version >= (16,) else "member"
    becomes = connection.execute(
        text(
            "select pg_has_role(case when :to = 'current_user' then current_user else :name end,"
            " :role, :right)"
        ),
        {"to": to, "name": to.strip('"').replace('""', '"'), "role": role, "right": right},
    ).scalar()
    if not becomes:
        connection.execute(text(f"grant {role} to {to}"))
