"""
Why a number is not what it was: worked out from what came in between two versions.

    late_data    figures, or movements of money, that came for what nothing was known of
    restatement  a network's newer word on a day that was known already
    refund       money that came back
    correction   everything else: changed words, a changed choice, a plan that was altered

The parts of a number add up to its difference. Days of a flow add up, so each brings its own part;
of what does not (reach, a level) the whole is late data if any of it was new, else a restatement.
Where a figure changed its basis for new data, the rest that no day explains is that data's too.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from api.budgets.book import BALANCE
from api.budgets.models import Budget, BudgetEntry, BudgetLine, EntryKind
from api.metrics.figures import ENGAGEMENTS, FLOWS, METRICS
from api.metrics.kpis import CATALOGUE, KpiId
from api.reports.differences import Changed
from api.reports.snapshot import ReportSnapshot
from api.reports.snapshot_figures import Span


class Cause(StrEnum):
    """Why a number is not what it was."""

    late_data = "late_data"
    restatement = "restatement"
    refund = "refund"
    correction = "correction"


Parts = dict[Cause, Any]  # the amount each brought; None where there is no difference


@dataclass(frozen=True)
class Told:
    """What was said of a channel's metric and day (or whole period) between the two versions."""

    channel: str
    metric: str
    basis: str
    start: date
    before: int | None
    after: int | None

    @property
    def cause(self) -> Cause:
        return Cause.late_data if self.before is None else Cause.restatement

    @property
    def amount(self) -> int:
        return (self.after or 0) - (self.before or 0)


@dataclass(frozen=True)
class Moved:
    """An entry of a budget's ledger between the two versions."""

    label: dict[str, str]
    category: str
    kind: EntryKind
    amount_minor: int
    funded: bool

    @property
    def cause(self) -> Cause:
        if self.kind in (EntryKind.allocation, EntryKind.transfer):
            return Cause.correction
        return Cause.refund if self.kind is EntryKind.refund else Cause.late_data

    def is_of(self, line: str | None) -> bool:
        """Whether it moved a line, as differences name it; None is any."""
        name = f"{self.category}:{json.dumps(self.label, sort_keys=True)}"
        return line is None or line == name or line.startswith(f"{name}#")

    def adds_to(self, balance: str) -> int:
        own = BALANCE[self.kind] if self.funded else "unfunded_minor"
        if balance == "available_minor" and own != "unfunded_minor":
            return self.amount_minor if own == "allocated_minor" else -self.amount_minor
        if balance == "gone_minor" and own in ("spent_minor", "unfunded_minor"):
            return self.amount_minor
        return self.amount_minor if own == balance else 0


@dataclass(frozen=True)
class Between:
    """What came in between two versions of a report."""

    old: ReportSnapshot
    new: ReportSnapshot
    told: Sequence[Told]
    moved: Sequence[Moved]

    def parts(self, changed: Changed) -> Parts:
        """What each cause brought to a number; None where a version lacks it, and nothing sums."""
        told, moved = self._behind(changed.key)
        if changed.difference is None:
            causes = {each.cause for each in told} | {each.cause for each in moved}
            return dict.fromkeys(sorted(causes or {Cause.correction}))
        found = split(changed.difference, told, _adds_up(changed.key)) if told else {}
        if balance := _balance(changed.key):
            found = _summed((each.cause, each.adds_to(balance[0])) for each in moved)
        rest = changed.difference - sum(found.values())
        found[Cause.correction] = found.get(Cause.correction, 0) + rest
        return {cause: amount for cause, amount in found.items() if amount}

    def _behind(self, key: tuple[str, ...]) -> tuple[list[Told], list[Moved]]:
        """What came in of what a number is made of."""
        reading, balance = _reading(key), _balance(key)
        span = self._span(reading.past) if reading else None
        told = list(self._told(reading, span)) if reading and span else []
        return told, list(self._moved(balance)) if balance else []

    def _span(self, past: bool) -> Span | None:
        """The days a figure is of; none when the comparison itself was chosen anew."""
        if not past:
            return self.new.report.period
        chosen = self.new.report.compare
        return chosen if chosen == self.old.report.compare else None

    def _told(self, reading: "Reading", span: Span) -> Iterator[Told]:
        day = reading.day(span) if reading.day else None
        for each in self.told:
            of_it = each.metric in reading.metrics and reading.channel in (None, each.channel)
            if not of_it or not span.start <= each.start <= span.end:
                continue
            if day is None or (each.basis == "day" and each.start == day):
                yield each

    def _moved(self, balance: "Balance") -> Iterator[Moved]:
        _, line, categories = balance
        for each in self.moved:
            if each.is_of(line) and (categories is None or each.category in categories):
                yield each


def split(difference: int, told: Sequence[Told], adds_up: bool) -> Parts:
    """
    A figure's difference by cause. Days that add up bring what they say; what is left over, or all
    of what does not add up, is the newest data's: late if any was, else a restatement.
    """
    days = [each for each in told if each.basis == "day"] if adds_up else []
    found = _summed((each.cause, each.amount) for each in days)
    rest = difference - sum(found.values())
    if rest and told:
        late = any(each.cause is Cause.late_data for each in told)
        cause = Cause.late_data if late else Cause.restatement
        found[cause] = found.get(cause, 0) + rest
    return found


def _summed(amounts: Iterable[tuple[Cause, int]]) -> Parts:
    found: Parts = {}
    for cause, amount in amounts:
        found[cause] = found.get(cause, 0) + amount
    return found


