"""
Tables of what reports are begun from: templates.

template   active ⇄ archived; a draft copies it as it is opened, and is never changed by it again
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import MISSING
from pydantic import Field as Constraint
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from api.metrics.periods import Compare
from api.reports.drafts.shapes import Languages, Layout
from api.reports.models import PeriodKind, ReportKind
from api.reports.snapshot.snapshot import Section
from tenants.models import Audience
from tenants.pages import PageQuery
from tenants.shapes import Flag, LongWords, Name, ReadShape, Shape
from tenants.tables import INTERNAL, Resource, Wall, foreign, text_enum

MOST_DAYS = 60


class TemplateStatus(StrEnum):
    active = "active"
    archived = "archived"


class ReportTemplate(Resource, table=True):
    """How a kind of report is made: the agency's, or one client's own (`of_client_id`)."""

    __tablename__ = "report_templates"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
        foreign("of_client_id", "clients"),
        CheckConstraint(f"data_lag_days between 0 and {MOST_DAYS}", "lag_is_days"),
        Index(None, "agency_id", "of_client_id", "id"),
    )
    wall = Wall.agency

    of_client_id: UUID | None = None
    name: str = Field(max_length=120, sa_column_kwargs=INTERNAL)
    audience: Audience = Field(sa_type=text_enum(Audience))
    kind: ReportKind = Field(sa_type=text_enum(ReportKind))
    period: PeriodKind = Field(sa_type=text_enum(PeriodKind))
    sections: list[str] | None = Field(
        default=None, sa_type=JSONB(none_as_null=True), sa_column_kwargs=INTERNAL
    )
    locales: list[str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    texts: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    compare: Compare = Field(sa_type=text_enum(Compare))
    data_lag_days: int = Field(default=0)
    needs_review: bool = Field(default=False)
    status: TemplateStatus = Field(default=TemplateStatus.active, sa_type=text_enum(TemplateStatus))


Days = Annotated[int, Constraint(strict=True, ge=0, le=MOST_DAYS)]
Texts = Annotated[dict[Section, LongWords], Constraint(max_length=30)]


class ReportTemplateCreate(Shape):
    """
    How a kind of report is made. Without a client it is the agency's, for every client that has
    none of its own. `sections` are printed in this order, null is the usual order; `texts` open the
    notes of a section; `data_lag_days`: how long after the period figures still come in.
    """

    client_id: UUID | None = None
    name: Name
    audience: Audience = Audience.client
    kind: ReportKind = ReportKind.periodic
    period: PeriodKind
    sections: Layout | None = None
    locales: Languages
    texts: Texts = {}
    compare: Compare | None = None
    data_lag_days: Days = 0
    needs_review: Flag = False


class ReportTemplateUpdate(Shape):
    """What of a template may be changed, for the drafts to come; whom and when it is for stay."""

    name: Name | MISSING = MISSING
    sections: Layout | None | MISSING = MISSING
    locales: Languages | MISSING = MISSING
    texts: Texts | MISSING = MISSING
    compare: Compare | MISSING = MISSING
    data_lag_days: Days | MISSING = MISSING
    needs_review: Flag | MISSING = MISSING
    status: TemplateStatus | MISSING = MISSING


class ReportTemplateRead(ReadShape):
    """How a kind of report is made; `of_client_id` is null for the agency's."""

    id: UUID
    version: int
    of_client_id: UUID | None
    name: str
    audience: Audience
    kind: ReportKind
    period: PeriodKind
    sections: list[str] | None
    locales: list[str]
    texts: dict[str, Any]
    compare: Compare
    data_lag_days: int
    needs_review: bool
    status: TemplateStatus
    created_at: datetime
    updated_at: datetime


class ReportTemplateQuery(PageQuery):
    """Filters of the template list; archived ones only by name. A client's has the agency's too."""

    client_id: UUID | None = None
    audience: Audience | None = None
    status: TemplateStatus = TemplateStatus.active
