"""
Whether a draft's figures are complete: everything that is lacking, and what of it keeps it back.

A channel's day is missing when nothing was said of it, from the first day the channel ever told
anything until yesterday by the client's calendar; a reading of the whole week or month stands for
its days. What keeps a report back can be accepted, with a reason that is printed; only words
cannot: without a headline there is no report.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from api.metrics.periods import Period
from api.reports import periods
from api.reports.drafts import narratives
from api.reports.models import Report
from tenants import clock, database, words
from tenants.models import Client
from tenants.shapes import ReadShape

# Sections whose content stands in the figures under their own name.
_FIGURED = frozenset(
    {"kpis", "year", "investment", "kept", "waited", "channels", "content", "paid", "community"}
    | {"collaborations", "competitors", "budget", "contract", "deliverables", "outlook"}
)


class GapCode(StrEnum):
    """What is lacking; the first three keep a report back."""

    narrative_missing = "narrative_missing"
    data_settling = "data_settling"
    days_missing = "days_missing"
    channel_silent = "channel_silent"
    figure_missing = "figure_missing"
    section_empty = "section_empty"
    budget_open = "budget_open"
    budget_unfunded = "budget_unfunded"


BLOCKING = frozenset({GapCode.narrative_missing, GapCode.data_settling, GapCode.days_missing})


@dataclass(frozen=True)
class Gap:
    """Something that is lacking. `about`: a language, a channel's name, a figure, a section."""

    code: GapCode
    about: str | None = None
    channel_id: UUID | None = None
    reason: str | None = None
    days: list[date] = field(default_factory=list)
    until: date | None = None
    says: str = ""

    @property
    def blocks(self) -> bool:
        return self.code in BLOCKING


class GapRead(ReadShape):
    """
    Something that is lacking, said in a sentence. `about` a language, a channel by its name, a
    figure or a section; `until`: the day after which figures have come in. What `blocks` keeps the
    report from being published, unless it is accepted; a language without a headline cannot be.
    """

    code: GapCode
    blocks: bool
    says: str
    about: str | None
    channel_id: UUID | None
    reason: str | None
    days: list[date]
    until: date | None


class ReadinessRead(ReadShape):
    """Whether a draft can be published as it is, and what it lacks."""

    report_id: UUID
    ready: bool
    gaps: list[GapRead]


@dataclass(frozen=True)
class Readiness:
    """A draft's gaps, those that keep it back first."""

    report_id: UUID
    gaps: list[Gap]

    @property
    def ready(self) -> bool:
        return not any(gap.blocks for gap in self.gaps)


def of_report(session: Session, report_id: UUID) -> Readiness:
    """What a draft lacks, in the reader's language."""
    report = database.get(session, Report, report_id)
    locale = session.info["exchange"].locale
    found = [_said(gap, locale) for gap in gaps(session, report)]
    return Readiness(report.id, sorted(found, key=lambda gap: not gap.blocks))


def gaps(session: Session, report: Report) -> list[Gap]:
    """What a draft lacks."""
    client = database.get(session, Client, report.client_id)
    today = clock.today(client.timezone)
    return [
        *_words(report),
        *_settling(report, today),
        *_days(session, report, today),
        *_figures(report),
        *_sections(report),
        *_budget(report),
    ]


def _words(report: Report) -> Iterator[Gap]:
    for locale in narratives.silent(report.narrative, report.locales):
        yield Gap(GapCode.narrative_missing, about=locale)


def _settling(report: Report, today: date) -> Iterator[Gap]:
    until = report.ends_on + timedelta(days=report.data_lag_days)
    if today <= until:
        yield Gap(GapCode.data_settling, until=until)


def _days(session: Session, report: Report, today: date) -> Iterator[Gap]:
    period = Period(report.starts_on, report.ends_on)
    asked = {
        "agency": report.agency_id,
        "client": report.client_id,
        "first": report.starts_on,
        "last": min(report.ends_on, today - periods.DAY),
        "basis": period.basis,
    }
    for channel_id, name, is_silent, days in session.connection().execute(_UNTOLD, asked):
        if is_silent:
            yield Gap(GapCode.channel_silent, about=name, channel_id=channel_id)
        elif days:
            yield Gap(GapCode.days_missing, about=name, channel_id=channel_id, days=days)


def _figures(report: Report) -> Iterator[Gap]:
    for tile in report.figures.get("kpis", ()):
        if tile.get("quality") == "missing":
            reason = tile.get("missing_reason")
            yield Gap(
                GapCode.figure_missing,
                about=tile["id"],
                reason=reason if isinstance(reason, str) else None,
            )


def _sections(report: Report) -> Iterator[Gap]:
    for section in report.layout or ():
        if section in _FIGURED and not report.figures.get(section):
            yield Gap(GapCode.section_empty, about=section)


def _budget(report: Report) -> Iterator[Gap]:
    totals: dict[str, Any] = (report.figures.get("budget") or {}).get("totals", {})
    if totals.get("committed_minor"):
        yield Gap(GapCode.budget_open)
    if totals.get("unfunded_minor"):
        yield Gap(GapCode.budget_unfunded)


def _said(gap: Gap, locale: str) -> Gap:
    about = gap.about
    if gap.code is GapCode.figure_missing and words.knows("kpi_names", str(about)):
        about = words.say(locale, "kpi_names", str(about))
    said = words.say(
        locale, "report_gap", gap.code.value, about=about, count=len(gap.days), until=gap.until
    )
    return Gap(gap.code, gap.about, gap.channel_id, gap.reason, gap.days, gap.until, said)


# Of each channel that works: whether it never told anything, and the days nothing was said of.
_UNTOLD = text("""
select c.id, c.name, since.day is null, untold.days
from channels c
cross join lateral (
    select min(m.period_start) as day from metric_current m
    where m.agency_id = c.agency_id and m.client_id = c.client_id and m.subject_type = 'channel'
        and m.subject_id = c.id and m.basis in ('day', 'week', 'month')
) since
cross join lateral (
    select array_agg(d.day::date order by d.day) as days
    from generate_series(
        greatest(cast(:first as date), since.day), cast(:last as date), interval '1 day'
    ) d(day)
    where not exists (
        select from metric_current m
        where m.agency_id = c.agency_id and m.client_id = c.client_id
            and m.subject_type = 'channel' and m.subject_id = c.id
            and (m.basis = 'day' and m.period_start = d.day::date
                or m.basis = cast(:basis as text) and m.period_start = cast(:first as date))
    )
) untold
where c.agency_id = :agency and c.client_id = :client and c.status = 'active'
order by c.name, c.id
""")
