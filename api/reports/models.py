"""
A report is one always-editable draft, and the versions that were published from it.

report   draft → in_review → approved   (it stays editable; an edit or a publication: a draft again)
version  published → superseded · withdrawn

A version is frozen: its snapshot, its languages, its rendered bytes. Withdrawing one never brings
an older one back.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlalchemy import Text as TextColumn
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from api.metrics.periods import Compare
from tenants.models import Audience
from tenants.pages import PageQuery
from tenants.shapes import Day, Localized, LongWords, Positive, ReadShape, Shape
from tenants.tables import (
    INTERNAL,
    PERSONAL,
    SECRET,
    UTC_TIMESTAMP,
    AgencyModel,
    ClientOwned,
    Resource,
    Wall,
    client_owned,
    foreign,
    text_enum,
)


class ReportStatus(StrEnum):
    draft = "draft"
    in_review = "in_review"
    approved = "approved"


class VersionStatus(StrEnum):
    published = "published"
    superseded = "superseded"
    withdrawn = "withdrawn"


class ReportKind(StrEnum):
    periodic = "periodic"
    campaign_close = "campaign_close"
    incident = "incident"
    business_review = "business_review"


class PeriodKind(StrEnum):
    week = "week"
    month = "month"
    quarter = "quarter"
    custom = "custom"


class Reminder(StrEnum):
    """Of what its author was last told: that a report is due soon, or that it is late."""

    due_soon = "due_soon"
    overdue = "overdue"


class Format(StrEnum):
    json = "json"
    html = "html"
    pdf = "pdf"
    xlsx = "xlsx"
    csv = "csv"
    pptx = "pptx"
    slides = "slides"


class Report(ClientOwned, Resource, table=True):
    """The draft: the account executive's words, and the figures as they were last fetched."""

    __tablename__ = "reports"
    __table_args__ = client_owned(
        UniqueConstraint(
            *("agency_id", "client_id", "audience", "kind", "starts_on", "ends_on", "template_id"),
            name="uq_reports_period",
            postgresql_nulls_not_distinct=True,
        ),
        foreign("template_id", "report_templates"),
        foreign("author_membership_id", "memberships"),
        foreign("reviewer_membership_id", "memberships"),
        foreign("approved_by_membership_id", "memberships"),
        CheckConstraint("ends_on >= starts_on", "ends_after_it_starts"),
        CheckConstraint("(status = 'approved') = (approved_at is not null)", "approved_says_when"),
        Index(None, "agency_id", "client_id", "starts_on", "id"),
        Index(None, "agency_id", "due_on", "id"),
    )
    wall = Wall.client_internal

    audience: Audience = Field(default=Audience.client, sa_type=text_enum(Audience))
    kind: ReportKind = Field(default=ReportKind.periodic, sa_type=text_enum(ReportKind))
    period: PeriodKind = Field(sa_type=text_enum(PeriodKind))
    starts_on: date
    ends_on: date
    compare: Compare = Field(sa_type=text_enum(Compare))
    locales: list[str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    status: ReportStatus = Field(default=ReportStatus.draft, sa_type=text_enum(ReportStatus))
    due_on: date
    author_membership_id: UUID
    reviewer_membership_id: UUID | None = None
    template_id: UUID | None = None
    needs_review: bool = Field(default=False)
    data_lag_days: int = Field(default=0)
    approved_by_membership_id: UUID | None = None
    approved_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    return_reason: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)
    reminder: Reminder | None = Field(default=None, sa_type=text_enum(Reminder))
    layout: list[str] | None = Field(
        default=None, sa_type=JSONB(none_as_null=True), sa_column_kwargs=INTERNAL
    )
    chosen_content: list[str] | None = Field(
        default=None, sa_type=JSONB(none_as_null=True), sa_column_kwargs=INTERNAL
    )
    title: dict[str, str] = Field(default_factory=dict, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    narrative: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSONB, sa_column_kwargs=INTERNAL
    )
    figures: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    figures_as_of: datetime = Field(sa_type=UTC_TIMESTAMP)
    last_version: int = Field(default=0)


