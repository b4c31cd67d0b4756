"""What listening topics, mention counts and shares of voice look like over the wire."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import MISSING, AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from api.clients.networks import Network
from api.listening.models import GROUPS, CountBasis, TopicStatus
from api.metrics.readings.fact_shapes import Amount, CapturedAt, Rate, Source
from tenants.pages import PageQuery
from tenants.shapes import Count, Day, Line, Name, Positive, ReadShape, Shape

MOST_COUNTS = 1_000


def _each_once(named: Sequence[Any]) -> Sequence[Any]:
    if len({str(each).casefold() for each in named}) < len(named):
        raise PydanticCustomError("named_twice", "something is named twice")
    return named


LanguageCode = Annotated[str, Field(min_length=2, max_length=3, pattern="^[a-z]{2,3}$")]
Keywords = Annotated[list[Line], Field(min_length=1, max_length=100), AfterValidator(_each_once)]
Networks = Annotated[
    list[Network],
    Field(max_length=len(Network), description="None: wherever the brands are spoken of."),
    AfterValidator(_each_once),
]
Languages = Annotated[
    list[LanguageCode],
    Field(max_length=50, description="ISO 639 codes; none: in every language."),
    AfterValidator(_each_once),
]
Universe = Annotated[
    list[UUID],
    Field(
        min_length=1,
        max_length=50,
        description="The client's competitors that its own brand is heard beside.",
    ),
    AfterValidator(_each_once),
]


class ListeningTopicCreate(Shape):
    """What to listen to for a client: the query, and the brands that are counted by it."""

    client_id: UUID
    name: Name
    keywords: Keywords
    networks: Networks = []
    languages: Languages = []
    competitor_ids: Universe


class ListeningTopicUpdate(Shape):
    """
    What of a topic may be changed. Another query or universe is another version: what was counted
    stays under the one it was counted by.
    """

    name: Name | MISSING = MISSING
    keywords: Keywords | MISSING = MISSING
    networks: Networks | MISSING = MISSING
    languages: Languages | MISSING = MISSING
    competitor_ids: Universe | MISSING = MISSING
    status: TopicStatus | MISSING = MISSING


class ListeningTopicRead(ReadShape):
    """What is listened to for a client; the query is that of its newest version, `number`."""

    id: UUID
    version: int
    client_id: UUID
    name: str
    number: int
    keywords: list[str]
    networks: list[Network]
    languages: list[str]
    competitor_ids: list[UUID]
    status: TopicStatus
    created_at: datetime
    updated_at: datetime


class ListeningTopicQuery(PageQuery):
    """Filters of topics."""

    client_id: UUID | None = None
    status: TopicStatus | None = None


class TopicVersionRead(ReadShape):
    """A query and its universe, as mentions were counted under it from `created_at` on."""

    id: UUID
    topic_id: UUID
    number: int
    keywords: list[str]
    networks: list[Network]
    languages: list[str]
    competitor_ids: list[UUID]
    created_at: datetime


class MentionSentimentWrite(Shape):
    """Mentions by what they felt like; those that nobody judged are in none."""

    positive: Count
    neutral: Count
    negative: Count


class MentionCountWrite(Shape):
    """
    How often one source found a brand named in a period: a competitor, or without `competitor_id`
    the client's own. A brand that nobody named is told as 0; one that is left out is not known.
    """

    competitor_id: UUID | None = None
    basis: Annotated[
        CountBasis, Field(description="A week begins on Monday, a month on its 1st.")
    ] = CountBasis.day
    period_start: Annotated[Day, Field(description="First day; the client's calendar.")]
    mentions: Count | None = None
    sentiment: MentionSentimentWrite | None = None
    source: Source = "manual"
    captured_at: CapturedAt = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.mentions is None and self.sentiment is None:
            raise PydanticCustomError("tells_nothing", "a count says something")
        judged = sum((self.sentiment or _NOBODY).model_dump().values())
        if self.mentions is not None and judged > self.mentions:
            raise PydanticCustomError("does_not_add_up", "more judged than counted")
        start = self.period_start
        first = {CountBasis.week: start.weekday() == 0, CountBasis.month: start.day == 1}
        if not first.get(self.basis, True):
            raise PydanticCustomError("not_a_period_start", "not the first day of a period")
        return self

    def groups(self) -> dict[str, Any]:
        """The groups it tells, as they are kept."""
        said = self.model_dump(include=set(GROUPS))
        return {name: group for name, group in said.items() if group is not None}


_NOBODY = MentionSentimentWrite(positive=0, neutral=0, negative=0)


class MentionCountsWrite(Shape):
    """Counts of one topic, by its newest version unless `number` says which; all or none."""

    topic_id: UUID
    number: Positive | None = None
    counts: Annotated[list[MentionCountWrite], Field(min_length=1, max_length=MOST_COUNTS)]


class BrandVoice(ReadShape):
    """
    One brand of the universe; without `competitor_id` the client's own. `mentions` are all that
    are known of it in the period; `sov` is over the days on which every brand was counted.
    """

    competitor_id: UUID | None
    name: str
    mentions: Amount
    sov: Rate
    net_sentiment: Rate


class VersionVoice(ReadShape):
    """
    What was counted in the period under one version of a topic. `sov` and `net_sentiment` are the
    client's own brand's. A brand that was not counted makes the share missing, for it is not zero.
    """

    number: int
    since: datetime
    keywords: list[str]
    networks: list[Network]
    languages: list[str]
    days_compared: int
    sov: Rate
    net_sentiment: Rate
    brands: list[BrandVoice]


class TopicVoice(ReadShape):
    """
    A topic in the period. Figures of `several_versions` are of different questions: they stand
    beside each other, and are never added up.
    """

    topic_id: UUID
    name: str
    status: TopicStatus
    several_versions: bool
    versions: list[VersionVoice]


class ShareOfVoiceRead(ReadShape):
    """How much of what is said is about the client, as it is known at `as_of`."""

    client_id: UUID
    timezone: str
    as_of: datetime
    period_start: date
    period_end: date
    days: int
    topics: list[TopicVoice]
