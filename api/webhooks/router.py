"""Routes that Stripe calls; each keeps what comes and answers at once."""

from collections.abc import Callable, Coroutine
from typing import Any

from anyio import to_thread
from fastapi import Request, Response

from api.http import limits
from api.http.open_route import OpenRoute, open_router
from api.http.problems import problems
from api.http.strict import StrictRequest
from billing.provider import inbox
from tenants.errors import NotFound

FORGERIES = "600/minute"  # of one network address


class SignalRoute(OpenRoute):
    """A route whose body is bytes: what was signed, to the letter."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def bounded(plain: Request) -> Response:
            request = StrictRequest(plain.scope, plain.receive)
            request.body_limit = inbox.LIMIT
            plain.scope["signed"] = await request.body()
            return await handle(plain)

        return bounded

    async def charge(self, request: Request) -> None:
        """Stripe sends many from few addresses; only what is not from Stripe is counted."""


router = open_router("webhooks", SignalRoute)

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "An event, as Stripe signed it: at most 1 MiB.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    },
    "parameters": [
        {
            "name": "Stripe-Signature",
            "in": "header",
            "required": True,
            "description": "`t=…,v1=…`, of these very bytes, at most five minutes old.",
            "schema": {"type": "string"},
        }
    ],
}


async def _take_in(endpoint: str, request: Request) -> Response:
    body, signature = request.scope["signed"], request.headers.get("stripe-signature")
    try:
        await to_thread.run_sync(inbox.take_in, endpoint, body, signature)
    except inbox.NotFromStripe:
        await limits.attempt("stripe_forgery", FORGERIES, limits.address(request))
        raise
    return Response(status_code=200, headers={"Cache-Control": "no-store"})


@router.post(
    "/webhooks/stripe/account",
    response_class=Response,
    response_model=None,
    responses={
        200: {"description": "Kept, or here already."},
        **problems(inbox.NotFromStripe, NotFound),
    },
    openapi_extra=_BODY,
)
async def receive_account_event(request: Request) -> Response:
    """What happened on the platform's own account. 404 while no secret is set."""
    return await _take_in("account", request)


@router.post(
    "/webhooks/stripe/connect",
    response_class=Response,
    response_model=None,
    responses={
        200: {"description": "Kept, or here already."},
        **problems(inbox.NotFromStripe, NotFound),
    },
    openapi_extra=_BODY,
)
async def receive_connect_event(request: Request) -> Response:
    """What happened on the accounts connected to it. 404 while no secret is set."""
    return await _take_in("connect", request)
