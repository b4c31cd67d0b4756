"""
What the document cannot say, for `tests/operations.py`: a line for each thing that needs one.

A *thing* is what a path names: `/v1/budget-lines/{line_id}` names a `budget_line`. One that a plain
POST on its collection makes, from ids of its client, needs nothing here.
"""

import base64
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import text

from api.collaborations import pieces
from billing.payable import payables, payees, payout_making, settlements
from billing.payable.payable_models import Payable
from billing.payable.payout_models import DetailsStatus, PaymentMethod, Payout, PayoutStatus
from tenants import auth, clock, database, jobs
from tenants.ids import new_id
from tests import factories
from tests.factories import Person
from tests.operations import Operation, Place
from tests.people import PEOPLE, may

Given = Mapping[str, str]
Step = str | Callable[[Place, Given], Any]

LINE = {
    "label": {"es": "Reels", "en": "Reels"},
    "kind": "reel",
    "measure": "piece",
    "quantity": 100,
    "unit_price": {"amount_minor": 15000, "currency": "EUR"},
    "revision_rounds": 1,
    "due_on": "2026-12-31",
}
BUDGET_LINE = {"category": "paid_media", "label": {"es": "Pauta"}, "planned_minor": 1_000_000}
COLUMNS = [{"header": "Fecha", "means": "date"}, {"header": "Vistas", "means": "views"}]
IBAN = "ES9121000418450200051332"
GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8BQDwAEgAF/pooBPQAAAABJRU5ErkJggg=="
)
_numbers = count(1)


def made(place: Place, operation: str, given: Given | None = None) -> str:
    """The id of what an operation makes."""
    return str(place.do(operation, given).json()["id"])


def approver(place: Place) -> Person:
    """Who decides for the client."""
    return place.holder("approvals:decide")


def _member(place: Place) -> Person:
    """Somebody new on the staff, with a log-in and no duty."""
    with database.platform_session() as session:
        client = place.agency.owner.client
        return factories.new_person(session, client, place.agency.agency_id, "somebody")


def _own_login(person: Person) -> str:
    with database.platform_session() as session:
        login = factories.open_login(
            session, person.user_id, person.agency_id, person.membership_id
        )
    return str(login)


def _own_feed(person: Person) -> str:
    return str(person.post("/v1/calendar-feeds", {}).json()["id"])


def _job(place: Place) -> str:
    """Jobs are asked for by verbs; nobody posts one."""
    with database.agency_session(auth.system(place.agency.agency_id)) as session:
        job = jobs.enqueue(session, "tests.nothing", client_id=place.client_id, shared=True)
        return str(job.id)


def _failed_job(place: Place) -> str:
    job_id = _job(place)
    _fail(job_id)
    return job_id


def _fail(job_id: str) -> None:
    with database.platform_session() as session:
        failed = text("update jobs set state = 'failed', finished_at = now() where id = :id")
        session.connection().execute(failed, {"id": job_id})


def _entered_commitment(place: Place) -> str:
    given = {"budget_line": place.of("active_budget_line")}
    return made(place, "enter_on_budget_line", given)


def _approval(place: Place) -> str:
    """A budget is the least that is put to a decision."""
    budget = made(place, "create_budget")
    return str(place.do("propose_budget", {"budget": budget}).json()["approval_id"])


def _active_budget_line(place: Place) -> str:
    budget = place.do("create_budget").json()
    _decide_budget(place, {"budget": budget["id"]})
    return str(budget["lines"][0]["id"])


def _decide_budget(place: Place, given: Given) -> None:
    proposed = place.do("propose_budget", given).json()
    place.do("decide_approval", {"approval": proposed["approval_id"]}, by=approver(place))


def _accepted_line(place: Place, **values: Any) -> str:
    """A line of a scope in force."""
    return str(_accepted_scope(place, **values)["lines"][0]["id"])


def _accepted_scope(place: Place, **values: Any) -> Any:
    by = place.holder("scopes:write")
    body = {"client_id": str(place.client_id), "title": "Alcance", "lines": [{**LINE, **values}]}
    scope = by.post("/v1/scopes", body).json()
    place.do("submit_scope", {"scope": scope["id"]})
    place.do("accept_scope", {"scope": scope["id"]}, by=approver(place))
    return scope


def _approve_campaign(place: Place, given: Given) -> None:
    place.do("propose_campaign", given)
    place.do("approve_campaign", given, by=approver(place))


def _scoped_campaign(place: Place) -> str:
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


def _pending_expense(place: Place) -> str:
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


def _hand_over(place: Place, given: Given, name: str) -> None:
    """Let somebody have written a comment."""
    author = place.agency.people[name].membership_id
    with database.agency_session(auth.system(place.agency.agency_id)) as session:
        session.connection().execute(
            text("update comments set author_id = :author where agency_id = :agency and id = :id"),
            {"author": author, "agency": place.agency.agency_id, "id": given["comment"]},
        )


def _hand_over_time(place: Place, given: Given, name: str) -> None:
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


def _told_to_client(place: Place, given: Given) -> None:
    """Work that passed the agency's own review stands before the client."""
    owner, admin = place.agency.owner, place.agency.admin
    place.do("start_deliverable", given, by=owner)
    place.do("submit_deliverable", given, by=owner)
    place.do("approve_deliverable", given, by=admin)


def _record(place: Place, given: Given) -> None:
    place.do("record_decision", given, by=place.agency.people[LEADS[place.slot]])


