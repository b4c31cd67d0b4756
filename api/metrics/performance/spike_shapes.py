"""What stood out of a channel's days, as it is read."""

from datetime import date
from typing import Literal
from uuid import UUID

from api.clients.networks import Network
from api.metrics.readings.fact_shapes import Rate
from tenants.shapes import ReadShape


class SpikeFigure(Rate):
    """
    `value` is the largest k of 1.5, 2 and 3 for which the day is above mean + k x σ of the seven
    days before it; numerator ÷ denominator says how many times their mean it is. `inputs_digest` is
    made of `{"day": …, "past": [the seven]}`.
    """


class SpikeRead(ReadShape):
    """
    A metric of a channel whose newest day is more than three standard deviations above the mean of
    the seven days before it: `past`, the oldest first. Of days that are not all known nothing is
    said.
    """

    client_id: UUID
    client_name: str
    channel_id: UUID
    network: Network
    handle: str
    metric: Literal[
        "views",
        "likes",
        "comments",
        "shares",
        "clicks",
        "leads",
        "conversions",
        "spend_minor",
        "revenue_minor",
    ]
    date: date
    value: int
    past: list[int]
    currency: str | None
    spike: SpikeFigure
