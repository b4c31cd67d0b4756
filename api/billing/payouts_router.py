"""Routes of payouts and the files that go to a bank; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from api.billing import payout_exports
from api.http import sheets
from api.http.exchange import Exchange
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from billing.payable import gates, payout_checks, payout_files, payout_making, payouts, settlements
from billing.payable.payable_shapes import GateList
from billing.payable.payout_models import Payout, PayoutFile
from billing.payable.payout_shapes import (
    PayoutCreate,
    PayoutFileCreate,
    PayoutFileRead,
    PayoutFilter,
    PayoutItemRead,
    PayoutPaid,
    PayoutPrepare,
    PayoutQuery,
    PayoutRead,
    PayoutReason,
    PayoutReturned,
    PreparedPayouts,
)
from tenants import database
from tenants.errors import MoveNotAllowed, NotFound
from tenants.pages import InvalidCursor, Page, PageQuery
from tenants.reads import Lookup

router = domain_router("billing")
_XML: dict[str, Any] = {"schema": {"type": "string", "maxLength": 8_000_000}}


@router.post(
    "/payouts",
    status_code=201,
    response_model=PayoutRead,
    dependencies=[needs("payouts:write")],
    responses=problems(
        NotFound,
        payout_making.NothingToPay,
        payout_making.PayableNotReady,
        payout_making.PayableDoesNotFit,
        payout_making.PayeeNotReady,
        payout_making.BelowMinimum,
        payout_making.PayoutTooLarge,
    ),
)
def create_payout(data: PayoutCreate, session: RequestSession) -> Any:
    """Put what is ready for a payee into one payout, approved at once up to the threshold."""
    return payout_making.create(session, **data.model_dump())


@router.post(
    "/payouts/prepare",
    response_model=PreparedPayouts,
    dependencies=[needs("payouts:write")],
    responses=problems(payout_making.PayoutTooLarge),
)
def prepare_payouts(data: PayoutPrepare, session: RequestSession) -> Any:
    """Make a payout for everybody with something ready that is worth a transfer."""
    made, small = payout_making.prepare(session, data.currency)
    return {"payouts": made, "below_minimum": small}


@router.get(
    "/payouts",
    response_model=Page[PayoutRead],
    dependencies=[needs("payouts:read")],
    responses=problems(InvalidCursor),
)
def list_payouts(page: Annotated[PayoutQuery, Query()], session: RequestSession) -> Any:
    """List payouts, newest first; to an influencer, their own."""
    return payouts.search(session, page)


@router.get(
    "/payouts.csv",
    response_class=Response,
    dependencies=[needs("payouts:write", in_arrears=True)],
    responses={
        **problems(payout_exports.PayoutTableTooLarge),
        200: {
            "description": "One line for each payout, under a head in the language asked for.",
            "content": sheets.DOCUMENTED,
        },
    },
)
def export_payouts(wanted: Annotated[PayoutFilter, Query()], session: RequestSession) -> Response:
    """Read payouts as a table, CSV in UTF-8, in the order they were made; 20,000 at most."""
    return payout_exports.table(session, wanted)


@router.get(
    "/payouts/{payout_id}",
    response_model=PayoutRead,
    dependencies=[needs("payouts:read")],
    responses=problems(NotFound),
)
def get_payout(payout_id: UUID, session: RequestSession) -> Any:
    """Read a payout."""
    return Lookup(Payout, payout_id)


@router.get(
    "/payouts/{payout_id}/items",
    response_model=Page[PayoutItemRead],
    dependencies=[needs("payouts:read")],
    responses=problems(NotFound, InvalidCursor),
)
def list_payout_items(
    payout_id: UUID, page: Annotated[PageQuery, Query()], session: RequestSession
) -> Any:
    """List the payables a payout pays, and below zero what it deducts."""
    return payouts.items_of(session, payout_id, page)


@router.get(
    "/payouts/{payout_id}/gates",
    response_model=GateList,
    dependencies=[needs("payouts:read_gates")],
    responses=problems(NotFound),
)
def list_payout_gates(payout_id: UUID, session: RequestSession) -> Any:
    """List every gate before a payout, with the last word about it and its evidence."""
    payout = database.get(session, Payout, payout_id)
    return gates.shown(session, payout_checks.payables(session, payout))


@router.post(
    "/payouts/{payout_id}/approve",
    response_model=PayoutRead,
    dependencies=[needs("payouts:approve")],
    responses=problems(NotFound, MoveNotAllowed, payouts.OwnPayout, payout_checks.GatesOpen),
)
def approve_payout(payout_id: UUID, session: RequestSession) -> Any:
    """Approve what somebody else asked for, as it is now: a change of it takes that back."""
    return payouts.approve(session, payout_id)


@router.post(
    "/payouts/{payout_id}/reject",
    response_model=PayoutRead,
    dependencies=[needs("payouts:approve")],
    responses=problems(NotFound, MoveNotAllowed),
)
def reject_payout(payout_id: UUID, data: PayoutReason, session: RequestSession) -> Any:
    """Refuse a pending payout, and say why; what it would pay is ready for another."""
    return payouts.reject(session, payout_id, data.reason)


@router.post(
    "/payouts/{payout_id}/hold",
    response_model=PayoutRead,
    dependencies=[needs("payouts:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def hold_payout(payout_id: UUID, data: PayoutReason, session: RequestSession) -> Any:
    """Keep a payout from leaving, and say why."""
    return payouts.hold(session, payout_id, data.reason)


@router.post(
    "/payouts/{payout_id}/release",
    response_model=PayoutRead,
    dependencies=[needs("payouts:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def release_payout(payout_id: UUID, data: PayoutReason, session: RequestSession) -> Any:
    """Let a held payout go on where it stood."""
    return payouts.release(session, payout_id, data.reason)


@router.post(
    "/payouts/{payout_id}/cancel",
    response_model=PayoutRead,
    dependencies=[needs("payouts:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def cancel_payout(payout_id: UUID, data: PayoutReason, session: RequestSession) -> Any:
    """Call off a payout that has not left."""
    return payouts.cancel(session, payout_id, data.reason)


@router.post(
    "/payouts/{payout_id}/mark-paid",
    response_model=PayoutRead,
    dependencies=[needs("payouts:write")],
    responses=problems(
        NotFound,
        MoveNotAllowed,
        payout_checks.GatesOpen,
        payout_checks.ApprovalVoid,
        settlements.PaidInFuture,
    ),
)
def mark_payout_paid(payout_id: UUID, data: PayoutPaid, session: RequestSession) -> Any:
    """Record that the money has left: what it paid is owed no more."""
    return settlements.mark_paid(session, payout_id, data.reference, data.paid_on)


@router.post(
    "/payouts/{payout_id}/mark-failed",
    response_model=PayoutRead,
    dependencies=[needs("payouts:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def mark_payout_failed(payout_id: UUID, data: PayoutReason, session: RequestSession) -> Any:
    """Record that what was sent did not leave."""
    return settlements.mark_failed(session, payout_id, data.reason)


@router.post(
    "/payouts/{payout_id}/mark-returned",
    response_model=PayoutRead,
    dependencies=[needs("payouts:write")],
    responses=problems(NotFound, MoveNotAllowed, settlements.PaidInFuture),
)
def mark_payout_returned(payout_id: UUID, data: PayoutReturned, session: RequestSession) -> Any:
    """Record that the money came back: what it paid is owed again."""
    return settlements.mark_returned(session, payout_id, data.reason, data.returned_on)


@router.post(
    "/payouts/{payout_id}/resolve",
    status_code=202,
    response_model=PayoutRead,
    dependencies=[needs("payouts:write")],
    responses=problems(NotFound, payouts.NotWithProvider),
)
def resolve_payout(payout_id: UUID, session: RequestSession) -> Any:
    """
    Have looked up at its provider what became of a payout: done, it is paid; never sent, it is
    given back; while nobody can say, it stays. The job's `outcome` tells. Nothing is sent by this.
    """
    payout, job = payouts.resolve(session, payout_id)
    exchange: Exchange = session.info["exchange"]
    exchange.headers["Location"] = f"/v1/jobs/{job.id}"
    return payout


@router.post(
    "/payout-files",
    status_code=201,
    response_model=PayoutFileRead,
    dependencies=[needs("payouts:write")],
    responses=problems(
        NotFound,
        MoveNotAllowed,
        payout_files.NotBySepa,
        payout_files.NothingToSend,
        payout_files.ExecutionInPast,
        payout_checks.GatesOpen,
        payout_checks.ApprovalVoid,
    ),
)
def create_payout_file(data: PayoutFileCreate, session: RequestSession) -> Any:
    """Write approved payouts into a SEPA credit transfer for the agency's bank, and queue them."""
    return payout_files.create(session, **data.model_dump())


