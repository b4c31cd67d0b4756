"""What can be done to a report's draft: begun, worded, refreshed, handed over, published."""

from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from api.metrics.periods import Compare
from api.reports import figures
from api.reports.models import (
    PeriodKind,
    Report,
    ReportQuery,
    ReportStatus,
    ReportVersion,
    VersionStatus,
)
from api.reports.snapshot import ReportSnapshot
from tenants import clients, clock, database, jobs, outbox
from tenants.errors import Conflict, Unprocessable
from tenants.ids import new_id
from tenants.models import Agency, Audience, Client, Membership
from tenants.pages import Listing, Order

TEMPLATE_VERSION = "2026.11"
COMPARISONS = {
    Compare.previous_period: "previous_period",
    Compare.previous_month: "previous_month",
    Compare.previous_year: "year_over_year",
}
DUE_AFTER = timedelta(days=5)
DEFAULT_BRANDING = {"primary": "#1F3A5F", "accent": "#D97757"}


class ReportExists(Conflict):
    """There is a report for this client, kind and period already; edit that one."""


class InvalidPeriod(Unprocessable):
    """A custom period needs its last day, from its first on, and has 366 days at most."""


class NarrativeMissing(Conflict):
    """A report is published in each of its languages; `locales` lists those without a narrative."""


class CorrectionNeedsReason(Unprocessable):
    """A version that replaces another says why, in each of the report's languages."""


class FiguresDoNotClose(Conflict):
    """A total is not the sum of its parts; refresh the figures."""


def search(session: Session, page: ReportQuery) -> Listing:
    """The drafts in sight, the most recently begun first."""
    query = select(Report)
    if page.client_id:
        query = query.where(col(Report.client_id) == page.client_id)
    if page.status:
        query = query.where(col(Report.status) == page.status)
    if page.due_before:
        query = query.where(col(Report.due_on) < page.due_before)
    return Listing(query, Report, page, Order("starts_on", descending=True))


def create(session: Session, client_id: UUID, **values: Any) -> Report:
    """Begin a report: its draft opens with the platform's figures in it."""
    client = database.get(session, Client, client_id)
    period = values.pop("period")
    starts_on, ends_on = bounds(period, values.pop("starts_on"), values.pop("ends_on"))
    if values.get("reviewer_membership_id"):
        database.get(session, Membership, values["reviewer_membership_id"])
    report = Report(
        client_id=client.id,
        period=period,
        starts_on=starts_on,
        ends_on=ends_on,
        kind=values["kind"],
        compare=values["compare"] or _usual_comparison(period),
        locales=values["locales"] or [client.locale.partition("-")[0]],
        due_on=values["due_on"] or ends_on + DUE_AFTER,
        reviewer_membership_id=values["reviewer_membership_id"],
        author_membership_id=_actor(session).membership_id,
        narrative=values["narrative"] or {},
        figures_as_of=clock.now(),
    )
    _refuse_second(session, report)
    report.figures = figures.collect(session, client, report)
    try:
        database.add(session, report)
    except IntegrityError as failure:
        raise ReportExists from failure
    outbox.emit(session, "report.created", report)
    return report


