"""Every process of the platform killed under load: nothing lost, nothing doubled."""

from typing import Any

import pytest

from tests.faults.load import Load, settled
from tests.faults.stage import Stage, Studio, linux

# Seconds until a new write is answered, and until what follows from one is done, with the machine
# to itself; beside other tests a process alone takes that long to start.
RECOVERY = 5.0
RECONNECTED = 30.0  # the same, when what was lost is the broker
SHORT = ("api", "postgres", "valkey", "worker-now")
VICTIMS = (*SHORT, "job-child", "relay", "backends")

pytestmark = linux


def kill_and_recover(stage: Stage, load: Load, victim: str) -> tuple[float, float]:
    """Kill it under load; seconds until a later write was answered, and its job was done."""
    seen = len(load.answered)
    assert stage.until(lambda: len(load.answered) > seen + 10, 30)
    killed = stage.kill(victim)
    assert stage.until(lambda: load.writes_since(killed), 40), f"{victim}: no answer"
    first = load.writes_since(killed)[0]
    done = "select now() from jobs where client_id = %s and state = 'succeeded'"
    assert stage.until(lambda: stage.try_ask(done, first.id), 60), f"{victim}: no job done"
    return first.ended - killed, stage.now() - killed


def test_a_kill_of_each_loses_and_doubles_nothing(
    stage: Stage, studio: Studio, record: dict[str, Any]
) -> None:
    with Load(studio) as load:
        times = {victim: kill_and_recover(stage, load, victim) for victim in SHORT}
    settled(stage, load)
    record["one kill of each"] = {"seconds": times, "seen": dict(load.seen)}


@pytest.mark.deep
@pytest.mark.parametrize("victim", VICTIMS)
def test_five_kills_lose_and_double_nothing(
    stage: Stage, studio: Studio, victim: str, record: dict[str, Any]
) -> None:
    with Load(studio) as load:
        times = [kill_and_recover(stage, load, victim) for _ in range(5)]
    settled(stage, load)

    record[f"five kills of {victim}"] = {"seconds": times, "seen": dict(load.seen)}
    assert max(answered for answered, _ in times) < RECOVERY
    worked = RECONNECTED if victim == "valkey" else RECOVERY
    assert max(done for _, done in times) < worked
