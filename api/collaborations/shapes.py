"""Wire shapes of collaborations, and of how they end."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import MISSING, AfterValidator
from pydantic import Field as Constraint
from pydantic_core import PydanticCustomError

from api.collaborations.models import CollaborationStatus
from api.collaborations.money.shapes import Percent
from tenants.pages import PageQuery
from tenants.shapes import Day, Localized, LongWords, Name, ReadShape, Shape, Text

DueBefore = Annotated[Day | None, Constraint(description="Due before this day.")]
DueAfter = Annotated[Day | None, Constraint(description="Due after this day.")]


def _once(values: list[Any]) -> list[Any]:
    if len(set(values)) != len(values):
        raise PydanticCustomError("repeated", "the same one twice")
    return values


def distinct(most: int, least: int = 1) -> tuple[Any, ...]:
    """What is asked of a list of so many, none of them twice: to be put into an `Annotated`."""
    unique: Any = {"uniqueItems": True}
    return Constraint(min_length=least, max_length=most, json_schema_extra=unique), AfterValidator(
        _once
    )


class CollaborationCreate(Shape):
    """
    Somebody of the roster for a campaign. `program_id`: out of which program they come, if any.
    `due_on`: when to have decided, else its last day.
    """

    campaign_id: UUID
    influencer_id: UUID
    program_id: UUID | None = None
    title: Name
    brief: LongWords = {}
    due_on: Day | None = None


class CollaborationUpdate(Shape):
    """What may be changed until terms are offered."""

    title: Name | MISSING = MISSING
    brief: LongWords | MISSING = MISSING
    due_on: Day | MISSING = MISSING


class CollaborationRead(ReadShape):
    """
    One influencer on one campaign. Money, terms and reasons are read by themselves: the client may
    not. `due_on`: the day that is next.
    """

    id: UUID
    version: int
    client_id: UUID
    campaign_id: UUID
    influencer_id: UUID
    program_id: UUID | None
    influencer_name: str
    title: str
    brief: Localized
    status: CollaborationStatus
    due_on: date
    min_live_days: int
    invited_at: datetime | None
    contracted_at: datetime | None
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime


class CollaborationQuery(PageQuery):
    """Filters of the collaboration list; those that ended early only when `status` names them."""

    client_id: UUID | None = None
    campaign_id: UUID | None = None
    influencer_id: UUID | None = None
    program_id: UUID | None = None
    status: CollaborationStatus | None = None
    due_before: DueBefore = None
    due_after: DueAfter = None


class CollaborationReason(Shape):
    """Why."""

    reason: Text


class CollaborationBreach(Shape):
    """Which promise was broken, and how much of what was earned with it is asked back."""

    reason: Text
    deliverable_id: UUID | None = None
    percent: Percent = 100


class EndingRead(ReadShape):
    """How a collaboration ended before it was completed, and why."""

    id: UUID
    status: CollaborationStatus
    reason: str
    ended_by_name: str
    created_at: datetime
