"""
What a collaboration came to, as those above tell it: posts, links and codes are not known here.

A domain registers how it tells figures of a collaboration when it is imported. Of several words
about one metric the best counts: what was counted before what somebody noted, and that before what
was estimated. What nobody tells is missing, with a reason; it is never zero.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlmodel import Session

from tenants.money import part_of


class ResultMetric(StrEnum):
    """What is told of every collaboration."""

    reach = "reach"
    views = "views"
    engagements = "engagements"
    clicks = "clicks"
    conversions = "conversions"
    revenue = "revenue"  # minor units of the fee's currency


class ResultQuality(StrEnum):
    """How far a figure is to be trusted."""

    actual = "actual"
    manual = "manual"
    estimated = "estimated"
    missing = "missing"


@dataclass(frozen=True)
class Figure:
    """One figure and where it comes from; without a value it says why."""

    metric: ResultMetric
    value: int | None
    quality: ResultQuality
    source: str | None = None
    reason: str | None = None


Teller = Callable[[Session, UUID], Iterable[Figure]]
_ORDER = list(ResultQuality)
_tellers: dict[str, Teller] = {}


def register(name: str, tell: Teller) -> None:
    """Let a domain tell figures of a collaboration: `tell(session, collaboration_id)`."""
    _tellers[name] = tell


def of(session: Session, collaboration_id: UUID) -> list[Figure]:
    """One figure of each metric, the best that is told."""
    told = [figure for tell in _tellers.values() for figure in tell(session, collaboration_id)]
    return best(told)


def best(told: Iterable[Figure]) -> list[Figure]:
    """Of each metric the word that counts; of what nobody told, that."""
    found = {metric: _untold(metric) for metric in ResultMetric}
    for figure in told:
        known = found[figure.metric]
        says_why = figure.reason is not None and known == _untold(figure.metric)
        if says_why or _ORDER.index(figure.quality) < _ORDER.index(known.quality):
            found[figure.metric] = figure
    return list(found.values())


def _untold(metric: ResultMetric) -> Figure:
    return Figure(metric, None, ResultQuality.missing, reason="not_measured")


def cost_per_each(cost_minor: int, figures: Iterable[Figure]) -> Mapping[ResultMetric, int | None]:
    """cost ÷ what was reached, in whole minor units, half to even; null where that is none."""
    return {
        figure.metric: part_of(cost_minor, 1, figure.value) if figure.value else None
        for figure in figures
        if figure.metric is not ResultMetric.revenue
    }
