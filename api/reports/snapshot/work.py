"""Work in a snapshot: what was promised, what is out, what we waited for, what comes next."""

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, StringConstraints, model_validator

from api.reports.snapshot.figures import Count, Frozen, Key, Label, ReportRate, Text, Words

Link = Annotated[str, StringConstraints(pattern=r"^https://[^\s<>\x22']{1,2000}$")]


class ReportProof(Frozen):
    """A piece that is out, where anyone can see it."""

    label: Label
    channel: Label
    published_at: AwareDatetime
    url: Link | None = None


class ReportPost(Frozen):
    """A published piece with its figures. `why`: chosen by hand, or by its engagement rate."""

    id: Key
    label: Words
    network: Words
    published_at: AwareDatetime
    url: Link | None = None
    why: Literal["chosen", "best", "worst"]
    views: Count | None = None
    engagements: Count | None = None
    engagement_rate: ReportRate | None = None

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        rate = self.engagement_rate
        if rate is not None and (rate.numerator, rate.denominator) != (
            self.engagements,
            self.views,
        ):
            raise ValueError(f"{self.id}: the rate is engagements ÷ views")
        return self


class ReportDeliverable(Frozen):
    """One line of the scope. `delivered` counts everything handed over, what was extra included."""

    line: Count
    label: Label
    channel: Label | None = None
    measure: Literal["piece", "service_period", "hours", "milestone", "pass_through"]
    contracted: Count
    delivered: Count = 0
    in_progress: Count = 0
    over_serviced: Count = 0
    due_on: dt.date | None = None
    original_due_on: dt.date | None = None
    status: Literal["delivered", "in_progress", "in_review", "blocked", "planned", "late"]
    blocked_cause: Literal["client", "agency", "third_party", "crisis"] | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.delivered - self.contracted > self.over_serviced:
            raise ValueError(f"line {self.line}: what is beyond the contract is over-serviced")
        if self.status == "blocked" and self.blocked_cause is None:
            raise ValueError(f"line {self.line}: a blocked line says by whom")
        return self


class ReportPromise(Frozen):
    """Something one side owes the other: a request to the client, or our commitment."""

    text: Text
    owner: Words
    due_on: dt.date | None = None
    status: Literal["open", "done", "dropped"] = "open"
    settled_on: dt.date | None = None
    note: Text | None = None


class ReportWait(Frozen):
    """What we waited for: since when, until when or still, and what it held up."""

    text: Label
    owner: Words | None = None
    since: dt.date
    until: dt.date | None = None
    days: Count
    delayed: tuple[Label, ...] = ()

    @model_validator(mode="after")
    def _counts_its_days(self) -> Self:
        if self.until is not None and self.days != (self.until - self.since).days:
            raise ValueError("waited: the days are those from the first to the last")
        return self


class ReportAim(Frozen):
    """What the client wants of us: a campaign's goal, or an objective of the strategy."""

    label: Label
    goal: Literal["awareness", "leads", "sales", "engagement", "loyalty", "service"] | None = None
    due_on: dt.date | None = None
    status: Literal["open", "reached", "missed", "dropped"] = "open"


class ReportComing(Frozen):
    """What is due, or begins, in the period after this one."""

    label: Label
    kind: Literal["deliverable", "campaign"]
    on: dt.date
    units: Count = 1
    network: Words | None = None


class ReportEffectiveness(Frozen):
    """How well the agency kept its days; for the agency alone."""

    delivered: Count
    on_time: Count
    late_by_client: Count | None = None
    rounds_over: Count = 0

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.on_time + (self.late_by_client or 0) > self.delivered:
            raise ValueError("effectiveness: more on time or late than delivered")
        return self
