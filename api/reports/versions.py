"""What can be done with a published version: found, served in a format, taken back."""

from typing import Any, cast
from uuid import UUID

from sqlmodel import Session, col, select
from starlette.responses import Response

from api.http.answers import Deferred, negotiate, stored
from api.reports.models import (
    Artifact,
    Audience,
    Format,
    PeriodKind,
    Report,
    ReportVersion,
    VersionQuery,
    VersionStatus,
)
from api.reports.reports import period_name
from tenants import clock, database, outbox, storage
from tenants.errors import Gone, MoveNotAllowed, NotAcceptable, NotFound
from tenants.models import Client
from tenants.pages import Order, Rows, paginate

MEDIA_TYPES = {
    Format.json: "application/json",
    Format.html: "text/html; charset=utf-8",
    Format.pdf: "application/pdf",
}


class ReportWithdrawn(Gone):
    """The report was taken back; `replacement_expected_on` says when a better one is expected."""


class LanguageNotOffered(NotAcceptable):
    """The version was not written in that language; `locales` lists its languages."""


def search(session: Session, client_id: UUID, page: VersionQuery) -> Rows:
    """A client's published reports, the newest period first."""
    database.get(session, Client, client_id)
    query = select(ReportVersion).where(
        col(ReportVersion.client_id) == client_id,
        col(ReportVersion.audience) == Audience.client,
    )
    if page.period:
        query = query.where(col(ReportVersion.period) == page.period)
    return paginate(session, query, ReportVersion, page, Order("published_at", descending=True))


def latest(session: Session, client_id: UUID, period: PeriodKind | None) -> ReportVersion:
    """The client's newest report. When its newest version was taken back: gone, never an older."""
    database.get(session, Client, client_id)
    query = select(ReportVersion).where(
        col(ReportVersion.client_id) == client_id,
        col(ReportVersion.audience) == Audience.client,
        col(ReportVersion.status) != VersionStatus.superseded,
    )
    if period:
        query = query.where(col(ReportVersion.period) == period)
    query = query.order_by(
        col(ReportVersion.ends_on).desc(), col(ReportVersion.published_at).desc()
    )
    version = session.exec(query.limit(1)).first()
    if version is None:
        raise NotFound
    return _standing(version)


def of(session: Session, report_id: UUID, number: int) -> ReportVersion:
    """One version of a report, superseded ones too."""
    query = select(ReportVersion).where(
        col(ReportVersion.report_id) == report_id, col(ReportVersion.number) == number
    )
    version = session.exec(query).first()
    if version is None:
        raise NotFound
    return _standing(database.get(session, ReportVersion, version.id))


def newest(session: Session, report_id: UUID) -> ReportVersion:
    """The version of a report that stands now."""
    query = select(ReportVersion).where(
        col(ReportVersion.report_id) == report_id,
        col(ReportVersion.status) != VersionStatus.superseded,
    )
    version = session.exec(query.order_by(col(ReportVersion.number).desc())).first()
    if version is None:
        raise NotFound
    return _standing(version)


def serve(
    session: Session, version: ReportVersion, format: str | None, locale: str | None
) -> Response | Deferred | Any:
    """A version's bytes in the format and language asked for; 202 while they are being made."""
    chosen = Format(format or negotiate(session, [each.value for each in Format]))
    if chosen is Format.json:
        return stored(
            session, version.sha256, MEDIA_TYPES[chosen], lambda: version.snapshot.encode()
        )
    language = _language(session, version, locale)
    artifact = session.exec(
        select(Artifact).where(
            col(Artifact.version_id) == version.id,
            col(Artifact.locale) == language,
            col(Artifact.format) == chosen,
        )
    ).first()
    if artifact is None:
        return Response(
            status_code=202,
            headers={"Location": f"/v1/jobs/{version.render_job_id}", "Retry-After": "1"},
        )
    name = f"{period_name(version, language)}-v{version.number}-{language}.{chosen.value}"
    headers = {"Content-Language": language}
    headers["Content-Disposition"] = f'inline; filename="{name}"'
    if artifact.content_policy:
        headers["Content-Security-Policy"] = artifact.content_policy
    agency_id, sha256 = version.agency_id, artifact.sha256
    return stored(
        session,
        sha256,
        MEDIA_TYPES[chosen],
        lambda: storage.read(agency_id, sha256),
        headers=headers,
    )


def withdraw(session: Session, report_id: UUID, number: int, **values: Any) -> ReportVersion:
    """Take a version back. Nothing older takes its place."""
    database.get(session, Report, report_id, lock=True)
    version = of(session, report_id, number)
    if version.status is not VersionStatus.published:
        raise MoveNotAllowed(version.status)
    version.status = VersionStatus.withdrawn
    version.version += 1
    version.withdrawn_at = clock.now()
    version.reason = values["reason"]
    version.replacement_expected_on = values["replacement_expected_on"]
    outbox.emit(session, "report.withdrawn", version, audience="client")
    return version


def _standing(version: ReportVersion) -> ReportVersion:
    if version.status is VersionStatus.withdrawn:
        expected = version.replacement_expected_on
        raise ReportWithdrawn(
            extra={"replacement_expected_on": expected.isoformat() if expected else None}
        )
    return version


def _language(session: Session, version: ReportVersion, locale: str | None) -> str:
    """The language asked for by name; else the preferred one, or the version's first."""
    if locale is not None:
        if locale not in version.locales:
            raise LanguageNotOffered(extra={"locales": version.locales})
        return locale
    preferred = cast(database.Session, session).info["exchange"].locale
    return preferred if preferred in version.locales else version.locales[0]
