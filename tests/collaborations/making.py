"""Collaborations for tests: a dull one at each stage, through the API wherever there is a way."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select

import api.collaborations.invariants  # noqa: F401
from api.collaborations.models import Collaboration
from api.collaborations.money import money
from api.collaborations.work import pieces
from billing.payable.payable_models import Payable
from tenants import auth, clock, database, invariants
from tests.budgets import factories as budgets
from tests.factories import Person, Staffed

FEE = 100_000
PER_POST = {"currency": "EUR", "per_post_minor": FEE}
LEADERS = {"one": "executive", "two": "other_executive"}


def done(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def day(after: int = 0) -> str:
    """A day so many days from the client's today."""
    return (clock.today("Europe/Madrid") + timedelta(days=after)).isoformat()


def leader(agency: Staffed, slot: str = "one") -> Person:
    return agency.people[LEADERS[slot]]


def client_of(agency: Staffed, slot: str = "one") -> UUID:
    return agency.client_id if slot == "one" else agency.other_client_id


def campaign(agency: Staffed, slot: str = "one") -> str:
    body = {
        "client_id": str(client_of(agency, slot)),
        "name": "Lanzamiento",
        "goal": "awareness",
        "formats": ["influencers"],
        "starts_on": day(-10),
        "ends_on": day(120),
    }
    return str(done(leader(agency, slot).post("/v1/campaigns", body), 201)["id"])


def budget_line(agency: Staffed, slot: str = "one", planned: int = 1_000_000, **values: Any) -> str:
    """A line of an active budget, of a client that asks for no decision about budgets."""
    by, client_id = agency.owner, client_of(agency, slot)
    before = by.get(f"/v1/clients/{client_id}").json()["approval_mode"]
    done(by.patch(f"/v1/clients/{client_id}", {"approval_mode": "none"}))
    body = {
        "client_id": str(client_id),
        "name": "Influencers",
        "period_start": day(-30),
        "period_end": day(200),
        "lines": [budgets.line(planned, "influencers", **values)],
    }
    made = done(by.post("/v1/budgets", body), 201)
    done(by.post(f"/v1/budgets/{made['id']}/propose"))
    done(by.patch(f"/v1/clients/{client_id}", {"approval_mode": before}))
    return str(made["lines"][0]["id"])


def shortlisted(agency: Staffed, slot: str = "one", **values: Any) -> dict[str, Any]:
    body = {
        "campaign_id": values.pop("campaign_id", None) or campaign(agency, slot),
        "influencer_id": str(agency.influencer_id),
        "title": "Reel de lanzamiento",
        **values,
    }
    made: dict[str, Any] = done(leader(agency, slot).post("/v1/collaborations", body), 201)
    return made


def invited(agency: Staffed, slot: str = "one", **values: Any) -> dict[str, Any]:
    made = shortlisted(agency, slot, **values)
    return dict(done(leader(agency, slot).post(f"/v1/collaborations/{made['id']}/invite")))


def piece(**values: Any) -> dict[str, Any]:
    return {
        "network": "instagram",
        "placement": "reel",
        "description": "Un reel con el café.",
        "due_on": day(20),
        "revision_rounds": 1,
        **values,
    }


def terms(line_id: str | None, **values: Any) -> dict[str, Any]:
    return {
        "category": "beverages",
        "starts_on": day(0),
        "ends_on": day(60),
        "deliverables": [piece()],
        "fee": {"currency": "EUR", "fixed_minor": FEE},
        "budget_line_id": line_id,
        **values,
    }


def right(**values: Any) -> dict[str, Any]:
    return {
        "asset": "Todos los reels",
        "media": ["social"],
        "territories": ["ES"],
        "uses": ["organic"],
        "starts_on": day(0),
        "ends_on": day(90),
        **values,
    }


def offer(agency: Staffed, made: dict[str, Any], body: dict[str, Any], slot: str = "one") -> Any:
    return leader(agency, slot).post(f"/v1/collaborations/{made['id']}/offer", body)


def offered(agency: Staffed, slot: str = "one", **values: Any) -> tuple[dict[str, Any], Any]:
    """A collaboration whose terms are on the table, and the terms."""
    line_id = values.pop("line_id", None) or budget_line(agency, slot)
    made = invited(agency, slot, campaign_id=values.pop("campaign_id", None))
    return made, done(offer(agency, made, terms(line_id, **values), slot), 201)


