"""Who looks, and how far: what a session, its row policies and its criteria know of a caller."""

from typing import Protocol
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.engine import Connection


class Sight(Protocol):
    """Who looks, and how far: what a session needs to know of its caller."""

    @property
    def agency_id(self) -> UUID: ...

    @property
    def client_ids(self) -> frozenset[UUID] | None:
        """None: every client of the agency."""

    @property
    def db_role(self) -> str: ...

    @property
    def membership_id(self) -> UUID | None: ...

    @property
    def influencer_id(self) -> UUID | None:
        """Whom of the roster the caller is, if one of them."""

    def may(self, permission: str, client_id: UUID | None = None) -> bool: ...


class _Platform:
    """The platform's own sight: no agency, few tables."""

    agency_id = UUID(int=0)
    client_ids: frozenset[UUID] | None = None
    db_role = "app_platform"
    membership_id = None
    influencer_id = None

    def may(self, permission: str, client_id: UUID | None = None) -> bool:
        return False


PLATFORM: Sight = _Platform()


SET_SIGHT = (
    "select set_config('app.agency_id', :agency, true),"
    " set_config('app.client_ids', :clients, true),"
    " set_config('app.membership_id', :membership, true),"
    " set_config('app.influencer_id', :influencer, true), set_config('role', :role, true)"
)


def set_sight(connection: Connection, sight: Sight) -> Sight:
    """Enter as somebody already known: a worker, a link, a test."""
    connection.execute(text(SET_SIGHT), sight_parameters(sight))
    return sight


def sight_parameters(sight: Sight) -> dict[str, str]:
    clients = sight.client_ids
    return {
        "agency": str(sight.agency_id),
        "clients": "{" + ",".join(map(str, sorted(clients or ()))) + "}",
        "membership": str(sight.membership_id or ""),
        "influencer": str(sight.influencer_id or ""),
        "role": sight.db_role,
    }
