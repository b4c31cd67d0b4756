"""Routes of the agency's own subscription, and of its account at Stripe; each calls one verb."""

from typing import Annotated, Any

from fastapi import Depends, Request

from api.billing import pages
from api.billing.pages import HostedPage
from api.billing.plan_shapes import (
    BillingStatusRead,
    CheckoutCreate,
    ConnectAccountRead,
    ConnectCreate,
    HostedPageRead,
    PlansRead,
    PortalCreate,
    SubscriptionRead,
    SubscriptionUpdate,
    shown_plan,
)
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from billing.provider import accounts, operations
from billing.subscription import catalog, checkout, subscriptions

router = domain_router("billing")


@router.get(
    "/billing/status",
    response_model=BillingStatusRead,
    dependencies=[needs("billing:read", in_arrears=True)],
)
def get_billing_status(session: RequestSession) -> Any:
    """Read who collects money on this installation, and what is missing for Stripe to."""
    session.sight  # noqa: B018 - enters: who may not read this learns nothing of it
    return pages.status()


@router.get(
    "/billing/plans",
    response_model=PlansRead,
    dependencies=[needs("billing:read", in_arrears=True)],
)
def list_plans(session: RequestSession) -> Any:
    """List the plans there are, with what each has room for."""
    session.sight  # noqa: B018 - enters
    return PlansRead(data=[shown_plan(plan) for plan in catalog.PLANS.values()])


@router.get(
    "/billing/subscription",
    response_model=SubscriptionRead,
    dependencies=[needs("billing:read", in_arrears=True)],
)
def get_subscription(session: RequestSession) -> Any:
    """Read what your agency pays for, what it may do, and how much of it is used."""
    return pages.shown(session, subscriptions.current(session))


@router.patch(
    "/billing/subscription",
    status_code=202,
    response_model=SubscriptionRead,
    dependencies=[needs("billing:write", in_arrears=True)],
    responses=problems(
        *pages.PROBLEMS,
        checkout.NotSubscribed,
        checkout.PlanNotSold,
        checkout.SeatsNotSold,
        operations.OperationChanged,
        subscriptions.PlanTooSmall,
    ),
)
def update_subscription(data: SubscriptionUpdate, session: RequestSession) -> Any:
    """Ask for another plan, interval or number of seats; it is yours once Stripe says so."""
    return pages.change(session, **data.model_dump())


def open_checkout(data: CheckoutCreate, request: Request) -> HostedPage:
    return pages.checkout_page(request, data)


@router.post(
    "/billing/checkout-sessions",
    status_code=201,
    response_model=HostedPageRead,
    dependencies=[needs("billing:write", in_arrears=True)],
    responses=problems(
        *pages.PROBLEMS,
        checkout.AlreadySubscribed,
        checkout.PlanNotSold,
        checkout.SeatsNotSold,
        subscriptions.PlanTooSmall,
    ),
)
def create_checkout_session(
    page: Annotated[HostedPage, Depends(open_checkout)], session: RequestSession
) -> Any:
    """Buy a plan: the answer names a page of Stripe's to pay on."""
    session.sight  # noqa: B018 - enters
    return page


def open_portal(data: PortalCreate, request: Request) -> HostedPage:
    return pages.portal_page(request, data)


@router.post(
    "/billing/portal-sessions",
    status_code=201,
    response_model=HostedPageRead,
    dependencies=[needs("billing:write", in_arrears=True)],
    responses=problems(*pages.PROBLEMS, checkout.NotSubscribed),
)
def create_portal_session(
    page: Annotated[HostedPage, Depends(open_portal)], session: RequestSession
) -> Any:
    """Look after cards, invoices and the end of the subscription on a page of Stripe's."""
    session.sight  # noqa: B018 - enters
    return page


def open_onboarding(data: ConnectCreate, request: Request) -> HostedPage:
    return pages.onboarding_page(request, data)


@router.post(
    "/billing/connect-account",
    status_code=201,
    response_model=HostedPageRead,
    dependencies=[needs("billing:write")],
    responses=problems(*pages.PROBLEMS),
)
def create_connect_account(
    page: Annotated[HostedPage, Depends(open_onboarding)], session: RequestSession
) -> Any:
    """Open the agency's account at Stripe, or go on where that was left: a page of Stripe's."""
    session.sight  # noqa: B018 - enters
    return page


@router.get(
    "/billing/connect-account",
    response_model=ConnectAccountRead,
    dependencies=[needs("billing:read", in_arrears=True)],
)
def get_connect_account(session: RequestSession) -> Any:
    """Read where the onboarding of the agency's account at Stripe is; `not_started` before it."""
    return accounts.find(session) or accounts.not_started()
