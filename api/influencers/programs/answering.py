"""What follows when whoever was invited answers: once, and in the state in which it was asked."""

from sqlmodel import Session

from api.influencers.programs import candidates, invitations
from api.influencers.programs.invitations import (
    AnsweredOtherwise,
    Invited,
    JoinLinkClosed,
    JoinOver,
)
from api.influencers.programs.models import CandidateStatus, JoinAnswer, Program, ProgramStatus
from tenants import database


def answer(session: Session, invited: Invited, said: JoinAnswer, reason: str | None) -> None:
    """Accept or decline. The same answer again changes nothing."""
    with database.acting_for_agency(session, invited.client_id):
        candidate, link = invitations.hold(session, invited)
        if link.answer is not None:
            if link.answer is not said:
                raise AnsweredOtherwise
            return
        if link.revoked_at is not None:
            raise JoinLinkClosed
        program = database.get(session, Program, candidate.program_id)
        if program.status is not ProgramStatus.active:
            raise JoinOver
        if candidate.status is not CandidateStatus.invited:
            raise JoinOver
        invitations.note(session, link, said)
        candidates.step(session, candidate, CandidateStatus(said), reason)