def _figures_file(place: Place) -> str:
    """A file that can be imported: our own layout, of the client's channel."""
    table = f"date,channel,views\n2026-10-0{next(_numbers) % 9 + 1},{place.of('channel')},7\n"
    answer = place.holder("files:write").call(
        "POST",
        "/v1/files",
        data={"client_id": str(place.client_id)},
        files={"file": ("figures.csv", table.encode(), "text/csv")},
    )
    return str(answer.json()["id"])


def _published(place: Place) -> str:
    report = made(place, "create_report")
    place.do("publish_report", {"report": report})
    return report


def _corrected(place: Place) -> str:
    """A report with two versions to compare."""
    report = _published(place)
    by = place.holder("reports:publish_client")
    answer = by.post(f"/v1/reports/{report}/publish", {"reason": {"es": "Datos tardíos."}})
    assert answer.status_code == 201, answer.text
    return report


def _report_version(place: Place) -> str:
    return made(place, "publish_report", {"report": made(place, "create_report")})


def _own_logo(place: Place) -> str:
    """The agency's own."""
    files = {"file": ("logo.png", PNG, "image/png")}
    answer = place.holder("agency:write").call("POST", "/v1/report-logos", files=files)
    return str(answer.json()["id"])


def _receiver(place: Place, given: Given) -> None:
    """Somebody of the client's who is written to about reports."""
    body = {"name": "Ana Prieto", "email": "ana@aurora.example", "receives_reports": True}
    answer = place.holder("contacts:write").post(f"/v1/clients/{place.client_id}/contacts", body)
    assert answer.status_code == 201, answer.text


def _failed_delivery(place: Place, given: Given) -> str:
    """One of the report's that reached nobody: no worker runs here."""
    _receiver(place, given)
    delivery = place.do("deliver_report", given).json()["data"][-1]["id"]
    failed = "update report_deliveries set status = 'failed', failure = 'mail_refused'"
    with database.agency_session(auth.system(place.agency.agency_id)) as session:
        asked = {"agency": place.agency.agency_id, "id": delivery}
        which = " where agency_id = :agency and id = :id"
        session.connection().execute(text(failed + which), asked)
    return str(delivery)


def _publish_before(place: Place, given: Given) -> None:
    """A report of the client that stands published, of a week long before any other."""
    by = place.holder("reports:publish_client")
    number = next(_numbers)
    day = f"{1905 + number // 48}-{number // 4 % 12 + 1:02}-{number % 4 * 7 + 1:02}"
    words = {"es": {**NARRATIVE["es"], "next_steps": ["Grabar el vídeo."]}}
    body = {"period": "week", "starts_on": day, "narrative": words}
    made = by.post("/v1/reports", {"client_id": str(place.client_id), **body})
    answer = by.post(f"/v1/reports/{made.json()['id']}/publish", {})
    assert answer.status_code == 201, answer.text


def _publish_in_vain(place: Place, given: Given) -> None:
    """A published report whose files could not be made."""
    _fail(place.do("publish_report", given).json()["render_job_id"])


BILLED = {"label": {"es": "Diseño", "en": "Design"}, "unit_price_minor": 100_00}
ISSUER = {"name": "Estudio Norte SL", "tax_id": "B12345678", "address": "Calle Mayor 1"}
BUYER = {"legal_name": "Aurora Cafés SL", "address": "Plaza 2"}


def _equip(place: Place, given: Given | None = None) -> None:
    """Say in whose name invoices are issued, and whom the client's are for."""
    owner = place.agency.owner
    profile = f"/v1/clients/{place.client_id}/billing-profile"
    contacts = [{"email": f"billing@{place.agency.slug}.example"}]
    for path, body in (
        ("/v1/invoice-settings", ISSUER),
        (profile, {**BUYER, "contacts": contacts}),
    ):
        if owner.get(path).status_code == 404:
            assert owner.put(path, body).status_code == 200


def _approve_invoice(place: Place, given: Given) -> None:
    _equip(place)
    place.do("submit_invoice", given, by=place.agency.owner)
    place.do("approve_invoice", given, by=place.agency.admin)


def _issue_invoice(place: Place, given: Given) -> None:
    _approve_invoice(place, given)
    place.do("finalize_invoice", given, by=place.agency.owner)


def _issued_invoice(place: Place) -> str:
    invoice = made(place, "create_invoice")
    _issue_invoice(place, {"invoice": invoice})
    return invoice


def _payment(place: Place) -> Any:
    """Somebody paid more than was open."""
    path = f"/v1/invoices/{_issued_invoice(place)}/payments"
    body = {"amount": {"amount_minor": 150_00, "currency": "EUR"}}
    return place.agency.owner.post(path, body).json()


def _creator(place: Place) -> UUID:
    """Whose things are those of a place, among the agency's influencers."""
    agency = place.agency
    return agency.other_influencer_id if place.slot == "two" else agency.influencer_id


def _payee(place: Place) -> str:
    """It is settled how they are paid."""
    said = {"legal_name": "Marta Ríos", "tax_id": "12345678Z", "country": "ES", "address": None}
    account = {"iban": IBAN, "account_number": None, "bic": None, "instructions": None}
    with database.agency_session(auth.system(place.agency.agency_id)) as session:
        method = PaymentMethod.bank_transfer
        payees.say(session, _creator(place), **said, method=method, **account)
    return str(_creator(place))


def _payable(place: Place) -> str:
    """Work tells what it owes; nobody posts one."""
    with database.agency_session(auth.system(place.agency.agency_id)) as session:
        return str(_owed(session, place).id)


