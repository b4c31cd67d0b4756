"""What a client's and its competitors' figures beside each other look like over the wire."""

from datetime import date, datetime
from uuid import UUID

from api.clients.networks import Network
from api.metrics.figures import MissingReason, Quality
from api.metrics.readings.fact_shapes import Amount, Rate
from tenants.shapes import ReadShape


class Growth(ReadShape):
    """Followers gained ÷ followers before the period, rounded half-even to 6 places."""

    value: int | float | None
    numerator: int | None
    denominator: int | None
    quality: Quality
    missing_reason: MissingReason | None


class Standing(ReadShape):
    """
    One account in the period: of a competitor, or without `competitor_id` a channel of the
    client's. What is not known of it has a reason, and is not zero.
    """

    id: UUID
    competitor_id: UUID | None
    name: str
    network: Network
    handle: str
    followers: Amount
    followers_net: Amount
    growth: Growth
    posts: Amount
    engagements: Amount
    views: Amount
    er_followers: Rate


class CompetitorFigures(ReadShape):
    """What is known of a competitor's accounts in a period of whole days."""

    competitor_id: UUID
    name: str
    client_id: UUID
    timezone: str
    as_of: datetime
    period_start: date
    period_end: date
    days: int
    accounts: list[Standing]


class NetworkComparison(ReadShape):
    """One network: the client's channels there, and its competitors' accounts."""

    network: Network
    own: list[Standing]
    competitors: list[Standing]


class CompetitorComparison(ReadShape):
    """A client beside its competitors, on the networks where those are, in whole days."""

    client_id: UUID
    timezone: str
    as_of: datetime
    period_start: date
    period_end: date
    days: int
    networks: list[NetworkComparison]
