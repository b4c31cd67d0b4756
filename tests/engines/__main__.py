"""
The data-bound part of the suite once more, on engines that are not ours: `make engines`.

A server PostgreSQL, the same behind PgBouncer in transaction mode, and Redis and RabbitMQ as
brokers. What answers on this machine is used, what does not is said, nothing is required. Each run
takes the next database and the next broker, so that two runs see all four.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import psycopg
import redis
from kombu.exceptions import OperationalError

from tenants.worker import QUEUES, app
from tests.engines.pooler import PROGRAM as PGBOUNCER

POSTGRES = "postgresql://postgres@127.0.0.1:5432/postgres"
REDIS = "redis://127.0.0.1:6379"
RABBITMQ = "amqp://guest:guest@127.0.0.1:5672//"
OLDEST = 15  # major version of PostgreSQL
PATIENCE = 2.0  # seconds to find out whether somebody answers

# Where the database does the work: walls, locks, ledgers, feeds, jobs, migrations. What asks the
# same of every operation over HTTP is left to the embedded engine: it takes minutes, and speaks to
# the database in the same few ways.
DATA_BOUND = (
    "tests/engines",
    "tests/isolation/test_agencys_hand.py",
    "tests/isolation/test_catalogue.py",
    "tests/isolation/test_decisions.py",
    "tests/isolation/test_pool.py",
    "tests/isolation/test_walls.py",
    "tests/budgets/test_ledger.py",
    "tests/budgets/test_ledger_model.py",
    "tests/contract/test_durability.py",
    "tests/contract/test_idempotency.py",
    "tests/identity/test_refresh.py",
    "tests/metrics/readings/test_newest_word.py",
    "tests/metrics/readings/test_readings.py",
    "tests/runtime/test_dead_letters.py",
    "tests/runtime/test_feed.py",
    "tests/runtime/test_jobs.py",
)
WORKERS = "tests/runtime/test_processes.py::TestWorker"


class Absent(Exception):
    """An engine is not to be had here; the message says why."""


@dataclass(frozen=True)
class Found:
    """An engine that answers, and what tells the suite to use it."""

    name: str
    environment: dict[str, str]


def server() -> Found:
    url = os.environ.get("AGENCY_TEST_POSTGRES", POSTGRES)
    try:
        with psycopg.connect(url, connect_timeout=int(PATIENCE)) as connection:
            version = connection.info.server_version // 10000
            found = connection.execute("select rolsuper from pg_roles where rolname = current_user")
            (superuser,) = found.fetchone() or (False,)
    except psycopg.OperationalError:
        raise Absent("no server PostgreSQL answers") from None
    if version < OLDEST or not superuser:
        raise Absent(f"PostgreSQL {OLDEST} or newer as its superuser is needed")
    return Found(f"PostgreSQL {version}", {"AGENCY_TEST_POSTGRES": url})


def pooler() -> Found:
    behind = server()
    if PGBOUNCER is None:
        raise Absent("no PgBouncer is installed")
    said = subprocess.run([PGBOUNCER, "--version"], capture_output=True, text=True, check=True)
    name = f"{said.stdout.splitlines()[0]} in transaction mode before {behind.name}"
    return Found(name, {**behind.environment, "AGENCY_TEST_POOLER": "transaction"})


def redis_broker() -> Found:
    """A database of the server's that nobody uses."""
    url = os.environ.get("AGENCY_TEST_REDIS", REDIS)
    try:
        for number in range(15, 0, -1):
            with redis.Redis.from_url(url, db=number, socket_connect_timeout=PATIENCE) as server:
                if server.dbsize() == 0:
                    version = server.info("server")["redis_version"]
                    return Found(f"Redis {version}", {"AGENCY_TEST_BROKER": f"{url}/{number}"})
    except redis.RedisError:
        raise Absent("no Redis answers") from None
    raise Absent("every database of the Redis holds something")


def rabbitmq() -> Found:
    """The queues must be nobody's; what they still hold are doorbells, and may be lost."""
    url = os.environ.get("AGENCY_TEST_RABBITMQ", RABBITMQ)
    try:
        with app.connection_for_read(url, connect_timeout=PATIENCE) as connection:
            connection.connect()
            version = connection.connection.server_properties["version"]
            if any(_consumers(connection, name) for name in QUEUES):
                raise Absent("somebody works off RabbitMQ's queues")
    except (OperationalError, OSError):
        raise Absent("no RabbitMQ answers") from None
    return Found(f"RabbitMQ {version}", {"AGENCY_TEST_BROKER": url})


def _consumers(connection: Any, queue: str) -> int:
    try:
        with connection.channel() as channel:
            return int(channel.queue_declare(queue, passive=True).consumer_count)
    except connection.channel_errors:
        return 0  # there is none


def _look(*looks: Callable[[], Found]) -> list[Found]:
    found = []
    for look in looks:
        try:
            found.append(look())
        except Absent as reason:
            print(f"engines: left out: {reason}")
    return found


@contextmanager
def cleared(broker: str) -> Iterator[None]:
    """The broker, with nothing of ours left in it at the end."""
    _clear(broker)
    try:
        yield
    finally:
        _clear(broker)


def _clear(broker: str) -> None:
    if broker.startswith("redis"):
        with redis.Redis.from_url(broker) as server:
            server.flushdb()
    elif broker:
        delayed = [f"celery_delayed_{number}" for number in range(28)]  # Celery's own, unused
        with app.connection_for_write(broker) as connection, connection.channel() as channel:
            for name in (*QUEUES, *delayed):
                channel.queue_delete(name)
                channel.exchange_delete(name)
            channel.exchange_delete("celery_delayed_delivery")


def _run(database: Found | None, broker: Found | None) -> int:
    """The data-bound part on a database; on the embedded one, where it has been, only workers."""
    engines = [engine for engine in (database, broker) if engine]
    print(f"engines: {' · '.join(engine.name for engine in engines)}", flush=True)
    environment = {**os.environ}
    for engine in engines:
        environment |= engine.environment
    what = [*(DATA_BOUND if database else ()), WORKERS]
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", *what]
    with cleared(broker.environment["AGENCY_TEST_BROKER"] if broker else ""):
        return subprocess.run(command, env=environment, check=False).returncode


def main() -> int:
    pairs = zip_longest(_look(server, pooler), _look(redis_broker, rabbitmq))
    codes = [_run(database, broker) for database, broker in pairs]
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
