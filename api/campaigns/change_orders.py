"""What can be done to a change order: drafted, submitted, decided, withdrawn, let expire."""

from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.approvals import approvals
from api.approvals.models import Outcome
from api.campaigns import changes, lots, numbers
from api.campaigns.acceptance import check_move, check_offer, is_over
from api.campaigns.change_models import ChangeOrder, ChangeOrderStatus
from api.campaigns.change_shapes import ChangeOrderQuery
from api.campaigns.changes import PARTS, Opened, Preview
from api.campaigns.models import NumberSeries, Scope, ScopeLine, ScopeStatus
from tenants import clock, database, outbox, words
from tenants.errors import Conflict
from tenants.models import Client
from tenants.pages import Listing


class ChangeOrderNotDraft(Conflict):
    """What was submitted never changes; draft another one."""


class ChangeOrderEmpty(Conflict):
    """A change order that changes nothing says nothing to decide on."""


def search(session: Session, page: ChangeOrderQuery) -> Listing:
    """The change orders in sight, newest first."""
    query = select(ChangeOrder)
    for name in ("client_id", "campaign_id", "scope_id", "status"):
        if (value := getattr(page, name)) is not None:
            query = query.where(getattr(ChangeOrder, name) == value)
    return Listing(query, ChangeOrder, page)


def read(session: Session, order_id: UUID) -> Opened:
    return changes.opened(session, database.get(session, ChangeOrder, order_id))


def create(session: Session, scope_id: UUID, **values: Any) -> Opened:
    """Draft a change of a scope in force."""
    scope = database.get(session, Scope, scope_id)
    if scope.status is not ScopeStatus.accepted:
        raise lots.ScopeNotInForce
    parts = {name: values.pop(name) for name in ("lines", "budget", "cancels")}
    order = _draft(session, scope, **values)
    changes.fill(session, order, **parts)
    return _checked(session, order, "change_order.created")


def update(session: Session, order_id: UUID, **values: Any) -> Opened:
    """Change a draft; what of `lines`, `budget` and `cancels` is given takes the former's place."""
    order = database.get(session, ChangeOrder, order_id, lock=True)
    _check_draft(order)
    parts = {name: values.pop(name) for name in ("lines", "budget", "cancels") if name in values}
    order.sqlmodel_update(values)
    changes.clear(session, order, parts)
    changes.fill(session, order, **parts)
    database.touch(order)
    return _checked(session, order, "change_order.updated")


def remove(session: Session, order_id: UUID) -> None:
    """Delete a draft."""
    order = database.get(session, ChangeOrder, order_id, lock=True)
    _check_draft(order)
    outbox.emit(session, "change_order.removed", order)
    changes.clear(session, order, PARTS)
    session.delete(order)


def draft_for(session: Session, scope: Scope, line: ScopeLine, units: int) -> None:
    """Draft what would cover work that was planned beyond a line; the scope is held."""
    query = select(ChangeOrder).where(
        col(ChangeOrder.scope_id) == scope.id,
        col(ChangeOrder.status) == ChangeOrderStatus.draft,
        col(ChangeOrder.drafted_by_us),
    )
    order = session.exec(query.with_for_update(key_share=True)).first()
    event = "change_order.updated"
    if order is None:
        reason = words.in_each("change_order", "over_scope")
        order = _draft(session, scope, title=scope.title, reason=reason, drafted_by_us=True)
        event = "change_order.created"
    present = changes.lines_of(session, order)
    change = next((each for each in present if each.origin_id == line.origin_id), None)
    if change is None:
        changes.fill(session, order, lines=[{"action": "alter", "line_id": line.id}])
        change = changes.lines_of(session, order)[-1]
    change.quantity_delta = (change.quantity_delta or 0) + units
    database.touch(order)
    outbox.emit(session, event, order)


def preview(session: Session, order_id: UUID) -> Preview:
    """What accepting it now would lead to."""
    order = database.get(session, ChangeOrder, order_id)
    return changes.previewed(session, order, changes.in_force(session, order))


def submit(session: Session, order_id: UUID) -> Opened:
    """Put it to the client's decision; from here on it never changes."""
    order = database.get(session, ChangeOrder, order_id, lock=True)
    check_move(order, ChangeOrderStatus.submitted)
    check_offer(session, order)
    opened = changes.opened(session, order)
    if not (opened.lines or opened.budget or opened.cancels or order.ends_on):
        raise ChangeOrderEmpty
    changes.check(session, order)
    for part in (*opened.lines, *opened.budget, *opened.cancels):
        part.shared = True
    order.status, order.submitted_at = ChangeOrderStatus.submitted, clock.now()
    outbox.emit(session, "change_order.submitted", order, audience="client")
    approvals.ask(session, order.client_id, [order], title=order.title)
    return changes.opened(session, order)


def accept(session: Session, order_id: UUID) -> Opened:
    """The short form of deciding its open approval."""
    return _decide(session, order_id, ChangeOrderStatus.accepted, Outcome.approved)


def reject(session: Session, order_id: UUID, reason: str) -> Opened:
    """The short form of deciding its open approval."""
    return _decide(session, order_id, ChangeOrderStatus.rejected, Outcome.rejected, reason=reason)


def withdraw(session: Session, order_id: UUID) -> Opened:
    """Take it back before it is decided on."""
    order = database.get(session, ChangeOrder, order_id)
    return changes.opened(session, _close(session, order, ChangeOrderStatus.withdrawn))


def expire(session: Session) -> int:
    """Let every offer of the agency whose day has passed expire; returns how many."""
    offers = session.exec(
        select(ChangeOrder, Client.timezone)
        .join(
            Client,
            (col(Client.agency_id) == col(ChangeOrder.agency_id))
            & (col(Client.id) == col(ChangeOrder.client_id)),
        )
        .where(
            col(ChangeOrder.status) == ChangeOrderStatus.submitted,
            col(ChangeOrder.valid_until).is_not(None),
        )
    ).all()
    over = [order for order, zone in offers if is_over(order, clock.today(zone))]
    for order in over:
        _close(session, order, ChangeOrderStatus.expired)
    return len(over)


def _draft(session: Session, scope: Scope, **values: Any) -> ChangeOrder:
    order = ChangeOrder(
        client_id=scope.client_id,
        scope_id=scope.id,
        campaign_id=scope.campaign_id,
        number=numbers.following(session, NumberSeries.change_orders),
        currency=scope.currency,
        **values,
    )
    database.add(session, order)
    return order


def _checked(session: Session, order: ChangeOrder, event: str) -> Opened:
    changes.check(session, order)
    outbox.emit(session, event, order)
    return changes.opened(session, order)


def _decide(
    session: Session, order_id: UUID, to: ChangeOrderStatus, outcome: Outcome, **reason: Any
) -> Opened:
    order = database.get(session, ChangeOrder, order_id)
    check_move(order, to)
    approvals.decide_for(session, order, outcome, **reason)
    return changes.opened(session, order)


def _close(session: Session, order: ChangeOrder, to: ChangeOrderStatus) -> ChangeOrder:
    """It was not decided on. Whoever decides holds the approval first, and then it: so do we."""
    check_move(order, to)
    if order.approval_id is not None:
        approvals.withdraw(session, order.approval_id)
    order = database.get(session, ChangeOrder, order.id, lock=True)
    check_move(order, to)
    order.status = to
    outbox.emit(session, f"change_order.{to}", order, audience="client")
    return order


def _check_draft(order: ChangeOrder) -> None:
    if order.status is not ChangeOrderStatus.draft:
        raise ChangeOrderNotDraft
