"""
Links: an address that hands out a file's bytes for five minutes.

The token names its agency, the file, and the log-in that asked for it, signed with the server's
secret; nothing is stored. The bytes are handed out as that log-in may see the file at that moment,
so a removal or a suspension ends its links at once.
"""

import base64
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session

from tenants import clock, database, settings
from tenants.auth import AccessToken, Actor, InvalidToken
from tenants.errors import Gone, NotFound
from tenants.models import AgencyStatus
from tenants.storage import StoredFile

PREFIX = "file_"
LIFE = timedelta(minutes=5)
_NAMED = 4 * 16
_SIGNED = _NAMED + 8
_SIZE = _SIGNED + 32


class FileLinkExpired(Gone):
    """The link has expired; ask for another."""


@dataclass(frozen=True)
class FileLink:
    """What a token says."""

    file_id: UUID
    login: AccessToken


def create(session: Session, file_id: UUID) -> dict[str, Any]:
    """An address of a file that the caller may see."""
    file = database.get(session, StoredFile, file_id)
    actor: Actor = session.sight  # type: ignore[attr-defined]
    expires_at = (clock.now() + LIFE).replace(microsecond=0)
    assert actor.credential_id is not None
    assert actor.user_id is not None
    named = (file.agency_id, file.id, actor.credential_id, actor.user_id)
    signed = b"".join(each.bytes for each in named) + int(expires_at.timestamp()).to_bytes(8, "big")
    token = base64.urlsafe_b64encode(signed + _signature(signed)).rstrip(b"=").decode()
    address = f"{settings.get().public_address}/files/{PREFIX}{token}"
    return {"address": address, "expires_at": expires_at}


def read(token: str) -> FileLink:
    """What a token says, when the signature and the time are good."""
    raw = _decoded(token)
    signed, signature = raw[:_SIGNED], raw[_SIGNED:]
    if len(raw) != _SIZE or not hmac.compare_digest(_signature(signed), signature):
        raise NotFound
    if datetime.fromtimestamp(int.from_bytes(signed[_NAMED:], "big"), UTC) <= clock.now():
        raise FileLinkExpired
    agency, file, login, user = (UUID(bytes=signed[at : at + 16]) for at in range(0, _NAMED, 16))
    return FileLink(file, AccessToken(agency, login, user))


def opened(token: str) -> StoredFile:
    """The file a token opens, as the log-in that asked for it may still see it."""
    link = read(token)
    try:
        with database.open_session(link.login.enter) as session, session.begin():
            file = database.get(session, StoredFile, link.file_id)
            _permit(session.sight, file)
            return file
    except InvalidToken:
        raise NotFound from None


def _permit(actor: Actor, file: StoredFile) -> None:
    blocked = actor.agency_status in (AgencyStatus.suspended, AgencyStatus.closed)
    if blocked or not actor.may("files:read", file.client_id):
        raise NotFound


def _signature(signed: bytes) -> bytes:
    return hmac.digest(settings.get().secret_key, b"file link " + signed, "sha256")


def _decoded(token: str) -> bytes:
    body = token.removeprefix(PREFIX)
    if body == token or len(token) > 2 * _SIZE:
        return b""
    try:
        return base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return b""
