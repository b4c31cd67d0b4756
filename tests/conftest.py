"""
Tests speak HTTP to the real application, on the real database, as the application's own role.

One PostgreSQL per worker process; every test makes its own agency and really commits; nothing is
cleaned. Without `AGENCY_TEST_POSTGRES` (a superuser's URL of a server) the embedded engine serves.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from starlette.testclient import TestClient

from api.app import with_edge
from migrations import run
from tenants import database, settings
from tenants.embedded import Engines
from tests.factories import Staffed, staffed_agency
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
def urls(home: Path) -> Iterator[dict[str, str]]:
    """Three ways into one migrated database: owner, app, platform."""
    server = os.environ.get("AGENCY_TEST_POSTGRES")
    if server:
        with _on_server(server) as made:
            yield made
        return
    with Engines(home, fast=True) as engines:
        yield {
            "owner": engines.owner_url,
            "app": engines.app_url,
            "platform": engines.platform_url,
        }


@contextmanager
def _on_server(server: str) -> Iterator[dict[str, str]]:
    name = f"agency_test_{secrets.token_hex(4)}"
    url = make_url(server).set(drivername="postgresql+psycopg")
    engine = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name}"))

    def as_role(role: str) -> str:
        return url.set(username=role, database=name).render_as_string(hide_password=False)

    owner = url.set(database=name).render_as_string(hide_password=False)
    yield {"owner": owner, "app": as_role("app_login"), "platform": as_role("platform_login")}
    with engine.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
    engine.dispose()


@pytest.fixture(scope="session", autouse=True)
def engines(urls: dict[str, str]) -> Iterator[database.Engines]:
    """The application's own connections, as its log-in roles."""
    run.upgrade(urls["owner"], "app_login", "platform_login")
    made = database.Engines(urls["app"], urls["platform"], pool=40, pooler="session")
    database.connect(made)
    yield made
    made.dispose()


@pytest.fixture(scope="session")
def http(engines: database.Engines) -> Iterator[TestClient]:
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
