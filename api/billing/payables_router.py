"""Routes of what creators are owed; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from billing.payable import clawbacks, gates, payables
from billing.payable.payable_models import Payable
from billing.payable.payable_shapes import (
    ClawbackRepay,
    GateList,
    PayableQuery,
    PayableRead,
    PayableReason,
)
from tenants import database
from tenants.errors import MoveNotAllowed, NotFound
from tenants.pages import InvalidCursor, Page
from tenants.reads import Lookup

router = domain_router("billing")


@router.get(
    "/payables",
    response_model=Page[PayableRead],
    dependencies=[needs("payables:read")],
    responses=problems(InvalidCursor),
)
def list_payables(page: Annotated[PayableQuery, Query()], session: RequestSession) -> Any:
    """List what creators are owed and asked back, newest first; to an influencer, their own."""
    return payables.search(session, page)


@router.get(
    "/payables/{payable_id}",
    response_model=PayableRead,
    dependencies=[needs("payables:read")],
    responses=problems(NotFound),
)
def get_payable(payable_id: UUID, session: RequestSession) -> Any:
    """Read what is owed, and what keeps it from being paid."""
    return Lookup(Payable, payable_id)


@router.get(
    "/payables/{payable_id}/gates",
    response_model=GateList,
    dependencies=[needs("payables:read_gates")],
    responses=problems(NotFound),
)
def list_payable_gates(payable_id: UUID, session: RequestSession) -> Any:
    """List the gates before a payable, each with the last word about it and its evidence."""
    return gates.shown(session, [database.get(session, Payable, payable_id)])


@router.post(
    "/payables/{payable_id}/hold",
    response_model=PayableRead,
    dependencies=[needs("payables:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def hold_payable(payable_id: UUID, data: PayableReason, session: RequestSession) -> Any:
    """Keep something from being paid, whatever its gates say."""
    return payables.hold(session, payable_id, data.reason)


@router.post(
    "/payables/{payable_id}/release",
    response_model=PayableRead,
    dependencies=[needs("payables:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def release_payable(payable_id: UUID, data: PayableReason, session: RequestSession) -> Any:
    """Let what was held go on."""
    return payables.release(session, payable_id, data.reason)


@router.post(
    "/payables/{payable_id}/dispute",
    response_model=PayableRead,
    dependencies=[needs("payables:write")],
    responses=problems(NotFound, payables.NotDisputable),
)
def dispute_payable(payable_id: UUID, data: PayableReason, session: RequestSession) -> Any:
    """Say that what is owed is disputed; its gate `not_disputed` opens."""
    return payables.dispute(session, payable_id, data.reason)


@router.post(
    "/payables/{payable_id}/resolve",
    response_model=PayableRead,
    dependencies=[needs("payables:write")],
    responses=problems(NotFound, payables.NotDisputable),
)
def resolve_payable(payable_id: UUID, data: PayableReason, session: RequestSession) -> Any:
    """Say that a dispute is settled, and how."""
    return payables.resolve(session, payable_id, data.reason)


@router.post(
    "/payables/{payable_id}/cancel",
    response_model=PayableRead,
    dependencies=[needs("payables:settle")],
    responses=problems(NotFound, MoveNotAllowed, clawbacks.ClawbackStands),
)
def cancel_payable(payable_id: UUID, data: PayableReason, session: RequestSession) -> Any:
    """Owe it no more; not once it is in a payout."""
    return payables.cancel(session, payable_id, data.reason)


@router.post(
    "/payables/{payable_id}/repay",
    response_model=PayableRead,
    dependencies=[needs("payables:settle")],
    responses=problems(
        NotFound, MoveNotAllowed, clawbacks.ClawbackInPayout, clawbacks.RepaidInFuture
    ),
)
def repay_payable(payable_id: UUID, data: ClawbackRepay, session: RequestSession) -> Any:
    """Record that a payee paid back what was left of a claw-back."""
    return clawbacks.repay(session, payable_id, data.reference, data.paid_on)


@router.post(
    "/payables/{payable_id}/write-off",
    response_model=PayableRead,
    dependencies=[needs("payables:settle")],
    responses=problems(NotFound, MoveNotAllowed, clawbacks.ClawbackInPayout),
)
def write_off_payable(payable_id: UUID, data: PayableReason, session: RequestSession) -> Any:
    """Ask no more for what is left of a claw-back."""
    return clawbacks.write_off(session, payable_id, data.reason)