@dataclass(frozen=True)
class Reading:
    """Which readings a number is made of."""

    metrics: frozenset[str]
    channel: str | None = None
    past: bool = False
    day: Callable[[Span], date] | None = None


def _reading(key: tuple[str, ...]) -> Reading | None:
    """What a number's place says it is made of; None where no reading is in it."""
    past = "previous" in key
    match key:
        case ("channels", channel, "daily", day, "views"):
            on = date.fromisoformat(day)
            return Reading(frozenset({"views"}), channel, day=lambda _: on)
        case ("totals", "daily", number, which):
            ahead = timedelta(days=int(number) - 1)
            is_past = which == "previous"
            return Reading(frozenset({"views"}), None, is_past, lambda span: span.start + ahead)
        case ("channels", channel, *rest):
            metrics = _metrics(rest)
            return Reading(metrics, channel, past) if metrics else None
        case ("totals", *rest):
            metrics = _metrics(rest)
            return Reading(metrics, None, past) if metrics else None
        case ("kpis", kpi, *_, part) if "target" not in key:
            metrics = _of_kpi(kpi, part)
            return Reading(metrics, None, past) if metrics else None
    return None


def _adds_up(key: tuple[str, ...]) -> bool:
    reading = _reading(key)
    return reading is not None and reading.metrics <= set(FLOWS)


def _metrics(rest: Sequence[str]) -> frozenset[str]:
    match rest:
        case ("metrics", metric, *_):
            return _named_metric(metric)
        case ("followers", *_):
            return frozenset({"followers"})
        case ("engagement_rate", *_, "numerator"):
            return frozenset(ENGAGEMENTS)
        case ("engagement_rate", *_, "denominator"):
            return frozenset({"views"})
    return frozenset()


def _of_kpi(kpi: str, part: str) -> frozenset[str]:
    if kpi not in set(KpiId):
        return frozenset()
    formula = CATALOGUE[KpiId(kpi)]
    name = formula.denominator if part == "denominator" else formula.numerator
    return _named_metric(name or "")


def _named_metric(name: str) -> frozenset[str]:
    if name == "engagements":
        return frozenset(ENGAGEMENTS)
    if name == "followers_net":
        return frozenset({"followers"})
    return frozenset({name}) if name in METRICS else frozenset()


# Which balance a number is, of which line, of which categories; None is all of them.
Balance = tuple[str, str | None, frozenset[str] | None]
_MEDIA, _PRODUCTION = frozenset({"paid_media"}), frozenset({"production"})


def _balance(key: tuple[str, ...]) -> Balance | None:
    """The balance of the ledger that a number is."""
    match key:
        case ("budget", "lines", line, balance):
            return balance, line, None
        case ("budget", "totals", balance):
            return balance, None, None
        case ("investment", "media_minor"):
            return "gone_minor", None, _MEDIA
        case ("investment", "production_minor"):
            return "gone_minor", None, _PRODUCTION
        case ("investment", "total_minor"):
            return "gone_minor", None, None
    return None


def between(session: Session, old: ReportSnapshot, new: ReportSnapshot, client_id: UUID) -> Between:
    """Everything that came after the older version's figures, up to the newer one's."""
    since, until = old.report.as_of, new.report.as_of
    spans = [new.report.period, *([new.report.compare] if new.report.compare else [])]
    first, last = min(span.start for span in spans), max(span.end for span in spans)
    told = _tell(session, client_id, first, last, since, until)
    moved = _move(session, client_id, new.report.period, since, until)
    return Between(old, new, told, moved)


def _tell(
    session: Session, client_id: UUID, first: date, last: date, since: datetime, until: datetime
) -> list[Told]:
    agency_id = session.sight.agency_id  # type: ignore[attr-defined]
    asked = {"agency": agency_id, "client": client_id, "first": first, "last": last}
    found = session.connection().execute(_TOLD, {**asked, "since": since, "until": until})
    return [Told(str(channel), *rest) for channel, *rest in found]


def _move(
    session: Session, client_id: UUID, period: Span, since: datetime, until: datetime
) -> list[Moved]:
    line, budget, entry = BudgetLine, Budget, BudgetEntry
    columns: tuple[Any, ...] = (
        *(line.label, line.category),
        *(entry.kind, entry.amount_minor, entry.funded),
    )
    query = (
        select(*columns)
        .join(line, (col(line.agency_id) == entry.agency_id) & (col(line.id) == entry.line_id))
        .join(
            budget, (col(budget.agency_id) == line.agency_id) & (col(budget.id) == line.budget_id)
        )
        .where(
            col(entry.client_id) == client_id,
            col(entry.created_at) > since,
            col(entry.created_at) <= until,
            col(budget.period_start) <= period.end,
            col(budget.period_end) >= period.start,
        )
    )
    return [Moved(*row) for row in session.exec(query)]


# The newest word on each metric of a channel's day, week or month: as it was, and as it came to be.
_WORD = """(array_agg(value order by captured_at desc, source desc)
        filter (where received_at <= {until}))[1]"""
_TOLD = text(f"""
select subject_id, metric, basis, period_start, before, after from (
    select r.subject_id, m.metric, r.basis, r.period_start,
        {_WORD.format(until=":since")} as before, {_WORD.format(until=":until")} as after
    from metric_readings r
    cross join lateral (values {", ".join(f"('{name}', r.{name})" for name in METRICS)})
        m(metric, value)
    where r.agency_id = :agency and r.client_id = :client and r.subject_type = 'channel'
        and r.period_start between :first and :last and r.received_at <= :until
        and (m.value is not null or r.missing ? m.metric)
    group by 1, 2, 3, 4
) word where before is distinct from after
""")  # noqa: S608
