"""Routes of change orders; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.approvals import approvals, quorum
from api.budgets.book import BudgetNotActive, LineExceeded
from api.campaigns import acceptance, change_orders, changes, effects, lines, lots, scopes
from api.campaigns.change_shapes import (
    ChangeOrderCreate,
    ChangeOrderQuery,
    ChangeOrderRead,
    ChangeOrderReject,
    ChangeOrderSummary,
    ChangeOrderUpdate,
    ChangePreview,
)
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from tenants.errors import MoveNotAllowed, NotFound
from tenants.pages import InvalidCursor, Page

router = domain_router("campaigns")
_CHANGE = (
    lots.ScopeNotInForce,
    effects.LineNotInForce,
    effects.NothingLeft,
    effects.ChangesNothing,
    changes.ChangedTwice,
    changes.NotPlannable,
    lines.LineCurrency,
    lines.ScopeTooLarge,
    lines.RenewalUnsound,
    scopes.RenewalWithoutStart,
    scopes.ScopeEndsTooEarly,
)
_CHANGED = (
    lots.ScopeNotInForce,
    lots.ScopeBelowWork,
    scopes.ScopeAlreadySubmitted,
    acceptance.ChangeOrderExpired,
    effects.NothingLeft,
    BudgetNotActive,
    LineExceeded,
)


@router.post(
    "/change-orders",
    status_code=201,
    response_model=ChangeOrderRead,
    dependencies=[needs("change_orders:write")],
    responses=problems(NotFound, *_CHANGE),
)
def create_change_order(data: ChangeOrderCreate, session: RequestSession) -> Any:
    """Draft a change of a scope in force: lines, money on budget lines, work called off."""
    return change_orders.create(session, **data.model_dump())


@router.get(
    "/change-orders",
    response_model=Page[ChangeOrderSummary],
    dependencies=[needs("change_orders:read")],
    responses=problems(InvalidCursor),
)
def list_change_orders(page: Annotated[ChangeOrderQuery, Query()], session: RequestSession) -> Any:
    """List change orders, newest first."""
    return change_orders.search(session, page)


@router.get(
    "/change-orders/{change_order_id}",
    response_model=ChangeOrderRead,
    dependencies=[needs("change_orders:read")],
    responses=problems(NotFound),
)
def get_change_order(change_order_id: UUID, session: RequestSession) -> Any:
    """Read a change order with what it changes."""
    return change_orders.read(session, change_order_id)


@router.get(
    "/change-orders/{change_order_id}/preview",
    response_model=ChangePreview,
    dependencies=[needs("change_orders:read")],
    responses=problems(NotFound, lots.ScopeNotInForce, effects.LineNotInForce, effects.NothingLeft),
)
def preview_change_order(change_order_id: UUID, session: RequestSession) -> Any:
    """Read what accepting a change order now would lead to, line by line, and the new total."""
    return change_orders.preview(session, change_order_id)


@router.patch(
    "/change-orders/{change_order_id}",
    response_model=ChangeOrderRead,
    dependencies=[needs("change_orders:write")],
    responses=problems(NotFound, change_orders.ChangeOrderNotDraft, *_CHANGE),
)
def update_change_order(
    change_order_id: UUID, data: ChangeOrderUpdate, session: RequestSession
) -> Any:
    """Change a draft; a list that is given takes the place of the former one."""
    return change_orders.update(session, change_order_id, **data.model_dump())


@router.delete(
    "/change-orders/{change_order_id}",
    status_code=204,
    dependencies=[needs("change_orders:write")],
    responses=problems(NotFound, change_orders.ChangeOrderNotDraft),
)
def delete_change_order(change_order_id: UUID, session: RequestSession) -> None:
    """Delete a draft."""
    change_orders.remove(session, change_order_id)


@router.post(
    "/change-orders/{change_order_id}/submit",
    response_model=ChangeOrderRead,
    dependencies=[needs("change_orders:submit")],
    responses=problems(
        NotFound,
        MoveNotAllowed,
        change_orders.ChangeOrderEmpty,
        quorum.QuorumOutOfReach,
        *_CHANGE,
        *_CHANGED,
    ),
)
def submit_change_order(change_order_id: UUID, session: RequestSession) -> Any:
    """Put a change order to the client's decision; from here on it never changes."""
    return change_orders.submit(session, change_order_id)


@router.post(
    "/change-orders/{change_order_id}/accept",
    response_model=ChangeOrderRead,
    dependencies=[needs("change_orders:decide")],
    responses=problems(NotFound, MoveNotAllowed, *approvals.REFUSALS, *_CHANGED),
)
def accept_change_order(change_order_id: UUID, session: RequestSession) -> Any:
    """Accept it: scope, lots, deliverables and budget change together, or not at all."""
    return change_orders.accept(session, change_order_id)


@router.post(
    "/change-orders/{change_order_id}/reject",
    response_model=ChangeOrderRead,
    dependencies=[needs("change_orders:decide")],
    responses=problems(NotFound, MoveNotAllowed, *approvals.REFUSALS),
)
def reject_change_order(
    change_order_id: UUID, data: ChangeOrderReject, session: RequestSession
) -> Any:
    """Reject a change order: the short form of deciding its open approval."""
    return change_orders.reject(session, change_order_id, data.reason)


@router.post(
    "/change-orders/{change_order_id}/withdraw",
    response_model=ChangeOrderRead,
    dependencies=[needs("change_orders:submit")],
    responses=problems(NotFound, MoveNotAllowed),
)
def withdraw_change_order(change_order_id: UUID, session: RequestSession) -> Any:
    """Take a change order back before it is decided on."""
    return change_orders.withdraw(session, change_order_id)
