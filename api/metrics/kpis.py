"""
Every formula there is, by id and version. Pure: no session, no clock, integers in.

A rate is answered with its numerator and denominator and rounded half-even to 6 places; nothing
to divide by gives null with a reason, never 0 or infinity. Over several channels the numerators
are added and the denominators are added, of those channels alone that have both: a channel that
reports likes and no views has no part in `er_views`.

A changed formula is a new version of its id; what was published keeps the version it was made by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from api.metrics.figures import (
    ENGAGEMENTS,
    LARGEST,
    NOT_RECORDED,
    THERE,
    UNIQUES,
    FigureBasis,
    MissingReason,
    Quality,
    Quantity,
    basis_of,
    missing,
    together,
    worst,
)

PLACES = 6


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
    ctr = "ctr"
    cvr = "cvr"
    cpm = "cpm"
    cpc = "cpc"
    cpv = "cpv"
    cpe = "cpe"
    cpl = "cpl"
    cpa = "cpa"
    roas = "roas"
    roi = "roi"


# `ratio_money` is minor units ÷ count, times the formula's `per`.
Unit = Literal["count", "signed_count", "money", "ratio", "ratio_money"]
RATES: tuple[Unit, ...] = ("ratio", "ratio_money")


class Direction(StrEnum):
    """Which way is better."""

    up = "up"
    down = "down"


@dataclass(frozen=True)
class Formula:
    """`numerator`, or `numerator` x `per` / `denominator`."""

    unit: Unit
    numerator: str
    denominator: str | None = None
    per: int = 1
    direction: Direction = Direction.up
    version: int = 1


def _rate(numerator: str, denominator: str) -> Formula:
    return Formula("ratio", numerator, denominator)


def _cost(denominator: str, per: int = 1) -> Formula:
    return Formula("ratio_money", "spend_minor", denominator, per, Direction.down)


def _count(metric: str) -> Formula:
    return Formula("count", metric)


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
    KpiId.ctr: _rate("clicks", "impressions"),
    KpiId.cvr: _rate("conversions", "clicks"),
    KpiId.cpm: _cost("impressions", per=1000),
    KpiId.cpc: _cost("clicks"),
    KpiId.cpv: _cost("views"),
    KpiId.cpe: _cost("engagements"),
    KpiId.cpl: _cost("leads"),
    KpiId.cpa: _cost("conversions"),
    KpiId.roas: _rate("revenue_minor", "spend_minor"),
    KpiId.roi: _rate("gain_minor", "total_cost_minor"),
}


@dataclass(frozen=True)
class Answer:
    """A KPI's value and all that is needed to work it out again."""

    value: int | float | None
    numerator: int | None
    denominator: int | None
    quality: Quality
    basis: FigureBasis | None
    missing_reason: MissingReason | None
    complete: bool
    currency: str | None


Measured = Mapping[str, Quantity]


def derive(measured: Measured) -> dict[str, Quantity]:
    """What a channel measured and its engagements: likes + comments + shares + saves + clicks."""
    parts = [measured.get(name, NOT_RECORDED) for name in ENGAGEMENTS]
    total = together(parts)
    whole = all(part.complete or part.missing_reason is MissingReason.not_offered for part in parts)
    if total.value is not None and not whole:
        total = Quantity(total.value, total.quality, total.basis, complete=False)
    return {**measured, "engagements": total}


def answer(kpi: KpiId, sources: Sequence[Measured]) -> Answer:
    """A KPI over one channel or several, each as `derive` leaves it."""
    formula = CATALOGUE[kpi]
    if formula.denominator is None:
        return _sum(formula.numerator, sources)
    return _quotient(formula, formula.denominator, sources)


def roi(revenue: Quantity, total_cost: Quantity) -> Answer:
    """
    (revenue − total cost) ÷ total cost, total cost = media + production + influencers + fees:
    the caller adds those up, for they stand in the ledger and not among the readings.
    """
    if revenue.value is None or total_cost.value is None:
        gain = missing(revenue.missing_reason or MissingReason.not_recorded)
    else:
        gain = together(
            [
                revenue,
                Quantity(-total_cost.value, basis=revenue.basis, currency=total_cost.currency),
            ]
        )
    return answer(KpiId.roi, [{"gain_minor": gain, "total_cost_minor": total_cost}])


def quotient(numerator: int, denominator: int, per: int = 1) -> Decimal | None:
    """numerator x per ÷ denominator, rounded half-even to 6 places; None when dividing by 0."""
    if denominator == 0:
        return None
    sign = -1 if (numerator < 0) != (denominator < 0) else 1
    scaled, left = divmod(abs(numerator) * per * 10**PLACES, abs(denominator))
    twice = 2 * left
    if twice > abs(denominator) or (twice == abs(denominator) and scaled % 2):
        scaled += 1
    return Decimal(sign * scaled).scaleb(-PLACES)


def _sum(name: str, sources: Sequence[Measured]) -> Answer:
    parts = [source.get(name, NOT_RECORDED) for source in sources]
    total = together(parts, overlapping=name in UNIQUES)
    return Answer(
        total.value,
        None,
        None,
        total.quality,
        total.basis,
        total.missing_reason,
        total.complete,
        total.currency,
    )


def _quotient(formula: Formula, below: str, sources: Sequence[Measured]) -> Answer:
    pairs = [
        (source.get(formula.numerator, NOT_RECORDED), source.get(below, NOT_RECORDED))
        for source in sources
    ]
    both = [pair for pair in pairs if pair[0].value is not None and pair[1].value is not None]
    lacks = together([_lacking(*pair) for pair in pairs if pair not in both]).missing_reason
    if not both or lacks in THERE:
        return _missing(lacks)
    top = together([pair[0] for pair in both])
    bottom = together([pair[1] for pair in both], overlapping=below in UNIQUES)
    reason = top.missing_reason or bottom.missing_reason or _incomparable(formula, top, bottom)
    if top.value is None or bottom.value is None or reason:
        return _missing(reason)
    value = quotient(top.value, bottom.value, formula.per)
    if value is None:
        return _missing(MissingReason.no_denominator, top.value, 0)
    if abs(value) > LARGEST:
        return _missing(MissingReason.out_of_range)
    return Answer(
        float(value),
        top.value,
        bottom.value,
        worst([top.quality, bottom.quality]),
        basis_of([top, bottom]),
        None,
        top.complete and bottom.complete,
        top.currency if formula.unit == "ratio_money" else None,
    )


def _lacking(top: Quantity, bottom: Quantity) -> Quantity:
    """The part that a channel's rate lacks."""
    return top if top.value is None else bottom


def _incomparable(formula: Formula, top: Quantity, bottom: Quantity) -> MissingReason | None:
    """Money is divided by money of the same currency only."""
    if formula.unit == "ratio" and top.currency != bottom.currency:
        return MissingReason.mixed_currency
    return None


def _missing(
    reason: MissingReason | None, numerator: int | None = None, denominator: int | None = None
) -> Answer:
    reason = reason or MissingReason.not_recorded
    return Answer(None, numerator, denominator, Quality.missing, None, reason, False, None)
