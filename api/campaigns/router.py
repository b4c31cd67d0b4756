"""Routes of campaigns and scopes; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.approvals import approvals, quorum
from api.budgets import budgets
from api.budgets.budgets import PeriodBackwards
from api.campaigns import campaigns, consumption, lines, lots, proposals, scopes
from api.campaigns.baseline import Baseline, NoBaseline
from api.campaigns.campaign_shapes import (
    CampaignCreate,
    CampaignPause,
    CampaignPropose,
    CampaignQuery,
    CampaignRead,
    CampaignUpdate,
)
from api.campaigns.models import Campaign, ScopeLine
from api.campaigns.scope_shapes import (
    ClientScopeRead,
    ScopeCreate,
    ScopeLineCreate,
    ScopeLineRead,
    ScopeLineUpdate,
    ScopeQuery,
    ScopeRead,
    ScopeReject,
    ScopeSummary,
    ScopeUpdate,
)
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from tenants.errors import MoveNotAllowed, NotFound
from tenants.pages import InvalidCursor, Page
from tenants.reads import Lookup
from tenants.shapes import Day, Instant

router = domain_router("campaigns")


@router.post(
    "/campaigns",
    status_code=201,
    response_model=CampaignRead,
    dependencies=[needs("campaigns:write")],
    responses=problems(NotFound, campaigns.CampaignEndsTooEarly),
)
def create_campaign(data: CampaignCreate, session: RequestSession) -> Any:
    """Plan a campaign: its goal, its formats, its brief and its dates."""
    return campaigns.create(session, **data.model_dump())


@router.get(
    "/campaigns",
    response_model=Page[CampaignRead],
    dependencies=[needs("campaigns:read")],
    responses=problems(InvalidCursor),
)
def list_campaigns(page: Annotated[CampaignQuery, Query()], session: RequestSession) -> Any:
    """List campaigns, newest first; cancelled and rejected ones only when `status` names them."""
    return campaigns.search(session, page)


@router.get(
    "/campaigns/{campaign_id}",
    response_model=CampaignRead,
    dependencies=[needs("campaigns:read")],
    responses=problems(NotFound),
)
def get_campaign(campaign_id: UUID, session: RequestSession) -> Any:
    """Read a campaign."""
    return Lookup(Campaign, campaign_id)


@router.patch(
    "/campaigns/{campaign_id}",
    response_model=CampaignRead,
    dependencies=[needs("campaigns:write")],
    responses=problems(NotFound, campaigns.CampaignNotDraft, campaigns.CampaignEndsTooEarly),
)
def update_campaign(campaign_id: UUID, data: CampaignUpdate, session: RequestSession) -> Any:
    """Change a draft, or a proposal, which that takes back if it changes what was shown."""
    return campaigns.update(session, campaign_id, **data.model_dump())


@router.post(
    "/campaigns/{campaign_id}/propose",
    response_model=CampaignRead,
    dependencies=[needs("campaigns:propose")],
    responses=problems(
        NotFound,
        MoveNotAllowed,
        budgets.EmptyBudget,
        scopes.ScopeWithoutLines,
        scopes.RenewalWithoutStart,
        scopes.RenewalChanged,
        scopes.ScopeAlreadySubmitted,
        scopes.ScopeOutdated,
        scopes.ScopeExpired,
        scopes.CampaignOver,
        quorum.QuorumOutOfReach,
    ),
)
def propose_campaign(campaign_id: UUID, data: CampaignPropose, session: RequestSession) -> Any:
    """Put the campaign, its draft scope and its draft budget to one decision on one document."""
    return proposals.propose(session, campaign_id, **data.model_dump())


@router.post(
    "/campaigns/{campaign_id}/approve",
    response_model=CampaignRead,
    dependencies=[needs("campaigns:approve")],
    responses=problems(
        NotFound,
        MoveNotAllowed,
        *approvals.REFUSALS,
        lots.ScopeBelowWork,
        scopes.ScopeExpired,
    ),
)
def approve_campaign(campaign_id: UUID, session: RequestSession) -> Any:
    """Approve what was proposed: the short form of deciding its open approval."""
    return proposals.approve(session, campaign_id)


@router.post(
    "/campaigns/{campaign_id}/withdraw",
    response_model=CampaignRead,
    dependencies=[needs("campaigns:propose")],
    responses=problems(NotFound, MoveNotAllowed),
)
def withdraw_campaign(campaign_id: UUID, session: RequestSession) -> Any:
    """Take the proposal back, with all that was put to the same decision."""
    return proposals.withdraw(session, campaign_id)


@router.post(
    "/campaigns/{campaign_id}/activate",
    response_model=CampaignRead,
    dependencies=[needs("campaigns:run")],
    responses=problems(NotFound, MoveNotAllowed),
)
def activate_campaign(campaign_id: UUID, session: RequestSession) -> Any:
    """Begin what was approved."""
    return campaigns.activate(session, campaign_id)


@router.post(
    "/campaigns/{campaign_id}/resume",
    response_model=CampaignRead,
    dependencies=[needs("campaigns:run")],
    responses=problems(NotFound, MoveNotAllowed),
)
def resume_campaign(campaign_id: UUID, session: RequestSession) -> Any:
    """Go on: what was due is due later by the days it was held."""
    return campaigns.resume(session, campaign_id)


@router.post(
    "/campaigns/{campaign_id}/complete",
    response_model=CampaignRead,
    dependencies=[needs("campaigns:run")],
    responses=problems(NotFound, MoveNotAllowed, campaigns.WorkUnfinished),
)
def complete_campaign(campaign_id: UUID, session: RequestSession) -> Any:
    """Finish it, when all its deliverables are delivered or cancelled."""
    return campaigns.complete(session, campaign_id)


@router.post(
    "/campaigns/{campaign_id}/cancel",
    response_model=CampaignRead,
    dependencies=[needs("campaigns:run")],
    responses=problems(NotFound, MoveNotAllowed),
)
def cancel_campaign(campaign_id: UUID, session: RequestSession) -> Any:
    """Call it off: open deliverables are cancelled, and their units are let go."""
    return campaigns.cancel(session, campaign_id)


@router.post(
    "/campaigns/{campaign_id}/pause",
    response_model=CampaignRead,
    dependencies=[needs("campaigns:run")],
    responses=problems(NotFound, MoveNotAllowed),
)
def pause_campaign(campaign_id: UUID, data: CampaignPause, session: RequestSession) -> Any:
    """Hold it: the clocks of its deliverables stop until it is resumed."""
    return campaigns.pause(session, campaign_id, data.cause)


@router.get(
    "/campaigns/{campaign_id}/scope",
    response_model=ScopeRead,
    dependencies=[needs("scopes:read")],
    responses=problems(NotFound, NoBaseline),
)
def get_campaign_scope(
    campaign_id: UUID, session: RequestSession, as_of: Annotated[Instant | None, Query()] = None
) -> Any:
    """Read the baseline: the scope in force, now or at the instant `as_of`."""
    return Baseline(campaign_id, as_of)


@router.post(
    "/scopes",
    status_code=201,
    response_model=ScopeRead,
    dependencies=[needs("scopes:write")],
    responses=problems(
        NotFound,
        scopes.ScopeEndsTooEarly,
        lines.LineCurrency,
        lines.ScopeTooLarge,
        lines.RenewalUnsound,
    ),
)
def create_scope(data: ScopeCreate, session: RequestSession) -> Any:
    """Draft a scope with its lines: the next version of its campaign's, if it has one."""
    return scopes.create(session, **data.model_dump())


