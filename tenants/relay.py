"""
The relay: it seals events, rings for whatever is due, and does the chores.

It polls; nothing is remembered between two turns, so any number of relays may run, start and die.
Requests never publish: a broker that hangs holds up the relay, for seconds, and nobody else.
(LISTEN would save a tenth of a second, at the price of a lock that every NOTIFY's commit waits for,
and of a direct connection beside a pooler.)
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from tenants import jobs, sealer, worker
from tenants.database import platform_session

log = logging.getLogger("agency.relay")

PAUSE = 0.2  # seconds between two turns that found nothing
SILENCE = 2.0  # seconds without ringing after the broker failed
BATCH = 500

Bell = TypeVar("Bell")


class Relay:
    """One relay. `ring_job` and `ring_event` may be others, in a test that needs no broker."""

    def __init__(
        self,
        ring_job: Callable[[jobs.Due], None] = worker.ring_job,
        ring_event: Callable[[sealer.Told], None] = worker.ring_event,
    ) -> None:
        self.ring_job, self.ring_event = ring_job, ring_event
        self._silent_until = 0.0
        self._chores = [(0.0, seconds, chore) for seconds, chore in worker.chores]

    def run(self, stop: threading.Event) -> None:
        """Take turns until told to stop; whatever fails is tried again in the next one."""
        while not stop.is_set():
            found = 0
            for step in (self.seal, self.ring_events, self.ring_jobs, self.do_chores):
                try:
                    found += step()
                except Exception:
                    log.exception("the relay could not %s", step.__name__)
            stop.wait(PAUSE if found == 0 else 0)

    def turn(self) -> int:
        """One turn; how many things were found to do."""
        return self.seal() + self.ring_events() + self.ring_jobs()

    def seal(self) -> int:
        return sealer.seal(worker.heard())

    def ring_events(self) -> int:
        return self._ring(self._due(sealer.due), self.ring_event, sealer.unring)

    def ring_jobs(self) -> int:
        return self._ring(self._due(jobs.due), self.ring_job, jobs.unring)

    def _ring(
        self,
        due: Sequence[Bell],
        ring: Callable[[Bell], None],
        unring: Callable[[Any, Sequence[Bell]], None],
    ) -> int:
        """Ring for each, after the commit that says so; from the first failure on, take it back."""
        for rung, each in enumerate(due):
            try:
                ring(each)
            except Exception as failure:
                log.error("the broker takes no message: %s", type(failure).__name__)
                self._silent_until = time.monotonic() + SILENCE
                with platform_session() as session:
                    unring(session, due[rung:])
                return 0
        return len(due)

    def _due(self, look: Callable[[Any, int], Sequence[Bell]]) -> Sequence[Bell]:
        """What to ring for; nothing for a while after the broker was lost."""
        if time.monotonic() < self._silent_until:
            return []
        with platform_session() as session:
            return look(session, BATCH)

    def do_chores(self) -> int:
        """Those whose time has come; how many have more to do. What takes long is a job."""
        now = time.monotonic()
        unfinished = 0
        for place, (next_at, seconds, chore) in enumerate(self._chores):
            if now >= next_at:
                more = False
                try:
                    more = bool(chore())
                except Exception:
                    log.exception("chore %s", chore.__name__)
                self._chores[place] = (now if more else now + seconds, seconds, chore)
                unfinished += more
        return unfinished
