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

import calendar
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlmodel import Session

from api.metrics.figures import ENGAGEMENTS, FLOWS, METRICS
from api.metrics.kpis import CATALOGUE, KpiId
from api.reports.differences import arrivals
from api.reports.differences.arrivals import Cause, Interval, Moved, Told
from api.reports.differences.differences import Changed
from api.reports.snapshot.figures import Span
from api.reports.snapshot.snapshot import ReportSnapshot

Parts = dict[Cause, Any]  # the amount each brought; None where there is no difference
Days = Literal["period", "compare", "year", "year_before"] | Span


def between(
    session: Session, old: ReportSnapshot, new: ReportSnapshot, client_id: UUID
) -> "Between":
    """Everything that came after the older version's figures, up to the newer one's."""
    during, period = Interval(old.report.as_of, new.report.as_of), new.report.period
    first = min(date(period.end.year - 1, 1, 1), (new.report.compare or period).start)
    days = Span.model_construct(start=first, end=period.end)
    told = arrivals.told(session, client_id, days, during)
    return Between(old, new, told, arrivals.moved(session, client_id, period, during))


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
        span = self._span(reading.days) if reading else None
        told = list(self._told(reading, span)) if reading and span else []
        return told, list(self._moved(balance)) if balance else []

    def _span(self, days: "Days") -> Span | None:
        """The days a figure is of; none when the comparison itself was chosen anew."""
        if isinstance(days, Span):
            return days
        period, chosen = self.new.report.period, self.new.report.compare
        if days in ("year", "year_before"):
            return _year(period.end, years=0 if days == "year" else 1)
        if days == "period":
            return period
        return chosen if chosen == self.old.report.compare else None

    def _told(self, reading: "Reading", span: Span) -> Iterator[Told]:
        day = None if reading.nth is None else span.start + timedelta(days=reading.nth)
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
    """Which readings a number is made of; `nth`: of this day alone, counted from the first."""

    metrics: frozenset[str]
    channel: str | None = None
    days: Days = "period"
    nth: int | None = None


def _reading(key: tuple[str, ...]) -> Reading | None:
    """What a number's place says it is made of; None where no reading is in it."""
    if "target" in key:
        return None
    days: Days = "compare" if "previous" in key else "period"
    found: Reading | None = None
    match key:
        case (_, *_, "daily", _, _):
            found = _daily(key, days)
        case ("channels", channel, *rest):
            found = Reading(_metrics(rest), channel, days)
        case ("totals", *rest):
            found = Reading(_metrics(rest), None, days)
        case ("kpis", kpi, *_, part):
            found = Reading(_of_kpi(kpi, part), None, days)
        case ("year", *rest):
            found = _yearly(rest)
        case ("paid" | "investment", metric):
            found = Reading(_named_metric(metric))
    return found if found and found.metrics else None


def _daily(key: tuple[str, ...], days: Days) -> Reading:
    """Views of one day: of a channel by its date, of all of them by its number."""
    views = frozenset({"views"})
    match key:
        case ("channels", channel, _, day, _):
            on = date.fromisoformat(day)
            return Reading(views, channel, Span(start=on, end=on), nth=0)
    return Reading(views, None, days, nth=int(key[-2]) - 1)


def _yearly(rest: Sequence[str]) -> Reading | None:
    """Of the months around the period, or of the year so far."""
    match rest:
        case ("months", month, metric):
            first = date.fromisoformat(month)
            last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
            return Reading(_named_metric(metric), None, Span(start=first, end=last))
        case ("figures", kpi, *more, part):
            days: Days = "year_before" if "previous" in more else "year"
            return Reading(_of_kpi(kpi, part), None, days)
    return None


def _year(day: date, *, years: int) -> Span:
    """From the first of January to a day, or to the same day of a year before."""
    last = min(day.day, calendar.monthrange(day.year - years, day.month)[1])
    return Span(start=date(day.year - years, 1, 1), end=date(day.year - years, day.month, last))


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
