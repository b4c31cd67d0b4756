"""What a draft makes when it is frozen: one snapshot of its figures, its words and its people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlmodel import Session

from api.metrics.periods import Compare
from api.reports import logos
from api.reports.figures import figures
from api.reports.models import Report
from api.reports.snapshot.snapshot import ReportSnapshot
from tenants import clients, database
from tenants.errors import Conflict
from tenants.models import Agency, Client, Membership

COMPARISONS = {
    Compare.previous_period: "previous_period",
    Compare.previous_month: "previous_month",
    Compare.previous_year: "year_over_year",
}
DEFAULT_BRANDING = {"primary": "#1F3A5F", "accent": "#D97757"}


class FiguresDoNotClose(Conflict):
    """A total is not the sum of its parts; refresh the figures."""


@dataclass(frozen=True)
class Edition:
    """What a snapshot says of itself: `reason`, why it replaces another; `gaps`, why it lacks."""

    number: int
    published_at: datetime | None = None
    reason: dict[str, str] | None = None
    gaps_accepted: dict[str, str] | None = None


def compose(session: Session, report: Report, edition: Edition) -> ReportSnapshot:
    """The snapshot a draft makes: its figures, its words, whose they are."""
    agency = clients.current_agency(session)
    client = database.get(session, Client, report.client_id)
    author = database.get(session, Membership, report.author_membership_id)
    try:
        return ReportSnapshot.model_validate(
            {
                **report.figures,
                "report": _head(report, client, edition),
                "agency": {**_house(agency), "logo": logos.drawing(session, client.id)},
                "client": {"name": client.name, "sector": client.sector or None},
                "author": {
                    "name": author.name,
                    "title": author.title or None,
                    "email": author.email,
                },
                "narrative": {locale: report.narrative.get(locale) for locale in report.locales},
                "layout": report.layout,
            }
        )
    except ValidationError as failure:
        raise FiguresDoNotClose(extra={"reasons": _reasons(failure)}) from failure


def preview(session: Session, report_id: UUID) -> ReportSnapshot:
    """The draft as it would be published now; words that are missing stand as a dash."""
    report = database.get(session, Report, report_id)
    session.expunge(report)
    report.narrative = {
        locale: {"headline": "—", **(report.narrative.get(locale) or {})}
        for locale in report.locales
    }
    return compose(session, report, Edition(report.last_version + 1))


def _head(report: Report, client: Client, edition: Edition) -> dict[str, Any]:
    head: dict[str, Any] = {
        "id": str(report.id),
        "version": edition.number,
        "kind": report.kind.value,
        "audience": report.audience.value,
        "period": {"kind": report.period.value, "start": report.starts_on, "end": report.ends_on},
        "published_at": edition.published_at,
        "as_of": report.figures_as_of,
        "timezone": client.timezone,
        "currency": client.currency,
        "locales": report.locales,
    }
    if report.compare is not Compare.none:
        start, end = figures.compared(report)
        head["compare"] = {"kind": COMPARISONS[report.compare], "start": start, "end": end}
    if edition.number > 1 and edition.reason:
        head["supersedes"] = {"version": edition.number - 1, "reason": edition.reason}
    if edition.gaps_accepted:
        head["gaps_accepted"] = edition.gaps_accepted
    return head


def _house(agency: Agency) -> dict[str, Any]:
    branding = {**DEFAULT_BRANDING, **agency.branding}
    return {
        "name": agency.name,
        "tagline": branding.get("tagline"),
        "branding": {"primary": branding["primary"], "accent": branding["accent"]},
    }


def _reasons(failure: ValidationError) -> list[str]:
    return [str(fault["msg"]).removeprefix("Value error, ") for fault in failure.errors()][:20]
