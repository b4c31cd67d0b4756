"""The files of a version: which there are, which are being made, and making those that lack."""

from enum import StrEnum
from uuid import UUID

from sqlmodel import Session, col, select

from api.reports import render, versions
from api.reports.drafts.reports import held
from api.reports.models import Artifact, Format, ReportVersion
from tenants import jobs, outbox
from tenants.errors import Conflict
from tenants.jobs import Job, JobState
from tenants.models import Audience
from tenants.shapes import ReadShape


class FileState(StrEnum):
    ready = "ready"
    being_made = "being_made"
    failed = "failed"


class ReportFileRead(ReadShape):
    """
    One file of a version. `accessible` tells whether it holds what its format promises to readers
    who do not see it; it and the next two are null until it is there.
    """

    format: Format
    locale: str
    state: FileState
    accessible: bool | None
    size: int | None
    sha256: str | None


class NothingToRender(Conflict):
    """All files of this version are there, or on their way."""


def of_version(session: Session, report_id: UUID, number: int) -> list[ReportFileRead]:
    """Every file that a version is to have, by format and language."""
    version = versions.of(session, report_id, number)
    query = select(Artifact).where(col(Artifact.version_id) == version.id)
    made = {(file.format, file.locale): file for file in session.exec(query)}
    otherwise = FileState.being_made if _is_running(session, version) else FileState.failed
    return [
        _told(kind, locale, made.get((kind, locale)), otherwise)
        for kind in render.KEPT
        for locale in version.locales
    ]


def make_missing(session: Session, report_id: UUID, number: int) -> UUID:
    """Ask the worker for the files that a version lacks; the job it is done by."""
    held(session, report_id, "publish")
    version = versions.of(session, report_id, number)
    if all(file.state is not FileState.failed for file in of_version(session, report_id, number)):
        raise NothingToRender
    job = jobs.enqueue(
        session,
        "reports.render",
        client_id=version.client_id,
        queue=jobs.Queue.render,
        shared=version.audience is Audience.client,
        version_id=str(version.id),
    )
    version.render_job_id = job.id
    version.version += 1
    outbox.emit(session, "report.rendering", version)
    return job.id


def _is_running(session: Session, version: ReportVersion) -> bool:
    job = session.exec(select(Job).where(col(Job.id) == version.render_job_id)).first()
    return job is not None and job.state in (JobState.queued, JobState.running)


def _told(kind: Format, locale: str, file: Artifact | None, otherwise: FileState) -> ReportFileRead:
    return ReportFileRead(
        format=kind,
        locale=locale,
        state=FileState.ready if file else otherwise,
        accessible=file.accessible if file else None,
        size=file.size if file else None,
        sha256=file.sha256 if file else None,
    )
