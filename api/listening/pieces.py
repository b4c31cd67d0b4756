"""
Which counts stand for a period: days, weeks and months that lie in it and do not overlap. Pure.

A month stands for its days where some of them were not counted; a week likewise, where no month
does. Brands are compared over the pieces that every one of them was counted in, and no others:
thirty days of one beside five of another would be no share.
"""

import calendar
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from api.listening.models import CountBasis
from api.metrics.periods import DAY, Period


class Piece(NamedTuple):
    """A time that was counted over."""

    basis: CountBasis
    start: date

    @property
    def days(self) -> int:
        if self.basis is CountBasis.month:
            return calendar.monthrange(self.start.year, self.start.month)[1]
        return 7 if self.basis is CountBasis.week else 1

    @property
    def end(self) -> date:
        return self.start + timedelta(days=self.days - 1)

    def dates(self) -> set[date]:
        return {self.start + DAY * index for index in range(self.days)}


def covering(counted: Iterable[Piece], asked: Period) -> set[Piece]:
    """Of what was counted, the pieces that cover most of the period, each day once."""
    inside = {each for each in counted if asked.start <= each.start and each.end <= asked.end}
    days = {each.start for each in inside if each.basis is CountBasis.day}
    taken: set[Piece] = set()
    covered: set[date] = set()
    for basis in (CountBasis.month, CountBasis.week, CountBasis.day):
        for piece in sorted(each for each in inside if each.basis is basis):
            dates = piece.dates()
            finer = basis is not CountBasis.day and dates <= days
            if not finer and covered.isdisjoint(dates):
                taken.add(piece)
                covered |= dates
    return taken


def in_common(brands: Iterable[Iterable[Piece]]) -> set[Piece]:
    """The pieces that every brand was counted in."""
    sets = [set(each) for each in brands]
    return set.intersection(*sets) if sets else set()


def days_in(pieces: Iterable[Piece]) -> int:
    """How many days pieces that do not overlap have."""
    return sum(each.days for each in pieces)