def bounds(period: PeriodKind, day: date, last: date | None) -> tuple[date, date]:
    """The first and last day of the week, month or quarter that a day lies in."""
    if period is PeriodKind.week:
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=6)
    if period is PeriodKind.custom:
        if last is None or not 0 <= (last - day).days <= 365:
            raise InvalidPeriod(pointer="/ends_on")
        return day, last
    months = 1 if period is PeriodKind.month else 3
    first = day.replace(day=1, month=(day.month - 1) // months * months + 1)
    following = (first.replace(day=28) + timedelta(days=31 * months - 27)).replace(day=1)
    return first, following - timedelta(days=1)


def _usual_comparison(period: PeriodKind) -> Compare:
    return Compare.previous_month if period is PeriodKind.month else Compare.previous_period


def update(session: Session, report_id: UUID, **changes: Any) -> Report:
    """Change a draft; what was handed over for review is a draft again."""
    report = database.get(session, Report, report_id, lock=True)
    if changes.get("reviewer_membership_id"):
        database.get(session, Membership, changes["reviewer_membership_id"])
    if "narrative" in changes:
        changes["narrative"] = {**report.narrative, **changes["narrative"]}
    report.sqlmodel_update(changes)
    report.status = ReportStatus.draft
    if "compare" in changes:
        _refresh(session, report)
    outbox.emit(session, "report.updated", report)
    return report


def refresh(session: Session, report_id: UUID) -> Report:
    """Fetch the platform's figures anew into the draft."""
    report = database.get(session, Report, report_id, lock=True)
    _refresh(session, report)
    outbox.emit(session, "report.refreshed", report)
    return report


def submit(session: Session, report_id: UUID) -> Report:
    """Hand the draft over for review."""
    report = database.get(session, Report, report_id, lock=True)
    _refuse_silence(report)
    report.status = ReportStatus.in_review
    outbox.emit(session, "report.submitted", report)
    return report


def publish(session: Session, report_id: UUID, reason: dict[str, str] | None) -> ReportVersion:
    """
    Freeze the draft, exactly as it stands, into the next version. From now on the client holds it;
    the version before is superseded. The worker renders it.
    """
    report = database.get(session, Report, report_id, lock=True)
    _refuse_silence(report)
    if report.last_version and not set(report.locales) <= set(reason or {}):
        raise CorrectionNeedsReason(pointer="/reason")
    now, number = clock.now().replace(microsecond=0), report.last_version + 1
    frozen = compose(session, report, number, published_at=now, reason=reason)
    for older in _published(session, report):
        older.status = VersionStatus.superseded
        older.version += 1
    content = frozen.canonical()
    version_id = new_id()
    job = jobs.enqueue(
        session,
        "reports.render",
        client_id=report.client_id,
        queue=jobs.Queue.render,
        shared=report.audience is Audience.client,
        version_id=str(version_id),
    )
    version = ReportVersion(
        id=version_id,
        client_id=report.client_id,
        report_id=report.id,
        number=number,
        audience=report.audience,
        kind=report.kind,
        period=report.period,
        starts_on=report.starts_on,
        ends_on=report.ends_on,
        locales=report.locales,
        snapshot=content.decode(),
        sha256=frozen.digest(),
        template_version=TEMPLATE_VERSION,
        render_job_id=job.id,
        published_at=now,
        published_by=_actor(session).label,
        reason=reason or {},
    )
    report.last_version = number
    report.status = ReportStatus.draft
    database.add(session, version)
    outbox.emit(session, "report.published", version, audience="client")
    return version


def compose(
    session: Session,
    report: Report,
    number: int,
    *,
    published_at: datetime | None,
    reason: dict[str, str] | None = None,
) -> ReportSnapshot:
    """The snapshot a draft makes: its figures, its words, whose they are."""
    agency = clients.current_agency(session)
    client = database.get(session, Client, report.client_id)
    author = database.get(session, Membership, report.author_membership_id)
    try:
        return ReportSnapshot.model_validate(
            {
                **report.figures,
                "report": _head(report, client, number, published_at, reason),
                "agency": _house(agency),
                "client": {"name": client.name, "sector": client.sector or None},
                "author": {
                    "name": author.name,
                    "title": author.title or None,
                    "email": author.email,
                },
                "narrative": {locale: report.narrative.get(locale) for locale in report.locales},
            }
        )
    except ValidationError as failure:
        raise FiguresDoNotClose(extra={"reasons": _reasons(failure)}) from failure


def preview(session: Session, report_id: UUID) -> ReportSnapshot:
    """The draft as it would be published now; words that are missing stand as a dash."""
    report = database.get(session, Report, report_id)
    for locale in report.locales:
        report.narrative.setdefault(locale, {"headline": "—"})
    session.expunge(report)
    return compose(session, report, report.last_version + 1, published_at=None)


def period_name(kind: PeriodKind, first: date, last: date) -> str:
    """What a period is called in a file's name: `2026-10` or its days."""
    if kind is PeriodKind.month:
        return f"{first:%Y-%m}"
    return f"{first.isoformat()}-{last.isoformat()}"


def _head(
    report: Report,
    client: Client,
    number: int,
    published_at: datetime | None,
    reason: dict[str, str] | None,
) -> dict[str, Any]:
    head: dict[str, Any] = {
        "id": str(report.id),
        "version": number,
        "kind": report.kind.value,
        "period": {"kind": report.period.value, "start": report.starts_on, "end": report.ends_on},
        "published_at": published_at,
        "as_of": report.figures_as_of,
        "timezone": client.timezone,
        "currency": client.currency,
        "locales": report.locales,
    }
    if report.compare is not Compare.none:
        start, end = figures.compared(report)
        head["compare"] = {"kind": COMPARISONS[report.compare], "start": start, "end": end}
    if number > 1 and reason:
        head["supersedes"] = {"version": number - 1, "reason": reason}
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


def _refresh(session: Session, report: Report) -> None:
    client = database.get(session, Client, report.client_id)
    report.figures_as_of = clock.now()
    report.figures = figures.collect(session, client, report)


def _refuse_silence(report: Report) -> None:
    silent = [locale for locale in report.locales if not report.narrative.get(locale)]
    if silent:
        raise NarrativeMissing(extra={"locales": silent})


def _refuse_second(session: Session, report: Report) -> None:
    same = select(Report.id).where(
        col(Report.client_id) == report.client_id,
        col(Report.audience) == report.audience,
        col(Report.kind) == report.kind,
        col(Report.starts_on) == report.starts_on,
        col(Report.ends_on) == report.ends_on,
    )
    if session.exec(same).first():
        raise ReportExists


def _published(session: Session, report: Report) -> list[ReportVersion]:
    query = select(ReportVersion).where(
        col(ReportVersion.report_id) == report.id,
        col(ReportVersion.status) == VersionStatus.published,
    )
    return list(session.exec(query))


def _actor(session: Session) -> Any:
    return cast(database.Session, session).sight
