"""What a large import costs: rows stream, so memory stays flat, and progress is told meanwhile."""

import re
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tenants import auth, database, worker
from tenants.jobs import Job
from tests.factories import Staffed
from tests.imports.making import ask, counts, shown
from tests.metrics.made import channel_of

ROWS = 100_000
MOST_CPU = 12.0  # seconds of this process and the database's
MOST_MEMORY = 64 * 1024  # kB above rest

pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(sys.platform != "linux", reason="/proc tells what a process used"),
]


def _table(channels: list[str]) -> str:
    first = date(2001, 1, 1)
    lines = ["date,channel,views,likes,comments,shares,impressions"]
    for n in range(ROWS):
        day = first + timedelta(days=n // len(channels))
        lines.append(f"{day},{channels[n % len(channels)]},{n},{n % 97},{n % 13},{n % 7},{n * 3}")
    return "\n".join(lines)


def _database_cpu(home: Path) -> float:
    """Seconds of processor that our own database's processes have used."""
    used = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            said, where = (process / "stat").read_text(), (process / "cwd").readlink()
        except OSError:
            continue
        if where.is_relative_to(home):
            used += sum(map(int, said.rpartition(")")[2].split()[11:13]))
    return used / 100


def _peak() -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1])


class TestHundredThousandRows:
    def test_take_seconds_and_little_memory(
        self, agency: Staffed, home: Path, record_property: Any
    ) -> None:
        channels = [channel_of(agency) for _ in range(20)]
        asked = ask(agency, _table(channels)).json()
        Path("/proc/self/clear_refs").write_text("5")
        before, cpu, servers = _peak(), time.process_time(), _database_cpu(home)

        worker.run_job(agency.agency_id, UUID(asked["job_id"]))

        ours, theirs = time.process_time() - cpu, _database_cpu(home) - servers
        added = _peak() - before
        made = shown(agency, asked["id"])
        assert counts(made) == (ROWS, 0, 0)
        with database.agency_session(auth.system(agency.agency_id)) as session:
            job = database.get(session, Job, UUID(asked["job_id"]))
        assert job.progress == job.total == ROWS + 1
        said = f"{ROWS:,} rows: {ours:.1f} + {theirs:.1f} s of processor, {added >> 10} MiB added"
        record_property("summary", said)
        assert ours + theirs <= MOST_CPU, said
        assert added <= MOST_MEMORY, said
