"""Collaborations in a snapshot: what was agreed with whom, what is out, what it brought."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal, Self, get_args

from pydantic import AwareDatetime, Field, model_validator

from api.reports.snapshot.figures import (
    Count,
    Frozen,
    Key,
    MissingReason,
    ReportRate,
    Whole,
    Words,
    refuse_repeated,
)
from api.reports.snapshot.work import Link

ResultMetric = Literal["reach", "views", "engagements", "clicks", "conversions", "revenue"]
ResultQuality = Literal["actual", "manual", "estimated", "missing"]
RESULTS: tuple[ResultMetric, ...] = get_args(ResultMetric)
_QUALITIES: tuple[ResultQuality, ...] = get_args(ResultQuality)

# What fewer have cost would be somebody's fee.
_FEWEST = 2


class ReportResult(Frozen):
    """
    One figure since the collaboration began. `partial`: something of it is not known. Revenue is in
    minor units of the report's currency.
    """

    value: Whole | None = None
    quality: ResultQuality = "actual"
    partial: bool = False
    lacks: MissingReason | None = None

    @model_validator(mode="after")
    def _is_known_or_says_why(self) -> Self:
        missing = self.value is None
        if (self.quality == "missing") is not missing or (self.lacks is not None) is not missing:
            raise ValueError("a result has a value, or the reason why it has none")
        return self


Results = dict[ResultMetric, ReportResult]


class ReportLivePost(Frozen):
    """Where a piece can be seen."""

    network: Words
    published_at: AwareDatetime
    url: Link


class ReportCollaborationMoney(Frozen):
    """
    For the agency alone: what was agreed, what of it was earned and not asked back, what is still
    to be paid (below zero: to be given back), and what that waits for.
    """

    agreed_minor: Count
    spent_minor: Count
    owed_minor: Whole
    waits: tuple[Key, ...] = ()


class ReportCollaboration(Frozen):
    """
    One influencer on one campaign. `disclosure`: whether its live posts say that they are
    advertising; null where nobody has judged them yet.
    """

    id: Key
    influencer: Words
    campaign: Words
    phase: Literal["agreed", "in_progress", "delivered", "completed", "ended"]
    agreed: Count
    live: Count = 0
    verified: Count = 0
    disclosure: Literal["valid", "mending"] | None = None
    posts: tuple[ReportLivePost, ...] = ()
    figures: Results
    money: ReportCollaborationMoney | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if set(self.figures) != set(RESULTS):
            raise ValueError(f"{self.influencer}: every figure is told, or why it is not")
        if not len(self.posts) <= self.live <= self.agreed or self.verified > self.live:
            raise ValueError(f"{self.influencer}: more is out than was agreed")
        return self


class ReportCollaborationTotals(Frozen):
    """All of them together. Reach counts some people more than once, and so is an estimate."""

    agreed: Count = 0
    live: Count = 0
    verified: Count = 0
    figures: Results


class ReportCollaborationCost(Frozen):
    """
    What was spent on them, `paid` being how many cost something, and what that makes of each. A
    figure that is not known of each that was paid for divides nothing.
    """

    spent_minor: Annotated[Count, Field(ge=1)]
    paid: Annotated[Count, Field(ge=1)]
    per_engagement: ReportRate | None = None
    per_conversion: ReportRate | None = None
    roi: ReportRate | None = None


class ReportCollaborations(Frozen):
    """The collaborations of a period, which close with their totals."""

    rows: Annotated[tuple[ReportCollaboration, ...], Field(min_length=1)]
    totals: ReportCollaborationTotals
    cost: ReportCollaborationCost | None = None

    @model_validator(mode="after")
    def _closes(self) -> Self:
        refuse_repeated("collaboration", [row.id for row in self.rows])
        if self.totals != totals_of(self.rows):
            raise ValueError("collaborations: the totals are not the sums of the rows")
        if self.cost is not None and not _agrees(self.cost, self.totals.figures):
            raise ValueError("collaborations: what each cost is the cost ÷ the totals")
        spent = [row.money.spent_minor for row in self.rows if row.money]
        if spent and sum(spent) != (self.cost.spent_minor if self.cost else 0):
            raise ValueError("collaborations: the cost is not the sum of the rows")
        return self

    def for_client(self) -> Self:
        """Without what each was paid: one fee could be read off the cost of a single one too."""
        rows = tuple(row.model_copy(update={"money": None}) for row in self.rows)
        tells = self.cost is not None and self.cost.paid >= _FEWEST
        return self.model_copy(update={"rows": rows, "cost": self.cost if tells else None})


def totals_of(rows: Sequence[ReportCollaboration]) -> ReportCollaborationTotals:
    """What the rows make together."""
    return ReportCollaborationTotals(
        agreed=sum(row.agreed for row in rows),
        live=sum(row.live for row in rows),
        verified=sum(row.verified for row in rows),
        figures={metric: _sum(metric, rows) for metric in RESULTS},
    )


def _sum(metric: ResultMetric, rows: Sequence[ReportCollaboration]) -> ReportResult:
    """What is not out yet has brought nothing yet, and leaves no gap in a sum."""
    all_told = [(row.figures[metric], row.live) for row in rows]
    told = [each for each, live in all_told if live or each.value is not None]
    known = [each for each in told if each.value is not None]
    if not known:
        lacking = told or [each for each, _ in all_told]
        return ReportResult(quality="missing", lacks=lacking[0].lacks)
    quality = _worst(each.quality for each in known)
    if metric == "reach" and len(known) > 1:
        quality = "estimated"
    return ReportResult(
        value=sum(each.value or 0 for each in known),
        quality=quality,
        partial=len(known) < len(told) or any(each.partial for each in known),
    )


def _worst(qualities: Iterable[ResultQuality]) -> ResultQuality:
    return max(qualities, key=_QUALITIES.index)


def _agrees(cost: ReportCollaborationCost, figures: Results) -> bool:
    spent, revenue = cost.spent_minor, figures["revenue"].value
    by_count = (
        (cost.per_engagement, figures["engagements"].value),
        (cost.per_conversion, figures["conversions"].value),
    )
    if any(rate and (rate.numerator, rate.denominator) != (spent, each) for rate, each in by_count):
        return False
    return cost.roi is None or (
        revenue is not None
        and (cost.roi.numerator, cost.roi.denominator) == (revenue - spent, spent)
    )
