"""Invoices for tests: an agency that may issue, a draft, and one that is out."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from billing.receivable import billables
from billing.receivable.billable_models import BillableKind
from tenants import auth, database, invariants
from tenants.ids import new_id
from tests.factories import Person, Staffed

SETTINGS = {"name": "Estudio Norte SL", "tax_id": "B12345678", "address": "Calle Mayor 1\nMadrid"}
PROFILE = {
    "legal_name": "Aurora Cafés SL",
    "tax_id": "B87654321",
    "address": "Plaza 2\nSevilla",
}
OURS = ("invoice", "client_credits", "issued_documents", "ledger")


def done(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def equipped(agency: Staffed, **values: Any) -> None:
    """Say who issues, and whom client one's invoices are for."""
    done(agency.owner.put("/v1/invoice-settings", {**SETTINGS, **values}))
    profile(agency)


def profile(agency: Staffed, **values: Any) -> None:
    path = f"/v1/clients/{agency.client_id}/billing-profile"
    contacts = [{"name": "Lola", "email": mailbox(agency)}]
    done(agency.executive.put(path, {**PROFILE, "contacts": contacts, **values}))


def mailbox(agency: Staffed, name: str = "lola") -> str:
    """Where client one gets its invoices."""
    return f"{name}@{agency.slug}.example"


def rate(agency: Staffed, percent: str = "21", kind: str = "added", **values: Any) -> str:
    body = {"name": {"es": "IVA", "en": "VAT"}, "percent": percent, "kind": kind, **values}
    return str(done(agency.owner.post("/v1/tax-rates", body), 201)["id"])


def line(amount: int = 100_00, *rates: str, **values: Any) -> dict[str, Any]:
    label = {"es": "Diseño", "en": "Design"}
    return {"label": label, "unit_price_minor": amount, "tax_rate_ids": list(rates), **values}


def draft(agency: Staffed, *lines: dict[str, Any], **values: Any) -> Any:
    body = {"client_id": str(agency.client_id), "lines": list(lines) or [line()], **values}
    return done(agency.executive.post("/v1/invoices", body), 201)


def approved(agency: Staffed, *lines: dict[str, Any], **values: Any) -> Any:
    made = draft(agency, *lines, **values)
    submit(agency, made)
    return made


def submit(agency: Staffed, made: Any) -> None:
    done(agency.executive.post(f"/v1/invoices/{made['id']}/submit"))
    done(agency.owner.post(f"/v1/invoices/{made['id']}/approve"))


def issue(agency: Staffed, made: Any) -> Any:
    submit(agency, made)
    return done(agency.owner.post(f"/v1/invoices/{made['id']}/finalize"))


def finalize(agency: Staffed, made: Any) -> Any:
    return agency.owner.post(f"/v1/invoices/{made['id']}/finalize")


def numbers(agency: Staffed) -> list[str]:
    """The numbers of an agency's documents, in the order in which they were taken."""
    query = (
        "select number from issued_documents where agency_id = :agency order by series, sequence"
    )
    with database.agency_session(auth.system(agency.agency_id)) as session:
        found = session.connection().execute(text(query), {"agency": agency.agency_id})
        return [row[0] for row in found]


def issued(agency: Staffed, *lines: dict[str, Any], **values: Any) -> Any:
    return issue(agency, draft(agency, *lines, **values))


def read(agency: Staffed, made: Any, by: Person | None = None) -> Any:
    return done((by or agency.executive).get(f"/v1/invoices/{made['id']}"))


def pay(agency: Staffed, made: Any, amount: int, currency: str = "EUR", **values: Any) -> Any:
    body = {"amount": {"amount_minor": amount, "currency": currency}, **values}
    return agency.owner.post(f"/v1/invoices/{made['id']}/payments", body)


def credit(agency: Staffed, made: Any, lines: Any = None) -> Any:
    body = {"invoice_id": made["id"], "reason": "No se hizo", "lines": lines}
    return agency.owner.post("/v1/credit-notes", body)


def credits(agency: Staffed, **filters: Any) -> Any:
    asked = "&".join(f"{name}={value}" for name, value in filters.items())
    return done(agency.executive.get(f"/v1/client-credits?{asked}"))["data"]


def billable(agency: Staffed, amount: int = 500_00, **values: Any) -> str:
    """Something that client one is to be billed for."""
    source = new_id()
    kind = values.pop("kind", BillableKind.monthly_fee)
    own = {
        "client_id": agency.client_id,
        "label": {"es": "Cuota", "en": "Fee"},
        "amount_minor": amount,
        "currency": "EUR",
        "earned_on": date(2026, 10, 1),
        **values,
    }
    with database.agency_session(auth.system(agency.agency_id)) as session:
        assert billables.add(session, kind, "tests", source, **own)
    found = done(agency.executive.get(f"/v1/billables?source_id={source}"))["data"]
    return str(found[0]["id"])


def broken(agency: Staffed) -> dict[str, list[UUID]]:
    """The rules of invoices that do not hold for an agency."""
    return {
        each.invariant.name: each.ids
        for each in invariants.check_agency(agency.agency_id)
        if each.invariant.name.startswith(OURS)
    }
