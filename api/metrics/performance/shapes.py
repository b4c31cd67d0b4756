"""The wire shapes of performance: every figure with its quality, or why there is none."""

from datetime import date, datetime
from uuid import UUID

from api.clients.networks import Network
from api.metrics.figures import FigureBasis, MissingReason, Quality
from api.metrics.kpis import Direction, KpiId, MeasuredUnit
from api.metrics.models import ChannelStatus
from api.metrics.periods import Comparison
from api.metrics.targets.progress import TargetState
from api.metrics.targets.shapes import StateCounts
from tenants.shapes import ReadShape


class Span(ReadShape):
    """Calendar days of the client, both ends included."""

    start: date
    end: date
    days: int


class PastSpan(Span):
    """
    The period compared with; `same_length` is false where 31 days stand against 30, and `says` it
    in words. Then `per_day` of each figure that adds up is what may be compared.
    """

    kind: Comparison
    same_length: bool
    says: str


class PerDay(ReadShape):
    """The mean of a day now and before, where the periods are of two lengths; of whole sums."""

    value: float | None
    previous: float | None


class Figure(ReadShape):
    """
    A metric's total; null with a reason, never 0, where nothing is known. What is not `complete`
    lacks days: so `previous_complete` of what it is compared with, null where that is.
    """

    value: int | None
    currency: str | None
    quality: Quality
    basis: FigureBasis | None
    missing_reason: MissingReason | None
    complete: bool
    previous: int | None
    previous_complete: bool | None
    per_day: PerDay | None


class Figures(ReadShape):
    """The total of each metric; money in minor units of its own `currency`."""

    impressions: Figure
    reach: Figure
    views: Figure
    likes: Figure
    comments: Figure
    shares: Figure
    saves: Figure
    clicks: Figure
    posts: Figure
    sessions: Figure
    search_sessions: Figure
    leads: Figure
    conversions: Figure
    spend_minor: Figure
    revenue_minor: Figure


class Followers(ReadShape):
    """A level: the last known at the end of the period, and what it gained (or lost) in it."""

    value: int | None
    net: int | None
    quality: Quality
    missing_reason: MissingReason | None
    net_missing_reason: MissingReason | None
    previous: int | None
    previous_net: int | None


class PastKpi(ReadShape):
    """A KPI in the period compared with."""

    value: int | float | None
    numerator: int | None
    denominator: int | None
    currency: str | None
    missing_reason: MissingReason | None
    complete: bool


class Kpi(ReadShape):
    """
    A figure by a named formula. A `ratio` is numerator ÷ denominator; a `ratio_money` is minor
    units ÷ count x `per`; both rounded half-even to 6 places. `inputs_digest` is the SHA-256 of
    `{"currency": …, "formula": id, "inputs": {name: number or null, …}, "version": n}` in RFC
    8785's form: the inputs are numerator and denominator, or the value of what has none, by the
    names that `GET /v1/kpis` gives them.
    """

    id: KpiId
    version: int
    unit: MeasuredUnit
    per: int
    direction: Direction
    value: int | float | None
    numerator: int | None
    denominator: int | None
    currency: str | None
    basis: FigureBasis | None
    quality: Quality
    missing_reason: MissingReason | None
    complete: bool
    inputs_digest: str
    previous: PastKpi | None
    per_day: PerDay | None


class ServedTarget(ReadShape):
    """
    A target of the client, or the campaign, whose period holds the days asked for. `state` is how
    it stands by this figure at the end of them (or yesterday); null where the figure is only a part
    of what adds up.
    """

    id: UUID
    objective_id: UUID | None
    starts_on: date
    ends_on: date
    state: TargetState | None


class ClientKpi(Kpi):
    """A figure of a client or campaign, and the targets that it serves, the shortest first."""

    targets: list[ServedTarget]


class ChannelFigures(ReadShape):
    """One channel in the period."""

    id: UUID
    network: Network
    handle: str
    name: str
    status: ChannelStatus
    totals: Figures
    followers: Followers
    kpis: list[Kpi]


class DayFigures(ReadShape):
    """One day over all channels; null where any channel that reports the metric lacks it."""

    date: date
    impressions: int | None
    reach: int | None
    views: int | None
    likes: int | None
    comments: int | None
    shares: int | None
    saves: int | None
    clicks: int | None
    posts: int | None
    sessions: int | None
    search_sessions: int | None
    leads: int | None
    conversions: int | None
    spend_minor: int | None
    revenue_minor: int | None


class Performance(ReadShape):
    """How a client's channels did in a period, as it is known at `as_of`."""

    client_id: UUID
    timezone: str
    currency: str
    as_of: datetime
    period: Span
    compared_with: PastSpan | None
    totals: Figures
    followers: Followers
    kpis: list[ClientKpi]
    channels: list[ChannelFigures] | None
    days: list[DayFigures] | None


class OverviewKpi(ReadShape):
    """
    A client's figure; `change` is (value − previous) ÷ previous, null from nothing; it compares
    like with like where both are complete. `roi` and `revenue_roi` are told to who may read what
    the client costs.
    """

    id: KpiId
    version: int
    unit: MeasuredUnit
    value: int | float | None
    numerator: int | None
    denominator: int | None
    currency: str | None
    missing_reason: MissingReason | None
    complete: bool
    previous: int | float | None
    previous_complete: bool | None
    change: float | None


class ClientPerformance(ReadShape):
    """
    A client in the overview. `states` counts the client's targets for exactly these days, and of
    rates and levels those whose period holds them; one that the figures here do not answer is
    unknown. `complete`: no channel lacks days of what it reports. `last_reading_on`: the last day
    with a reading, up to the period's end.
    """

    client_id: UUID
    name: str
    timezone: str
    currency: str
    kpis: list[OverviewKpi]
    states: StateCounts
    complete: bool
    last_reading_on: date | None


class AgencyPerformance(ReadShape):
    """How every client in sight did, the worst first: by their targets, then the largest fall."""

    as_of: datetime
    period: Span
    compared_with: PastSpan | None
    clients: list[ClientPerformance]


class ReadingFault(ReadShape):
    """What is wrong with one row; `pointer` is into the row."""

    row: int
    pointer: str
    code: str
    detail: str


class ReadingsOutcome(ReadShape):
    """What became of a batch: received = stored + unchanged + rejected. Rows count from 1."""

    received: int
    stored: int
    unchanged: int
    rejected: int
    errors: list[ReadingFault]
