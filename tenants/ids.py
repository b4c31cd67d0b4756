"""Identifiers: UUID version 7 (RFC 9562), made by us so that the schema needs no newer server."""

import hashlib
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A fresh id; ids of one process sort by the time they were made."""
    return uuid7()


def id_of(moment: datetime, *words: object) -> UUID:
    """The one id of what these words name at that moment: a UUIDv7 with a hash for its chance."""
    named = "\n".join(map(str, words))
    chance = int.from_bytes(hashlib.sha256(named.encode()).digest()[:10], "big")
    high, low = chance >> 68, chance & (1 << 62) - 1
    return UUID(int=first_id(moment).int | high << 64 | low)


def first_id(moment: datetime) -> UUID:
    """The least id of that moment: whatever was made then, or since, has none below it."""
    milliseconds = int(moment.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62)
