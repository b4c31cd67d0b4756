"""
Time, cost rates and the books. Time is whole minutes of a client's day; a rate is minor units of
the agency's currency for an hour.

    rate in force on a day = the one of the person with the latest `starts_on` up to that day
    a day is closed        = it is on or before the books' `closed_through`: what it cost stays
"""

from datetime import date
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from tenants.money import money_of
from tenants.tables import (
    INTERNAL,
    ClientOwned,
    Resource,
    Wall,
    client_owned,
    foreign,
    text_enum,
)

DAY_MINUTES = 1440


class Activity(StrEnum):
    """What time goes into, as an agency reports on it."""

    strategy = "strategy"
    content = "content"
    design = "design"
    production = "production"
    community = "community"
    paid_media = "paid_media"
    influencers = "influencers"
    reporting = "reporting"
    meetings = "meetings"
    other = "other"


class TimeEntry(ClientOwned, Resource, table=True):
    """
    Time a person spent on a client's work. `scope_line_id` is the first of the line's versions, so
    that all of them are one.
    """

    __tablename__ = "time_entries"
    __table_args__ = client_owned(
        foreign("membership_id", "memberships"),
        foreign("entered_by", "memberships"),
        foreign("campaign_id", "campaigns", client=True),
        foreign("scope_line_id", "scope_lines", client=True),
        foreign("deliverable_id", "deliverables", client=True),
        CheckConstraint(f"minutes between 1 and {DAY_MINUTES}", "of_one_day"),
        Index(None, "agency_id", "membership_id", "worked_on"),
        # All that a margin asks of an entry: it is read from the index alone.
        Index(
            "ix_time_entries_margin",
            *("agency_id", "client_id", "worked_on"),
            postgresql_include=["membership_id", "minutes", "campaign_id", "scope_line_id"],
        ),
    )
    wall = Wall.client_internal

    membership_id: UUID
    worked_on: date
    minutes: int
    activity: Activity = Field(sa_type=text_enum(Activity))
    campaign_id: UUID | None = None
    scope_line_id: UUID | None = None
    deliverable_id: UUID | None = None
    note: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)
    entered_by: UUID


class TimeDay(SQLModel, table=True):
    """
    What a person's entries of one day add up to, over all clients. Somebody who enters time sees
    some of the clients only; the day has 24 hours all the same.
    """

    __tablename__ = "time_days"
    __table_args__ = (
        ForeignKeyConstraint(
            ["agency_id", "membership_id"], ["memberships.agency_id", "memberships.id"]
        ),
        CheckConstraint(f"minutes between 0 and {DAY_MINUTES}", "of_24_hours"),
    )
    wall: ClassVar[Wall] = Wall.agency

    agency_id: UUID = Field(primary_key=True)
    membership_id: UUID = Field(primary_key=True)
    worked_on: date = Field(primary_key=True)
    minutes: int


class CostRate(Resource, table=True):
    """What an hour of a person's costs from a day on, until their next rate starts."""

    __tablename__ = "cost_rates"
    __table_args__ = (
        foreign("membership_id", "memberships"),
        UniqueConstraint("agency_id", "membership_id", "starts_on"),
        CheckConstraint("hourly_minor >= 0", "not_below_zero"),
    )
    wall = Wall.agency

    membership_id: UUID
    starts_on: date
    hourly_minor: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)

    hourly: ClassVar[Any] = money_of("hourly_minor")


class Books(Resource, table=True):
    """Through which day what the work cost is final; one row an agency, once it was closed."""

    __tablename__ = "books"
    __table_args__ = (
        UniqueConstraint("agency_id"),
        ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
    )
    wall = Wall.agency

    closed_through: date | None = None
    reason: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)
