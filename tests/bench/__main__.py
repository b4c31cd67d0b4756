"""
`make bench`: what a request costs, beside a bare twin that asks the same of the database and does
nothing else.

One API process and one of the twin on the embedded engines; ours and the twin's in turns, and of
each the median round. `--size full` writes `docs/performance.md` anew; `small` is for a quick look.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import httpx2
import psycopg

from api import processes
from tenants import settings
from tenants.child import Child
from tenants.embedded import Engines
from tests.bench import creators, data, invoices, limited, links, load, operations, page, signals
from tests.bench.load import Call, Measured, Watched
from tests.bench.operations import Operation

NO_LIMIT = "100000000/minute"
LOGGED_IN = 600  # seconds; a token lasts fifteen minutes


@dataclass(frozen=True)
class Line:
    """One row of the table: what was measured of ours, and of the twin's."""

    name: str
    goal: str
    ours: Measured
    twin: Measured | None


class Stage:
    """The engines, our server and the twin's, for as long as they are measured."""

    def __init__(self, home: Path, stack: ExitStack) -> None:
        self.people = json.loads((home / "people.json").read_text())
        self.engines = stack.enter_context(Engines(home))
        self.watcher = stack.enter_context(
            psycopg.connect(data.plain(self.engines.owner_url), autocommit=True)
        )
        self.stack = stack
        self.server, self.base = self._serve("api.cli", "serve")
        self._await(f"{self.base}/readyz")
        self._log_in()
        who = {"agency": "agency", "session": "sid", "user": "sub"}
        options = [word for name, key in who.items() for word in (f"--{name}", self.claims[key])]
        ways = {"url": self.engines.app_url, "platform": self.engines.platform_url}
        options += [word for name, url in ways.items() for word in (f"--{name}", data.plain(url))]
        self.twin, self.twin_base = self._serve("tests.bench.twin", *options)
        self._await(f"{self.twin_base}/campaign/{self.people['ids']['campaign']}")
        # The watcher owns the tables: it may write what nobody else could.
        agency, known = self.claims["agency"], (self.base, self.people, self.owner)
        asked = links.asked(self.watcher, agency)
        self.operations = [
            *operations.all_of(*known, asked),
            *creators.all_of(*known),
            *invoices.all_of(*known, self.watcher),
            *signals.all_of(agency, self.watcher),
        ]

    def _log_in(self) -> None:
        self.owner = operations.log_in(self.base, self.people)
        self.until = time.monotonic() + LOGGED_IN

    @property
    def claims(self) -> dict[str, str]:
        return self.owner.claims

    def _serve(self, module: str, *words: str, **more: str) -> tuple[Child, str]:
        listening = self.stack.enter_context(processes.listen(settings.load()))
        number = listening.fileno()
        command = [sys.executable, "-m", module, *words, "--descriptor", str(number)]
        child = Child(command, env=os.environ | more, keep=[number])
        self.stack.callback(child.stop)
        host, port = listening.getsockname()[:2]
        return child, f"http://{host}:{port}"

    def _server_for(self, operation: Operation) -> tuple[Child, str]:
        """Our server, or one of its own for what needs other settings."""
        if not operation.settings:
            return self.server, self.base
        server, base = self._serve("api.cli", "serve", **operation.settings)
        self._await(f"{base}/readyz")
        return server, base

    def _live(self, call: Call) -> Call:
        """The call, by a log-in that is not over before it is measured."""
        if "Authorization" not in call.headers:
            return call
        if time.monotonic() > self.until:
            self._log_in()
        return replace(call, headers=call.headers | self.owner.headers)

    def _await(self, url: str) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if httpx2.get(url).is_success:
                    return
            except httpx2.TransportError:
                time.sleep(0.05)
        raise SystemExit(f"{url} does not answer")

    def backends(self) -> Sequence[int]:
        """The database's processes that serve somebody else than this one."""
        rows = self.watcher.execute(
            "select pid from pg_stat_activity"
            " where backend_type = 'client backend' and pid <> pg_backend_pid()"
        )
        return [pid for (pid,) in rows]

    def measure(self, operation: Operation, rounds: int) -> Line:
        server, base = self._server_for(operation)
        sides = [(base, self._live(operation.call), server)]
        if operation.twin:
            sides.append((self.twin_base, operation.twin, self.twin))
        found: list[list[Measured]] = [[] for _ in sides]
        for number in range(rounds + 1):
            for side, (base, call, child) in enumerate(sides):
                made = load.run(
                    base,
                    call,
                    Watched([child.pid], self.backends),
                    seconds=operation.seconds if number else 0.5,  # the first warms up
                    connections=operation.connections,
                )
                if number:
                    found[side].append(made)
        if operation.afterwards:
            operation.afterwards()
        middle = [sorted(each, key=lambda m: m.cpu_ms)[len(each) // 2] for each in found]
        twin = middle[1] if len(middle) > 1 else None
        return Line(operation.name, operation.goal, middle[0], twin)

    def limit(self) -> Line:
        """An insert that a plan limits, and the same without the limit."""
        everybody = {each["key"]: each for each in self.people["people"]}
        lead = UUID(everybody["account_executive"]["membership_id"])
        found = limited.measure(self.engines, UUID(self.claims["agency"]), lead)
        return Line(limited.NAME, f"{limited.REACH} ms over its twin", *found)

    def many(self, connections: int) -> Measured:
        """A read over more connections at once than there are threads or database connections."""
        call = self._live(self.operations[0].call)
        watched = Watched([self.server.pid], self.backends)
        return load.run(self.base, call, watched, seconds=3, connections=connections)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--size", choices=data.SIZES, default="full")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="operations whose name holds this")
    asked = parser.parse_args()
    size = data.SIZES[asked.size]
    print(f"{size.readings:,} readings", flush=True)
    home = data.load(size, lambda what: print(f"  … {what}", flush=True))
    os.environ |= {
        "AGENCY_HOME": str(home),
        "AGENCY_PORT": "0",
        "AGENCY_RATE_LIMIT": NO_LIMIT,
        "AGENCY_AGENCY_RATE_LIMIT": NO_LIMIT,
        "AGENCY_ADDRESS_RATE_LIMIT": NO_LIMIT,
    }
    noise = page.noise()
    with ExitStack() as stack:
        stage = Stage(home, stack)
        lines = []
        for operation in stage.operations:
            if asked.only in operation.name:
                lines.append(stage.measure(operation, asked.rounds))
                print(page.row(lines[-1]), flush=True)
        if asked.only in limited.NAME:
            lines.append(stage.limit())
            print(page.row(lines[-1]), flush=True)
        after = load.resident_mib(stage.server.pid)
        crowd = stage.many(128)
    print(f"memory after this: {after:.0f} MiB; 128 connections: p99 {crowd.p99_ms:.0f} ms")
    if not asked.only:
        facts = page.Facts(size, lines, after, crowd, noise, statistics.mean([noise, page.noise()]))
        page.write(facts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
