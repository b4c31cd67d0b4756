"""
Whether a worker does its work, and not whether its process exists.

A consumer that lost its broker in an unlucky moment may wait for ever on a dead connection, and
look well to everybody. So each worker sends itself a task; one whose task the broker took, and that
does not run it, ends, and its supervisor starts another. While the broker takes no message at all
there is nothing to blame a worker for. A job at work beats in its task's stead.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from multiprocessing.sharedctypes import RawValue

log = logging.getLogger("agency.worker")

PERIOD = 4.0  # seconds between two heartbeats
LIMIT = 12.0  # seconds that one which the broker took may be on its way
# Not in a lock's care: one child at a time writes it, and it only grows.
_last_beat = RawValue("d", 0.0)  # shared with the children, who are forked


def beat() -> None:
    """This worker has just done something. Called in its children."""
    _last_beat.value = time.monotonic()


def watch(send: Callable[[], None]) -> threading.Event:
    """
    Watch over this process from a thread, until the event returned is set: a worker that was told
    to end takes no more tasks. `send` asks the broker for the task that beats.
    """
    over = threading.Event()

    def run() -> None:
        missed_since: float | None = None
        while not over.wait(PERIOD):
            missed_since = look(send, missed_since)

    threading.Thread(target=run, name="heartbeat", daemon=True).start()
    return over


def look(send: Callable[[], None], missed_since: float | None) -> float | None:
    """Since when a heartbeat has been on its way. Ends the process when that is too long."""
    now = time.monotonic()
    if missed_since is not None and _last_beat.value >= missed_since:
        missed_since = None
    if missed_since is not None and now - missed_since > LIMIT:
        log.critical("no heartbeat for %.0f s: this worker ends", now - missed_since)
        os._exit(1)
    try:
        send()
    except Exception as failure:
        log.error("the broker takes no heartbeat: %s", type(failure).__name__)
        return None
    return now if missed_since is None else missed_since
