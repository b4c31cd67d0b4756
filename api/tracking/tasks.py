"""What is owed of sales by itself: every day, of the months that are over."""

from typing import Any

from api.collaborations import moves
from api.collaborations.money import commission
from api.tracking import shares
from tenants import database
from tenants.auth import Actor
from tenants.daily import daily
from tenants.jobs import Job
from tenants.worker import Beat

KIND = "collaborations.close_months"


@daily(KIND)
def close_months(actor: Actor, task: Job, beat: Beat) -> dict[str, Any]:
    """
    Owe what sales came to until their client's last month was over, and less where some were given
    back since. Each in a transaction of its own: none waits for, or fails with, another.
    """
    with database.agency_session(actor) as session:
        unsettled = shares.unsettled(session)
    for place, (collaboration_id, month) in enumerate(unsettled, start=1):
        with (
            database.agency_session(actor) as session,
            moves.held(session, collaboration_id) as row,
        ):
            commission.close(session, row, month)
        beat(place, len(unsettled))
    return {"collaborations": len(unsettled)}
