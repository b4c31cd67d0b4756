"""
The board of all reports: who owes which one when, how far it is, and what became of it.

One statement for a page. The earliest due comes first, so what is late stands at the top; of what
is out already, the last due first.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Boolean, bindparam, column, true
from sqlalchemy import text as sql
from sqlmodel import Session, col, select

from api.comments.questions import UNANSWERED
from api.reports.models import PeriodKind, Report, ReportKind, ReportStatus
from tenants import clock, database
from tenants.models import Audience
from tenants.pages import Listing, Order, PageQuery
from tenants.shapes import ReadShape


class BoardShows(StrEnum):
    """
    Which reports a board shows: those that are not out yet, the late of them, those out, or those
    about which somebody of the client's waits for an answer.
    """

    open = "open"
    overdue = "overdue"
    published = "published"
    questions = "questions"


class ReportBoardQuery(PageQuery):
    """Filters of the board; `mine`: that the reader writes or reviews."""

    shows: BoardShows = BoardShows.open
    client_id: UUID | None = None
    audience: Audience | None = None
    kind: ReportKind | None = None
    period: PeriodKind | None = None
    status: ReportStatus | None = None
    mine: bool = False


class ReportBoardRow(ReadShape):
    """
    A report on the board. `late`: its day has passed by the client's calendar, and it is not out.
    `completeness`: of a headline and a summary in each of its languages, how many per cent are
    written. `opened`: how often its share links were. Of the client's people, and of the version
    that stands: how many were sent it, opened it, had it as a file, and say that they read it; of
    all versions, `questions`: how many of theirs wait for an answer.
    """

    id: UUID
    version: int
    client_id: UUID
    client_name: str
    audience: Audience
    kind: ReportKind
    period: PeriodKind
    starts_on: date
    ends_on: date
    status: ReportStatus
    due_on: date
    late: bool
    author_membership_id: UUID
    author_name: str
    reviewer_membership_id: UUID | None
    reviewer_name: str | None
    completeness: int
    last_version: int
    last_published_at: datetime | None
    opened: int
    sent: int
    opened_by: int
    downloaded_by: int
    acknowledged: int
    questions: int


def search(session: Session, page: ReportBoardQuery) -> Any:
    """The reports in sight, as the board shows them."""
    beside = _BESIDE.bindparams(bindparam("now", clock.now())).lateral("beside")
    query = select(Report).join(beside, true())
    for name in ("client_id", "audience", "kind", "period", "status"):
        if (wanted := getattr(page, name)) is not None:
            query = query.where(getattr(Report, name) == wanted)
    if page.mine:
        me = cast(database.Session, session).sight.membership_id
        mine = (col(Report.author_membership_id) == me) | (col(Report.reviewer_membership_id) == me)
        query = query.where(mine)
    if page.shows is BoardShows.questions:
        agency_id = cast(database.Session, session).sight.agency_id
        query = query.where(_ASKED_ABOUT.bindparams(agency=agency_id))
    else:
        out = col(Report.last_version) > 0
        query = query.where(out if page.shows is BoardShows.published else ~out)
    if page.shows is BoardShows.overdue:
        query = query.where(beside.c.late)
    order = Order("due_on", descending=page.shows is BoardShows.published)
    return Listing(query, Report, page, order).as_json(ReportBoardRow, **_MEMBERS)


# Begins at the comments on reports: the reports are many more than the questions about them.
_ASKED_ABOUT = sql(f"""reports.id in (
    select comments.subject_id from comments
    where comments.agency_id = :agency and comments.subject_type = 'reports' and {UNANSWERED}
    union all
    select v.report_id from comments
    join report_versions v on v.agency_id = comments.agency_id and v.id = comments.subject_id
    where comments.agency_id = :agency and comments.subject_type = 'report_versions'
        and {UNANSWERED}
)""")  # noqa: S608


# What stands beside a report, whatever its page: for each row of `reports`.
_BESIDE = sql(f"""
select c.name as client_name,
    reports.last_version = 0
        and reports.due_on < (cast(:now as timestamptz) at time zone c.timezone)::date as late,
    author.name as author_name, reviewer.name as reviewer_name,
    (
        select 100 * count(*) / (2 * jsonb_array_length(reports.locales))
        from jsonb_array_elements_text(reports.locales) l(locale),
            unnest(array['headline', 'summary']) part
        where coalesce(reports.narrative -> l.locale ->> part, '') <> ''
    ) as completeness,
    (
        select max(v.published_at) from report_versions v
        where v.agency_id = reports.agency_id and v.report_id = reports.id
    ) as last_published_at,
    (
        select coalesce(sum(s.opened), 0) from share_links s
        where s.agency_id = reports.agency_id and s.report_id = reports.id
    ) as opened,
    (
        select count(*) from report_deliveries d
        where d.agency_id = reports.agency_id and d.version_id = standing.id
            and d.status = 'sent'
    ) as sent,
    coalesce(seen.opened_by, 0) as opened_by, coalesce(seen.downloaded_by, 0) as downloaded_by,
    (
        select count(*) from report_receipts r
        where r.agency_id = reports.agency_id and r.version_id = standing.id
    ) as acknowledged,
    (
        select count(*) from comments
        where comments.agency_id = reports.agency_id and comments.client_id = reports.client_id
            and (
                comments.subject_type = 'reports' and comments.subject_id = reports.id
                or comments.subject_type = 'report_versions' and comments.subject_id in (
                    select v.id from report_versions v
                    where v.agency_id = reports.agency_id and v.report_id = reports.id
                )
            )
            and {UNANSWERED}
    ) as questions
from clients c
left join lateral (
    select v.id from report_versions v
    where v.agency_id = reports.agency_id and v.report_id = reports.id
        and v.status = 'published'
) standing on true
left join lateral (
    select count(distinct who) as opened_by,
        count(distinct who) filter (where not is_shown) as downloaded_by
    from (
        select coalesce(o.membership_id, t.membership_id, d.contact_id) as who,
            o.format in ('json', 'html', 'slides') as is_shown
        from report_openings o
        left join report_deliveries d on d.agency_id = o.agency_id and d.id = o.delivery_id
        left join contacts t on t.agency_id = d.agency_id and t.id = d.contact_id
        where o.agency_id = reports.agency_id and o.version_id = standing.id
    ) each
) seen on true
join memberships author
    on author.agency_id = c.agency_id and author.id = reports.author_membership_id
left join memberships reviewer
    on reviewer.agency_id = c.agency_id and reviewer.id = reports.reviewer_membership_id
where c.agency_id = reports.agency_id and c.id = reports.client_id
""").columns(  # noqa: S608
    column("client_name"),
    column("late", Boolean),
    column("author_name"),
    column("reviewer_name"),
    column("completeness"),
    column("last_published_at"),
    column("opened"),
    column("sent"),
    column("opened_by"),
    column("downloaded_by"),
    column("acknowledged"),
    column("questions"),
)
_MEMBERS = {
    "client_name": "beside.client_name",
    "late": "beside.late",
    "author_name": "beside.author_name",
    "reviewer_name": "beside.reviewer_name",
    "completeness": "beside.completeness",
    "last_published_at": "to_char(beside.last_published_at at time zone 'UTC',"
    ' \'YYYY-MM-DD"T"HH24:MI:SS"Z"\')',
    "opened": "beside.opened",
    "sent": "beside.sent",
    "opened_by": "beside.opened_by",
    "downloaded_by": "beside.downloaded_by",
    "acknowledged": "beside.acknowledged",
    "questions": "beside.questions",
}
