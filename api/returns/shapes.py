"""Wire shapes of what a collaboration brought and cost."""

from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from api.metrics.figures import MissingReason, Quality
from api.proof.models import ToldMetric
from api.proof.shapes import ResultRead
from tenants.shapes import ReadShape


class ReturnId(StrEnum):
    """
    What is worked out: the cost per person reached, view, engagement and conversion; `roi` is
    (revenue − cost) ÷ cost, `revenue_roi` revenue ÷ cost; `emv` is estimated by a rate card.
    """

    cost_per_reach = "cost_per_reach"
    cpv = "cpv"
    cpe = "cpe"
    cpa = "cpa"
    roi = "roi"
    revenue_roi = "revenue_roi"
    emv = "emv"


class WholeFigure(ReadShape):
    """
    A figure of the whole collaboration. `source` is who told it, `tracking` where it was counted
    here, `deliverables` where it is the sum of theirs; `file_ids`: what they show it by.
    """

    metric: ToldMetric
    value: int | None
    currency: str | None
    quality: Quality
    reason: MissingReason | None
    complete: bool
    source: str
    captured_at: datetime | None
    file_ids: list[UUID]


class SalesRead(ReadShape):
    """What tracking links and promo codes brought; commission and net revenue are after refunds."""

    currency: str
    links: int
    promo_codes: int
    clicks: int
    conversions: int
    refunded: int
    revenue_minor: int
    refunded_minor: int
    net_revenue_minor: int
    commission_minor: int


class CostRead(ReadShape):
    """What it costs: the fees agreed, less what was asked back, commission, and the product."""

    currency: str
    fee_minor: int
    commission_minor: int
    product_minor: int
    total_minor: int


class ReturnRead(ReadShape):
    """A value and what it was worked out of. Nothing to divide by gives null and the reason."""

    id: ReturnId
    value: float | None
    numerator: int | None
    denominator: int | None
    unit: Literal["ratio", "ratio_money", "money"]
    currency: str | None
    quality: Quality
    missing_reason: MissingReason | None
    rate_card: str | None


class CollaborationResultsRead(ReadShape):
    """
    What a collaboration brought. `cost` and `returns` are for the agency's staff alone; `returns`
    holds `emv` only where the agency has switched that on.
    """

    collaboration_id: UUID
    client_id: UUID
    figures: list[WholeFigure]
    deliverables: list[ResultRead]
    sales: SalesRead
    cost: CostRead | None
    returns: list[ReturnRead] | None