def _owed(session: Any, place: Place) -> Payable:
    return payables.open(
        session,
        payee_id=_creator(place),
        client_id=place.client_id,
        source_type="tests",
        source_id=new_id(),
        part=None,
        instalment=1,
        label={"es": "Un reel"},
        amount_minor=10_000,
        currency="EUR",
        due_on=None,
        gates=["not_disputed"],
    )


def _clawback(place: Place) -> str:
    with database.agency_session(auth.system(place.agency.agency_id)) as session:
        owed = _owed(session, place)
        source = (owed.source_type, owed.source_id, None)
        return str(payables.claw_back(session, *source, 100, "Retirado.").id)


def _payout(place: Place, status: PayoutStatus = PayoutStatus.approved) -> str:
    """Whatever somebody has said meanwhile of the least that is paid out."""
    _payee(place)
    with database.agency_session(auth.system(place.agency.agency_id)) as session:
        session.connection().execute(
            text(
                "update agencies set settings = settings - 'payout_minimum_minor'"
                " where id = :agency"
            ),
            {"agency": place.agency.agency_id},
        )
        payout = payout_making.create(session, _creator(place), "EUR", [_owed(session, place).id])
        if status is PayoutStatus.queued:
            settlements.queue(session, payout)
        if status is PayoutStatus.pending:
            payout.status, payout.approved_sha256 = status, None
        return str(payout.id)


def _sent_payout(place: Place) -> str:
    """One that a provider of transfers has."""
    sent = _payout(place, PayoutStatus.queued)
    with database.agency_session(auth.system(place.agency.agency_id)) as session:
        database.get(session, Payout, UUID(sent), lock=True).provider = "stripe"
    return sent


def _payout_file(place: Place) -> str:
    return made(place, "create_payout_file")


def _nothing_proposed(place: Place, given: Given) -> None:
    with database.agency_session(auth.system(place.agency.agency_id)) as session:
        waiting = payees.standing(session, UUID(given["payee"]), DetailsStatus.proposed)
        if waiting is not None:
            waiting.status, waiting.decided_at = DetailsStatus.superseded, clock.now()


def _proposed(place: Place, given: Given) -> None:
    """An influencer says where their money goes; somebody else has to confirm that."""
    _nothing_proposed(place, given)
    name = "other_influencer" if place.slot == "two" else "influencer"
    place.do("create_payee_details", given, by=place.agency.people[name])


def _influencer(place: Place) -> Person:
    """Who of the roster works for this client."""
    return place.agency.people["influencer" if place.slot == "one" else "other_influencer"]


def _creator_id(place: Place) -> str:
    agency = place.agency
    return str(agency.influencer_id if place.slot == "one" else agency.other_influencer_id)


def _collaborating(place: Place) -> dict[str, Any]:
    return {
        "campaign_id": place.fresh("campaign"),
        "influencer_id": _creator_id(place),
        "due_on": "2199-12-31",
    }


def _shortlisted(place: Place) -> str:
    return made(place, "create_collaboration")


def _invited_collaboration(place: Place) -> str:
    """One that its influencer sees."""
    collaboration = _shortlisted(place)
    by = place.holder("collaborations:write")
    answer = by.post(f"/v1/collaborations/{collaboration}/invite")
    assert answer.status_code == 200, answer.text
    return collaboration


def _agree_collaboration(place: Place, given: Given) -> None:
    """One that the client sees."""
    place.do("offer_terms", given)
    place.do("accept_collaboration", given, by=_influencer(place))


def _agreed(place: Place) -> str:
    collaboration = _invited_collaboration(place)
    _agree_collaboration(place, {"collaboration": collaboration})
    return collaboration


def _collaboration_link(place: Place) -> str:
    given = {"collaboration": _invited_collaboration(place)}
    place.do("offer_terms", given)
    return made(place, "create_collaboration_link", given)


def _drop_collaboration(place: Place, given: Given) -> None:
    by = place.holder("collaborations:write")
    path = f"/v1/collaborations/{given['collaboration']}/drop"
    assert by.post(path, {"reason": "Demasiado caro."}).status_code == 200


def _due_piece(place: Place, collaboration: str | None = None) -> str:
    """A piece that can be handed in."""
    by = place.holder("collaborations:write")
    path = f"/v1/collaborations/{collaboration or _agreed(place)}"
    answer = by.post(f"{path}/start")
    assert answer.status_code == 200, answer.text
    return str(by.get(f"{path}/deliverables").json()["data"][0]["id"])


def _verify_collaboration(place: Place, given: Given) -> None:
    """All that was agreed is accepted, live and verified."""
    _agree_collaboration(place, given)
    piece = _due_piece(place, given["collaboration"])
    body = {"deliverable_id": piece, "caption": "Café.", "url": "https://drafts.example/1"}
    handed_in = _influencer(place).post("/v1/submissions", body).json()
    place.do("decide_approval", {"approval": handed_in["approval_id"]}, by=approver(place))
    with database.agency_session(auth.system(place.agency.agency_id)) as session:
        pieces.go_live(session, UUID(piece), clock.now())
        pieces.verify(session, UUID(piece))


def _accepted_piece(place: Place) -> str:
    """A piece that may be published, of a collaboration of its own."""
    piece = _due_piece(place)
    body = {"deliverable_id": piece, "caption": "Café.", "url": "https://drafts.example/1"}
    handed_in = _influencer(place).post("/v1/submissions", body).json()
    place.do("decide_approval", {"approval": handed_in["approval_id"]}, by=approver(place))
    return piece