@router.get(
    "/payout-files",
    response_model=Page[PayoutFileRead],
    dependencies=[needs("payouts:write")],
    responses=problems(InvalidCursor),
)
def list_payout_files(page: Annotated[PageQuery, Query()], session: RequestSession) -> Any:
    """List the files that were made for a bank, newest first."""
    return payout_files.search(session, page)


@router.get(
    "/payout-files/{payout_file_id}",
    response_model=PayoutFileRead,
    dependencies=[needs("payouts:write")],
    responses=problems(NotFound),
)
def get_payout_file(payout_file_id: UUID, session: RequestSession) -> Any:
    """Read what a file for a bank holds."""
    return Lookup(PayoutFile, payout_file_id)


@router.get(
    "/payout-files/{payout_file_id}/content",
    response_class=Response,
    dependencies=[needs("payouts:write")],
    responses={
        **problems(NotFound, payout_files.PayoutCalledOff, payout_files.FileChanged),
        200: {
            "description": "The file as it was made: ISO 20022, pain.001.001.09.",
            "content": {"application/xml": _XML},
        },
    },
)
def get_payout_file_content(payout_file_id: UUID, session: RequestSession) -> Response:
    """Read a file for a bank."""
    body = payout_files.read(session, payout_file_id)
    name = f'attachment; filename="payouts-{payout_file_id.hex[-12:]}.xml"'
    headers = {"Cache-Control": "no-store", "Content-Disposition": name}
    return Response(body, headers=headers, media_type="application/xml")
