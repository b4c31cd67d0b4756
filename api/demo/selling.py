"""The agency begins, takes a client on, and the client decides once on the autumn."""

from api.demo.material import agreed
from api.demo.people import Json, Person
from api.demo.stage import Stage

_DUTIES = ("account_executive", "social_media_manager", "community_manager")


def open_agency(stage: Stage) -> None:
    """The owner signs the agency up."""
    signed = stage.owner.ask(
        "POST",
        "/v1/agencies",
        json={
            "name": "Estudio Norte",
            "slug": stage.agency,
            "locale": "es-ES",
            "timezone": "Europe/Madrid",
            "currency": "EUR",
            "owner": {
                "name": stage.owner.name,
                "email": stage.owner.email,
                "password": stage.owner.password,
            },
        },
    )
    stage.ids["agency"] = signed["agency"]["id"]
    stage.owner.token = signed["tokens"]["access_token"]
    stage.owner.patch("/v1/agency", {"branding": agreed.BRANDING})
    stage.tell(stage.owner.name, "signed up the agency Estudio Norte and gave it its colours")


def staff_agency(stage: Stage) -> None:
    """Everybody is invited, and accepts."""
    for key in ("admin", *_DUTIES):
        role = "admin" if key == "admin" else "member"
        _invite(stage, stage.owner, key, {"kind": "staff", "role": role})
    stage.owner.patch(
        f"/v1/members/{stage.account_executive.ids['membership_id']}",
        {"title": {"es": "Directora de cuentas", "en": "Account director"}},
    )
    stage.tell(stage.owner.name, "invited the team; four people accepted and chose a password")


def take_on_client(stage: Stage) -> None:
    """The administrator takes the client on, and gives it its team and its own log-ins."""
    client = stage.admin.post(
        "/v1/clients",
        {
            "name": "Café Aurora",
            "sector": agreed.SECTOR,
            "status": "active",
            "lead_membership_id": stage.account_executive.ids["membership_id"],
        },
    )
    stage.ids["client"] = client["id"]
    for key in _DUTIES[1:]:
        stage.admin.post(
            f"/v1/clients/{client['id']}/assignments",
            {
                "membership_id": stage.people[key].ids["membership_id"],
                "duty": key,
                "is_lead": True,
            },
        )
    for key in ("approver", "viewer"):
        duties = [{"client_id": client["id"], "duty": key}]
        _invite(stage, stage.admin, key, {"kind": "client_contact", "duties": duties})
    stage.tell(stage.admin.name, "took on Café Aurora, gave it its team and its two log-ins")


def agree_contract(stage: Stage) -> None:
    """The account executive writes the contract down."""
    contract = stage.account_executive.post(
        "/v1/contracts",
        {
            "client_id": stage.ids["client"],
            "title": "Gestión de redes 2026",
            "starts_on": "2026-01-01",
            "ends_on": "2026-12-31",
            "renews_on": "2027-01-01",
            "notice_days": 60,
            "monthly_fee": {"amount_minor": 340_000, "currency": "EUR"},
            "payer_name": "Aurora Cafés SL",
        },
    )
    stage.account_executive.act(f"/v1/contracts/{contract['id']}/activate")
    stage.ids["contract"] = contract["id"]
    stage.tell(stage.account_executive.name, "put the contract for 2026 in force")


def propose_autumn(stage: Stage) -> None:
    """Campaign, scope and budget go to the client as one proposal."""
    start, end = agreed.MONTH
    common = {"client_id": stage.ids["client"]}
    budget = stage.social_media_manager.post(
        "/v1/budgets",
        {
            **common,
            "name": "Octubre 2026",
            "period_start": start,
            "period_end": end,
            "lines": agreed.BUDGET_LINES,
        },
    )
    stage.budget_lines = budget["lines"]
    campaign = stage.account_executive.post(
        "/v1/campaigns",
        {
            **common,
            "name": "Vuelve el tueste lento",
            "goal": "awareness",
            "formats": ["promotion", "ads", "influencers"],
            "brief": agreed.BRIEF,
            "starts_on": start,
            "ends_on": end,
            "budget_id": budget["id"],
            "contract_id": stage.ids["contract"],
        },
    )
    scope = stage.account_executive.post(
        "/v1/scopes",
        {
            **common,
            "campaign_id": campaign["id"],
            "contract_id": stage.ids["contract"],
            "title": "Alcance de octubre",
            "currency": "EUR",
            "starts_on": start,
            "ends_on": end,
            "lines": agreed.SCOPE_LINES,
        },
    )
    stage.lines = scope["lines"]
    stage.ids |= {"budget": budget["id"], "campaign": campaign["id"], "scope": scope["id"]}
    stage.account_executive.post(
        f"/v1/campaigns/{campaign['id']}/propose",
        {"scope_id": scope["id"], "budget_id": budget["id"]},
    )
    stage.tell(stage.social_media_manager.name, "planned October's budget, six lines, 16,000 €")
    stage.tell(
        stage.account_executive.name,
        f"proposed the autumn campaign: a scope of {len(stage.lines)} lines and the budget, "
        "as one document",
    )


def client_decides(stage: Stage) -> None:
    """The client approves once, and everything the proposal covers moves."""
    waiting = stage.approver.get("/v1/approvals", waiting_on="me")["data"]
    approval = stage.approver.get(f"/v1/approvals/{waiting[0]['id']}")
    stage.approver.post(
        f"/v1/approvals/{approval['id']}/decide",
        {"outcome": "approved", "content_sha256": approval["content_sha256"]},
    )
    stage.account_executive.act(f"/v1/campaigns/{stage.ids['campaign']}/activate")
    stage.tell(
        stage.approver.name,
        f"approved it once, bound to what was shown ({approval['content_sha256'][:12]}…): "
        "campaign approved, scope accepted, budget active",
    )


def _invite(stage: Stage, by: Person, key: str, what: Json) -> None:
    person = stage.people[key]
    made = by.post("/v1/invitations", {"email": person.email, "name": person.name, **what})
    admitted = person.post(
        "/v1/invitations/accept",
        {"token": made["token"], "password": person.password, "name": person.name},
    )
    person.token = admitted["tokens"]["access_token"]
    person.ids["membership_id"] = admitted["membership"]["id"]
