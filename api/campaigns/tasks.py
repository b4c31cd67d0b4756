"""What happens to offers by themselves: a day after the one until which they hold, they expire."""

from datetime import UTC, datetime, time
from typing import Any

from sqlmodel import col, select

from api.campaigns import change_orders, scopes
from tenants import auth, clock, database, jobs
from tenants.auth import Actor
from tenants.jobs import Job, Queue
from tenants.models import Agency, AgencyStatus
from tenants.worker import Beat, every, job

KIND = "campaigns.expire_offers"


@every(600)
def look_for_expired_offers() -> None:
    """One job a day for each agency; whoever decides before it runs is refused all the same."""
    today = datetime.combine(clock.now().date(), time(), UTC)
    asked = select(Job.agency_id).where(col(Job.kind) == KIND, col(Job.created_at) >= today)
    waiting = select(Agency.id).where(
        col(Agency.status) != AgencyStatus.closed, col(Agency.id).not_in(asked)
    )
    with database.platform_session() as session:
        agencies = session.exec(waiting).all()
    for agency_id in agencies:
        with database.agency_session(auth.system(agency_id)) as session:
            jobs.enqueue(session, KIND, queue=Queue.bulk, period=today)


@job(KIND)
def expire_offers(actor: Actor, task: Job, beat: Beat) -> dict[str, Any]:
    """Scopes and change orders that nobody decided on; those put to one decision with a campaign
    wait for it."""
    with database.agency_session(actor) as session:
        expired = {"scopes": scopes.expire(session)}
    with database.agency_session(actor) as session:
        expired["change_orders"] = change_orders.expire(session)
    return expired
