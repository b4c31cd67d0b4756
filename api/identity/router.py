"""Routes of the agency, its people, their log-ins and their duties; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.identity.agency_shapes import AgencyRead, AgencyUpdate
from api.identity.proof import PasswordChange
from api.identity.shapes import (
    AssignmentCreate,
    AssignmentQuery,
    AssignmentRead,
    AssignmentUpdate,
    InvitationCreate,
    InvitationQuery,
    InvitationRead,
    InvitationWritten,
    MemberQuery,
    MemberRead,
    MemberUpdate,
    MeRead,
    MeUpdate,
    SessionQuery,
    SessionRead,
    TeamRead,
)
from tenants import (
    agencies,
    assignments,
    invitations,
    mail_proofs,
    memberships,
    sessions,
    users,
)
from tenants.errors import MoveNotAllowed, NotFound, Unprocessable
from tenants.models import Invitation
from tenants.pages import InvalidCursor, Page
from tenants.passwords import PasswordTooCommon
from tenants.quotas import QuotaExceeded
from tenants.reads import Lookup

router = domain_router("identity")


@router.get("/me", response_model=MeRead, dependencies=[needs(None)])
def get_me(session: RequestSession) -> Any:
    """Read who you are to this agency, and what you may do for whom."""
    return users.me(session)


@router.patch(
    "/me",
    response_model=MeRead,
    dependencies=[needs("account:write")],
    responses=problems(users.WrongPassword, PasswordTooCommon),
)
def update_me(data: MeUpdate, password: PasswordChange, session: RequestSession) -> Any:
    """Change your name, language or password; a new password ends every other log-in of yours."""
    return users.update_me(session, data.model_dump(exclude={"password"}), password)


@router.post(
    "/me/email-verifications",
    status_code=202,
    response_class=Response,
    response_model=None,
    dependencies=[needs("account:write")],
    responses={202: {"description": "You are written to."}},
)
def ask_for_email_verification(session: RequestSession) -> Any:
    """Have a token mailed to you that shows your address is yours."""
    mail_proofs.ask_verification(session)
    session.info["exchange"].headers["Location"] = "/v1/me/email-verifications/complete"


@router.get("/agency", response_model=AgencyRead, dependencies=[needs(None)])
def get_agency(session: RequestSession) -> Any:
    """Read your agency, as its staff."""
    return agencies.current(session)


@router.patch("/agency", response_model=AgencyRead, dependencies=[needs("agency:write")])
def update_agency(data: AgencyUpdate, session: RequestSession) -> Any:
    """Change your agency's name, places, looks or rules."""
    return agencies.update(session, **data.model_dump())


@router.get(
    "/members",
    response_model=Page[MemberRead],
    dependencies=[needs("members:read")],
    responses=problems(InvalidCursor),
)
def list_members(page: Annotated[MemberQuery, Query()], session: RequestSession) -> Any:
    """List your colleagues, and the contacts of clients in your sight. Removed ones by `status`."""
    return memberships.search(session, page)


@router.get(
    "/members/{membership_id}",
    response_model=MemberRead,
    dependencies=[needs("members:read")],
    responses=problems(NotFound),
)
def get_member(membership_id: UUID, session: RequestSession) -> Any:
    """Read a member."""
    return memberships.get(session, membership_id)


@router.patch(
    "/members/{membership_id}",
    response_model=MemberRead,
    dependencies=[needs("members:write")],
    responses=problems(
        NotFound,
        MoveNotAllowed,
        memberships.AboveOwnRank,
        memberships.LastOwner,
        memberships.RoleNotForKind,
    ),
)
def update_member(membership_id: UUID, data: MemberUpdate, session: RequestSession) -> Any:
    """Change a member's title or role, suspend or reactivate them; their log-ins end."""
    return memberships.update(session, membership_id, **data.model_dump())


@router.delete(
    "/members/{membership_id}",
    status_code=204,
    dependencies=[needs("members:write", in_arrears=True)],
    responses=problems(
        NotFound,
        MoveNotAllowed,
        memberships.AboveOwnRank,
        memberships.LastOwner,
        memberships.LeadsClients,
    ),
)
def remove_member(membership_id: UUID, session: RequestSession) -> None:
    """Let a member go: their duties and log-ins end. Who leads a client hands it over first."""
    memberships.remove(session, membership_id)


@router.post(
    "/invitations",
    status_code=201,
    response_model=InvitationWritten,
    dependencies=[needs("invitations:write")],
    responses=problems(
        QuotaExceeded,
        NotFound,
        invitations.AlreadyMember,
        invitations.DutyNotForKind,
        invitations.DutyRequired,
        memberships.AboveOwnRank,
        memberships.RoleNotForKind,
    ),
)
def create_invitation(data: InvitationCreate, session: RequestSession) -> Any:
    """Invite somebody; an open invitation for the same address ends with it."""
    return invitations.create(session, **data.model_dump())


