"""
What the limit of a plan adds to an insert that it limits: clients are taken on in this process, by
turns with and without the look at what the plan allows, and none of them is kept.
"""

import statistics
import time
from pathlib import Path
from unittest.mock import patch
from uuid import UUID

from sqlalchemy import text

from tenants import auth, clients, database, pools, quotas
from tenants.embedded import Engines
from tests.bench.load import Measured

NAME, REACH = "take a client on, within a plan's limit", 0.2
TURNS = 400
Spent = tuple[float, float, float]  # ms: of this process, of the database's, and of the clock


def measure(engines: Engines, agency_id: UUID, lead: UUID) -> tuple[Measured, Measured]:
    """With the limit and without it, of each the middle of many: the two take turns."""
    ours = pools.Pools(engines.app_url, engines.platform_url, pool=1, pooler="session")
    pools.connect(ours)
    actor = auth.system(agency_id)
    with database.agency_session(actor) as session:
        quotas.allow(session, {quotas.QuotaKind.clients: 1_000_000})
    limited: list[Spent] = []
    free: list[Spent] = []
    for number in range(TURNS):
        for found, look in ((limited, quotas.add), (free, lambda *_: None)):
            with patch.object(quotas, "add", look):
                found.append(_taken_on(actor, lead, number))
    ours.dispose()
    return _middle(limited), _middle(free)


def _taken_on(actor: auth.Actor, lead: UUID, number: int) -> Spent:
    with database.open_session(auth.SystemEntry(actor)) as session:
        backend = session.connection().execute(text("select pg_backend_pid()")).scalar_one()
        began = time.process_time_ns(), _cpu_ns(backend), time.perf_counter_ns()
        clients.create(session, lead, name=f"Client {number}", slug=f"limited-{number}")
        session.flush()
        ended = time.process_time_ns(), _cpu_ns(backend), time.perf_counter_ns()
        session.rollback()
    own, theirs, clock = (
        (after - before) / 1e6 for before, after in zip(began, ended, strict=True)
    )
    return own, theirs, clock


def _cpu_ns(pid: int) -> int:
    """What a process of one thread has spent, finer than in ticks."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])


def _middle(found: list[Spent]) -> Measured:
    own, theirs, clock = map(sorted, zip(*found, strict=True))
    rate, slowest = 1000 / statistics.mean(clock), clock[int(len(clock) * 0.99)]
    return Measured(statistics.median(own), statistics.median(theirs), rate, slowest)