@router.get(
    "/scopes",
    response_model=Page[ScopeSummary],
    dependencies=[needs("scopes:read")],
    responses=problems(InvalidCursor),
)
def list_scopes(page: Annotated[ScopeQuery, Query()], session: RequestSession) -> Any:
    """List scopes, newest first."""
    return scopes.search(session, page)


@router.get(
    "/scopes/{scope_id}",
    response_model=ScopeRead,
    dependencies=[needs("scopes:read")],
    responses=problems(NotFound),
)
def get_scope(scope_id: UUID, session: RequestSession) -> Any:
    """Read a scope with its lines."""
    return scopes.read(session, scope_id)


@router.patch(
    "/scopes/{scope_id}",
    response_model=ScopeRead,
    dependencies=[needs("scopes:write")],
    responses=problems(NotFound, lines.ScopeNotDraft, scopes.ScopeEndsTooEarly),
)
def update_scope(scope_id: UUID, data: ScopeUpdate, session: RequestSession) -> Any:
    """Change a draft scope."""
    return scopes.update(session, scope_id, **data.model_dump())


@router.post(
    "/scopes/{scope_id}/lines",
    status_code=201,
    response_model=ScopeLineRead,
    dependencies=[needs("scopes:write")],
    responses=problems(
        NotFound,
        lines.ScopeNotDraft,
        lines.LineCurrency,
        lines.ScopeTooLarge,
        lines.RenewalUnsound,
    ),
)
def create_scope_line(scope_id: UUID, data: ScopeLineCreate, session: RequestSession) -> Any:
    """Add a line to a draft scope."""
    return lines.add(session, scope_id, **data.model_dump())


