"""Doing in this process, at once, what the relay and the workers would do."""

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text

from tenants import clock, worker
from tenants.database import platform_session
from tenants.relay import Relay

PATIENCE = 10.0  # seconds without finding what is due
AT_ONCE = timedelta(seconds=0.1)


def settle() -> None:
    """Seal, let every handler hear, run every due job, until nothing is left to do."""
    here = Relay(
        ring_job=lambda due: worker.run_job(due.agency_id, due.id),
        ring_event=lambda told: worker.handle_event(told.agency_id, told.id),
    )
    found_at = time.monotonic()
    while True:
        if here.turn():
            found_at = time.monotonic()
        elif left := _left():  # a machine's clock was set back, or it came due just now
            assert time.monotonic() < found_at + PATIENCE, left
        else:
            return


def _left() -> list[str]:
    """What is due by now, or at once, and has not been rung for."""
    now = clock.now()
    goes_on = abs(now - datetime.now(UTC)) < AT_ONCE  # else a test holds it: nothing comes due
    by = now + AT_ONCE if goes_on else now
    with platform_session() as session:
        found = session.connection().execute(_LEFT, {"by": by})
        return [f"{what} of {agency}, due {due_at}" for what, agency, due_at in found]


_LEFT = text(
    """
    select 'event ' || event_id, agency_id, due_at from event_queue
    where position is null or (done_at is null and problem is null
        and due_at < now() + interval '0.1 seconds')
    union all
    select 'job ' || id, agency_id, due_at from jobs
    where state in ('queued', 'running') and due_at <= :by
        and (lease_until is null or lease_until < now())
    """
)


def until_somebody_waits(owner: Engine) -> None:
    """Until a row is asked for that another transaction holds."""
    waiting = text(
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and wait_event_type = 'Lock'"
    )
    for _ in range(5_000):
        with owner.connect() as connection:
            if connection.execute(waiting).scalar_one():
                return
    raise AssertionError("nobody waits")
