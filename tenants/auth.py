"""
Credentials → Actor: who calls, for which agency, and what they may see and do, live.

An access token is an Ed25519-signed JWT (RFC 9068, `typ: at+jwt`) of one log-in to one agency. It
says only who it is; what the person may do is read from the database by the statement that enters
the transaction, so that a removal, a suspension or a change of role bites on the next request.
"""

import base64
import hashlib
import hmac
import json
import secrets
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.types import Options
from sqlalchemy.engine import Connection

from tenants import clock, settings
from tenants.errors import Forbidden, PaymentRequired, Unauthenticated
from tenants.ids import new_id
from tenants.models import AgencyStatus, MembershipKind
from tenants.permissions import EVERYBODY, INFLUENCER, AgencyRole, Duty, by_rank, duties_with
from tenants.pipeline import Statement, ask_together
from tenants.sight import set_sight

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


class InvalidToken(Unauthenticated):
    """The access token is missing, wrong, expired or revoked; ask for a new one."""


class AgencySuspended(Forbidden):
    """The agency is suspended: its owner can settle that, nothing else is open."""


class SubscriptionReadOnly(PaymentRequired):
    """The agency's subscription has lapsed: all can be read and taken out, nothing changed."""


@dataclass(frozen=True)
class Actor:
    """The caller of one request, link or job."""

    kind: str  # user · key · link · feed · system
    agency_id: UUID
    label: str
    user_id: UUID | None = None
    membership_id: UUID | None = None
    credential_id: UUID | None = None
    membership: MembershipKind = MembershipKind.staff
    role: AgencyRole = AgencyRole.member
    duties: dict[UUID, frozenset[Duty]] = field(default_factory=dict)
    agency_status: AgencyStatus = AgencyStatus.active
    locale: str = "en"
    every_client: bool = False
    influencer_id: UUID | None = None

    @property
    def client_ids(self) -> frozenset[UUID] | None:
        return None if self.every_client else frozenset(self.duties)

    @property
    def db_role(self) -> str:
        if self.membership is MembershipKind.client_contact:
            return "app_link" if self.kind == "link" else "app_contact"
        if self.membership is MembershipKind.influencer:
            return "app_influencer"
        return "app_staff" if self.every_client else "app_scoped"

    @property
    def is_influencer(self) -> bool:
        return self.db_role == "app_influencer"

    @property
    def is_contact(self) -> bool:
        return self.db_role == "app_contact"

    def may(self, permission: str, client_id: UUID | None = None) -> bool:
        """Whether the actor holds a permission: for one client, or (None) for any at all."""
        if self.kind == "system" or permission in EVERYBODY:
            return True
        if self.membership is MembershipKind.influencer:
            return permission in INFLUENCER
        if self.membership is MembershipKind.staff and by_rank(self.role, permission):
            return True
        carriers = duties_with(permission)
        if client_id is not None:
            return bool(carriers & self.duties.get(client_id, frozenset()))
        return any(carriers & held for held in self.duties.values())

    def as_agency(self, client_id: UUID | None) -> "Actor":
        """The same actor, with the agency's hand for what follows from what an outsider decided."""
        return replace(
            self,
            membership=MembershipKind.staff,
            every_client=False,
            duties={} if client_id is None else {client_id: frozenset()},
        )

    def with_client(self, client_id: UUID) -> "Actor":
        """The same actor, with a client made in this transaction in sight."""
        known = self.duties.get(client_id, frozenset())
        return replace(self, duties={**self.duties, client_id: known})


def system(agency_id: UUID, label: str = "system") -> Actor:
    """The agency's own machinery: a job or a handler, seeing every client of one agency."""
    return Actor("system", agency_id, label, role=AgencyRole.owner, every_client=True)


@dataclass(frozen=True)
class AccessToken:
    """A verified token: which log-in to which agency. It has not been looked up yet."""

    agency_id: UUID
    session_id: UUID
    user_id: UUID

    def enter(self, connection: Connection) -> Actor:
        """Look the log-in up and take its sight, in one statement."""
        return self.entered(ask_together(connection, [self.statement])[0])

    @property
    def statement(self) -> Statement:
        """What looks the log-in up."""
        values = {"agency": self.agency_id, "session": self.session_id, "now": clock.now()}
        return Statement(_ENTER, values)

    def entered(self, rows: Sequence[Any]) -> Actor:
        """Who it is that `statement` answered with; nobody, when that is no row."""
        if not rows or rows[0][0] != self.user_id:
            raise InvalidToken
        return actor(rows[0], self.agency_id, self.session_id)


class SightRow(NamedTuple):
    """What a look-up says of a member: `sight_of_session`, for one, of a log-in."""

    user_id: UUID
    membership_id: UUID
    name: str
    locale: str
    kind: str
    role: str
    duties: dict[str, list[str]]
    client_ids: list[UUID]
    agency_status: str
    db_role: str
    influencer_id: UUID | None


_SIGHT = len(SightRow._fields)


# `set_config('role')` may not stand inside a security definer function, so it stands beside it.
def entering(sight: str) -> str:
    """The statement that takes the sight of somebody whom a look-up answers with."""
    return (
        f"select {', '.join('s.' + name for name in SightRow._fields)},"  # noqa: S608
        " set_config('app.agency_id', (%(agency)s::uuid)::text, true),"
        " set_config('app.client_ids', s.client_ids::text, true),"
        " set_config('app.membership_id', coalesce(s.membership_id::text, ''), true),"
        " set_config('app.influencer_id', coalesce(s.influencer_id::text, ''), true),"
        f" set_config('role', s.db_role, true) from {sight} s"
    )


_ENTER = entering("sight_of_session(%(agency)s::uuid, %(session)s::uuid, %(now)s::timestamptz)")


def actor(found: Sequence[Any], agency_id: UUID, credential_id: UUID, kind: str = "user") -> Actor:
    """Who it is that `entering` answered with."""
    row = SightRow(*found[:_SIGHT])
    return Actor(
        kind=kind,
        agency_id=agency_id,
        label=row.name,
        user_id=row.user_id,
        membership_id=row.membership_id,
        credential_id=credential_id,
        membership=MembershipKind(row.kind),
        role=AgencyRole(row.role),
        duties={
            UUID(client): frozenset(map(Duty, duties)) for client, duties in row.duties.items()
        },
        agency_status=AgencyStatus(row.agency_status),
        locale=row.locale,
        every_client=row.db_role == "app_staff",
        influencer_id=row.influencer_id,
    )


@dataclass(frozen=True)
class SystemEntry:
    """The way in of a job or a handler."""

    actor: Actor

    def __call__(self, connection: Connection) -> Actor:
        set_sight(connection, self.actor)
        return self.actor


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
