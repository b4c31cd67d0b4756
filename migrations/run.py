"""Bring a database up to the newest revision, roles first."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from psycopg import errors
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from migrations import roles

_ROOT = Path(__file__).parent
TRIES = 10
# What two that make or grant the same role at the same time may meet.
MET = (errors.UniqueViolation, errors.DuplicateObject, errors.InternalError_)


def upgrade(owner_url: str, login: str, platform: str) -> None:
    """Make the roles, migrate, open the schema. Safe to run again, and from several at once."""
    # Nothing is prepared: a pooler in transaction mode may stand between.
    engine = create_engine(
        _driver(owner_url), poolclass=NullPool, connect_args={"prepare_threshold": None}
    )
    with engine.connect() as connection:
        _again_if_met(connection, lambda: _make_roles(connection, login, platform))
        with connection.begin():
            command.upgrade(config(connection), "head")
        _again_if_met(connection, lambda: roles.open_schema(connection, login, platform))
    engine.dispose()


def _make_roles(connection: Connection, login: str, platform: str) -> None:
    roles.ensure(connection, login, platform)
    connection.execute(text("grant create, usage on schema public to app_owner"))


def _again_if_met(connection: Connection, do: Callable[[], None]) -> None:
    """
    Roles and a schema's grants are one row that others may be changing, here or in another database
    of the server, where no lock of ours reaches: whoever comes second begins anew.
    """
    for _ in range(TRIES):
        try:
            do()
            connection.commit()
        except DBAPIError as failure:
            connection.rollback()
            if not isinstance(failure.orig, MET):
                raise
        else:
            return
    raise RuntimeError("the server's roles are being changed by somebody else all the time")


def config(connection: Connection) -> Config:
    """Alembic's configuration, bound to a connection that the caller commits."""
    made = Config()
    made.set_main_option("script_location", str(_ROOT))
    made.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(slug)s")
    made.attributes["connection"] = connection
    return made


def head() -> str:
    """The newest revision there is."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415  (alembic's slow import)

    made = Config()
    made.set_main_option("script_location", str(_ROOT))
    return str(ScriptDirectory.from_config(made).get_current_head())


def _driver(url: str) -> str:
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
