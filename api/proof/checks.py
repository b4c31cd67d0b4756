"""
What a look at a live post changes: its state, how long it is known to have been live, and what that
means for what is owed.

It has stayed as agreed when it is seen at or after its last instant, and broken that promise when
it is gone for good and was first missed before. Between the last sight and the first miss nobody
knows: what goes missing after its last instant breaks nothing. Nor does what was bound late, and
stayed for its days since it was published as was said.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.collaborations.models import Collaboration
from api.collaborations.work import stays
from api.files import files
from api.proof import consequences, live_days
from api.proof.looking import LookOutcome
from api.proof.models import CheckMethod, LiveCheck, LivePost, LivePostStatus
from tenants import clock, database, outbox
from tenants.errors import MoveNotAllowed, Unprocessable
from tenants.models import Audience, Client

_S = LivePostStatus
MOVES: dict[LivePostStatus, frozenset[LivePostStatus]] = {
    _S.bound: frozenset({_S.live, _S.missing, _S.removed, _S.withdrawn}),
    _S.live: frozenset({_S.altered, _S.missing, _S.removed, _S.withdrawn}),
    _S.altered: frozenset({_S.live, _S.missing, _S.removed, _S.withdrawn}),
    _S.missing: frozenset({_S.live, _S.altered, _S.removed, _S.withdrawn}),
    _S.removed: frozenset(),
    _S.withdrawn: frozenset(),
}
OUT = frozenset(status for status, onward in MOVES.items() if onward)
DAY = timedelta(days=1)
SOON = timedelta(hours=6)  # between two looks at what is missing
GONE_AFTER = timedelta(days=1)  # missing for so long is removed
PATIENCE = timedelta(days=14)  # how long after its last instant a post is still looked for


class EvidenceMissing(Unprocessable):
    """Say what shows it: a note, or a file of the client's."""


def check_evidence(session: Session, post: LivePost, said: dict[str, Any]) -> None:
    """Somebody's word needs something that shows it."""
    if not said["note"] and not said["file_ids"]:
        raise EvidenceMissing(pointer="/note")
    for each in said["file_ids"]:
        files.check_for(session, each, post.client_id, Audience.internal, "/file_ids")


def keep(
    session: Session,
    row: Collaboration,
    post: LivePost,
    method: CheckMethod,
    outcome: LookOutcome,
    *,
    note: str | None = None,
    file_ids: list[UUID] | None = None,
    evidence: dict[str, Any] | None = None,
) -> LiveCheck:
    """Keep one look at a post that is held, with its collaboration, and let follow what follows."""
    now = clock.now()
    if not MOVES[post.status]:
        raise MoveNotAllowed(post.status)
    check = LiveCheck(
        client_id=post.client_id,
        live_post_id=post.id,
        influencer_id=post.influencer_id,
        method=method,
        outcome=outcome,
        checked_at=now,
        checked_by=session.sight.membership_id,  # type: ignore[attr-defined]
        note=note,
        file_ids=[str(each) for each in file_ids or ()],
        evidence=evidence or {},
    )
    post.checked_at = now
    database.add(session, check)
    follow_terms(session, row, post)
    _found(session, row, post, check)
    post.check_due_at = _next(post, now)
    return check


def stay(session: Session, row: Collaboration, counted_from: datetime) -> tuple[int, datetime]:
    """For how many days a post of a collaboration stays, and until when."""
    zone = session.exec(select(Client.timezone).where(col(Client.id) == row.client_id)).one()
    days = stays.asked(session, row, lambda days: live_days.end(counted_from, days, zone))
    return days, live_days.end(counted_from, days, zone)


def follow_terms(session: Session, row: Collaboration, post: LivePost) -> None:
    """Let a post that is out, and held, stay as long as terms say that were amended meanwhile."""
    days, until = stay(session, row, post.counted_from)
    if post.fulfilled_at is not None or days == post.min_live_days:
        return
    post.min_live_days, post.stays_until = days, until
    now = clock.now()
    if post.last_seen_at is not None and post.last_seen_at >= until:
        post.fulfilled_at = now
    if post.check_due_at is not None:
        soon = min(post.check_due_at, max(until, now))
        post.check_due_at = None if post.fulfilled_at else soon
    outbox.emit(session, "live_post.amended", post, audience="client")


def _found(session: Session, row: Collaboration, post: LivePost, check: LiveCheck) -> None:
    now = check.checked_at
    if check.outcome in (LookOutcome.live, LookOutcome.altered):
        _seen(session, post, check)
    elif check.outcome is LookOutcome.missing:
        post.missing_since = post.missing_since or now
        gone = check.method is CheckMethod.http and now - post.missing_since >= GONE_AFTER
        _move(session, post, _S.removed if gone else _S.missing)
    elif check.outcome is LookOutcome.removed:
        post.missing_since = post.missing_since or now
        _move(session, post, _S.removed)
    if post.status is _S.removed and post.fulfilled_at is None:
        _break(session, post)
    consequences.follow(session, row, post, check)


def _seen(session: Session, post: LivePost, check: LiveCheck) -> None:
    now = check.checked_at
    if check.outcome is LookOutcome.live and check.method is CheckMethod.manual:
        post.text_sha256 = None  # what it says now is accepted: the next look keeps that
    post.text_sha256 = post.text_sha256 or check.evidence.get("text_sha256")
    post.first_seen_at = post.first_seen_at or now
    post.last_seen_at, post.missing_since = now, None
    post.live_days = live_days.counted(post.counted_from, now, zone_of(session, post))
    if post.fulfilled_at is None and now >= post.stays_until:
        post.fulfilled_at = now
    _move(session, post, _S(check.outcome.value))


def _move(session: Session, post: LivePost, to: LivePostStatus) -> None:
    if post.status is to:
        return
    post.status = to
    outbox.emit(session, f"live_post.{to.value}", post, audience="client")


def _break(session: Session, post: LivePost) -> None:
    assert post.missing_since is not None
    promised = live_days.end(post.published_at, post.min_live_days, zone_of(session, post))
    if post.missing_since < promised:
        post.breached_at = post.missing_since


def _next(post: LivePost, now: datetime) -> datetime | None:
    """When to look again: daily, at its very end, and sooner while it is missing."""
    if not MOVES[post.status] or post.fulfilled_at is not None:
        return None
    if post.check_due_at is None and post.first_seen_at is None:
        return None  # nobody's eyes have found it where it is said to be
    if now >= post.stays_until + PATIENCE:
        return None
    if post.status is _S.missing:
        return now + SOON
    return min(now + DAY, post.stays_until) if now < post.stays_until else now + DAY


def zone_of(session: Session, post: LivePost) -> str:
    """Where the client's days begin."""
    return session.exec(select(Client.timezone).where(col(Client.id) == post.client_id)).one()
