"""What a payee's statement on paper waits for: the worker, who renders it."""

from typing import Any

from api.billing import statement_documents
from tenants.auth import Actor
from tenants.jobs import Job
from tenants.worker import Beat, job


@job(statement_documents.KIND)
def render_statement(actor: Actor, task: Job, beat: Beat) -> dict[str, Any]:
    """Render it, unless its figures have changed since it was asked for."""
    return statement_documents.render(actor, task)
