"""What is told of budgets by itself: every day, which of them are at risk."""

from typing import Any

from api.budgets import pacing
from tenants import database
from tenants.auth import Actor
from tenants.daily import daily
from tenants.jobs import Job
from tenants.worker import Beat

KIND = "budgets.look_ahead"


@daily(KIND)
def look_ahead(actor: Actor, task: Job, beat: Beat) -> dict[str, Any]:
    """Budgets whose money, at their pace, will not last for their period."""
    with database.agency_session(actor) as session:
        return {"told": pacing.look_ahead(session, task.agency_id)}
