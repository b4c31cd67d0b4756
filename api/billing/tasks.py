"""What follows an invoice: its PDF, letters to the client's billing contacts, reminders."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert

from api.billing import documents
from api.documents.formats import formats
from api.documents.letters import Letter, letter, on_the_web
from billing.provider import invoicing
from billing.receivable import dunning, sending
from billing.receivable.invoice_models import (
    DocumentFile,
    DunningNotice,
    Invoice,
    IssuedDocument,
    IssuedKind,
)
from tenants import clients, clock, database, jobs, storage
from tenants.auth import Actor
from tenants.daily import daily
from tenants.ids import new_id
from tenants.jobs import Job, Queue
from tenants.mail import Attachment
from tenants.models import Agency
from tenants.outbox import Event
from tenants.worker import Beat, job, on

CHORE = "invoices.follow_up"
MIDNIGHT = "invoices.follow_up_at_midnight"


@job(documents.KIND)
def render(actor: Actor, task: Job, beat: Beat) -> dict[str, Any]:
    """Render, store, then record; a second run finds the first one's hash and changes nothing."""
    document_id, locale = UUID(task.args["document_id"]), task.args["locale"]
    with database.agency_session(actor) as session:
        document = database.get(session, IssuedDocument, document_id)
        agency = documents.agency_of(session)
        if documents.known(session, document_id, locale):
            return {"document_id": str(document_id)}
    made = documents.laid_out(document, agency, locale, agency.timezone)
    sha256 = storage.put(actor.agency_id, made.body)
    with database.agency_session(actor) as session:
        file = insert(DocumentFile).values(
            agency_id=actor.agency_id,
            id=new_id(),
            created_at=clock.now(),
            client_id=document.client_id,
            document_id=document.id,
            locale=locale,
            sha256=sha256,
        )
        session.connection().execute(file.on_conflict_do_nothing())
    return {"document_id": str(document_id)}


@letter("invoice")
def invoice(session: database.Session, job: Job) -> Letter | None:
    """An invoice, with its PDF."""
    return _to_contact(session, job, "invoice")


@letter("credit_note")
def credit_note(session: database.Session, job: Job) -> Letter | None:
    """A credit note, with its PDF."""
    return _to_contact(session, job, "credit_note")


@letter("invoice_reminder")
def invoice_reminder(session: database.Session, job: Job) -> Letter | None:
    """What is still open of an overdue invoice, unless it was settled or disputed meanwhile."""
    owed = database.get(session, Invoice, UUID(job.args["document_id"]))
    if not dunning.is_due(owed):
        return None
    return _to_contact(session, job, "invoice_reminder", owed.open_minor)


@on("dunning_notice.sent")
def remind(session: database.Session, event: Event) -> None:
    notice = database.get(session, DunningNotice, event.subject_id)
    sending.remind(session, notice.client_id, notice.invoice_id, notice.id)


@daily(CHORE)
def follow_up(actor: Actor, task: Job, beat: Beat) -> dict[str, Any]:
    """Look at what is late, and come back when the next day begins where clients are."""
    with database.agency_session(actor) as session:
        for zone in sorted(dunning.zones(session)):
            at = _midnight(zone)
            jobs.enqueue(session, MIDNIGHT, queue=Queue.bulk, due_at=at, period=at, about=zone)
    return _follow_up(actor, beat)


@job(MIDNIGHT)
def follow_up_at_midnight(actor: Actor, task: Job, beat: Beat) -> dict[str, Any]:
    return _follow_up(actor, beat)


def _follow_up(actor: Actor, beat: Beat) -> dict[str, Any]:
    """Each invoice in a transaction of its own: none waits for, or fails with, another."""
    with database.agency_session(actor) as session:
        late = dunning.late(session)
    reminded = 0
    for place, invoice_id in enumerate(late, start=1):
        with database.agency_session(actor) as session:
            reminded += dunning.follow_up(session, invoice_id) is not None
        beat(place, len(late))
    return {"late": len(late), "reminded": reminded}


def _midnight(zone: str) -> datetime:
    """When the next day begins in a zone."""
    local = clock.now().astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
    return datetime.combine(local, time(), ZoneInfo(zone)).astimezone(UTC)


def _to_contact(
    session: database.Session, job: Job, kind: str, open_minor: int | None = None
) -> Letter | None:
    document = database.get(session, IssuedDocument, UUID(job.args["document_id"]))
    contact = sending.contact_of(session, document, job.args["contact"])
    if contact is None:
        return None
    agency = clients.current_agency(session)
    written = formats(contact["locale"], document.currency, agency.timezone)
    due = written.date(document.due_on, "long_day") if document.due_on else "–"
    path = "credit-notes" if document.kind is IssuedKind.credit_note else "invoices"
    payable = _payment_page(session, document)
    return Letter(
        kind=kind,
        agency=agency,
        address=contact["email"],
        name=contact["name"] or "",
        locale=contact["locale"],
        values={
            "number": document.number,
            "total": written.money(document.total_minor),
            "open": written.money(open_minor or 0),
            "due": due,
        },
        link=payable or on_the_web(f"{path}/{document.id}"),
        action="pay" if payable else "action",
        attach=lambda: _paper(document, agency, written.language),
    )


def _payment_page(session: database.Session, document: IssuedDocument) -> str | None:
    """Where an invoice is paid at Stripe, while just what is open here is asked for there."""
    found = invoicing.find(session, document.id)
    if found is None or found.status in invoicing.FINAL:
        return None
    owed = database.get(session, Invoice, document.id)
    return found.hosted_url if 0 < owed.open_minor == found.remaining_minor else None


def _paper(document: IssuedDocument, agency: Agency, locale: str) -> tuple[Attachment, ...]:
    made = documents.laid_out(document, agency, locale, agency.timezone)
    return (Attachment(documents.file_name(document), made.body),)
