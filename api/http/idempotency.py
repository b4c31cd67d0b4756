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
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from cryptography.fernet import Fernet
from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, text
from sqlmodel import Field, SQLModel, col, select

from tenants import clock, settings
from tenants.database import INTERNAL, SECRET, UTC_TIMESTAMP, Session, Wall
from tenants.errors import BadRequest, Conflict, Unprocessable

KEPT = timedelta(hours=24)


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

    def replay(self, session: Session) -> Answer | None:
        """The stored answer; None when this is the first time. Holds the key until the commit."""
        actor = session.sight
        name = f"{actor.agency_id}:{actor.membership_id}:{self.route}:{self.key_hash}"
        lock = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        taken = session.connection().execute(
            text("select pg_try_advisory_xact_lock(:lock)"), {"lock": lock}
        )
        if not taken.scalar_one():
            raise RequestInFlight(headers={"Retry-After": "1"})
        record = session.exec(
            select(IdempotencyRecord).where(
                col(IdempotencyRecord.agency_id) == actor.agency_id,
                col(IdempotencyRecord.membership_id) == actor.membership_id,
                col(IdempotencyRecord.route) == self.route,
                col(IdempotencyRecord.key_hash) == self.key_hash,
            )
        ).first()
        if record is None:
            return None
        if record.expires_at <= clock.now():
            session.delete(record)
            session.flush()
            return None
        if record.body_hash != self.body_hash:
            raise IdempotencyKeyReused
        return self._open(record.answer)

    def remember(self, session: Session, answer: Answer) -> None:
        """Store the answer in the transaction that has its effect."""
        actor = session.sight
        session.add(
            IdempotencyRecord(
                agency_id=actor.agency_id,
                membership_id=actor.membership_id,
                route=self.route,
                key_hash=self.key_hash,
                body_hash=self.body_hash,
                answer=self._seal(answer),
                expires_at=clock.now() + KEPT,
            )
        )

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
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise InvalidIdempotencyKey
    digest = hashlib.sha256(media_type.encode() + b"\n" + body).hexdigest()
    return Attempt(route, key, digest)
