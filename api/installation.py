"""What a process needs before it can work: where things are, its schema, safe roles."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from migrations import roles
from tenants import pools, settings
from tenants.embedded import Engines
from tenants.settings import ConfigurationError, Settings

BROKERS = ("redis://", "rediss://", "redis+socket://", "amqp://", "amqps://", "pyamqp://")
_OTHER_NAMES = {"valkey://": "redis://", "valkeys://": "rediss://", "unix://": "redis+socket://"}


@dataclass(frozen=True)
class Addresses:
    """Where the database and the broker are, whoever runs them."""

    owner: str
    app: str
    platform: str
    broker: str

    @property
    def logins(self) -> tuple[str, str]:
        """The log-in roles of the application and of the platform."""
        return str(make_url(self.app).username), str(make_url(self.platform).username)


def addresses(configured: Settings) -> Addresses:
    """What the settings name; where they name nothing, the embedded engines of the home."""
    own = Engines(configured.home)
    if not configured.embedded and configured.broker_url is None:
        raise ConfigurationError("AGENCY_DATABASE_URL also needs AGENCY_BROKER_URL")
    return Addresses(
        owner=_value(configured.owner_database_url) or own.owner_url,
        app=_value(configured.database_url) or own.app_url,
        platform=_value(configured.platform_database_url) or own.platform_url,
        broker=_broker(_value(configured.broker_url) or own.broker_url),
    )


def _value(secret: Any) -> str | None:
    return None if secret is None else secret.get_secret_value()


def _broker(url: str) -> str:
    """The broker's address as Celery writes it."""
    for name, celery in _OTHER_NAMES.items():
        if url.startswith(name):
            url = url.replace(name, celery, 1)
    if not url.startswith(BROKERS):
        raise ConfigurationError(f"AGENCY_BROKER_URL must begin with {' or '.join(BROKERS)}")
    return url


def connect(pool: int) -> None:
    """Name the database of this process, with at most `pool` connections as the application."""
    configured = settings.get()
    found = addresses(configured)
    made = pools.Pools(found.app, found.platform, pool=pool, pooler=configured.database_pooler)
    pools.connect(made)


def migrate(found: Addresses) -> None:
    """Bring the schema to the newest revision; roles first."""
    from migrations import run  # noqa: PLC0415  (Alembic: much to load for who only serves)

    with _named():
        run.upgrade(found.owner, *found.logins)


def verify(found: Addresses) -> None:
    """Refuse to work with a log-in that could pass the walls, or on another release's schema."""
    from migrations import run  # noqa: PLC0415

    with _named(), _as_owner(found) as connection:
        for login in found.logins:
            roles.refuse_unsafe(connection, login)
            if connection.scalar(_OWNS, {"role": login}):
                raise roles.UnsafeRole(f"the database role {login!r} must own nothing")
        revision = _revision(connection)
    if revision != run.head():
        raise ConfigurationError(
            f"the schema is at revision {revision} and this release at {run.head()}:"
            " `agency migrate` of the newer of the two brings them together"
        )


def is_empty(found: Addresses) -> bool:
    """Whether no agency has signed up yet."""
    with _as_owner(found) as connection:
        connection.execute(text("set local role app_owner"))
        return not connection.scalar(text("select exists (select from agencies)"))


_OWNS = text(
    "select pg_has_role(r.oid, 'app_owner', 'member')"
    " or exists (select from pg_class c where c.relowner = r.oid)"
    " from pg_roles r where r.rolname = :role"
)


def _revision(connection: Connection) -> str | None:
    if not connection.scalar(text("select to_regclass('alembic_version') is not null")):
        return None
    connection.execute(text("set local role app_owner"))
    found: str | None = connection.scalar(text("select version_num from alembic_version"))
    return found


@contextlib.contextmanager
def _as_owner(found: Addresses) -> Iterator[Connection]:
    url = make_url(found.owner).set(drivername="postgresql+psycopg")
    engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 10})
    with engine.connect() as connection:
        yield connection


@contextlib.contextmanager
def _named() -> Iterator[None]:
    """Say which setting a failure speaks of, and nothing of what it holds."""
    try:
        yield
    except OperationalError as failure:
        if failure.connection_invalidated or failure.statement is None:
            raise ConfigurationError(
                "AGENCY_OWNER_DATABASE_URL: the database does not answer, or does not let us in"
            ) from None
        raise
    except roles.UnsafeRole as failure:
        raise ConfigurationError(f"AGENCY_DATABASE_URL: {failure}") from None