def _handed_in_file(place: Place) -> str:
    """A file of an influencer's, named by what the client is asked about."""
    given = {"collaboration": _agreed(place)}
    piece = _due_piece(place, given["collaboration"])
    file = made(place, "create_own_file", given)
    body = {"deliverable_id": piece, "caption": "Café.", "file_ids": [file]}
    answer = _influencer(place).post("/v1/submissions", body)
    assert answer.status_code == 201, answer.text
    return file


def _usage_right(place: Place) -> str:
    collaboration = _agreed(place)
    by = place.holder("usage_rights:use")
    asked = {"collaboration_id": collaboration}
    return str(by.get("/v1/usage-rights", params=asked).json()["data"][0]["id"])


def _on_the_table(place: Place, given: Given) -> dict[str, Any]:
    """The hash of the terms that are to be accepted."""
    by = place.holder("collaboration_terms:read")
    answer = by.get(f"/v1/collaborations/{given['collaboration']}/terms")
    found = answer.json().get("data", [])
    return {"content_sha256": found[0]["content_sha256"] if found else "0" * 64}


TERMS = {
    "category": "beverages",
    "starts_on": "2026-01-01",
    "ends_on": "2199-12-30",
    "deliverables": [
        {
            "network": "instagram",
            "placement": "reel",
            "description": "Un reel.",
            "due_on": "2199-12-30",
        }
    ],
    "fee": {"currency": "EUR", "product": "Una cafetera"},
    "rights": [
        {
            "asset": "El reel",
            "media": ["social"],
            "territories": ["ES"],
            "uses": ["organic"],
            "starts_on": "2026-01-01",
            "ends_on": "2199-12-30",
        }
    ],
}
USE = {"medium": "social", "territory": "ES", "use": "organic"}


def _open_program(place: Place, given: Given) -> None:
    """The program of a candidate takes people in."""
    candidate = place.agency.owner.get(f"/v1/candidates/{given['candidate']}").json()
    place.agency.owner.post(f"/v1/programs/{candidate['program_id']}/activate")


def _invited(place: Place, given: Given) -> None:
    _open_program(place, given)
    place.do("invite_candidate", given)


def _document(place: Place) -> str:
    given = {"influencer": place.of("influencer")}
    return made(place, "create_influencer_document", given)


# thing → makes one, when no plain POST on its collection does.
MAKE: dict[str, Callable[[Place], str]] = {
    "agreed_collaboration": lambda place: _agreed(place),
    "accepted_line": _accepted_line,
    "accepted_piece": _accepted_piece,
    "accepted_scope": lambda place: str(_accepted_scope(place)["id"]),
    "active_budget_line": _active_budget_line,
    "approval": _approval,
    "budget_line": lambda place: str(place.do("create_budget").json()["lines"][0]["id"]),
    "calendar_feed": lambda place: _own_feed(_member(place)),
    "collaboration": _invited_collaboration,
    "collaboration_link": _collaboration_link,
    "client_credit": lambda place: str(_payment(place)["credit_id"]),
    "contact": lambda place: made(place, "create_contact"),
    "corrected_report": _corrected,
    "due_piece": _due_piece,
    "document": _document,
    "entered_commitment": _entered_commitment,
    "failed_job": _failed_job,
    "figures_file": _figures_file,
    "handed_in_file": _handed_in_file,
    "invoice_line": lambda place: str(place.do("create_invoice").json()["lines"][0]["id"]),
    "due_clawback": _clawback,
    "job": _job,
    "payable": _payable,
    "payee": _payee,
    "payout": _payout,
    "payout_file": _payout_file,
    "pending_payout": lambda place: _payout(place, PayoutStatus.pending),
    "queued_payout": lambda place: _payout(place, PayoutStatus.queued),
    "sent_payout": _sent_payout,
    "member": lambda place: str(_member(place).membership_id),
    "payment": lambda place: str(_payment(place)["id"]),
    "pending_expense": _pending_expense,
    "published_report": _published,
    "report_logo": _own_logo,
    "report_version": _report_version,
    "scope_line": lambda place: made(place, "create_scope_line"),
    "scoped_campaign": _scoped_campaign,
    "service_line": lambda place: _accepted_line(place, measure="hours", due_on=None),
    "shortlisted_collaboration": _shortlisted,
    "approval_link": lambda place: made(place, "create_approval_link"),
    "session": lambda place: str(_member(place).session_id),
    "unit_entry": lambda place: made(
        place, "create_accrual", {"scope_line": place.of("service_line")}
    ),
    "usage_right": _usage_right,
}

# (operation, thing of its path) → the kind of it that it needs.
SUBJECT: dict[tuple[str, str], str] = {
    ("approve_expense", "expense"): "pending_expense",
    ("approve_payout", "payout"): "pending_payout",
    ("mark_payout_failed", "payout"): "queued_payout",
    ("mark_payout_returned", "payout"): "queued_payout",
    ("reject_payout", "payout"): "pending_payout",
    ("resolve_payout", "payout"): "sent_payout",
    ("repay_payable", "payable"): "due_clawback",
    ("write_off_payable", "payable"): "due_clawback",
    ("create_accrual", "scope_line"): "service_line",
    ("create_file_link", "file"): "handed_in_file",
    ("create_own_file", "collaboration"): "agreed_collaboration",
    ("record_own_results", "collaboration"): "agreed_collaboration",
    ("get_file", "file"): "handed_in_file",
    ("create_deliverables", "scope_line"): "accepted_line",
    ("enter_on_budget_line", "budget_line"): "active_budget_line",
    ("get_campaign_scope", "campaign"): "scoped_campaign",
    ("invite_collaboration", "collaboration"): "shortlisted_collaboration",
    ("plan_scope", "scope"): "accepted_scope",
    ("get_report_diff", "report"): "corrected_report",
    ("get_report_version", "report"): "published_report",
    ("list_report_deliveries", "report"): "published_report",
    ("list_report_files", "report"): "published_report",
    ("list_report_readers", "report"): "published_report",
    ("list_report_receipts", "report"): "published_report",
    ("refuse_expense", "expense"): "pending_expense",
    ("requeue_job", "job"): "failed_job",
    ("resend_report", "report"): "published_report",
}

