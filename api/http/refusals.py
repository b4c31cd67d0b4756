"""What any route may answer besides its own answers: documented with each of them."""

from typing import Any

from api.http import idempotency
from api.http.problems import (
    REASONS,
    ConcurrentChange,
    DatabaseUnavailable,
    HeadersTooLarge,
    InvalidRequest,
    MalformedBody,
    RequestTimeout,
    problems,
)
from tenants import auth, errors
from tenants.auth import AgencySuspended, SubscriptionReadOnly


class UnknownParameter(errors.BadRequest):
    """A query parameter this operation does not know, or one given twice."""


_ANY: tuple[type[errors.ApiError], ...] = (
    errors.BadRequest,
    RequestTimeout,
    HeadersTooLarge,
    UnknownParameter,
    auth.InvalidToken,
    errors.Forbidden,
    AgencySuspended,
    InvalidRequest,
    errors.TooManyRequests,
    errors.ApiError,
    errors.Unavailable,
    DatabaseUnavailable,
)
_WITH_BODY = (
    MalformedBody,
    errors.TooLarge,
    errors.UnsupportedMedia,
    ConcurrentChange,
    SubscriptionReadOnly,
)
_MORE: dict[str, tuple[type[errors.ApiError], ...]] = {
    "POST": (
        *_WITH_BODY,
        idempotency.InvalidIdempotencyKey,
        idempotency.IdempotencyKeyReused,
        idempotency.RequestInFlight,
    ),
    "PATCH": (*_WITH_BODY, errors.PreconditionFailed, errors.PreconditionRequired),
    "PUT": (*_WITH_BODY, errors.PreconditionFailed, errors.PreconditionRequired),
    "DELETE": (
        SubscriptionReadOnly,
        ConcurrentChange,
        errors.PreconditionFailed,
        errors.PreconditionRequired,
    ),
}


def always(options: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """What any route may answer; a route adds its own."""
    methods = set(options.get("methods") or ())
    found = problems(*_ANY, *(kind for method in methods for kind in _MORE.get(method, ())))
    versioned = "version" in getattr(options.get("response_model"), "model_fields", {})
    if "GET" in methods and versioned:
        found[304] = {"description": "What you have still holds."}
    return found


def both(
    common: dict[int | str, dict[str, Any]], own: dict[int | str, dict[str, Any]]
) -> dict[int | str, dict[str, Any]]:
    """One status may have several reasons: those of any route, and the route's own."""
    made = {**common, **own}
    for status in common.keys() & own.keys():
        reasons = dict.fromkeys(
            reason
            for one in (common[status], own[status])
            for reason in str(one.get("description", "")).split(REASONS)
        )
        made[status] = {**own[status], "description": REASONS.join(reasons)}
    return dict(sorted(made.items(), key=lambda item: str(item[0])))
