"""The figures of a snapshot: tiles, channels and days, and the sums that must hold between them."""

import datetime as dt
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

SAFE_INTEGER = 2**53 - 1  # the largest every reader of JSON keeps exact

Locale = Literal["es", "en"]
KNOWN_KPIS = (
    "reach",
    "views",
    "impressions",
    "engagements",
    "er_views",
    "er_reach",
    "er_impressions",
    "er_followers",
    "followers_net",
    "clicks",
    "leads",
    "conversions",
    "revenue",
    "spend",
    "ctr",
    "cpm",
    "cpc",
    "cpl",
    "cpa",
    "roas",
    "roi",
    "first_response",
    "response_rate",
    "sla",
)
Metric = Literal[
    "reach", "views", "impressions", "engagements", "clicks", "conversions", "leads", "posts"
]
Unit = Literal["count", "signed_count", "ratio", "money", "ratio_money", "minutes"]
MissingReason = Literal[
    "not_connected",
    "not_offered",
    "not_recorded",
    "not_yet",
    "no_denominator",
    "not_comparable",
    "mixed_currency",
    "no_revenue",
]


def _printable(text: str) -> str:
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t":
            raise ValueError("control characters and lone surrogates cannot be printed")
    return text


_PRINTABLE = (
    AfterValidator(_printable),
    Field(json_schema_extra={"pattern": "^[^\\u0000-\\u0008\\u000B-\\u001F\\u007F-\\u009F]*$"}),
)
Words = Annotated[str, StringConstraints(min_length=1, max_length=20_000), *_PRINTABLE]
Account = Annotated[str, StringConstraints(min_length=1, max_length=60_000), *_PRINTABLE]
Text = Annotated[dict[Locale, Words], Field(min_length=1)]
Label = Text | Words
Whole = Annotated[int, Field(strict=True, ge=-SAFE_INTEGER, le=SAFE_INTEGER)]
Count = Annotated[int, Field(strict=True, ge=0, le=SAFE_INTEGER)]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_\-:.]{1,80}$")]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(Frozen):
    """From the first day to the last, both included."""

    start: dt.date
    end: dt.date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if not 1 <= self.days <= 366:
            raise ValueError("a period has from 1 to 366 days")
        return self


class ReportRate(Frozen):
    """A fraction, never rounded."""

    numerator: Whole
    denominator: Count


class ReportRateChange(ReportRate):
    """A fraction, and what it was before."""

    previous: ReportRate | None = None


class ReportFigure(Frozen):
    """A figure, and what it was before."""

    value: Whole | None
    previous: Whole | None = None


class ReportKpiValue(Frozen):
    """`value` for counts, money and minutes; `numerator` and `denominator` for rates."""

    value: Whole | None = None
    numerator: Whole | None = None
    denominator: Count | None = None

    @property
    def is_missing(self) -> bool:
        return self.value is None and (self.numerator is None or not self.denominator)


class ReportKpi(ReportKpiValue):
    """One figure against its target and its past.

    Units of a rate: `ratio` is numerator ÷ denominator; `ratio_money` is minor units ÷ count, times
    `per` (1000 for CPM). `direction` says which way is better. An id that is not in KNOWN_KPIS
    brings its label. A target is written as it is said: minor units for every `per`, or a rate.
    """

    id: Key
    label: Text | None = None
    unit: Unit
    per: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] = 1
    previous: ReportKpiValue | None = None
    target: Whole | ReportRate | None = None
    direction: Literal["up", "down"] = "up"
    quality: Literal["actual", "estimated", "manual", "missing"] = "actual"
    missing_reason: MissingReason | Text | None = None

    @property
    def is_rate(self) -> bool:
        return self.unit in ("ratio", "ratio_money")

    @model_validator(mode="after")
    def _is_written_as_its_unit(self) -> Self:
        for figure in (self, self.previous):
            if figure is not None:
                self._fits_unit(figure)
        if self.unit == "ratio" and isinstance(self.target, int):
            raise ValueError(f"{self.id}: the target of a rate is a rate")
        if isinstance(self.target, ReportRate) and (
            not self.is_rate or not self.target.denominator
        ):
            raise ValueError(f"{self.id}: this target cannot be compared")
        if self.id == "cpm" and self.per != 1000:
            raise ValueError("cpm is a cost per 1000")
        return self

    @model_validator(mode="after")
    def _says_what_it_lacks(self) -> Self:
        if self.label is None and self.id not in KNOWN_KPIS:
            raise ValueError(f"{self.id}: a figure of your own brings its label")
        if self.quality == "missing" and not self.is_missing:
            raise ValueError(f"{self.id}: a missing figure has no value")
        if self.is_missing and not self.is_rate and self.missing_reason is None:
            raise ValueError(f"{self.id}: a missing figure says why")
        return self

    def _fits_unit(self, figure: ReportKpiValue) -> None:
        parts = figure.numerator is not None or figure.denominator is not None
        if (figure.value is not None) if self.is_rate else parts:
            raise ValueError(f"{self.id}: {self.unit} is not written that way")


