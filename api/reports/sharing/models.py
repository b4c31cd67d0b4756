"""Who read a report: what a client's people say themselves, and how share links were opened."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field as Constraint
from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from api.reports.models import Format
from tenants.passwords import LONGEST, SHORTEST
from tenants.shapes import Flag, Language, ReadShape, Shape, Text
from tenants.tables import (
    INTERNAL,
    PERSONAL,
    AgencyModel,
    ClientOwned,
    Wall,
    client_owned,
    foreign,
    text_enum,
)

LinkPassword = Annotated[str, Constraint(min_length=SHORTEST, max_length=LONGEST // 4)]


class ShareLinkAccess(ClientOwned, AgencyModel, table=True):
    """
    One opening of a share link. The address is cut to its network and the program to its family, so
    that no person is known by it.
    """

    __tablename__ = "share_link_accesses"
    __table_args__ = client_owned(
        foreign("link_id", "share_links", client=True),
        Index(None, "agency_id", "link_id", "id"),
        Index(None, "agency_id", "created_at"),
    )
    wall = Wall.client_internal

    link_id: UUID
    format: Format = Field(sa_type=text_enum(Format))
    network: str = Field(max_length=45, sa_column_kwargs=INTERNAL)
    program: str = Field(max_length=20, sa_column_kwargs=INTERNAL)


class ReportReceipt(ClientOwned, AgencyModel, table=True):
    """One person of the client's has read one version, and says what it was worth to them."""

    __tablename__ = "report_receipts"
    __table_args__ = client_owned(
        foreign("version_id", "report_versions", client=True),
        foreign("membership_id", "memberships"),
        UniqueConstraint("agency_id", "version_id", "membership_id"),
        Index(None, "agency_id", "version_id", "id"),
        CheckConstraint("useful between 1 and 5", "useful_is_one_to_five"),
        CheckConstraint("recommend between 1 and 5", "recommend_is_one_to_five"),
    )
    wall = Wall.client

    version_id: UUID
    membership_id: UUID
    name: str = Field(max_length=120, sa_column_kwargs=PERSONAL)
    useful: int | None = None
    recommend: int | None = None
    comment: str | None = Field(default=None, max_length=4000, sa_column_kwargs=PERSONAL)


OneToFive = Annotated[int, Constraint(strict=True, ge=1, le=5)]


class ReceiptCreate(Shape):
    """That you have read the report; how useful it was, and whether you would recommend us."""

    useful: OneToFive | None = None
    recommend: OneToFive | None = None
    comment: Text | None = None


class ReceiptRead(ReadShape):
    """Who of the client's has read a version, when they said so, and what it was worth to them."""

    id: UUID
    created_at: datetime
    membership_id: UUID
    name: str
    useful: int | None
    recommend: int | None
    comment: str | None


class ShareLinkCreate(Shape):
    """
    How many days the address works, and for what. With a password it is asked for; without
    `can_download` the report is shown, and not given as a file; `locale` is the only language.
    """

    days: Annotated[int, Constraint(ge=1, le=366)] = 30
    password: LinkPassword | None = None
    can_download: Flag = True
    locale: Language | None = None


class ShareLinkRead(ReadShape):
    """A share link. `address` is shown once, when it is made."""

    id: UUID
    version: int
    report_id: UUID
    expires_at: datetime
    revoked_at: datetime | None
    opened: int
    last_opened_at: datetime | None
    has_password: bool
    wrong_passwords: int
    can_download: bool
    locale: str | None
    created_at: datetime


class ShareLinkMade(ReadShape):
    """A new share link with its address, which is never shown again."""

    id: UUID
    version: int
    report_id: UUID
    expires_at: datetime
    address: str


class ShareLinkAccessRead(ReadShape):
    """When somebody opened a share link, from which network and with what family of program."""

    id: UUID
    created_at: datetime
    format: Format
    network: str
    program: str