# thing that is named by no id → its value, from what stands in front of it.
VALUES: dict[str, Callable[[Place, Given], str]] = {
    "delivery": _failed_delivery,
    "version": lambda *_: "1",
}

# (operation, member of its body) → the thing it names, where the name does not say.
THINGS: dict[tuple[str, str], str] = {
    ("create_change_order", "scope_id"): "accepted_scope",
    ("create_comment", "file_ids"): "file",
    ("create_comment", "parent_id"): "comment",
    ("create_comment", "subject_id"): "deliverable",
    ("deliver_report", "contact_ids"): "contact",
    ("publish_report", "contact_ids"): "contact",
    ("list_comments", "subject_id"): "deliverable",
    ("update_comment", "file_ids"): "file",
    ("update_report", "chosen_content"): "published_post",
    ("create_deliverable", "line_id"): "accepted_line",
    ("create_disclosure_check", "deliverable_id"): "due_piece",
    ("create_expense", "commitment_id"): "entered_commitment",
    ("create_expense", "line_id"): "active_budget_line",
    ("create_expense", "receipt_ids"): "file",
    ("create_import", "file_id"): "figures_file",
    ("create_payout", "payable_ids"): "payable",
    ("create_payout_file", "payout_ids"): "payout",
    ("list_payouts", "file_id"): "payout_file",
    ("export_payouts", "file_id"): "payout_file",
    ("create_report", "template_id"): "report_template",
    ("create_report_schedule", "template_id"): "report_template",
    ("breach_collaboration", "deliverable_id"): "due_piece",
    ("create_own_live_post", "deliverable_id"): "accepted_piece",
    ("create_submission", "deliverable_id"): "due_piece",
    ("create_submission", "file_ids"): "file",
    ("create_scope", "copy_of"): "scope",
    ("record_mention_counts", "topic_id"): "listening_topic",
}

# ending of a member's name → whom it may name.
REFERENCES: dict[str, Callable[[Place], Any]] = {
    "membership_id": lambda place: place.holder("clients:write").membership_id,
}

# operation → what it answers to whoever may, while this installation is not set up for it.
NOT_SET_UP: dict[str, str] = dict.fromkeys(
    (
        "create_checkout_session",
        "create_connect_account",
        "create_payee_connect_account",
        "create_portal_session",
        "update_subscription",
    ),
    "billing_not_configured",
)

