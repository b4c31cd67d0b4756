"""
What follows from what was seen: the piece and its collaboration move, the gates of what is owed are
told, and what a post that went early was paid for is asked back.

A gate speaks of one piece, and of the whole when it is so of every piece. A word is said when it is
another than the last one, so that looking at a post every day tells billing nothing new.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.collaborations import endings, moves
from api.collaborations.models import Collaboration, CollaborationDeliverable, PieceStatus
from api.collaborations.money import money
from api.collaborations.terms import offers
from api.collaborations.work import pieces
from api.proof.disclosure import Judgement
from api.proof.models import DisclosureVerdict, LiveCheck, LivePost, LivePostStatus, Stage
from billing.payable import gates
from tenants import database, outbox

_GONE = (LivePostStatus.removed, LivePostStatus.withdrawn)


@dataclass(frozen=True)
class Word:
    """What is to be said of one gate of one piece, and what shows it."""

    satisfied: bool
    reason: str
    evidence: dict[str, Any]


def published(session: Session, piece: CollaborationDeliverable, at: datetime) -> None:
    """A piece is out, if it was accepted before."""
    pieces.go_live(session, piece.id, at)


def follow(session: Session, row: Collaboration, post: LivePost, check: LiveCheck) -> None:
    """What one look at a post changes beyond the post. Both are held."""
    piece = database.get(session, CollaborationDeliverable, post.deliverable_id, lock=True)
    if row.status in moves.AT_WORK:
        _move(session, post, piece)
    if post.breached_at == post.missing_since and post.breached_at is not None:
        _ask_back(session, row, post)
    tell(session, row)


def gone(session: Session, row: Collaboration, post: LivePost, reason: str) -> None:
    """A post was bound by mistake: its piece is still to be published."""
    piece = database.get(session, CollaborationDeliverable, post.deliverable_id, lock=True)
    if row.status in moves.AT_WORK:
        _move(session, post, piece)
    tell(session, row)


def judged(
    session: Session, row: Collaboration, post: LivePost, verdict: DisclosureVerdict
) -> None:
    """What a verdict on a live caption means for what is owed."""
    tell(session, row)


def tell(session: Session, row: Collaboration) -> None:
    """Say of each gate that proof opens what is so now, where that was not said last."""
    session.flush()
    found = _posts(session, row)
    # What was out when the work was called off is owed for as what was not: by what is seen of it.
    made = [
        each
        for each in moves.pieces_of(session, row)
        if each.status is not PieceStatus.cancelled or each.id in found
    ]
    for code, of in _WORDS.items():
        posts = ((piece.id, found.get(piece.id)) for piece in made)
        words = {id: of(session, post) if post else None for id, post in posts}
        _say(session, row, code, words)


def _move(session: Session, post: LivePost, piece: CollaborationDeliverable) -> None:
    """Let the piece stand where its post does, a step at a time."""
    verified = post.status is LivePostStatus.live
    if verified and piece.status is PieceStatus.live:
        pieces.verify(session, piece.id)
    if not verified and piece.status is PieceStatus.verified:
        pieces.doubt(session, piece.id)
    if post.status in _GONE and piece.status is PieceStatus.live:
        pieces.fall(session, piece.id)


def _ask_back(session: Session, row: Collaboration, post: LivePost) -> None:
    """What the piece was paid for, or, of the only piece there is, all of it."""
    only = len(moves.pieces_of(session, row)) == 1
    outbox.emit(session, "live_post.breached", post, audience="client")
    reason = f"live_posts {post.id}: {post.live_days} of {post.min_live_days} days"
    endings.ask_back(
        session, row, reason, deliverable_id=None if only else post.deliverable_id, percent=100
    )


def _posts(session: Session, row: Collaboration) -> Mapping[UUID, LivePost]:
    """The newest post of each piece that was not bound by mistake."""
    query = select(LivePost).where(
        col(LivePost.agency_id) == row.agency_id,
        col(LivePost.collaboration_id) == row.id,
        col(LivePost.status) != LivePostStatus.withdrawn,
    )
    found = session.exec(query.order_by(col(LivePost.id))).all()
    return {post.deliverable_id: post for post in found}


def _live(session: Session, post: LivePost) -> Word:
    seen = post.last_seen_at.isoformat() if post.last_seen_at else None
    shown = {"live_post_id": str(post.id), "url": post.url, "last_seen_at": seen}
    return Word(post.status is LivePostStatus.live, post.status.value, shown)


def _disclosed(session: Session, post: LivePost) -> Word | None:
    shown: dict[str, Any] = {"live_post_id": str(post.id)}
    if not _is_required(session, post):
        return Word(True, "not_required", {**shown, "required": False})
    if post.status is LivePostStatus.altered:
        return Word(False, "altered", shown)
    query = select(DisclosureVerdict).where(
        col(DisclosureVerdict.live_post_id) == post.id, col(DisclosureVerdict.stage) == Stage.live
    )
    verdict = session.exec(query.order_by(col(DisclosureVerdict.id).desc())).first()
    if verdict is None:
        return None
    shown |= {
        "verdict_id": str(verdict.id),
        "rule": verdict.rule,
        "rule_version": verdict.rule_version,
        "reasons": verdict.reasons,
    }
    return Word(verdict.judgement is Judgement.valid, ", ".join(verdict.reasons), shown)


def _stayed(session: Session, post: LivePost) -> Word | None:
    shown = {
        "live_post_id": str(post.id),
        "live_days": post.live_days,
        "min_live_days": post.min_live_days,
    }
    if post.fulfilled_at is not None:
        return Word(True, "fulfilled", shown)
    return Word(False, "gone_early", shown) if post.breached_at is not None else None


_Of = Callable[[Session, LivePost], Word | None]
_WORDS: dict[str, _Of] = {
    money.LIVE_VERIFIED: _live,
    money.DISCLOSURE_VALID: _disclosed,
    money.MIN_LIVE_DAYS: _stayed,
}


def _is_required(session: Session, post: LivePost) -> bool:
    """Whether the terms that were accepted ask for a disclosure; unless they say no, they do."""
    terms = offers.accepted(session, post.collaboration_id)
    return bool(terms is None or terms.content.get("disclosure", True))


def _say(
    session: Session, row: Collaboration, code: str, words: Mapping[UUID, Word | None]
) -> None:
    source = (session, money.SOURCE, row.id)
    known = gates.newest(*source, None, [code]).get(code)
    whole = bool(words) and all(word and word.satisfied for word in words.values())
    if whole and not (known and known.satisfied):
        shown = [word.evidence for word in words.values() if word]
        gates.satisfy(*source, code, {"pieces": shown})
    if not whole and known and known.satisfied:
        failing = next((word for word in words.values() if word and not word.satisfied), None)
        reason, shown_by = (failing.reason, failing.evidence) if failing else ("no_post", {})
        gates.unsatisfy(*source, code, reason, shown_by)
    for part, word in words.items():
        last = gates.newest(*source, part, [code]).get(code)
        said = (last.satisfied, last.reason) if last else (False, None)
        if word and word.satisfied and not said[0]:
            gates.satisfy(*source, code, word.evidence, part)
        elif word and not word.satisfied and said != (False, word.reason):
            gates.unsatisfy(*source, code, word.reason, word.evidence, part)
        elif word is None and said[0]:
            gates.unsatisfy(*source, code, "no_post", {}, part)
