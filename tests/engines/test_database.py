"""What holds on a database server that somebody else runs, and behind a pooler."""

import secrets
import subprocess
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from migrations import roles, run
from tenants import pools
from tenants.embedded import LOGIN_ROLES
from tests.engines.pooler import SERVERS

FAR = "Pacific/Kiritimati"


@pytest.fixture(scope="module")
def server(urls: dict[str, str], engines: pools.Pools) -> Engine:
    """The server, as its superuser, outside transactions."""
    return create_engine(urls["owner"], isolation_level="AUTOCOMMIT", poolclass=NullPool)


@pytest.fixture
def empty(server: Engine) -> Iterator[str]:
    """The name of an empty database, whose clock is set to the other side of the world."""
    name = f"agency_test_{secrets.token_hex(4)}"
    with server.connect() as connection:
        connection.execute(text(f"create database {name}"))
        connection.execute(text(f"alter database {name} set timezone = '{FAR}'"))
    yield name
    with server.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))


def at(url: str, name: str, user: str | None = None) -> str:
    there = make_url(url).set(database=name)
    if user:
        there = there.set(username=user, password=None)
    return there.render_as_string(hide_password=False)


class TestServer:
    def test_leaves_its_clock_at_home(
        self, urls: dict[str, str], empty: str, pooler: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Instants that the database itself writes into JSON are UTC's, wherever it stands."""
        monkeypatch.delenv("PGTZ", raising=False)
        owner = create_engine(at(urls["owner"], empty), poolclass=NullPool)
        with owner.connect() as connection:
            assert connection.scalar(text("show timezone")) == FAR

        made = pools.Pools(
            at(urls["app"], empty), at(urls["platform"], empty), pool=1, pooler=pooler
        )

        for engine in (made.app, made.platform):
            with engine.connect() as connection:
                said = connection.scalar(text("select to_jsonb(timestamptz '2026-03-01 12:00Z')"))
            assert said == "2026-03-01T12:00:00+00:00"
        made.dispose()

    def test_is_migrated_by_an_owner_that_is_no_superuser(
        self, server: Engine, urls: dict[str, str], empty: str
    ) -> None:
        owner = f"owner_{empty}"
        with server.connect() as connection:
            connection.execute(text(f"create role {owner} login createrole"))
            connection.execute(text(f"alter database {empty} owner to {owner}"))
            if connection.dialect.server_version_info >= (16,):  # type: ignore[operator]
                # What who makes the roles is given; here the suite's superuser has made them.
                for group in roles.GROUPS:
                    connection.execute(
                        text(f"grant {group} to {owner} with admin true, inherit false, set false")
                    )

        run.upgrade(at(urls["owner"], empty, owner), *LOGIN_ROLES)

        with server.connect() as connection:
            query = "select rolsuper or rolbypassrls from pg_roles where rolname = :owner"
            assert connection.scalar(text(query), {"owner": owner}) is False
        assert _revisions(at(urls["owner"], empty)) == [run.head()]
        with server.connect() as connection:
            connection.execute(text(f"alter database {empty} owner to current_user"))
            connection.execute(text(f"drop owned by {owner} cascade"))
            connection.execute(text(f"drop role {owner}"))

    def test_is_migrated_once_by_several_at_once(self, urls: dict[str, str], empty: str) -> None:
        assert _migrate(at(urls["owner"], empty), processes=2) == [(0, b"")] * 2
        assert _revisions(at(urls["owner"], empty)) == [run.head()]


class TestPooler:
    """PgBouncer in transaction mode; what it shares is asked in `tests/isolation/test_pool.py`."""

    @pytest.fixture(autouse=True)
    def _only_behind_a_pooler(self, pooler: str) -> None:
        if pooler == "session":
            pytest.skip("nothing stands between: see `make engines`")

    def test_gives_a_connection_for_a_transaction(
        self, urls: dict[str, str], engines: pools.Pools, pooler: str
    ) -> None:
        """Many connections of ours, few to the server: what the other tests here rest upon."""
        clients = 4 * SERVERS
        made = pools.Pools(urls["app"], urls["platform"], pool=clients, pooler=pooler)
        held, backends = [made.app.connect() for _ in range(clients)], set()
        for connection in held:
            backends.add(connection.scalar(text("select pg_backend_pid()")))
            connection.commit()
        for connection in held:
            connection.close()
        made.dispose()
        assert len(backends) <= SERVERS

    def test_carries_a_migration(self, urls: dict[str, str], empty: str) -> None:
        """The owner may come through it too, though nothing asks him to."""
        through = make_url(urls["app"]).set(username=make_url(urls["owner"]).username)
        url = at(through.render_as_string(hide_password=False), empty)
        assert _migrate(url, processes=2) == [(0, b"")] * 2
        assert _revisions(url) == [run.head()]


def _migrate(url: str, processes: int) -> list[tuple[int, bytes]]:
    """Several migrators at once: what each ended with, and what it complained of."""
    script = "import sys; from migrations import run; run.upgrade(*sys.argv[1:])"
    command = [sys.executable, "-c", script, url, *LOGIN_ROLES]
    begun = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(processes)]
    complaints = [each.communicate(timeout=60)[1] for each in begun]
    return [(each.returncode, said) for each, said in zip(begun, complaints, strict=True)]


def _revisions(url: str) -> list[str]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return list(connection.scalars(text("select version_num from alembic_version")))
