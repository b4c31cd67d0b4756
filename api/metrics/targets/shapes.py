"""The wire shapes of formulas, and of how targets stand."""

from datetime import date
from uuid import UUID

from api.campaigns.models import CampaignStatus
from api.metrics.figures import FigureBasis, MissingReason, Quality
from api.metrics.kpis import Direction, KpiId, Source, Unit
from api.metrics.models import KpiTargetRead
from api.metrics.targets.progress import Course, TargetState, UnknownReason
from api.strategy.shapes import ObjectiveRead
from tenants.shapes import ReadShape


class KpiFormula(ReadShape):
    """
    A formula: `numerator`, or `numerator` x `per` ÷ `denominator`; in words too. `course` is how a
    target of it is expected over its period; `direction`, which way is better.
    """

    id: KpiId
    version: int
    name: str
    formula: str
    numerator: str
    denominator: str | None
    per: int
    unit: Unit
    direction: Direction
    source: Source
    course: Course


class KpiCatalogue(ReadShape):
    """Every formula there is."""

    kpis: list[KpiFormula]


class ProgressRule(ReadShape):
    """
    What said the state: on track when no more than `on_track_within` behind, at risk within
    `at_risk_within`, off track beyond. Both are 0 once the period is over.
    """

    id: str
    version: int
    on_track_within: float
    at_risk_within: float


class TargetFigure(ReadShape):
    """A target's figure, from the first day of its period to `as_of`."""

    formula_version: int
    value: int | float | None
    numerator: int | None
    denominator: int | None
    currency: str | None
    basis: FigureBasis | None
    quality: Quality
    missing_reason: MissingReason | None
    complete: bool
    inputs_digest: str


class TargetProgress(ReadShape):
    """
    How a target stands at the end of `as_of`. `expected`, in the KPI's unit: of what accrues, the
    target x elapsed days ÷ days; of what climbs, baseline + (target − baseline) x elapsed ÷ days;
    of what holds, the target. `behind` is how far the figure is on the wrong side of that, as a
    part of it (of the climb to it): 0 when it is met, never below, whichever way is better.
    `reason` says why a state is unknown.
    """

    target: KpiTargetRead
    as_of: date
    days: int
    elapsed_days: int
    course: Course
    figure: TargetFigure
    baseline: int | float | None
    expected: int | float | None
    behind: int | float | None
    state: TargetState
    reason: UnknownReason | None
    rule: ProgressRule


class StateCounts(ReadShape):
    """How many targets are in each state."""

    on_track: int
    at_risk: int
    off_track: int
    not_yet: int
    unknown: int


class ClientTargets(ReadShape):
    """The targets in force `on` a day, the worst first, as they stood at the end of `as_of`."""

    client_id: UUID
    on: date
    as_of: date
    states: StateCounts
    targets: list[TargetProgress]


class TracedCampaign(ReadShape):
    """A campaign that an objective's targets name, and how those stand."""

    id: UUID
    name: str
    status: CampaignStatus
    starts_on: date
    ends_on: date
    targets: list[TargetProgress]


class ObjectiveTrace(ReadShape):
    """An objective, the client's targets for it, and its campaigns with theirs."""

    objective: ObjectiveRead
    as_of: date
    states: StateCounts
    targets: list[TargetProgress]
    campaigns: list[TracedCampaign]
