"""What follows a publication: the worker renders the version in its languages and formats."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from api.documents.pdf import DocumentTooHeavy
from api.reports import render
from api.reports.delivery import deliveries
from api.reports.models import Artifact, Format, ReportVersion
from api.reports.render import Rendered
from api.reports.serving import MEDIA_TYPES
from api.reports.sharing import accesses
from api.reports.snapshot.snapshot import ReportSnapshot
from tenants import database, storage
from tenants.auth import Actor
from tenants.daily import daily
from tenants.ids import new_id
from tenants.jobs import Job
from tenants.models import Audience
from tenants.worker import job


@job("reports.render")
def render_version(actor: Actor, task: Job, beat: Callable[[int, int], None]) -> dict[str, object]:
    """
    Render, store, record, one file after another: each is there as soon as it is made. A second
    run makes what is missing. What is too heavy for paper does not take the other files with it.
    """
    version, missing = _missing(actor, UUID(task.args["version_id"]))
    snapshot = ReportSnapshot.model_validate_json(version.snapshot)
    refused: DocumentTooHeavy | None = None
    for done, (kind, locale) in enumerate(missing, start=1):
        try:
            made = render.made(snapshot, locale, kind)
        except DocumentTooHeavy as failure:
            refused = failure
        else:
            _keep(actor, version, kind, locale, made)
        beat(done, len(missing))
    with database.agency_session(actor) as session:
        deliveries.release(session, version.id)
    if refused is not None:
        raise refused
    return {"report_id": str(version.report_id), "number": version.number}


def _missing(actor: Actor, version_id: UUID) -> tuple[ReportVersion, list[tuple[Format, str]]]:
    with database.agency_session(actor) as session:
        query = select(ReportVersion).where(col(ReportVersion.id) == version_id)
        version = session.exec(query).one()
        there = select(Artifact.format, Artifact.locale).where(
            col(Artifact.version_id) == version_id
        )
        made = set(session.exec(there))
    wanted = [(kind, locale) for kind in render.KEPT for locale in version.locales]
    return version, [each for each in wanted if each not in made]


def _keep(actor: Actor, version: ReportVersion, kind: Format, locale: str, made: Rendered) -> None:
    digest = storage.put(version.agency_id, made.body)
    values = {
        "agency_id": version.agency_id,
        "id": new_id(),
        "created_at": version.published_at,
        "client_id": version.client_id,
        "report_id": version.report_id,
        "version_id": version.id,
        "audience": Audience(version.audience),
        "locale": locale,
        "format": kind,
        "sha256": digest,
        "size": len(made.body),
        "media_type": MEDIA_TYPES[kind],
        "content_policy": made.policy,
        "accessible": made.accessible,
    }
    once = ["agency_id", "version_id", "locale", "format"]
    with database.agency_session(actor) as session:
        statement = insert(Artifact).values(values)
        session.exec(statement.on_conflict_do_nothing(index_elements=once))


@daily("reports.forget_accesses")
def forget_accesses(actor: Actor, task: Job, beat: Callable[[int, int], None]) -> None:
    """Who opened a share link is known for ninety days."""
    with database.agency_session(actor) as session:
        accesses.forget(session)
