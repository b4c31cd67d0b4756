"""Identifiers: UUID version 7 (RFC 9562), made by us so that the schema needs no newer server."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A fresh id; ids of one process sort by the time they were made."""
    return uuid7()
