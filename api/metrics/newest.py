"""
Which word counts: of everything ever said about a metric of one day, the newest. Pure.

A reading says a value, or why there is none, for some metrics; about the others it says nothing
and what was known of them stays. "Newest" is by (captured_at, source), a total order, so readings
may come in any order, and any number of times, and leave the same current row.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from api.metrics.figures import METRICS, MONEY


class Said(NamedTuple):
    """A value, or the reason why there is none; money brings its currency."""

    value: int | None
    reason: str | None = None
    currency: str | None = None


class Word(NamedTuple):
    """What was said, when it was captured and by which source."""

    captured_at: datetime
    source: str
    said: Said

    @property
    def age(self) -> tuple[datetime, str]:
        return self.captured_at, self.source


Reading = Mapping[str, Said]
Known = dict[str, Word]


def merge(known: Known, reading: Reading, captured_at: datetime, source: str) -> Known:
    """What is known once this reading has been heard too."""
    merged = dict(known)
    for metric, said in reading.items():
        word = Word(captured_at, source, said)
        if metric not in known or word.age > known[metric].age:
            merged[metric] = word
    return merged


def adds_nothing(known: Known, reading: Reading, source: str) -> bool:
    """Whether the same source has already said all of this."""
    return all(
        metric in known and (known[metric].said, known[metric].source) == (said, source)
        for metric, said in reading.items()
    )


def contradicts(one: Reading, other: Reading) -> bool:
    """Whether two readings say different things about a metric."""
    return any(one[metric] != said for metric, said in other.items() if metric in one)


def last_captured(known: Known) -> datetime | None:
    return max((word.captured_at for word in known.values()), default=None)


def read_said(row: Mapping[str, Any], currencies: Mapping[str, str | None]) -> dict[str, Said]:
    """What a stored row says; `currencies` of its money metrics."""
    found = {}
    for metric in METRICS:
        reason = row["missing"].get(metric)
        if row[metric] is not None or reason is not None:
            currency = currencies.get(metric) if row[metric] is not None else None
            found[metric] = Said(row[metric], reason, currency)
    return found


def read_known(row: Mapping[str, Any]) -> Known:
    """A current row as words: `held` names those that are older than the row's newest."""
    currencies = {metric: row[_currency_column(metric)] for metric in MONEY}
    newest = (row["captured_at"], row["source"])
    known = {}
    for metric, said in read_said(row, currencies).items():
        held = row["held"].get(metric)
        captured_at, source = (datetime.fromisoformat(held[0]), held[1]) if held else newest
        known[metric] = Word(captured_at, source, said)
    return known


def write_known(known: Known) -> dict[str, Any]:
    """The columns of a current row."""
    newest = max(word.age for word in known.values())
    row: dict[str, Any] = dict.fromkeys(METRICS)
    row |= {_currency_column(metric): None for metric in MONEY}
    row |= {"captured_at": newest[0], "source": newest[1], "missing": {}, "held": {}}
    for metric, word in known.items():
        row[metric] = word.said.value
        if word.said.reason is not None:
            row["missing"][metric] = word.said.reason
        if metric in MONEY:
            row[_currency_column(metric)] = word.said.currency
        if word.age != newest:
            row["held"][metric] = [word.captured_at.isoformat(), word.source]
    return row


def _currency_column(metric: str) -> str:
    return metric.removesuffix("_minor") + "_currency"
