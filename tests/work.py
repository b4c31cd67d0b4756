"""Doing in this process, at once, what the relay and the workers would do."""

from tenants import worker
from tenants.relay import Relay


def settle() -> None:
    """Seal, let every handler hear, run every due job, until nothing is left to do."""
    here = Relay(
        ring_job=lambda due: worker.run_job(due.agency_id, due.id),
        ring_event=lambda told: worker.handle_event(told.agency_id, told.id),
    )
    while here.turn():
        pass
