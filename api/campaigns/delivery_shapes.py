"""What plans of whole scopes, and what waits for what, look like over the wire."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field as Constraint
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from api.campaigns.models import DeliverableStatus
from api.campaigns.shapes import MOST_LINES, Others
from tenants.shapes import Count, Day, Localized, Positive, ReadShape, Shape


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

    preview: bool = False
    lines: Annotated[list[LineChoice], Constraint(max_length=MOST_LINES)] = []

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({each.line_id for each in self.lines}) != len(self.lines):
            raise PydanticCustomError("repeated", "the same line twice")
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
