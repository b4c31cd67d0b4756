"""Real workers and a real relay, on a real broker."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from tenants import worker
from tenants.child import Child
from tenants.embedded import Engines

PROCESS = "import tests.runtime.kinds, api.cli, sys; api.cli.app(sys.argv[1:])"


def eventually(condition: Callable[[], object], seconds: float = 30) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Valkey of the tests' own, or what `AGENCY_TEST_BROKER` names: all that it holds may go."""
    if named := os.environ.get("AGENCY_TEST_BROKER"):
        yield named
        return
    with Engines(tmp_path_factory.mktemp("broker"), fast=True) as engines:
        yield engines.broker_url


@pytest.fixture
def forget(broker: str) -> Iterator[Callable[[], object]]:
    """Makes the broker forget all it holds."""
    if broker.startswith("amqp"):
        with worker.app.connection_for_write(broker) as connection:
            channel = connection.channel()
            yield lambda: [channel.queue_purge(name) for name in worker.QUEUES]
    else:
        with redis.Redis.from_url(broker.replace("redis+socket://", "unix://")) as memory:
            yield memory.flushdb


@pytest.fixture(scope="session")
def quick_start(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment, where Python keeps what it compiled for the next process."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AGENCY_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**kept, "PYTHONPYCACHEPREFIX": str(tmp_path_factory.mktemp("pycache"))}


class Crew:
    """A relay and workers on the tests' own database, that a test may kill."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.environment, self.log = environment, log
        self.children: list[Child] = []
        for name in ("beat", "beat"):
            self.start(name)
        self.worker = self.start_worker()

    def start(self, *arguments: str) -> Child:
        command = [sys.executable, "-c", PROCESS, *arguments]
        child = Child(command, log=self.log, env=self.environment)
        self.children.append(child)
        return child

    def start_worker(self) -> Child:
        self.worker = self.start("worker", "--queues", "now,render,bulk")
        return self.worker


# No longer than its module: it would do what the tests of others do themselves.
@pytest.fixture(scope="module")
def crew(
    urls: dict[str, str],
    pooler: str,
    home: Path,
    broker: str,
    engines: object,
    quick_start: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Crew]:
    """Two relays and a worker, with nothing to do that other tests left behind, nor their night."""
    named = {
        "AGENCY_HOME": str(home),
        "AGENCY_OWNER_DATABASE_URL": urls["owner"],
        "AGENCY_DATABASE_URL": urls["app"],
        "AGENCY_PLATFORM_DATABASE_URL": urls["platform"],
        "AGENCY_DATABASE_POOLER": pooler,
        "AGENCY_BROKER_URL": broker,
    }
    with closed_agencies(urls["owner"]):
        made = Crew({**quick_start, **named}, tmp_path_factory.mktemp("crew") / "log")
        yield made
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda child: child.stop(15), made.children))


@contextmanager
def closed_agencies(owner_url: str) -> Iterator[None]:
    """Those there are by now have nothing done at night."""
    with psycopg.connect(owner_url.replace("+psycopg", "", 1), autocommit=True) as owner:
        before = owner.execute("select status, id from agencies").fetchall()
        owner.execute("update agencies set status = 'closed'")
        yield
        with owner.cursor() as again:
            again.executemany("update agencies set status = %s where id = %s", before)
