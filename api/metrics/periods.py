"""Periods of whole calendar days, both ends included, and what one is compared with. Pure."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tenants.errors import Unprocessable

LONGEST = 400
DAY = timedelta(days=1)


class PeriodEndsBeforeItStarts(Unprocessable):
    """The period ends before it starts."""


class PeriodTooLong(Unprocessable):
    """A period has at most 400 days."""


class Compare(StrEnum):
    """
    `previous_period` as many days, just before; `previous_month` and `previous_year` the same
    days of the month or year before, and a whole month for a whole month.
    """

    previous_period = "previous_period"
    previous_month = "previous_month"
    previous_year = "previous_year"
    none = "none"


class Comparison(StrEnum):
    """What figures are compared with: as a report's, or `custom`, the days that are named."""

    previous_period = "previous_period"
    previous_month = "previous_month"
    previous_year = "previous_year"
    custom = "custom"
    none = "none"


class ComparisonDays(Unprocessable):
    """`compare_from` and `compare_to` go together, with `compare=custom` and only with it."""


@dataclass(frozen=True)
class Period:
    """From the first day to the last."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def basis(self) -> str | None:
        """The kind of reading that covers exactly this period, if there is one."""
        if self.days == 7 and self.start.weekday() == 0:
            return "week"
        if self.start.day == 1 and self.end == _last_of_month(self.start):
            return "month"
        return None

    @property
    def whole_months(self) -> "Period | None":
        """The calendar months that lie in it as a whole, if any does."""
        first = self.start if self.start.day == 1 else _last_of_month(self.start) + DAY
        last = self.end if self.end == _last_of_month(self.end) else self.end.replace(day=1) - DAY
        return Period(first, last) if first <= last else None

    def dates(self) -> list[date]:
        return [self.start + DAY * index for index in range(self.days)]


def period(start: date, end: date) -> Period:
    """A period that may be asked for."""
    return _bounded(start, end, "?to")


def compared(
    asked: Period, kind: Comparison, first: date | None, last: date | None
) -> Period | None:
    """The period that `asked` is compared with; `first` and `last` are those of a custom one."""
    custom = kind is Comparison.custom
    if (first is not None) != custom or (last is not None) != custom:
        raise ComparisonDays(pointer="?compare_from")
    if first is None or last is None:
        return before(asked, Compare(kind.value))
    return _bounded(first, last, "?compare_to")


def before(asked: Period, compare: Compare) -> Period | None:
    """The period that `asked` is compared with."""
    if compare is Compare.none:
        return None
    if compare is Compare.previous_period:
        return Period(asked.start - DAY * asked.days, asked.start - DAY)
    months = -1 if compare is Compare.previous_month else -12
    whole = asked.start.day == 1 and asked.end == _last_of_month(asked.end)
    if whole and compare is Compare.previous_month:
        months *= _months(asked)
    end = _shifted(asked.end, months)
    return Period(_shifted(asked.start, months), _last_of_month(end) if whole else end)


def _bounded(start: date, end: date, pointer: str) -> Period:
    made = Period(start, end)
    if made.days < 1:
        raise PeriodEndsBeforeItStarts(pointer=pointer)
    if made.days > LONGEST:
        raise PeriodTooLong(pointer=pointer)
    return made


def _months(asked: Period) -> int:
    return (asked.end.year - asked.start.year) * 12 + asked.end.month - asked.start.month + 1


def _shifted(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def _last_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
