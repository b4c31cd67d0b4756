"""The broker cut off, silent, or without its memory: no request notices, and work goes on after."""

import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import redis

from tenants.embedded import Engines
from tests.faults.load import Answered, Load, settled
from tests.faults.stage import FaultyPlatform, Stage, linux, sign_up
from tests.faults.wires import Wire

RESUMED = 30.0  # seconds after the broker is back
NOTICED = 0.2  # seconds that a request may take longer than otherwise

pytestmark = [linux, pytest.mark.deep]


@dataclass
class Wired:
    """A platform that reaches its broker over a wire of the test's."""

    stage: Stage
    wire: Wire


@pytest.fixture(scope="module")
def wired(own_environment: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    home = tmp_path_factory.mktemp("wired")
    with Wire(Engines(home).sockets / "valkey.sock") as wire:
        os.environ["AGENCY_BROKER_URL"] = f"redis://127.0.0.1:{wire.port}/0"
        try:
            with FaultyPlatform(home) as platform:
                assert platform.engines
                yield Wired(Stage(platform, platform.engines), wire)
        finally:
            del os.environ["AGENCY_BROKER_URL"]


def pass_time(stage: Stage, seconds: float) -> None:
    stage.until(lambda: False, seconds)


def p99(writes: list[Answered]) -> float:
    return statistics.quantiles([each.ended - each.began for each in writes], n=100)[98]


def resumed(stage: Stage, load: Load) -> float:
    """Seconds from now until work is done again, the oldest first: the events of the writes."""
    began = time.monotonic()
    ((now,),) = stage.ask("select now()")
    done = "select now() from handled where agency_id = %s and at > %s limit 1"
    assert stage.until(lambda: stage.ask(done, load.studio.agency_id, now), 2 * RESUMED)
    return time.monotonic() - began


@pytest.mark.parametrize("how", ["cut", "swallow"])
@pytest.mark.parametrize("seconds", [5, 60])
def test_its_loss_is_noticed_by_no_request_and_made_good_after(
    wired: Wired, how: str, seconds: int, record: dict[str, Any]
) -> None:
    stage = wired.stage
    with Load(sign_up(stage.base), clients=2) as load:
        assert stage.until(lambda: len(load.answered) > 50, 60)
        lost = time.monotonic()
        getattr(wired.wire, how)()
        pass_time(stage, seconds)
        usual = [each for each in load.answered if each.ended < lost]
        during = load.writes_since(lost)
        wired.wire.heal()
        took = resumed(stage, load)
    settled(stage, load, 180)

    figures = {"resumed": took, "p99": (p99(usual), p99(during)), "seen": dict(load.seen)}
    record[f"broker {how} for {seconds} s"] = figures
    assert set(load.seen) == {"201"}
    assert p99(during) < p99(usual) + NOTICED
    assert took < RESUMED


def test_its_memory_is_not_missed(wired: Wired) -> None:
    stage = wired.stage
    with Load(sign_up(stage.base)) as load, redis.Redis(port=wired.wire.port) as memory:
        for count in range(10, 60, 10):
            assert stage.until(lambda count=count: len(load.answered) > count, 30)  # type: ignore[misc]
            memory.flushall()
    settled(stage, load, 90)
    assert set(load.seen) == {"201"}
