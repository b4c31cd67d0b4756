"""What can be done to a campaign: planned, proposed, run, held, finished, called off."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.approvals import approvals, edits
from api.budgets import budgets
from api.budgets.models import Budget
from api.campaigns import deliverables, lots, periods, retainers, scopes
from api.campaigns.campaign_shapes import CampaignQuery
from api.campaigns.deliverable_models import WaitCause
from api.campaigns.models import Campaign, CampaignStatus, Scope, ScopeStatus
from api.clients.models import Contract
from tenants import database, outbox
from tenants.errors import Conflict, MoveNotAllowed, NotFound, Unprocessable
from tenants.models import Client
from tenants.pages import Listing

_State = CampaignStatus
MOVES: dict[CampaignStatus, frozenset[CampaignStatus]] = {
    _State.draft: frozenset({_State.proposed, _State.cancelled}),
    _State.proposed: frozenset({_State.approved, _State.draft, _State.rejected, _State.cancelled}),
    _State.approved: frozenset({_State.active, _State.cancelled}),
    _State.active: frozenset({_State.paused, _State.completed, _State.cancelled}),
    _State.paused: frozenset({_State.active, _State.completed, _State.cancelled}),
    _State.completed: frozenset(),
    _State.rejected: frozenset({_State.cancelled}),
    _State.cancelled: frozenset(),
}


@dataclass(frozen=True)
class Effects:
    """What reaching a state does to the campaign's work; what was spent stays spent."""

    stops_clocks: bool = False
    restarts_clocks: bool = False
    ends_work: bool = False  # closes its lots; refused while deliverables are open, unless it
    cancels_deliverables: bool = False


EFFECTS: dict[CampaignStatus, Effects] = {
    _State.active: Effects(restarts_clocks=True),
    _State.paused: Effects(stops_clocks=True),
    _State.completed: Effects(ends_work=True),
    _State.cancelled: Effects(ends_work=True, cancels_deliverables=True),
}


class CampaignNotDraft(Conflict):
    """Only a draft or a proposal changes, and not the budget that a proposal is made with."""


class CampaignEndsTooEarly(Unprocessable):
    """A campaign cannot end before it starts."""


class WorkUnfinished(Conflict):
    """Some of its deliverables are neither delivered nor cancelled."""


def search(session: Session, page: CampaignQuery) -> Listing:
    """The campaigns in sight, newest first; ones that came to nothing only by name."""
    query = select(Campaign)
    if page.client_id:
        query = query.where(col(Campaign.client_id) == page.client_id)
    if page.status:
        query = query.where(col(Campaign.status) == page.status)
    else:
        for gone in (CampaignStatus.cancelled, CampaignStatus.rejected):
            query = query.where(col(Campaign.status) != gone)
    return Listing(query, Campaign, page)


def create(session: Session, client_id: UUID, **values: Any) -> Campaign:
    client = database.get(session, Client, client_id)
    values["brief"] = values["brief"] or {}
    _check(session, client.id, values)
    campaign = Campaign(client_id=client.id, **values)
    database.add(session, campaign)
    outbox.emit(session, "campaign.created", campaign)
    return campaign


def update(session: Session, campaign_id: UUID, **changes: Any) -> Campaign:
    """Change a draft, or a proposal, which that takes back if it changes what was shown."""
    campaign = database.get(session, Campaign, campaign_id)
    with edits.of(session, campaign):
        database.check_version(session, campaign)
        proposed = campaign.status is CampaignStatus.proposed
        if proposed and changes.get("budget_id", campaign.budget_id) != campaign.budget_id:
            raise CampaignNotDraft
        if campaign.status is not CampaignStatus.draft and not proposed:
            raise CampaignNotDraft
        _check(session, campaign.client_id, {**campaign.model_dump(), **changes})
        campaign.sqlmodel_update(changes)
        outbox.emit(session, "campaign.updated", campaign)
    return campaign


def activate(session: Session, campaign_id: UUID) -> Campaign:
    """Begin what was approved."""
    _check_since(session, campaign_id, CampaignStatus.approved)
    return _move(session, campaign_id, CampaignStatus.active, "campaign.activated")


