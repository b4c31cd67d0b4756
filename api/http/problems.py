"""
Refusals over the wire: `application/problem+json` (RFC 9457) for every non-2xx there is.

`problems(...)` turns error classes into a route's documented responses. The words come in the
reader's language; the value sent, SQL and traces never come at all.
"""

import json
import logging
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

import psycopg.errors
import sqlalchemy.exc
from fastapi.exceptions import RequestValidationError, ResponseValidationError
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.http import idempotency
from tenants import errors, words
from tenants.errors import ApiError

log = logging.getLogger("agency.http")

MEDIA_TYPE = "application/problem+json"
REASONS = " · "  # between the reasons of one status, in the document


class MalformedBody(errors.BadRequest):
    """The body is not what its `Content-Type` says it is."""


class MethodNotAllowed(ApiError):
    """This path does not take that method; `Allow` lists those it takes."""

    status = 405


class RequestTimeout(ApiError):
    """The request did not arrive whole in time; send it again."""

    status = 408


class HeadersTooLarge(ApiError):
    """The request line and header fields together are larger than the server takes."""

    status = 431


class InvalidRequest(errors.Unprocessable):
    """Some of the values sent cannot be taken; `errors` points at each."""


class ConcurrentChange(errors.Conflict):
    """Somebody changed the same thing at the same time; read it again."""


class DatabaseUnavailable(errors.Unavailable):
    """The database does not answer at the moment."""


class FieldError(BaseModel):
    """One member of the request that cannot be taken."""

    pointer: str = Field(description="JSON pointer (RFC 6901) into the body, or the parameter.")
    code: str
    detail: str


class Problem(BaseModel):
    """What was refused and why (RFC 9457). `code` is stable; words follow `Accept-Language`."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[FieldError]


def problems(*kinds: type[ApiError]) -> dict[int | str, dict[str, Any]]:
    """
    The `responses=` of a route that may raise these. Their shape is `Problem`, as the document says
    of all of them: a model named for each of each route would take seconds and megabytes.
    """
    ordered = sorted(set(kinds), key=lambda kind: (kind.status, kind.code))
    return {
        status: {"description": REASONS.join(_describe(kind) for kind in group)}
        for status, group in groupby(ordered, key=lambda kind: kind.status)
    }


def _describe(kind: type[ApiError]) -> str:
    return f"`{kind.code}`: {(kind.__doc__ or '').strip().splitlines()[0]}"


def respond(request: Request, error: ApiError, faults: Sequence[dict[str, str]] = ()) -> Response:
    """The answer that says what was refused, in the caller's language."""
    locale = language(request)
    shown = list(faults)
    if error.pointer:
        shown.append({"pointer": error.pointer, "code": error.code, "detail": ""})
    for fault in shown:
        fault["detail"] = fault["detail"] or _sentence(locale, error)
    body = {
        "type": f"/problems/{error.code}",
        "title": words.say(locale, "status", str(error.status)),
        "status": error.status,
        "detail": _sentence(locale, error),
        "code": error.code,
        "request_id": request.scope.get("request_id", ""),
        "errors": shown,
        **error.extra,
    }
    headers = {"Cache-Control": "no-store", "Content-Language": locale, **error.headers}
    if error.status == 401:
        headers.setdefault("WWW-Authenticate", 'Bearer realm="agency"')
    content = json.dumps(body, ensure_ascii=False).encode()
    return Response(content, error.status, headers, MEDIA_TYPE)


def language(request: Request) -> str:
    return words.accepted(request.headers.get("accept-language"))


def _sentence(locale: str, error: ApiError) -> str:
    if words.knows("problem", error.code):
        return words.say(locale, "problem", error.code, **error.words)
    return (type(error).__doc__ or "").strip().splitlines()[0]


