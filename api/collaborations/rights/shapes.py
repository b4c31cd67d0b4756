"""Wire shapes of windows, rights and their uses, and of exclusivity."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator
from pydantic import Field as Constraint

from api.clients.networks import Url
from api.collaborations.rights.models import WORLD, Medium, Use
from api.collaborations.shapes import distinct
from api.influencers.labels import known_country
from tenants.pages import PageQuery
from tenants.shapes import Day, Instant, Line, Name, ReadShape, Shape

Category = Annotated[
    str,
    Constraint(
        min_length=2, max_length=60, pattern="^[a-z0-9]+(?:[-_][a-z0-9]+)*$", examples=["beverages"]
    ),
]


def _place(code: str) -> str:
    return code if code == WORLD else known_country(code)


Territory = Annotated[
    str,
    Constraint(
        min_length=2,
        max_length=5,
        pattern=f"^(?:[A-Z]{{2}}|{WORLD})$",
        description="A country (ISO 3166), or `world`.",
        examples=["ES"],
    ),
    AfterValidator(_place),
]
Place = Annotated[int, Constraint(strict=True, ge=1, le=50)]


class WindowWrite(Shape):
    """A window: from one day to another, both whole, or from an instant until another."""

    starts_on: Day | None = None
    ends_on: Day | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None


class RightWrite(WindowWrite):
    """
    What may be used, where and how. `deliverable`: the place of the piece among the deliverables;
    none: all of them.
    """

    asset: Line
    deliverable: Place | None = None
    media: Annotated[list[Medium], *distinct(len(Medium))]
    territories: Annotated[list[Territory], *distinct(60)]
    uses: Annotated[list[Use], *distinct(len(Use))]


class ExclusivityWrite(WindowWrite):
    """For whom the influencer does not work meanwhile: others in a category, and these brands."""

    category: Category
    competitors: Annotated[list[Name], *distinct(50, 0)] = []


class ExclusivityRead(ReadShape):
    """For whom the influencer does not work, from the first instant until before the last."""

    id: UUID
    category: str
    competitors: list[str]
    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None


class ExclusivitiesRead(ReadShape):
    """For whom else the influencer does not work."""

    data: list[ExclusivityRead]


class UsageRightRead(ReadShape):
    """
    What may be used, where and how, from the first instant on and until before the last.
    `deliverable_id`: of one piece; none: of all. `ended_at`: taken back before its time.
    """

    id: UUID
    version: int
    client_id: UUID
    collaboration_id: UUID
    deliverable_id: UUID | None
    influencer_id: UUID
    asset: str
    media: list[Medium]
    territories: list[str]
    uses: list[Use]
    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None


class UsageRightQuery(PageQuery):
    """Filters of the list of rights."""

    client_id: UUID | None = None
    collaboration_id: UUID | None = None
    influencer_id: UUID | None = None
    ends_before: Annotated[Instant | None, Constraint(description="Over before this.")] = None
    ends_after: Annotated[Instant | None, Constraint(description="Not over at this.")] = None


class AssetUseCreate(WindowWrite):
    """Where and when an asset is used, and whether money is put behind it."""

    medium: Medium
    territory: Territory
    use: Use
    url: Url | None = None


class AssetUseRead(ReadShape):
    """A use that its right covers."""

    id: UUID
    usage_right_id: UUID
    medium: Medium
    territory: str
    use: Use
    starts_at: datetime
    ends_at: datetime
    url: str | None
    recorded_by: UUID | None
    created_at: datetime


class AssetUsesRead(ReadShape):
    """What was done under a right, the newest first: the last 200."""

    data: list[AssetUseRead]
