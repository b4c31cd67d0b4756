"""A client's decision that was given by phone or mail: recorded by its lead, and contested."""

from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session, col, select

from api.approvals import approvals, deadlines, levels, policies, subjects
from api.approvals.approvals import Opened
from api.approvals.models import Approval, Contest, Decision, Level, Outcome
from api.files import files
from tenants import clock, database, outbox
from tenants.errors import Conflict, Forbidden
from tenants.models import Audience, Client


class RecordingNotAllowed(Forbidden):
    """The client's policy lets nobody record its decisions: the client gives them itself."""


class RecordLimitExceeded(Conflict):
    """It is about more money than the client's policy lets be recorded."""


class NothingToContest(Conflict):
    """Nothing was recorded in the client's name here, or the days to contest it are over."""


class AlreadyContested(Conflict):
    """You have contested this; what was said is never edited."""


def record(
    session: Session, approval_id: UUID, outcome: Outcome, *, given_by: str, **said: Any
) -> Opened:
    """
    Keep a client's decision that was given by phone or mail, as one person's. The client is told at
    once, and may contest it. `said`: the reason, and the evidence in words, or as a file that the
    client may see too.
    """
    approval = database.get(session, Approval, approval_id, lock=True)
    client = database.get(session, Client, approval.client_id)
    actor = _actor(session)
    if approval.level is not Level.client or client.lead_membership_id != actor.membership_id:
        raise Forbidden
    terms = policies.of(session, client.id).record_decisions
    if not terms["allowed"]:
        raise RecordingNotAllowed
    approvals.check(approval, outcome, said["reason"], None)
    _check_limit(session, approval, client, terms["limit_minor"])
    if file_id := said["evidence_file_id"]:
        files.check_for(session, file_id, client.id, Audience.client, "/evidence_file_id")
    decision = Decision(
        client_id=approval.client_id,
        approval_id=approval.id,
        level=approval.level,
        outcome=outcome,
        content_sha256=approval.content_sha256,
        decided_by_name=given_by,
        recorded_by=actor.membership_id,
        contest_until=_contest_until(client, terms["contest_days"]),
        request_id=session.info.get("request_id"),
        **said,
    )
    approvals.settle(session, approval, decision)
    outbox.emit(session, "approval.decision_recorded", approval, audience="client")
    return approvals.opened(session, approval)


def contest(session: Session, approval_id: UUID, *, reason: str) -> Opened:
    """
    Say, for the client, that a recorded decision is not so. It is kept and told to the client's
    lead, and undoes nothing by itself: what followed may be at work or paid for already, so the two
    sides settle it, by a withdrawal, an edit or a change order.
    """
    approval = database.get(session, Approval, approval_id, lock=True)
    recorded = select(Decision.id).where(
        col(Decision.approval_id) == approval.id, col(Decision.contest_until) >= clock.now()
    )
    if session.exec(recorded).first() is None:
        raise NothingToContest
    actor = _actor(session)
    said = Contest(
        client_id=approval.client_id,
        approval_id=approval.id,
        reason=reason,
        contested_by=actor.membership_id,
        contested_by_name=actor.label,
        request_id=session.info.get("request_id"),
    )
    with database.refusing_twice("uq_approval_contests_member", AlreadyContested()):
        database.add(session, said)
    with database.acting_for_agency(session, approval.client_id):
        database.touch(approval)
        outbox.emit(session, "approval.contested", approval, audience="client")
    return approvals.opened(session, approval)


def _check_limit(session: Session, approval: Approval, client: Client, limit: int | None) -> None:
    """All the money of all it covers; another currency than the limit's is over any limit."""
    if limit is None:
        return
    total = 0
    for covered in levels.covered_by(session, approval):
        subject = subjects.of(covered.subject_type)
        row = levels.locked(session, subject.model, covered.subject_id)
        for amount in subject.amounts(session, row):
            if amount.currency != client.currency:
                raise RecordLimitExceeded
            total += abs(amount.amount_minor)
    if total > limit:
        raise RecordLimitExceeded


def _contest_until(client: Client, days: int) -> datetime:
    """The end of so many days from now, of any kind, where the client is."""
    day = clock.today(client.timezone) + timedelta(days=days)
    return deadlines.end_of(day, client.timezone)


def _actor(session: Session) -> Any:
    return cast(database.Session, session).sight
