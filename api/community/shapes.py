"""What community figures look like over the wire."""

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from api.clients.networks import Network
from api.community.models import BUCKETS, GROUPS, MessageKind
from api.metrics.figures import FigureBasis, MissingReason, Quality
from api.metrics.readings.fact_shapes import Amount, CapturedAt, Rate, Source
from tenants.shapes import Count, Day, ReadShape, Shape

MOST_FIGURES = 1_000
Seconds = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]


class ItemsWrite(Shape):
    """
    Messages by what they need. Spam and what was moderated needs no answer, and is counted apart.
    """

    needing_answer: Count
    answered: Count
    moderated: Count | None = None

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.answered > self.needing_answer:
            raise PydanticCustomError("does_not_add_up", "more answered than needed it")
        return self


class ResponseTimesWrite(Shape):
    """
    How long first responses took. `buckets`: how many took up to 1, 5, 15, 60 minutes, 4 hours,
    24 hours, and longer. A median or p90 that the source gives is shown as given, for its own day.
    """

    sample_size: Count
    sum_seconds: Annotated[int, Field(strict=True, ge=0, le=2**53 - 1)]
    buckets: Annotated[list[Count] | None, Field(min_length=7, max_length=7)] = None
    median_seconds: Seconds | None = None
    p90_seconds: Seconds | None = None

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.buckets is not None:
            starts = (0, *BUCKETS[:-1])
            least = sum(n * (start or 0) for n, start in zip(self.buckets, starts, strict=True))
            most = sum(n * (end or 0) for n, end in zip(self.buckets, BUCKETS, strict=True))
            known = self.sum_seconds <= most or self.buckets[-1]
            if sum(self.buckets) != self.sample_size or self.sum_seconds < least or not known:
                raise PydanticCustomError("does_not_add_up", "other times than the buckets say")
        if not self.sample_size and (self.sum_seconds or self._given):
            raise PydanticCustomError("does_not_add_up", "times of no response")
        if None not in (self.median_seconds, self.p90_seconds) and self._crossed:
            raise PydanticCustomError("does_not_add_up", "a median above the p90")
        return self

    @property
    def _given(self) -> bool:
        return self.median_seconds is not None or self.p90_seconds is not None

    @property
    def _crossed(self) -> bool:
        return (self.median_seconds or 0) > (self.p90_seconds or 0)


class SlaWrite(Shape):
    """
    Messages under the SLA: answered in time, answered too late, not answered though it is too late
    already, and not answered with time left (`open`).
    """

    hit: Count
    missed: Count
    running_missed: Count
    open: Count


class SentimentWrite(Shape):
    """Messages by what they felt like; those that nobody judged are in none."""

    positive: Count
    neutral: Count
    negative: Count


class CommunityFigureWrite(Shape):
    """
    What one source says of the messages that came in on one day: of one channel, or without
    `channel_id` of all the client's together. A group left out says nothing.
    """

    day: Annotated[Day, Field(description="The client's calendar.")]
    channel_id: UUID | None = None
    source: Source = "manual"
    captured_at: CapturedAt = None
    messages: Annotated[dict[MessageKind, Count] | None, Field(min_length=1, max_length=5)] = None
    items: ItemsWrite | None = None
    first_response: ResponseTimesWrite | None = None
    first_response_business: Annotated[
        ResponseTimesWrite | None, Field(description="Of business hours alone.")
    ] = None
    sla: SlaWrite | None = None
    sentiment: SentimentWrite | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if all(getattr(self, name) is None for name in GROUPS):
            raise PydanticCustomError("tells_nothing", "a figure says something")
        return self

    def groups(self) -> dict[str, Any]:
        """The groups it tells, as they are kept."""
        said = self.model_dump(mode="json", include=set(GROUPS), exclude_none=True)
        return {name: group for name, group in said.items() if group is not None}


class CommunityFiguresWrite(Shape):
    """Figures of one client; all are kept, or none."""

    client_id: UUID
    figures: Annotated[list[CommunityFigureWrite], Field(min_length=1, max_length=MOST_FIGURES)]


class Duration(ReadShape):
    """
    Seconds: `given` by the source for this one day, or `estimated` from buckets. `at_least`: it
    falls among those that took longer than a day, and may be longer.
    """

    seconds: int | None
    at_least: bool
    quality: Quality
    basis: FigureBasis | None
    missing_reason: MissingReason | None


class ResponseTimes(ReadShape):
    """First responses: how many, and how long they took."""

    sample_size: Amount
    sum_seconds: Amount
    mean_seconds: int | None
    median: Duration
    p90: Duration


class MessagesIn(ReadShape):
    """Messages that came in, by kind."""

    comment: Amount
    direct_message: Amount
    mention: Amount
    review: Amount
    forum: Amount


class CommunityFigures(ReadShape):
    """
    `response_rate` is answered ÷ needing an answer, spam and moderated left out. `sla_attainment`
    is hit ÷ (hit + missed + running, already missed); `sla_open`, still in time, is in neither.
    `net_sentiment` is (positive − negative) ÷ (positive + neutral + negative).
    """

    messages: MessagesIn
    needing_answer: Amount
    answered: Amount
    moderated: Amount
    response_rate: Rate
    first_response: ResponseTimes
    first_response_business: ResponseTimes
    sla_attainment: Rate
    sla_open: Amount
    net_sentiment: Rate


class ChannelCommunity(CommunityFigures):
    """One channel's messages."""

    channel_id: UUID
    network: Network
    handle: str


class CommunityRead(ReadShape):
    """
    How a client's community was answered, as it is known at `as_of`. Days that were told of all
    channels together count as told; the others are added up from their channels.
    """

    client_id: UUID
    timezone: str
    as_of: datetime
    period_start: date
    period_end: date
    days: int
    totals: CommunityFigures
    channels: list[ChannelCommunity]
