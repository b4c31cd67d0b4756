"""
Invoices and credit notes as documents: JSON whose bytes are what `sha256` is the hash of, and a PDF
of the same in the report's look, in Spanish or English.

The PDF is rendered by the worker, once for each language, when somebody first asks for it; then its
bytes are served for ever. What is mailed is made as it is sent: the same bytes, for the document
and its date decide them.
"""

from datetime import UTC, date, datetime, time
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from sqlmodel import Session, col, select
from starlette.responses import Response

from api.documents import pdf, theme
from api.documents.formats import Formats, formats
from api.documents.pdf import PdfDocument
from api.documents.words import Words, words
from api.http.answers import Deferred, negotiate, stored
from billing.receivable import issuing
from billing.receivable.credit_note_models import CreditNote
from billing.receivable.invoice_models import (
    DocumentFile,
    Invoice,
    InvoiceKind,
    IssuedDocument,
    IssuedKind,
    LineNature,
)
from billing.receivable.issuer_models import TaxKind, TaxRounding
from tenants import clients, database, jobs, storage
from tenants.jobs import JobState, Queue
from tenants.models import Agency, Client
from tenants.shapes import Localized, ReadShape
from tenants.words import language

TEMPLATE = Path(__file__).parent / "templates" / "invoice.typ"
KIND = "invoices.render"
FormatName = Literal["json", "pdf"]


class DocumentParty(ReadShape):
    """Who issued it, or whom it is for."""

    name: str
    tax_id: str | None
    address: str


class DocumentIssuer(DocumentParty):
    """Who issued it, and where to pay."""

    bank_text: Localized | None
    footer: Localized | None


class DocumentLine(ReadShape):
    """
    A line, net; of a credit note, what of it is taken back. `period`: its first and last day;
    `nature`: what was passed on at cost is no work of the agency's.
    """

    id: UUID
    nature: LineNature
    label: Localized
    quantity: int
    unit_price_minor: int
    amount_minor: int
    tax_rate_ids: list[UUID]
    period: list[date] | None


class DocumentTax(ReadShape):
    """What one tax comes to, and why there is none."""

    rate_id: UUID
    name: Localized
    kind: TaxKind
    percent: str
    reason: Localized | None
    base_minor: int
    tax_minor: int


class DocumentCorrected(ReadShape):
    """The invoice that a credit note corrects."""

    number: str
    issued_on: date


class InvoiceDocument(ReadShape):
    """What was issued, as it will always be; `kind` is an invoice's, or `credit_note`."""

    kind: str
    number: str
    issued_on: date
    due_on: date | None
    currency: str
    reference: str | None
    tax_rounding: TaxRounding
    issuer: DocumentIssuer
    buyer: DocumentParty
    note: str | None
    reason: str | None
    corrects: DocumentCorrected | None
    lines: list[DocumentLine]
    taxes: list[DocumentTax]
    net_minor: int
    tax_minor: int
    total_minor: int


class InvoiceRendering(ReadShape):
    """The PDF is being made; the job tells when it is there."""

    job_id: UUID


def serve(
    session: Session,
    of: type[Invoice | CreditNote],
    id: UUID,
    format: FormatName | None,
    locale: str | None,
) -> Response | Deferred:
    """The document by Accept or `format`; 202 while its PDF is being made, 304 when known."""
    chosen = format or negotiate(session, ["json", "pdf"])
    document = database.get(session, IssuedDocument, database.get(session, of, id).id)
    if chosen == "json":
        body = issuing.canonical(document.content)
        return stored(session, document.sha256, "application/json", body)
    spoken = locale or _spoken(session, document.client_id)
    query = select(DocumentFile.sha256).where(
        col(DocumentFile.document_id) == document.id, col(DocumentFile.locale) == spoken
    )
    sha256 = session.exec(query).first()
    if sha256 is None:
        return _being_made(_ask(session, document, spoken))
    agency_id = document.agency_id
    headers = {"Content-Disposition": f'inline; filename="{file_name(document)}"'}
    read = lambda: storage.read(agency_id, sha256)  # noqa: E731
    return stored(session, sha256, "application/pdf", read, headers=headers)


def file_name(document: IssuedDocument) -> str:
    plain = document.number.replace("/", "-").replace(" ", "-")
    return f"{plain}.pdf"


def laid_out(document: IssuedDocument, agency: Agency, locale: str, zone: str) -> PdfDocument:
    """The PDF: the same bytes for the same document, language and colours."""
    written = formats(locale, document.currency, zone)
    colours = theme.of_agency(agency.branding)
    view = {
        **_view(document, written, words(written.language)),
        "light": colours,
        "fonts": {"serif": theme.SERIF, "sans": theme.SANS},
    }
    at = datetime.combine(document.issued_on, time(), UTC)
    return pdf.document(TEMPLATE, view, {}, at)


def _view(document: IssuedDocument, written: Formats, said: Words) -> dict[str, Any]:
    content = document.content
    return {
        "language": written.language,
        "title": said(f"invoice.{_title(document)}", number=document.number),
        "issuer": _party(content["issuer"], said),
        "buyer": _party(content["buyer"], said),
        "for_client": said("invoice.for_client"),
        "from_issuer": said("invoice.from_issuer"),
        "facts": _facts(document, written, said),
        "columns": [said(f"invoice.{name}") for name in ("line", "quantity", "price", "amount")],
        "lines": [_line(each, written, said) for each in content["lines"]],
        "sums": _sums(content, written, said),
        "notes": _notes(content, written.language, said),
        "footer": _known_in(content["issuer"]["footer"], written.language, said),
        "fingerprint": said("invoice.fingerprint"),
        "sha256": document.sha256,
    }


