"""Recipes of the agency's work: scopes, campaigns, budgets, time, decisions, reports."""

from typing import Any

from sqlalchemy import text

from tenants import auth, database
from tests.operations import Place
from tests.recipes.making import LEADS, LINE, PNG, Given, approver, fail, made, numbers


def entered_commitment(place: Place) -> str:
    given = {"budget_line": place.of("active_budget_line")}
    return made(place, "enter_on_budget_line", given)


def approval(place: Place) -> str:
    """A budget is the least that is put to a decision."""
    budget = made(place, "create_budget")
    return str(place.do("propose_budget", {"budget": budget}).json()["approval_id"])


def active_budget_line(place: Place) -> str:
    budget = place.do("create_budget").json()
    decide_budget(place, {"budget": budget["id"]})
    return str(budget["lines"][0]["id"])


def decide_budget(place: Place, given: Given) -> None:
    proposed = place.do("propose_budget", given).json()
    place.do("decide_approval", {"approval": proposed["approval_id"]}, by=approver(place))


def accepted_line(place: Place, **values: Any) -> str:
    """A line of a scope in force."""
    return str(accepted_scope(place, **values)["lines"][0]["id"])


def accepted_scope(place: Place, **values: Any) -> Any:
    by = place.holder("scopes:write")
    body = {
        "client_id": str(place.client_id),
        "title": "Alcance",
        "lines": [{**LINE, **values}],
    }
    scope = by.post("/v1/scopes", body).json()
    place.do("submit_scope", {"scope": scope["id"]})
    place.do("accept_scope", {"scope": scope["id"]}, by=approver(place))
    return scope


def approve_campaign(place: Place, given: Given) -> None:
    place.do("propose_campaign", given)
    place.do("approve_campaign", given, by=approver(place))


def scoped_campaign(place: Place) -> str:
    """A campaign with a baseline: its scope was accepted with it."""
    campaign = made(place, "create_campaign")
    by = place.holder("scopes:write")
    body = {"client_id": str(place.client_id), "title": "Alcance", "campaign_id": campaign}
    scope = by.post("/v1/scopes", {**body, "lines": [LINE]}).json()
    proposal = place.holder("campaigns:propose")
    answer = proposal.post(f"/v1/campaigns/{campaign}/propose", {"scope_id": scope["id"]})
    assert answer.status_code == 200, answer.text
    place.do("approve_campaign", {"campaign": campaign}, by=approver(place))
    return campaign


def pending_expense(place: Place) -> str:
    """An expense above the agency's threshold waits; who asked for it cannot approve it."""
    with database.platform_session() as session:
        session.connection().execute(
            text(
                "update agencies set settings = settings"
                " || '{\"expense_approval_threshold_minor\": 1000}' where id = :agency"
            ),
            {"agency": place.agency.agency_id},
        )
    by = place.agency.people[{"one": "community", "two": "executive"}[place.slot]]
    expense = {"currency": "EUR", "amount_minor": 5000, "supplier": "Imprenta Sol"}
    answer = by.post("/v1/expenses", {"line_id": place.of("active_budget_line"), **expense})
    assert answer.json()["status"] == "pending", answer.text
    return str(answer.json()["id"])


def hand_over(place: Place, given: Given, name: str) -> None:
    """Let somebody have written a comment."""
    author = place.agency.people[name].membership_id
    with database.agency_session(auth.system(place.agency.agency_id)) as session:
        session.connection().execute(
            text("update comments set author_id = :author where agency_id = :agency and id = :id"),
            {"author": author, "agency": place.agency.agency_id, "id": given["comment"]},
        )


