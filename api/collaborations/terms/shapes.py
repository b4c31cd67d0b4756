"""Wire shapes of terms, of answers to them, and of links. Amounts: minor units."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field as Constraint

from api.collaborations.money.shapes import FeeWrite, InstalmentWrite
from api.collaborations.rights.shapes import Category, ExclusivityWrite, RightWrite
from api.collaborations.terms.models import Answer
from api.collaborations.work.shapes import PieceWrite
from tenants.pages import PageQuery
from tenants.shapes import Day, Email, Flag, FormText, Name, ReadShape, Shape, Text

Sha256 = Annotated[str, Constraint(pattern="^[0-9a-f]{64}$", max_length=64)]
LiveDays = Annotated[int, Constraint(strict=True, ge=0, le=3650)]


class TermsOffer(Shape):
    """
    Terms to be answered until the end of `respond_on` (in two weeks, when no day is named).
    `starts_on` to `ends_on`: the days of the work, in the category `category`. Without
    `instalments` the fixed fee falls due with the live posts; the fee per post always does.
    """

    category: Category
    starts_on: Day
    ends_on: Day
    deliverables: Annotated[list[PieceWrite], Constraint(min_length=1, max_length=50)]
    fee: FeeWrite
    budget_line_id: UUID | None = None
    instalments: Annotated[list[InstalmentWrite], Constraint(max_length=12)] = []
    rights: Annotated[list[RightWrite], Constraint(max_length=50)] = []
    exclusivities: Annotated[list[ExclusivityWrite], Constraint(max_length=20)] = []
    min_live_days: LiveDays = 0
    disclosure: Flag = True
    conditions: Text | None = None
    respond_on: Day | None = None


class TermsRead(ReadShape):
    """
    One version of terms, exactly as the influencer is shown it: `content_sha256` is the hash of
    that. `answer`: what became of it; none while it waits, or when its time was over.
    """

    id: UUID
    number: int
    content: dict[str, Any]
    content_sha256: str
    fee_minor: int
    currency: str
    respond_by: datetime
    answer: Answer | None
    answered_at: datetime | None
    answered_by_name: str | None
    reason: str | None
    created_at: datetime


class TermsVersions(ReadShape):
    """Every version of terms that was offered, the newest first."""

    data: list[TermsRead]


class TermsAccept(Shape):
    """The hash of the terms that are accepted, as they were read."""

    content_sha256: Sha256


class CollaborationNegotiate(Shape):
    """What should be otherwise."""

    reason: Text | None = None


class CollaborationLinkCreate(Shape):
    """Who answers without an account. The address is good until the terms' own time is over."""

    name: Name
    email: Email


class CollaborationLinkRead(ReadShape):
    """An address at which terms are answered; the address itself is shown once."""

    id: UUID
    version: int
    client_id: UUID
    collaboration_id: UUID
    terms_id: UUID
    name: str
    email: str
    expires_at: datetime
    revoked_at: datetime | None
    created_at: datetime


class CollaborationLinkMade(CollaborationLinkRead):
    """A link and its address."""

    address: str


class CollaborationLinkQuery(PageQuery):
    """Filters of the link list."""

    client_id: UUID | None = None
    collaboration_id: UUID | None = None


class AnswerForm(Shape):
    """What the page of a link sends: an answer, and the hash of the terms that were shown."""

    answer: Literal["accepted", "declined"]
    reason: FormText = None
    content_sha256: Sha256
