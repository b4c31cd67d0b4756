"""Wire shapes of pieces, and of what is handed in for them."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field as Constraint

from api.clients.networks import Network, Url
from api.collaborations.models import PieceStatus, Placement, SubmissionStatus
from api.collaborations.shapes import distinct
from tenants.pages import PageQuery
from tenants.shapes import Day, ReadShape, Shape, Text

Rounds = Annotated[int, Constraint(strict=True, ge=0, le=100)]


class PieceWrite(Shape):
    """One piece that is to be made."""

    network: Network
    placement: Placement
    description: Text
    due_on: Day
    revision_rounds: Rounds = 0


class PieceRead(ReadShape):
    """One piece that was agreed. `rounds_over`: rounds beyond those that the terms include."""

    id: UUID
    version: int
    collaboration_id: UUID
    number: int
    network: Network
    placement: Placement
    description: str
    due_on: date
    rounds_included: int
    rounds_used: int
    rounds_over: int
    status: PieceStatus
    live_at: datetime | None


class PiecesRead(ReadShape):
    """What was agreed to be made, in the order of the terms."""

    data: list[PieceRead]


class SubmissionCreate(Shape):
    """
    What is handed in for a piece: its text, with an address or files: the collaboration's own, or
    the client's.
    """

    deliverable_id: UUID
    caption: Text
    url: Url | None = None
    file_ids: Annotated[list[UUID], *distinct(20, 0)] = []


class SubmissionRead(ReadShape):
    """What was handed in. `approval_id`: the decision it waits for, or was given."""

    id: UUID
    version: int
    client_id: UUID
    collaboration_id: UUID
    deliverable_id: UUID
    influencer_id: UUID
    number: int
    caption: str
    url: str | None
    file_ids: list[UUID]
    status: SubmissionStatus
    approval_id: UUID | None
    decided_at: datetime | None
    created_at: datetime


class SubmissionQuery(PageQuery):
    """Filters of the submission list."""

    client_id: UUID | None = None
    collaboration_id: UUID | None = None
    deliverable_id: UUID | None = None
    influencer_id: UUID | None = None
    status: SubmissionStatus | None = None
