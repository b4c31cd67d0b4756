"""Wire shapes of the agency, and of signing up."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import MISSING, BeforeValidator, Field

from api.identity.log_in_shapes import NewPassword, TokensRead
from tenants.models import AgencyStatus
from tenants.money import LARGEST, CurrencyCode
from tenants.shapes import (
    Email,
    Flag,
    LocaleTag,
    Localized,
    Name,
    ReadShape,
    Shape,
    Slug,
    Words,
    Zone,
)

Colour = Annotated[str, Field(pattern="^#[0-9A-Fa-f]{6}$", examples=["#1F5673"])]
MinorUnits = Annotated[int, Field(ge=0, le=LARGEST)]
Percents = Annotated[
    list[Annotated[int, Field(ge=1, le=200)]],
    Field(
        min_length=1,
        max_length=10,
        description="Of what is allocated, at which the staff is told; 50, 80 and 100 unless set.",
    ),
]
WindowDays = Annotated[
    int,
    Field(
        ge=1,
        le=366,
        description="How far back what a payee was paid without a second person counts towards"
        " `payout_approval_threshold_minor`; 7 unless set.",
    ),
]


def whole_shape(kind: type[ReadShape]) -> Any:
    """Read a stored object whose absent members are null."""
    names = list(kind.model_fields)
    return BeforeValidator(lambda stored: {name: stored.get(name) for name in names})


class BrandingUpdate(Shape):
    """Two colours and a line, for reports and messages; null takes one away."""

    primary: Colour | None | MISSING = MISSING
    accent: Colour | None | MISSING = MISSING
    tagline: Words | None | MISSING = MISSING


class BrandingRead(ReadShape):
    """How the agency looks; null where it has not chosen."""

    primary: str | None
    accent: str | None
    tagline: Localized | None


class SettingsUpdate(Shape):
    """The agency's own rules; null takes one away."""

    expense_approval_threshold_minor: MinorUnits | None | MISSING = MISSING
    recorded_decision_limit_minor: MinorUnits | None | MISSING = MISSING
    four_eyes: Literal["required", "when_possible"] | None | MISSING = MISSING
    budget_alert_percents: Percents | None | MISSING = MISSING
    payout_approval_threshold_minor: MinorUnits | None | MISSING = MISSING
    payout_approval_window_days: WindowDays | None | MISSING = MISSING
    payout_minimum_minor: MinorUnits | None | MISSING = MISSING
    bank_data_four_eyes: Literal["required", "when_possible"] | None | MISSING = MISSING
    estimated_media_value: Flag | None | MISSING = MISSING


class SettingsRead(ReadShape):
    """The agency's own rules, amounts in its currency; null where it has not chosen."""

    expense_approval_threshold_minor: int | None
    recorded_decision_limit_minor: int | None
    four_eyes: Literal["required", "when_possible"] | None
    budget_alert_percents: list[int] | None
    payout_approval_threshold_minor: int | None
    payout_approval_window_days: int | None
    payout_minimum_minor: int | None
    bank_data_four_eyes: Literal["required", "when_possible"] | None
    estimated_media_value: bool | None


class OwnerCreate(Shape):
    """Who signs up: a new person, or one known from another agency with their password."""

    name: Name
    email: Email
    password: NewPassword


class AgencyCreate(Shape):
    """An agency and its first owner. Without a slug one is made from the name."""

    name: Name
    slug: Slug | None = None
    locale: LocaleTag
    timezone: Zone
    currency: CurrencyCode
    owner: OwnerCreate


class AgencyUpdate(Shape):
    """What of an agency may be changed; absent members stay as they are."""

    name: Name | MISSING = MISSING
    locale: LocaleTag | MISSING = MISSING
    timezone: Zone | MISSING = MISSING
    branding: BrandingUpdate | MISSING = MISSING
    settings: SettingsUpdate | MISSING = MISSING


class AgencyRead(ReadShape):
    """The agency."""

    id: UUID
    version: int
    name: str
    slug: str
    status: AgencyStatus
    locale: str
    timezone: str
    currency: str
    branding: Annotated[BrandingRead, whole_shape(BrandingRead)]
    settings: Annotated[SettingsRead, whole_shape(SettingsRead)]
    created_at: datetime
    updated_at: datetime


class AgencySignedUp(ReadShape):
    """A new agency, and its owner's first log-in."""

    agency: AgencyRead
    tokens: TokensRead
