"""
Every formula by id and version, as data.

A changed formula is a new version of its id; what was published keeps the version it was made by.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class KpiId(StrEnum):
    """The figures an agency reports; rates name their denominator."""

    impressions = "impressions"
    reach = "reach"
    views = "views"
    engagements = "engagements"
    clicks = "clicks"
    posts = "posts"
    sessions = "sessions"
    search_sessions = "search_sessions"
    leads = "leads"
    conversions = "conversions"
    spend = "spend"
    revenue = "revenue"
    followers = "followers"
    followers_net = "followers_net"
    er_views = "er_views"
    er_reach = "er_reach"
    er_impressions = "er_impressions"
    er_followers = "er_followers"
    er_daily = "er_daily"
    er_avg = "er_avg"
    ctr = "ctr"
    cvr = "cvr"
    cpm = "cpm"
    cpc = "cpc"
    cpv = "cpv"
    cpe = "cpe"
    cpp = "cpp"
    cpl = "cpl"
    cpa = "cpa"
    roas = "roas"
    roi = "roi"
    revenue_roi = "revenue_roi"
    emv = "emv"
    est_impressions = "est_impressions"
    pacing = "pacing"
    publish_reliability = "publish_reliability"
    sov = "sov"
    net_sentiment = "net_sentiment"
    response_rate = "response_rate"
    sla_attainment = "sla_attainment"
    first_response_median = "first_response_median"
    first_response_p90 = "first_response_p90"
    spike = "spike"


# `ratio_money` is minor units ÷ count, times the formula's `per`.
MeasuredUnit = Literal["count", "signed_count", "money", "ratio", "ratio_money"]
# `deviations` counts standard deviations.
Unit = Literal[MeasuredUnit, "seconds", "deviations"]
RATES: tuple[Unit, ...] = ("ratio", "ratio_money")


class Direction(StrEnum):
    """Which way is better."""

    up = "up"
    down = "down"


class Source(StrEnum):
    """
    Where a formula's inputs come from: `readings` of channels, those and the `ledger`, a `budget`,
    `posts` one by one, `conversations`, a `rate_card` that somebody gives, single `days`.
    """

    readings = "readings"
    ledger = "ledger"
    budget = "budget"
    posts = "posts"
    conversations = "conversations"
    rate_card = "rate_card"
    days = "days"


@dataclass(frozen=True)
class Formula:
    """`numerator`, or `numerator` x `per` / `denominator`."""

    unit: Unit
    numerator: str
    denominator: str | None = None
    per: int = 1
    direction: Direction = Direction.up
    source: Source = Source.readings
    version: int = 1


def _rate(numerator: str, denominator: str, source: Source = Source.readings) -> Formula:
    return Formula("ratio", numerator, denominator, source=source)


def _cost(denominator: str, per: int = 1) -> Formula:
    return Formula("ratio_money", "spend_minor", denominator, per, Direction.down)


def _count(metric: str) -> Formula:
    return Formula("count", metric)


def _wait(seconds: str) -> Formula:
    return Formula("seconds", seconds, direction=Direction.down, source=Source.conversations)


CATALOGUE: dict[KpiId, Formula] = {
    KpiId.impressions: _count("impressions"),
    KpiId.reach: _count("reach"),
    KpiId.views: _count("views"),
    KpiId.engagements: _count("engagements"),
    KpiId.clicks: _count("clicks"),
    KpiId.posts: _count("posts"),
    KpiId.sessions: _count("sessions"),
    KpiId.search_sessions: _count("search_sessions"),
    KpiId.leads: _count("leads"),
    KpiId.conversions: _count("conversions"),
    KpiId.spend: Formula("money", "spend_minor"),
    KpiId.revenue: Formula("money", "revenue_minor"),
    KpiId.followers: _count("followers"),
    KpiId.followers_net: Formula("signed_count", "followers_net"),
    KpiId.er_views: _rate("engagements", "views"),
    KpiId.er_reach: _rate("engagements", "reach"),
    KpiId.er_impressions: _rate("engagements", "impressions"),
    KpiId.er_followers: _rate("engagements", "followers"),
    # Of a day, engagements ÷ followers; of more, over as many follower-days.
    KpiId.er_daily: _rate("engagements", "follower_days"),
    KpiId.er_avg: _rate("post_rates", "posts", Source.posts),
    KpiId.ctr: _rate("clicks", "impressions"),
    KpiId.cvr: _rate("conversions", "clicks"),
    KpiId.cpm: _cost("impressions", per=1000),
    KpiId.cpc: _cost("clicks"),
    KpiId.cpv: _cost("views"),
    KpiId.cpe: _cost("engagements"),
    KpiId.cpp: _cost("posts"),
    KpiId.cpl: _cost("leads"),
    KpiId.cpa: _cost("conversions"),
    KpiId.roas: _rate("revenue_minor", "spend_minor"),
    KpiId.roi: _rate("gain_minor", "total_cost_minor", Source.ledger),
    KpiId.revenue_roi: _rate("revenue_minor", "total_cost_minor", Source.ledger),
    KpiId.emv: Formula("money", "valued_minor", source=Source.rate_card),
    KpiId.est_impressions: Formula("count", "estimated_impressions", source=Source.rate_card),
    KpiId.pacing: Formula(
        "ratio", "spent_days", "budget_days", direction=Direction.down, source=Source.budget
    ),
    KpiId.publish_reliability: _rate("verified_on_time", "planned", Source.posts),
    KpiId.sov: _rate("own_mentions", "mentions", Source.conversations),
    KpiId.net_sentiment: _rate("net_positive", "rated", Source.conversations),
    KpiId.response_rate: _rate("answered", "needing_answer", Source.conversations),
    KpiId.sla_attainment: _rate("hit", "due", Source.conversations),
    KpiId.first_response_median: _wait("median_seconds"),
    KpiId.first_response_p90: _wait("p90_seconds"),
    KpiId.spike: Formula("deviations", "seven_times_day", "seven_days_before", source=Source.days),
}

# What a client's channels (and its ledger) answer; the others are answered where their inputs are.
MEASURED = tuple(
    kpi for kpi, each in CATALOGUE.items() if each.source in (Source.readings, Source.ledger)
)
