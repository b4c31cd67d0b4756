"""What the roster looks like over the wire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from api.clients.networks import Network
from api.influencers.account_shapes import AccountCard, AccountRead, Accounts
from api.influencers.labels import Categories, Category, Country, Tag, Tags, Tongue, Tongues
from api.influencers.models import DocumentKind, InfluencerStatus, Placement
from tenants.money import CurrencyCode, MoneyRead, MoneyWrite
from tenants.pages import PageQuery
from tenants.shapes import Email, Line, Name, ReadShape, Shape, Text

Phone = Annotated[
    str, Field(min_length=5, max_length=40, pattern="^[+0-9][0-9 ().-]*$", examples=["+34 600 000"])
]
Audience = Annotated[int, Field(ge=0, le=2**40)]  # in a query all is text


class RateWrite(Shape):
    """What one piece costs; each currency has a price of its own."""

    network: Network
    placement: Placement
    price: MoneyWrite


def _rates_once(rates: Sequence[RateWrite]) -> Sequence[RateWrite]:
    said = {(each.network, each.placement, each.price.currency) for each in rates}
    if len(said) < len(rates):
        raise PydanticCustomError("repeated", "a rate that is there twice")
    return rates


Rates = Annotated[list[RateWrite], Field(max_length=100), AfterValidator(_rates_once)]


class InfluencerCreate(Shape):
    """Somebody for the roster. `tags` and `notes` are the agency's own: they never see them."""

    name: Name
    email: Email | None = None
    phone: Phone | None = None
    country: Country | None = None
    city: Name | None = None
    languages: Tongues = []
    categories: Categories = []
    bio: Text | None = None
    accounts: Accounts = []
    rates: Rates = []
    tags: Tags = []
    notes: Text | None = None


class InfluencerUpdate(Shape):
    """
    What of somebody on the roster may be changed. A list replaces all of it; archiving hides them
    and keeps what they did.
    """

    name: Name | MISSING = MISSING
    email: Email | None | MISSING = MISSING
    phone: Phone | None | MISSING = MISSING
    country: Country | None | MISSING = MISSING
    city: Name | None | MISSING = MISSING
    languages: Tongues | MISSING = MISSING
    categories: Categories | MISSING = MISSING
    bio: Text | None | MISSING = MISSING
    accounts: Accounts | MISSING = MISSING
    rates: Rates | MISSING = MISSING
    tags: Tags | MISSING = MISSING
    notes: Text | None | MISSING = MISSING
    status: InfluencerStatus | MISSING = MISSING


class OwnProfileUpdate(Shape):
    """What of their own an influencer may change. A list replaces all of it."""

    name: Name | MISSING = MISSING
    phone: Phone | None | MISSING = MISSING
    country: Country | None | MISSING = MISSING
    city: Name | None | MISSING = MISSING
    languages: Tongues | MISSING = MISSING
    categories: Categories | MISSING = MISSING
    bio: Text | None | MISSING = MISSING
    accounts: Accounts | MISSING = MISSING
    rates: Rates | MISSING = MISSING


class RateRead(ReadShape):
    """What one piece costs."""

    network: Network
    placement: Placement
    price: MoneyRead


class InfluencerRead(ReadShape):
    """
    Somebody on the roster. `audience_size` adds up their accounts' followers; `engagement_rate` is
    that of their largest account that has one. `membership_id`: with which they log in.
    """

    id: UUID
    version: int
    name: str
    status: InfluencerStatus
    email: str | None
    phone: str | None
    country: str | None
    city: str | None
    languages: list[str]
    categories: list[str]
    bio: str | None
    audience_size: int
    engagement_rate: float | None
    accounts: list[AccountRead]
    rates: list[RateRead]
    tags: list[str]
    notes: str | None
    membership_id: UUID | None
    created_at: datetime
    updated_at: datetime


class OwnProfile(ReadShape):
    """What an influencer sees of themselves: all but the agency's own notes."""

    id: UUID
    version: int
    name: str
    status: InfluencerStatus
    email: str | None
    phone: str | None
    country: str | None
    city: str | None
    languages: list[str]
    categories: list[str]
    bio: str | None
    audience_size: int
    engagement_rate: float | None
    accounts: list[AccountRead]
    rates: list[RateRead]
    updated_at: datetime


class InfluencerCard(ReadShape):
    """Somebody on the roster, in a list; their own address tells the rest."""

    id: UUID
    version: int
    name: str
    status: InfluencerStatus
    country: str | None
    languages: list[str]
    categories: list[str]
    tags: list[str]
    audience_size: int
    engagement_rate: float | None
    accounts: list[AccountCard]


class InfluencerFilter(BaseModel):
    """Which of the roster. With `network`, audience and engagement are of the account on it."""

    q: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=100,
            pattern=r"^[^\x00]*$",
            description="Words that begin words of a name or a handle; all of them.",
        ),
    ] = None
    network: Network | None = None
    category: Category | None = None
    language: Tongue | None = None
    country: Country | None = None
    tag: Tag | None = None
    status: InfluencerStatus | None = None
    audience_min: Audience | None = None
    audience_max: Audience | None = None
    engagement_min: Annotated[float | None, Field(ge=0, le=1, allow_inf_nan=False)] = None
    placement: Annotated[Placement | None, Field(description="Who has a rate for it.")] = None
    rate_currency: CurrencyCode | None = None
    rate_max_minor: Annotated[
        int | None, Field(ge=1, le=2**53 - 1, description="Needs `rate_currency`.")
    ] = None


class InfluencerQuery(InfluencerFilter, PageQuery):
    """
    Filters of the roster. With `q` it comes in the order of the words found; else the newest first,
    or the largest audience.
    """

    sort: Literal["newest", "audience"] = "newest"


class DocumentCreate(Shape):
    """A client's file, kept with an influencer."""

    file_id: UUID
    client_id: UUID
    kind: DocumentKind
    note: Line | None = None


class DocumentQuery(PageQuery):
    """Filters of an influencer's documents."""


class DocumentRead(ReadShape):
    """A file kept with an influencer, for whoever sees the client whose it is."""

    id: UUID
    client_id: UUID
    influencer_id: UUID
    file_id: UUID
    kind: DocumentKind
    note: str | None
    created_at: datetime


class LogInInvite(Shape):
    """Where to invite them to log in; without `email`, at the roster's address."""

    email: Email | None = None
    days: Annotated[int, Field(strict=True, ge=1, le=7)] = 7


class RowFault(ReadShape):
    """What is wrong with a row of a table, counted as spreadsheets do: the header is row 1."""

    row: int
    column: str | None
    code: str
    detail: str


class RosterImported(ReadShape):
    """What came of a table: its rows, the people they are, and how many were stored."""

    rows: int
    people: int
    stored: int
    faults: list[RowFault]


class ImportQuery(BaseModel):
    """How a table is taken."""

    dry_run: Annotated[bool, Field(description="Only say what would come of it.")] = False
