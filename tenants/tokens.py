"""
Tokens: those that are signed and say who it is, and those that are only impossible to guess.

An access token is an Ed25519-signed JWT (RFC 9068, `typ: at+jwt`) of one log-in to one agency. It
says only who it is; what they may do is looked up live (`auth.AccessToken`). An opaque token says
where to look, and its secret is compared with a hash.
"""

import base64
import hashlib
import hmac
import json
import secrets
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from uuid import UUID

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.types import Options

from tenants import clock, settings
from tenants.auth import AccessToken, InvalidToken
from tenants.ids import new_id

ACCESS_SECONDS = 15 * 60
AUDIENCE = "agency-api"
LONGEST_TOKEN = 4096
# Against our own clock (`check_time`), so that a test that moves it moves this too.
_OPTIONS: Options = {
    "require": ["exp", "iat", "nbf", "iss", "aud", "jti", "sub"],
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
}

# Signing keys: <home>/keys/signing/*.pem. The newest signs, every one verifies; the operator adds
# a file to rotate and removes the old one when its last token has expired.


@dataclass(frozen=True)
class SigningKey:
    private: Ed25519PrivateKey
    kid: str
    jwk: dict[str, str]


@lru_cache(maxsize=1)
def signing_keys() -> tuple[SigningKey, ...]:
    """Every key of this server, the one that signs first."""
    folder = settings.get().home / "keys" / "signing"
    if not any(folder.glob("*.pem")):
        settings.read_or_make(folder / "0001.pem", _new_pem)
    files = sorted(folder.glob("*.pem"), reverse=True)
    return tuple(_key(file) for file in files)


def jwks() -> dict[str, list[dict[str, str]]]:
    """The public halves (RFC 7517)."""
    return {"keys": [key.jwk for key in signing_keys()]}


def _new_pem() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _key(file: Path) -> SigningKey:
    private = serialization.load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(private, Ed25519PrivateKey):
        raise settings.ConfigurationError(f"{file.name} in keys/signing is not an Ed25519 key")
    raw = private.public_key().public_bytes(
        serialization.Encoding.Raw, serialization.PublicFormat.Raw
    )
    jwk = {"crv": "Ed25519", "kty": "OKP", "x": _base64(raw)}
    # The thumbprint of RFC 7638 names the key.
    canonical = json.dumps(jwk, separators=(",", ":"), sort_keys=True).encode()
    kid = _base64(hashlib.sha256(canonical).digest())
    return SigningKey(private, kid, {**jwk, "kid": kid, "alg": "EdDSA", "use": "sig"})


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def issuer() -> str:
    return settings.get().public_url or "http://localhost"


def write_token(agency_id: UUID, session_id: UUID, user_id: UUID) -> str:
    """Sign an access token for `ACCESS_SECONDS`."""
    key, now = signing_keys()[0], int(clock.now().timestamp())
    claims = {
        "iss": issuer(),
        "aud": AUDIENCE,
        "sub": str(user_id),
        "client_id": AUDIENCE,
        "jti": str(new_id()),
        "iat": now,
        "nbf": now,
        "exp": now + ACCESS_SECONDS,
        "agency": str(agency_id),
        "sid": str(session_id),
    }
    return jwt.encode(claims, key.private, "EdDSA", {"kid": key.kid, "typ": "at+jwt"})


# What a header or a claim of another type than promised can raise on its way.
_MALFORMED = (
    jwt.PyJWTError,
    StopIteration,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
)


def read_token(token: str) -> AccessToken:
    """Verify an access token. Whatever is wrong with it, the refusal is the same."""
    if len(token) > LONGEST_TOKEN:
        raise InvalidToken
    try:
        verified = _verify(token, issuer())
        verified.check_time()
        return verified.token
    except InvalidToken:
        raise
    except _MALFORMED:
        raise InvalidToken from None


@dataclass(frozen=True)
class _Verified:
    """What a good signature vouches for, and from when to when."""

    token: AccessToken
    begins: int
    expires: int

    def check_time(self) -> None:
        """Against our own clock, so that a test that moves it moves this too."""
        now = clock.now().timestamp()
        if not (self.begins <= now + 1 and now < self.expires):
            raise InvalidToken


@lru_cache(maxsize=4096)  # a token comes many times; its signature never changes
def _verify(token: str, issued_by: str) -> _Verified:
    header = jwt.get_unverified_header(token)
    if header.get("typ", "").lower() not in ("at+jwt", "application/at+jwt"):
        raise InvalidToken
    key = next(key for key in signing_keys() if key.kid == header.get("kid"))
    claims = jwt.decode(
        token,
        key.private.public_key(),
        algorithms=["EdDSA"],
        audience=AUDIENCE,
        issuer=issued_by,
        options=_OPTIONS,
    )
    return _Verified(
        AccessToken(UUID(claims["agency"]), UUID(claims["sid"]), UUID(claims["sub"])),
        begins=max(int(claims["nbf"]), int(claims["iat"])),
        expires=int(claims["exp"]),
    )


# Opaque tokens: `<prefix>_<agency>_<id>_<secret><crc>`. The CRC refuses a typing error without a
# look-up, the agency says where to look, and only a hash of the secret is stored.


@dataclass(frozen=True)
class OpaqueToken:
    agency_id: UUID
    id: UUID
    secret: str

    def matches(self, secret_hash: str) -> bool:
        return hmac.compare_digest(hash_secret(self.secret), secret_hash)


def new_secret() -> str:
    """192 bits, in hexadecimal."""
    return secrets.token_hex(24)


def secret_for(*words: object) -> str:
    """
    192 bits that this server alone can make, and make again: what is mailed need be kept nowhere.
    The words say what it is good for, and end it when one of them changes.
    """
    said = "\n".join(map(str, words)).encode()
    return hmac.digest(settings.get().secret_key, b"mailed " + said, "sha256").hex()[:48]


def hash_secret(secret: str) -> str:
    """A plain hash will do: the secret has more than 112 bits (ASVS 6.5.2)."""
    return hashlib.sha256(secret.encode()).hexdigest()


def write_opaque(prefix: str, agency_id: UUID, id: UUID, secret: str) -> str:
    body = f"{prefix}_{agency_id.hex}_{id.hex}_{secret}"
    return f"{body}{zlib.crc32(body.encode()):08x}"


def read_opaque(prefix: str, token: str) -> OpaqueToken | None:
    """The parts of a token that was written by `write_opaque`, or None."""
    body, crc = token[:-8], token[-8:]
    parts = body.split("_")
    if len(token) > 256 or len(parts) != 4 or parts[0] != prefix:
        return None
    if f"{zlib.crc32(body.encode()):08x}" != crc:
        return None
    try:
        return OpaqueToken(UUID(hex=parts[1]), UUID(hex=parts[2]), parts[3])
    except ValueError:
        return None
