"""Wire shapes of how far money goes. Amounts: minor units, net of tax."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from tenants.shapes import ReadShape


class BudgetState(StrEnum):
    """How an active budget stands on a day, as lists ask for it."""

    at_risk = "at_risk"
    over = "over"
    on_track = "on_track"
    under = "under"


class Pace(StrEnum):
    """What has gone out beside what was expected by the day, within 15 % of it or not."""

    not_started = "not_started"
    under = "under"
    on = "on"
    over = "over"
    over_period = "over_period"


class PaceRead(ReadShape):
    """
    How far money has gone on a day. Remaining = allocated - committed - spent; `unfunded_minor` is
    on top of what is spent, and gone = spent + unfunded. `pace_bp`: gone beside what was expected
    by the end of the day, in basis points. `forecast_minor`: gone by the period's end at this pace,
    and never less than what is gone and committed. `runs_out_on`: the day on which, at this pace,
    what is allocated is gone; null when that is not in the period.
    """

    pace: Pace
    planned_minor: int
    allocated_minor: int
    committed_minor: int
    spent_minor: int
    unfunded_minor: int
    remaining_minor: int
    expected_minor: int
    pace_bp: int | None
    forecast_minor: int
    runs_out_on: date | None


class LinePaceRead(ReadShape):
    """How far the money of a line has gone."""

    line_id: UUID
    pace: PaceRead


class BudgetPaceRead(ReadShape):
    """
    How far the money of a budget has gone on a day of the client's calendar. The period has
    `days_total` days, of which `days_elapsed` have begun.
    """

    budget_id: UUID
    client_id: UUID
    on: date
    period_start: date
    period_end: date
    days_total: int
    days_elapsed: int
    currency: str
    total: PaceRead
    lines: list[LinePaceRead]
