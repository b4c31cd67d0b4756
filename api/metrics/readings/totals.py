"""
What totals since ever say of single days. Pure: no session, no clock.

A network that only counts up tells a total; a day's figure is the total of the day less that of
the day before. Rule 1:

    a gap      of days without a total has no figures; what it gained is known only as a whole
    the first  total says nothing of its day, unless the subject began on it: then it is its figure
    a fall     to less than half is a counter that began anew: the day's figure is the new total,
               `estimated`; a smaller fall is the network's correction, and a figure below zero
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

RULE = 1
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Difference:
    """What was counted from one known day to another: `days` of them."""

    on: date
    value: int
    days: int
    is_reset: bool = False

    @property
    def since(self) -> date:
        """The first of its days."""
        return self.on - DAY * (self.days - 1)


def differences(
    totals: Iterable[tuple[date, int]], began_on: date | None = None
) -> list[Difference]:
    """What was counted between the days whose totals are known, in their order."""
    known = sorted(totals)
    if known and began_on is not None and known[0][0] >= began_on:
        known.insert(0, (began_on - DAY, 0))
    return [_difference(*one, *other) for one, other in zip(known, known[1:], strict=False)]


def _difference(before: date, was: int, on: date, now: int) -> Difference:
    is_reset = 2 * now < was
    return Difference(on, now if is_reset else now - was, (on - before).days, is_reset)
