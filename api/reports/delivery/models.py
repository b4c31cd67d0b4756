"""
How a version is sent to people, and how it was opened.

delivery   queued → sent · failed; asked for again: queued
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field as Constraint
from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from api.reports.models import Format
from tenants.shapes import ReadShape, Shape
from tenants.tables import (
    INTERNAL,
    PERSONAL,
    UTC_TIMESTAMP,
    AgencyModel,
    ClientOwned,
    Resource,
    Wall,
    client_owned,
    foreign,
    text_enum,
)


class DeliveryStatus(StrEnum):
    queued = "queued"
    sent = "sent"
    failed = "failed"


class DeliveryFailure(StrEnum):
    """Why somebody did not get it."""

    contact_unreachable = "contact_unreachable"
    mail_gave_up = "mail_gave_up"
    mail_refused = "mail_refused"
    version_not_standing = "version_not_standing"


class ReportDelivery(ClientOwned, Resource, table=True):
    """
    One version goes to one contact, by mail. The address is the contact's when it is sent; with
    `link_id` the mail holds a share link of their own, else where they log in.
    """

    __tablename__ = "report_deliveries"
    __table_args__ = client_owned(
        foreign("report_id", "reports", client=True),
        foreign("version_id", "report_versions", client=True),
        foreign("contact_id", "contacts", client=True),
        foreign("link_id", "share_links", client=True),
        foreign("asked_by", "memberships"),
        UniqueConstraint("agency_id", "version_id", "contact_id"),
        CheckConstraint("(status = 'failed') = (failure is not null)", "what_failed_says_why"),
        CheckConstraint("status <> 'sent' or sent_at is not null", "what_is_sent_says_when"),
        Index(None, "agency_id", "report_id"),
        Index(None, "agency_id", "link_id"),
    )
    wall = Wall.client_internal

    report_id: UUID
    version_id: UUID
    contact_id: UUID
    name: str = Field(max_length=120, sa_column_kwargs=PERSONAL)
    locale: str = Field(max_length=35, sa_column_kwargs=INTERNAL)
    link_id: UUID | None = None
    asked_by: UUID | None = None
    status: DeliveryStatus = Field(default=DeliveryStatus.queued, sa_type=text_enum(DeliveryStatus))
    job_id: UUID | None = None
    times: int = Field(default=1)
    sent_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    failure: str | None = Field(default=None, max_length=60, sa_column_kwargs=INTERNAL)

    @property
    def by_link(self) -> bool:
        return self.link_id is not None


class ReportOpening(ClientOwned, AgencyModel, table=True):
    """
    Somebody known opened a version in one format: who is logged in, or who was sent it. Nothing is
    kept but who, in which format, first and last when; what comes within a minute is one opening.
    """

    __tablename__ = "report_openings"
    __table_args__ = client_owned(
        foreign("version_id", "report_versions", client=True),
        foreign("membership_id", "memberships"),
        foreign("delivery_id", "report_deliveries", client=True),
        UniqueConstraint(
            *("agency_id", "version_id", "membership_id", "delivery_id", "format"),
            name="uq_report_openings_who",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("(membership_id is null) <> (delivery_id is null)", "somebody_opened_it"),
        CheckConstraint("times > 0", "at_least_once"),
    )
    wall = Wall.client

    version_id: UUID
    membership_id: UUID | None = None
    delivery_id: UUID | None = None
    format: Format = Field(sa_type=text_enum(Format))
    last_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    times: int = Field(default=1)


class DeliverRequest(Shape):
    """
    To whom a version goes by mail: the contacts named, or all who receive reports. Who cannot log
    in is given a share link of their own, that works for `days`.
    """

    contact_ids: Annotated[list[UUID], Constraint(min_length=1, max_length=100)] | None = None
    days: Annotated[int, Constraint(ge=1, le=366)] = 90


class DeliveryRead(ReadShape):
    """
    How a version went to a contact. `by_link`: with a share link of their own; else they log in.
    `times`: how often it was asked for; `failure`: why the last time did not reach them.
    """

    id: UUID
    version: int
    report_id: UUID
    contact_id: UUID
    name: str
    locale: str
    by_link: bool
    status: DeliveryStatus
    times: int
    sent_at: datetime | None
    failure: DeliveryFailure | None
    created_at: datetime


class FormatOpened(ReadShape):
    """When somebody first and last had a version in a format, and how often."""

    format: Format
    first_at: datetime
    last_at: datetime
    times: int


class ReaderRead(ReadShape):
    """
    Somebody of the client's, and what became of a version with them: sent, opened, downloaded (had
    as a file to keep), acknowledged.
    """

    name: str
    contact_id: UUID | None
    membership_id: UUID | None
    delivery: DeliveryStatus | None
    sent_at: datetime | None
    opened_at: datetime | None
    downloaded_at: datetime | None
    formats: list[FormatOpened]
    acknowledged_at: datetime | None
    useful: int | None
    recommend: int | None
