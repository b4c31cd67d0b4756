"""Routes of approvals; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.approvals import approvals, deadlines, levels, links, policies, quorum, records
from api.approvals.shapes import (
    ApprovalContest,
    ApprovalDecide,
    ApprovalLinkCreate,
    ApprovalLinkMade,
    ApprovalLinkQuery,
    ApprovalLinkRead,
    ApprovalPolicyRead,
    ApprovalPolicySet,
    ApprovalQuery,
    ApprovalRead,
    ApprovalSummary,
    DecisionRecord,
)
from api.files.files import FileNotForClient
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from tenants.errors import MoveNotAllowed, NotFound
from tenants.pages import InvalidCursor, Page

router = domain_router("approvals")


@router.get(
    "/clients/{client_id}/approval-policy",
    response_model=ApprovalPolicyRead,
    dependencies=[needs("approval_policies:read")],
    responses=problems(NotFound),
)
def get_approval_policy(client_id: UUID, session: RequestSession) -> Any:
    """Read how a client's approvals are asked for; the defaults while nothing was set."""
    return policies.read(session, client_id)


@router.put(
    "/clients/{client_id}/approval-policy",
    response_model=ApprovalPolicyRead,
    dependencies=[needs("approval_policies:write")],
    responses=problems(NotFound, policies.QuorumCountMismatch, policies.DeadlineMissing),
)
def set_approval_policy(client_id: UUID, data: ApprovalPolicySet, session: RequestSession) -> Any:
    """Set how a client's approvals are asked for from now on; open ones keep what they have."""
    return policies.put(session, client_id, **data.model_dump(mode="json"))


@router.get(
    "/approvals",
    response_model=Page[ApprovalSummary],
    dependencies=[needs("approvals:read")],
    responses=problems(InvalidCursor),
)
def list_approvals(page: Annotated[ApprovalQuery, Query()], session: RequestSession) -> Any:
    """List what was asked of approvers, newest first; `waiting_on=me`: what you can decide now."""
    return approvals.search(session, page)


@router.get(
    "/approvals/{approval_id}",
    response_model=ApprovalRead,
    dependencies=[needs("approvals:read")],
    responses=problems(NotFound),
)
def get_approval(approval_id: UUID, session: RequestSession) -> Any:
    """Read an approval: what is asked, the document, and every decision."""
    return approvals.read(session, approval_id)


@router.post(
    "/approvals/{approval_id}/decide",
    response_model=ApprovalRead,
    dependencies=[needs("approvals:read")],
    responses=problems(
        NotFound,
        MoveNotAllowed,
        approvals.ReasonRequired,
        *approvals.REFUSALS,
    ),
)
def decide_approval(approval_id: UUID, data: ApprovalDecide, session: RequestSession) -> Any:
    """Approve, ask for changes, or reject; everything the approval covers moves with it."""
    decided = approvals.decide(session, approval_id, **data.model_dump())
    return approvals.opened(session, decided)


@router.post(
    "/approvals/{approval_id}/record",
    response_model=ApprovalRead,
    dependencies=[needs("approvals:record")],
    responses=problems(
        NotFound,
        MoveNotAllowed,
        approvals.ReasonRequired,
        levels.ContentChanged,
        quorum.AlreadyDecided,
        deadlines.ApprovalOverdue,
        records.RecordingNotAllowed,
        records.RecordLimitExceeded,
        FileNotForClient,
    ),
)
def record_decision(approval_id: UUID, data: DecisionRecord, session: RequestSession) -> Any:
    """Record a decision the client gave by phone or mail, with evidence; lead executive only."""
    return records.record(session, approval_id, **data.model_dump())


@router.post(
    "/approvals/{approval_id}/contest",
    response_model=ApprovalRead,
    dependencies=[needs("approvals:contest")],
    responses=problems(NotFound, records.NothingToContest, records.AlreadyContested),
)
def contest_approval(approval_id: UUID, data: ApprovalContest, session: RequestSession) -> Any:
    """Contest, for the client, a decision that was recorded in its name; it undoes nothing."""
    return records.contest(session, approval_id, **data.model_dump())


@router.post(
    "/approvals/{approval_id}/links",
    status_code=201,
    response_model=ApprovalLinkMade,
    dependencies=[needs("approval_links:write")],
    responses=problems(NotFound, MoveNotAllowed, links.InternalDecision, links.LinkForStaff),
)
def create_approval_link(
    approval_id: UUID, data: ApprovalLinkCreate, session: RequestSession
) -> Any:
    """Let somebody of the client decide without an account; the address is mailed to them."""
    return links.create(session, approval_id, **data.model_dump())


@router.get(
    "/approval-links",
    response_model=Page[ApprovalLinkRead],
    dependencies=[needs("approval_links:read")],
    responses=problems(InvalidCursor),
)
def list_approval_links(
    page: Annotated[ApprovalLinkQuery, Query()], session: RequestSession
) -> Any:
    """List who was given an address to decide at, newest first."""
    return links.search(session, page)


@router.delete(
    "/approval-links/{link_id}",
    response_model=ApprovalLinkRead,
    dependencies=[needs("approval_links:write")],
    responses=problems(NotFound),
)
def revoke_approval_link(link_id: UUID, session: RequestSession) -> Any:
    """End an address now; it stays in the list, revoked."""
    return links.revoke(session, link_id)
