"""Jobs and handlers that exist for the tests, here and in the worker processes they start."""

import os
import time
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from tenants import database
from tenants.auth import Actor
from tenants.database import Session
from tenants.errors import Unprocessable
from tenants.jobs import Job
from tenants.models import Client
from tenants.outbox import Event
from tenants.worker import Beat, job, on


@job("tests.rename")
def rename(actor: Actor, job: Job, beat: Beat) -> dict[str, Any]:
    """Set the name of every client the job sees with this id."""
    with database.agency_session(actor) as session:
        query = select(Client).where(col(Client.id) == job.args["client"])
        found = list(session.exec(query))
        for client in found:
            client.name = job.args["name"]
    beat(1, 1)
    return {"renamed": len(found)}


@job("tests.refuse")
def refuse(actor: Actor, job: Job, beat: Beat) -> None:
    raise Unprocessable


@job("tests.break")
def break_down(actor: Actor, job: Job, beat: Beat) -> None:
    raise RuntimeError(f"a message that quotes {job.args['quoted']}")


@job("tests.die")
def die(actor: Actor, job: Job, beat: Beat) -> None:
    os.abort()


@job("tests.linger")
def linger(actor: Actor, job: Job, beat: Beat) -> dict[str, Any]:
    """
    Write a line for each attempt, then work until the file `go` is there, or the job is taken back.
    """
    folder = Path(job.args["folder"])
    with (folder / "attempts").open("a") as file:
        file.write(f"{os.getpid()}\n")
    done = 0
    while not (folder / "go").exists():
        done += 1
        beat(done, None)
        time.sleep(0.02)
    return {"attempt": job.attempts}


failing: set[Any] = set()


@on("client.updated")
def note(session: Session, event: Event) -> None:
    """Count in the English name of the client's sector how often its change was heard."""
    if event.subject_id in failing:
        raise RuntimeError("not yet")
    client = database.get(session, Client, event.subject_id, lock=True)
    heard = int(client.sector.get("en", "0")) + 1
    client.sector = {**client.sector, "en": str(heard)}
