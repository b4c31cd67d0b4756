"""JSON as RFC 8259 has it, and no looser: what PostgreSQL or a client could not hold is refused."""

import json
import re
from collections.abc import AsyncGenerator
from typing import Any

from pydantic_core import PydanticCustomError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from tenants import settings

DEEPEST = 50
WIDEST = 1_000
LARGEST = 2**53 - 1


class NotJson(ValueError):
    """The text is not strict JSON."""


class StrictRequest(Request):
    """A request whose JSON is read by `loads`, and whose body has an end."""

    body_limit: int | None = None  # of a route that takes more than the others

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The body as it comes, up to the limit: told by its length, or found by counting."""
        limit, taken = self.check_length(), 0
        async for chunk in super().stream():
            taken += len(chunk)
            if taken > limit:
                raise HTTPException(413)
            yield chunk

    def check_length(self) -> int:
        """The limit, which the length that the body is said to have does not pass."""
        limit = self.body_limit or settings.get().body_limit
        length = self.headers.get("content-length", "0")
        if length.isdecimal() and int(length) > limit:
            raise HTTPException(413)
        return limit

    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            self._json = loads(await self.body())
        return self._json


def loads(body: bytes) -> Any:
    """Parse UTF-8 JSON; no NaN, huge number, duplicate key, NUL, lone surrogate, depth or width."""
    try:
        text = body.decode("utf-8")
        value = json.loads(
            text,
            parse_constant=_refuse,
            parse_float=_real,
            object_pairs_hook=_object,
        )
    except RecursionError:
        raise NotJson("too deep") from None
    except UnicodeDecodeError:
        raise NotJson("not UTF-8") from None
    # Raw text cannot hold what cannot be stored: only an escape can bring it.
    _check(value, 0, texts="\\u" in text or "\x00" in text)
    return value


def _refuse(constant: str) -> Any:
    raise NotJson(constant)


def _real(digits: str) -> float | int:
    if len(digits) > 60:
        raise NotJson("number too long")
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise NotJson("number too large")
    # To JSON Schema 1.0 is an integer like 1 (2020-12, validation §6.1.1).
    return int(value) if value.is_integer() and abs(value) <= LARGEST else value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(pairs) > WIDEST:
        raise NotJson("too many members")
    if len(made) != len(pairs):
        raise NotJson("duplicate key")
    return made


def _check(value: Any, depth: int, *, texts: bool) -> None:
    if depth > DEEPEST:
        raise NotJson("too deep")
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, dict | list):
        if texts and isinstance(value, dict):
            check_text("".join(value))
        for member in value.values() if isinstance(value, dict) else value:
            if texts or isinstance(member, dict | list):
                _check(member, depth + 1, texts=texts)


def check_text(value: str) -> None:
    """No NUL and no half of a surrogate pair: neither can be stored."""
    if _UNSTORABLE.search(value):
        raise NotJson("text that cannot be stored")


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def no_nul(value: str) -> str:
    """The same check for text that did not come as JSON."""
    try:
        check_text(value)
    except NotJson:
        raise PydanticCustomError("unstorable_text", "text that cannot be stored") from None
    return value
