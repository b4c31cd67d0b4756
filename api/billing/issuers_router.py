"""Routes of what stands on invoices, and of what clients owe; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from api.billing import account_sheet
from api.http import sheets
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from billing.receivable import account_statements, issuers, taxes
from billing.receivable.account_shapes import AccountStatementRead
from billing.receivable.issuer_models import TaxRate
from billing.receivable.issuer_shapes import (
    BillingProfilePut,
    BillingProfileRead,
    InvoiceSettingsPut,
    InvoiceSettingsRead,
    TaxRateCreate,
    TaxRateQuery,
    TaxRateRead,
    TaxRateUpdate,
)
from tenants.errors import NotFound
from tenants.pages import InvalidCursor, Page
from tenants.reads import Lookup

router = domain_router("billing")


@router.get(
    "/invoice-settings",
    response_model=InvoiceSettingsRead,
    dependencies=[needs("invoice_settings:read")],
    responses=problems(NotFound),
)
def get_invoice_settings(session: RequestSession) -> Any:
    """Read in whose name invoices are issued, how they are numbered, and when they are due."""
    return issuers.read_settings(session)


@router.put(
    "/invoice-settings",
    response_model=InvoiceSettingsRead,
    dependencies=[needs("invoice_settings:write")],
    responses=problems(issuers.SeriesNotTwo),
)
def put_invoice_settings(data: InvoiceSettingsPut, session: RequestSession) -> Any:
    """Say how the agency issues invoices; documents that are out stay as they are."""
    return issuers.put_settings(session, **data.model_dump())


@router.post(
    "/tax-rates",
    status_code=201,
    response_model=TaxRateRead,
    dependencies=[needs("invoice_settings:write")],
    responses=problems(taxes.TaxReasonRequired),
)
def create_tax_rate(data: TaxRateCreate, session: RequestSession) -> Any:
    """Add a tax that may stand on lines."""
    return taxes.create(session, **data.model_dump())


@router.get(
    "/tax-rates",
    response_model=Page[TaxRateRead],
    dependencies=[needs("invoice_settings:read")],
    responses=problems(InvalidCursor),
)
def list_tax_rates(page: Annotated[TaxRateQuery, Query()], session: RequestSession) -> Any:
    """List the agency's taxes, newest first."""
    return taxes.search(session, page)


@router.get(
    "/tax-rates/{tax_rate_id}",
    response_model=TaxRateRead,
    dependencies=[needs("invoice_settings:read")],
    responses=problems(NotFound),
)
def get_tax_rate(tax_rate_id: UUID, session: RequestSession) -> Any:
    """Read a tax."""
    return Lookup(TaxRate, tax_rate_id)


@router.patch(
    "/tax-rates/{tax_rate_id}",
    response_model=TaxRateRead,
    dependencies=[needs("invoice_settings:write")],
    responses=problems(NotFound),
)
def update_tax_rate(tax_rate_id: UUID, data: TaxRateUpdate, session: RequestSession) -> Any:
    """Use a tax no longer, or again; another percentage is another tax."""
    return taxes.update(session, tax_rate_id, **data.model_dump())


@router.get(
    "/clients/{client_id}/billing-profile",
    response_model=BillingProfileRead,
    dependencies=[needs("billing_profiles:read")],
    responses=problems(NotFound),
)
def get_billing_profile(client_id: UUID, session: RequestSession) -> Any:
    """Read whom a client's invoices are for, and who gets them."""
    return issuers.read_profile(session, client_id)


@router.put(
    "/clients/{client_id}/billing-profile",
    response_model=BillingProfileRead,
    dependencies=[needs("billing_profiles:write")],
    responses=problems(NotFound),
)
def put_billing_profile(client_id: UUID, data: BillingProfilePut, session: RequestSession) -> Any:
    """Say whom a client's invoices are for; documents that are out stay as they are."""
    return issuers.put_profile(session, client_id, **data.model_dump())


@router.get(
    "/clients/{client_id}/account-statement",
    response_model=AccountStatementRead,
    dependencies=[needs("invoices:read")],
    responses=problems(NotFound, account_statements.AccountTooLarge),
)
def get_account_statement(client_id: UUID, session: RequestSession) -> Any:
    """Read what a client owes today: open items in each currency, by age, and its credit."""
    return account_statements.read(session, client_id)


@router.get(
    "/clients/{client_id}/account-statement.csv",
    response_class=Response,
    dependencies=[needs("invoices:read", in_arrears=True)],
    responses={
        **problems(NotFound, account_statements.AccountTooLarge),
        200: {
            "description": "One line for each open item, under a head in the language asked for.",
            "content": sheets.DOCUMENTED,
        },
    },
)
def export_account_statement(client_id: UUID, session: RequestSession) -> Response:
    """Read a client's open items as a table, CSV in UTF-8, what is due first in front."""
    return account_sheet.table(session, client_id)
