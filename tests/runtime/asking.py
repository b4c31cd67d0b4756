"""Jobs that tests ask for, and what becomes of their rows."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

import tests.runtime.kinds  # noqa: F401  (knows how to do what is asked for)
from tenants import auth, database, jobs
from tenants.jobs import Job
from tenants.relay import Relay
from tests.factories import Staffed


def ask(agency: Staffed, kind: str, **values: Any) -> UUID:
    """Enqueue as the agency's machinery, for its first client."""
    values.setdefault("client_id", agency.client_id)
    with database.agency_session(auth.system(agency.agency_id)) as session:
        return jobs.enqueue(session, kind, **values).id


def row(agency: Staffed, job_id: UUID) -> Job:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        return database.get(session, Job, job_id)


def alter(job_id: UUID, assignment: str) -> None:
    """Change a job's row behind everybody's back, as time would."""
    with database.platform_session() as session:
        session.connection().execute(
            text(f"update jobs set {assignment} where id = :id"), {"id": job_id}
        )


def rung(job_id: UUID) -> bool:
    """Whether a turn of the relay rings for this job."""
    heard: list[UUID] = []
    Relay(ring_job=lambda due: heard.append(due.id), ring_event=lambda told: None).ring_jobs()
    return job_id in heard
