"""Wire shapes of the feed."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from tenants.pages import PageQuery
from tenants.shapes import ReadShape


class EventRead(ReadShape):
    """
    Something that happened to one thing. `position` counts up by one for each event of the agency;
    `changed` is a merge patch (RFC 7396) of what was set, without anything personal or secret.
    """

    position: int
    id: UUID
    type: str
    created_at: datetime
    client_id: UUID | None
    subject_type: str
    subject_id: UUID
    subject_version: int
    actor_kind: str
    actor_id: UUID | None
    actor_label: str
    audience: str
    changed: dict[str, Any]
    request_id: str | None


class EventQuery(PageQuery):
    """Where to go on from, and what to leave out."""

    after: Annotated[
        int, Field(ge=0, le=2**53 - 1, description="The last position you have seen.")
    ] = 0
    client_id: UUID | None = None
    subject_id: UUID | None = None
    type: Annotated[str | None, Field(max_length=80, pattern="^[a-z_.]+$")] = None
