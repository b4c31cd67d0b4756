"""
What a change order is made of: its lines, its money, the work it calls off; and what accepting it
now would lead to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select

from api.budgets.models import BudgetLine
from api.campaigns import deliverables, effects, lines, lots, scopes
from api.campaigns.change_models import (
    ChangeBudget,
    ChangeCancellation,
    ChangeLine,
    ChangeOrder,
)
from api.campaigns.change_shapes import MOST_PLANNED
from api.campaigns.deliverable_models import Deliverable
from api.campaigns.effects import Effect, Sold
from api.campaigns.models import Scope, ScopeLine, ScopeStatus
from api.campaigns.scope_shapes import MOST_LINES
from tenants import database
from tenants.errors import NotFound, Unprocessable
from tenants.money import LARGEST, MoneyRead

PARTS: dict[str, Any] = {
    "lines": ChangeLine,
    "budget": ChangeBudget,
    "cancels": ChangeCancellation,
}


class ChangedTwice(Unprocessable):
    """A change order changes a line or a budget line once, and calls work off once."""


class NotPlannable(Unprocessable):
    """Planned at once are new pieces and milestones, 200 of a line at most."""


@dataclass(frozen=True)
class Opened:
    """A change order with what it changes."""

    order: ChangeOrder
    lines: Sequence[ChangeLine]
    budget: Sequence[ChangeBudget]
    cancels: Sequence[ChangeCancellation]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.order, name)


@dataclass(frozen=True)
class Preview:
    """What accepting a change order now would lead to."""

    scope: Scope
    before: Sequence[ScopeLine]
    effects: Sequence[Effect]

    @property
    def after(self) -> list[Sold]:
        return effects.fold(self.before, self.effects)

    @property
    def total_before(self) -> MoneyRead:
        return self._money(line.amount_minor for line in self.before)

    @property
    def total_after(self) -> MoneyRead:
        return self._money(line.amount_minor for line in self.after)

    @property
    def total_delta(self) -> MoneyRead:
        return self._money(effect.delta_minor for effect in self.effects)

    def _money(self, amounts: Any) -> MoneyRead:
        return MoneyRead(amount_minor=sum(amounts), currency=self.scope.currency)


def opened(session: Session, order: ChangeOrder) -> Opened:
    """A change order with all its parts."""
    budget = select(ChangeBudget).where(of_order(ChangeBudget, order))
    cancels = select(ChangeCancellation).where(of_order(ChangeCancellation, order))
    return Opened(
        order,
        lines_of(session, order),
        session.exec(budget.order_by(col(ChangeBudget.id))).all(),
        session.exec(cancels.order_by(col(ChangeCancellation.id))).all(),
    )


def lines_of(session: Session, order: ChangeOrder) -> Sequence[ChangeLine]:
    query = select(ChangeLine).where(of_order(ChangeLine, order)).order_by(col(ChangeLine.position))
    return session.exec(query).all()


def clear(session: Session, order: ChangeOrder, names: Iterable[str]) -> None:
    """Take parts of a draft out."""
    for name in names:
        session.exec(delete(PARTS[name]).where(of_order(PARTS[name], order)))


def fill(
    session: Session,
    order: ChangeOrder,
    *,
    lines: Sequence[dict[str, Any]] = (),
    budget: Sequence[dict[str, Any]] = (),
    cancels: Sequence[UUID] = (),
) -> None:
    """Add what a draft changes; each thing it names is the client's own."""
    first = len(lines_of(session, order)) + 1
    owner: dict[str, Any] = {"client_id": order.client_id, "change_order_id": order.id}
    parts: list[Any] = [
        ChangeLine(**owner, position=position, **_change(session, order, values))
        for position, values in enumerate(lines, first)
    ]
    for each in budget:
        _own(session, BudgetLine, each["budget_line_id"], order)
        if each["amount_minor"] == 0:
            raise effects.ChangesNothing(pointer="/budget")
        parts.append(ChangeBudget(**owner, **each))
    for id in cancels:
        _own(session, Deliverable, id, order)
        parts.append(ChangeCancellation(**owner, deliverable_id=id))
    _check_once("/lines", [each.origin_id for each in parts if isinstance(each, ChangeLine)])
    _check_once("/budget", [each["budget_line_id"] for each in budget])
    _check_once("/cancels", cancels)
    if parts:
        database.add(session, *parts)


def check(session: Session, order: ChangeOrder) -> None:
    """That what it leads to could be sold: said to who drafts it, not to the client."""
    scope = in_force(session, order)
    shown = previewed(session, order, scope)
    after = shown.after
    if not after:
        raise effects.NothingLeft
    if len(after) > MOST_LINES or sum(line.amount_minor for line in after) > LARGEST:
        raise lines.ScopeTooLarge
    scopes.check_renewals(scope, after)
    if order.ends_on and scope.starts_on and order.ends_on < scope.starts_on:
        raise scopes.ScopeEndsTooEarly(pointer="/ends_on")
    for effect in shown.effects:
        if effect.plan and not _plannable(effect):
            raise NotPlannable(pointer="/lines")


def previewed(session: Session, order: ChangeOrder, scope: Scope) -> Preview:
    """What it leads to on this version of the scope."""
    sold = lines.of_scope(session, scope.id)
    return Preview(scope, sold, effects.of(sold, lines_of(session, order)))


def in_force(session: Session, order: ChangeOrder, *, lock: bool = False) -> Scope:
    """The version that holds now of the scope it changes."""
    whose = (
        col(Scope.campaign_id) == order.campaign_id
        if order.campaign_id
        else col(Scope.id) == order.scope_id
    )
    query = select(Scope).where(whose, col(Scope.status) == ScopeStatus.accepted)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    scope = session.exec(query).first()
    if scope is None:
        raise lots.ScopeNotInForce
    return scope


def _change(session: Session, order: ChangeOrder, values: dict[str, Any]) -> dict[str, Any]:
    """A change as it came over the wire, as its row."""
    values = dict(values)
    if values.get("action") == "add":
        lines.check_renewal(order.currency, values)
    line_id, price = values.pop("line_id", None), values.pop("unit_price", None)
    if line_id is not None:
        values["origin_id"] = _own(session, ScopeLine, line_id, order).origin_id
    if price is not None:
        if price["currency"] != order.currency:
            raise lines.LineCurrency(pointer="/lines")
        values["unit_price_minor"] = price["amount_minor"]
    if values.get("quantity_delta") == 0:
        values["quantity_delta"] = None
    return values


def _check_once(pointer: str, named: Sequence[UUID | None]) -> None:
    """Nothing is changed twice; lines that are added have no name yet."""
    known = [id for id in named if id is not None]
    if len(set(known)) != len(known):
        raise ChangedTwice(pointer=pointer)


def _own(session: Session, model: Any, id: UUID, order: ChangeOrder) -> Any:
    row = database.get(session, model, id)
    if row.client_id != order.client_id:
        raise NotFound
    return row


def _plannable(effect: Effect) -> bool:
    line = effect.after
    if line is None or line.measure not in deliverables.REVIEWED:
        return False
    if line.renewal is not None:
        return False
    dated = line.due_on is not None or line.due_days is not None
    return dated and 0 < effect.more_units <= MOST_PLANNED


def of_order(model: Any, order: ChangeOrder) -> Any:
    return (model.agency_id == order.agency_id) & (model.change_order_id == order.id)
