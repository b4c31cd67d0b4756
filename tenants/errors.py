"""
Everything that can be refused, as classes. The parent gives the HTTP status, the class its code.

    ApiError
      BadRequest 400 · Unauthenticated 401 · PaymentRequired 402 · Forbidden 403 · NotFound 404
      NotAcceptable 406
      Conflict 409 · Gone 410 · PreconditionFailed 412 · TooLarge 413 · UnsupportedMedia 415
      Unprocessable 422 · PreconditionRequired 428 · TooManyRequests 429
      NotSetUp 501 · BadGateway 502 · Unavailable 503

A class that is raised carries a stable snake_case `code` (made from its name), a one-line docstring
that becomes the OpenAPI text, and a sentence in each of `tenants/locales/*.toml` under that code;
keyword arguments fill the sentence's places. A sentence never holds an id or the value sent.
"""

import re
from typing import Any, ClassVar


class ApiError(Exception):
    """Something was refused; see `code`."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "code" not in cls.__dict__:
            cls.code = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def __init__(
        self,
        *,
        pointer: str | None = None,
        extra: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        **words: Any,
    ) -> None:
        """`pointer`: JSON pointer of the member at fault; `extra`: more members of the problem."""
        super().__init__(self.code)
        self.pointer = pointer
        self.extra = extra or {}
        self.headers = headers or {}
        self.words = words


class BadRequest(ApiError):
    """The request could not be understood."""

    status = 400


class Unauthenticated(ApiError):
    """The credentials are missing, wrong or no longer valid."""

    status = 401


class PaymentRequired(ApiError):
    """The agency's own subscription does not cover this."""

    status = 402


class Forbidden(ApiError):
    """You may see this, and may not do that to it."""

    status = 403


class NotFound(ApiError):
    """There is no such thing, or you may not see it."""

    status = 404


class NotAcceptable(ApiError):
    """None of the formats asked for can be served."""

    status = 406


class Conflict(ApiError):
    """The state of the thing does not allow this now."""

    status = 409


class MoveNotAllowed(Conflict):
    """The thing's state does not allow this move; `allowed` lists the states that can follow."""

    def __init__(self, state: str, allowed: tuple[str, ...] | list[str] = ()) -> None:
        super().__init__(extra={"state": state, "allowed": sorted(allowed)}, state=state)


class Gone(ApiError):
    """It was here and has been taken back."""

    status = 410


class PreconditionFailed(ApiError):
    """`If-Match` names an older version; read it again."""

    status = 412


class TooLarge(ApiError):
    """The body is larger than this operation takes."""

    status = 413


class UnsupportedMedia(ApiError):
    """This operation does not take that `Content-Type`."""

    status = 415


class Unprocessable(ApiError):
    """The values sent do not make sense together."""

    status = 422


class PreconditionRequired(ApiError):
    """Send `If-Match` with the ETag of the version you saw, or `*`."""

    status = 428


class TooManyRequests(ApiError):
    """The rate limit is used up; `Retry-After` says when to come back."""

    status = 429


class NotSetUp(ApiError):
    """This installation is not set up for it."""

    status = 501


class BadGateway(ApiError):
    """Somebody this depends on refused, or said what cannot be used."""

    status = 502


class Unavailable(ApiError):
    """The service cannot answer at the moment; try again."""

    status = 503
