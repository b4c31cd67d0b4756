"""Watching over engines: asking them, and another process that holds them."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis
from kombu.connection import Connection
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tenants.embedded import Engines

linux = pytest.mark.skipif(sys.platform != "linux", reason="needs PR_SET_PDEATHSIG and /proc")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes its identity")

SUPERVISOR = """
import signal, sys
from pathlib import Path
from tenants import embedded
{planted}
engines = embedded.Engines(Path(sys.argv[1]), fast=True)
owned = engines.start()
print(owned, *(child.pid for child in engines.children.values()), flush=True)
signal.pause()
"""


def eventually(condition: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie, which PID 1 may leave for a while, does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def query(url: str, statement: str) -> list[Any]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        return list(result.scalars()) if result.returns_rows else []


def ping(engines: Engines) -> bool:
    with contextlib.closing(redis.Redis.from_url(engines.valkey_url)) as client:
        return bool(client.ping())


def reach_broker(engines: Engines) -> None:
    broker: Any = Connection  # kombu is not typed
    with broker(engines.broker_url) as connection:
        connection.ensure_connection(max_retries=1)


def supervise(home: Path, planted: str = "") -> "tuple[subprocess.Popen[str], list[int]]":
    """Another process that starts the engines of a home; returns once they answer."""
    script = SUPERVISOR.format(planted=planted)
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(home)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    owned, *pids = process.stdout.readline().split() or ["nothing"]
    if owned != "True":
        kill_supervisor(process)
        pytest.fail("the supervisor did not start")
    return process, [int(pid) for pid in pids]


def kill_supervisor(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.communicate()
