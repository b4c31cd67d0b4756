"""
Facts that are told again: append-only, in groups of figures, and the newest word counts.

A source tells of a key (a day of a channel, a month of a brand) some groups of figures, each of
them whole. About the groups it leaves out it says nothing, and what was known of them stays.
"Newest" is by (captured_at, source). A fact without `captured_at` is the newest word at the moment
it is stored, unless its source has said the same last; one with `captured_at` is stored once for
each (key, source, captured_at), and never says two things. Pure: no session, no clock.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from tenants.errors import Conflict, Unprocessable

FAST_CLOCK = timedelta(minutes=5)  # how far ahead of ours a source's clock may be
_TICK = timedelta(microseconds=1)


class FactDiffers(Conflict):
    """This source has told something else of the same period, captured at the same instant."""


class FactFromTheFuture(Unprocessable):
    """A figure was captured in the future, or is of a period that has not begun."""


@dataclass(frozen=True)
class Fact:
    """What one source says of one key: its groups, each whole."""

    key: Any
    source: str
    captured_at: datetime | None
    groups: dict[str, Any]

    @property
    def at(self) -> datetime:
        """When it was captured; what is stored is dated."""
        assert self.captured_at is not None
        return self.captured_at


def news(
    known: Iterable[Fact], sent: Sequence[Fact], now: datetime, at: str
) -> Iterator[tuple[int, Fact]]:
    """
    Those of `sent` that say something new, with their places and dated; `at` is the pointer to
    them. `known`: all that was told of their keys.
    """
    told: dict[Any, list[Fact]] = defaultdict(list)
    for each in known:
        told[each.key].append(each)
    for place, each in enumerate(sent):
        if each.captured_at and each.captured_at > now + FAST_CLOCK:
            raise FactFromTheFuture(pointer=f"{at}/{place}/captured_at")
        before = told[each.key]
        if each.captured_at is None:
            if _adds_nothing(each, before):
                continue
            latest = max((_age(fact)[0] for fact in before), default=now - _TICK)
            each = replace(each, captured_at=max(now, latest + _TICK))
        elif (same := _same_instant(each, before)) is not None:
            if any(same.groups.get(name) != said for name, said in each.groups.items()):
                raise FactDiffers(pointer=f"{at}/{place}")
            continue
        before.append(each)
        yield place, each


def newest(told: Iterable[Fact]) -> dict[str, Fact]:
    """Each group's newest word."""
    return {name: fact for fact in sorted(told, key=_age) for name in fact.groups}


def _adds_nothing(fact: Fact, before: Sequence[Fact]) -> bool:
    """Whether its source has already said all of it, and nobody has spoken since."""
    last = newest(before)
    return all(
        name in last and last[name].source == fact.source and last[name].groups[name] == said
        for name, said in fact.groups.items()
    )


def _same_instant(fact: Fact, before: Sequence[Fact]) -> Fact | None:
    mark = (fact.source, fact.captured_at)
    return next((each for each in before if (each.source, each.captured_at) == mark), None)


def _age(fact: Fact) -> tuple[datetime, str]:
    return fact.at, fact.source