class ReportVersion(ClientOwned, AgencyModel, table=True):
    """What the client holds: one snapshot, as its exact bytes. Only its status ever changes."""

    __tablename__ = "report_versions"
    __table_args__ = client_owned(
        foreign("report_id", "reports", client=True),
        UniqueConstraint("agency_id", "report_id", "number"),
        Index(None, "agency_id", "client_id", "ends_on", "published_at"),
    )
    wall = Wall.client

    report_id: UUID
    number: int
    audience: Audience = Field(sa_type=text_enum(Audience))
    kind: ReportKind = Field(sa_type=text_enum(ReportKind))
    period: PeriodKind = Field(sa_type=text_enum(PeriodKind))
    starts_on: date
    ends_on: date
    status: VersionStatus = Field(default=VersionStatus.published, sa_type=text_enum(VersionStatus))
    version: int = Field(default=1, sa_type=BigInteger)
    locales: list[str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    snapshot: str = Field(sa_type=TextColumn, sa_column_kwargs=INTERNAL)
    sha256: str = Field(max_length=64, sa_column_kwargs=INTERNAL)
    template_version: str = Field(max_length=20, sa_column_kwargs=INTERNAL)
    render_job_id: UUID
    published_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    published_by: str = Field(max_length=120, sa_column_kwargs=PERSONAL)
    reason: dict[str, str] = Field(default_factory=dict, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    replacement_expected_on: date | None = None


class Artifact(ClientOwned, AgencyModel, table=True):
    """The rendered bytes of a version in one language and format: the record, for ever."""

    __tablename__ = "report_artifacts"
    __table_args__ = client_owned(
        foreign("version_id", "report_versions", client=True),
        UniqueConstraint("agency_id", "version_id", "locale", "format"),
    )
    wall = Wall.client

    report_id: UUID
    version_id: UUID
    audience: Audience = Field(sa_type=text_enum(Audience))
    locale: str = Field(max_length=35, sa_column_kwargs=INTERNAL)
    format: Format = Field(sa_type=text_enum(Format))
    sha256: str = Field(max_length=64, sa_column_kwargs=INTERNAL)
    size: int = Field(sa_type=BigInteger)
    media_type: str = Field(max_length=120, sa_column_kwargs=INTERNAL)
    content_policy: str | None = Field(default=None, max_length=500, sa_column_kwargs=INTERNAL)
    accessible: bool = Field(default=True)


class ShareLink(ClientOwned, Resource, table=True):
    """An address anybody who holds it can open, until it expires or is revoked."""

    __tablename__ = "share_links"
    __table_args__ = client_owned(
        foreign("report_id", "reports", client=True),
        Index(None, "agency_id", "report_id"),
    )
    wall = Wall.client_internal

    report_id: UUID
    secret_hash: str = Field(max_length=64, sa_column_kwargs=SECRET)
    expires_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    revoked_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    opened: int = Field(default=0)
    last_opened_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    password_hash: str | None = Field(default=None, max_length=200, sa_column_kwargs=SECRET)
    wrong_passwords: int = Field(default=0)
    can_download: bool = Field(default=True)
    locale: str | None = Field(default=None, max_length=35, sa_column_kwargs=INTERNAL)

    @property
    def has_password(self) -> bool:
        return self.password_hash is not None


class WithdrawRequest(Shape):
    """Which version to take back, why, and when a better one is expected."""

    number: Positive
    reason: LongWords
    replacement_expected_on: Day | None = None


class VersionRead(ReadShape):
    """A published version: its number, fingerprint and state. Its content has its own address."""

    id: UUID
    version: int
    report_id: UUID
    client_id: UUID
    number: int
    audience: Audience
    kind: ReportKind
    period: PeriodKind
    starts_on: date
    ends_on: date
    status: VersionStatus
    locales: list[str]
    sha256: str
    published_at: datetime
    published_by: str
    reason: Localized
    render_job_id: UUID
    withdrawn_at: datetime | None
    replacement_expected_on: date | None


class RenderingRead(ReadShape):
    """The files are being made; the job tells when they are there."""

    job_id: UUID


class VersionQuery(PageQuery):
    """Filters of a client's published reports; the internal ones are the agency's alone."""

    period: PeriodKind | None = None
    audience: Audience = Audience.client


FormatName = Literal["json", "html", "pdf", "xlsx", "csv", "pptx", "slides"]
