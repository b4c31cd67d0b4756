"""
Pages of Stripe's: planned in a transaction of their own, asked for with none open, then answered.

A request that is sent again with its Idempotency-Key asks for the same page: the key makes the
operation's id.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlmodel import Session

from api.billing.plan_shapes import (
    BillingStatusRead,
    CheckoutCreate,
    ConnectCreate,
    PortalCreate,
    QuotaRead,
    SubscriptionRead,
)
from api.http.exchange import Exchange
from api.http.route import session_before
from billing.payable import payees
from billing.provider import accounts, gateway, operations, sync
from billing.provider.gateway import (
    BillingNotConfigured,
    PaymentProviderRefused,
    PaymentProviderUnavailable,
)
from billing.provider.stripe_models import Operation, Subscription
from billing.subscription import checkout
from tenants import auth, database, quotas, settings
from tenants.ids import id_of, new_id

# What asking for a page of Stripe's may be refused with.
PROBLEMS = (BillingNotConfigured, PaymentProviderRefused, PaymentProviderUnavailable)
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class HostedPage:
    """A page of Stripe's that was made before the request's own transaction began."""

    id: UUID
    url: str


def status() -> BillingStatusRead:
    """Who collects money here."""
    configured = settings.get()
    is_stripe = configured.billing_provider == "stripe"
    return BillingStatusRead(
        provider=configured.billing_provider,
        configured=is_stripe,
        livemode=configured.stripe_livemode,
        transfers=configured.stripe_transfers,
        setting=None if is_stripe else "AGENCY_BILLING_PROVIDER",
    )


def shown(session: Session, row: Subscription) -> SubscriptionRead:
    """A subscription with what of it is used."""
    used = [
        QuotaRead(quota=each.kind, allowed=each.allowed, used=each.used)
        for each in quotas.of_agency(session)
    ]
    values = {**row.model_dump(), "access_until": row.settles_at, "quotas": used}
    return SubscriptionRead.model_validate(values)


def change(session: Session, **changes: Any) -> SubscriptionRead:
    """Ask for another plan; the job that asks Stripe is the answer's Location."""
    row, job = checkout.change(session, **changes)
    session.flush()
    exchange: Exchange = session.info["exchange"]
    exchange.headers["Location"] = f"/v1/jobs/{job.id}"
    return shown(session, row)


def checkout_page(request: Request, data: CheckoutCreate) -> HostedPage:
    """A page to buy a plan on."""
    id = _id(request)
    with session_before(request) as session, session.begin():
        actor = auth.system(session.sight.agency_id, session.sight.label)
        gateway.needed()
        checkout.check_new(session, data.plan, data.seats)
        customer = checkout.plan_customer(session).id
    operations.performed(actor, customer)
    with session_before(request) as session, session.begin():
        wanted = checkout.quantities(data.plan, data.interval, data.seats)
        addresses = {"success_url": data.success_url, "cancel_url": data.cancel_url}
        planned = checkout.plan_session(session, id, wanted, addresses).id
    return _page(id, operations.performed(actor, planned))


def portal_page(request: Request, data: PortalCreate) -> HostedPage:
    """A page to look after the subscription on."""
    id = _id(request)
    with session_before(request) as session, session.begin():
        actor = auth.system(session.sight.agency_id, session.sight.label)
        gateway.needed()
        planned = checkout.plan_portal(session, id, data.return_url).id
    return _page(id, operations.performed(actor, planned))


def onboarding_page(
    request: Request, data: ConnectCreate, payee_id: UUID | None = None
) -> HostedPage:
    """
    A page on which Stripe asks for what it has to know of the agency, or of a payee. The agency's
    own machinery writes the calls down: a payee may write none.
    """
    id = _id(request)
    with session_before(request) as session, session.begin():
        actor = auth.system(session.sight.agency_id, session.sight.label)
        if payee_id is not None:
            payees.own(session, payee_id)
        gateway.needed()
    with database.agency_session(actor) as session:
        account = accounts.plan(session, data.country, payee_id).id
    made = operations.performed(actor, account)
    sync.account(actor, str(made.stripe_id))
    with database.agency_session(actor) as session:
        addresses = {"return_url": data.return_url, "refresh_url": data.refresh_url}
        asked = {"reference": str(id), "account": made.stripe_id, **addresses}
        planned = operations.plan(session, "account_link", id, asked).id
    return _page(id, operations.performed(actor, planned))


def _page(id: UUID, operation: Operation) -> HostedPage:
    assert operation.result is not None
    return HostedPage(id, str(operation.result["url"]))


def _id(request: Request) -> UUID:
    exchange: Exchange = request.state.exchange
    key = request.headers.get("idempotency-key")
    if key is None or exchange.token is None:
        return new_id()
    return id_of(_BEGINNING, exchange.token.session_id, request.url.path, key.strip('"'))
