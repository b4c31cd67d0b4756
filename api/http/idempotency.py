"""
`Idempotency-Key`: the same request sent again gets the same answer, and nothing happens twice.

The record commits with the effect: whoever opened the transaction writes it just before the
commit, so failures are never stored. The key is kept as a hash, and the answer is encrypted under
a key made from the raw key and the server's secret, because answers may hold tokens. The draft's
quoted form and the bare one name the same key (draft-ietf-httpapi-idempotency-key-header-07).
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from cryptography.fernet import Fernet
from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary
from sqlmodel import Field, SQLModel

from tenants import clock, database, settings
from tenants.database import Session
from tenants.errors import BadRequest, Conflict, Unprocessable
from tenants.pipeline import Statement
from tenants.tables import INTERNAL, SECRET, UTC_TIMESTAMP, Wall

KEPT = timedelta(hours=24)
# Bare, or quoted as a structured field's string (RFC 9651 §3.3.3).
PATTERN = r'^(?:"(?:[ !#-\[\]-~]|\\["\\]){1,255}"|[!#-~](?:[ -~]{0,253}[!-~])?)$'
LONGEST = 512
_KEY = re.compile(PATTERN)


class InvalidIdempotencyKey(BadRequest):
    """`Idempotency-Key` must be 1 to 255 printable ASCII characters, bare or quoted."""


class IdempotencyKeyReused(Unprocessable):
    """This `Idempotency-Key` was used with another body; use a new key for a new request."""


class RequestInFlight(Conflict):
    """The first request with this `Idempotency-Key` is still running; ask again shortly."""


class IdempotencyRecord(SQLModel, table=True):
    """One answer that was given."""

    __tablename__ = "idempotency_records"
    __table_args__ = (
        ForeignKeyConstraint(
            ["agency_id", "membership_id"], ["memberships.agency_id", "memberships.id"]
        ),
        Index(None, "expires_at"),
    )
    wall: ClassVar[Wall] = Wall.personal

    agency_id: UUID = Field(primary_key=True)
    membership_id: UUID = Field(primary_key=True)
    route: str = Field(primary_key=True, max_length=120, sa_column_kwargs=INTERNAL)
    key_hash: str = Field(primary_key=True, max_length=64, sa_column_kwargs=INTERNAL)
    body_hash: str = Field(max_length=64, sa_column_kwargs=INTERNAL)
    answer: bytes = Field(sa_type=LargeBinary, sa_column_kwargs=SECRET)
    expires_at: datetime = Field(sa_type=UTC_TIMESTAMP)


@dataclass(frozen=True)
class Answer:
    """What went over the wire: enough to send it again, byte for byte."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Attempt:
    """One request that carries a key."""

    route: str
    key: str
    body_hash: str

    @property
    def key_hash(self) -> str:
        return hashlib.sha256(self.key.encode()).hexdigest()

    def lookup(self, agency_id: UUID) -> list[Statement]:
        """
        What holds the key until the commit, and finds the record; sent right after the entry. Two
        statements: what another has committed is seen by one that begins after the key is held.
        """
        names = {"agency": agency_id, **self._route}
        return [Statement(_HOLD, names), Statement(_LOOK_UP, names)]

    def replay(self, session: Session, found: Sequence[Any]) -> Answer | None:
        """The stored answer among what `lookup` found; None when this is the first time."""
        ((held,),), records = found
        if not held:
            raise RequestInFlight(headers={"Retry-After": "1"})
        if not records:
            return None
        body_hash, answer, expires_at = records[0]
        if expires_at <= clock.now():
            database.say_last(session, Statement(_FORGET, self._names(session.sight)))
            return None
        if body_hash != self.body_hash:
            raise IdempotencyKeyReused
        return self._open(answer)

    def remember(self, session: Session, answer: Answer) -> None:
        """Store the answer in the transaction that has its effect."""
        values = self._names(session.sight) | {
            "body_hash": self.body_hash,
            "answer": self._seal(answer),
            "expires_at": clock.now() + KEPT,
        }
        database.say_last(session, Statement(_REMEMBER, values))

    @property
    def _route(self) -> dict[str, Any]:
        return {"route": self.route, "key": self.key_hash}

    def _names(self, actor: Any) -> dict[str, Any]:
        return {"agency": actor.agency_id, "membership": actor.membership_id, **self._route}

    def _seal(self, answer: Answer) -> bytes:
        head = json.dumps({"status": answer.status, "headers": answer.headers}).encode()
        return self._cipher().encrypt(len(head).to_bytes(4, "big") + head + answer.body)

    def _open(self, sealed: bytes) -> Answer:
        plain = self._cipher().decrypt(sealed)
        size = int.from_bytes(plain[:4], "big")
        head = json.loads(plain[4 : 4 + size])
        return Answer(head["status"], head["headers"], plain[4 + size :])

    def _cipher(self) -> Fernet:
        material = hmac.digest(settings.get().secret_key, self.key.encode(), "sha256")
        return Fernet(base64.urlsafe_b64encode(material))


def attempt(route: str, header: str | None, body: bytes, media_type: str) -> Attempt | None:
    """What the header asks for; None without one."""
    if header is None:
        return None
    key = header.strip()
    if len(key) > LONGEST or not _KEY.fullmatch(key):
        raise InvalidIdempotencyKey
    if key[0] == '"':
        key = re.sub(r"\\(.)", r"\1", key[1:-1])
    digest = hashlib.sha256(media_type.encode() + b"\n" + body).hexdigest()
    return Attempt(route, key, digest)


_HOLD = """
select pg_try_advisory_xact_lock(hashtextextended(concat_ws(':', %(agency)s::text,
    nullif(current_setting('app.membership_id', true), ''), %(route)s::text, %(key)s::text), 0))
"""
_LOOK_UP = """
select body_hash, answer, expires_at from idempotency_records where agency_id = %(agency)s
    and membership_id = nullif(current_setting('app.membership_id', true), '')::uuid
    and route = %(route)s and key_hash = %(key)s
"""
_FORGET = """
delete from idempotency_records where agency_id = %(agency)s and membership_id = %(membership)s
    and route = %(route)s and key_hash = %(key)s
"""
_REMEMBER = """
insert into idempotency_records
    (agency_id, membership_id, route, key_hash, body_hash, answer, expires_at)
values (%(agency)s, %(membership)s, %(route)s, %(key)s, %(body_hash)s, %(answer)s, %(expires_at)s)
"""
