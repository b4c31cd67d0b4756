"""
What follows from the decision on a change order: the next version of the scope, its lots and work,
and the budget, in the transaction that decides; all of it, or none.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy import update as update_rows
from sqlmodel import Session, col, select

from api.approvals import subjects
from api.approvals.models import ApprovalStatus, Outcome
from api.budgets import book, ledger
from api.budgets.models import BudgetLine
from api.budgets.sources import Why
from api.campaigns import changes, deliverables, lines, lots, retainers, scopes, succession
from api.campaigns.change_models import ChangeBudget, ChangeOrder, ChangeOrderStatus
from api.campaigns.changes import Preview
from api.campaigns.deliverable_models import Deliverable, WaitCause
from api.campaigns.effects import Effect, Sold
from api.campaigns.lot_models import ScopeLot
from api.campaigns.models import Scope, ScopeLine, ScopeStatus
from tenants import clock, outbox
from tenants.errors import Conflict, MoveNotAllowed
from tenants.models import Client
from tenants.money import MoneyRead

_State = ChangeOrderStatus
MOVES: dict[ChangeOrderStatus, frozenset[ChangeOrderStatus]] = {
    _State.draft: frozenset({_State.submitted}),
    _State.submitted: frozenset(
        {_State.accepted, _State.rejected, _State.withdrawn, _State.expired}
    ),
    _State.accepted: frozenset(),
    _State.rejected: frozenset(),
    _State.withdrawn: frozenset(),
    _State.expired: frozenset(),
}


class ChangeOrderExpired(Conflict):
    """The day until which the change was offered has passed."""


def content(session: Session, order: ChangeOrder) -> dict[str, Any]:
    """What an approver is shown: each change from what to what, and what it does to the money."""
    opened = changes.opened(session, order)
    shown = changes.previewed(session, order, changes.in_force(session, order))
    cancelled = _rows(session, Deliverable, [each.deliverable_id for each in opened.cancels])
    accounts = _rows(session, BudgetLine, [each.budget_line_id for each in opened.budget])
    return {
        "number": order.number,
        "title": order.title,
        "reason": order.reason,
        "valid_until": _day(order.valid_until),
        "ends_on": _day(order.ends_on),
        "total_delta": shown.total_delta.model_dump(),
        "lines": [
            {
                "action": str(effect.action),
                "before": _shown(effect.before, order.currency),
                "after": _shown(effect.after, order.currency),
            }
            for effect in shown.effects
        ],
        "budget": [
            {
                "label": accounts[each.budget_line_id].label,
                "amount": {
                    "amount_minor": each.amount_minor,
                    "currency": accounts[each.budget_line_id].currency,
                },
            }
            for each in opened.budget
        ],
        "cancels": [
            {"label": row.label, "due_on": row.due_on.isoformat()} for row in cancelled.values()
        ],
    }


def decided(session: Session, order: ChangeOrder, outcome: Outcome) -> None:
    """What follows from the decision: everything that it changes, or nothing."""
    if outcome is not Outcome.approved:
        check_move(order, ChangeOrderStatus.rejected)
        order.status = ChangeOrderStatus.rejected
        outbox.emit(session, "change_order.rejected", order, audience="client")
        return
    check_move(order, ChangeOrderStatus.accepted)
    check_offer(session, order)
    scope = changes.in_force(session, order, lock=True)
    if _being_decided(session, scope):
        raise scopes.ScopeAlreadySubmitted
    opened, shown = changes.opened(session, order), changes.previewed(session, order, scope)
    _call_off(session, scope, [each.deliverable_id for each in opened.cancels])
    result = _apply(session, order, scope, shown)
    _move_budget(session, order, opened.budget)
    order.status, order.accepted_at = ChangeOrderStatus.accepted, clock.now()
    order.result_scope_id = result.id
    _follow(session, scope, result)
    outbox.emit(session, "change_order.accepted", order, audience="client")


def undecided(session: Session, order: ChangeOrder, ending: ApprovalStatus) -> None:
    """Nobody decided in time. What was submitted is never edited, so nothing else ends it here."""
    check_move(order, ChangeOrderStatus.expired)
    order.status = ChangeOrderStatus.expired
    outbox.emit(session, "change_order.expired", order, audience="client")


def amounts(session: Session, order: ChangeOrder) -> list[MoneyRead]:
    """What it adds to the scope, or takes off it, and to each line of the budget."""
    opened = changes.opened(session, order)
    accounts = _rows(session, BudgetLine, [each.budget_line_id for each in opened.budget])
    return [
        changes.previewed(session, order, changes.in_force(session, order)).total_delta,
        *(
            MoneyRead(
                amount_minor=each.amount_minor, currency=accounts[each.budget_line_id].currency
            )
            for each in opened.budget
        ),
    ]


def keep_inside(session: Session, order: ChangeOrder, inside: bool) -> None:
    order.inside = inside
    opened = changes.opened(session, order)
    for part in (*opened.lines, *opened.budget, *opened.cancels):
        part.shared = not inside


def _call_off(session: Session, scope: Scope, ids: Sequence[UUID]) -> None:
    held = {lot.id: lot for lot in retainers.of_scope(session, scope.id)}
    if not ids:
        return
    query = select(Deliverable).where(
        col(Deliverable.id).in_(ids), col(Deliverable.status).in_(sorted(deliverables.OPEN))
    )
    rows = session.exec(query.order_by(col(Deliverable.id)).with_for_update(key_share=True)).all()
    for row in rows:
        if row.lot_id in held:
            deliverables.call_off(session, row, held[row.lot_id])


def _apply(session: Session, order: ChangeOrder, scope: Scope, shown: Preview) -> Scope:
    """Make the version that is sold from now on, and let its work follow."""
    current = {line.origin_id: line.id for line in shown.before}
    drafts = [
        {
            **{name: getattr(line, name) for name in Sold.__dataclass_fields__},
            "continues": current.get(line.origin_id) if line.origin_id else None,
        }
        for line in shown.after
    ]
    ends_on = order.ends_on or scope.ends_on
    result = succession.amend(session, scope, drafts, ends_on=ends_on)
    made = lines.of_scope(session, result.id)
    held = {lot.line_id: lot for lot in retainers.of_scope(session, result.id)}
    added = iter(line for line in made if line.continues is None)
    by_origin = {line.origin_id: line for line in made}
    for effect in shown.effects:
        if effect.after is None:
            continue
        line = by_origin[effect.after.origin_id] if effect.after.origin_id else next(added)
        _let_follow(session, order, result, line, held[line.id], effect)
    return result


def _let_follow(
    session: Session,
    order: ChangeOrder,
    scope: Scope,
    line: ScopeLine,
    lot: ScopeLot,
    effect: Effect,
) -> None:
    """The work of a line after it changed: dated anew, covered, planned."""
    before, after = effect.before, effect.after
    assert after is not None
    covered = 0
    for row in deliverables.open_of(session, lot.id):
        if row.over_scope and line.renewal is None and lots.draw([lot], row.units):
            row.over_scope = False
            covered += row.units
            outbox.emit(session, "deliverable.covered", row, audience="client")
        if before and (before.due_on, before.due_days) != (after.due_on, after.due_days):
            due_on = deliverables.due(session, scope, line, lot)
            why = f"change_order {order.number}"
            deliverables.move_date(session, row, due_on, WaitCause.client, why)
    fresh = min(effect.more_units - covered, lot.available)
    if effect.plan and fresh > 0:
        deliverables.plan(session, scope, line, [lot], deliverables.numbered(line.label, fresh))


def _move_budget(session: Session, order: ChangeOrder, parts: Sequence[ChangeBudget]) -> None:
    accounts = _rows(session, BudgetLine, [each.budget_line_id for each in parts])
    why = Why("change_orders", order.id)
    book.hold(session, why, *accounts.values())
    for each in parts:
        moved = book.Moved(each.amount_minor)
        ledger.allocate(session, accounts[each.budget_line_id], moved, why)


def _follow(session: Session, former: Scope, result: Scope) -> None:
    """Other changes of the former version are changes of the new one now."""
    session.exec(
        update_rows(ChangeOrder)
        .where(
            col(ChangeOrder.agency_id) == former.agency_id,
            col(ChangeOrder.scope_id) == former.id,
            col(ChangeOrder.status).in_([ChangeOrderStatus.draft, ChangeOrderStatus.submitted]),
        )
        .values(scope_id=result.id, version=ChangeOrder.version + 1, updated_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def _being_decided(session: Session, scope: Scope) -> bool:
    """Whether another version of the scope waits for a decision; one would lose the other."""
    if scope.campaign_id is None:
        return False
    query = select(func.count()).where(
        col(Scope.campaign_id) == scope.campaign_id, col(Scope.status) == ScopeStatus.submitted
    )
    return session.exec(query).one() > 0


def check_move(order: ChangeOrder, to: ChangeOrderStatus) -> None:
    if to not in MOVES[order.status]:
        raise MoveNotAllowed(order.status, [*MOVES[order.status]])


def check_offer(session: Session, order: ChangeOrder) -> None:
    zone = session.exec(select(Client.timezone).where(col(Client.id) == order.client_id)).one()
    if is_over(order, clock.today(zone)):
        raise ChangeOrderExpired


def is_over(order: ChangeOrder, today: date) -> bool:
    return order.valid_until is not None and order.valid_until < today


def _rows(session: Session, model: Any, ids: Sequence[UUID]) -> dict[UUID, Any]:
    query = select(model).where(model.agency_id == _agency(session), model.id.in_(ids))
    return {row.id: row for row in session.exec(query.order_by(model.id))}


def _agency(session: Any) -> UUID:
    agency_id: UUID = session.sight.agency_id
    return agency_id


def _shown(line: Sold | None, currency: str) -> dict[str, Any] | None:
    if line is None:
        return None
    return {
        "label": line.label,
        "kind": line.kind,
        "measure": str(line.measure),
        "quantity": line.quantity,
        "network": line.network,
        "unit_price": {"amount_minor": line.unit_price_minor, "currency": currency},
        "revision_rounds": line.revision_rounds,
        "due_on": _day(line.due_on),
        "due_days": line.due_days,
        **({"renewal": line.renewal} if line.renewal else {}),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


subjects.register(
    ChangeOrder,
    content=content,
    decided=decided,
    undecided=undecided,
    keep_inside=keep_inside,
    amounts=amounts,
)
