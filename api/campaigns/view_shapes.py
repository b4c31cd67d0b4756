"""Wire shapes of the board and the calendar."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
)
from pydantic import Field as Constraint

from api.campaigns.deliverable_models import DeliverableStatus, WaitCause
from tenants.shapes import (
    Day,
    Localized,
    ReadShape,
)


class DeliverableCard(ReadShape):
    """
    A deliverable, as boards and calendars show it. `waits_for`: what it depends on and is not
    approved yet; `conflicts_with_dependency`: one of them is due after it is.
    """

    id: UUID
    version: int
    client_id: UUID
    campaign_id: UUID | None
    label: Localized
    units: int
    over_scope: bool
    status: DeliverableStatus
    assignee_id: UUID | None
    due_on: date
    blocked_cause: WaitCause | None
    rounds_over: int
    approval_id: UUID | None
    waits_for: list[UUID]
    conflicts_with_dependency: bool


class CardGroup(ReadShape):
    """
    One column of a board, or one day of a calendar. `key`: a status, an id, a date, or null for
    work that nobody has, or that belongs to no campaign.
    """

    key: str | None
    count: int
    cards: list[DeliverableCard]


class DeliverableBoard(ReadShape):
    """Deliverables in columns; `complete` is false when there were more than 1,000 cards."""

    group_by: Literal["status", "assignee", "client_id", "campaign_id"]
    complete: bool
    columns: list[CardGroup]


class BoardQuery(BaseModel):
    """What of the work a board shows, and in which columns."""

    model_config = ConfigDict(extra="ignore")

    group_by: Literal["status", "assignee", "client_id", "campaign_id"] = "status"
    client_id: UUID | None = None
    campaign_id: UUID | None = None
    assignee: UUID | Literal["me"] | None = None


class DeliverableCalendar(ReadShape):
    """Days on which something is due; `complete` is false when there were more than 1,000 cards."""

    start: Annotated[date, Constraint(alias="from")]
    end: Annotated[date, Constraint(alias="to")]
    complete: bool
    days: list[CardGroup]


class CalendarQuery(BaseModel):
    """Which days a calendar shows, 100 at most, and what of the work."""

    model_config = ConfigDict(extra="ignore")

    start: Annotated[Day, Constraint(alias="from")]
    end: Annotated[Day, Constraint(alias="to")]
    client_id: UUID | None = None
    campaign_id: UUID | None = None
    assignee: UUID | Literal["me"] | None = None
