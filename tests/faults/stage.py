"""A whole platform as `agency run` has it, that a test may hurt, and what its database says."""

import json
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from psycopg.rows import tuple_row

from api.processes import Platform
from tenants.embedded import DATABASE, PORT, Engines

linux = pytest.mark.skipif(sys.platform != "linux", reason="needs PR_SET_PDEATHSIG and /proc")

PROGRAM = "import tests.faults.kinds, api.cli, sys; api.cli.app(sys.argv[1:])"


class FaultyPlatform(Platform):
    """Its workers also know what `tests.faults.kinds` can do."""

    program = (sys.executable, "-c", PROGRAM)


@dataclass
class Studio:
    """An agency of one owner, signed up over HTTP."""

    base: str
    agency_id: str
    membership_id: str
    email: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def client(self, **options: Any) -> httpx2.Client:
        options.setdefault("timeout", 40)
        return httpx2.Client(base_url=self.base, headers=self.headers, **options)


def sign_up(base: str) -> Studio:
    email = f"owner.{secrets.token_hex(6)}@people.example"
    with httpx2.Client(base_url=base, timeout=30) as http:
        made = _patiently(
            http,
            {
                "name": "Estudio Norte",
                "slug": f"estudio-{secrets.token_hex(6)}",
                "locale": "es-ES",
                "timezone": "Europe/Madrid",
                "currency": "EUR",
                "owner": {"name": "Nora", "email": email, "password": "correct horse battery"},
            },
        )
        token = made["tokens"]["access_token"]
        me = http.get("/v1/me", headers={"Authorization": f"Bearer {token}"}).json()
    return Studio(base, made["agency"]["id"], me["membership"]["id"], email, token)


def _patiently(http: httpx2.Client, agency: dict[str, Any]) -> Any:
    """What an earlier fault broke may show as one more 503: the answer that asks to come back."""
    for _ in range(5):
        answer = http.post("/v1/agencies", json=agency)
        if answer.status_code != 503:
            return answer.json()
    return answer.json()


class Stage:
    """The platform, watched by the test's own thread, and the ways to hurt it."""

    def __init__(self, platform: Platform, engines: Engines) -> None:
        self.platform, self.engines = platform, engines
        self.base = platform.base_url

    def until(self, condition: Callable[[], object], seconds: float) -> bool:
        """Whether the condition came true in time, while the supervisor goes on watching."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                return False
            self.platform.watch()
            time.sleep(0.02)
        return True

    def pid(self, name: str) -> int:
        """The process of a member or of an engine; `job-child` is who does the work of `now`."""
        if name in self.engines.children:
            return self.engines.children[name].pid
        if name == "job-child":
            return children_of(self.pid("worker-now"))[0]
        child = self.platform.members[name].child
        assert child
        return child.pid

    def now(self) -> float:
        return time.monotonic()

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> float:
        """Kill it, or end every connection to the database (`backends`); when."""
        if name == "backends":
            self.ask(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where usename in ('app_login', 'platform_login')"
            )
        else:
            os.kill(self.pid(name), how)
        return time.monotonic()

    def kill_process(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database says, to a superuser, past every wall."""
        address = f"host={self.engines.sockets} port={PORT} user=postgres dbname={DATABASE}"
        with psycopg.connect(address, row_factory=tuple_row) as connection:
            found = connection.execute(statement.encode(), values)
            return found.fetchall() if found.description else []

    def try_ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The same; nothing while the database is away."""
        try:
            return self.ask(statement, *values)
        except psycopg.OperationalError:
            return []

    def job(self, studio: Studio, kind: str, **args: Any) -> str:
        """Ask for a job as a verb would: a row."""
        (row,) = self.ask(
            "insert into jobs (agency_id, id, created_at, shared, kind, queue, args, state,"
            " attempts, due_at, progress) values (%s, uuidv7(), now(), false, %s, %s, %s, 'queued',"
            " 0, now(), 0) returning id::text",
            studio.agency_id,
            kind,
            args.pop("queue", "now"),
            json.dumps(args),
        )
        return str(row[0])

    def job_state(self, job_id: str) -> str:
        return str(self.ask("select state from jobs where id = %s", job_id)[0][0])


def children_of(pid: int) -> list[int]:
    """The living children of a process (Linux)."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
