"""What the roster looks like over the wire."""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Literal
from uuid import UUID

from babel import Locale
from pydantic import MISSING, AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from api.clients.networks import Handle, Network, Url, key_of
from api.influencers.models import (
    DocumentKind,
    EngagementBasis,
    InfluencerStatus,
    Placement,
)
from tenants import clock
from tenants.money import CurrencyCode, MoneyRead, MoneyWrite
from tenants.pages import PageQuery
from tenants.shapes import Day, Email, Line, Name, ReadShape, Shape, Text

MILLION = 1_000_000
_FIRST_PLACE = "Pacific/Kiritimati"  # where a day begins first: who measured where is not known
_WHOLE = 1.0005  # shares that were rounded may add up to a little more than all


@lru_cache(maxsize=1)
def _english() -> Locale:
    return Locale("en")


def known_country(code: str) -> str:
    """A country's code as it is, if there is one."""
    if code not in _english().territories:
        raise PydanticCustomError("unknown_country", "not an ISO 3166-1 country")
    return code


def _tongue(code: str) -> str:
    if code not in _english().languages:
        raise PydanticCustomError("unknown_language", "not an ISO 639-1 language")
    return code


def label_key(label: str) -> str:
    """What makes two spellings of a label the same one: neither case nor accents."""
    # Taken apart first: a letter of mathematics has no small one.
    small = unicodedata.normalize("NFKD", label).casefold()
    apart = unicodedata.normalize("NFKD", small)
    return " ".join("".join(each for each in apart if not unicodedata.combining(each)).split())


def _past(day: date) -> date:
    if day > clock.today(_FIRST_PLACE):
        raise PydanticCustomError("captured_in_the_future", "nothing was measured after today")
    return day


def _once_each(labels: list[str]) -> list[str]:
    if len({label_key(each) for each in labels}) < len(labels):
        raise PydanticCustomError("repeated", "a label that is there twice")
    return labels


Country = Annotated[
    str,
    Field(min_length=2, max_length=2, pattern="^[A-Z]{2}$", examples=["ES"]),
    AfterValidator(known_country),
    Field(json_schema_extra={"format": "iso-3166-1"}),
]
Tongue = Annotated[
    str,
    Field(min_length=2, max_length=2, pattern="^[a-z]{2}$", examples=["es"]),
    AfterValidator(_tongue),
    Field(json_schema_extra={"format": "iso-639-1"}),
]
Category = Annotated[
    str,
    Field(max_length=40, pattern="^[a-z0-9]+(?:-[a-z0-9]+)*$", examples=["beauty"]),
]
Tag = Annotated[
    str,
    Field(
        min_length=1,
        max_length=40,
        pattern="^[^\\s\\x00-\\x1f\\x7f-\\x9f:,;](?:[^\\x00-\\x1f\\x7f-\\x9f:,;]*[^\\s\\x00-\\x1f\\x7f-\\x9f:,;])?$",
        examples=["vip"],
    ),
]
Phone = Annotated[
    str, Field(min_length=5, max_length=40, pattern="^[+0-9][0-9 ().-]*$", examples=["+34 600 000"])
]
Measured = Annotated[Day, AfterValidator(_past)]
Fraction = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
Followers = Annotated[int, Field(strict=True, ge=0, le=2**40)]
Audience = Annotated[int, Field(ge=0, le=2**40)]  # in a query all is text
Tongues = Annotated[list[Tongue], Field(max_length=20), AfterValidator(_once_each)]
Categories = Annotated[list[Category], Field(max_length=20), AfterValidator(_once_each)]
Tags = Annotated[list[Tag], Field(max_length=30), AfterValidator(_once_each)]


def _within_whole(shares: dict[str, float]) -> dict[str, float]:
    if sum(shares.values()) > _WHOLE:
        raise PydanticCustomError("more_than_whole", "shares of more than everybody")
    return shares


AgeBand = Literal["13-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+"]
Gender = Literal["female", "male", "other"]


class AudienceSplit(Shape):
    """Who follows an account, as fractions of all who do; what is not known is left out."""

    countries: Annotated[
        dict[Country, Fraction], Field(max_length=60), AfterValidator(_within_whole)
    ] = {}
    ages: Annotated[
        dict[AgeBand, Fraction], Field(max_length=7), AfterValidator(_within_whole)
    ] = {}
    genders: Annotated[
        dict[Gender, Fraction], Field(max_length=3), AfterValidator(_within_whole)
    ] = {}


class Engagement(Shape):
    """An engagement rate: a fraction of what, and when it was measured."""

    rate: Annotated[Fraction, Field(description="Kept to six decimals.")]
    basis: EngagementBasis
    measured_on: Measured


class AccountWrite(Shape):
    """An account on a network, and what is known of its audience."""

    network: Network
    handle: Handle
    url: Url | None = None
    followers: Followers | None = None
    measured_on: Annotated[Measured | None, Field(description="When the audience was so.")] = None
    audience: AudienceSplit = AudienceSplit()
    engagement: Engagement | None = None


class RateWrite(Shape):
    """What one piece costs; each currency has a price of its own."""

    network: Network
    placement: Placement
    price: MoneyWrite


def _accounts_once(accounts: Sequence[AccountWrite]) -> Sequence[AccountWrite]:
    if len({(each.network, key_of(each.handle)) for each in accounts}) < len(accounts):
        raise PydanticCustomError("repeated", "an account that is there twice")
    return accounts


def _rates_once(rates: Sequence[RateWrite]) -> Sequence[RateWrite]:
    said = {(each.network, each.placement, each.price.currency) for each in rates}
    if len(said) < len(rates):
        raise PydanticCustomError("repeated", "a rate that is there twice")
    return rates


Accounts = Annotated[list[AccountWrite], Field(max_length=30), AfterValidator(_accounts_once)]
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


class AudienceRead(ReadShape):
    """Who follows an account, as fractions of all who do."""

    countries: dict[str, float]
    ages: dict[str, float]
    genders: dict[str, float]


class EngagementRead(ReadShape):
    """An engagement rate: a fraction of what, and when it was measured."""

    rate: float
    basis: EngagementBasis
    measured_on: date


class AccountRead(ReadShape):
    """An account on a network; its `id` stays while network and handle do."""

    id: UUID
    network: Network
    handle: str
    url: str | None
    followers: int | None
    measured_on: date | None
    audience: AudienceRead
    engagement: EngagementRead | None


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


class AccountCard(ReadShape):
    """An account in a list."""

    network: Network
    handle: str
    followers: int | None
    engagement_rate: float | None


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