@router.get(
    "/invitations",
    response_model=Page[InvitationRead],
    dependencies=[needs("invitations:read")],
    responses=problems(InvalidCursor),
)
def list_invitations(page: Annotated[InvitationQuery, Query()], session: RequestSession) -> Any:
    """List the invitations, newest first."""
    return invitations.search(session, page)


@router.get(
    "/invitations/{invitation_id}",
    response_model=InvitationRead,
    dependencies=[needs("invitations:read")],
    responses=problems(NotFound),
)
def get_invitation(invitation_id: UUID, session: RequestSession) -> Any:
    """Read an invitation; its token is never shown again."""
    return Lookup(Invitation, invitation_id)


@router.delete(
    "/invitations/{invitation_id}",
    status_code=204,
    dependencies=[needs("invitations:write")],
    responses=problems(NotFound, MoveNotAllowed, memberships.AboveOwnRank),
)
def revoke_invitation(invitation_id: UUID, session: RequestSession) -> None:
    """Take an open invitation back."""
    invitations.revoke(session, invitation_id)


@router.get(
    "/sessions",
    response_model=Page[SessionRead],
    dependencies=[needs("account:read")],
    responses=problems(InvalidCursor),
)
def list_sessions(page: Annotated[SessionQuery, Query()], session: RequestSession) -> Any:
    """List your own open log-ins to this agency, newest first."""
    return sessions.search(session, page)


@router.delete("/sessions", status_code=204, dependencies=[needs("account:write", in_arrears=True)])
def end_other_sessions(session: RequestSession) -> None:
    """End all your log-ins to this agency but this one; `If-Match` is about this one, or `*`."""
    sessions.end_others(session)


@router.delete(
    "/sessions/{session_id}",
    status_code=204,
    dependencies=[needs("account:write", in_arrears=True)],
    responses=problems(NotFound),
)
def end_session(session_id: UUID, session: RequestSession) -> None:
    """End one of your own log-ins."""
    sessions.end(session, session_id)


_FITTING = problems(
    NotFound,
    Unprocessable,
    assignments.AlreadyAssigned,
    assignments.LeadMustServe,
    assignments.LeadStays,
    assignments.MemberNotActive,
    assignments.NobodyToStandInFor,
    assignments.OnlyStaffLead,
    invitations.DutyNotForKind,
)


@router.get(
    "/clients/{client_id}/assignments",
    response_model=Page[AssignmentRead],
    dependencies=[needs("assignments:read")],
    responses=problems(NotFound, InvalidCursor),
)
def list_assignments(
    client_id: UUID, page: Annotated[AssignmentQuery, Query()], session: RequestSession
) -> Any:
    """List who has, had or will have which duty on a client."""
    return assignments.search(session, client_id, page)


@router.post(
    "/clients/{client_id}/assignments",
    status_code=201,
    response_model=AssignmentRead,
    dependencies=[needs("assignments:write")],
    responses=_FITTING,
)
def create_assignment(client_id: UUID, data: AssignmentCreate, session: RequestSession) -> Any:
    """Give somebody a duty on a client; a new lead takes over from the former one."""
    return assignments.create(session, client_id, **data.model_dump())


@router.patch(
    "/clients/{client_id}/assignments/{assignment_id}",
    response_model=AssignmentRead,
    dependencies=[needs("assignments:write")],
    responses=_FITTING,
)
def update_assignment(
    client_id: UUID, assignment_id: UUID, data: AssignmentUpdate, session: RequestSession
) -> Any:
    """Change a duty's days, its stand-in, or who leads."""
    return assignments.update(session, client_id, assignment_id, **data.model_dump())


@router.delete(
    "/clients/{client_id}/assignments/{assignment_id}",
    status_code=204,
    dependencies=[needs("assignments:write")],
    responses=problems(NotFound, assignments.LeadStays),
)
def remove_assignment(client_id: UUID, assignment_id: UUID, session: RequestSession) -> None:
    """Take a duty from somebody; not from the lead account executive."""
    assignments.remove(session, client_id, assignment_id)


@router.get(
    "/clients/{client_id}/team",
    response_model=TeamRead,
    dependencies=[needs("assignments:read")],
    responses=problems(NotFound),
)
def get_team(client_id: UUID, session: RequestSession) -> Any:
    """Read who serves a client today, and which duties an active client has nobody for."""
    return assignments.team(session, client_id)
