"""What time, cost rates, the books and margins look like over the wire."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, Field

from api.costs.models import DAY_MINUTES, Activity
from tenants.money import CurrencyCode, MoneyRead
from tenants.pages import PageQuery
from tenants.shapes import Day, ReadShape, Shape, Text

Minutes = Annotated[int, Field(strict=True, ge=1, le=DAY_MINUTES)]
# Up to here a day of anybody's stays a whole number that JSON can hold, in any currency.
HourlyMinor = Annotated[int, Field(strict=True, ge=0, le=100_000_000_000)]


class TimeEntryCreate(Shape):
    """
    Time that was spent: by you, unless `membership_id` says otherwise, and on the client's today,
    unless `worked_on` does. Of a deliverable follow its line and campaign, of a line its campaign.
    """

    client_id: UUID
    minutes: Minutes
    activity: Activity
    worked_on: Day | None = None
    membership_id: UUID | None = None
    campaign_id: UUID | None = None
    scope_line_id: UUID | None = None
    deliverable_id: UUID | None = None
    note: Text | None = None


class TimeEntryUpdate(Shape):
    """What of an entry may be changed while its day is open. What was not named follows."""

    minutes: Minutes | MISSING = MISSING
    activity: Activity | MISSING = MISSING
    worked_on: Day | MISSING = MISSING
    campaign_id: UUID | None | MISSING = MISSING
    scope_line_id: UUID | None | MISSING = MISSING
    deliverable_id: UUID | None | MISSING = MISSING
    note: Text | None | MISSING = MISSING


class TimeEntryRead(ReadShape):
    """Time somebody spent. `scope_line_id` is the first version of the line it went into."""

    id: UUID
    version: int
    client_id: UUID
    membership_id: UUID
    worked_on: date
    minutes: int
    activity: Activity
    campaign_id: UUID | None
    scope_line_id: UUID | None
    deliverable_id: UUID | None
    note: str | None
    entered_by: UUID
    created_at: datetime
    updated_at: datetime


class TimeEntryQuery(PageQuery):
    """Filters of time entries. `scope_line_id` is any version of a line."""

    client_id: UUID | None = None
    membership_id: UUID | None = None
    campaign_id: UUID | None = None
    scope_line_id: UUID | None = None
    deliverable_id: UUID | None = None
    activity: Activity | None = None
    worked_before: Annotated[Day | None, Field(description="Worked before this day.")] = None
    worked_after: Annotated[Day | None, Field(description="Worked after this day.")] = None


class HourlyCost(Shape):
    """What an hour costs, in minor units of the agency's currency."""

    amount_minor: HourlyMinor
    currency: CurrencyCode


class CostRateCreate(Shape):
    """What an hour of a person's costs from a day on."""

    membership_id: UUID
    starts_on: Day
    hourly: HourlyCost


class CostRateUpdate(Shape):
    """The right amount. A rate of another day is another rate."""

    hourly: HourlyCost


class CostRateRead(ReadShape):
    """What an hour of a person's costs from a day on, until their next rate starts."""

    id: UUID
    version: int
    membership_id: UUID
    starts_on: date
    hourly: MoneyRead
    created_at: datetime
    updated_at: datetime


class CostRateQuery(PageQuery):
    """Whose rates."""

    membership_id: UUID | None = None


class BooksPut(Shape):
    """The last day that is closed; null: none is. Moving it back needs a reason."""

    closed_through: Day | None
    reason: Text | None = None


class BooksRead(ReadShape):
    """Through which day time and its cost are final; null: no day is closed."""

    version: int
    closed_through: date | None


class MarginQuality(StrEnum):
    """How far a margin can be trusted."""

    complete = "complete"
    partial = "partial"  # some time has no rate: its cost is missing, not zero
    mixed_currency = "mixed_currency"  # amounts in several currencies: there is no margin


class MarginFigures(ReadShape):
    """
    What was earned and what it cost, in minor units of `currency`. Revenue is recognised as
    delivered: units delivered or accrued within what was sold × the price of their line, and the
    contract's monthly fee by days in force. `margin_minor` = revenue − labour − direct cost;
    `margin_bp` is that in basis points of revenue, half-even. `pass_through_minor`, what was paid
    on the client's behalf, is in neither. `labour_cost_minor` is in `labour_currency`, and leaves
    out `minutes_without_rate`: the margin is then too high, and `quality` is `partial`.
    `effective_hourly_rate_minor` = (revenue − direct cost) ÷ hours. `over_serviced_minor`: what was
    given beyond what was sold, at its line's price.
    """

    currency: str
    revenue_minor: int
    labour_cost_minor: int
    labour_currency: str
    direct_cost_minor: int
    pass_through_minor: int
    margin_minor: int | None
    margin_bp: int | None
    minutes: int
    minutes_without_rate: int
    effective_hourly_rate_minor: int | None
    over_serviced_minor: int
    rounds_over: int
    quality: MarginQuality


class MarginRow(MarginFigures):
    """The figures of one group, of which the members that it is by are set; null: of none."""

    client_id: UUID | None
    campaign_id: UUID | None
    scope_line_id: UUID | None
    month: date | None


class MarginsRead(ReadShape):
    """Margins in a period of whole days; by client, the worst first."""

    period_start: date
    period_end: date
    rows: list[MarginRow]


class ClientMarginRead(ReadShape):
    """
    One client's margin in a period of whole days: in all, by campaign, by line (the first of its
    versions). Each of the three adds up to the same; there is a row for each currency.
    """

    client_id: UUID
    period_start: date
    period_end: date
    totals: list[MarginRow]
    campaigns: list[MarginRow]
    scope_lines: list[MarginRow]


class MarginGroup(StrEnum):
    """What margins are grouped by."""

    client = "client"
    campaign = "campaign"
    scope_line = "scope_line"
    month = "month"
