"""
What the document cannot say, for `tests/operations.py`: a line for each thing that needs one.

A *thing* is what a path names: `/v1/budget-lines/{line_id}` names a `budget_line`. One that a plain
POST on its collection makes, from ids of its client, needs nothing here.
"""

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from sqlalchemy import text

from tenants import auth, database, jobs
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
GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
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


# thing → makes one, when no plain POST on its collection does.
MAKE: dict[str, Callable[[Place], str]] = {
    "accepted_line": _accepted_line,
    "accepted_scope": lambda place: str(_accepted_scope(place)["id"]),
    "active_budget_line": _active_budget_line,
    "approval": _approval,
    "budget_line": lambda place: str(place.do("create_budget").json()["lines"][0]["id"]),
    "calendar_feed": lambda place: _own_feed(_member(place)),
    "contact": lambda place: made(place, "create_contact"),
    "corrected_report": _corrected,
    "entered_commitment": _entered_commitment,
    "failed_job": _failed_job,
    "figures_file": _figures_file,
    "job": _job,
    "member": lambda place: str(_member(place).membership_id),
    "pending_expense": _pending_expense,
    "published_report": _published,
    "scope_line": lambda place: made(place, "create_scope_line"),
    "scoped_campaign": _scoped_campaign,
    "service_line": lambda place: _accepted_line(place, measure="hours", due_on=None),
    "approval_link": lambda place: made(place, "create_approval_link"),
    "session": lambda place: str(_member(place).session_id),
    "unit_entry": lambda place: made(
        place, "create_accrual", {"scope_line": place.of("service_line")}
    ),
}

# (operation, thing of its path) → the kind of it that it needs.
SUBJECT: dict[tuple[str, str], str] = {
    ("approve_expense", "expense"): "pending_expense",
    ("create_accrual", "scope_line"): "service_line",
    ("create_deliverables", "scope_line"): "accepted_line",
    ("enter_on_budget_line", "budget_line"): "active_budget_line",
    ("get_campaign_scope", "campaign"): "scoped_campaign",
    ("plan_scope", "scope"): "accepted_scope",
    ("get_report_diff", "report"): "corrected_report",
    ("get_report_version", "report"): "published_report",
    ("list_report_files", "report"): "published_report",
    ("list_report_receipts", "report"): "published_report",
    ("refuse_expense", "expense"): "pending_expense",
    ("requeue_job", "job"): "failed_job",
}

# thing that is named by no id → its value, from what stands in front of it.
VALUES: dict[str, Callable[[Place, Given], str]] = {"version": lambda *_: "1"}

# (operation, member of its body) → the thing it names, where the name does not say.
THINGS: dict[tuple[str, str], str] = {
    ("create_change_order", "scope_id"): "accepted_scope",
    ("create_comment", "file_ids"): "file",
    ("create_comment", "parent_id"): "comment",
    ("create_comment", "subject_id"): "deliverable",
    ("list_comments", "subject_id"): "deliverable",
    ("update_comment", "file_ids"): "file",
    ("update_report", "chosen_content"): "published_post",
    ("create_deliverable", "line_id"): "accepted_line",
    ("create_expense", "commitment_id"): "entered_commitment",
    ("create_expense", "line_id"): "active_budget_line",
    ("create_expense", "receipt_ids"): "file",
    ("create_import", "file_id"): "figures_file",
    ("create_report", "template_id"): "report_template",
    ("create_report_schedule", "template_id"): "report_template",
    ("create_scope", "copy_of"): "scope",
    ("record_mention_counts", "topic_id"): "listening_topic",
}

# ending of a member's name → whom it may name.
REFERENCES: dict[str, Callable[[Place], Any]] = {
    "membership_id": lambda place: place.holder("clients:write").membership_id,
}

