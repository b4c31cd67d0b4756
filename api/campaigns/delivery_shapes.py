"""What plans of whole scopes, dependencies and on-time rates look like over the wire."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field as Constraint
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from api.campaigns.deliverable_models import DeliverableStatus, WaitCause
from api.campaigns.deliverable_shapes import Others
from api.campaigns.scope_shapes import MOST_LINES
from tenants.shapes import Count, Day, Flag, Localized, Positive, ReadShape, Shape


class LineChoice(Shape):
    """
    What is said of one line; what is not said follows from the line. `count` of none leaves it out;
    `every_days` goes on from `first_due_on` (7: week by week), and without it all are due then.
    """

    line_id: UUID
    count: Annotated[Count, Constraint(le=1_000_000)] | None = None
    assignee_id: UUID | None = None
    first_due_on: Day | None = None
    every_days: Annotated[Positive, Constraint(le=366)] | None = None

    @model_validator(mode="after")
    def _goes_on_from_a_day(self) -> Self:
        if self.every_days is not None and self.first_due_on is None:
            raise PydanticCustomError("first_day_missing", "every so many days, from which day on")
        return self


class ScopePlanCreate(Shape):
    """
    What is said of single lines, each once; the others are planned whole. `preview`: say what would
    be made, and make nothing.
    """

    preview: Flag = False
    lines: Annotated[list[LineChoice], Constraint(max_length=MOST_LINES)] = []

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({each.line_id for each in self.lines}) != len(self.lines):
            raise PydanticCustomError("named_twice", "the same line twice")
        return self


class PlannedRead(ReadShape):
    """One deliverable of a plan; `id` is null in a preview."""

    id: UUID | None
    label: Localized
    due_on: date


class LinePlanRead(ReadShape):
    """What a plan makes of a line, of which `free` units were left."""

    line_id: UUID
    label: Localized
    free: int
    assignee_id: UUID | None
    deliverables: list[PlannedRead]


class ScopePlanRead(ReadShape):
    """What a plan makes of a scope: `planned` in all, line by line."""

    scope_id: UUID
    planned: int
    lines: list[LinePlanRead]


class DependenciesSet(Shape):
    """What must be approved before the deliverable is begun: all of it."""

    depends_on: Others


class DependencyRead(ReadShape):
    """
    A deliverable at the other end of a dependency. `holds`: who waits still waits;
    `conflicts_with_dependency`: who waits is due before what it waits for.
    """

    id: UUID
    label: Localized
    status: DeliverableStatus
    due_on: date
    holds: bool
    conflicts_with_dependency: bool


class DependenciesRead(ReadShape):
    """What a deliverable depends on and what needs it, the earliest due first."""

    depends_on: list[DependencyRead]
    needed_by: list[DependencyRead]


class RateRead(ReadShape):
    """numerator ÷ denominator, rounded half-even to 6 places; null when there is no denominator."""

    value: float | None
    numerator: int
    denominator: int
    missing_reason: Literal["no_denominator"] | None


class CauseCountRead(ReadShape):
    """How many, by whose cause."""

    cause: WaitCause
    count: int


class PunctualityRead(ReadShape):
    """
    Deliverables that were out in the period. `on_time_as_promised`: by their first due day;
    `on_time_as_agreed`: by the one they had in the end; `late`: after their first. `overdue` are
    due in the period, past their day and not delivered yet. Causes are told to the agency's people.
    """

    delivered: int
    on_time_as_promised: RateRead
    on_time_as_agreed: RateRead
    late: int
    late_by_cause: list[CauseCountRead] | None
    overdue: int
    overdue_by_cause: list[CauseCountRead] | None


class CampaignPunctualityRead(ReadShape):
    """A campaign's; of no campaign: what was sold outside of one."""

    campaign_id: UUID | None
    punctuality: PunctualityRead


class ClientPunctualityRead(ReadShape):
    """How punctual deliveries were, in all and campaign by campaign."""

    client_id: UUID
    period_start: date
    period_end: date
    total: PunctualityRead
    campaigns: list[CampaignPunctualityRead]
