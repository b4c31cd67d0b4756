"""How a draft goes out: handed over, approved or returned by somebody else, and frozen."""

from typing import Any, cast
from uuid import UUID

from sqlmodel import Session, col, select

from api.reports.delivery import deliveries
from api.reports.drafts import narratives, readiness
from api.reports.drafts.composing import Edition, compose
from api.reports.drafts.reports import held, reopen, told_to
from api.reports.models import Report, ReportStatus, ReportVersion, VersionStatus
from api.reports.snapshot.snapshot import ReportSnapshot
from tenants import clock, database, jobs, outbox
from tenants.errors import Conflict, MoveNotAllowed, Unprocessable
from tenants.ids import new_id
from tenants.models import Audience

TEMPLATE_VERSION = "2026.11"


class NarrativeMissing(Conflict):
    """A report is published in each of its languages; `locales` lists those without a headline."""


class CorrectionNeedsReason(Unprocessable):
    """A version that replaces another says why, in each of the report's languages."""


class ReviewMissing(Conflict):
    """This report is reviewed before it is published: submit it, and have it approved."""


class NotYoursToReview(Conflict):
    """An author does not review their own report; where a reviewer is named, it is for them."""


class FiguresIncomplete(Conflict):
    """Something keeps it back; bring what `gaps` lists and refresh, or `accept_gaps` with why."""


def submit(session: Session, report_id: UUID) -> Report:
    """Hand the draft over for review."""
    report = held(session, report_id, "write")
    _refuse_silence(report)
    reopen(report)
    report.status = ReportStatus.in_review
    report.return_reason = None
    outbox.emit(session, "report.submitted", report)
    return report


def approve(session: Session, report_id: UUID) -> Report:
    """Find it good as it stands; an edit takes this back."""
    report = _under_review(session, report_id)
    report.status = ReportStatus.approved
    report.approved_by_membership_id = _sight(session).membership_id
    report.approved_at = clock.now()
    outbox.emit(session, "report.approved", report)
    return report


def send_back(session: Session, report_id: UUID, reason: str) -> Report:
    """Return it to its author, who reads why."""
    report = _under_review(session, report_id)
    report.status = ReportStatus.draft
    report.return_reason = reason
    outbox.emit(session, "report.returned", report)
    return report


def publish(
    session: Session,
    report_id: UUID,
    reason: dict[str, str] | None,
    accept_gaps: dict[str, str] | None = None,
    deliver: dict[str, Any] | None = None,
) -> ReportVersion:
    """
    Freeze the draft, exactly as it stands, into the next version. From now on its readers hold it;
    the version before is superseded. The worker renders it, and then writes to whom it is for.
    """
    report = held(session, report_id, "publish")
    _refuse_silence(report)
    if report.needs_review and report.status is not ReportStatus.approved:
        raise ReviewMissing
    if report.last_version and not set(report.locales) <= set(reason or {}):
        raise CorrectionNeedsReason(pointer="/reason")
    edition = Edition(
        report.last_version + 1,
        clock.now().replace(microsecond=0),
        reason,
        _accepted(session, report, accept_gaps),
    )
    version = _freeze(session, report, edition, compose(session, report, edition))
    report.last_version = edition.number
    reopen(report)
    database.add(session, version)
    outbox.emit(session, "report.published", version, audience=told_to(version))
    if deliver is not None:
        deliveries.begin(session, version, **deliver)
    return version


def _freeze(
    session: Session, report: Report, edition: Edition, frozen: ReportSnapshot
) -> ReportVersion:
    for older in _published(session, report):
        older.status = VersionStatus.superseded
        older.version += 1
    version_id = new_id()
    job = jobs.enqueue(
        session,
        "reports.render",
        client_id=report.client_id,
        queue=jobs.Queue.render,
        shared=report.audience is Audience.client,
        version_id=str(version_id),
    )
    about = report.model_dump(
        include={"client_id", "audience", "kind", "period", "starts_on", "ends_on", "locales"}
    )
    assert edition.published_at is not None
    return ReportVersion(
        id=version_id,
        report_id=report.id,
        number=edition.number,
        snapshot=frozen.canonical().decode(),
        sha256=frozen.digest(),
        template_version=TEMPLATE_VERSION,
        render_job_id=job.id,
        published_at=edition.published_at,
        published_by=_sight(session).label,
        reason=edition.reason or {},
        **about,
    )


def _accepted(
    session: Session, report: Report, accept_gaps: dict[str, str] | None
) -> dict[str, str] | None:
    """Why what keeps it back was accepted; None where nothing does."""
    gaps = [gap for gap in readiness.gaps(session, report) if gap.blocks]
    if not gaps:
        return None
    if not set(report.locales) <= set(accept_gaps or {}):
        raise FiguresIncomplete(extra={"gaps": [gap.code.value for gap in gaps]})
    return accept_gaps


def _under_review(session: Session, report_id: UUID) -> Report:
    report = database.get(session, Report, report_id, lock=True)
    if report.status is not ReportStatus.in_review:
        raise MoveNotAllowed(report.status)
    mine = _sight(session).membership_id
    if mine == report.author_membership_id or report.reviewer_membership_id not in (None, mine):
        raise NotYoursToReview
    return report


def _refuse_silence(report: Report) -> None:
    if silent := narratives.silent(report.narrative, report.locales):
        raise NarrativeMissing(extra={"locales": silent})


def _published(session: Session, report: Report) -> list[ReportVersion]:
    query = select(ReportVersion).where(
        col(ReportVersion.report_id) == report.id,
        col(ReportVersion.status) == VersionStatus.published,
    )
    return list(session.exec(query))


def _sight(session: Session) -> Any:
    return cast(database.Session, session).sight
