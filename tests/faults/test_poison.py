"""Work that cannot be done: tried a few times, put aside with its reason, and in nobody's way."""

import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from tests.faults.stage import PROGRAM, Stage, Studio, children_of, linux

pytestmark = linux

POISON = {
    "faults.raise": "RuntimeError",
    "faults.crash": "WorkerLost",
    "faults.devour": "MemoryError",
}
TRIES = 5
CRASHES = 3
CHILD = 1.0  # seconds to notice that a child died and to fork the next


def agency(stage: Stage, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command of `agency` at the platform's home."""
    environment = {**os.environ, "AGENCY_HOME": str(stage.platform.home)}
    command = [sys.executable, "-c", PROGRAM, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def hurry(stage: Stage, poison: Sequence[str]) -> None:
    """Let no time pass between two tries: what is to be seen is that they end."""
    for statement in (
        "update jobs set due_at = now() where id = any(%s::uuid[]) and state = 'queued'",
        "update jobs set lease_until = null where id = any(%s::uuid[]) and state = 'queued'",
    ):
        stage.ask(statement, list(poison))


def lag(stage: Stage, studio: Studio, count: int) -> list[float]:
    """Seconds from being due to being done, of as many sound jobs."""
    sound = [stage.job(studio, "faults.nothing") for _ in range(count)]
    done = "select extract(epoch from finished_at - due_at)::float from jobs"
    done += " where id = any(%s::uuid[]) and state = 'succeeded'"
    assert stage.until(lambda: len(stage.ask(done, sound)) == count, 30)
    return sorted(seconds for (seconds,) in stage.ask(done, sound))


@pytest.fixture
def poison(stage: Stage, studio: Studio) -> dict[str, str]:
    """A job of each kind that cannot be done."""
    return {kind: stage.job(studio, kind) for kind in POISON}


@pytest.mark.deep
class TestPoison:
    def test_is_put_aside_with_its_reason_and_can_be_tried_again(
        self, stage: Stage, poison: dict[str, str]
    ) -> None:
        ids = list(poison.values())

        def over() -> bool:
            hurry(stage, ids)
            return {stage.job_state(each) for each in ids} == {"failed"}

        assert stage.until(over, 150)
        rows = stage.ask(
            "select kind, problem ->> 'code', problem ->> 'cause', attempts from jobs"
            " where id = any(%s::uuid[])",
            ids,
        )
        assert set(rows) == {(kind, "job_gave_up", why, TRIES) for kind, why in POISON.items()}

        listed = agency(stage, "dead-letters")
        lines = {line.split()[0]: line for line in listed.stdout.splitlines()}
        for kind, each in poison.items():
            assert kind in lines[each]
            assert POISON[kind] in lines[each]
        tried = agency(stage, "requeue", poison["faults.raise"])
        assert (tried.returncode, tried.stderr) == (0, "")
        assert stage.job_state(poison["faults.raise"]) in ("queued", "running")

    def test_is_in_nobodys_way(self, stage: Stage, studio: Studio, record: dict[str, Any]) -> None:
        """Crash upon crash, as fast as they come, and sound jobs beside them."""
        usual = lag(stage, studio, 60)
        crashes = [stage.job(studio, "faults.crash") for _ in range(CRASHES)]
        beside: list[float] = []
        while {stage.job_state(each) for each in crashes} != {"failed"}:
            hurry(stage, crashes)
            beside += lag(stage, studio, 5)
        beside.sort()
        middle = beside[len(beside) // 2]
        record["lag"] = {"usual": usual[-1], "middle": middle, "worst": beside[-1]}
        assert middle < 2 * usual[-1] + CHILD
        # At the worst, every try of each of them stood before it.
        assert beside[-1] < 2 * usual[-1] + TRIES * CRASHES * CHILD


def test_an_unknown_dead_letter_is_refused(stage: Stage, studio: Studio) -> None:
    tried = agency(stage, "requeue", studio.agency_id)
    assert (tried.returncode, studio.agency_id in tried.stderr) == (1, True)


def test_the_limit_of_memory_is_a_worker_childs(stage: Stage) -> None:
    """Inherited by nobody else: the supervisor and the API have none."""
    assert stage.until(lambda: children_of(stage.pid("worker-now")), 20)

    def limit(name: str) -> int:
        return resource.prlimit(stage.pid(name), resource.RLIMIT_DATA)[0]

    # A child sets it as its first deed, not as it is born.
    assert stage.until(lambda: limit("job-child") != resource.RLIM_INFINITY, 20)
    assert 0 < limit("job-child") < 4 << 30
    assert limit("api") == resource.RLIM_INFINITY
