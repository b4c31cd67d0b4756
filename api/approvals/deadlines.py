"""
When an approval is to be answered: business days, Monday to Friday in the client's zone.

A deadline is the end of its day. Its jobs are asked for with the level they are about, and find out
for themselves whether there is anything left to do.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from api.approvals.models import Approval, AskedLevel, Unanswered
from tenants import clock, jobs
from tenants.errors import Conflict
from tenants.models import Client

REMIND, LAPSE = "approvals.remind", "approvals.lapse"
LAST = time(23, 59, 59)  # of the day that an answer is due
MORNING = time(9)  # when reminders go out


class ApprovalOverdue(Conflict):
    """The time to decide is over."""


def following(session: Session, approval: Approval, asked: AskedLevel) -> datetime | None:
    """Until when a level that is asked now is to answer; None when the policy says nothing."""
    if asked.respond_within_days is None:
        return None
    zone = _zone(session, approval)
    return end_of(counted(clock.today(zone), asked.respond_within_days), zone)


def schedule(session: Session, approval: Approval, asked: AskedLevel) -> None:
    """Ask for what is to happen before and after a level's deadline."""
    if approval.respond_by is None:
        return
    zone = _zone(session, approval)
    due_on = approval.respond_by.astimezone(ZoneInfo(zone)).date()
    about: dict[str, Any] = {"approval_id": str(approval.id), "level": str(asked.level)}
    for days in sorted(set(asked.remind_before_days)):
        moment = _instant(counted(due_on, -days), MORNING, zone)
        if moment > clock.now():
            jobs.enqueue(session, REMIND, client_id=approval.client_id, due_at=moment, **about)
    if asked.after is not Unanswered.wait:
        over = approval.respond_by + timedelta(seconds=1)
        jobs.enqueue(session, LAPSE, client_id=approval.client_id, due_at=over, **about)


def check(approval: Approval) -> None:
    """That it can still be decided on; what only waits for an answer takes a late one."""
    if approval.after is not Unanswered.wait and is_over(approval):
        raise ApprovalOverdue


def is_over(approval: Approval) -> bool:
    return approval.respond_by is not None and clock.now() > approval.respond_by


def counted(day: date, business_days: int) -> date:
    """The day so many business days after `day`, or before it; holidays are not known."""
    step = timedelta(days=1 if business_days > 0 else -1)
    left = abs(business_days)
    while left:
        day += step
        left -= day.weekday() < 5
    return day


def end_of(day: date, zone: str) -> datetime:
    """The last second of a day in a zone."""
    return _instant(day, LAST, zone)


def _instant(day: date, moment: time, zone: str) -> datetime:
    return datetime.combine(day, moment, ZoneInfo(zone)).astimezone(UTC)


def _zone(session: Session, approval: Approval) -> str:
    query = select(Client.timezone).where(col(Client.id) == approval.client_id)
    return session.exec(query).one()