def hand_over_time(place: Place, given: Given, name: str) -> None:
    """Let somebody have spent some time."""
    whose = place.agency.people[name].membership_id
    with database.agency_session(auth.system(place.agency.agency_id)) as session:
        session.connection().execute(
            text(
                "with entry as (select * from time_entries where agency_id = :agency and id = :id),"
                " moved as (update time_entries e set membership_id = :whose from entry"
                " where e.agency_id = entry.agency_id and e.id = entry.id),"
                " taken as (update time_days d set minutes = d.minutes - entry.minutes from entry"
                " where d.agency_id = entry.agency_id and d.worked_on = entry.worked_on"
                " and d.membership_id = entry.membership_id)"
                " insert into time_days as d (agency_id, membership_id, worked_on, minutes)"
                " select agency_id, :whose, worked_on, minutes from entry"
                " on conflict (agency_id, membership_id, worked_on)"
                " do update set minutes = d.minutes + excluded.minutes"
            ),
            {"whose": whose, "agency": place.agency.agency_id, "id": given["time_entry"]},
        )


NARRATIVE = {"es": {"headline": "Fue un buen mes."}}


def told_to_client(place: Place, given: Given) -> None:
    """Work that passed the agency's own review stands before the client."""
    owner, admin = place.agency.owner, place.agency.admin
    place.do("start_deliverable", given, by=owner)
    place.do("submit_deliverable", given, by=owner)
    place.do("approve_deliverable", given, by=admin)


def record(place: Place, given: Given) -> None:
    place.do("record_decision", given, by=place.agency.people[LEADS[place.slot]])


def figures_file(place: Place) -> str:
    """A file that can be imported: our own layout, of the client's channel."""
    table = f"date,channel,views\n2026-10-0{next(numbers) % 9 + 1},{place.of('channel')},7\n"
    answer = place.holder("files:write").call(
        "POST",
        "/v1/files",
        data={"client_id": str(place.client_id)},
        files={"file": ("figures.csv", table.encode(), "text/csv")},
    )
    return str(answer.json()["id"])


def published(place: Place) -> str:
    report = made(place, "create_report")
    place.do("publish_report", {"report": report})
    return report


def corrected(place: Place) -> str:
    """A report with two versions to compare."""
    report = published(place)
    by = place.holder("reports:publish_client")
    answer = by.post(f"/v1/reports/{report}/publish", {"reason": {"es": "Datos tardíos."}})
    assert answer.status_code == 201, answer.text
    return report


def report_version(place: Place) -> str:
    return made(place, "publish_report", {"report": made(place, "create_report")})


def own_logo(place: Place) -> str:
    """The agency's own."""
    files = {"file": ("logo.png", PNG, "image/png")}
    answer = place.holder("agency:write").call("POST", "/v1/report-logos", files=files)
    return str(answer.json()["id"])


def receiver(place: Place, given: Given) -> None:
    """Somebody of the client's who is written to about reports."""
    body = {"name": "Ana Prieto", "email": "ana@aurora.example", "receives_reports": True}
    answer = place.holder("contacts:write").post(f"/v1/clients/{place.client_id}/contacts", body)
    assert answer.status_code == 201, answer.text


def failed_delivery(place: Place, given: Given) -> str:
    """One of the report's that reached nobody: no worker runs here."""
    receiver(place, given)
    delivery = place.do("deliver_report", given).json()["data"][-1]["id"]
    failed = "update report_deliveries set status = 'failed', failure = 'mail_refused'"
    with database.agency_session(auth.system(place.agency.agency_id)) as session:
        asked = {"agency": place.agency.agency_id, "id": delivery}
        which = " where agency_id = :agency and id = :id"
        session.connection().execute(text(failed + which), asked)
    return str(delivery)


def publish_before(place: Place, given: Given) -> None:
    """A report of the client that stands published, of a week long before any other."""
    by = place.holder("reports:publish_client")
    number = next(numbers)
    day = f"{1905 + number // 48}-{number // 4 % 12 + 1:02}-{number % 4 * 7 + 1:02}"
    words = {"es": {**NARRATIVE["es"], "next_steps": ["Grabar el vídeo."]}}
    body = {"period": "week", "starts_on": day, "locales": ["es"], "narrative": words}
    begun = by.post("/v1/reports", {"client_id": str(place.client_id), **body})
    answer = by.post(f"/v1/reports/{begun.json()['id']}/publish", {})
    assert answer.status_code == 201, answer.text


def publish_in_vain(place: Place, given: Given) -> None:
    """A published report whose files could not be made."""
    fail(place.do("publish_report", given).json()["render_job_id"])
