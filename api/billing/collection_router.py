"""Where a client pays an invoice by itself: a page of Stripe's."""

from typing import Any
from uuid import UUID

from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from billing.provider import invoicing
from billing.receivable.invoice_models import Invoice
from tenants import database
from tenants.errors import NotFound
from tenants.money import MoneyRead
from tenants.shapes import ReadShape

router = domain_router("billing")


class PaymentPageRead(ReadShape):
    """An invoice at Stripe: its status in Stripe's words, its page, and what is left to pay."""

    status: str | None
    url: str | None
    remaining: MoneyRead | None


@router.get(
    "/invoices/{invoice_id}/payment-page",
    response_model=PaymentPageRead,
    dependencies=[needs("invoices:read")],
    responses=problems(NotFound),
)
def get_invoice_payment_page(invoice_id: UUID, session: RequestSession) -> Any:
    """Read where an invoice can be paid at Stripe; all null while it cannot."""
    database.get(session, Invoice, invoice_id)
    if (found := invoicing.find(session, invoice_id)) is None:
        return PaymentPageRead(status=None, url=None, remaining=None)
    left = MoneyRead(amount_minor=found.remaining_minor, currency=found.currency)
    return PaymentPageRead(status=found.status, url=found.hosted_url, remaining=left)
