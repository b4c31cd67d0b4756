"""What can be done to a scope: drafted, submitted, decided, withdrawn, let expire."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.approvals import approvals, subjects
from api.approvals.models import ApprovalStatus, Outcome
from api.campaigns import lines, numbers, succession
from api.campaigns.models import (
    Campaign,
    CampaignStatus,
    NumberSeries,
    Scope,
    ScopeLine,
    ScopeStatus,
)
from api.campaigns.scope_shapes import ScopeQuery
from api.clients.models import Contract
from api.comments import subjects as commented
from api.comments.models import SubjectType
from tenants import clock, database, outbox
from tenants.errors import Conflict, MoveNotAllowed, NotFound, Unprocessable
from tenants.models import Client
from tenants.pages import Listing

_State = ScopeStatus
MOVES: dict[ScopeStatus, frozenset[ScopeStatus]] = {
    _State.draft: frozenset({_State.submitted}),
    _State.submitted: frozenset(
        {_State.accepted, _State.rejected, _State.withdrawn, _State.expired}
    ),
    _State.accepted: frozenset({_State.superseded}),
    _State.rejected: frozenset(),
    _State.withdrawn: frozenset(),
    _State.expired: frozenset(),
    _State.superseded: frozenset(),
}

OVER = frozenset({CampaignStatus.completed, CampaignStatus.rejected, CampaignStatus.cancelled})


class ScopeWithoutLines(Conflict):
    """A scope without lines says nothing to decide on."""


class ScopeAlreadySubmitted(Conflict):
    """Another version is being decided on; withdraw it first."""


class ScopeOutdated(Conflict):
    """A later version is the baseline, or this one was not drafted from it; copy the baseline."""


class ScopeExpired(Conflict):
    """The day until which the scope was offered has passed."""


class RenewalWithoutStart(Conflict):
    """What renews does so from the day on which its scope starts: say which."""


class RenewalChanged(Conflict):
    """A line that goes on renews as it did, from the same day; take it out and add another."""


class CampaignOver(Conflict):
    """The campaign is completed, rejected or cancelled: nothing more is sold for it."""


class PartOfProposal(Conflict):
    """It was put to the same decision as its campaign; withdraw the campaign's proposal."""


class ScopeEndsTooEarly(Unprocessable):
    """A scope cannot end before it starts."""


@dataclass(frozen=True)
class Opened:
    """A scope with its lines."""

    scope: Scope
    lines: Sequence[ScopeLine]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.scope, name)


def search(session: Session, page: ScopeQuery) -> Listing:
    """The scopes in sight, newest first."""
    query = select(Scope)
    for name in ("client_id", "campaign_id", "contract_id", "status"):
        if (value := getattr(page, name)) is not None:
            query = query.where(getattr(Scope, name) == value)
    return Listing(query, Scope, page)


def read(session: Session, scope_id: UUID) -> Opened:
    return _opened(session, database.get(session, Scope, scope_id))


def create(
    session: Session,
    client_id: UUID,
    *,
    campaign_id: UUID | None,
    copy_of: UUID | None,
    lines: Sequence[dict[str, Any]],
    **values: Any,
) -> Opened:
    """Draft a scope, the next version of its campaign's if it has one."""
    client = database.get(session, Client, client_id)
    campaign = database.get(session, Campaign, campaign_id, lock=True) if campaign_id else None
    source = database.get(session, Scope, copy_of) if copy_of else None
    for row in (campaign, source):
        if row is not None and row.client_id != client.id:
            raise NotFound
    values["currency"] = values["currency"] or (source.currency if source else client.currency)
    _check(session, client.id, values)
    scope = Scope(
        client_id=client.id,
        campaign_id=campaign_id,
        copy_of=copy_of,
        number=numbers.following(session, NumberSeries.scopes),
        version_number=succession.next_version(session, campaign_id),
        **values,
    )
    database.add(session, scope)
    _fill(session, scope, source, lines)
    outbox.emit(session, "scope.created", scope)
    return _opened(session, scope)


def update(session: Session, scope_id: UUID, **changes: Any) -> Opened:
    scope = database.get(session, Scope, scope_id, lock=True)
    lines.check_draft(scope)
    _check(session, scope.client_id, {**scope.model_dump(), **changes})
    scope.sqlmodel_update(changes)
    outbox.emit(session, "scope.updated", scope)
    return _opened(session, scope)


