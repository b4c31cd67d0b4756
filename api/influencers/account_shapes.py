"""Accounts on networks and their audience, as they look over the wire."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from api.clients.networks import Handle, Network, Url, key_of
from api.influencers.labels import Country
from api.influencers.models import EngagementBasis
from tenants import clock
from tenants.shapes import Day, ReadShape, Shape

MILLION = 1_000_000
_FIRST_PLACE = "Pacific/Kiritimati"  # where a day begins first: who measured where is not known
_WHOLE = 1.0005  # shares that were rounded may add up to a little more than all
Fraction = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
Followers = Annotated[int, Field(strict=True, ge=0, le=2**40)]


def _past(day: date) -> date:
    if day > clock.today(_FIRST_PLACE):
        raise PydanticCustomError("captured_in_the_future", "nothing was measured after today")
    return day


Measured = Annotated[Day, AfterValidator(_past)]


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


def _accounts_once(accounts: Sequence[AccountWrite]) -> Sequence[AccountWrite]:
    if len({(each.network, key_of(each.handle)) for each in accounts}) < len(accounts):
        raise PydanticCustomError("repeated", "an account that is there twice")
    return accounts


Accounts = Annotated[list[AccountWrite], Field(max_length=30), AfterValidator(_accounts_once)]


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


class AccountCard(ReadShape):
    """An account in a list."""

    network: Network
    handle: str
    followers: int | None
    engagement_rate: float | None