# operation → members beyond the required ones, or other values for them.
BODY: dict[str, Callable[[Place, Given], dict[str, Any]]] = {
    "apply_client_credit": lambda place, _: {"invoice_id": _issued_invoice(place)},
    "block_deliverable": lambda *_: {"cause": "client"},
    "accept_collaboration": _on_the_table,
    "amend_terms": lambda *_: TERMS,
    "create_collaboration": lambda place, _: _collaborating(place),
    "create_submission": lambda place, _: {
        "deliverable_id": place.fresh("due_piece"),
        "url": "https://drafts.example/1",
    },
    "offer_terms": lambda *_: TERMS,
    "record_asset_use": lambda *_: {**USE, "starts_on": "2026-02-01", "ends_on": "2026-02-02"},
    "create_accrual": lambda *_: {"quantity": 1, "counted_on": "2026-11-20", "reason": "Más."},
    "create_change_order": lambda place, _: {
        "scope_id": str(_accepted_scope(place)["id"]),  # accepted, the last one superseded it
        "reason": {"es": "Un vídeo más."},
        "lines": [{"action": "add", **LINE}],
    },
    "create_checkout_session": lambda *_: {
        "plan": "studio",
        "success_url": "https://app.example/paid",
        "cancel_url": "https://app.example/plans",
    },
    "create_connect_account": lambda *_: {
        "country": "ES",
        "return_url": "https://app.example/back",
        "refresh_url": "https://app.example/again",
    },
    "create_portal_session": lambda *_: {"return_url": "https://app.example/billing"},
    "create_deliverable": lambda *_: {"units": 1},
    "create_assignment": lambda place, _: {"membership_id": str(_member(place).membership_id)},
    "create_comment": lambda *_: {"audience": "client", "body": "El logo, más grande."},
    "create_benchmark": lambda *_: {"ends_on": "2026-12-31", "value": next(_numbers)},
    "create_budget": lambda *_: {"period_end": "2026-12-31", "lines": [BUDGET_LINE]},
    "create_cost_rate": lambda *_: {"starts_on": _a_day()},
    "create_client_request": lambda *_: {"owner_name": "Lola Aurora"},
    "create_commitment": lambda *_: {"owner_name": "Estudio Norte"},
    "create_credit_note": lambda place, _: {"invoice_id": _issued_invoice(place)},
    "create_expense": lambda *_: {"currency": "EUR", "amount_minor": 100},
    "create_competitor": lambda *_: {
        "handles": [{"network": "x", "handle": f"rival-{next(_numbers)}"}]
    },
    "create_candidate": lambda place, _: {"influencer_id": place.fresh("influencer")},
    "drop_candidate": lambda *_: {"reason": "Ya no encaja."},
    "invite_candidate": lambda *_: {"email": f"creator.{next(_numbers)}@people.example"},
    "create_influencer": lambda *_: _somebody(),
    "create_influencer_document": lambda place, _: {"file_id": place.fresh("file")},
    "update_influencer": lambda *_: {"city": f"Villa {next(_numbers)}"},
    "update_own_profile": lambda *_: {"city": f"Villa {next(_numbers)}"},
    "invite_influencer": lambda *_: {"email": f"creator.{next(_numbers)}@people.example"},
    "create_import_mapping": lambda *_: {"name": f"Resumen {next(_numbers)}", "columns": COLUMNS},
    "create_invoice": lambda *_: {"lines": [BILLED]},
    "create_kpi_target": lambda *_: {"value": 1000, "starts_on": _a_day(), "ends_on": "2199-12-31"},
    "create_payee_connect_account": lambda *_: {
        "country": "ES",
        "return_url": "https://app.example/back",
        "refresh_url": "https://app.example/again",
    },
    "create_payee_details": lambda *_: {"legal_name": "Marta Ríos"},
    "create_payout": lambda place, _: {
        "payee_id": _payee(place),
        "currency": "EUR",
        "payable_ids": [_payable(place)],
    },
    "create_payout_file": lambda place, _: {
        "execution_on": "2199-12-31",
        "debtor_name": "Estudio Norte",
        "debtor_iban": IBAN,
        "payout_ids": [_payout(place)],
    },
    "mark_payout_paid": lambda *_: {"reference": "TRF-1"},
    "create_live_post": lambda place, _: {
        "deliverable_id": place.fresh("accepted_piece"),
        "url": f"https://instagram.com/p/{next(_numbers)}",
        "published_at": "2026-11-01T09:30:00Z",
    },
    "create_own_live_post": lambda place, _: {
        "deliverable_id": place.fresh("accepted_piece"),
        "url": f"https://instagram.com/p/{next(_numbers)}",
    },
    "confirm_live_post": lambda *_: {"outcome": "live", "note": "Captura del lunes."},
    "create_disclosure_check": lambda *_: {"caption": "#publicidad El mejor café"},
    "create_promo_code": lambda *_: {
        "code": f"AURORA{next(_numbers)}",
        "starts_on": "2026-11-01",
        "ends_on": "2026-12-31",
    },
    "create_tracking_link": lambda *_: {"target": "https://aurora.example/"},
    "create_published_post": lambda *_: {"external_id": f"1799{next(_numbers)}"},
    "create_report": lambda *_: {"period": "week", "starts_on": _a_day(), "narrative": NARRATIVE},
    "create_report_schedule": lambda place, _: {"template_id": place.fresh("report_template")},
    "create_report_template": lambda *_: {"period": "month", "locales": ["es"]},
    "create_scope": lambda *_: {"lines": [LINE]},
    "create_scope_line": lambda *_: LINE,
    "decide_approval": lambda *_: {"outcome": "approved"},
    "publish_report": lambda *_: {"reason": {"es": "Llegaron datos tarde."}},
    "deliver_deliverable": lambda *_: {"url": "https://instagram.com/p/1"},
    "enter_on_budget_line": lambda *_: {"kind": "commitment", "amount_minor": 100},
    "put_invoice_settings": lambda *_: {"tax_id": f"B{next(_numbers)}"},
    "record_mention_counts": lambda *_: {
        "counts": [{"period_start": "2026-10-01", "mentions": next(_numbers)}]
    },
    "put_books": lambda *_: {"closed_through": _a_day()},
    "record_collaboration_results": lambda *_: {
        "source": "instagram",
        "metrics": {"views": {"value": next(_numbers)}},
    },
    "record_own_results": lambda place, given: {
        "metrics": {"views": {"value": next(_numbers)}},
        "file_ids": [made(place, "create_own_file", given)],
    },
    "record_conversions": lambda *_: {"source": "shop", "conversions": [_sale()]},
    "update_promo_code": lambda *_: {"ends_on": f"2027-01-{next(_numbers) % 28 + 1:02}"},
    "record_community_figures": lambda *_: {
        "figures": [
            {"day": "2026-10-01", "items": {"needing_answer": next(_numbers), "answered": 0}}
        ]
    },
    "record_decision": lambda *_: {"outcome": "approved", "evidence": "Llamada del lunes."},
    "record_readings": lambda place, _: {
        "readings": [{"date": "2026-10-01", "channel": place.of("channel"), "impressions": 5}]
    },
    "submit_deliverable": lambda *_: {"url": "https://drive.example/reel"},
    "update_tax_rate": lambda *_: {"active": False},
    "update_report": lambda *_: {"narrative": NARRATIVE},
    "withdraw_report": lambda *_: {"number": 1},
    "update_assignment": lambda *_: {"ends_on": "2027-12-31"},
    "update_budget_line": lambda *_: {"planned_minor": 1_000 + next(_numbers)},
    "update_client": lambda *_: {"name": "Café Aurora del Norte"},
}


