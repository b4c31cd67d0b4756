"""Routes of long work; the rows and their states are in `tenants.jobs`."""

from typing import Any
from uuid import UUID

from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from tenants import database, jobs
from tenants.errors import MoveNotAllowed, NotFound
from tenants.jobs import Job, JobRead

router = domain_router("jobs")


@router.get(
    "/jobs/{job_id}",
    response_model=JobRead,
    dependencies=[needs("jobs:read")],
    responses=problems(NotFound),
)
def get_job(job_id: UUID, session: RequestSession) -> Any:
    """Read how far a piece of work is, and where its result is."""
    return _in_words(session, database.get(session, Job, job_id))


@router.post(
    "/jobs/{job_id}/requeue",
    response_model=JobRead,
    dependencies=[needs("jobs:requeue")],
    responses=problems(NotFound, MoveNotAllowed),
)
def requeue_job(job_id: UUID, session: RequestSession) -> Any:
    """Try a piece of work that failed again, once what was in its way is gone."""
    return _in_words(session, jobs.requeue(session, job_id))


@router.post(
    "/jobs/{job_id}/cancel",
    response_model=JobRead,
    dependencies=[needs("jobs:cancel")],
    responses=problems(NotFound, MoveNotAllowed),
)
def cancel_job(job_id: UUID, session: RequestSession) -> Any:
    """Call a piece of work off; what was called off before stays so."""
    return _in_words(session, jobs.cancel(session, job_id))


def _in_words(session: database.Session, job: Job) -> JobRead:
    """The job, its problem said in the reader's language as any other refusal is."""
    shown = JobRead.model_validate(job, from_attributes=True)
    if job.problem:
        shown.problem = jobs.problem_in(session.info["exchange"].locale, job.problem)
    return shown
