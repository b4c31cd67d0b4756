"""What follows the request of an import: the worker fetches the file and records it."""

from uuid import UUID

from api.imports import running, sources
from api.imports.imports import KIND
from tenants import database
from tenants.auth import Actor
from tenants.errors import ApiError
from tenants.jobs import Job
from tenants.worker import Beat, job


@job(KIND)
def run(actor: Actor, task: Job, beat: Beat) -> dict[str, object]:
    """Record a file, once: what an earlier attempt has recorded it leaves."""
    with database.agency_session(actor) as session:
        work = running.plan(session, actor, UUID(task.args["import_id"]))
    file = work.file
    try:
        with sources.fetched(file.agency_id, file.sha256, file.size) as bytes_of_it:
            running.run(work, bytes_of_it, beat)
    except ApiError:
        running.refuse(work)
        raise
    return {"import_id": str(work.import_id)}
