"""How a client's plans are kept, as it is read. Amounts: minor units, net of tax."""

from datetime import date
from uuid import UUID

from api.metrics.performance.shapes import Span
from api.metrics.readings.fact_shapes import Rate
from tenants.shapes import ReadShape


class CampaignPublishing(ReadShape):
    """A campaign's posts; of no campaign: what was sold outside of one."""

    campaign_id: UUID | None
    publish_reliability: Rate


class PublishingRead(ReadShape):
    """
    Of the posts due in a period that is over for them, how many were seen live by their day: ours
    by their proof, collaborations' by a look at them. `manual` where any is somebody's word.
    """

    client_id: UUID
    timezone: str
    period: Span
    publish_reliability: Rate
    campaigns: list[CampaignPublishing]


class CampaignPacing(ReadShape):
    """What the lines of a budget that name a campaign have gone through, of its days."""

    campaign_id: UUID
    gone_minor: int
    allocated_minor: int
    pacing: Rate


class BudgetPacing(ReadShape):
    """
    `pacing`: gone (spent, funded or not) ÷ (allocated x days begun ÷ days); 1 is on plan. Of the
    whole budget, and of each campaign that its lines name.
    """

    budget_id: UUID
    name: str
    currency: str
    period_start: date
    period_end: date
    days_total: int
    days_elapsed: int
    gone_minor: int
    allocated_minor: int
    pacing: Rate
    campaigns: list[CampaignPacing]


class PacingRead(ReadShape):
    """How fast a client's active budgets go on a day of its calendar."""

    client_id: UUID
    timezone: str
    on: date
    budgets: list[BudgetPacing]
