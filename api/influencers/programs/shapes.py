"""What programs, candidates and their invitations look like over the wire."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, Field

from api.influencers.programs.models import CandidateStatus, JoinAnswer, ProgramKind, ProgramStatus
from tenants.pages import PageQuery
from tenants.shapes import (
    Day,
    Email,
    FormText,
    Line,
    LocaleTag,
    Localized,
    LongWords,
    Name,
    ReadShape,
    Shape,
    Text,
)

Activity = Annotated[
    int, Field(strict=True, ge=1, le=1_000, description="Pieces an ambassador makes each month.")
]


class ProgramCreate(Shape):
    """Whom a client wants to work with. The brief and the perks are shown to whom is invited."""

    client_id: UUID
    kind: ProgramKind
    name: Name
    campaign_id: UUID | None = None
    starts_on: Day | None = None
    ends_on: Day | None = None
    brief: LongWords | None = None
    perks: LongWords | None = None
    monthly_activity: Activity | None = None


class ProgramUpdate(Shape):
    """What of a program may be changed until it is closed."""

    name: Name | MISSING = MISSING
    campaign_id: UUID | None | MISSING = MISSING
    starts_on: Day | None | MISSING = MISSING
    ends_on: Day | None | MISSING = MISSING
    brief: LongWords | None | MISSING = MISSING
    perks: LongWords | None | MISSING = MISSING
    monthly_activity: Activity | None | MISSING = MISSING


class ProgramRead(ReadShape):
    """Whom a client wants to work with, and what they are offered."""

    id: UUID
    version: int
    client_id: UUID
    kind: ProgramKind
    name: str
    status: ProgramStatus
    campaign_id: UUID | None
    starts_on: date | None
    ends_on: date | None
    brief: Localized
    perks: Localized
    monthly_activity: int | None
    created_at: datetime
    updated_at: datetime


class ProgramQuery(PageQuery):
    """Filters of programs."""

    client_id: UUID | None = None
    campaign_id: UUID | None = None
    kind: ProgramKind | None = None
    status: ProgramStatus | None = None


class CandidateCreate(Shape):
    """Somebody of the roster, put on a program's shortlist."""

    program_id: UUID
    influencer_id: UUID
    next_action: Line | None = None
    next_action_on: Day | None = None
    owner_membership_id: UUID | None = None


class CandidateUpdate(Shape):
    """What is done next about a candidate, by whom and on which day of the client's."""

    next_action: Line | None | MISSING = MISSING
    next_action_on: Day | None | MISSING = MISSING
    owner_membership_id: UUID | None | MISSING = MISSING


class CandidateInvite(Shape):
    """An invitation by an address that needs no account; without `email`, to the roster's."""

    email: Email | None = None
    message: Text | None = None
    locale: Annotated[
        LocaleTag | None, Field(description="Of the page and the letter; else the client's.")
    ] = None
    days: Annotated[int, Field(strict=True, ge=1, le=60)] = 14


class CandidateMove(Shape):
    """Why, where that is known."""

    reason: Text | None = None


class CandidateDrop(Shape):
    """Why they are not wanted any more."""

    reason: Text


class CandidateRead(ReadShape):
    """Somebody of the roster in a program."""

    id: UUID
    version: int
    client_id: UUID
    program_id: UUID
    influencer_id: UUID
    status: CandidateStatus
    status_reason: str | None
    next_action: str | None
    next_action_on: date | None
    owner_membership_id: UUID | None
    created_at: datetime
    updated_at: datetime


class CandidateInvited(ReadShape):
    """An invitation with its address, which is never shown again."""

    id: UUID
    version: int
    candidate_id: UUID
    name: str
    email: str
    expires_at: datetime
    address: str


class CandidateQuery(PageQuery):
    """Filters of candidates; `due_before` is about what is to be done next."""

    client_id: UUID | None = None
    program_id: UUID | None = None
    influencer_id: UUID | None = None
    status: CandidateStatus | None = None
    due_before: Day | None = None


class JoinForm(Shape):
    """What the page of an invitation sends."""

    answer: JoinAnswer
    reason: FormText = None
