"""
Tests speak HTTP to the real application, on the real database, as the application's own role.

One PostgreSQL per worker process; every test makes its own agency and really commits; nothing is
cleaned. Without `AGENCY_TEST_POSTGRES` (a superuser's URL of a server) the embedded engine serves.
With `AGENCY_TEST_POOLER=transaction` the application goes to that server through a PgBouncer.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from starlette.testclient import TestClient

from api.app import with_edge
from migrations import run
from tenants import pools, settings
from tenants.embedded import LOGIN_ROLES, Engines
from tests.engines.pooler import pgbouncer
from tests.factories import Staffed, staffed_agency
from tests.mutants import tally
from tests.spec import Checked, app


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of this process's own, and settings that point at it."""
    folder = tmp_path_factory.mktemp("home")
    os.environ["AGENCY_HOME"] = str(folder)
    os.environ["AGENCY_RATE_LIMIT"] = "1000000/minute"
    os.environ["AGENCY_AGENCY_RATE_LIMIT"] = "1000000/minute"
    os.environ["AGENCY_ADDRESS_RATE_LIMIT"] = "1000000/minute"
    settings.get.cache_clear()
    return folder


@pytest.fixture(scope="session")
def pooler() -> str:
    """What stands between the application and the database: `AGENCY_DATABASE_POOLER`."""
    return os.environ.get("AGENCY_TEST_POOLER", "session")


@pytest.fixture(scope="session")
def urls(home: Path, pooler: str) -> Iterator[dict[str, str]]:
    """Three ways into one migrated database: owner, app, platform."""
    server = os.environ.get("AGENCY_TEST_POSTGRES")
    if server:
        with _on_server(server, pooler) as made:
            yield made
        return
    with Engines(home, fast=True) as engines:
        yield {
            "owner": engines.owner_url,
            "app": engines.app_url,
            "platform": engines.platform_url,
        }


@contextmanager
def _on_server(server: str, pooler: str) -> Iterator[dict[str, str]]:
    name = f"agency_test_{secrets.token_hex(4)}"
    url = make_url(server).set(drivername="postgresql+psycopg")
    engine = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name}"))
        # Somebody else's server has a clock of its own, and nothing of ours may show it.
        connection.execute(text(f"alter database {name} set timezone = 'Pacific/Kiritimati'"))
    between = pgbouncer(url, LOGIN_ROLES) if pooler == "transaction" else nullcontext(url)
    with between as reached:
        yield {
            who: address.set(username=role, database=name).render_as_string(hide_password=False)
            for who, address, role in (
                ("owner", url, url.username),
                ("app", reached, LOGIN_ROLES[0]),
                ("platform", reached, LOGIN_ROLES[1]),
            )
        }
    with engine.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
    engine.dispose()


@pytest.fixture(scope="session", autouse=True)
def engines(urls: dict[str, str], pooler: str) -> Iterator[pools.Pools]:
    """The application's own connections, as its log-in roles."""
    run.upgrade(urls["owner"], *LOGIN_ROLES)
    # A server's connections are counted, and this process shares them with others.
    counted = pooler == "session" and "AGENCY_TEST_POSTGRES" in os.environ
    pool = 25 if counted else 40
    made = pools.Pools(urls["app"], urls["platform"], pool=pool, pooler=pooler)
    pools.connect(made)
    yield made
    made.dispose()


# The sealer goes from agency to agency, and there are thousands by the end of a run.
_SEALED = """
    update event_queue q set position = fresh.step + coalesce(
        (select max(l.position) from event_queue l where l.agency_id = fresh.agency_id), 0)
    from (
        select agency_id, event_id, row_number() over (partition by agency_id order by event_id)
            as step
        from event_queue where position is null
    ) fresh
    where (q.agency_id, q.event_id) = (fresh.agency_id, fresh.event_id)
"""


@pytest.fixture(scope="module", autouse=True)
def nothing_left_behind(engines: pools.Pools, urls: dict[str, str]) -> None:
    """What tests of other modules left to be done is not for these to wait for."""
    with psycopg.connect(urls["owner"].replace("+psycopg", "", 1)) as left:
        left.execute(_SEALED)
        left.execute("update event_queue set due_at = null, done_at = now() where done_at is null")
        left.execute("update jobs set state = 'cancelled' where state in ('queued', 'running')")


@pytest.fixture(scope="session")
def http(engines: pools.Pools) -> Iterator[TestClient]:
    """The application, spoken to without a credential; every answer is held to the document."""
    with Checked(with_edge(app()), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def agency(http: TestClient) -> Staffed:
    """A fresh agency with its people and two clients."""
    return staffed_agency(http)


@pytest.fixture
def other_agency(http: TestClient) -> Staffed:
    """Another agency, staffed alike, that must never be seen."""
    return staffed_agency(http)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The file that takes by far the longest is not the last to begin."""
    items.sort(key=lambda item: item.path.parent.name != "fuzz")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker process tells the one that sums up what it saw of the mutants."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["mutants"] = tally.told()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    tally.hear(getattr(node, "workeroutput", {}).get("mutants", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What a test has to tell although it passed: its `summary`, and what became of mutants."""
    for report in terminalreporter.getreports("passed"):
        for name, said in report.user_properties:
            if name == "summary":
                terminalreporter.write_line(str(said))
    if terminalreporter.config.option.markexpr == "deep":
        for line in tally.table():
            terminalreporter.write_line(line)
