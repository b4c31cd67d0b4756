"""Wire shapes of what the agency pays the platform, and of its account at Stripe."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import MISSING, AfterValidator, Field
from pydantic_core import PydanticCustomError

from billing.provider.stripe_models import AccountState
from billing.subscription.access import Access
from billing.subscription.catalog import Interval, PlanCode
from tenants.quotas import QuotaKind
from tenants.shapes import Localized, ReadShape, Shape


def _web_address(value: str) -> str:
    if not value.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise PydanticCustomError("insecure_url", "an https:// address")
    return value


ReturnUrl = Annotated[
    str,
    Field(
        min_length=8,
        max_length=1000,
        pattern=r"^https?://[A-Za-z0-9.:_-]+([/?#][\x21-\x7E]*)?$",
        examples=["https://app.example/billing"],
    ),
    AfterValidator(_web_address),
]
Seats = Annotated[int, Field(strict=True, ge=1, le=10_000)]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$", examples=["ES"])]


class BillingStatusRead(ReadShape):
    """Who collects money here. `setting`: what has to be set for Stripe to; null when it is."""

    provider: str
    configured: bool
    livemode: bool
    transfers: bool
    setting: str | None


class RoomRead(ReadShape):
    """How much of something a plan has room for; null is no end."""

    quota: QuotaKind
    allowed: int | None


class PlanRead(ReadShape):
    """A plan. `intervals`: how it can be paid; a plan that is not sold has none."""

    code: PlanCode
    name: Localized
    room: list[RoomRead]
    intervals: list[Interval]
    sells_seats: bool
    trial_days: int


class PlansRead(ReadShape):
    """Every plan there is."""

    data: list[PlanRead]


class QuotaRead(ReadShape):
    """How much of something the agency may have, and has; `allowed` null is no end."""

    quota: QuotaKind
    allowed: int | None
    used: int


class SubscriptionRead(ReadShape):
    """
    What the agency pays for. `status` is Stripe's own word, which may be one that is new; `access`
    is what follows: full, read_only (nothing is changed, all can be taken out) or locked.
    """

    plan: PlanCode
    status: str
    interval: Interval | None
    seats: int | None
    trial_ends_at: datetime | None
    current_period_end: datetime | None
    cancel_at: datetime | None
    access: Access
    access_reason: str
    access_since: datetime
    access_until: datetime | None
    quotas: list[QuotaRead]
    version: int


class SubscriptionUpdate(Shape):
    """Another plan, interval or number of seats; Stripe counts the difference."""

    plan: PlanCode | MISSING = MISSING
    interval: Interval | MISSING = MISSING
    seats: Seats | MISSING = MISSING


class CheckoutCreate(Shape):
    """What to buy, and where Stripe's page leads back to. Coming back grants nothing by itself."""

    plan: PlanCode
    interval: Interval
    seats: Seats | None = None
    success_url: ReturnUrl
    cancel_url: ReturnUrl


class PortalCreate(Shape):
    """Where Stripe's page leads back to."""

    return_url: ReturnUrl


class HostedPageRead(ReadShape):
    """A page of Stripe's to send the person to, soon and once."""

    id: UUID
    url: str


class ConnectCreate(Shape):
    """Where whose account it is lives, and where Stripe's pages lead back to, or begin again."""

    country: Country
    return_url: ReturnUrl
    refresh_url: ReturnUrl


class ConnectAccountRead(ReadShape):
    """An account at Stripe: the agency's, on which its clients pay it, or a payee's."""

    state: AccountState
    charges_enabled: bool
    payouts_enabled: bool
    details_submitted: bool
    currently_due: list[str]
    disabled_reason: str | None
    default_currency: str | None
    fetched_at: datetime | None


def shown_plan(plan: Any) -> PlanRead:
    return PlanRead(
        code=plan.code,
        name=dict(plan.name),
        room=[RoomRead(quota=kind, allowed=room) for kind, room in plan.room.items()],
        intervals=list(Interval) if plan.sold else [],
        sells_seats=plan.sold and plan.room[QuotaKind.seats] is not None,
        trial_days=plan.trial_days,
    )
