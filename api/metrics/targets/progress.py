"""
Where a target should stand by a day, and how it does. Pure: no session, no clock, exact fractions.

    accrues   a count, money      expected: target x days elapsed ÷ days of its period
    climbs    a level             expected: baseline + (target − baseline) x elapsed ÷ days
    holds     a rate, a cost,     expected: the target itself, on any day
              a time to answer,
              a day's height

`behind` is how far the figure is on the wrong side of what is expected, as a part of what was to be
made by then: of the expectation, for a level of the climb to it. It is never below 0, whichever way
is better: a cost of 158 against a target of 100 is 0.58 behind.

The rule `pro_rated` 1: on track within 5 % behind, at risk within 15 %, off track beyond. Once the
period is over the whole target counts: on track with nothing behind, else off track.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from api.metrics.kpis import CATALOGUE, RATES, Direction, KpiId

RULE, RULE_VERSION = "pro_rated", 1
ON_TRACK_WITHIN, AT_RISK_WITHIN = Fraction(5, 100), Fraction(15, 100)


class Course(StrEnum):
    """How a target is approached over its period."""

    accrues = "accrues"
    climbs = "climbs"
    holds = "holds"


class TargetState(StrEnum):
    """`not_yet` before its first day; `unknown` without a figure, or a baseline to climb from."""

    on_track = "on_track"
    at_risk = "at_risk"
    off_track = "off_track"
    not_yet = "not_yet"
    unknown = "unknown"


class UnknownReason(StrEnum):
    """Why a state is unknown: why there is no figure, or `no_baseline`, no level to climb from."""

    no_baseline = "no_baseline"
    not_connected = "not_connected"
    not_offered = "not_offered"
    not_recorded = "not_recorded"
    not_yet = "not_yet"
    permission_missing = "permission_missing"
    source_error = "source_error"
    not_additive = "not_additive"
    mixed_currency = "mixed_currency"
    no_denominator = "no_denominator"
    out_of_range = "out_of_range"


@dataclass(frozen=True)
class Aim:
    """What a target says; `baseline` matters to what climbs."""

    course: Course
    direction: Direction
    target: Fraction
    starts_on: date
    ends_on: date
    baseline: Fraction | None = None

    @property
    def days(self) -> int:
        return (self.ends_on - self.starts_on).days + 1

    def elapsed(self, as_of: date) -> int:
        """Days of the period that are over by the end of `as_of`."""
        return min(max((as_of - self.starts_on).days + 1, 0), self.days)


@dataclass(frozen=True)
class Standing:
    """A state, and the numbers that the rule compared to say so."""

    state: TargetState
    elapsed: int
    expected: Fraction | None
    behind: Fraction | None
    on_track_within: Fraction
    at_risk_within: Fraction


def course_of(kpi: KpiId) -> Course:
    unit = CATALOGUE[kpi].unit
    if kpi is KpiId.followers:
        return Course.climbs
    return Course.holds if unit in (*RATES, "seconds", "deviations") else Course.accrues


def expected(aim: Aim, as_of: date) -> Fraction | None:
    """What the figure should be by the end of a day; None where there is no baseline to climb."""
    share = Fraction(aim.elapsed(as_of), aim.days)
    if aim.course is Course.holds:
        return aim.target
    if aim.course is Course.accrues:
        return aim.target * share
    if aim.baseline is None:
        return None
    return aim.baseline + (aim.target - aim.baseline) * share


def standing(aim: Aim, figure: Fraction | None, as_of: date) -> Standing:
    """How a target stands at the end of a day, by the rule."""
    elapsed, due = aim.elapsed(as_of), expected(aim, as_of)
    over = elapsed == aim.days
    within = (Fraction(0), Fraction(0)) if over else (ON_TRACK_WITHIN, AT_RISK_WITHIN)
    if not elapsed:
        return Standing(TargetState.not_yet, 0, due, None, *within)
    if figure is None or due is None:
        return Standing(TargetState.unknown, elapsed, due, None, *within)
    short = due - figure if aim.direction is Direction.up else figure - due
    if short <= 0:
        return Standing(TargetState.on_track, elapsed, due, Fraction(0), *within)
    whole = _to_be_made(aim, due)
    if not whole:
        return Standing(TargetState.off_track, elapsed, due, None, *within)
    behind = short / whole
    state = TargetState.off_track
    if behind <= within[0]:
        state = TargetState.on_track
    elif behind <= within[1]:
        state = TargetState.at_risk
    return Standing(state, elapsed, due, behind, *within)


def _to_be_made(aim: Aim, due: Fraction) -> Fraction:
    """What `behind` is a part of."""
    climbed = abs(due - aim.baseline) if aim.baseline is not None else Fraction(0)
    return climbed if aim.course is Course.climbs and climbed else abs(due)
