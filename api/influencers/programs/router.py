"""Routes of programs and their pipeline; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.influencers import admitting
from api.influencers.programs import candidates, programs
from api.influencers.programs.models import Candidate, CandidateStatus, Program, ProgramStatus
from api.influencers.programs.shapes import (
    CandidateCreate,
    CandidateDrop,
    CandidateInvite,
    CandidateInvited,
    CandidateMove,
    CandidateQuery,
    CandidateRead,
    CandidateUpdate,
    ProgramCreate,
    ProgramQuery,
    ProgramRead,
    ProgramUpdate,
)
from tenants.errors import MoveNotAllowed, NotFound
from tenants.pages import InvalidCursor, Page
from tenants.reads import Lookup

router = domain_router("influencers")
_MOVED: Any = {
    "response_model": CandidateRead,
    "dependencies": [needs("programs:write")],
    "responses": problems(NotFound, MoveNotAllowed),
}
_TURNED: Any = {**_MOVED, "response_model": ProgramRead}


@router.post(
    "/programs",
    status_code=201,
    response_model=ProgramRead,
    dependencies=[needs("programs:write")],
    responses=problems(NotFound, programs.ProgramEndsFirst),
)
def create_program(data: ProgramCreate, session: RequestSession) -> Any:
    """Plan whom a client wants to work with."""
    return programs.create(session, **data.model_dump())


@router.get(
    "/programs",
    response_model=Page[ProgramRead],
    dependencies=[needs("programs:read")],
    responses=problems(InvalidCursor),
)
def list_programs(page: Annotated[ProgramQuery, Query()], session: RequestSession) -> Any:
    """List the programs in your sight, newest first. Closed ones only when `status` says."""
    return programs.search(session, page)


@router.get(
    "/programs/{program_id}",
    response_model=ProgramRead,
    dependencies=[needs("programs:read")],
    responses=problems(NotFound),
)
def get_program(program_id: UUID, session: RequestSession) -> Any:
    """Read a program."""
    return Lookup(Program, program_id)


@router.patch(
    "/programs/{program_id}",
    response_model=ProgramRead,
    dependencies=[needs("programs:write")],
    responses=problems(NotFound, MoveNotAllowed, programs.ProgramEndsFirst),
)
def update_program(program_id: UUID, data: ProgramUpdate, session: RequestSession) -> Any:
    """Change a program that is not closed."""
    return programs.update(session, program_id, **data.model_dump())


@router.post("/programs/{program_id}/activate", **_TURNED)
def activate_program(program_id: UUID, session: RequestSession) -> Any:
    """Open a program for invitations, or open it again."""
    return programs.move(session, program_id, ProgramStatus.active)


@router.post("/programs/{program_id}/pause", **_TURNED)
def pause_program(program_id: UUID, session: RequestSession) -> Any:
    """Let nobody in for now; invitations that are out cannot be answered meanwhile."""
    return programs.move(session, program_id, ProgramStatus.paused)


@router.post("/programs/{program_id}/close", **_TURNED)
def close_program(program_id: UUID, session: RequestSession) -> Any:
    """Close a program for good; who is in stays in."""
    return programs.move(session, program_id, ProgramStatus.closed)


@router.post(
    "/candidates",
    status_code=201,
    response_model=CandidateRead,
    dependencies=[needs("programs:write")],
    responses=problems(
        NotFound, MoveNotAllowed, candidates.InTheProgramAlready, candidates.NotOfTheStaff
    ),
)
def create_candidate(data: CandidateCreate, session: RequestSession) -> Any:
    """Put somebody of the roster on a program's shortlist."""
    return candidates.create(session, **data.model_dump())


@router.get(
    "/candidates",
    response_model=Page[CandidateRead],
    dependencies=[needs("programs:read")],
    responses=problems(InvalidCursor),
)
def list_candidates(page: Annotated[CandidateQuery, Query()], session: RequestSession) -> Any:
    """List the candidates in your sight, newest first."""
    return candidates.search(session, page)


@router.get(
    "/candidates/{candidate_id}",
    response_model=CandidateRead,
    dependencies=[needs("programs:read")],
    responses=problems(NotFound),
)
def get_candidate(candidate_id: UUID, session: RequestSession) -> Any:
    """Read how far somebody is in a program."""
    return Lookup(Candidate, candidate_id)


@router.patch(
    "/candidates/{candidate_id}",
    response_model=CandidateRead,
    dependencies=[needs("programs:write")],
    responses=problems(NotFound, MoveNotAllowed, candidates.NotOfTheStaff),
)
def update_candidate(candidate_id: UUID, data: CandidateUpdate, session: RequestSession) -> Any:
    """Say what is done next about somebody, by whom and when; who it is hears so on that day."""
    return candidates.update(session, candidate_id, **data.model_dump())


@router.post(
    "/candidates/{candidate_id}/invite",
    status_code=201,
    response_model=CandidateInvited,
    dependencies=[needs("programs:write")],
    responses=problems(NotFound, MoveNotAllowed, candidates.ProgramNotOpen, admitting.NoAddress),
)
def invite_candidate(candidate_id: UUID, data: CandidateInvite, session: RequestSession) -> Any:
    """Invite somebody by an address that needs no account; an earlier one ends with it."""
    return candidates.invite(session, candidate_id, **data.model_dump())


@router.post("/candidates/{candidate_id}/accept", **_MOVED)
def accept_candidate(candidate_id: UUID, session: RequestSession) -> Any:
    """Note that somebody who was invited has accepted, by another way than their address."""
    return candidates.move(session, candidate_id, CandidateStatus.accepted)


@router.post("/candidates/{candidate_id}/decline", **_MOVED)
def decline_candidate(candidate_id: UUID, data: CandidateMove, session: RequestSession) -> Any:
    """Note that somebody does not want to."""
    return candidates.move(session, candidate_id, CandidateStatus.declined, data.reason)


@router.post("/candidates/{candidate_id}/activate", **_MOVED)
def activate_candidate(candidate_id: UUID, session: RequestSession) -> Any:
    """Note that somebody is at work."""
    return candidates.move(session, candidate_id, CandidateStatus.active)


@router.post("/candidates/{candidate_id}/complete", **_MOVED)
def complete_candidate(candidate_id: UUID, session: RequestSession) -> Any:
    """Note that somebody's part is done."""
    return candidates.move(session, candidate_id, CandidateStatus.completed)


@router.post("/candidates/{candidate_id}/drop", **_MOVED)
def drop_candidate(candidate_id: UUID, data: CandidateDrop, session: RequestSession) -> Any:
    """Go on without somebody, and say why; an invitation that is open ends."""
    return candidates.move(session, candidate_id, CandidateStatus.dropped, data.reason)


@router.post("/candidates/{candidate_id}/shortlist", **_MOVED)
def shortlist_candidate(candidate_id: UUID, session: RequestSession) -> Any:
    """Take up again somebody who declined or was dropped."""
    return candidates.move(session, candidate_id, CandidateStatus.shortlisted)