def pause(session: Session, campaign_id: UUID, cause: WaitCause) -> Campaign:
    """Hold it: the clocks of its deliverables stop until it is resumed."""
    return _move(session, campaign_id, CampaignStatus.paused, "campaign.paused", cause)


def resume(session: Session, campaign_id: UUID) -> Campaign:
    """Go on: what was due is due later by the days it was held."""
    _check_since(session, campaign_id, CampaignStatus.paused)
    return _move(session, campaign_id, CampaignStatus.active, "campaign.resumed")


def complete(session: Session, campaign_id: UUID) -> Campaign:
    """Finish it, when all its deliverables are delivered or cancelled."""
    return _move(session, campaign_id, CampaignStatus.completed, "campaign.completed")


def cancel(session: Session, campaign_id: UUID) -> Campaign:
    """Call it off: open deliverables are cancelled and what they had reserved is let go."""
    # Whoever decides holds the approval first, and then what it covers: so do we.
    approvals.hold_open(session, database.get(session, Campaign, campaign_id).approval_id)
    campaign = database.get(session, Campaign, campaign_id, lock=True)
    if campaign.status is CampaignStatus.proposed:
        approvals.supersede(session, campaign.approval_id)
        budgets.take_back(session, campaign.budget_id, campaign.approval_id)
    return _move(session, campaign_id, CampaignStatus.cancelled, "campaign.cancelled")


def check_move(campaign: Campaign, to: CampaignStatus) -> None:
    if to not in MOVES[campaign.status]:
        raise MoveNotAllowed(campaign.status, [*MOVES[campaign.status]])


def _check_since(session: Session, campaign_id: UUID, state: CampaignStatus) -> None:
    """Beginning and going on lead to the same state, each from its own."""
    campaign = database.get(session, Campaign, campaign_id, lock=True)
    if campaign.status is not state:
        raise MoveNotAllowed(campaign.status, [*MOVES[campaign.status]])


def _move(
    session: Session,
    campaign_id: UUID,
    to: CampaignStatus,
    event: str,
    cause: WaitCause | None = None,
) -> Campaign:
    campaign = database.get(session, Campaign, campaign_id, lock=True)
    check_move(campaign, to)
    effects, today = EFFECTS[to], periods.today(session, campaign.client_id)
    days = (today - campaign.paused_on).days if campaign.paused_on else 0
    since = campaign.paused_cause
    campaign.status, campaign.paused_cause = to, cause
    campaign.paused_on = today if effects.stops_clocks else None
    if effects.restarts_clocks and since and days > 0:
        for row in deliverables.open_in(session, campaign.id):
            deliverables.put_off(session, row, days, since)
    if effects.ends_work:
        _end_work(session, campaign, effects, today)
    outbox.emit(session, event, campaign, audience="client")
    return campaign


def _end_work(session: Session, campaign: Campaign, effects: Effects, today: date) -> None:
    """Nothing more is drawn from its lots, and nothing of it waits for a decision."""
    submitted = select(Scope).where(
        col(Scope.campaign_id) == campaign.id, col(Scope.status) == ScopeStatus.submitted
    )
    for scope in session.exec(submitted).all():
        approvals.supersede(session, scope.approval_id)
        scopes.close(session, scope, ScopeStatus.withdrawn)
    # Lots before deliverables: the order in which every verb holds them.
    held = {lot.id: lot for lot in retainers.of_campaign(session, campaign.id)}
    open_ones = deliverables.open_in(session, campaign.id)
    if open_ones and not effects.cancels_deliverables:
        raise WorkUnfinished(extra={"open": len(open_ones)})
    for row in open_ones:
        deliverables.call_off(session, row, held[row.lot_id])
    for lot in held.values():
        lots.close(session, lot, today)


def _check(session: Session, client_id: UUID, values: dict[str, Any]) -> None:
    if values["ends_on"] < values["starts_on"]:
        raise CampaignEndsTooEarly(pointer="/ends_on")
    budget_id, contract_id = values["budget_id"], values["contract_id"]
    if budget_id and database.get(session, Budget, budget_id).client_id != client_id:
        raise NotFound
    if contract_id and database.get(session, Contract, contract_id).client_id != client_id:
        raise NotFound
