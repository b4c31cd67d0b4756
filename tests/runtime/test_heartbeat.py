"""Liveness: a worker whose own task is taken by the broker, and never run, ends."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tenants import heartbeat


class Ended(BaseException):
    """The process would have ended."""


class Watched:
    """A worker at a time of the test's choosing."""

    def __init__(self) -> None:
        self.now = 100.0
        self.sent = 0
        self.broken = False
        self.missed_since: float | None = None

    def send(self) -> None:
        if self.broken:
            raise ConnectionError
        self.sent += 1

    def look(self, after: float) -> None:
        self.now += after
        self.missed_since = heartbeat.look(self.send, self.missed_since)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    made = Watched()

    def end(code: int) -> Any:
        assert code != 0
        raise Ended

    monkeypatch.setattr(heartbeat, "time", SimpleNamespace(monotonic=lambda: made.now))
    monkeypatch.setattr(heartbeat, "os", SimpleNamespace(_exit=end))
    heartbeat._last_beat.value = 0.0
    yield made
    heartbeat._last_beat.value = 0.0


class TestWorker:
    def test_goes_on_while_its_heart_beats(self, watched: Watched) -> None:
        for _ in range(20):
            watched.look(heartbeat.PERIOD)
            heartbeat.beat()
        assert watched.sent == 20

    def test_ends_when_its_own_task_is_not_run(self, watched: Watched) -> None:
        watched.look(0)
        with pytest.raises(Ended):
            watched.look(heartbeat.LIMIT + 1)

    def test_is_not_to_blame_for_a_broker_that_takes_nothing(self, watched: Watched) -> None:
        watched.look(0)
        watched.broken = True
        for _ in range(20):
            watched.look(heartbeat.PERIOD / 2)
        watched.broken = False
        watched.look(0)
        watched.look(heartbeat.LIMIT - 1)
        with pytest.raises(Ended):
            watched.look(2)

    def test_ends_in_time_for_thirty_seconds(self) -> None:
        """With ten to start again."""
        assert heartbeat.LIMIT + 2 * heartbeat.PERIOD <= 20
