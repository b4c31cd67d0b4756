"""What objectives and competitors look like over the wire."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, AfterValidator, Field
from pydantic_core import PydanticCustomError

from api.clients.networks import Handle, Network, Url, key_of
from api.strategy.models import LAST, CompetitorStatus, Horizon, ObjectiveStatus
from tenants.pages import PageQuery
from tenants.shapes import Day, Localized, LongWords, Name, ReadShape, Shape, Text

Position = Annotated[
    int,
    Field(strict=True, ge=0, le=LAST, description="Its place among the client's, from 0."),
]


class ObjectiveCreate(Shape):
    """What a client wants by a day. Without `position` it comes last."""

    client_id: UUID
    horizon: Horizon
    statement: LongWords
    due_on: Day
    position: Position | None = None


class ObjectiveUpdate(Shape):
    """What of an open objective may be changed."""

    horizon: Horizon | MISSING = MISSING
    statement: LongWords | MISSING = MISSING
    due_on: Day | MISSING = MISSING
    position: Position | MISSING = MISSING


class ObjectiveDrop(Shape):
    """Why it is not pursued any more."""

    reason: Text


class ObjectiveRead(ReadShape):
    """What a client wants by a day; `position` is its place among the client's."""

    id: UUID
    version: int
    client_id: UUID
    horizon: Horizon
    statement: Localized
    due_on: date
    position: int
    status: ObjectiveStatus
    settled_at: datetime | None
    settled_reason: str | None
    created_at: datetime
    updated_at: datetime


class ObjectiveQuery(PageQuery):
    """Filters of objectives."""

    client_id: UUID | None = None
    status: ObjectiveStatus | None = None
    horizon: Horizon | None = None
    due_before: Annotated[Day | None, Field(description="Due before this day.")] = None
    due_after: Annotated[Day | None, Field(description="Due after this day.")] = None


class HandleWrite(Shape):
    """An account on a network. `handle`: without the leading @; a website's is its host."""

    network: Network
    handle: Handle


def _each_once(handles: Sequence[HandleWrite]) -> Sequence[HandleWrite]:
    if len({(each.network, key_of(each.handle)) for each in handles}) < len(handles):
        raise PydanticCustomError("named_twice", "an account is named twice")
    return handles


Handles = Annotated[list[HandleWrite], Field(max_length=50), AfterValidator(_each_once)]


class CompetitorCreate(Shape):
    """Whom a client competes with, and the accounts it has."""

    client_id: UUID
    name: Name
    url: Url | None = None
    handles: Handles = []
    note: Text | None = None


class CompetitorUpdate(Shape):
    """
    What of a competitor may be changed; archiving hides it and keeps its readings. `handles`
    replaces all of them.
    """

    name: Name | MISSING = MISSING
    url: Url | None | MISSING = MISSING
    handles: Handles | MISSING = MISSING
    note: Text | None | MISSING = MISSING
    status: CompetitorStatus | MISSING = MISSING


class HandleRead(ReadShape):
    """An account of a competitor; `id` names it where figures are of one account."""

    id: UUID
    network: Network
    handle: str


class CompetitorRead(ReadShape):
    """Whom a client competes with."""

    id: UUID
    version: int
    client_id: UUID
    name: str
    url: str | None
    handles: list[HandleRead]
    note: str | None
    status: CompetitorStatus
    created_at: datetime
    updated_at: datetime


class CompetitorQuery(PageQuery):
    """Filters of competitors."""

    client_id: UUID | None = None
    status: CompetitorStatus | None = None