def submit(session: Session, scope_id: UUID) -> Opened:
    """Freeze the document and put it to the client's decision."""
    scope = database.get(session, Scope, scope_id)
    campaign = None
    if scope.campaign_id:
        # One version at a time is decided on: whoever submits holds the campaign.
        campaign = database.get(session, Campaign, scope.campaign_id, lock=True)
    scope = freeze(session, scope_id, campaign)
    approvals.ask(session, scope.client_id, [scope], title=scope.title)
    return _opened(session, scope)


def freeze(session: Session, scope_id: UUID, campaign: Campaign | None) -> Scope:
    """From draft to submitted: the document never changes again. The campaign is held."""
    scope = database.get(session, Scope, scope_id, lock=True)
    _check_move(scope, ScopeStatus.submitted)
    if campaign is not None and scope.campaign_id != campaign.id:
        raise NotFound
    if campaign is not None and campaign.status in OVER:
        raise CampaignOver
    document = lines.of_scope(session, scope.id)
    if not document:
        raise ScopeWithoutLines
    check_renewals(scope, document)
    _check_offer(session, scope)
    _check_turn(session, scope, document)
    for line in document:
        line.shared = True
    scope.status, scope.submitted_at = ScopeStatus.submitted, clock.now()
    outbox.emit(session, "scope.submitted", scope, audience="client")
    return scope


def accept(session: Session, scope_id: UUID) -> Opened:
    """The short form of deciding its open approval."""
    return _decide(session, scope_id, ScopeStatus.accepted, Outcome.approved)


def reject(session: Session, scope_id: UUID, reason: str) -> Opened:
    """The short form of deciding its open approval."""
    return _decide(session, scope_id, ScopeStatus.rejected, Outcome.rejected, reason=reason)


def withdraw(session: Session, scope_id: UUID) -> Opened:
    """Take the scope back before it is decided on."""
    scope = database.get(session, Scope, scope_id)
    _check_move(scope, ScopeStatus.withdrawn)
    scope = _take_back(session, scope)
    close(session, scope, ScopeStatus.withdrawn)
    return _opened(session, scope)


def close(session: Session, scope: Scope, to: ScopeStatus) -> None:
    """It was not accepted: withdrawn or expired. The scope is held."""
    _check_move(scope, to)
    scope.status = to
    outbox.emit(session, f"scope.{to}", scope, audience="client")


def expire(session: Session) -> int:
    """Let every offer of the agency whose day has passed expire; returns how many."""
    offers = session.exec(
        select(Scope, Client.timezone)
        .join(
            Client,
            (col(Client.agency_id) == col(Scope.agency_id))
            & (col(Client.id) == col(Scope.client_id)),
        )
        .where(col(Scope.status) == ScopeStatus.submitted, col(Scope.valid_until).is_not(None))
    ).all()
    over = [scope for scope, zone in offers if _is_over(scope, clock.today(zone))]
    alone = [scope for scope in over if not approvals.covers_more(session, scope.approval_id)]
    for scope in alone:
        close(session, _take_back(session, scope), ScopeStatus.expired)
    return len(alone)


def content(session: Session, scope: Scope) -> dict[str, Any]:
    """What an approver is shown of a scope: the whole document."""
    return {
        "number": scope.number,
        "version_number": scope.version_number,
        "title": scope.title,
        "starts_on": _day(scope.starts_on),
        "ends_on": _day(scope.ends_on),
        "valid_until": _day(scope.valid_until),
        "total": scope.total.model_dump(),
        "lines": [_line_content(line) for line in lines.of_scope(session, scope.id)],
    }


def decided(session: Session, scope: Scope, outcome: Outcome) -> None:
    """
    What follows from the decision on a scope. Accepted, it is its campaign's baseline and its lots
    are open. Changes that are asked for make another version: this one is rejected.
    """
    if outcome is not Outcome.approved:
        _check_move(scope, ScopeStatus.rejected)
        scope.status = ScopeStatus.rejected
        outbox.emit(session, "scope.rejected", scope, audience="client")
        return
    _check_move(scope, ScopeStatus.accepted)
    _check_offer(session, scope)
    former = succession.accepted_of(session, scope.campaign_id) if scope.campaign_id else None
    succession.take_over(session, scope, former)
    outbox.emit(session, "scope.accepted", scope, audience="client")