def accept(agency: Staffed, made: dict[str, Any], offered_terms: Any) -> Any:
    body = {"content_sha256": offered_terms["content_sha256"]}
    return agency.influencer.post(f"/v1/collaborations/{made['id']}/accept", body)


def contracted(agency: Staffed, slot: str = "one", **values: Any) -> dict[str, Any]:
    made, said = offered(agency, slot, **values)
    return dict(done(accept(agency, made, said)))


def started(agency: Staffed, slot: str = "one", **values: Any) -> dict[str, Any]:
    made = contracted(agency, slot, **values)
    return dict(done(leader(agency, slot).post(f"/v1/collaborations/{made['id']}/start")))


def read(person: Person, made: dict[str, Any]) -> dict[str, Any]:
    return dict(done(person.get(f"/v1/collaborations/{made['id']}")))


def pieces_of(person: Person, made: dict[str, Any]) -> list[dict[str, Any]]:
    return list(done(person.get(f"/v1/collaborations/{made['id']}/deliverables"))["data"])


def instalments(person: Person, made: dict[str, Any]) -> list[dict[str, Any]]:
    return list(done(person.get(f"/v1/collaborations/{made['id']}/instalments"))["data"])


def closed_budget(agency: Staffed, line_id: str) -> None:
    """Its budget is closed: what was set aside on the line is given back first."""
    entries = f"/v1/budget-lines/{line_id}/entries"
    held = done(agency.owner.get(entries, params={"kind": "commitment"}))["data"]
    for each in held:
        back = {"kind": "release", "commitment_id": each["id"]}
        done(agency.owner.post(entries, back), 201)
    budget_id = done(agency.owner.get(f"/v1/budget-lines/{line_id}"))["budget_id"]
    done(agency.owner.post(f"/v1/budgets/{budget_id}/close"))


def asked_back(agency: Staffed, made: dict[str, Any], amount_minor: int) -> None:
    """So much of its first part is asked back."""

    def ask(session: Any) -> None:
        row = database.get(session, Collaboration, UUID(made["id"]), lock=True)
        (part, *_) = money.of(session, row)
        money.claw_back(session, row, part, amount_minor, "Menos días en línea")

    act(agency, ask)


def submit(person: Person, piece_id: str, **values: Any) -> Any:
    body = {
        "deliverable_id": piece_id,
        "caption": "¡El mejor café! #publicidad",
        "url": "https://drafts.example/1",
        **values,
    }
    return person.post("/v1/submissions", body)


def set_mode(agency: Staffed, mode: str) -> None:
    done(agency.owner.patch(f"/v1/clients/{agency.client_id}", {"approval_mode": mode}))


def decide(person: Person, submission: dict[str, Any], outcome: str = "approved") -> Any:
    body = {"outcome": outcome, "reason": "Falta el logo."}
    return person.post(f"/v1/approvals/{submission['approval_id']}/decide", body)


def approved(agency: Staffed, **values: Any) -> dict[str, Any]:
    """All its pieces are accepted by the client."""
    made = started(agency, **values)
    for each in pieces_of(agency.influencer, made):
        handed_in = done(submit(agency.influencer, each["id"]), 201)
        done(decide(agency.approver, handed_in))
    return read(agency.executive, made)


def act(agency: Staffed, verb: Any, *args: Any, **values: Any) -> Any:
    """What another domain does, in a transaction of the agency's own."""
    with database.agency_session(auth.system(agency.agency_id)) as session:
        return verb(session, *args, **values)


def verified(agency: Staffed, **values: Any) -> dict[str, Any]:
    made = approved(agency, **values)
    for each in pieces_of(agency.executive, made):
        act(agency, pieces.go_live, UUID(each["id"]), clock.now())
        act(agency, pieces.verify, UUID(each["id"]))
    return read(agency.executive, made)


def payables_of(agency: Staffed, made: dict[str, Any]) -> list[Payable]:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        query = select(Payable).where(col(Payable.source_id) == UUID(made["id"]))
        return list(session.exec(query.order_by(col(Payable.id))))


def broken(agency: Staffed) -> list[str]:
    """The rules that do not hold in the agency."""
    with database.agency_session(auth.system(agency.agency_id)) as session:
        return [each.invariant.name for each in invariants.check(session)]


def a_day(text: str) -> date:
    return date.fromisoformat(text)
