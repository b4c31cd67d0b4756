"""What can be done to a report schedule: made, changed, paused; and the drafts it opens."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.reports import periods
from api.reports.drafts import reports
from api.reports.models import PeriodKind, Report
from api.reports.schedules import report_templates
from api.reports.schedules.models import ReportSchedule, ReportScheduleQuery, ScheduleStatus
from api.reports.schedules.template_models import ReportTemplate
from tenants import clock, database, outbox, quotas
from tenants.errors import Conflict, Unprocessable
from tenants.models import Client, ClientStatus, Membership, MembershipKind, MembershipStatus
from tenants.pages import Listing

LONGEST_AGO = timedelta(days=100)
_TAKEN = "uq_report_schedules_agency_id_client_id_template_id"


quotas.count_as(
    quotas.QuotaKind.report_schedules,
    "select count(*) from report_schedules where agency_id = %(agency)s and status = 'active'",
)


class ScheduleExists(Conflict):
    """The client has a schedule with this template already; change that one."""


class ScheduleNeedsPeriod(Unprocessable):
    """A schedule's template is for a week, a month or a quarter; days of one's own do not recur."""


class ScheduleStartsTooEarly(Unprocessable):
    """A schedule opens what ended a hundred days ago at most; write older reports by hand."""


class WritersOfSchedule(Unprocessable):
    """The author and the reviewer are two active members of the agency's staff."""


def search(session: Session, page: ReportScheduleQuery) -> Listing:
    """The schedules in sight, newest first."""
    query = select(ReportSchedule)
    if page.client_id:
        query = query.where(col(ReportSchedule.client_id) == page.client_id)
    if page.status:
        query = query.where(col(ReportSchedule.status) == page.status)
    return Listing(query, ReportSchedule, page)


def create(session: Session, client_id: UUID, **values: Any) -> ReportSchedule:
    """Have a kind of report begun by itself, from a period on."""
    client = database.get(session, Client, client_id)
    template = _template(session, client, values["template_id"])
    reports.check_duty(session, "write", template.audience, client.id)
    today = clock.today(client.timezone)
    first = values.pop("starts_on") or today
    if first < today - LONGEST_AGO:
        raise ScheduleStartsTooEarly(pointer="/starts_on")
    if values["data_lag_days"] is None:
        values["data_lag_days"] = template.data_lag_days
    schedule = ReportSchedule(
        client_id=client.id, next_starts_on=first, next_opens_on=first, **values
    )
    _check_writers(session, schedule)
    aim(schedule, template.period, first)
    with database.refusing_twice(_TAKEN, ScheduleExists(pointer="/template_id")):
        database.add(session, schedule)
    quotas.add(session, quotas.QuotaKind.report_schedules)
    outbox.emit(session, "report_schedule.created", schedule)
    return schedule


def update(session: Session, schedule_id: UUID, **changes: Any) -> ReportSchedule:
    """Change who writes and when, pause it, or take it up again."""
    found = database.get(session, ReportSchedule, schedule_id)
    template = database.get(session, ReportTemplate, found.template_id)
    reports.check_duty(session, "write", template.audience, found.client_id)
    schedule = database.get(session, ReportSchedule, schedule_id, lock=True)
    resumes = schedule.status is ScheduleStatus.paused and "status" in changes
    was_active = schedule.status is ScheduleStatus.active
    schedule.sqlmodel_update(changes)
    more = (schedule.status is ScheduleStatus.active) - was_active
    quotas.add(session, quotas.QuotaKind.report_schedules, more)
    _check_writers(session, schedule)
    first = schedule.next_starts_on
    if resumes and schedule.status is ScheduleStatus.active:
        client = database.get(session, Client, schedule.client_id)
        first = max(first, clock.today(client.timezone))
    aim(schedule, template.period, first)
    database.touch(schedule)
    outbox.emit(session, "report_schedule.updated", schedule)
    return schedule


