"""What can be done with a published version: found, taken back."""

from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.comments import subjects as commented
from api.comments.models import SubjectType
from api.reports import render
from api.reports.drafts.reports import check_duty, told_to
from api.reports.models import (
    Report,
    ReportVersion,
    VersionQuery,
    VersionStatus,
)
from api.reports.serving import check_stands
from api.reports.snapshot.snapshot import ReportSnapshot
from tenants import clock, database, outbox
from tenants.errors import Forbidden, MoveNotAllowed, NotFound
from tenants.models import Client
from tenants.pages import Listing, Order


def search(session: Session, client_id: UUID, page: VersionQuery) -> Listing:
    """A client's published reports, the newest period first."""
    database.get(session, Client, client_id)
    query = select(ReportVersion).where(
        col(ReportVersion.client_id) == client_id,
        col(ReportVersion.audience) == page.audience,
    )
    if page.period:
        query = query.where(col(ReportVersion.period) == page.period)
    return Listing(query, ReportVersion, page, Order("published_at", descending=True))


def of(session: Session, report_id: UUID, number: int) -> ReportVersion:
    """One version of a report, superseded ones too."""
    query = select(ReportVersion).where(
        col(ReportVersion.report_id) == report_id, col(ReportVersion.number) == number
    )
    version = session.exec(query).first()
    if version is None:
        raise NotFound
    found = database.get(session, ReportVersion, version.id)
    check_stands(found)
    return found


def withdraw(session: Session, report_id: UUID, number: int, **values: Any) -> ReportVersion:
    """Take a version back. Nothing older takes its place."""
    report = database.get(session, Report, report_id, lock=True)
    check_duty(session, "publish", report.audience, report.client_id)
    version = of(session, report_id, number)
    if version.status is not VersionStatus.published:
        raise MoveNotAllowed(version.status)
    version.status = VersionStatus.withdrawn
    version.version += 1
    version.withdrawn_at = clock.now()
    version.reason = values["reason"]
    version.replacement_expected_on = values["replacement_expected_on"]
    outbox.emit(session, "report.withdrawn", version, audience=told_to(version))
    return version


def see(session: Session, report_id: UUID) -> UUID:
    """The client of a report that the caller sees: the draft, or a version that stands."""
    actor: Any = session.sight  # type: ignore[attr-defined]
    if not actor.is_contact:
        return database.get(session, Report, report_id).client_id
    query = select(ReportVersion.client_id).where(
        col(ReportVersion.report_id) == report_id,
        col(ReportVersion.status) == VersionStatus.published,
    )
    client_id = session.exec(query).first()
    if client_id is None:
        raise NotFound
    if not actor.may(session.info.get("permission") or "comments:read", client_id):
        raise Forbidden
    return client_id


def see_version(session: Session, version_id: UUID) -> UUID:
    """The client of a version that the caller sees: one that was taken back is the agency's."""
    actor: Any = session.sight  # type: ignore[attr-defined]
    version = database.get(session, ReportVersion, version_id)
    if actor.is_contact and version.status is VersionStatus.withdrawn:
        raise NotFound
    return version.client_id


def prints(session: Session, version_id: UUID, section: str) -> bool:
    """Whether a version has a section of that key on its pages."""
    version = database.get(session, ReportVersion, version_id)
    snapshot = ReportSnapshot.model_validate_json(version.snapshot)
    return section in render.printed(snapshot)


_PUBLISHED = col(ReportVersion.status) == VersionStatus.published
commented.register(SubjectType.reports, see, ReportVersion, "report_id", _PUBLISHED)
commented.register(
    SubjectType.report_versions,
    see_version,
    ReportVersion,
    "id",
    col(ReportVersion.status) != VersionStatus.withdrawn,
)
commented.register_sections(SubjectType.report_versions, prints)
