"""What the platform under fault knows besides its own work: effects that can be counted."""

import os
import signal
from typing import Any

from tenants import database, jobs
from tenants.auth import Actor
from tenants.database import Session
from tenants.jobs import Job
from tenants.models import Client
from tenants.outbox import Event
from tenants.worker import Beat, job, on


@on("client.created")
def hear(session: Session, event: Event) -> None:
    """Count in the new client's row how often its event took effect; ask for a job each time."""
    client = database.get(session, Client, event.subject_id, lock=True)
    heard = int(client.sector.get("heard", "0")) + 1
    client.sector = {**client.sector, "heard": str(heard)}
    jobs.enqueue(session, "faults.mark", client_id=client.id)


@job("faults.mark")
def mark(actor: Actor, job: Job, beat: Beat) -> None:
    """Leave the job's own mark on its client: a second run finds it there."""
    assert job.client_id
    with database.agency_session(actor) as session:
        client = database.get(session, Client, job.client_id, lock=True)
        client.sector = {**client.sector, str(job.id): "done"}


@job("faults.raise")
def fail(actor: Actor, job: Job, beat: Beat) -> None:
    raise RuntimeError("a message that may quote a customer")


@job("faults.crash")
def crash(actor: Actor, job: Job, beat: Beat) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


@job("faults.devour")
def devour(actor: Actor, job: Job, beat: Beat) -> dict[str, Any]:
    """Take memory until there is none; bounded, so that a broken limit does not take ours."""
    taken = [bytearray(64 << 20) for _ in range(64)]
    return {"megabytes": 64 * len(taken)}


@job("faults.nothing")
def nothing(actor: Actor, job: Job, beat: Beat) -> None:
    pass
