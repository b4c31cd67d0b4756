"""
What the author of a report is told until it is out: that it is due soon, that it is late.

Each once for a due day: what was told stands beside the draft, and is not one of its versions, so
that nobody who is writing meanwhile finds it changed.
"""

from datetime import timedelta

from sqlmodel import Session, col, select, update

from api.reports.models import Reminder, Report
from tenants import clock, outbox
from tenants.models import Client, ClientStatus

SOON = timedelta(days=2)


def remind(session: Session) -> int:
    """Tell of the reports that are due within two days, or late, by their clients' calendars."""
    waiting = (
        select(Report, Client.timezone)
        .join(
            Client,
            (col(Client.agency_id) == col(Report.agency_id))
            & (col(Client.id) == col(Report.client_id)),
        )
        .where(
            col(Report.last_version) == 0,
            col(Report.reminder).is_distinct_from(Reminder.overdue),
            col(Report.due_on) <= clock.now().date() + SOON + timedelta(days=1),
            col(Client.status) != ClientStatus.ended,
        )
        .order_by(col(Report.id))
        .with_for_update(key_share=True, of=Report)
        .execution_options(populate_existing=True)
    )
    found = session.exec(waiting).all()
    return sum(_tell(session, report, zone) for report, zone in found)


def _tell(session: Session, report: Report, zone: str) -> bool:
    reminder = due(report, zone)
    if reminder in (None, report.reminder):
        return False
    # Past the version, which is of what people edit.
    session.connection().execute(
        update(Report)
        .where(col(Report.agency_id) == report.agency_id, col(Report.id) == report.id)
        .values(reminder=reminder, updated_at=col(Report.updated_at))
    )
    outbox.emit(session, f"report.{reminder}", report)
    return True


def due(report: Report, zone: str) -> Reminder | None:
    """What there is to be told of a report today."""
    today = clock.today(zone)
    if today > report.due_on:
        return Reminder.overdue
    return Reminder.due_soon if today >= report.due_on - SOON else None
