"""What happens to reports by themselves: drafts open on their day, and authors are reminded."""

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from api.reports import periods
from api.reports.schedules import reminders, schedules
from tenants import clock, database, jobs
from tenants.auth import Actor
from tenants.daily import daily
from tenants.jobs import Job, Queue
from tenants.worker import Beat, job

KIND = "reports.open"
MIDNIGHT = "reports.open_at_midnight"


@daily(KIND)
def open_reports(actor: Actor, task: Job, beat: Beat) -> dict[str, Any]:
    """Open and remind, and come back when the next day begins where clients are."""
    with database.agency_session(actor) as session:
        for zone in schedules.zones(session):
            at = _midnight(zone)
            jobs.enqueue(session, MIDNIGHT, queue=Queue.bulk, due_at=at, period=at, about=zone)
    return _open(actor, beat)


@job(MIDNIGHT)
def open_at_midnight(actor: Actor, task: Job, beat: Beat) -> dict[str, Any]:
    return _open(actor, beat)


def _open(actor: Actor, beat: Beat) -> dict[str, Any]:
    """Each schedule in a transaction of its own: none waits for, or fails with, another."""
    with database.agency_session(actor) as session:
        due = schedules.due(session)
    opened = 0
    for place, schedule_id in enumerate(due, start=1):
        with database.agency_session(actor) as session:
            opened += len(schedules.open_due(session, schedule_id))
        beat(place, len(due))
    with database.agency_session(actor) as session:
        return {"opened": opened, "reminded": reminders.remind(session)}


def _midnight(zone: str) -> datetime:
    """When the next day begins in a zone."""
    local = clock.now().astimezone(ZoneInfo(zone)).date() + periods.DAY
    return datetime.combine(local, time(), ZoneInfo(zone)).astimezone(UTC)
