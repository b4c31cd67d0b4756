"""
A payee's statement on paper, in the agency's colours. What it says is known by its hash: the worker
renders it once for that and its language, and then its bytes are served for ever.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select
from starlette.datastructures import URL
from starlette.responses import Response

from api.documents import pdf, theme
from api.documents.formats import formats
from api.documents.pdf import PdfDocument
from api.http.answers import Deferred, preferred_locale, stored
from billing.payable import payee_statements
from billing.payable.payee_statements import PayeeStatementRead, StatementQuery
from billing.payable.payout_models import PayeeStatement
from tenants import auth, clients, clock, database, jobs, storage, words
from tenants.auth import Actor
from tenants.jobs import Job, JobState, Queue
from tenants.shapes import ReadShape

TEMPLATE = Path(__file__).parent / "templates" / "statement.typ"
PRIMARY, ACCENT = "#24313F", "#B4690E"  # of an agency that has chosen no colours
KIND = "billing.render_statement"


class StatementRendering(ReadShape):
    """The PDF is being made: the job tells when it is there, or ask again."""

    job_id: UUID


def keep(before: database.Session, payee_id: UUID, asked: StatementQuery) -> PayeeStatement:
    """
    What somebody asks for on paper, as they see it in a session of their own, and the job that
    renders it: both kept by the agency's own machinery, for a payee may write neither.
    """
    with before as session, session.begin():
        statement = payee_statements.read(session, payee_id, asked)
        language = words.language(preferred_locale(session))
        actor = auth.system(session.sight.agency_id, session.sight.label)
    with database.agency_session(actor) as session:
        kept = _kept(session, statement, language)
        if kept.pdf_sha256 is None:
            _ask(session, kept)
        return kept


def serve(session: database.Session, kept: PayeeStatement) -> Response | Deferred:
    """The PDF; 202 while it is being made, 304 when it is known."""
    may_follow = session.sight.may("jobs:read")  # enters, too
    if kept.pdf_sha256 is None:
        asked = session.info["exchange"].request.url
        return _being_made(kept, f"/v1/jobs/{kept.job_id}" if may_follow else _address(asked))
    agency_id, sha256 = kept.agency_id, kept.pdf_sha256
    name = f'inline; filename="statement-{kept.content_sha256[:16]}.pdf"'
    read = lambda: storage.read(agency_id, sha256)  # noqa: E731
    headers = {"Content-Disposition": name, "Content-Language": kept.language}
    return stored(session, sha256, "application/pdf", read, headers=headers)


def render(actor: Actor, task: Job) -> dict[str, Any]:
    """Render, store, then record; one whose figures have changed since is not made any more."""
    statement_id = UUID(task.args["statement_id"])
    with database.agency_session(actor) as session:
        kept = database.get(session, PayeeStatement, statement_id)
        asked = StatementQuery.model_validate(
            {"from": kept.first, "to": kept.last, "currency": kept.currency}
        )
        statement = payee_statements.read(session, kept.payee_id, asked)
        agency = clients.current_agency(session)
    if _hash_of(statement) != kept.content_sha256:
        return {"changed": True}
    made = laid_out(statement, kept.language, agency.name, agency.branding, agency.timezone, kept)
    sha256 = storage.put(task.agency_id, made.body)
    with database.agency_session(actor) as session:
        database.get(session, PayeeStatement, statement_id, lock=True).pdf_sha256 = sha256
    return {"sha256": sha256}


def laid_out(
    statement: PayeeStatementRead,
    language: str,
    agency: str,
    branding: Mapping[str, Any],
    timezone: str,
    kept: PayeeStatement,
) -> PdfDocument:
    """The same bytes for the same statement, language and colours."""
    written = formats(language, statement.currency, timezone)

    def say(name: str) -> str:
        return words.say(language, "payee_statement", name)

    palette = theme.palette(branding.get("primary") or PRIMARY, branding.get("accent") or ACCENT)
    view = {
        "language": language,
        "agency": agency,
        "title": say("title"),
        "for_payee": statement.legal_name or "",
        "period": written.span(statement.first, statement.last),
        "labels": {name: say(name) for name in ("day", "what", "amount", "balance")},
        "opening": {"label": say("opening"), "text": written.money(statement.opening_minor)},
        "closing": {"label": say("closing"), "text": written.money(statement.closing_minor)},
        "lines": [
            {
                "day": written.date(each.booked_on, "day_year"),
                "what": each.label.get(language, ""),  # type: ignore[call-overload]
                "amount": written.signed_money(each.amount_minor),
                "balance": written.money(each.balance_minor),
            }
            for each in statement.lines
        ],
        "fingerprint": say("fingerprint"),
        "sha256": kept.content_sha256,
        "light": palette.light,
        "fonts": {"serif": theme.SERIF, "sans": theme.SANS},
    }
    return pdf.document(TEMPLATE, view, {}, kept.created_at)


def _hash_of(statement: PayeeStatementRead) -> str:
    return hashlib.sha256(statement.model_dump_json().encode()).hexdigest()


def _kept(
    session: database.Session, statement: PayeeStatementRead, language: str
) -> PayeeStatement:
    """The one of this content, held; kept anew unless somebody has asked for it before."""
    kept = PayeeStatement(
        payee_id=statement.payee_id,
        currency=statement.currency,
        first=statement.first,
        last=statement.last,
        language=language,
        content_sha256=_hash_of(statement),
        created_at=clock.now(),
    )
    kept.agency_id = session.sight.agency_id
    table: Any = PayeeStatement.__table__  # type: ignore[attr-defined]
    adding = insert(table).values(kept.model_dump()).on_conflict_do_nothing()
    session.connection().execute(adding)
    query = select(PayeeStatement).where(
        col(PayeeStatement.payee_id) == kept.payee_id,
        col(PayeeStatement.content_sha256) == kept.content_sha256,
        col(PayeeStatement.language) == language,
    )
    return session.exec(query.with_for_update(key_share=True)).one()


def _ask(session: Session, kept: PayeeStatement) -> None:
    """Have it rendered, unless a job is at it."""
    if kept.job_id is None or not _is_under_way(session, kept.job_id):
        asked = jobs.enqueue(session, KIND, queue=Queue.render, statement_id=str(kept.id))
        kept.job_id = asked.id


def _is_under_way(session: Session, job_id: UUID) -> bool:
    query = select(Job.state).where(col(Job.id) == job_id)
    return session.exec(query).first() in (JobState.queued, JobState.running)


def _address(asked: URL) -> str:
    """Where whoever may follow no job looks again: here."""
    return f"{asked.path}?{asked.query}"


def _being_made(kept: PayeeStatement, location: str) -> Response:
    assert kept.job_id is not None
    return Response(
        StatementRendering(job_id=kept.job_id).model_dump_json(),
        status_code=202,
        headers={"Location": location, "Retry-After": "1"},
        media_type="application/json",
    )
