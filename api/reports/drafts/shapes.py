"""What a draft looks like over the wire: begun, worded, reviewed, published, listed."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import MISSING, AfterValidator
from pydantic import Field as Constraint
from pydantic_core import PydanticCustomError

from api.metrics.periods import Compare
from api.reports.delivery.models import DeliverRequest
from api.reports.drafts.narratives import CarriedPart, NarrativeUpdate
from api.reports.models import PeriodKind, ReportKind, ReportStatus
from api.reports.snapshot.snapshot import ReportNarrative, Section
from tenants.models import Audience
from tenants.pages import PageQuery
from tenants.shapes import Day, Flag, Language, LongWords, ReadShape, Shape, Text


def _each_once(sections: list[Section]) -> list[Section]:
    if len(set(sections)) != len(sections):
        raise PydanticCustomError("named_twice", "a section is named twice")
    return sections


NarrativeByLanguage = Annotated[dict[Language, ReportNarrative], Constraint(max_length=2)]
NarrativeChanges = Annotated[dict[Language, NarrativeUpdate], Constraint(max_length=2)]
Languages = Annotated[list[Language], Constraint(min_length=1, max_length=2)]
Layout = Annotated[
    list[Section],
    Constraint(min_length=1, max_length=30, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_each_once),
]
ChosenContent = Annotated[list[UUID], Constraint(max_length=40)]


class ReportCreate(Shape):
    """
    A report to write. `starts_on` is any day of the week, month or quarter it is about. What is not
    named comes from the template: the one named, or the client's own for this audience, kind and
    period, or the agency's. Without either a month stands against the month before, anything else
    against as many days.
    """

    client_id: UUID
    audience: Audience = Audience.client
    kind: ReportKind = ReportKind.periodic
    period: PeriodKind
    starts_on: Day
    ends_on: Day | None = None
    template_id: UUID | None = None
    compare: Compare | None = None
    locales: Languages | None = None
    due_on: Day | None = None
    reviewer_membership_id: UUID | None = None
    layout: Layout | None = None
    narrative: NarrativeByLanguage | None = None


class ReportUpdate(Shape):
    """
    What of a draft may be changed. Of the narrative only the parts that are sent. `layout`: the
    sections that are printed, in this order; null is the usual order. `chosen_content`: the
    published posts that are shown, in this order; null lets the figures choose. A `due_on` of null
    is five days after the period.
    """

    compare: Compare | MISSING = MISSING
    locales: Languages | MISSING = MISSING
    due_on: Day | None | MISSING = MISSING
    reviewer_membership_id: UUID | None | MISSING = MISSING
    layout: Layout | None | MISSING = MISSING
    chosen_content: ChosenContent | None | MISSING = MISSING
    narrative: NarrativeChanges | MISSING = MISSING


class ReportRead(ReadShape):
    """A draft: words by language, and the figures as of `figures_as_of`."""

    id: UUID
    version: int
    client_id: UUID
    audience: Audience
    kind: ReportKind
    period: PeriodKind
    starts_on: date
    ends_on: date
    compare: Compare
    locales: list[str]
    layout: list[str] | None
    chosen_content: list[str] | None
    status: ReportStatus
    due_on: date
    author_membership_id: UUID
    reviewer_membership_id: UUID | None
    template_id: UUID | None
    needs_review: bool
    data_lag_days: int
    approved_by_membership_id: UUID | None
    approved_at: datetime | None
    return_reason: str | None
    narrative: dict[str, Any]
    figures: dict[str, Any]
    figures_as_of: datetime
    last_version: int
    created_at: datetime
    updated_at: datetime


class ReportSummary(ReadShape):
    """A draft, as lists show it."""

    id: UUID
    version: int
    client_id: UUID
    audience: Audience
    kind: ReportKind
    period: PeriodKind
    starts_on: date
    ends_on: date
    status: ReportStatus
    due_on: date
    last_version: int
    updated_at: datetime


class ReportQuery(PageQuery):
    """Filters of the draft list."""

    client_id: UUID | None = None
    audience: Audience | None = None
    status: ReportStatus | None = None
    due_before: Day | None = None


class CarryOver(Shape):
    """Which words come along from the report before, and whether its layout does."""

    parts: Annotated[list[CarriedPart], Constraint(max_length=len(CarriedPart))] = [
        CarriedPart.next_steps
    ]
    layout: Flag = True


class ReturnRequest(Shape):
    """What is to be done before it can be approved."""

    reason: Text


class PublishRequest(Shape):
    """
    `reason`: why a new version replaces an older one; needed from the second version on.
    `accept_gaps`: why it is published although something is missing that would keep it back; the
    version prints it. `deliver`: to whom it is sent at once, as soon as its pages are made; without
    it nobody is written to.
    """

    reason: LongWords | None = None
    accept_gaps: LongWords | None = None
    deliver: DeliverRequest | None = None
