"""
What is handed in for a piece, and what is decided on it.

A submission is put to the decision that the client's policy asks for; where it asks for none, it is
accepted as it is handed in. Changes that are asked for make the piece due again, and another
submission follows: each is a round, and those beyond the terms are counted. What is accepted is
earned.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.approvals import approvals, subjects
from api.approvals.models import ApprovalStatus, Level, Outcome
from api.collaborations import moves
from api.collaborations.models import (
    Collaboration,
    CollaborationDeliverable,
    PieceStatus,
    Submission,
    SubmissionStatus,
)
from api.collaborations.money import money
from api.collaborations.terms import offers
from api.collaborations.work import own
from api.collaborations.work.shapes import SubmissionQuery
from tenants import clock, database, outbox
from tenants.errors import MoveNotAllowed, Unprocessable
from tenants.pages import Listing
from tenants.storage import StoredFile

_OUTCOMES = {
    Outcome.approved: SubmissionStatus.approved,
    Outcome.changes_requested: SubmissionStatus.changes_requested,
    Outcome.rejected: SubmissionStatus.rejected,
}


class SubmissionEmpty(Unprocessable):
    """Hand in an address or a file, besides the words that go with it."""


def search(session: Session, page: SubmissionQuery) -> Listing:
    """The submissions in sight, newest first."""
    query = select(Submission)
    for column, value in (
        (Submission.client_id, page.client_id),
        (Submission.collaboration_id, page.collaboration_id),
        (Submission.deliverable_id, page.deliverable_id),
        (Submission.influencer_id, page.influencer_id),
        (Submission.status, page.status),
    ):
        if value is not None:
            query = query.where(col(column) == value)
    return Listing(query, Submission, page)


def submit(session: Session, deliverable_id: UUID, **values: Any) -> Submission:
    """Hand in the next version of a piece."""
    if not values["url"] and not values["file_ids"]:
        raise SubmissionEmpty(pointer="/url")
    seen = database.get(session, CollaborationDeliverable, deliverable_id)
    with moves.held(session, seen.collaboration_id) as row:
        piece = database.get(session, CollaborationDeliverable, deliverable_id, lock=True)
        if row.status not in moves.AT_WORK or piece.status is not PieceStatus.content_due:
            state = piece.status if row.status in moves.AT_WORK else row.status
            raise MoveNotAllowed(state)
        values["file_ids"] = _known_files(session, row, values["file_ids"])
        before = _of_piece(session, piece)
        submission = Submission(
            client_id=row.client_id,
            collaboration_id=row.id,
            deliverable_id=piece.id,
            influencer_id=row.influencer_id,
            number=len(before) + 1,
            submitted_by=moves.sight_of(session).membership_id,
            **values,
        )
        database.add(session, submission)
        rounds = sum(each.status is SubmissionStatus.changes_requested for each in before)
        moves.move_piece(session, row, piece, PieceStatus.in_review, rounds_used=rounds)
        outbox.emit(session, "submission.submitted", submission)
        _ask(session, row, submission)
    return submission


def withdraw(session: Session, submission_id: UUID) -> Submission:
    """Take back what was handed in, before it is decided."""
    seen = database.get(session, Submission, submission_id)
    if seen.status is not SubmissionStatus.in_review or seen.approval_id is None:
        raise MoveNotAllowed(seen.status)
    with _by_agency(session, seen):
        approvals.withdraw(session, seen.approval_id)
        row = database.get(session, Collaboration, seen.collaboration_id, lock=True)
        submission = database.get(session, Submission, submission_id, lock=True)
        _settle(session, row, submission, SubmissionStatus.withdrawn, PieceStatus.content_due)
    return submission


def _by_agency(session: Session, seen: Submission) -> Any:
    """An influencer's doing is written by the agency's hand; the staff's own is theirs."""
    if moves.sight_of(session).is_influencer:
        return database.acting_for_agency(session, seen.client_id)
    return nullcontext()


def _ask(session: Session, row: Collaboration, submission: Submission) -> None:
    """Put it to the decision that the client's policy asks for."""
    title = f"{row.title}: {row.influencer_name} ({submission.number})"[:200]
    approval = approvals.ask(session, row.client_id, [submission], title=title)
    if approval is not None:
        submission.inside = approval.level is not Level.client
        session.flush()
    own.show_files(session, submission)


def _content(session: Session, submission: Submission) -> dict[str, Any]:
    """What those who decide are shown."""
    piece = database.get(session, CollaborationDeliverable, submission.deliverable_id)
    row = database.get(session, Collaboration, submission.collaboration_id)
    ids = [UUID(each) for each in submission.file_ids]
    found = session.exec(select(StoredFile).where(col(StoredFile.id).in_(ids)))
    return {
        "title": row.title,
        "influencer": row.influencer_name,
        "network": piece.network.value,
        "placement": piece.placement.value,
        "description": piece.description,
        "number": submission.number,
        "text": submission.caption,
        "url": submission.url,
        "files": sorted([{"name": f.name, "sha256": f.sha256} for f in found], key=str),
    }


def _decided(session: Session, submission: Submission, outcome: Outcome) -> None:
    row = database.get(session, Collaboration, submission.collaboration_id, lock=True)
    accepted = outcome is Outcome.approved
    to = PieceStatus.approved if accepted else PieceStatus.content_due
    piece = _settle(session, row, submission, _OUTCOMES[outcome], to)
    if accepted:
        evidence = {
            "submission_id": str(submission.id),
            "content_sha256": subjects.seen(session, submission),
        }
        pieces = moves.pieces_of(session, row)
        money.earn_work(session, row, piece, pieces, offers.signed(session, row), evidence)


def _undecided(session: Session, submission: Submission, ending: ApprovalStatus) -> None:
    """Nobody decided in time: it is to be handed in again."""
    row = database.get(session, Collaboration, submission.collaboration_id, lock=True)
    _settle(session, row, submission, SubmissionStatus.withdrawn, PieceStatus.content_due)


def _keep_inside(session: Session, submission: Submission, inside: bool) -> None:
    submission.inside = inside
    if submission.approval_id is not None:  # the agency has said yes, and the client is asked next
        own.show_files(session, submission)


subjects.register(
    Submission,
    content=_content,
    decided=_decided,
    undecided=_undecided,
    keep_inside=_keep_inside,
)


def _settle(
    session: Session,
    row: Collaboration,
    submission: Submission,
    status: SubmissionStatus,
    to: PieceStatus,
) -> CollaborationDeliverable:
    """What became of it, and of its piece; both are held, and the collaboration."""
    submission.status, submission.decided_at = status, clock.now()
    audience = "staff" if submission.inside else "client"
    outbox.emit(session, f"submission.{status.value}", submission, audience=audience)
    piece = database.get(session, CollaborationDeliverable, submission.deliverable_id, lock=True)
    moves.move_piece(session, row, piece, to)
    return piece


def _of_piece(session: Session, piece: CollaborationDeliverable) -> Sequence[Submission]:
    query = select(Submission).where(
        col(Submission.agency_id) == piece.agency_id, col(Submission.deliverable_id) == piece.id
    )
    return session.exec(query.order_by(col(Submission.number))).all()


def _known_files(session: Session, row: Collaboration, ids: Sequence[UUID]) -> list[str]:
    """Files of the collaboration's own, or of the client that it may see."""
    for place, file_id in enumerate(ids):
        own.check_file(session, row, file_id, f"/file_ids/{place}")
    return list(map(str, ids))
