"""What a published version is made of: every figure and every word, frozen.

Integers only: money in minor units of the report's currency, rates as numerator and denominator.
A missing figure is null with a reason, never 0. Figures close or the snapshot is refused: a total
is the sum of its rows wherever it is printed.
"""

import datetime as dt
import hashlib
import json
from typing import Annotated, Literal, Self
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AwareDatetime,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from api.reports.snapshot.collaborations import ReportCollaborations
from api.reports.snapshot.figures import (
    Account,
    Count,
    Frozen,
    Key,
    Locale,
    ReportChannel,
    ReportKpi,
    ReportTotals,
    Span,
    Text,
    Words,
    check_days,
    check_kpi,
    refuse_repeated,
    totals_of,
)
from api.reports.snapshot.market import (
    ReportBenchmark,
    ReportCommunity,
    ReportCompetitors,
    ReportYear,
)
from api.reports.snapshot.money import (
    Currency,
    ReportBudget,
    ReportContract,
    ReportInvestment,
    ReportPaidMedia,
)
from api.reports.snapshot.work import (
    ReportAim,
    ReportComing,
    ReportDeliverable,
    ReportEffectiveness,
    ReportPost,
    ReportPromise,
    ReportProof,
    ReportWait,
)

# In the usual order of the page; a draft may choose its own.
Section = Literal[
    "boss",
    "summary",
    "kpis",
    "year",
    "investment",
    "kept",
    "waited",
    "channels",
    "content",
    "collaborations",
    "paid",
    "community",
    "competitors",
    "budget",
    "contract",
    "deliverables",
    "outlook",
    "next_steps",
    "definitions",
]
# What only the agency reads: an internal report prints it, a client's never holds it.
INTERNAL_WORDS = ("opportunities", "threats", "proposals")


Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")]
WrittenDay = Annotated[
    dt.date,
    PlainSerializer(dt.date.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date"}),
]


def _drawable(svg: str) -> str:
    """A logo was cleaned when it was received; this only refuses what would break the document."""
    if "<!" in svg or "<?" in svg:
        raise ValueError("a logo has no declarations")
    try:
        root = ElementTree.fromstring(svg)
    except ElementTree.ParseError as error:
        raise ValueError("a logo is well-formed SVG") from error
    if root.tag != "{http://www.w3.org/2000/svg}svg":
        raise ValueError("a logo is an SVG drawing")
    return svg


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError("unknown time zone") from error
    return name


class ReportPeriod(Span):
    """The days a report is about, both ends included."""

    kind: Literal["week", "month", "quarter", "custom"]


class ReportComparison(Span):
    """The days it is compared with."""

    kind: Literal["previous_period", "previous_month", "year_over_year", "custom"]


class ReportCorrection(Frozen):
    """The version that this one corrects, and why."""

    version: Count
    reason: Text


class ReportHeader(Frozen):
    """
    `as_of` is the data cut-off. `published_at` is null only while it is a draft. `gaps_accepted`:
    why it was published although figures were missing.
    """

    id: Key
    version: Count
    kind: Literal["periodic", "campaign_close", "incident", "business_review"]
    period: ReportPeriod
    compare: ReportComparison | None = None
    published_at: AwareDatetime | None = None
    as_of: AwareDatetime
    timezone: Annotated[str, AfterValidator(_zone)]
    currency: Currency
    locales: Annotated[tuple[Locale, ...], Field(min_length=1)]
    supersedes: ReportCorrection | None = None
    audience: Literal["client", "internal"] = "client"
    gaps_accepted: Text | None = None


class ReportBranding(Frozen):
    """The agency's two colours."""

    primary: Colour
    accent: Colour


class ReportAgency(Frozen):
    """`logo` is SVG text that needs no other file; without one the initials are drawn."""

    name: Words
    tagline: Text | None = None
    branding: ReportBranding
    logo: Annotated[str, Field(max_length=200_000), AfterValidator(_drawable)] | None = None


class ReportClient(Frozen):
    """Whose report it is."""

    name: Words
    sector: Text | None = None


class ReportAuthor(Frozen):
    """Who answers for its words."""

    name: Words
    title: Text | None = None
    email: Words | None = None


class ReportHighlight(Frozen):
    """One thing worth saying first."""

    title: Words
    body: Words


class ReportNarrative(Frozen):
    """
    The account executive's words in one language. Texts may carry the marks of `markup`.

    Notes stand beside a channel, a figure, a day or a section. Opportunities, threats and
    proposals are for the agency alone: a client's version leaves them out. `closing` is signed.
    """

    headline: Words
    summary: Account | None = None
    highlights: tuple[ReportHighlight, ...] = ()
    lowlights: tuple[Words, ...] = ()
    learnings: tuple[Words, ...] = ()
    channel_notes: dict[Key, Words] = Field(default_factory=dict)
    section_notes: dict[Section, Words] = Field(default_factory=dict)
    figure_notes: dict[Key, Words] = Field(default_factory=dict)
    day_notes: dict[WrittenDay, Words] = Field(default_factory=dict)
    next_steps: tuple[Words, ...] = ()
    opportunities: tuple[Words, ...] = ()
    threats: tuple[Words, ...] = ()
    proposals: tuple[Words, ...] = ()
    closing: Account | None = None


class ReportAnnotation(Frozen):
    """A day that explains a figure."""

    date: dt.date
    label: Text
    kind: Literal["campaign", "collaboration", "content", "incident", "other"] = "other"


def _is_internal(info: ValidationInfo) -> bool:
    header: ReportHeader | None = info.data.get("report")
    return header is not None and header.audience == "internal"


class ReportSnapshot(Frozen):
    """
    One version of one report, whole. Empty parts are left out of what is printed; `layout` says
    which of the others are printed and in which order, null being all in the usual one.
    """

    report: ReportHeader
    agency: ReportAgency
    client: ReportClient
    author: ReportAuthor
    narrative: dict[Locale, ReportNarrative]
    layout: tuple[Section, ...] | None = None
    kpis: tuple[ReportKpi, ...] = ()
    channels: Annotated[tuple[ReportChannel, ...], Field(max_length=60)] = ()
    totals: ReportTotals | None = None
    annotations: tuple[ReportAnnotation, ...] = ()
    content: tuple[ReportProof, ...] = ()
    paid: ReportPaidMedia | None = None
    investment: ReportInvestment | None = None
    budget: ReportBudget | None = None
    deliverables: tuple[ReportDeliverable, ...] = ()
    kept: tuple[ReportPromise, ...] = ()
    requests: tuple[ReportPromise, ...] = ()
    commitments: tuple[ReportPromise, ...] = ()
    aims: tuple[ReportAim, ...] = ()
    year: ReportYear | None = None
    waited: tuple[ReportWait, ...] = ()
    contract: ReportContract | None = None
    posts: tuple[ReportPost, ...] = ()
    community: ReportCommunity | None = None
    competitors: ReportCompetitors | None = None
    benchmarks: tuple[ReportBenchmark, ...] = ()
    coming: tuple[ReportComing, ...] = ()
    effectiveness: ReportEffectiveness | None = None
    collaborations: ReportCollaborations | None = None

    @field_validator("effectiveness")
    @classmethod
    def _is_kept_inside(
        cls, told: ReportEffectiveness | None, info: ValidationInfo
    ) -> ReportEffectiveness | None:
        return told if _is_internal(info) else None

    @field_validator("collaborations")
    @classmethod
    def _keeps_fees_inside(
        cls, told: ReportCollaborations | None, info: ValidationInfo
    ) -> ReportCollaborations | None:
        return told if told is None or _is_internal(info) else told.for_client()

    @field_validator("narrative")
    @classmethod
    def _is_for_its_audience(
        cls, narrative: dict[Locale, ReportNarrative], info: ValidationInfo
    ) -> dict[Locale, ReportNarrative]:
        if _is_internal(info):
            return narrative
        none = dict.fromkeys(INTERNAL_WORDS, ())
        return {locale: told.model_copy(update=none) for locale, told in narrative.items()}

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if set(self.narrative) != set(self.report.locales):
            raise ValueError("there is one narrative for each of the report's languages")
        refuse_repeated("channel", [channel.id for channel in self.channels])
        refuse_repeated("figure", [kpi.id for kpi in self.kpis])
        refuse_repeated("section", self.layout or ())
        refuse_repeated("post", [post.id for post in self.posts])
        for narrative in self.narrative.values():
            self._check_notes(narrative)
        if self.budget is not None and self.budget.currency != self.report.currency:
            raise ValueError("the budget is in the report's currency")
        return self

    def _check_notes(self, narrative: ReportNarrative) -> None:
        if not set(narrative.channel_notes) <= {channel.id for channel in self.channels}:
            raise ValueError("a note speaks of a channel that is not here")
        if not set(narrative.figure_notes) <= {kpi.id for kpi in self.kpis}:
            raise ValueError("a note speaks of a figure that is not here")
        period = self.report.period
        if any(not period.start <= day <= period.end for day in narrative.day_notes):
            raise ValueError("a note speaks of a day outside the period")

    @model_validator(mode="after")
    def _closes(self) -> Self:
        if bool(self.channels) != (self.totals is not None):
            raise ValueError("channels come with their totals")
        if self.totals is not None:
            check_days(self.channels, self.report.period)
            previous = [day.previous for day in self.totals.daily]
            if self.totals != totals_of(self.channels, self.report.period, previous):
                raise ValueError("channels: the totals are not the sums of the channels")
            for kpi in self.kpis:
                check_kpi(kpi, self.totals)
        return self

    def canonical(self) -> bytes:
        """The bytes that identify this version.

        Defaults are left out, so a part the format gains later does not change what was published.
        """
        content = self.model_dump(mode="json", exclude_defaults=True)
        text = json.dumps(
            content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
        )
        return text.encode()

    def digest(self) -> str:
        """The SHA-256 of the canonical bytes, in hexadecimal."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def fingerprint(self) -> str:
        """The first 16 digits of the digest: what is printed."""
        return self.digest()[:16]
