"""
The pipeline of a program: who is on the shortlist, invited, in, at work, done, or not.

Every move is of one candidate, held. What somebody answers by their link, and what the agency notes
of a call, are the same moves.
"""

from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select
from sqlmodel import update as change

from api.influencers.models import Influencer, InfluencerStatus
from api.influencers.programs import invitations
from api.influencers.programs.models import Candidate, CandidateStatus, Program, ProgramStatus
from api.influencers.programs.shapes import CandidateQuery
from tenants import database, jobs, outbox
from tenants.errors import Conflict, MoveNotAllowed, Unprocessable
from tenants.models import Client, Membership, MembershipKind, MembershipStatus
from tenants.pages import Listing

_S = CandidateStatus
MOVES: dict[CandidateStatus, frozenset[CandidateStatus]] = {
    _S.shortlisted: frozenset({_S.invited, _S.declined, _S.dropped}),
    _S.invited: frozenset({_S.accepted, _S.declined, _S.dropped}),
    _S.accepted: frozenset({_S.active, _S.dropped}),
    _S.active: frozenset({_S.completed, _S.dropped}),
    _S.completed: frozenset(),
    _S.declined: frozenset({_S.shortlisted}),
    _S.dropped: frozenset({_S.shortlisted}),
}
# Where nothing is left to be done.
OVER = (_S.completed, _S.declined, _S.dropped)
REMIND = "influencers.remind"
_MORNING = time(8)


class InTheProgramAlready(Conflict):
    """This influencer is in the program already, perhaps dropped: take them up again."""


class ProgramNotOpen(Conflict):
    """The program is not open: activate it first."""


class NotOfTheStaff(Unprocessable):
    """What is next is done by somebody of the agency's staff."""


def search(session: Session, page: CandidateQuery) -> Listing:
    """The candidates in sight, newest first."""
    query = select(Candidate)
    for name in ("client_id", "program_id", "influencer_id", "status"):
        if value := getattr(page, name):
            query = query.where(getattr(Candidate, name) == value)
    if page.due_before:
        query = query.where(
            col(Candidate.next_action_on) < page.due_before, col(Candidate.status).not_in(OVER)
        )
    return Listing(query, Candidate, page)


def create(session: Session, program_id: UUID, influencer_id: UUID, **values: Any) -> Candidate:
    """Put somebody of the roster on a program's shortlist."""
    program = database.get(session, Program, program_id)
    influencer = database.get(session, Influencer, influencer_id)
    if program.status is ProgramStatus.closed:
        raise MoveNotAllowed(program.status)
    if influencer.status is InfluencerStatus.archived:
        raise MoveNotAllowed(influencer.status)
    _check_owner(session, values.get("owner_membership_id"))
    candidate = Candidate(
        client_id=program.client_id,
        program_id=program.id,
        influencer_id=influencer.id,
        **values,
    )
    key = "uq_candidates_agency_id_program_id_influencer_id"
    with database.refusing_twice(key, InTheProgramAlready()):
        database.add(session, candidate)
    _plan_reminder(session, candidate)
    outbox.emit(session, "candidate.shortlisted", candidate)
    return candidate


def update(session: Session, candidate_id: UUID, **changes: Any) -> Candidate:
    """Say what is done next, by whom and when."""
    candidate = database.get(session, Candidate, candidate_id, lock=True)
    if candidate.status in OVER:
        raise MoveNotAllowed(candidate.status)
    _check_owner(session, changes.get("owner_membership_id"))
    candidate.sqlmodel_update(changes)
    _plan_reminder(session, candidate)
    outbox.emit(session, "candidate.updated", candidate)
    return candidate


def move(
    session: Session, candidate_id: UUID, status: CandidateStatus, reason: str | None = None
) -> Candidate:
    """Take a candidate a step further, or out; an invitation that is open ends with it."""
    candidate = database.get(session, Candidate, candidate_id, lock=True)
    step(session, candidate, status, reason)
    invitations.end(session, candidate)
    return candidate


def invite(session: Session, candidate_id: UUID, **said: Any) -> invitations.Made:
    """Invite a candidate by an address; another one ends with it."""
    candidate = database.get(session, Candidate, candidate_id, lock=True)
    program = database.get(session, Program, candidate.program_id)
    if candidate.status not in (_S.shortlisted, _S.invited):
        raise MoveNotAllowed(candidate.status, _allowed(candidate))
    if program.status is not ProgramStatus.active:
        raise ProgramNotOpen
    influencer = database.get(session, Influencer, candidate.influencer_id)
    made = invitations.create(session, candidate, influencer, **said)
    if candidate.status is _S.shortlisted:
        step(session, candidate, _S.invited)
    else:
        database.touch(candidate)
    return made


def step(
    session: Session, candidate: Candidate, status: CandidateStatus, reason: str | None = None
) -> None:
    """One move of a candidate who is held."""
    if status not in MOVES[candidate.status]:
        raise MoveNotAllowed(candidate.status, _allowed(candidate))
    candidate.status, candidate.status_reason = status, reason
    outbox.emit(session, f"candidate.{status}", candidate)


def _allowed(candidate: Candidate) -> list[str]:
    return sorted(str(each) for each in MOVES[candidate.status])


def _check_owner(session: Session, membership_id: UUID | None) -> None:
    if membership_id is None:
        return
    member = database.get(session, Membership, membership_id)
    if member.kind is not MembershipKind.staff or member.status is not MembershipStatus.active:
        raise NotOfTheStaff(pointer="/owner_membership_id")


def _plan_reminder(session: Session, candidate: Candidate) -> None:
    """A reminder on the morning of the day, where the client is; one for each day that is named."""
    if candidate.next_action_on is None or candidate.reminded_on == candidate.next_action_on:
        return
    client = database.get(session, Client, candidate.client_id)
    morning = datetime.combine(candidate.next_action_on, _MORNING, ZoneInfo(client.timezone))
    due_at = morning.astimezone(UTC)
    jobs.enqueue(
        session,
        REMIND,
        client_id=candidate.client_id,
        due_at=due_at,
        period=due_at,
        about=candidate.id,
        candidate_id=str(candidate.id),
        day=candidate.next_action_on.isoformat(),
    )


def remind(session: Session, candidate_id: UUID, day: str) -> Candidate | None:
    """Tell that something is to be done today, once; None: nothing is, any more."""
    candidate = database.get(session, Candidate, candidate_id, lock=True)
    due = candidate.next_action_on
    if due is None or due.isoformat() != day or candidate.status in OVER:
        return None
    if candidate.reminded_on == due:
        return None
    # Past the version, which is of what people edit.
    session.connection().execute(
        change(Candidate)
        .where(col(Candidate.agency_id) == candidate.agency_id, col(Candidate.id) == candidate.id)
        .values(reminded_on=due, updated_at=col(Candidate.updated_at))
    )
    outbox.emit(session, "candidate.action_due", candidate)
    return candidate
