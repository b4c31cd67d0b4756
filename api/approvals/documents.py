"""
What is put to a decision, as a document: JSON whose bytes are what `content_sha256` is the hash of,
and a PDF of the same, in the client's language and the agency's colours.

The PDF is rendered by the worker, once, when somebody first asks for it; then its bytes are served
for ever. Who was served it is noted, so that their decision keeps its hash beside the JSON's.
"""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select
from starlette.responses import Response

from api.approvals import shown, subjects
from api.approvals.models import Approval, ApprovalServing, Level
from api.documents import pdf, theme
from api.documents.formats import formats
from api.documents.pdf import PdfDocument
from api.documents.words import words
from api.http.answers import Deferred, negotiate, stored
from tenants import clock, database, jobs, storage
from tenants.ids import new_id
from tenants.jobs import Job, JobState, Queue
from tenants.shapes import ReadShape

TEMPLATE = Path(__file__).parent / "templates" / "document.typ"
PRIMARY, ACCENT = "#24313F", "#B4690E"  # of an agency that has chosen no colours
KIND = "approvals.render"
FormatName = Literal["json", "pdf"]


class DecisionDocument(ReadShape):
    """What is decided on: each subject with its `type` and what it says."""

    subjects: list[dict[str, Any]]


class DocumentRendering(ReadShape):
    """The PDF is being made; the job tells when it is there."""

    job_id: UUID


def serve(session: Session, approval_id: UUID, format: FormatName | None) -> Response | Deferred:
    """The document by Accept or `format`; 202 while its PDF is being made, 304 when known."""
    chosen = format or negotiate(session, ["json", "pdf"])
    approval = database.get(session, Approval, approval_id)
    if chosen == "json":
        body = subjects.canonical(approval.document)
        return stored(session, approval.content_sha256, "application/json", body)
    if approval.pdf_sha256 is None:
        return _being_made(_ask(session, approval))
    sha256, agency_id = approval.pdf_sha256, approval.agency_id
    _note(session, approval, sha256)
    name = f'inline; filename="{approval.content_sha256[:16]}.pdf"'
    headers = {"Content-Disposition": name}
    read = lambda: storage.read(agency_id, sha256)  # noqa: E731
    return stored(session, sha256, "application/pdf", read, headers=headers)


def served(session: Session, approval_id: UUID) -> str | None:
    """The hash of the PDF that the caller was served, if they were: nobody is without a log-in."""
    if _me(session) is None:
        return None
    query = select(ApprovalServing.pdf_sha256).where(
        col(ApprovalServing.approval_id) == approval_id,
        col(ApprovalServing.membership_id) == _me(session),
    )
    return session.exec(query).first()


def laid_out(
    approval: Approval, *, agency: str, branding: Mapping[str, Any], client: Any
) -> PdfDocument:
    """The PDF: the same bytes for the same document, client and colours."""
    written = formats(client.locale, client.currency, client.timezone)
    said = words(written.language)
    sections = shown.sections(approval.document, client.locale, client.timezone)
    palette = theme.palette(branding.get("primary") or PRIMARY, branding.get("accent") or ACCENT)
    view = {
        "language": written.language,
        "agency": agency,
        "title": approval.title,
        "for_client": said("decide.for_client", client=client.name),
        "asked_on": said("decide.asked_on", moment=written.moment(approval.created_at)),
        "fingerprint": said("decide.fingerprint"),
        "sha256": approval.content_sha256,
        "sections": [dataclasses.asdict(section) for section in sections],
        "light": palette.light,
        "fonts": {"serif": theme.SERIF, "sans": theme.SANS},
    }
    return pdf.document(TEMPLATE, view, {}, approval.created_at)


def _ask(session: Session, approval: Approval) -> UUID:
    """The job that renders it: the one under way, or a new one. The agency's hand asks for it."""
    with database.acting_for_agency(session, approval.client_id):
        held = database.get(session, Approval, approval.id, lock=True)
        if held.pdf_job_id is None or _ended_in_vain(session, held.pdf_job_id):
            job = jobs.enqueue(
                session,
                KIND,
                client_id=held.client_id,
                queue=Queue.render,
                shared=held.level is Level.client,
                approval_id=str(held.id),
            )
            held.pdf_job_id = job.id
            session.flush()
        return held.pdf_job_id


def _ended_in_vain(session: Session, job_id: UUID) -> bool:
    query = select(Job.state).where(col(Job.id) == job_id)
    return session.exec(query).first() in (JobState.failed, JobState.cancelled)


def _being_made(job_id: UUID) -> Response:
    return Response(
        DocumentRendering(job_id=job_id).model_dump_json(),
        status_code=202,
        headers={"Location": f"/v1/jobs/{job_id}", "Retry-After": "1"},
        media_type="application/json",
    )


def _note(session: Session, approval: Approval, sha256: str) -> None:
    noted = insert(ApprovalServing).values(
        agency_id=approval.agency_id,
        id=new_id(),
        created_at=clock.now(),
        approval_id=approval.id,
        membership_id=_me(session),
        pdf_sha256=sha256,
    )
    session.connection().execute(noted.on_conflict_do_nothing())


def _me(session: Session) -> UUID | None:
    return cast(UUID | None, cast(database.Session, session).sight.membership_id)
