"""
What the document cannot say, for `tests/operations.py`: a line for each thing that needs one.

A *thing* is what a path names: `/v1/budget-lines/{line_id}` names a `budget_line`. One that a plain
POST on its collection makes, from ids of its client, needs nothing here.
"""

from collections.abc import Callable
from typing import Any

from billing.payable.payout_models import PayoutStatus
from tests.factories import Person
from tests.operations import Operation, Place
from tests.people import PEOPLE, may
from tests.recipes import creators, money, work
from tests.recipes.making import (
    LEADS,
    Given,
    Step,
    approver,
    failed_job,
    job,
    made,
    member,
    own_feed,
    own_login,
)

# thing → makes one, when no plain POST on its collection does.
MAKE: dict[str, Callable[[Place], str]] = {
    "agreed_collaboration": lambda place: creators.agreed(place),
    "accepted_line": work.accepted_line,
    "accepted_piece": creators.accepted_piece,
    "accepted_scope": lambda place: str(work.accepted_scope(place)["id"]),
    "active_budget_line": work.active_budget_line,
    "approval": work.approval,
    "budget_line": lambda place: str(place.do("create_budget").json()["lines"][0]["id"]),
    "calendar_feed": lambda place: own_feed(member(place)),
    "collaboration": creators.invited_collaboration,
    "collaboration_link": creators.collaboration_link,
    "client_credit": lambda place: str(money.payment(place)["credit_id"]),
    "contact": lambda place: made(place, "create_contact"),
    "corrected_report": work.corrected,
    "due_piece": creators.due_piece,
    "document": creators.document,
    "entered_commitment": work.entered_commitment,
    "failed_job": failed_job,
    "figures_file": work.figures_file,
    "handed_in_file": creators.handed_in_file,
    "invoice_line": lambda place: str(place.do("create_invoice").json()["lines"][0]["id"]),
    "due_clawback": money.clawback,
    "job": job,
    "payable": money.payable,
    "payee": money.payee,
    "payout": money.payout,
    "payout_file": money.payout_file,
    "pending_payout": lambda place: money.payout(place, PayoutStatus.pending),
    "queued_payout": lambda place: money.payout(place, PayoutStatus.queued),
    "sent_payout": money.sent_payout,
    "member": lambda place: str(member(place).membership_id),
    "payment": lambda place: str(money.payment(place)["id"]),
    "pending_expense": work.pending_expense,
    "published_report": work.published,
    "report_logo": work.own_logo,
    "report_version": work.report_version,
    "scope_line": lambda place: made(place, "create_scope_line"),
    "scoped_campaign": work.scoped_campaign,
    "service_line": lambda place: work.accepted_line(place, measure="hours", due_on=None),
    "shortlisted_collaboration": creators.shortlisted,
    "approval_link": lambda place: made(place, "create_approval_link"),
    "session": lambda place: str(member(place).session_id),
    "unit_entry": lambda place: made(
        place, "create_accrual", {"scope_line": place.of("service_line")}
    ),
    "usage_right": creators.usage_right,
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
    "delivery": work.failed_delivery,
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

# operation → what has to be done to its subject first.
BEFORE: dict[str, tuple[Step, ...]] = {
    "accept_candidate": (creators.invited,),
    "activate_candidate": (creators.invited, "accept_candidate"),
    "complete_candidate": (creators.invited, "accept_candidate", "activate_candidate"),
    "invite_candidate": (creators.open_program,),
    "pause_program": ("activate_program",),
    "shortlist_candidate": ("decline_candidate",),
    "accept_change_order": ("submit_change_order",),
    "accept_collaboration": ("offer_terms",),
    "accept_scope": ("submit_scope",),
    "activate_budget": (work.decide_budget,),
    "amend_terms": (creators.agree_collaboration,),
    "activate_campaign": (work.approve_campaign,),
    "approve_campaign": ("propose_campaign",),
    "approve_deliverable": ("start_deliverable", "submit_deliverable"),
    "approve_invoice": ("submit_invoice",),
    "approve_report": ("submit_report",),
    "breach_collaboration": (creators.agree_collaboration,),
    "cancel_collaboration": (creators.agree_collaboration,),
    "carry_report_over": (work.publish_before,),
    "close_budget": (work.decide_budget,),
    "confirm_payee_details": (money.proposed,),
    "create_payee_details": (money.nothing_proposed,),
    "complete_campaign": (work.approve_campaign, "activate_campaign"),
    "complete_collaboration": (creators.verify_collaboration,),
    "contest_approval": (work.record,),
    "deliver_report": ("publish_report", work.receiver),
    "create_collaboration_link": ("offer_terms",),
    "deliver_deliverable": (
        work.told_to_client,
        lambda place, given: place.do("approve_deliverable", given, by=approver(place)),
    ),
    "dispute_invoice": (money.issue_invoice,),
    "finalize_invoice": (money.approve_invoice,),
    "get_billing_profile": (money.equip,),
    "get_invoice_document": (money.issue_invoice,),
    "get_invoice_settings": (money.equip,),
    "get_latest_report": (lambda place, _: work.published(place),),
    "dispute_collaboration": (creators.agree_collaboration,),
    "settle_collaboration": (creators.agree_collaboration,),
    "start_collaboration": (creators.agree_collaboration,),
    "get_collaboration_ending": (creators.drop_collaboration,),
    "give_notice": ("activate_contract",),
    "mark_invoice_uncollectible": (money.issue_invoice,),
    "pause_campaign": (work.approve_campaign, "activate_campaign"),
    "put_billing_profile": (money.equip,),
    "put_invoice_settings": (money.equip,),
    "record_payment": (money.issue_invoice,),
    "reject_change_order": ("submit_change_order",),
    "reject_scope": ("submit_scope",),
    "refuse_payee_details": (money.proposed,),
    "release_payable": ("hold_payable",),
    "resolve_payable": ("dispute_payable",),
    "release_payout": ("hold_payout",),
    "reopen_comment": ("resolve_comment",),
    "return_invoice": ("submit_invoice",),
    "return_report": ("submit_report",),
    "resume_campaign": (work.approve_campaign, "activate_campaign", "pause_campaign"),
    "send_credit_note": (money.equip,),
    "send_invoice": (money.issue_invoice,),
    "settle_invoice_dispute": (money.issue_invoice, "dispute_invoice"),
    "submit_deliverable": ("start_deliverable",),
    "unblock_deliverable": ("block_deliverable",),
    "withdraw_budget": ("propose_budget",),
    "withdraw_campaign": ("propose_campaign",),
    "withdraw_change_order": ("submit_change_order",),
    "acknowledge_report": ("publish_report",),
    "make_report_files": (work.publish_in_vain,),
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
    "collaboration": (creators.agree_collaboration,),
    "comment": (),
    "commitment": (),
    "credit_note": (),
    "deliverable": (),
    "file": (),
    "invoice": (money.issue_invoice,),
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
SHARED_FOR: dict[str, tuple[Step, ...]] = {"approve_deliverable": (work.told_to_client,)}

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
    "delete_comment": work.hand_over,
    "delete_time_entry": work.hand_over_time,
    "get_time_entry": work.hand_over_time,
    "update_comment": work.hand_over,
    "update_time_entry": work.hand_over_time,
}

# thing of one person → makes one of their own.
OWN: dict[str, Callable[[Person], str]] = {
    "calendar_feed": own_feed,
    "session": own_login,
}


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
