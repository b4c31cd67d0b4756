"""Routes of whom the agency pays; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request
from starlette.responses import Response

from api.billing import pages, statement_documents
from api.billing.pages import HostedPage
from api.billing.plan_shapes import ConnectAccountRead, ConnectCreate, HostedPageRead
from api.billing.statement_documents import StatementRendering
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs, session_before
from billing.payable import payee_statements, payees
from billing.payable.payable_models import Payee
from billing.payable.payee_statements import PayeeStatementRead, StatementQuery
from billing.payable.payout_models import PayeeStatement
from billing.payable.payout_shapes import (
    PayeeDetailsCreate,
    PayeeDetailsRead,
    PayeeDetailsRefuse,
    PayeeQuery,
    PayeeRead,
)
from billing.provider import accounts
from tenants import database
from tenants.errors import NotFound
from tenants.pages import InvalidCursor, Page, PageQuery
from tenants.reads import Lookup

router = domain_router("billing")
_PDF: dict[str, Any] = {"schema": {"type": "string", "format": "binary", "maxLength": 8_000_000}}


@router.get(
    "/payees",
    response_model=Page[PayeeRead],
    dependencies=[needs("payees:read")],
    responses=problems(InvalidCursor),
)
def list_payees(page: Annotated[PayeeQuery, Query()], session: RequestSession) -> Any:
    """List whom the agency pays, newest first; to an influencer, themself."""
    return payees.search(session, page)


@router.get(
    "/payees/{payee_id}",
    response_model=PayeeRead,
    dependencies=[needs("payees:read")],
    responses=problems(NotFound),
)
def get_payee(payee_id: UUID, session: RequestSession) -> Any:
    """Read how far it is settled how a payee is paid."""
    return Lookup(Payee, payee_id)


@router.get(
    "/payees/{payee_id}/details",
    response_model=Page[PayeeDetailsRead],
    dependencies=[needs("payees:read")],
    responses=problems(NotFound, InvalidCursor),
)
def list_payee_details(
    payee_id: UUID, page: Annotated[PageQuery, Query()], session: RequestSession
) -> Any:
    """List what was ever said of a payee and their bank, newest first."""
    return payees.details_of(session, payee_id, page)


@router.post(
    "/payees/{payee_id}/details",
    status_code=201,
    response_model=PayeeDetailsRead,
    dependencies=[needs("payees:write")],
    responses=problems(NotFound, payees.DestinationDoesNotFit, payees.DetailsProposed),
)
def create_payee_details(payee_id: UUID, data: PayeeDetailsCreate, session: RequestSession) -> Any:
    """
    Say who an influencer is to the tax office and where their money goes. What they say themself,
    and another destination where the agency wants that, counts once somebody else confirms it.
    """
    return payees.say(session, payee_id, **data.model_dump())


@router.post(
    "/payees/{payee_id}/confirm",
    response_model=PayeeDetailsRead,
    dependencies=[needs("payees:confirm")],
    responses=problems(NotFound, payees.NothingProposed, payees.OwnDetails),
)
def confirm_payee_details(payee_id: UUID, session: RequestSession) -> Any:
    """Let what was proposed of a payee count; approvals of what goes elsewhere are void."""
    return payees.confirm(session, payee_id)


@router.post(
    "/payees/{payee_id}/refuse",
    response_model=PayeeDetailsRead,
    dependencies=[needs("payees:confirm")],
    responses=problems(NotFound, payees.NothingProposed),
)
def refuse_payee_details(payee_id: UUID, data: PayeeDetailsRefuse, session: RequestSession) -> Any:
    """Let what was proposed of a payee not count, and say why."""
    return payees.refuse(session, payee_id, data.reason)


def open_onboarding(payee_id: UUID, data: ConnectCreate, request: Request) -> HostedPage:
    return pages.onboarding_page(request, data, payee_id)


@router.post(
    "/payees/{payee_id}/connect-account",
    status_code=201,
    response_model=HostedPageRead,
    dependencies=[needs("payees:write")],
    responses=problems(NotFound, *pages.PROBLEMS),
)
def create_payee_connect_account(
    page: Annotated[HostedPage, Depends(open_onboarding)], session: RequestSession
) -> Any:
    """
    Open an influencer's account at Stripe, to be paid on, or go on where that was left: a page of
    Stripe's for them to answer on.
    """
    session.sight  # noqa: B018 - enters
    return page


@router.get(
    "/payees/{payee_id}/connect-account",
    response_model=ConnectAccountRead,
    dependencies=[needs("payees:read")],
    responses=problems(NotFound),
)
def get_payee_connect_account(payee_id: UUID, session: RequestSession) -> Any:
    """Read where the onboarding of a payee's account at Stripe is; `not_started` before it."""
    payee = database.get(session, Payee, payee_id)
    return accounts.find(session, payee.id) or accounts.not_started()


@router.get(
    "/payees/{payee_id}/statement",
    response_model=PayeeStatementRead,
    dependencies=[needs("payees:read")],
    responses=problems(
        NotFound, payee_statements.StatementBackwards, payee_statements.StatementTooLong
    ),
)
def get_payee_statement(
    payee_id: UUID, asked: Annotated[StatementQuery, Query()], session: RequestSession
) -> Any:
    """Read what a payee was owed, asked back and paid in one currency, from day to day."""
    return payee_statements.read(session, payee_id, asked)


def keep_statement(
    payee_id: UUID, asked: Annotated[StatementQuery, Query()], request: Request
) -> PayeeStatement:
    return statement_documents.keep(session_before(request), payee_id, asked)


@router.get(
    "/payees/{payee_id}/statement/document",
    response_class=Response,
    response_model=None,
    dependencies=[needs("payees:read")],
    responses={
        200: {"description": "The statement.", "content": {"application/pdf": _PDF}},
        202: {"model": StatementRendering, "description": "It is being rendered."},
        304: {"description": "You have it."},
        **problems(
            NotFound, payee_statements.StatementBackwards, payee_statements.StatementTooLong
        ),
    },
)
def get_payee_statement_document(
    kept: Annotated[PayeeStatement, Depends(keep_statement)], session: RequestSession
) -> Any:
    """Read a payee's statement as a PDF, in the language asked for and the agency's colours."""
    return statement_documents.serve(session, kept)
