"""
Tables of what opens reports by itself: schedules.

schedule   active ⇄ paused; paused by itself when the client's time with the agency ends
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING
from pydantic import Field as Constraint
from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from api.reports.schedules.template_models import MOST_DAYS, Days
from tenants.pages import PageQuery
from tenants.shapes import Day, ReadShape, Shape
from tenants.tables import ClientOwned, Resource, Wall, client_owned, foreign, text_enum

DUE_DAYS = 5


class ScheduleStatus(StrEnum):
    active = "active"
    paused = "paused"


class ReportSchedule(ClientOwned, Resource, table=True):
    """
    One kind of report of a client, begun period after period. `next_starts_on` is the first day of
    the next period to be opened, and `next_opens_on` the day, by the client's calendar, on which it
    is: so that a period is opened once, and one that was missed is opened later.
    """

    __tablename__ = "report_schedules"
    __table_args__ = client_owned(
        foreign("template_id", "report_templates"),
        foreign("author_membership_id", "memberships"),
        foreign("reviewer_membership_id", "memberships"),
        UniqueConstraint("agency_id", "client_id", "template_id"),
        CheckConstraint(f"data_lag_days between 0 and {MOST_DAYS}", "lag_is_days"),
        CheckConstraint(f"due_days between 0 and {MOST_DAYS}", "due_is_days"),
        Index(None, "agency_id", "status", "next_opens_on"),
    )
    wall = Wall.client_internal

    template_id: UUID
    author_membership_id: UUID
    reviewer_membership_id: UUID | None = None
    data_lag_days: int
    due_days: int = Field(default=DUE_DAYS)
    next_starts_on: date
    next_opens_on: date
    status: ScheduleStatus = Field(default=ScheduleStatus.active, sa_type=text_enum(ScheduleStatus))


DueDays = Annotated[int, Constraint(strict=True, ge=0, le=MOST_DAYS)]


class ReportScheduleCreate(Shape):
    """
    A kind of report that is begun period after period, in the client's zone: when a period and the
    days its figures need (`data_lag_days`; without them the template's) are over, its draft is
    opened, due `due_days` later. The first period is the one that holds `starts_on`; today's,
    without it.
    """

    client_id: UUID
    template_id: UUID
    author_membership_id: UUID
    reviewer_membership_id: UUID | None = None
    starts_on: Day | None = None
    data_lag_days: Days | None = None
    due_days: DueDays = DUE_DAYS


class ReportScheduleUpdate(Shape):
    """What of a schedule may be changed. What ended while it was paused is not opened."""

    author_membership_id: UUID | MISSING = MISSING
    reviewer_membership_id: UUID | None | MISSING = MISSING
    data_lag_days: Days | MISSING = MISSING
    due_days: DueDays | MISSING = MISSING
    status: ScheduleStatus | MISSING = MISSING


class ReportScheduleRead(ReadShape):
    """A kind of report that is begun period after period, and the next one it opens."""

    id: UUID
    version: int
    client_id: UUID
    template_id: UUID
    author_membership_id: UUID
    reviewer_membership_id: UUID | None
    data_lag_days: int
    due_days: int
    next_starts_on: date
    next_opens_on: date
    status: ScheduleStatus
    created_at: datetime
    updated_at: datetime


class ReportScheduleQuery(PageQuery):
    """Filters of the schedule list."""

    client_id: UUID | None = None
    status: ScheduleStatus | None = None
