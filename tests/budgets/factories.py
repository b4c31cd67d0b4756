"""Budgets for tests: a dull draft, and one that the client has approved."""

from typing import Any
from uuid import UUID

from sqlmodel import select

from api.budgets.models import BudgetEntry
from tenants import auth, database
from tenants.models import Agency
from tests.factories import Person, Staffed

BALANCES = ("allocated_minor", "committed_minor", "spent_minor", "unfunded_minor")


def line(planned: int, category: str = "paid_media", **values: Any) -> dict[str, Any]:
    label = {"es": category.replace("_", " ").title()}
    return {"category": category, "label": label, "planned_minor": planned, **values}


def draft(agency: Staffed, *planned: int, **values: Any) -> dict[str, Any]:
    """A draft of client one, with a line for each amount."""
    body = {
        "client_id": str(agency.client_id),
        "name": "Otoño 2026",
        "period_start": "2026-10-01",
        "period_end": "2026-12-31",
        "lines": [line(amount) for amount in planned],
        **values,
    }
    answer = agency.executive.post("/v1/budgets", body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def approved(agency: Staffed, *planned: int, **values: Any) -> dict[str, Any]:
    """A budget that the client's approver has approved."""
    made = draft(agency, *planned, **values)
    proposed = agency.executive.post(f"/v1/budgets/{made['id']}/propose").json()
    answer = decide(agency.approver, proposed, "approved")
    assert answer.status_code == 200, answer.text
    return budget(agency.executive, made["id"])


def decide(person: Person, proposed: dict[str, Any], outcome: str) -> Any:
    body = {"outcome": outcome, "reason": "Demasiado en vídeo."}
    return person.post(f"/v1/approvals/{proposed['approval_id']}/decide", body)


def budget(person: Person, budget_id: str) -> dict[str, Any]:
    answer = person.get(f"/v1/budgets/{budget_id}")
    assert answer.status_code == 200, answer.text
    read: dict[str, Any] = answer.json()
    return read


def balances(person: Person, line_id: str) -> tuple[int, ...]:
    """Allocated, committed, spent, unfunded."""
    read = person.get(f"/v1/budget-lines/{line_id}").json()
    return tuple(read[name] for name in BALANCES)


def enter(person: Person, line_id: str, kind: str, **values: Any) -> Any:
    why = {"note": "Lo pide la campaña."} if kind in ("transfer", "allocation") else {}
    return person.post(f"/v1/budget-lines/{line_id}/entries", {"kind": kind, **why, **values})


def expense(person: Person, line_id: str, amount: int, **values: Any) -> Any:
    body = {
        "line_id": line_id,
        "amount_minor": amount,
        "currency": "EUR",
        "supplier": "Imprenta Sol",
        **values,
    }
    return person.post("/v1/expenses", body)


def fact(person: Person, line_id: str, amount: int, **values: Any) -> Any:
    values = {"already_spent": True, "evidence": "Factura en el correo del 3", **values}
    return expense(person, line_id, amount, **values)


def free_client(agency: Staffed) -> None:
    """Client one asks for no decision: what is proposed is active, and allocated by hand."""
    answer = agency.owner.patch(f"/v1/clients/{agency.client_id}", {"approval_mode": "none"})
    assert answer.status_code == 200, answer.text


def set_agency(agency: Staffed, **settings: Any) -> None:
    """Agency settings, as `PATCH /v1/agency` writes them."""
    with database.platform_session() as session:
        row = session.exec(select(Agency).where(Agency.id == agency.agency_id)).one()
        row.settings = {**row.settings, **settings}


def sums(agency: Staffed, line_id: str) -> tuple[int, ...]:
    """What the entries of a line add up to, by another way than the ledger's own."""
    with database.agency_session(auth.system(agency.agency_id)) as session:
        rows = session.exec(select(BudgetEntry).where(BudgetEntry.line_id == UUID(line_id))).all()

    def total(*kinds: str, funded: bool = True) -> int:
        return sum(row.amount_minor for row in rows if row.kind in kinds and row.funded is funded)

    return (
        total("allocation", "transfer"),
        total("commitment", "release"),
        total("expense", "refund"),
        total("expense", "refund", funded=False),
    )
