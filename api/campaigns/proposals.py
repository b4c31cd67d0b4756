"""
What can be done to a campaign's proposal: made, approved, taken back.

One proposal, one decision: campaign, draft scope and draft budget make one document with one hash,
and deciding on it moves all three.
"""

from typing import Any, cast
from uuid import UUID

from sqlmodel import Session, col, select

from api.approvals import approvals, subjects
from api.approvals.models import ApprovalStatus, Outcome
from api.budgets import budgets
from api.campaigns import campaigns, scopes
from api.campaigns.models import Campaign, CampaignStatus, Scope, ScopeStatus
from api.comments import subjects as commented
from api.comments.models import SubjectType
from tenants import database, outbox
from tenants.errors import Forbidden, NotFound

DECIDED: dict[Outcome, CampaignStatus] = {
    Outcome.approved: CampaignStatus.approved,
    Outcome.changes_requested: CampaignStatus.draft,
    Outcome.rejected: CampaignStatus.rejected,
}


def propose(
    session: Session, campaign_id: UUID, *, scope_id: UUID | None, budget_id: UUID | None
) -> Campaign:
    """Put the campaign, with its draft scope and budget, to one decision on one document."""
    campaign = database.get(session, Campaign, campaign_id, lock=True)
    campaigns.check_move(campaign, CampaignStatus.proposed)
    _check_rights(session, campaign, scope_id, budget_id)
    rows: list[Any] = [campaign]
    if scope_id:
        rows.append(scopes.freeze(session, scope_id, campaign))
    if budget_id:
        budget = budgets.put_forward(session, budget_id)
        if budget.client_id != campaign.client_id:
            raise NotFound
        rows.append(budget)
        campaign.budget_id = budget_id
    campaign.status = CampaignStatus.proposed
    outbox.emit(session, "campaign.proposed", campaign, audience="client")
    approvals.ask(session, campaign.client_id, rows, title=campaign.name)
    return campaign


def approve(session: Session, campaign_id: UUID) -> Campaign:
    """The short form of deciding its open approval, and all that it covers."""
    campaign = database.get(session, Campaign, campaign_id)
    campaigns.check_move(campaign, CampaignStatus.approved)
    approvals.decide_for(session, campaign, Outcome.approved)
    return campaign


def withdraw(session: Session, campaign_id: UUID) -> Campaign:
    """Take the proposal back, with all that was put to the same decision."""
    campaign = database.get(session, Campaign, campaign_id)
    campaigns.check_move(campaign, CampaignStatus.draft)
    if campaign.approval_id is not None:
        approvals.withdraw(session, campaign.approval_id)
    campaign = database.get(session, Campaign, campaign_id, lock=True)
    campaigns.check_move(campaign, CampaignStatus.draft)
    campaign.status = CampaignStatus.draft
    covered = select(Scope).where(
        col(Scope.approval_id) == campaign.approval_id, col(Scope.status) == ScopeStatus.submitted
    )
    for scope in session.exec(covered.with_for_update(key_share=True)).all():
        scopes.close(session, scope, ScopeStatus.withdrawn)
    budgets.take_back(session, campaign.budget_id, campaign.approval_id)
    outbox.emit(session, "campaign.withdrawn", campaign, audience="client")
    return campaign


def content(session: Session, campaign: Campaign) -> dict[str, Any]:
    """What an approver is shown of a campaign."""
    return {
        "name": campaign.name,
        "goal": str(campaign.goal),
        "formats": campaign.formats,
        "brief": campaign.brief,
        "starts_on": campaign.starts_on.isoformat(),
        "ends_on": campaign.ends_on.isoformat(),
    }


def decided(session: Session, campaign: Campaign, outcome: Outcome) -> None:
    """What follows from the decision on a campaign."""
    to = DECIDED[outcome]
    campaigns.check_move(campaign, to)
    campaign.status = to
    outbox.emit(session, f"campaign.{outcome}", campaign, audience="client")


def undecided(session: Session, campaign: Campaign, ending: ApprovalStatus) -> None:
    """Nobody decided, or what was shown was changed: it is a draft again."""
    campaigns.check_move(campaign, CampaignStatus.draft)
    campaign.status = CampaignStatus.draft
    outbox.emit(session, "campaign.reopened", campaign)


def keep_inside(session: Session, campaign: Campaign, inside: bool) -> None:
    campaign.inside = inside


def _check_rights(
    session: Session, campaign: Campaign, scope_id: UUID | None, budget_id: UUID | None
) -> None:
    """What is put forward together needs the right to put forward each."""
    sight = cast(database.Session, session).sight
    for id, permission in ((scope_id, "scopes:submit"), (budget_id, "budgets:propose")):
        if id and not sight.may(permission, campaign.client_id):
            raise Forbidden


subjects.register(
    Campaign, content=content, decided=decided, undecided=undecided, keep_inside=keep_inside
)
commented.register(SubjectType.campaigns, commented.rows_of(Campaign), Campaign)
