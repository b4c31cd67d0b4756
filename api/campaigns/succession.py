"""
How one version of a scope follows another: what it counts goes on, and what it no longer has ends.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from api.campaigns import billed, deliverables, lines, lots, numbers, periods, retainers
from api.campaigns.lot_models import ScopeLot
from api.campaigns.models import NumberSeries, Scope, ScopeLine, ScopeStatus
from tenants import clock, database, outbox


def accepted_of(session: Session, campaign_id: UUID) -> Scope | None:
    """The campaign's scope in force, held."""
    query = select(Scope).where(
        col(Scope.campaign_id) == campaign_id, col(Scope.status) == ScopeStatus.accepted
    )
    return session.exec(query.with_for_update(key_share=True)).first()


def next_version(session: Session, campaign_id: UUID | None) -> int:
    """The campaign's next version; the campaign is held."""
    if campaign_id is None:
        return 1
    last = select(func.max(Scope.version_number)).where(col(Scope.campaign_id) == campaign_id)
    return (session.exec(last).one() or 0) + 1


def amend(
    session: Session, former: Scope, drafts: Sequence[dict[str, Any]], **values: Any
) -> Scope:
    """
    Make the version that follows one in force, accepted as it is made: what both sides have agreed
    on elsewhere. The former scope is held; its work goes on under the lines that continue it.
    """
    kept = ("client_id", "campaign_id", "contract_id", "title", "currency", "starts_on", "ends_on")
    scope = Scope(
        **{name: getattr(former, name) for name in kept} | values,
        number=numbers.following(session, NumberSeries.scopes),
        version_number=former.version_number + 1,
        copy_of=former.id,
        status=ScopeStatus.draft,
    )
    if scope.campaign_id:
        scope.version_number = next_version(session, scope.campaign_id)
    database.add(session, scope)
    for line in lines.put(session, scope, drafts):
        line.shared = True
    take_over(session, scope, former)
    scope.submitted_at = scope.accepted_at
    outbox.emit(session, "scope.accepted", scope, audience="client")
    return scope


def take_over(session: Session, scope: Scope, former: Scope | None) -> None:
    """It holds from the instant at which the former one does not, and counts what that counted."""
    now = clock.now()
    today = periods.today(session, scope.client_id)
    held: dict[UUID, list[ScopeLot]] = defaultdict(list)
    for lot in retainers.of_scope(session, former.id) if former else ():
        held[lot.line_id].append(lot)
    document = lines.of_scope(session, scope.id)
    fresh = [line for line in document if line.continues not in held]
    for line in document:
        if line.continues in held:
            _hand_on(session, scope, line, held.pop(line.continues), today)
    for lot in (lot for found in held.values() for lot in found):
        for row in deliverables.open_of(session, lot.id):
            deliverables.call_off(session, row, lot)
        lots.close(session, lot, today)
    if former:
        former.status, former.superseded_at = ScopeStatus.superseded, now
        # One version of a campaign is the baseline: the former makes room before it is taken.
        session.flush()
        outbox.emit(session, "scope.superseded", former, audience="client")
    scope.status, scope.accepted_at = ScopeStatus.accepted, now
    for line in fresh:
        _open_lots(session, scope, line, today, added=former is not None)
    billed.accept(session, scope, former)


def _open_lots(
    session: Session, scope: Scope, line: ScopeLine, today: date, *, added: bool
) -> None:
    if line.renewal is None:
        lots.open_for(session, scope, line, today)
    else:
        retainers.open_for(session, scope, line, added=added)


def _hand_on(
    session: Session, scope: Scope, line: ScopeLine, held: Sequence[ScopeLot], today: date
) -> None:
    if line.renewal is None:
        (lot,) = held
        lots.hand_on(session, lot, scope, line, today)
    else:
        retainers.hand_on(scope, line, held, today)
