"""The market in a snapshot: the community, the competitors, what is usual, the year."""

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from api.reports.snapshot.figures import (
    Count,
    Frozen,
    Key,
    MissingReason,
    ReportKpi,
    ReportRate,
    Whole,
    Words,
)

State = Literal["on_track", "at_risk", "off_track", "not_yet", "unknown"]


class ReportDuration(Frozen):
    """Minutes to a first response; `at_least`: it may be longer."""

    response_minutes: Count
    at_least: bool = False
    estimated: bool = False


class ReportCommunity(Frozen):
    """How the client's messages were answered. What is not known is null."""

    messages: dict[Key, Count] = Field(default_factory=dict)
    total: Count | None = None
    median: ReportDuration | None = None
    p90: ReportDuration | None = None
    response_rate: ReportRate | None = None
    sla: ReportRate | None = None
    net_sentiment: ReportRate | None = None
    is_whole: bool = True

    @model_validator(mode="after")
    def _closes(self) -> Self:
        if self.total != (sum(self.messages.values()) if self.messages else None):
            raise ValueError("community: the total is not the sum of its kinds")
        return self


class ReportBrandVoice(Frozen):
    """One brand's mentions, over the days on which every brand was counted."""

    name: Words
    own: bool = False
    mentions: Count


class ReportVoice(Frozen):
    """One question asked of a universe of brands: who was spoken of how often."""

    topic: Words
    keywords: tuple[Words, ...] = ()
    networks: tuple[Words, ...] = ()
    languages: tuple[Words, ...] = ()
    days: Count
    brands: Annotated[tuple[ReportBrandVoice, ...], Field(min_length=1)]
    total: Count

    @model_validator(mode="after")
    def _closes(self) -> Self:
        if sum(brand.mentions for brand in self.brands) != self.total:
            raise ValueError(f"{self.topic}: the mentions do not add up to the universe")
        return self


class ReportRival(Frozen):
    """An account beside the client's own on one network; `own` is the client's channel."""

    name: Words
    network: Words
    own: bool = False
    followers: Count | None = None
    followers_net: Whole | None = None
    posts: Count | None = None
    engagements: Count | None = None
    er_followers: ReportRate | None = None


class ReportCompetitors(Frozen):
    """The client beside those it competes with."""

    voices: tuple[ReportVoice, ...] = ()
    accounts: tuple[ReportRival, ...] = ()


class ReportBenchmark(Frozen):
    """What is usual for one figure, and who says so."""

    kpi: Key
    value: Whole | None = None
    rate: ReportRate | None = None
    source: Words
    published_on: dt.date | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.value is None) is (self.rate is None):
            raise ValueError(f"{self.kpi}: what is usual is a number or a rate")
        return self


class ReportMonth(Frozen):
    """One calendar month. Null where there is no figure; `is_partial`: some days have none."""

    month: dt.date
    views: Count | None = None
    engagements: Count | None = None
    lacks: MissingReason | None = None
    is_partial: bool = False

    @model_validator(mode="after")
    def _is_a_month(self) -> Self:
        if self.month.day != 1:
            raise ValueError("a month is named by its first day")
        return self


class ReportYearFigure(ReportKpi):
    """A figure from the first of January on, against the same days a year before and the target."""

    state: State | None = None


class ReportYear(Frozen):
    """The year so far, and thirteen months up to the period's last one."""

    start: dt.date
    end: dt.date
    figures: tuple[ReportYearFigure, ...] = ()
    months: Annotated[tuple[ReportMonth, ...], Field(max_length=13)] = ()

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        numbers = [month.month.year * 12 + month.month.month for month in self.months]
        if any(after - before != 1 for before, after in zip(numbers, numbers[1:], strict=False)):
            raise ValueError("year: the months follow one another")
        if numbers and numbers[-1] != self.end.year * 12 + self.end.month:
            raise ValueError("year: the last month is that of the period's end")
        return self
