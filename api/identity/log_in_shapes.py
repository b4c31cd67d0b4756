"""Wire shapes of passwords, tokens and keys."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from tenants.passwords import LONGEST, SHORTEST
from tenants.shapes import (
    Email,
    ReadShape,
    Shape,
)


def _storable(value: str) -> str:
    """No longer than is hashed whole: nothing is ever cut off a password."""
    if len(value.encode()) > LONGEST:
        raise PydanticCustomError("string_too_long", "too long", {"max_length": LONGEST})
    return value


Password = Annotated[str, Field(min_length=1, max_length=LONGEST), AfterValidator(_storable)]
NewPassword = Annotated[
    str, Field(min_length=SHORTEST, max_length=LONGEST), AfterValidator(_storable)
]
Token = Annotated[str, Field(min_length=1, max_length=256, pattern="^[A-Za-z0-9_]*$")]
# Sent empty is not sent (RFC 6749 §3.1): no shortest length.
FormToken = Annotated[str, Field(max_length=4096)]


class TokenForm(Shape):
    """A request for tokens (RFC 6749 §4.3.2, §6), with the agency when a person has several."""

    grant_type: Annotated[
        str, Field(max_length=100, json_schema_extra={"enum": ["password", "refresh_token"]})
    ]
    username: Annotated[str | None, Field(max_length=254, description="E-mail.")] = None
    password: Annotated[str | None, Field(max_length=LONGEST)] = None
    agency: Annotated[str | None, Field(max_length=63, description="Its slug.")] = None
    refresh_token: FormToken | None = None


class RevokeForm(Shape):
    """A token that is no longer needed (RFC 7009)."""

    token: Annotated[FormToken, Field(min_length=1)]
    token_type_hint: Annotated[str | None, Field(max_length=40)] = None


class TokensRead(ReadShape):
    """RFC 6749 §5.1. The refresh token works once: each use answers the next one."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: Annotated[int, Field(description="Seconds.")]
    refresh_token: str


class PasswordResetAsk(Shape):
    """Whose password is to be replaced: a token is mailed there."""

    email: Email


class PasswordReset(Shape):
    """The token that was mailed, good once and for half an hour, and a new password."""

    token: Token
    password: NewPassword


class EmailVerify(Shape):
    """The token that was mailed, good once and for a day."""

    token: Token


class JwkRead(ReadShape):
    """A public key (RFC 8037)."""

    crv: str
    kty: str
    x: str
    kid: str
    alg: str
    use: str


class JwksRead(ReadShape):
    """The keys that access tokens are signed with (RFC 7517)."""

    keys: list[JwkRead]
