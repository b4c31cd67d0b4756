"""What happens to what was sold by itself: offers expire, and what renews is renewed."""

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from api.campaigns import change_orders, retainers, scopes
from api.campaigns.periods import DAY
from tenants import clock, database, jobs
from tenants.auth import Actor
from tenants.daily import daily
from tenants.jobs import Job, Queue
from tenants.worker import Beat, job

KIND = "campaigns.expire_offers"
RENEWAL = "campaigns.renew"
MIDNIGHT = "campaigns.renew_at_midnight"


@daily(KIND)
def expire_offers(actor: Actor, task: Job, beat: Beat) -> dict[str, Any]:
    """
    Scopes and change orders that nobody decided on; those put to one decision with a campaign wait
    for it. Whoever decides before this runs is refused all the same.
    """
    with database.agency_session(actor) as session:
        expired = {"scopes": scopes.expire(session)}
    with database.agency_session(actor) as session:
        expired["change_orders"] = change_orders.expire(session)
    return expired


@daily(RENEWAL)
def renew(actor: Actor, task: Job, beat: Beat) -> dict[str, Any]:
    """
    Open, expire and settle what its client's day brings, and come back when the next day begins
    where clients are. Whoever draws on a line before this runs finds it renewed all the same.
    """
    with database.agency_session(actor) as session:
        for zone in retainers.zones(session):
            at = _midnight(zone)
            jobs.enqueue(session, MIDNIGHT, queue=Queue.bulk, due_at=at, period=at, about=zone)
    return _renew(actor, beat)


@job(MIDNIGHT)
def renew_at_midnight(actor: Actor, task: Job, beat: Beat) -> dict[str, Any]:
    return _renew(actor, beat)


def _renew(actor: Actor, beat: Beat) -> dict[str, Any]:
    """Each line in a transaction of its own: none waits for, or fails with, another."""
    with database.agency_session(actor) as session:
        due = retainers.due(session)
    for place, line_id in enumerate(due, start=1):
        with database.agency_session(actor) as session:
            retainers.renew(session, line_id)
        beat(place, len(due))
    return {"lines": len(due)}


def _midnight(zone: str) -> datetime:
    """When the next day begins in a zone."""
    local = clock.now().astimezone(ZoneInfo(zone)).date() + DAY
    return datetime.combine(local, time(), ZoneInfo(zone)).astimezone(UTC)