@router.get(
    "/scope-lines/{line_id}",
    response_model=ScopeLineRead,
    dependencies=[needs("scopes:read")],
    responses=problems(NotFound),
)
def get_scope_line(line_id: UUID, session: RequestSession) -> Any:
    """Read a line of a scope."""
    return Lookup(ScopeLine, line_id)


@router.patch(
    "/scope-lines/{line_id}",
    response_model=ScopeLineRead,
    dependencies=[needs("scopes:write")],
    responses=problems(
        NotFound,
        lines.ScopeNotDraft,
        lines.LineCurrency,
        lines.ScopeTooLarge,
        lines.RenewalUnsound,
    ),
)
def update_scope_line(line_id: UUID, data: ScopeLineUpdate, session: RequestSession) -> Any:
    """Change a line of a draft scope."""
    return lines.update(session, line_id, **data.model_dump())


@router.delete(
    "/scope-lines/{line_id}",
    status_code=204,
    dependencies=[needs("scopes:write")],
    responses=problems(NotFound, lines.ScopeNotDraft),
)
def delete_scope_line(line_id: UUID, session: RequestSession) -> None:
    """Take a line out of a draft scope."""
    lines.remove(session, line_id)


@router.post(
    "/scopes/{scope_id}/submit",
    response_model=ScopeRead,
    dependencies=[needs("scopes:submit")],
    responses=problems(
        NotFound,
        MoveNotAllowed,
        scopes.ScopeWithoutLines,
        scopes.RenewalWithoutStart,
        scopes.RenewalChanged,
        scopes.ScopeAlreadySubmitted,
        scopes.ScopeOutdated,
        scopes.ScopeExpired,
        scopes.CampaignOver,
        quorum.QuorumOutOfReach,
    ),
)
def submit_scope(scope_id: UUID, session: RequestSession) -> Any:
    """Freeze the document and put it to the client's decision."""
    return scopes.submit(session, scope_id)


@router.post(
    "/scopes/{scope_id}/accept",
    response_model=ScopeRead,
    dependencies=[needs("scopes:decide")],
    responses=problems(
        NotFound,
        MoveNotAllowed,
        *approvals.REFUSALS,
        lots.ScopeBelowWork,
        scopes.ScopeExpired,
    ),
)
def accept_scope(scope_id: UUID, session: RequestSession) -> Any:
    """Accept a scope: the short form of deciding its open approval."""
    return scopes.accept(session, scope_id)


@router.post(
    "/scopes/{scope_id}/reject",
    response_model=ScopeRead,
    dependencies=[needs("scopes:decide")],
    responses=problems(NotFound, MoveNotAllowed, *approvals.REFUSALS),
)
def reject_scope(scope_id: UUID, data: ScopeReject, session: RequestSession) -> Any:
    """Reject a scope: the short form of deciding its open approval."""
    return scopes.reject(session, scope_id, data.reason)


@router.post(
    "/scopes/{scope_id}/withdraw",
    response_model=ScopeRead,
    dependencies=[needs("scopes:submit")],
    responses=problems(NotFound, MoveNotAllowed, scopes.PartOfProposal),
)
def withdraw_scope(scope_id: UUID, session: RequestSession) -> Any:
    """Take a scope back before it is decided on."""
    return scopes.withdraw(session, scope_id)


@router.get(
    "/clients/{client_id}/scope",
    response_model=ClientScopeRead,
    dependencies=[needs("scopes:read")],
    responses=problems(NotFound, PeriodBackwards),
)
def get_client_scope(
    client_id: UUID,
    session: RequestSession,
    start: Annotated[Day | None, Query(alias="from")] = None,
    end: Annotated[Day | None, Query(alias="to")] = None,
    campaign_id: UUID | None = None,
) -> Any:
    """Read what a client bought and got, line by line; this month, unless `from` and `to` say."""
    return consumption.ConsumptionJson(client_id, start, end, campaign_id)