def translate(failure: Exception) -> ApiError:
    """The refusal that stands for any exception: a database's, the framework's, or a defect."""
    if isinstance(failure, ApiError):
        return failure
    if isinstance(failure, HTTPException):
        return _of_framework(failure)
    if isinstance(failure, StaleDataError):
        return ConcurrentChange()
    if isinstance(failure, sqlalchemy.exc.TimeoutError):
        return DatabaseUnavailable(headers={"Retry-After": "1"})
    if isinstance(failure, sqlalchemy.exc.DBAPIError):
        return _of_database(failure)
    log.error("unexpected", exc_info=failure)
    return ApiError()


def _of_framework(failure: HTTPException) -> ApiError:
    kinds: dict[int, type[ApiError]] = {
        400: MalformedBody,
        404: errors.NotFound,
        405: MethodNotAllowed,
        413: errors.TooLarge,
        415: errors.UnsupportedMedia,
    }
    kind = kinds.get(failure.status_code, ApiError)
    return kind(headers=dict(failure.headers or {}))


_WAIT = {"Retry-After": "1"}


def _of_database(failure: sqlalchemy.exc.DBAPIError) -> ApiError:
    cause = failure.orig
    conflicts = (
        psycopg.errors.UniqueViolation,
        psycopg.errors.ForeignKeyViolation,
        psycopg.errors.ExclusionViolation,
        psycopg.errors.SerializationFailure,
        psycopg.errors.DeadlockDetected,
        psycopg.errors.LockNotAvailable,
    )
    if isinstance(cause, conflicts):
        kept = cause.diag.constraint_name == "pk_idempotency_records"
        return idempotency.RequestInFlight(headers=_WAIT) if kept else ConcurrentChange()
    if isinstance(cause, psycopg.errors.DataError):
        return InvalidRequest()
    if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return DatabaseUnavailable(headers=_WAIT)
    log.error("database", exc_info=failure)
    return ApiError()


def invalid(
    request: Request, failure: RequestValidationError, extra: dict[str, Any] | None = None
) -> Response:
    """422 with a pointer at every fault; 400 when the body could not be read at all."""
    found = failure.errors()
    if any(fault["type"] == "json_invalid" for fault in found):
        return respond(request, MalformedBody())
    locale = language(request)
    shown = [_fault(locale, fault, failure.body) for fault in found[:100]]
    # A member that may be one of several kinds is tried as each of them.
    once = {(fault["pointer"], fault["code"]): fault for fault in shown}
    return respond(request, InvalidRequest(extra=extra), list(once.values()))


def _fault(locale: str, fault: Any, body: Any) -> dict[str, str]:
    kind = str(fault["type"])
    return {
        "pointer": pointer(_within(body, fault)),
        "code": kind,
        "detail": words.fault(locale, kind, fault.get("ctx") or {}),
    }


def _within(body: Any, fault: Any) -> list[Any]:
    """Where in the body a fault is: its place without the steps that only a model takes."""
    place, *path = fault["loc"]
    if place != "body" or not isinstance(body, dict | list):
        return [place, *path]
    steps = [place]
    for number, step in enumerate(path, start=1):
        if _has(body, step):
            body = body[step]
            steps.append(step)
        elif number == len(path) and fault["type"] == "missing":
            steps.append(step)
    return steps


def _has(body: Any, step: Any) -> bool:
    if isinstance(body, list):
        return isinstance(step, int) and step < len(body)
    return isinstance(body, dict) and step in body


def pointer(location: Iterable[Any]) -> str:
    """`/campaign/name` for a member of the body, `?limit` for a parameter, `#name` for a header."""
    place, *path = location
    if place == "query":
        return "?" + ".".join(map(str, path))
    if place in ("path", "header", "cookie"):
        return f"#{'.'.join(map(str, path))}"
    steps = [str(step).replace("~", "~0").replace("/", "~1") for step in path]
    return "".join(f"/{step}" for step in steps)


def unexpected_answer(failure: ResponseValidationError) -> ApiError:
    """An answer that breaks its own promise is our defect, and is not sent."""
    log.error("answer does not match its model", exc_info=failure)
    return ApiError()
