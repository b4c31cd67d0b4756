"""
Operations that need no credential: log-in, sign-up, and what stands before them.

They keep the contract in all that is left of it: strict bodies and parameter names, problems,
`no-store`, and a rate limit by network address. Their verbs open their own transaction.
"""

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Form
from fastapi.routing import APIRoute
from starlette.datastructures import FormData

from api.http import bodies, limits
from api.http.problems import DatabaseUnavailable, InvalidRequest, MalformedBody, problems
from api.http.refusals import UnknownParameter, both
from api.http.route import operation_id
from api.http.strict import StrictRequest, check_text
from tenants import errors

FORM = "application/x-www-form-urlencoded"
_FIELDS = 50

_ANY: tuple[type[errors.ApiError], ...] = (
    UnknownParameter,
    InvalidRequest,
    errors.TooManyRequests,
    errors.ApiError,
    errors.Unavailable,
    DatabaseUnavailable,
)
_WITH_BODY = (MalformedBody, errors.TooLarge, errors.UnsupportedMedia)


class OpenRoute(APIRoute):
    """A route of the contract that anybody may call."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        with_body = "POST" in (options.get("methods") or ())
        always = problems(*_ANY, *(_WITH_BODY if with_body else ()))
        options["responses"] = both(always, options.get("responses") or {})
        options["openapi_extra"] = {"security": [], **(options.get("openapi_extra") or {})}
        super().__init__(path, endpoint, **options)
        names = {parameter.alias for parameter in get_flat_params(self.dependant)}
        self.query_names = names - set(self.param_convertors)
        self.takes_form = bool(self.body_field and isinstance(self.body_field.field_info, Form))

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def guarded(plain: Request) -> Response:
            request = StrictRequest(plain.scope, plain.receive)
            await self.charge(request)
            self._check_form(request)
            if self.takes_form:
                request._form = form_of(await request.body())
            return await handle(request)

        return guarded

    async def charge(self, request: Request) -> None:
        """Count the request: of its address, for nobody else is known."""
        await limits.charge_address(request)

    def _check_form(self, request: Request) -> None:
        names = [name for name, _ in request.query_params.multi_items()]
        if len(names) != len(set(names)) or not set(names) <= self.query_names:
            raise UnknownParameter
        if self.body_field is None or not bodies.has_body(request):
            return
        sent = request.headers.get("content-type", "").lower()
        kind, _, parameters = sent.partition(";")
        expected = FORM if self.takes_form else "application/json"
        if kind.strip() != expected or not bodies.is_utf8(parameters):
            raise errors.UnsupportedMedia


def open_router(tag: str, kind: type[OpenRoute] = OpenRoute, prefix: str = "") -> APIRouter:
    """A router of operations that need no credential."""
    return APIRouter(
        prefix=prefix, tags=[tag], route_class=kind, generate_unique_id_function=operation_id
    )


def form_of(body: bytes) -> FormData:
    """A form's fields (WHATWG URL §5.1), each named once, of text that can be stored."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=_FIELDS,
        )
        for pair in pairs:
            check_text("".join(pair))
    except ValueError:
        raise MalformedBody from None
    if len({name for name, _ in pairs}) != len(pairs):
        raise MalformedBody
    return FormData(dict(pairs))
