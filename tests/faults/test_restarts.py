"""Processes told to end while they are needed: nobody is turned away, and they end in time."""

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.faults.load import Load, settled
from tests.faults.stage import FaultyPlatform, Stage, Studio, children_of, linux, sign_up
from tests.faults.test_slow_clients import Offenders, slow_bodies, slow_heads

LEFT = 15.0  # seconds to end, whoever is slow: before a supervisor loses its patience

pytestmark = linux


def end(stage: Stage, name: str) -> float:
    """Ask a member to end; seconds until it did. The supervisor starts another."""
    child = stage.platform.members[name].child
    assert child
    began = stage.kill(name, signal.SIGTERM)
    assert stage.until(lambda: child.poll() is not None, 2 * LEFT)
    return time.monotonic() - began


def restart(stage: Stage, studio: Studio, times: int, record: dict[str, Any]) -> None:
    offenders = Offenders(stage.base, studio)
    took: dict[str, list[float]] = {"api": [], "worker-now": [], "relay": []}
    with Load(studio) as load, ExitStack() as stack:
        for _ in range(times):
            slow_bodies(offenders, 5, stack)
            slow_heads(offenders, 5, stack)
            for name, seconds in took.items():
                seen = len(load.answered)
                seconds.append(end(stage, name))
                assert stage.until(lambda seen=seen: len(load.answered) > seen + 10, 60)  # type: ignore[misc]
    offenders.close()
    settled(stage, load)

    record[f"restarted {times} times"] = {"exit": took, "seen": dict(load.seen)}
    assert set(load.seen) == {"201"}
    assert max(max(seconds) for seconds in took.values()) < LEFT


@pytest.mark.deep
def test_ten_restarts_turn_nobody_away(
    stage: Stage, studio: Studio, record: dict[str, Any]
) -> None:
    restart(stage, studio, 10, record)


@pytest.fixture(scope="module")
def double(own_environment: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Two API processes."""
    with FaultyPlatform(tmp_path_factory.mktemp("double"), processes=2) as platform:
        assert platform.engines
        yield Stage(platform, platform.engines)


@pytest.mark.deep
class TestSeveralProcesses:
    """`agency run --workers 2`."""

    def servers(self, stage: Stage) -> set[int]:
        """The processes that serve, without who is still on the way."""
        if stage.platform.members["api"].child is None:  # between two lives
            return set()
        return {pid for pid in children_of(stage.pid("api")) if listens(pid)}

    def test_replace_one_that_is_killed(self, double: Stage, record: dict[str, Any]) -> None:
        with Load(sign_up(double.base)) as load:
            for _ in range(3):
                assert double.until(lambda: len(self.servers(double)) == 2, 180)
                before = self.servers(double)
                victim = min(before)
                double.kill_process(victim)
                assert double.until(lambda: len(self.servers(double) - before) == 1, 180)  # noqa: B023
        settled(double, load)
        record["kill of one of two"] = dict(load.seen)
        assert "503" not in load.seen

    def test_are_exchanged_one_after_the_other(self, double: Stage, record: dict[str, Any]) -> None:
        with Load(sign_up(double.base)) as load:
            assert double.until(lambda: len(self.servers(double)) == 2, 180)
            before = self.servers(double)
            double.kill("api", signal.SIGHUP)
            assert double.until(
                lambda: len(self.servers(double)) == 2 and not self.servers(double) & before, 300
            )
        settled(double, load)
        slowest = max(each.ended - each.began for each in load.answered)
        record["exchange of two"] = {"seen": dict(load.seen), "slowest": slowest}
        assert set(load.seen) == {"201"}

    def test_end_with_their_parent(self, double: Stage) -> None:
        for how in (signal.SIGKILL, signal.SIGTERM):
            assert double.until(lambda: len(self.servers(double)) == 2, 180)
            before = self.servers(double)
            double.kill("api", how)
            assert double.until(lambda: not any(map(listens, before)), LEFT)  # noqa: B023
            assert double.until(lambda: self.servers(double), 180)


def listens(pid: int) -> bool:
    """Whether a process has come as far as its event loop."""
    try:
        files = list(Path(f"/proc/{pid}/fd").iterdir())
        return any(str(each.readlink()) == "anon_inode:[eventpoll]" for each in files)
    except OSError:
        return False
