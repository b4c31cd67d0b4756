"""The days a report is about: a week from Monday, a month or a quarter, or days of its own."""

from datetime import date, timedelta

from api.metrics.periods import Compare
from api.reports.models import PeriodKind
from tenants import clock
from tenants.errors import Unprocessable
from tenants.models import Client

DUE_AFTER = timedelta(days=5)
DAY = timedelta(days=1)


class InvalidPeriod(Unprocessable):
    """A custom period needs its last day, from its first on, and has 366 days at most."""


class PeriodNotBegun(Unprocessable):
    """The period has not begun by the client's calendar; there is nothing to report yet."""


def bounds(period: PeriodKind, day: date, last: date | None = None) -> tuple[date, date]:
    """The first and last day of the week, month or quarter that a day lies in."""
    if period is PeriodKind.week:
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=6)
    if period is PeriodKind.custom:
        if last is None or not 0 <= (last - day).days <= 365:
            raise InvalidPeriod(pointer="/ends_on")
        return day, last
    months = 1 if period is PeriodKind.month else 3
    first = day.replace(day=1, month=(day.month - 1) // months * months + 1)
    following = (first.replace(day=28) + timedelta(days=31 * months - 27)).replace(day=1)
    return first, following - DAY


def check_begun(client: Client, first: date) -> None:
    """Refuse a period that lies ahead."""
    if first > clock.today(client.timezone):
        raise PeriodNotBegun(pointer="/starts_on")


def usual_comparison(period: PeriodKind) -> Compare:
    return Compare.previous_month if period is PeriodKind.month else Compare.previous_period


def name(kind: PeriodKind, first: date, last: date) -> str:
    """What a period is called in a file's name: `2026-10` or its days."""
    if kind is PeriodKind.month:
        return f"{first:%Y-%m}"
    return f"{first.isoformat()}-{last.isoformat()}"