def undecided(session: Session, scope: Scope, ending: ApprovalStatus) -> None:
    """It expired, or went with a proposal that was changed; what was submitted never is."""
    expired = ending is ApprovalStatus.expired
    close(session, scope, ScopeStatus.expired if expired else ScopeStatus.withdrawn)


def keep_inside(session: Session, scope: Scope, inside: bool) -> None:
    scope.inside = inside
    for line in lines.of_scope(session, scope.id):
        line.shared = not inside


subjects.register(
    Scope,
    content=content,
    decided=decided,
    undecided=undecided,
    keep_inside=keep_inside,
    amounts=lambda session, scope: [scope.total],
)
commented.register(SubjectType.scopes, commented.rows_of(Scope), Scope)


def _decide(
    session: Session, scope_id: UUID, to: ScopeStatus, outcome: Outcome, **words: Any
) -> Opened:
    scope = database.get(session, Scope, scope_id)
    _check_move(scope, to)
    approvals.decide_for(session, scope, outcome, **words)
    return _opened(session, scope)


def _take_back(session: Session, scope: Scope) -> Scope:
    """Withdraw the approval, which whoever decides would hold first, then hold the scope."""
    if scope.approval_id is None or approvals.covers_more(session, scope.approval_id):
        raise PartOfProposal
    approvals.withdraw(session, scope.approval_id)
    return database.get(session, Scope, scope.id, lock=True)


def _fill(
    session: Session, scope: Scope, source: Scope | None, drafts: Sequence[dict[str, Any]]
) -> None:
    copies = lines.copied(session, source, scope) if source else []
    if source and source.currency != scope.currency:
        raise lines.LineCurrency(pointer="/currency")
    lines.put(session, scope, [*copies, *drafts])


def _check_turn(session: Session, scope: Scope, document: Sequence[ScopeLine]) -> None:
    """One version at a time is decided on, and it goes on from the baseline there is."""
    if scope.campaign_id is None:
        return
    others = select(Scope).where(col(Scope.campaign_id) == scope.campaign_id)
    states = {row.status: row for row in session.exec(others)}
    if ScopeStatus.submitted in states:
        raise ScopeAlreadySubmitted
    former = states.get(ScopeStatus.accepted)
    known = {line.id: line for line in lines.of_scope(session, former.id)} if former else {}
    continued = [line for line in document if line.continues]
    if any(line.continues not in known for line in continued) or (
        former and former.version_number > scope.version_number
    ):
        raise ScopeOutdated
    for line in continued:
        before = known[line.continues].renewal if line.continues else None
        moved = former is not None and former.starts_on != scope.starts_on
        if line.renewal != before or (before and moved):
            raise RenewalChanged


def check_renewals(scope: Scope, document: Sequence[Any]) -> None:
    """That what renews has a day to begin from; the lines are a scope's, or a change order's."""
    if scope.starts_on is None and any(line.renewal for line in document):
        raise RenewalWithoutStart


def _check_offer(session: Session, scope: Scope) -> None:
    zone = session.exec(select(Client.timezone).where(col(Client.id) == scope.client_id)).one()
    if _is_over(scope, clock.today(zone)):
        raise ScopeExpired


def _is_over(scope: Scope, today: date) -> bool:
    return scope.valid_until is not None and scope.valid_until < today


def _check(session: Session, client_id: UUID, values: dict[str, Any]) -> None:
    starts_on, ends_on, contract_id = (
        values[name] for name in ("starts_on", "ends_on", "contract_id")
    )
    if starts_on and ends_on and ends_on < starts_on:
        raise ScopeEndsTooEarly(pointer="/ends_on")
    if contract_id and database.get(session, Contract, contract_id).client_id != client_id:
        raise NotFound


def _check_move(scope: Scope, to: ScopeStatus) -> None:
    if to not in MOVES[scope.status]:
        raise MoveNotAllowed(scope.status, [*MOVES[scope.status]])


def _opened(session: Session, scope: Scope) -> Opened:
    return Opened(scope, lines.of_scope(session, scope.id))


def _line_content(line: ScopeLine) -> dict[str, Any]:
    return {
        "label": line.label,
        "kind": line.kind,
        "measure": str(line.measure),
        "quantity": line.quantity,
        "network": line.network,
        "unit_price": line.unit_price.model_dump(),
        "revision_rounds": line.revision_rounds,
        "due_on": _day(line.due_on),
        "due_days": line.due_days,
        **({"renewal": line.renewal} if line.renewal else {}),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
