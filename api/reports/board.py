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

from api.reports.models import PeriodKind, Report, ReportKind, ReportStatus
from tenants import clock, database
from tenants.models import Audience
from tenants.pages import Listing, Order, PageQuery
from tenants.shapes import ReadShape


class BoardShows(StrEnum):
    """Which reports a board shows: those that are not out yet, the late of them, or those out."""

    open = "open"
    overdue = "overdue"
    published = "published"


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
    written. `opened`: how often its share links were.
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
    out = page.shows is BoardShows.published
    query = query.where(col(Report.last_version) > 0 if out else col(Report.last_version) == 0)
    if page.shows is BoardShows.overdue:
        query = query.where(beside.c.late)
    order = Order("due_on", descending=out)
    return Listing(query, Report, page, order).as_json(ReportBoardRow, **_MEMBERS)


# What stands beside a report, whatever its page: for each row of `reports`.
_BESIDE = sql("""
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
    ) as opened
from clients c
join memberships author
    on author.agency_id = c.agency_id and author.id = reports.author_membership_id
left join memberships reviewer
    on reviewer.agency_id = c.agency_id and reviewer.id = reports.reviewer_membership_id
where c.agency_id = reports.agency_id and c.id = reports.client_id
""").columns(
    column("client_name"),
    column("late", Boolean),
    column("author_name"),
    column("reviewer_name"),
    column("completeness"),
    column("last_published_at"),
    column("opened"),
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
}