def due(session: Session) -> Sequence[UUID]:
    """Schedules whose day has come somewhere on earth; each decides by its client's calendar."""
    query = select(ReportSchedule.id).where(
        col(ReportSchedule.status) == ScheduleStatus.active,
        col(ReportSchedule.next_opens_on) <= clock.now().date() + periods.DAY,
    )
    return session.exec(query.order_by(col(ReportSchedule.id))).all()


def zones(session: Session) -> Sequence[str]:
    """Where the clients are whose reports open by themselves, or are waited for."""
    query = select(Client.timezone).where(col(Client.status) != ClientStatus.ended).distinct()
    return session.exec(query).all()


def open_due(session: Session, schedule_id: UUID) -> list[Report]:
    """Open what a schedule's day has brought, the oldest first; the second time, nothing."""
    schedule = database.get(session, ReportSchedule, schedule_id, lock=True)
    client = database.get(session, Client, schedule.client_id)
    if schedule.status is not ScheduleStatus.active:
        return []
    if client.status is ClientStatus.ended:
        schedule.status = ScheduleStatus.paused
        quotas.add(session, quotas.QuotaKind.report_schedules, -1)
        outbox.emit(session, "report_schedule.paused", schedule)
        return []
    template = database.get(session, ReportTemplate, schedule.template_id)
    today, opened = clock.today(client.timezone), []
    while schedule.next_opens_on <= today:
        opened += _open(session, schedule, client, template)
        _, last = periods.bounds(template.period, schedule.next_starts_on)
        aim(schedule, template.period, last + periods.DAY)
    return opened


def _open(
    session: Session, schedule: ReportSchedule, client: Client, template: ReportTemplate
) -> list[Report]:
    """The period's draft; none where somebody began it by hand."""
    author, reviewer = _writers(session, schedule, client)
    try:
        report = reports.begin(
            session,
            client,
            template,
            periods.bounds(template.period, schedule.next_starts_on),
            audience=template.audience,
            kind=template.kind,
            period=template.period,
            author_membership_id=author,
            reviewer_membership_id=reviewer,
            data_lag_days=schedule.data_lag_days,
            due_on=schedule.next_opens_on + timedelta(days=schedule.due_days),
        )
    except reports.ReportExists:
        return []
    outbox.emit(session, "report.opened", report)
    return [report]


def aim(schedule: ReportSchedule, period: PeriodKind, day: date) -> None:
    """Open next the period that holds a day: once it, and the days its figures need, are over."""
    first, last = periods.bounds(period, day)
    schedule.next_starts_on = first
    schedule.next_opens_on = last + periods.DAY + timedelta(days=schedule.data_lag_days)


def _template(session: Session, client: Client, template_id: UUID) -> ReportTemplate:
    template = report_templates.get(session, template_id)
    if template.of_client_id not in (None, client.id):
        raise report_templates.TemplateDoesNotFit(pointer="/template_id")
    if template.period is PeriodKind.custom:
        raise ScheduleNeedsPeriod(pointer="/template_id")
    return template


def _check_writers(session: Session, schedule: ReportSchedule) -> None:
    named = [schedule.author_membership_id, schedule.reviewer_membership_id]
    writers = [each for each in named if each is not None]
    active = [_is_at_work(database.get(session, Membership, each)) for each in writers]
    if not all(active) or len(set(writers)) != len(writers):
        raise WritersOfSchedule(pointer="/author_membership_id")


def _writers(
    session: Session, schedule: ReportSchedule, client: Client
) -> tuple[UUID, UUID | None]:
    """Who writes and reviews now: the client's lead instead of an author who left the agency."""
    author = database.get(session, Membership, schedule.author_membership_id)
    author_id = author.id if _is_at_work(author) else client.lead_membership_id
    if schedule.reviewer_membership_id in (None, author_id):
        return author_id, None
    reviewer = database.get(session, Membership, schedule.reviewer_membership_id)
    return author_id, reviewer.id if _is_at_work(reviewer) else None


def _is_at_work(member: Membership) -> bool:
    return (member.kind, member.status) == (MembershipKind.staff, MembershipStatus.active)
