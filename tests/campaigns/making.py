"""Campaigns, scopes and deliverables for tests, made through the API."""

from typing import Any

from sqlmodel import col, update

from tenants import auth, database
from tenants.models import ApprovalMode, Client
from tests.factories import Person, Staffed

EVER = {"from": "2026-01-01", "to": "2099-12-31"}


def set_mode(agency: Staffed, mode: ApprovalMode) -> None:
    """Who decides on client one's work."""
    with database.agency_session(auth.system(agency.agency_id)) as session:
        chosen = update(Client).where(
            col(Client.agency_id) == agency.agency_id, col(Client.id) == agency.client_id
        )
        session.connection().execute(chosen.values(approval_mode=mode.value))


def done(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def campaign(agency: Staffed, **values: Any) -> Any:
    body = {
        "client_id": str(agency.client_id),
        "name": "Otoño en taza",
        "goal": "sales",
        "formats": ["launch", "ads", "contest"],
        "brief": {"es": "El café de otoño", "en": "The autumn coffee"},
        "starts_on": "2026-10-01",
        "ends_on": "2026-12-31",
        **values,
    }
    return done(agency.executive.post("/v1/campaigns", body), 201)


def line(**values: Any) -> dict[str, Any]:
    return {
        "label": {"es": "Reels", "en": "Reels"},
        "kind": "reel",
        "measure": "piece",
        "quantity": 12,
        "network": "Instagram",
        "unit_price": {"amount_minor": 15000, "currency": "EUR"},
        "revision_rounds": 1,
        "due_on": "2026-12-31",
        **values,
    }


def scope(agency: Staffed, *lines: dict[str, Any], **values: Any) -> Any:
    body = {
        "client_id": str(agency.client_id),
        "title": "Alcance de otoño",
        "lines": list(lines) if lines or "copy_of" in values else [line()],
        **values,
    }
    return done(agency.executive.post("/v1/scopes", body), 201)


def submitted(agency: Staffed, *lines: dict[str, Any], **values: Any) -> Any:
    made = scope(agency, *lines, **values)
    return done(agency.executive.post(f"/v1/scopes/{made['id']}/submit"))


def accepted(agency: Staffed, *lines: dict[str, Any], **values: Any) -> Any:
    made = submitted(agency, *lines, **values)
    return done(agency.approver.post(f"/v1/scopes/{made['id']}/accept"))


def active_campaign(agency: Staffed) -> Any:
    """A campaign that runs, with its accepted scope of twelve reels."""
    made = campaign(agency)
    draft = scope(agency, campaign_id=made["id"])
    path = f"/v1/campaigns/{made['id']}"
    done(agency.executive.post(f"{path}/propose", {"scope_id": draft["id"]}))
    done(agency.approver.post(f"{path}/approve"))
    return done(agency.executive.post(f"{path}/activate"))


def deliverable(agency: Staffed, line_id: str, **values: Any) -> Any:
    return done(agency.community.post("/v1/deliverables", {"line_id": line_id, **values}), 201)


def move(person: Person, made: Any, verb: str, body: Any = None) -> Any:
    return person.post(f"/v1/deliverables/{made['id']}/{verb}", body)


def in_client_review(agency: Staffed, made: Any) -> Any:
    """A planned deliverable that the strategist let through to the client."""
    done(move(agency.community, made, "start"))
    done(move(agency.community, made, "submit", {"url": "https://drive.example/reel"}))
    return done(move(agency.strategist, made, "approve"))


def delivered(agency: Staffed, made: Any) -> Any:
    in_client_review(agency, made)
    done(move(agency.approver, made, "approve"))
    return done(move(agency.community, made, "deliver", {"url": "https://instagram.com/p/1"}))


def lot_of(agency: Staffed, scope_id: str) -> Any:
    """The consumption of a scope's only line, whenever it was worked on."""
    path = f"/v1/clients/{agency.client_id}/scope"
    lines = done(agency.executive.get(path, params=EVER))["lines"]
    (shown,) = [each for each in lines if each["scope_id"] == scope_id]
    return shown