def _sale() -> dict[str, Any]:
    return {
        "kind": "sale",
        "order_id": f"order {next(_numbers)}",
        "amount_minor": 4_990,
        "currency": "EUR",
        "occurred_at": "2026-11-20T09:30:00Z",
    }


def _a_day() -> str:
    """Another week each time."""
    number = next(_numbers)
    return f"{1950 + number // 48}-{number // 4 % 12 + 1:02}-{number % 4 * 7 + 1:02}"


def _somebody() -> dict[str, Any]:
    """An influencer whom nobody has on a roster yet."""
    handle = f"ana.{next(_numbers)}"
    price = {"amount_minor": 25_000, "currency": "EUR"}
    return {
        "name": "Ana García",
        "accounts": [{"network": "instagram", "handle": handle, "followers": 12_000}],
        "rates": [{"network": "instagram", "placement": "reel", "price": price}],
    }


OCTOBER = {"from": "2026-10-01", "to": "2026-10-31"}
# operation → query parameters it cannot do without.
QUERY: dict[str, Callable[[Place], dict[str, Any]]] = {
    "get_calendar": lambda _: {"from": "2026-12-01", "to": "2026-12-31"},
    "compare_competitors": lambda _: OCTOBER,
    "get_competitor_figures": lambda _: OCTOBER,
    "get_client_benchmarks": lambda _: OCTOBER,
    "get_community": lambda _: OCTOBER,
    "get_share_of_voice": lambda _: OCTOBER,
    "export_agency_performance": lambda _: OCTOBER,
    "export_performance": lambda _: OCTOBER,
    "get_agency_performance": lambda _: OCTOBER,
    "get_campaign_performance": lambda _: OCTOBER,
    "get_channel_totals": lambda _: OCTOBER,
    "get_performance": lambda _: OCTOBER,
    "get_publish_reliability": lambda _: OCTOBER,
    "get_post_figures": lambda _: OCTOBER,
    "get_payee_statement": lambda _: {**OCTOBER, "currency": "EUR"},
    "get_payee_statement_document": lambda _: {**OCTOBER, "currency": "EUR"},
    "get_report_diff": lambda _: {"from": 1, "to": 2},
    "get_post_totals": lambda _: OCTOBER,
}

# operation → `content=` and `headers=`, where the body is no JSON.
CONTENT: dict[str, Callable[[Place], dict[str, Any]]] = {
    "import_influencers": lambda _: {
        "content": f"name,network,handle\nAna,x,ana.{next(_numbers)}\n".encode(),
        "headers": {"Content-Type": "text/csv"},
    },
    "create_file": lambda place: {
        "data": {"client_id": str(place.client_id), "audience": "client"},
        "files": {"file": ("logo.gif", GIF, "image/gif")},
    },
    "create_own_file": lambda _: {
        "data": {"name": "Boceto.gif"},
        "files": {"file": ("draft.gif", GIF, "image/gif")},
    },
    "create_report_logo": lambda place: {
        "data": {"client_id": str(place.client_id)},
        "files": {"file": ("logo.png", PNG, "image/png")},
    },
}

# operation → what has to be done to its subject first.
BEFORE: dict[str, tuple[Step, ...]] = {
    "accept_candidate": (_invited,),
    "activate_candidate": (_invited, "accept_candidate"),
    "complete_candidate": (_invited, "accept_candidate", "activate_candidate"),
    "invite_candidate": (_open_program,),
    "pause_program": ("activate_program",),
    "shortlist_candidate": ("decline_candidate",),
    "accept_change_order": ("submit_change_order",),
    "accept_collaboration": ("offer_terms",),
    "accept_scope": ("submit_scope",),
    "activate_budget": (_decide_budget,),
    "amend_terms": (_agree_collaboration,),
    "activate_campaign": (_approve_campaign,),
    "approve_campaign": ("propose_campaign",),
    "approve_deliverable": ("start_deliverable", "submit_deliverable"),
    "approve_invoice": ("submit_invoice",),
    "approve_report": ("submit_report",),
    "breach_collaboration": (_agree_collaboration,),
    "cancel_collaboration": (_agree_collaboration,),
    "carry_report_over": (_publish_before,),
    "close_budget": (_decide_budget,),
    "confirm_payee_details": (_proposed,),
    "create_payee_details": (_nothing_proposed,),
    "complete_campaign": (_approve_campaign, "activate_campaign"),
    "complete_collaboration": (_verify_collaboration,),
    "contest_approval": (_record,),
    "deliver_report": ("publish_report", _receiver),
    "create_collaboration_link": ("offer_terms",),
    "deliver_deliverable": (
        _told_to_client,
        lambda place, given: place.do("approve_deliverable", given, by=approver(place)),
    ),
    "dispute_invoice": (_issue_invoice,),
    "finalize_invoice": (_approve_invoice,),
    "get_billing_profile": (_equip,),
    "get_invoice_document": (_issue_invoice,),
    "get_invoice_settings": (_equip,),
    "get_latest_report": (lambda place, _: _published(place),),
    "dispute_collaboration": (_agree_collaboration,),
    "settle_collaboration": (_agree_collaboration,),
    "start_collaboration": (_agree_collaboration,),
    "get_collaboration_ending": (_drop_collaboration,),
    "give_notice": ("activate_contract",),
    "mark_invoice_uncollectible": (_issue_invoice,),
    "pause_campaign": (_approve_campaign, "activate_campaign"),
    "put_billing_profile": (_equip,),
    "put_invoice_settings": (_equip,),
    "record_payment": (_issue_invoice,),
    "reject_change_order": ("submit_change_order",),
    "reject_scope": ("submit_scope",),
    "refuse_payee_details": (_proposed,),
    "release_payable": ("hold_payable",),
    "resolve_payable": ("dispute_payable",),
    "release_payout": ("hold_payout",),
    "reopen_comment": ("resolve_comment",),
    "return_invoice": ("submit_invoice",),
    "return_report": ("submit_report",),
    "resume_campaign": (_approve_campaign, "activate_campaign", "pause_campaign"),
    "send_credit_note": (_equip,),
    "send_invoice": (_issue_invoice,),
    "settle_invoice_dispute": (_issue_invoice, "dispute_invoice"),
    "submit_deliverable": ("start_deliverable",),
    "unblock_deliverable": ("block_deliverable",),
    "withdraw_budget": ("propose_budget",),
    "withdraw_campaign": ("propose_campaign",),
    "withdraw_change_order": ("submit_change_order",),
    "acknowledge_report": ("publish_report",),
    "make_report_files": (_publish_in_vain,),
    "withdraw_report": ("publish_report",),
    "withdraw_scope": ("submit_scope",),
}

