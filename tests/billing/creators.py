"""What work with creators leaves in billing, as the work itself would say it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import billing.invariants
import billing.payable.payout_tasks  # noqa: F401
from api.influencers.models import Influencer
from billing.payable import gates, payables
from billing.payable.payable_models import Payable
from tenants import auth, database, invariants
from tenants.ids import new_id
from tests.factories import Staffed

WORK = "collaborations"


@contextmanager
def inside(agency: Staffed) -> Iterator[database.Session]:
    """A transaction of the agency's own machinery."""
    with database.agency_session(auth.system(agency.agency_id)) as session:
        yield session


def owed(agency: Staffed, **values: Any) -> Payable:
    """Something owed to a creator, with one gate."""
    with inside(agency) as session:
        return payables.open(session, **described(agency, **values))


def described(agency: Staffed, **values: Any) -> dict[str, Any]:
    return {
        "payee_id": agency.influencer_id,
        "client_id": agency.client_id,
        "source_type": WORK,
        "source_id": new_id(),
        "part": None,
        "instalment": 1,
        "label": {"es": "Un reel", "en": "One reel"},
        "amount_minor": 50_000,
        "currency": "EUR",
        "due_on": None,
        "gates": ["content_accepted"],
        **values,
    }


def creator(agency: Staffed) -> UUID:
    """Somebody else on the roster."""
    with inside(agency) as session:
        row = Influencer(name="Marta Ríos")
        database.add(session, row)
        return row.id


IBAN = "ES9121000418450200051332"


def said(agency: Staffed, payee_id: UUID | None = None, **values: Any) -> Any:
    """The owner says who a payee is and where their money goes."""
    body = {
        "legal_name": "Marta Ríos",
        "tax_id": "12345678Z",
        "country": "ES",
        "method": "bank_transfer",
        "iban": IBAN,
        **values,
    }
    path = f"/v1/payees/{payee_id or agency.influencer_id}/details"
    answer = agency.owner.post(path, body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def known(agency: Staffed, payee_id: UUID | None = None) -> None:
    """Let it be settled how a payee is paid, unless it is."""
    shown = agency.owner.get(f"/v1/payees/{payee_id or agency.influencer_id}")
    if shown.status_code == 404 or shown.json()["status"] != "ready":
        said(agency, payee_id)


def set_rules(agency: Staffed, **rules: Any) -> None:
    answer = agency.owner.patch("/v1/agency", {"settings": rules})
    assert answer.status_code == 200, answer.text


def say(agency: Staffed, payable: Payable, code: str, part: UUID | None = None) -> None:
    """Let a gate of a payable's source be satisfied."""
    with inside(agency) as session:
        gates.satisfy(session, WORK, payable.source_id, code, {"seen": True}, part)


def take_back(agency: Staffed, payable: Payable, code: str, part: UUID | None = None) -> None:
    """Let a gate of a payable's source be satisfied no longer."""
    with inside(agency) as session:
        gates.unsatisfy(session, WORK, payable.source_id, code, "Ya no.", {}, part)


def again(agency: Staffed, payable: Payable) -> Payable:
    """A payable as it is now."""
    with inside(agency) as session:
        return database.get(session, Payable, payable.id)


def broken(agency: Staffed) -> dict[str, list[UUID]]:
    """The rules of billing that do not hold for an agency, and the rows that show it."""
    return {
        each.invariant.name: each.ids
        for each in invariants.check_agency(agency.agency_id)
        if each.invariant.name.startswith(("ledger", "payable", "payout"))
    }