# operation → members beyond the required ones, or other values for them.
BODY: dict[str, Callable[[Place, Given], dict[str, Any]]] = {
    "block_deliverable": lambda *_: {"cause": "client"},
    "create_accrual": lambda *_: {"quantity": 1, "counted_on": "2026-11-20", "reason": "Más."},
    "create_change_order": lambda place, _: {
        "scope_id": str(_accepted_scope(place)["id"]),  # accepted, the last one superseded it
        "reason": {"es": "Un vídeo más."},
        "lines": [{"action": "add", **LINE}],
    },
    "create_deliverable": lambda *_: {"units": 1},
    "create_assignment": lambda place, _: {"membership_id": str(_member(place).membership_id)},
    "create_comment": lambda *_: {"audience": "client", "body": "El logo, más grande."},
    "create_benchmark": lambda *_: {"ends_on": "2026-12-31", "value": next(_numbers)},
    "create_budget": lambda *_: {"period_end": "2026-12-31", "lines": [BUDGET_LINE]},
    "create_cost_rate": lambda *_: {"starts_on": _a_day()},
    "create_client_request": lambda *_: {"owner_name": "Lola Aurora"},
    "create_commitment": lambda *_: {"owner_name": "Estudio Norte"},
    "create_expense": lambda *_: {"currency": "EUR", "amount_minor": 100},
    "create_competitor": lambda *_: {
        "handles": [{"network": "x", "handle": f"rival-{next(_numbers)}"}]
    },
    "create_import_mapping": lambda *_: {"name": f"Resumen {next(_numbers)}", "columns": COLUMNS},
    "create_kpi_target": lambda *_: {"value": 1000, "starts_on": _a_day(), "ends_on": "2199-12-31"},
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
    "record_mention_counts": lambda *_: {
        "counts": [{"period_start": "2026-10-01", "mentions": next(_numbers)}]
    },
    "put_books": lambda *_: {"closed_through": _a_day()},
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
    "update_report": lambda *_: {"narrative": NARRATIVE},
    "withdraw_report": lambda *_: {"number": 1},
    "update_assignment": lambda *_: {"ends_on": "2027-12-31"},
    "update_budget_line": lambda *_: {"planned_minor": 1_000 + next(_numbers)},
    "update_client": lambda *_: {"name": "Café Aurora del Norte"},
}


def _a_day() -> str:
    """Another week each time."""
    number = next(_numbers)
    return f"{1950 + number // 48}-{number // 4 % 12 + 1:02}-{number % 4 * 7 + 1:02}"


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
    "get_post_figures": lambda _: OCTOBER,
    "get_report_diff": lambda _: {"from": 1, "to": 2},
    "get_post_totals": lambda _: OCTOBER,
}

# operation → `content=` and `headers=`, where the body is no JSON.
CONTENT: dict[str, Callable[[Place], dict[str, Any]]] = {
    "create_file": lambda place: {
        "data": {"client_id": str(place.client_id), "audience": "client"},
        "files": {"file": ("logo.gif", GIF, "image/gif")},
    },
}

# operation → what has to be done to its subject first.
BEFORE: dict[str, tuple[Step, ...]] = {
    "accept_change_order": ("submit_change_order",),
    "accept_scope": ("submit_scope",),
    "activate_budget": (_decide_budget,),
    "activate_campaign": (_approve_campaign,),
    "approve_campaign": ("propose_campaign",),
    "approve_deliverable": ("start_deliverable", "submit_deliverable"),
    "approve_report": ("submit_report",),
    "carry_report_over": (_publish_before,),
    "close_budget": (_decide_budget,),
    "complete_campaign": (_approve_campaign, "activate_campaign"),
    "contest_approval": (_record,),
    "deliver_deliverable": (
        _told_to_client,
        lambda place, given: place.do("approve_deliverable", given, by=approver(place)),
    ),
    "get_latest_report": (lambda place, _: _published(place),),
    "give_notice": ("activate_contract",),
    "pause_campaign": (_approve_campaign, "activate_campaign"),
    "reject_change_order": ("submit_change_order",),
    "reject_scope": ("submit_scope",),
    "reopen_comment": ("resolve_comment",),
    "return_report": ("submit_report",),
    "resume_campaign": (_approve_campaign, "activate_campaign", "pause_campaign"),
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
    "client_request": (),
    "comment": (),
    "commitment": (),
    "deliverable": (),
    "file": (),
    "job": (),
    "report": (),
    "scope": ("submit_scope",),
    "version": (),
}

# operation → what puts its subject in front of the contact it asks to decide.
SHARED_FOR: dict[str, tuple[Step, ...]] = {"approve_deliverable": (_told_to_client,)}

# operation whose subject stands in front of the client as soon as there is one.
SHOWN = {"get_campaign_scope"}

# thing → whose it is, where no table has its name: `client` or `agency`.
OWNER: dict[str, str] = {
    "accepted_line": "client",
    "accepted_scope": "client",
    "active_budget_line": "client",
    "entered_commitment": "client",
    "failed_job": "client",
    "figures_file": "client",
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
        ("make_report_files", "publish_report", "withdraw_report"),
        lambda name, slot: may(name, "reports:publish_client", slot),
    ),
    **dict.fromkeys(
        ("create_report_template", "update_report_template"),
        lambda name, _: may(name, "agency:write"),
    ),
    "accept_change_order": lambda name, slot: may(name, "approvals:decide", slot),
    "accept_scope": lambda name, slot: may(name, "approvals:decide", slot),
    "approve_campaign": lambda name, slot: may(name, "approvals:decide", slot),
    "decide_approval": lambda name, slot: may(name, "approvals:decide", slot),
    "get_agency": lambda name, _: not PEOPLE[name].is_contact,
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