# thing → what puts it in front of the client's contacts; not named here: they never see it.
SHARED: dict[str, tuple[Step, ...]] = {
    "approval": (),
    "budget": ("propose_budget",),
    "campaign": ("propose_campaign",),
    "change_order": ("submit_change_order",),
    "channel": (),
    "client": (),
    "client_credit": (),
    "client_request": (),
    "collaboration": (_agree_collaboration,),
    "comment": (),
    "commitment": (),
    "credit_note": (),
    "deliverable": (),
    "file": (),
    "invoice": (_issue_invoice,),
    "job": (),
    "payment": (),
    "live_post": (),
    "report": (),
    "scope": ("submit_scope",),
    "submission": (),
    "usage_right": (),
    "version": (),
}

# operation → what puts its subject in front of the contact it asks to decide.
SHARED_FOR: dict[str, tuple[Step, ...]] = {"approve_deliverable": (_told_to_client,)}

# operation whose subject stands in front of the client as soon as there is one.
SHOWN = {"get_campaign_scope"}

# thing → whose it is, where no table has its name: `client` or `agency`.
OWNER: dict[str, str] = {
    "document": "client",
    "accepted_line": "client",
    "accepted_scope": "client",
    "active_budget_line": "client",
    "delivery": "client",
    "due_clawback": "client",
    "accepted_piece": "client",
    "due_piece": "client",
    "shortlisted_collaboration": "client",
    "entered_commitment": "client",
    "failed_job": "client",
    "figures_file": "client",
    "agreed_collaboration": "client",
    "handed_in_file": "client",
    "member": "agency",
    "unit_entry": "client",
    "share_link": "client",
}

# operation → hands its subject to somebody: what others wrote, or their time, is not theirs.
AUTHORED: dict[str, Callable[[Place, Given, str], None]] = {
    "delete_comment": _hand_over,
    "delete_time_entry": _hand_over_time,
    "get_time_entry": _hand_over_time,
    "update_comment": _hand_over,
    "update_time_entry": _hand_over_time,
}

# thing of one person → makes one of their own.
OWN: dict[str, Callable[[Person], str]] = {
    "calendar_feed": _own_feed,
    "session": _own_login,
}

LEADS = {"one": "executive", "two": "other_executive"}

# operation → who of those that hold its permission for the client may do it; else 403.
NARROWER: dict[str, Callable[[str, str], bool]] = {
    **dict.fromkeys(
        ("create_report", "update_report", "refresh_report", "submit_report"),
        lambda name, slot: may(name, "reports:write_client", slot),
    ),
    **dict.fromkeys(
        ("carry_report_over", "create_report_schedule", "update_report_schedule"),
        lambda name, slot: may(name, "reports:write_client", slot),
    ),
    **dict.fromkeys(
        ("deliver_report", "make_report_files", "publish_report", "resend_report")
        + ("withdraw_report",),
        lambda name, slot: may(name, "reports:publish_client", slot),
    ),
    **dict.fromkeys(
        ("create_report_template", "delete_report_logo", "update_report_template"),
        lambda name, _: may(name, "agency:write"),
    ),
    "accept_change_order": lambda name, slot: may(name, "approvals:decide", slot),
    "accept_scope": lambda name, slot: may(name, "approvals:decide", slot),
    "approve_campaign": lambda name, slot: may(name, "approvals:decide", slot),
    "decide_approval": lambda name, slot: may(name, "approvals:decide", slot),
    "get_agency": lambda name, _: PEOPLE[name].rank in ("owner", "admin", "member"),
    "record_decision": lambda name, slot: name == LEADS[slot],
    "reject_change_order": lambda name, slot: may(name, "approvals:decide", slot),
    "reject_scope": lambda name, slot: may(name, "approvals:decide", slot),
}


def steps(operation: Operation, ready_for: str) -> tuple[Step, ...]:
    """What makes an operation's subject ready for somebody."""
    contact = ready_for in PEOPLE and PEOPLE[ready_for].is_contact
    if contact and operation.id in SHARED_FOR:
        return SHARED_FOR[operation.id]
    if operation.id in AUTHORED:
        return (lambda place, given: AUTHORED[operation.id](place, given, ready_for),)
    if operation.id in BEFORE:
        return BEFORE[operation.id]
    if not contact or operation.id in SHOWN:
        return ()
    return tuple(step for thing in operation.things.values() for step in SHARED.get(thing, ()))