def _title(document: IssuedDocument) -> str:
    if document.kind is IssuedKind.credit_note:
        return "credit_note"
    is_deposit = document.content["kind"] == InvoiceKind.deposit
    return "deposit" if is_deposit else "invoice"


def _party(party: dict[str, Any], said: Words) -> dict[str, Any]:
    tax = said("invoice.tax_id", number=party["tax_id"]) if party["tax_id"] else ""
    return {"name": party["name"], "lines": [*party["address"].splitlines(), tax]}


def _facts(document: IssuedDocument, written: Formats, said: Words) -> list[dict[str, str]]:
    content = document.content
    facts = {"issued_on": written.date(document.issued_on, "day_year")}
    if document.due_on:
        facts["due_on"] = written.date(document.due_on, "day_year")
    if content["reference"]:
        facts["reference"] = content["reference"]
    if content["corrects"]:
        day = date.fromisoformat(content["corrects"]["issued_on"])
        shown = {"number": content["corrects"]["number"], "day": written.date(day, "day_year")}
        facts["corrects"] = said("invoice.corrected", **shown)
        facts["because"] = content["reason"]
    return [{"label": said(f"invoice.{name}"), "text": text} for name, text in facts.items()]


def _line(line: dict[str, Any], written: Formats, said: Words) -> dict[str, str]:
    about = []
    if line["period"]:
        about.append(written.span(*map(date.fromisoformat, line["period"])))
    if line.get("nature") == LineNature.pass_through:
        about.append(said("invoice.at_cost"))
    return {
        "label": _in(line["label"], written.language),
        "about": " · ".join(about),
        "quantity": written.count(line["quantity"]),
        "price": written.money(line["unit_price_minor"]),
        "amount": written.money(line["amount_minor"]),
    }


def _sums(content: dict[str, Any], written: Formats, said: Words) -> list[dict[str, Any]]:
    rows = [(said("invoice.net"), content["net_minor"], False)]
    for each in content["taxes"]:
        name = _in(each["name"], written.language)
        base = written.money(each["base_minor"])
        percent = _percent(each["percent"], written)
        label = said("invoice.tax", name=name, percent=percent, base=base)
        rows.append((label, each["tax_minor"], False))
    rows.append((said("invoice.total"), content["total_minor"], True))
    return [
        {"label": label, "amount": written.money(amount), "is_total": is_total}
        for label, amount, is_total in rows
    ]


def _percent(exact: str, written: Formats) -> str:
    """An exact decimal, with as many places as it needs."""
    digits = len(exact.partition(".")[2].rstrip("0"))
    return written.decimal(Fraction(exact), digits)


def _notes(content: dict[str, Any], spoken: str, said: Words) -> list[str]:
    """Why there is no tax, the agency's note, where to pay."""
    reasons = [_in(each["reason"], spoken) for each in content["taxes"] if each["reason"]]
    bank_text = content["issuer"]["bank_text"] if content["due_on"] else None
    bank = _known_in(bank_text, spoken, said)
    pay = [said("invoice.pay_to"), bank] if bank else []
    return [each for each in (*reasons, content["note"], *pay) if each]


def _in(label: dict[str, str], spoken: str) -> str:
    return label.get(spoken) or next(iter(label.values()))


def _known_in(text: dict[str, str] | str | None, spoken: str, said: Words) -> str:
    """
    The issuer's words in a language; where there are none, in the other one, and that it is so.
    Documents of before have them in one alone, which they do not name.
    """
    if not text:
        return ""
    if isinstance(text, str):
        return text
    if spoken in text:
        return text[spoken]
    ((other, found),) = text.items()
    return f"{found} {said(f'invoice.only_in_{other}')}"


def _spoken(session: Session, client_id: UUID) -> str:
    query = select(Client.locale).where(col(Client.id) == client_id)
    return language(session.exec(query).one())


def _ask(session: Session, document: IssuedDocument, locale: str) -> UUID:
    """The job that renders it, one for each language. The agency's hand asks for it."""
    with database.acting_for_agency(session, document.client_id):
        job = jobs.enqueue(
            session,
            KIND,
            client_id=document.client_id,
            queue=Queue.render,
            shared=True,
            period=document.created_at,
            about=f"{document.id} {locale}",
            document_id=str(document.id),
            locale=locale,
        )
        if job.state is JobState.failed:
            jobs.requeue(session, job.id)
        return job.id


def _being_made(job_id: UUID) -> Response:
    return Response(
        InvoiceRendering(job_id=job_id).model_dump_json(),
        status_code=202,
        headers={"Location": f"/v1/jobs/{job_id}", "Retry-After": "1"},
        media_type="application/json",
    )


def known(session: database.Session, document_id: UUID, locale: str) -> bool:
    query = select(DocumentFile.id).where(
        col(DocumentFile.document_id) == document_id, col(DocumentFile.locale) == locale
    )
    return session.exec(query).first() is not None


def agency_of(session: Session) -> Agency:
    return clients.current_agency(session)
