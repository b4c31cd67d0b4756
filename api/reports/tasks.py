"""What follows a publication: the worker renders the version in its languages and formats."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.dialects.postgresql import Insert, insert
from sqlmodel import col, select

from api.reports import render
from api.reports.models import Artifact, Format, ReportVersion
from api.reports.serving import MEDIA_TYPES
from api.reports.snapshot import ReportSnapshot
from tenants import database, storage
from tenants.auth import Actor
from tenants.ids import new_id
from tenants.jobs import Job
from tenants.models import Audience
from tenants.worker import job

RENDERED = (Format.html, Format.pdf)


@dataclass(frozen=True)
class Made:
    """Bytes of one language and format, stored."""

    locale: str
    format: Format
    sha256: str
    size: int
    content_policy: str | None
    accessible: bool


@job("reports.render")
def render_version(actor: Actor, task: Job, beat: Callable[[int, int], None]) -> dict[str, object]:
    """Render, store, then record: a second run finds its rows there and adds nothing."""
    version_id = UUID(task.args["version_id"])
    with database.agency_session(actor) as session:
        version = session.exec(
            select(ReportVersion).where(col(ReportVersion.id) == version_id)
        ).one()
    snapshot = ReportSnapshot.model_validate_json(version.snapshot)
    wanted = [(locale, kind) for locale in version.locales for kind in RENDERED]
    made = []
    for done, (locale, kind) in enumerate(wanted, start=1):
        made.append(_make(version.agency_id, snapshot, locale, kind))
        beat(done, len(wanted))
    with database.agency_session(actor) as session:
        for each in made:
            session.exec(_record(version, each))
    return {"report_id": str(version.report_id), "number": version.number}


def _make(agency_id: UUID, snapshot: ReportSnapshot, locale: str, kind: Format) -> Made:
    if kind is Format.html:
        page = render.html(snapshot, locale)
        digest = storage.put(agency_id, page.body)
        return Made(locale, kind, digest, len(page.body), page.csp, accessible=True)
    paper = render.pdf(snapshot, locale)
    digest = storage.put(agency_id, paper.body)
    return Made(locale, kind, digest, len(paper.body), None, paper.accessible)


def _record(version: ReportVersion, made: Made) -> Insert:
    return (
        insert(Artifact)
        .values(
            agency_id=version.agency_id,
            id=new_id(),
            created_at=version.published_at,
            client_id=version.client_id,
            report_id=version.report_id,
            version_id=version.id,
            audience=Audience(version.audience),
            locale=made.locale,
            format=made.format,
            sha256=made.sha256,
            size=made.size,
            media_type=MEDIA_TYPES[made.format],
            content_policy=made.content_policy,
            accessible=made.accessible,
        )
        .on_conflict_do_nothing(index_elements=["agency_id", "version_id", "locale", "format"])
    )