class ReportDay(Frozen):
    """One day of one channel."""

    date: dt.date
    views: Count | None


class ReportChannel(Frozen):
    """One channel's figures in the period."""

    id: Key
    network: Words
    name: Words
    metrics: dict[Metric, ReportFigure] = Field(default_factory=dict)
    followers: ReportFigure | None = None
    engagement_rate: ReportRateChange | None = None
    daily: tuple[ReportDay, ...] = ()


class ReportDayTotal(Frozen):
    """Views of the n-th day of each period, from 1; null where any channel has no figure."""

    day: Annotated[int, Field(strict=True, ge=1, le=366)]
    current: Count | None
    previous: Count | None = None


class ReportTotals(Frozen):
    """The sums over all channels."""

    metrics: dict[Metric, ReportFigure] = Field(default_factory=dict)
    followers: ReportFigure | None = None
    engagement_rate: ReportRateChange | None = None
    daily: tuple[ReportDayTotal, ...] = ()


def totals_of(
    channels: Sequence[ReportChannel], period: Span, previous_daily: Sequence[int | None] = ()
) -> ReportTotals:
    """The totals that close: what the maker of a snapshot puts in it.

    A channel without a figure is left out of the sum; with none at all the total is null.
    A day is null when any channel that reports days has no figure for it: a partial sum would
    look like a fall.
    """
    names = dict.fromkeys(name for channel in channels for name in channel.metrics)
    return ReportTotals(
        metrics={
            name: _summed(channel.metrics[name] for channel in channels if name in channel.metrics)
            for name in names
        },
        followers=_summed_or_none(channel.followers for channel in channels),
        engagement_rate=_summed_rate(channel.engagement_rate for channel in channels),
        daily=_summed_days(channels, period, previous_daily),
    )


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _summed(changes: Iterable[ReportFigure]) -> ReportFigure:
    changes = list(changes)
    return ReportFigure(
        value=_sum(change.value for change in changes),
        previous=_sum(change.previous for change in changes),
    )


def _summed_or_none(changes: Iterable[ReportFigure | None]) -> ReportFigure | None:
    known = [change for change in changes if change is not None]
    return _summed(known) if known else None


def _summed_rate(rates: Iterable[ReportRateChange | None]) -> ReportRateChange | None:
    known = [rate for rate in rates if rate is not None]
    past = [rate.previous for rate in known if rate.previous is not None]
    if not known:
        return None
    return ReportRateChange(
        numerator=sum(rate.numerator for rate in known),
        denominator=sum(rate.denominator for rate in known),
        previous=ReportRate(
            numerator=sum(rate.numerator for rate in past),
            denominator=sum(rate.denominator for rate in past),
        )
        if past
        else None,
    )


def _summed_days(
    channels: Sequence[ReportChannel], period: Span, previous: Sequence[int | None]
) -> tuple[ReportDayTotal, ...]:
    by_day = [{day.date: day.views for day in channel.daily} for channel in channels]
    by_day = [days for days in by_day if days]
    if not by_day and not previous:
        return ()
    totals = []
    for index in range(max(period.days, len(previous))):
        date = period.start + dt.timedelta(days=index)
        views = [days.get(date) for days in by_day]
        whole = bool(views) and index < period.days and None not in views
        totals.append(
            ReportDayTotal(
                day=index + 1,
                current=_sum(views) if whole else None,
                previous=previous[index] if index < len(previous) else None,
            )
        )
    return tuple(totals)


def check_days(channels: Sequence[ReportChannel], period: Span) -> None:
    """Days stand in the period, once each, and add up to the views when none is missing."""
    for channel in channels:
        dates = [day.date for day in channel.daily]
        refuse_repeated("day", dates)
        if any(not period.start <= date <= period.end for date in dates):
            raise ValueError(f"{channel.id}: a day outside the period")
        views = channel.metrics.get("views")
        known = [day.views for day in channel.daily if day.views is not None]
        complete = views is not None and views.value is not None and len(known) == period.days
        if complete and views is not None and sum(known) != views.value:
            raise ValueError(f"{channel.id}: the days do not add up to its views")


def check_kpi(kpi: ReportKpi, totals: ReportTotals) -> None:
    """The same figure in a tile and in the channels' total is the same number."""
    twin = {str(name): change for name, change in totals.metrics.items()}.get(kpi.id)
    if twin is not None and kpi.unit == "count":
        before = kpi.previous.value if kpi.previous else None
        if kpi.value != twin.value or before not in (None, twin.previous):
            raise ValueError(f"{kpi.id}: the tile is not the total of the channels")
    rate = totals.engagement_rate
    if kpi.id == "er_views" and rate is not None and not kpi.is_missing:
        shown = (kpi.numerator, kpi.denominator)
        if shown != (rate.numerator, rate.denominator):
            raise ValueError("er_views: the tile is not the total of the channels")


def refuse_repeated(what: str, values: Sequence[object]) -> None:
    if len(set(values)) != len(values):
        raise ValueError(f"the same {what} stands twice")
