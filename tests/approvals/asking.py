"""Approvals for tests: policies, more people, and one of each kind of thing put to a decision."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from tenants import auth, database, settings
from tenants.models import Assignment, Membership, User
from tenants.permissions import Duty
from tests.budgets import factories as budgets
from tests.campaigns import making
from tests.campaigns.making import done
from tests.factories import Person, Staffed, new_person

KINDS = ("budget", "scope", "change_order", "campaign")
CLARA = {"name": "Clara Montes", "email": "clara@cafeaurora.example"}


@dataclass
class Asked:
    """What was put to a decision: its approval, and where what it covers is read."""

    approval_id: str
    paths: list[str]

    @property
    def path(self) -> str:
        return f"/v1/approvals/{self.approval_id}"

    def read(self, person: Person) -> Any:
        return done(person.get(self.path))

    def states(self, person: Person) -> list[str]:
        return [done(person.get(path))["status"] for path in self.paths]


def set_policy(agency: Staffed, **values: Any) -> Any:
    return done(agency.executive.put(f"/v1/clients/{agency.client_id}/approval-policy", values))


def newcomer(agency: Staffed, duty: Duty = Duty.approver, name: str = "Nuevo") -> Person:
    """One more person with a duty on client one."""
    kind = "approver" if duty is Duty.approver else "somebody"
    with database.platform_session() as session:
        person = new_person(session, agency.owner.client, agency.agency_id, kind)
        person.name = name
        member = session.get_one(Membership, (agency.agency_id, person.membership_id))
        session.get_one(User, person.user_id).name = member.name = name
    with database.agency_session(auth.system(agency.agency_id)) as session:
        database.add(
            session,
            Assignment(
                client_id=agency.client_id,
                membership_id=person.membership_id,
                duty=duty,
                starts_on=date(2020, 1, 1),
            ),
        )
    return person


def ask(agency: Staffed, kind: str = "budget") -> Asked:
    """Put something of client one to a decision, as its account executive."""
    return {"budget": _budget, "scope": _scope, "change_order": _order, "campaign": _campaign}[
        kind
    ](agency)


def _budget(agency: Staffed) -> Asked:
    path = f"/v1/budgets/{budgets.draft(agency, 100_000)['id']}"
    return Asked(done(agency.executive.post(f"{path}/propose"))["approval_id"], [path])


def _scope(agency: Staffed) -> Asked:
    made = making.submitted(agency)
    return Asked(made["approval_id"], [f"/v1/scopes/{made['id']}"])


def draft_order(agency: Staffed, scope: Any) -> Any:
    body = {
        "scope_id": scope["id"],
        "title": "Más reels",
        "reason": {"es": "El lanzamiento se alarga"},
        "lines": [{"action": "alter", "line_id": scope["lines"][0]["id"], "quantity_delta": 3}],
    }
    return done(agency.executive.post("/v1/change-orders", body), 201)


def _order(agency: Staffed) -> Asked:
    """Of a scope that the client had accepted by its short form, whatever the policy asks."""
    made = making.submitted(agency)
    approval = Asked(made["approval_id"], [])
    while (now := approval.read(agency.executive))["status"] == "open":
        by = agency.strategist if now["level"] == "internal" else agency.approver
        done(decide(by, approval))
    path = f"/v1/change-orders/{draft_order(agency, made)['id']}"
    return Asked(done(agency.executive.post(f"{path}/submit"))["approval_id"], [path])


def _campaign(agency: Staffed) -> Asked:
    """A proposal: a campaign with its scope and its budget."""
    campaign = making.campaign(agency)
    scope = making.scope(agency, campaign_id=campaign["id"])
    budget = budgets.draft(agency, 100_000)
    path = f"/v1/campaigns/{campaign['id']}"
    body = {"scope_id": scope["id"], "budget_id": budget["id"]}
    approval_id = done(agency.executive.post(f"{path}/propose", body))["approval_id"]
    return Asked(approval_id, [path, f"/v1/scopes/{scope['id']}", f"/v1/budgets/{budget['id']}"])


def decide(person: Person, asked: Asked, outcome: str = "approved", **values: Any) -> Any:
    body = {"outcome": outcome, **values}
    if outcome != "approved":
        body.setdefault("reason", "Falta el logo.")
    return person.post(f"{asked.path}/decide", body)


def link(agency: Staffed, asked: Asked, **who: str) -> str:
    """The path of an address at which somebody of the client decides."""
    made = done(agency.executive.post(f"{asked.path}/links", {**CLARA, **who}), 201)
    return str(made["address"]).removeprefix(settings.get().public_address)


def decide_by_link(agency: Staffed, asked: Asked, path: str, outcome: str = "approved") -> Any:
    seen = asked.read(agency.executive)["content_sha256"]
    form = {"outcome": outcome, "content_sha256": seen, "reason": "Falta el logo."}
    return agency.owner.client.post(path, data=form, follow_redirects=False)
