"""RFC 6749's own words beside the problem's: `error` and `error_description`."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError

from api.http import problems
from api.http.open_route import OpenRoute
from tenants import words
from tenants.errors import ApiError, BadRequest
from tenants.users import InvalidGrant


class UnsupportedGrantType(BadRequest):
    """`grant_type` is `password` or `refresh_token`."""


class TokenRoute(OpenRoute):
    """A route whose refusals an OAuth client understands (RFC 6749 §5.2)."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def said_twice(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as failure:
                return problems.invalid(request, failure, _members("invalid_request"))
            except Exception as failure:
                error = problems.translate(failure)
                error.extra = {**_members(error_of(error), error.code), **error.extra}
                raise error from failure

        return said_twice


def error_of(error: ApiError) -> str:
    """The word of RFC 6749 for a refusal."""
    if isinstance(error, InvalidGrant):
        return "invalid_grant"
    if isinstance(error, UnsupportedGrantType):
        return "unsupported_grant_type"
    if error.status >= 500:
        return "server_error"
    return "temporarily_unavailable" if error.status == 429 else "invalid_request"


def _members(error: str, code: str = "invalid_request") -> dict[str, str]:
    """In ASCII and in English, whatever the reader's language: the RFC allows nothing else."""
    sentence = words.catalogue("en")["problem"].get(code, "")
    said = sentence.partition("{")[0] if "{" in sentence else sentence
    kept = "".join(letter for letter in said if " " <= letter <= "~" and letter not in '"\\')
    return {"error": error, "error_description": kept.strip()}
