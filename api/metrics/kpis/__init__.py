"""
Every formula there is: which ones (`catalogue.py`) and how they are worked out (`arithmetic.py`);
those of money, of the community, of posts, of single days, and estimates; and the digest of what
went into one.
"""

from api.metrics.kpis.arithmetic import (
    PLACES,
    Answer,
    Channels,
    Measured,
    answer,
    derive,
    quotient,
    total,
)
from api.metrics.kpis.catalogue import (
    CATALOGUE,
    MEASURED,
    RATES,
    Direction,
    Formula,
    KpiId,
    MeasuredUnit,
    Source,
    Unit,
)
from api.metrics.kpis.community import (
    first_response,
    net_sentiment,
    response_rate,
    share_of_voice,
    sla_attainment,
)
from api.metrics.kpis.digests import digest
from api.metrics.kpis.estimates import RateCard, emv, est_impressions
from api.metrics.kpis.money import pacing, revenue_roi, roi
from api.metrics.kpis.posts import er_avg, publish_reliability
from api.metrics.kpis.spikes import PAST, spike

__all__ = [
    "CATALOGUE",
    "MEASURED",
    "PAST",
    "PLACES",
    "RATES",
    "Answer",
    "Channels",
    "Direction",
    "Formula",
    "KpiId",
    "Measured",
    "MeasuredUnit",
    "RateCard",
    "Source",
    "Unit",
    "answer",
    "derive",
    "digest",
    "emv",
    "er_avg",
    "est_impressions",
    "first_response",
    "net_sentiment",
    "pacing",
    "publish_reliability",
    "quotient",
    "response_rate",
    "revenue_roi",
    "roi",
    "share_of_voice",
    "sla_attainment",
    "spike",
    "total",
]
