"""Wire shapes of what renews: its terms, its periods, and what is left of them."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field as Constraint
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from api.campaigns.lot_models import Renews, Rollover, UnitEntryKind
from api.campaigns.models import Measure
from tenants.money import CurrencyCode, MoneyRead
from tenants.pages import PageQuery
from tenants.shapes import Count, Localized, Positive, ReadShape, Shape


class OveragePrice(Shape):
    """The price of a unit beyond a period, in minor units of the scope's currency."""

    amount_minor: Annotated[int, Constraint(ge=1, le=10**9, strict=True)]
    currency: CurrencyCode


class Renewal(Shape):
    """
    How a line renews, from the day on which its scope starts. `rollover_cap`, for `capped`: units
    of earlier periods that may be free at once. `rollover_periods`, for `expiring`: how many
    periods units live beyond their own. `overage_price`: what a unit beyond a period is billed at;
    without it, and under `deficit_carry`, none is. `settle_after_days`: how many days after its end
    a period can still be counted.
    """

    renews: Renews
    rollover: Rollover
    rollover_cap: Annotated[Positive, Constraint(le=1_000_000)] | None = None
    rollover_periods: Annotated[Positive, Constraint(le=24)] | None = None
    overage_price: OveragePrice | None = None
    settle_after_days: Annotated[Count, Constraint(le=31)] = 5

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if (self.rollover is Rollover.capped) != (self.rollover_cap is not None):
            raise PydanticCustomError("cap_and_capped", "a cap for capped, and only for it")
        if (self.rollover is Rollover.expiring) != (self.rollover_periods is not None):
            raise PydanticCustomError("periods_and_expiring", "periods for expiring, and only then")
        if self.rollover is Rollover.deficit_carry and self.overage_price is not None:
            raise PydanticCustomError("paid_twice", "taken off the next period, or billed")
        return self


class RenewalRead(ReadShape):
    """
    How a line renews, from the day on which its scope starts; quantity and price are those of each
    period. What the members mean: `Renewal`.
    """

    renews: Renews
    rollover: Rollover
    rollover_cap: int | None
    rollover_periods: int | None
    overage_price: MoneyRead | None
    settle_after_days: int


class LedgerEntryRead(ReadShape):
    """
    What became of units of a lot: granted, done (`over_quantity` of them beyond what was sold),
    expired, or taken off for what was used beyond before. A lot's balance on a day is the sum, over
    its entries until then, of `quantity` granted and of `over_quantity - quantity` of all others.
    """

    id: UUID
    client_id: UUID
    lot_id: UUID
    kind: UnitEntryKind
    quantity: int
    over_quantity: int
    counted_on: date
    deliverable_id: UUID | None
    reverses: UUID | None
    part_of: UUID | None
    created_at: datetime


class LivingLotRead(ReadShape):
    """Units of one period that are left; `expires_on`: the last day on which they can be used."""

    lot_id: UUID
    period_start: date | None
    period_end: date | None
    remaining: int
    expires_on: date | None


class LineBalanceRead(ReadShape):
    """
    A line on a day, in units of the period it is in, or of all its time for what is sold once.

    `granted` in the period, and `carried` into it; `deducted` for what was used beyond before;
    `used`, `over` beyond all there was, and `expired` since it began; `expired_before`: what
    expired as it began. `carried + granted - deducted - used - expired` is what is left: `reserved`
    for work under way, and `remaining`. Of a past day it is not known what was reserved: it is null
    then, and `remaining` is all that was left. `next_expiry`: the last day of those that go first.
    """

    line_id: UUID
    scope_id: UUID
    scope_number: int
    campaign_id: UUID | None
    label: Localized
    kind: str
    measure: Measure
    renews: Renews | None
    rollover: Rollover | None
    period_start: date | None
    period_end: date | None
    granted: int
    carried: int
    deducted: int
    used: int
    over: int
    expired: int
    expired_before: int
    reserved: int | None
    remaining: int
    next_expiry: date | None
    lots: list[LivingLotRead]


class ClientBalanceRead(ReadShape):
    """What is left of every line in force for a client on a day of its own calendar."""

    client_id: UUID
    on: date
    lines: list[LineBalanceRead]


class RetainerRead(ReadShape):
    """A line that renews, in the period that runs; its members as in `LineBalanceRead`."""

    client_id: UUID
    line_id: UUID
    scope_id: UUID
    scope_number: int
    campaign_id: UUID | None
    label: Localized
    kind: str
    measure: Measure
    quantity: int
    unit_price: MoneyRead
    renewal: RenewalRead
    period_start: date
    period_end: date
    granted: int
    carried: int
    deducted: int
    used: int
    over: int
    expired: int
    expired_before: int
    reserved: int
    remaining: int
    next_expiry: date | None


class RetainerQuery(PageQuery):
    """Filters of the list of retainers."""

    client_id: UUID | None = None
    campaign_id: UUID | None = None
