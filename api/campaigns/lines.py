"""What can be done to the lines of a draft scope: added, changed, taken out, copied."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.campaigns.models import Measure, Scope, ScopeLine, ScopeStatus
from api.campaigns.scope_shapes import MOST_LINES
from tenants import database, outbox
from tenants.errors import Conflict, Unprocessable
from tenants.ids import new_id
from tenants.money import LARGEST


class ScopeNotDraft(Conflict):
    """What was submitted never changes; draft another version."""


class LineCurrency(Unprocessable):
    """A line is priced in its scope's currency."""


class RenewalUnsound(Unprocessable):
    """A milestone does not renew, and what renews is due so many days after a period begins."""


class ScopeTooLarge(Unprocessable):
    """More lines, or a higher total, than a scope can hold."""


def of_scope(session: Session, scope_id: UUID) -> Sequence[ScopeLine]:
    """A scope's lines, in their order."""
    query = select(ScopeLine).where(col(ScopeLine.scope_id) == scope_id)
    return session.exec(query.order_by(col(ScopeLine.position), col(ScopeLine.id))).all()


def add(session: Session, scope_id: UUID, **values: Any) -> ScopeLine:
    scope = database.get(session, Scope, scope_id, lock=True)
    check_draft(scope)
    (line,) = put(session, scope, [values])
    outbox.emit(session, "scope.line_added", scope)
    return line


def update(session: Session, line_id: UUID, **changes: Any) -> ScopeLine:
    line = database.get(session, ScopeLine, line_id, lock=True)
    scope = database.get(session, Scope, line.scope_id, lock=True)
    check_draft(scope)
    line.sqlmodel_update(_one_due_rule(_priced(scope, changes)))
    check_renewal(scope.currency, line.model_dump())
    total(session, scope)
    outbox.emit(session, "scope.line_changed", scope)
    return line


def remove(session: Session, line_id: UUID) -> None:
    line = database.get(session, ScopeLine, line_id, lock=True)
    scope = database.get(session, Scope, line.scope_id, lock=True)
    check_draft(scope)
    session.delete(line)
    total(session, scope)
    outbox.emit(session, "scope.line_removed", scope)


def put(session: Session, scope: Scope, drafts: Sequence[dict[str, Any]]) -> list[ScopeLine]:
    """Add lines after those the draft has, and count its total anew."""
    position = max((line.position for line in of_scope(session, scope.id)), default=0)
    made = [
        _line(scope, position + place, _priced(scope, draft))
        for place, draft in enumerate(drafts, start=1)
    ]
    database.add(session, *made)
    total(session, scope)
    return made


def _line(scope: Scope, position: int, values: dict[str, Any]) -> ScopeLine:
    check_renewal(scope.currency, values)
    id = new_id()
    origin = values.pop("origin_id", None) or id
    return ScopeLine(
        client_id=scope.client_id,
        id=id,
        scope_id=scope.id,
        position=position,
        currency=scope.currency,
        origin_id=origin,
        **values,
    )


def copied(session: Session, source: Scope, target: Scope) -> list[dict[str, Any]]:
    """The lines of another scope, as drafts; in the same campaign they go on with its count."""
    in_force = source.status is ScopeStatus.accepted
    same = source.campaign_id is not None and source.campaign_id == target.campaign_id
    kept = (
        "label",
        "kind",
        "measure",
        "quantity",
        "network",
        "revision_rounds",
        "due_on",
        "renewal",
    )
    return [
        {
            **{name: getattr(line, name) for name in (*kept, "due_days", "unit_price_minor")},
            "continues": (line.id if in_force else line.continues) if same else None,
            "origin_id": line.origin_id if same and (in_force or line.continues) else None,
        }
        for line in of_scope(session, source.id)
    ]


def total(session: Session, scope: Scope) -> None:
    """Count a draft's total anew; the scope has changed with its lines."""
    session.flush()
    lines = of_scope(session, scope.id)
    amount = sum(line.amount_minor for line in lines)
    if amount > LARGEST or len(lines) > MOST_LINES:
        raise ScopeTooLarge
    scope.total_minor = amount
    database.touch(scope)


def check_draft(scope: Scope) -> None:
    if scope.status is not ScopeStatus.draft:
        raise ScopeNotDraft


def check_renewal(currency: str, values: Mapping[str, Any]) -> None:
    """That a line which renews can: of its members, as they are or will be."""
    renewal = values.get("renewal")
    if renewal is None:
        return
    if values["measure"] == Measure.milestone or values.get("due_on") is not None:
        raise RenewalUnsound(pointer="/renewal")
    price = renewal["overage_price"]
    if price is not None and price["currency"] != currency:
        raise LineCurrency(pointer="/renewal/overage_price/currency")


def _priced(scope: Scope, values: dict[str, Any]) -> dict[str, Any]:
    """The wire's price as the table's column."""
    if "unit_price" in values:
        price = values.pop("unit_price")
        if price["currency"] != scope.currency:
            raise LineCurrency(pointer="/unit_price/currency")
        values["unit_price_minor"] = price["amount_minor"]
    return values


def _one_due_rule(changes: dict[str, Any]) -> dict[str, Any]:
    """Setting one rule clears the other."""
    if changes.get("due_on") is not None:
        changes["due_days"] = None
    elif changes.get("due_days") is not None:
        changes["due_on"] = None
    return changes
