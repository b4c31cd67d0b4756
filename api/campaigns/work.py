"""What can be done to the work on a deliverable: begun, handed in, reviewed, delivered."""

from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.approvals import approvals, policies, subjects
from api.approvals.models import ApprovalStatus, Level, Outcome
from api.campaigns import billed, deliverables, dependencies, lots, retainers
from api.campaigns.deliverable_models import Deliverable, DeliverableStatus
from api.campaigns.deliverables import IN_REVIEW, check_move
from api.comments import subjects as commented
from api.comments.models import SubjectType
from api.files import files
from tenants import database, outbox, words
from tenants.errors import MoveNotAllowed
from tenants.models import ApprovalMode, Audience, Client

_State = DeliverableStatus

# The client's mode → where handed-in work goes; and at whose level it is decided on there.
FIRST_REVIEW: dict[ApprovalMode, DeliverableStatus] = {
    ApprovalMode.none: _State.approved,
    ApprovalMode.internal: _State.internal_review,
    ApprovalMode.internal_and_client: _State.internal_review,
}
LEVEL: dict[DeliverableStatus, Level] = {
    _State.internal_review: Level.internal,
    _State.client_review: Level.client,
}


def start(session: Session, deliverable_id: UUID) -> Deliverable:
    """Begin, or begin anew after changes were asked for."""
    row = _at_work(session, deliverable_id, DeliverableStatus.in_progress)
    dependencies.check(session, row)
    row.status = DeliverableStatus.in_progress
    outbox.emit(session, "deliverable.started", row, audience="client")
    return row


def submit(
    session: Session,
    deliverable_id: UUID,
    *,
    url: str | None,
    file_id: UUID | None,
    text: dict[str, str] | None,
) -> Deliverable:
    """Hand it in: to the reviews that the client's policy asks for."""
    row = _at_work(session, deliverable_id, DeliverableStatus.internal_review)
    mode = policies.mode_of(session, row.client_id)
    reviewed_by_client = mode is ApprovalMode.internal_and_client
    _check_file(session, row, file_id, for_client=reviewed_by_client)
    row.work_url, row.work_file_id, row.work_text = url, file_id, text or {}
    row.review_mode = mode  # fixed now: a later change of mode skips no review
    outbox.emit(session, "deliverable.submitted", row, audience="client")
    _review(session, row, FIRST_REVIEW[mode])
    return row


def approve(session: Session, deliverable_id: UUID) -> Deliverable:
    """The short form of deciding its open approval."""
    row = database.get(session, Deliverable, deliverable_id)
    if row.status not in IN_REVIEW:
        raise MoveNotAllowed(row.status, [*deliverables.MOVES[row.status]])
    approvals.decide_for(session, row, Outcome.approved)
    return row


def deliver(session: Session, deliverable_id: UUID, **proof: Any) -> Deliverable:
    """It is out: its proof is kept, and its units are counted as delivered."""
    lot = retainers.hold(session, database.get(session, Deliverable, deliverable_id).lot_id)
    row = _at_work(session, deliverable_id, DeliverableStatus.delivered)
    _check_file(session, row, proof["file_id"], for_client=True)
    out_on = deliverables.day_of(session, row.client_id, proof["published_at"])
    row.proof_url, row.proof_file_id = proof["url"], proof["file_id"]
    row.proof_network, row.published_at = proof["network"], proof["published_at"]
    row.status = DeliverableStatus.delivered
    row.delivered_on = out_on
    if row.over_scope:
        lot = retainers.given_beyond(session, lot, out_on)
        row.lot_id = lot.id
    lots.deliver(session, lot, row, out_on)
    billed.deliver(session, row, lot)
    outbox.emit(session, "deliverable.delivered", row, audience="client")
    return row


def content(session: Session, row: Deliverable) -> dict[str, Any]:
    """What an approver is shown of a deliverable."""
    shown = {
        "label": row.label,
        "units": row.units,
        "url": row.work_url,
        "file_id": str(row.work_file_id) if row.work_file_id else None,
        "text": row.work_text,
    }
    brief = {"criteria": row.criteria, "links": row.links, "file_ids": row.file_ids}
    return shown | {name: value for name, value in brief.items() if value}


def decided(session: Session, row: Deliverable, outcome: Outcome) -> None:
    """What follows from a review. Only rounds that the client asked for are counted."""
    client_asked = row.status is DeliverableStatus.client_review
    if outcome is not Outcome.approved:
        check_move(row, DeliverableStatus.changes_requested)
        row.rounds_used += client_asked
        row.status = DeliverableStatus.changes_requested
        outbox.emit(session, "deliverable.changes_requested", row, audience="client")
        return
    mode = row.review_mode or policies.mode_of(session, row.client_id)
    if not client_asked and mode is ApprovalMode.internal_and_client:
        _review(session, row, DeliverableStatus.client_review)
    else:
        _approved(session, row)


def undecided(session: Session, row: Deliverable, ending: ApprovalStatus) -> None:
    """
    It is worked on again, with no revision round counted: nobody asked for changes, and it can be
    handed in again as it stands.
    """
    deliverables.reopen(session, row)


subjects.register(Deliverable, content=content, decided=decided, undecided=undecided)
commented.register(SubjectType.deliverables, commented.rows_of(Deliverable), Deliverable)


def _review(session: Session, row: Deliverable, to: DeliverableStatus) -> None:
    """Put it to the review `to` is; or, when nobody is asked, it is approved."""
    if to is DeliverableStatus.approved:
        _approved(session, row)
        return
    check_move(row, to)
    row.status = to
    outbox.emit(session, f"deliverable.{to}", row, audience="client")
    client = database.get(session, Client, row.client_id)
    title = row.label.get(words.language(client.locale)) or next(iter(row.label.values()))
    approvals.ask(session, row.client_id, [row], title=title, level=LEVEL[to])


def _approved(session: Session, row: Deliverable) -> None:
    check_move(row, DeliverableStatus.approved)
    row.status = DeliverableStatus.approved
    outbox.emit(session, "deliverable.approved", row, audience="client")


def _at_work(session: Session, deliverable_id: UUID, to: DeliverableStatus) -> Deliverable:
    """Hold it for a move that only work that waits for nobody can make."""
    row = database.get(session, Deliverable, deliverable_id, lock=True)
    check_move(row, to)
    if row.blocked_cause is not None:
        raise deliverables.DeliverableBlocked
    return row


def _check_file(
    session: Session, row: Deliverable, file_id: UUID | None, *, for_client: bool
) -> None:
    if file_id is not None:
        audience = Audience.client if for_client else Audience.internal
        files.check_for(session, file_id, row.client_id, audience, "/file_id")
