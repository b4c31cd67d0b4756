"""
How a collaboration ends: completed, or before that, with the reason and by whom.

An end before the contract owes nothing. One after it voids what was not earned, gives the budget
the rest back, frees the influencer, and, when a promise was broken, asks back what was paid for it.
Commission is owed for what was sold until then, however it ends.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.approvals import approvals
from api.collaborations import moves
from api.collaborations.models import (
    Collaboration,
    CollaborationDeliverable,
    CollaborationEnding,
    CollaborationStatus,
    PieceStatus,
    Submission,
    SubmissionStatus,
)
from api.collaborations.money import commission, money
from api.collaborations.money.models import FeeKind, InstalmentStatus
from api.collaborations.rights import exclusivity
from api.collaborations.rights.models import Exclusivity, UsageRight
from api.collaborations.terms import offers
from api.collaborations.terms.models import Answer
from api.collaborations.work import stays
from billing.payable import payables
from billing.payable.sources import Source
from tenants import clock, database, outbox
from tenants.errors import Conflict, MoveNotAllowed, NotFound
from tenants.money import part_of

_C = CollaborationStatus
DISPUTED = frozenset({_C.contracted, _C.completed, _C.breached, _C.cancelled}) | moves.AT_WORK


class LiveDaysLeft(Conflict):
    """A post has not been live for as long as agreed: `until` is when the last one has."""


def negotiate(session: Session, collaboration_id: UUID, reason: str | None) -> Collaboration:
    """
    Talk about terms: the first time, or instead of those on the table. By the influencer these are
    countered then; by the agency, withdrawn.
    """
    with moves.held(session, collaboration_id) as row:
        moves.check(row, _C.negotiating)
        if row.status is _C.terms_sent:
            theirs = _by_influencer(session, row)
            given = Answer.countered if theirs else Answer.withdrawn
            offers.answer(session, row, offers.standing(session, row), given, reason=reason)
        moves.move(session, row, _C.negotiating)
    return row


def decline(session: Session, collaboration_id: UUID, reason: str) -> Collaboration:
    """Say no, as the influencer; to the terms too, if there are any."""
    with moves.held(session, collaboration_id) as row:
        refuse(session, row, reason)
    return row


def refuse(session: Session, row: Collaboration, reason: str, **witness: Any) -> None:
    """What declining does, whoever holds the pen: to changed terms, that the old ones hold on."""
    if (changed := offers.amendment(session, row)) is not None:
        offers.answer(session, row, changed, Answer.declined, reason=reason, **witness)
        return
    moves.check(row, _C.declined)
    if row.status is _C.terms_sent:
        terms = offers.standing(session, row)
        offers.answer(session, row, terms, Answer.declined, reason=reason, **witness)
    _end(session, row, _C.declined, reason)


def drop(session: Session, collaboration_id: UUID, reason: str) -> Collaboration:
    """Go on without the influencer, before anything is agreed."""
    with moves.held(session, collaboration_id) as row:
        moves.check(row, _C.dropped)
        if row.status is _C.terms_sent:
            terms = offers.standing(session, row)
            offers.answer(session, row, terms, Answer.withdrawn, reason=reason)
        _end(session, row, _C.dropped, reason)
    return row


def cancel(session: Session, collaboration_id: UUID, reason: str) -> Collaboration:
    """Call agreed work off before any of it is all live; what was earned stays owed."""
    _call_reviews_off(session, collaboration_id)
    with moves.held(session, collaboration_id) as row:
        moves.check(row, _C.cancelled)
        _stop(session, row)
        _end(session, row, _C.cancelled, reason)
    return row


def breach(
    session: Session,
    collaboration_id: UUID,
    reason: str,
    *,
    deliverable_id: UUID | None = None,
    percent: int = 100,
) -> Collaboration:
    """
    End it because a promise was broken. So many percent of what was earned, with one piece or with
    all of it, are asked back: a post that goes early gives back what it was paid for.
    """
    _call_reviews_off(session, collaboration_id)
    with moves.held(session, collaboration_id) as row:
        moves.check(row, _C.breached)
        _check_piece(session, row, deliverable_id)
        _stop(session, row)
        ask_back(session, row, reason, deliverable_id=deliverable_id, percent=percent)
        _end(session, row, _C.breached, reason)
    return row


def ask_back(
    session: Session,
    row: Collaboration,
    reason: str,
    *,
    deliverable_id: UUID | None = None,
    percent: int = 100,
) -> None:
    """
    Ask back a share of what was earned, once for one reason; not of what sales have earned, which
    only buyers take back. The row is held.
    """
    for part in money.of(session, row):
        if part.status is not InstalmentStatus.earned or part.kind is FeeKind.commission:
            continue
        if deliverable_id in (None, part.deliverable_id):
            amount = part_of(part.amount_minor, percent, 100)
            money.claw_back(session, row, part, amount, reason)


def complete(session: Session, collaboration_id: UUID) -> Collaboration:
    """Close it: all is verified, and was live for as long as agreed."""
    with moves.held(session, collaboration_id) as row:
        moves.check(row, _C.completed)
        _check_live_days(session, row)
        offers.call_off(session, row)
        commission.end(session, row)
        money.free_rest(session, row)
        row.completed_at = clock.now()
        moves.move(session, row, _C.completed)
    return row


def dispute(session: Session, collaboration_id: UUID, reason: str) -> Collaboration:
    """Pay nothing that is owed for it, or is going to be, until that is settled."""
    return _tell_payables(session, collaboration_id, payables.dispute_source, reason, "disputed")


def settle_dispute(session: Session, collaboration_id: UUID, reason: str) -> Collaboration:
    """Let what is owed for it go on as far as its other gates are."""
    return _tell_payables(session, collaboration_id, payables.resolve_source, reason, "settled")


def ending(session: Session, collaboration_id: UUID) -> CollaborationEnding:
    """How and why it ended; nothing is there of one that did not, or was completed."""
    row = database.get(session, Collaboration, collaboration_id)
    query = select(CollaborationEnding).where(
        col(CollaborationEnding.agency_id) == row.agency_id,
        col(CollaborationEnding.collaboration_id) == row.id,
    )
    found = session.exec(query).first()
    if found is None:
        raise NotFound
    return found


def _tell_payables(
    session: Session, collaboration_id: UUID, verb: Any, reason: str, told: str
) -> Collaboration:
    with moves.held(session, collaboration_id) as row:
        if row.status not in DISPUTED:
            raise MoveNotAllowed(row.status)
        verb(session, Source(row.client_id, row.influencer_id, money.SOURCE, row.id), reason)
        database.touch(row)
        outbox.emit(session, f"collaboration.{told}", row)
    return row


def _check_live_days(session: Session, row: Collaboration) -> None:
    last = max(piece.live_at for piece in moves.pieces_of(session, row) if piece.live_at)
    days = stays.asked(session, row, lambda days: last + timedelta(days=days))
    until = last + timedelta(days=days)
    if clock.now() < until:
        raise LiveDaysLeft(extra={"until": until.isoformat().replace("+00:00", "Z")})


def _stop(session: Session, row: Collaboration) -> None:
    """Nothing more is made or earned, and nothing that was granted or promised holds any longer."""
    offers.call_off(session, row)
    commission.end(session, row)
    for piece in moves.pieces_of(session, row):
        piece.status, piece.live_at = PieceStatus.cancelled, None
        outbox.emit(session, "collaboration_deliverable.cancelled", piece, audience="client")
    for kind in (UsageRight, Exclusivity):
        given = select(kind).where(kind.collaboration_id == row.id, col(kind.ended_at).is_(None))
        for each in session.exec(given):
            each.ended_at = clock.now()
    money.void(session, row)


def _end(session: Session, row: Collaboration, to: CollaborationStatus, reason: str) -> None:
    actor = moves.sight_of(session)
    exclusivity.release(session, row.id)
    ending = CollaborationEnding(
        collaboration_id=row.id,
        client_id=row.client_id,
        influencer_id=row.influencer_id,
        status=to,
        reason=reason,
        ended_by=actor.membership_id,
        ended_by_name=actor.label,
    )
    database.add(session, ending)
    moves.move(session, row, to)


def _call_reviews_off(session: Session, collaboration_id: UUID) -> None:
    """What waits for a decision is withdrawn first: whoever decides holds the approval first."""
    row = database.get(session, Collaboration, collaboration_id)
    if _C.cancelled not in moves.MOVES[row.status]:
        return
    waiting = select(Submission).where(
        col(Submission.collaboration_id) == row.id,
        col(Submission.status) == SubmissionStatus.in_review,
    )
    for each in session.exec(waiting.order_by(col(Submission.id))):
        approvals.supersede(session, each.approval_id)
        held = database.get(session, Submission, each.id, lock=True)
        if held.status is SubmissionStatus.in_review:
            held.status, held.decided_at = SubmissionStatus.withdrawn, clock.now()
            outbox.emit(session, "submission.withdrawn", held)


def _check_piece(session: Session, row: Collaboration, deliverable_id: UUID | None) -> None:
    if deliverable_id is None:
        return
    if database.get(session, CollaborationDeliverable, deliverable_id).collaboration_id != row.id:
        raise NotFound


def _by_influencer(session: Session, row: Collaboration) -> bool:
    return bool(moves.sight_of(session).influencer_id == row.influencer_id)
