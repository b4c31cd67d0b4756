"""
What can be done to a client's competitors: named, changed, archived and taken up again.

A competitor has an account on each of several networks. An account's id is made of its competitor,
network and handle, so that one that is taken out and put back is the same, with its readings.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid5

from sqlmodel import Session, col, select

from api.clients.networks import bare, key_of
from api.strategy.models import Competitor, CompetitorStatus
from api.strategy.shapes import CompetitorQuery
from tenants import database, outbox
from tenants.errors import Conflict, MoveNotAllowed
from tenants.models import Client
from tenants.pages import Listing

MOVES: dict[CompetitorStatus, frozenset[CompetitorStatus]] = {
    CompetitorStatus.active: frozenset({CompetitorStatus.archived}),
    CompetitorStatus.archived: frozenset({CompetitorStatus.active}),
}


class HandleTaken(Conflict):
    """Another competitor of the client has this handle on this network, perhaps archived."""


def search(session: Session, page: CompetitorQuery) -> Listing:
    """The competitors in sight, newest first; archived ones only when asked for by name."""
    query = select(Competitor).where(
        col(Competitor.status) == (page.status or CompetitorStatus.active)
    )
    if page.client_id:
        query = query.where(col(Competitor.client_id) == page.client_id)
    return Listing(query, Competitor, page)


def create(
    session: Session, client_id: UUID, handles: list[dict[str, str]], **values: Any
) -> Competitor:
    """Name whom a client competes with, and where they are found."""
    # The client's row serialises two people who name the same account.
    client = database.get(session, Client, client_id, lock=True)
    competitor = Competitor(client_id=client.id, **values)
    competitor.handles = _accounts(competitor.id, handles)
    _check_free(session, competitor)
    database.add(session, competitor)
    outbox.emit(session, "competitor.created", competitor)
    return competitor


def update(session: Session, competitor_id: UUID, **changes: Any) -> Competitor:
    """Change a competitor, archive it, or take it up again."""
    competitor = database.get(session, Competitor, competitor_id, lock=True)
    told = "competitor.updated"
    status = changes.get("status", competitor.status)
    if status is not competitor.status:
        if status not in MOVES[competitor.status]:
            raise MoveNotAllowed(
                competitor.status, [str(each) for each in MOVES[competitor.status]]
            )
        archived = status is CompetitorStatus.archived
        told = f"competitor.{'archived' if archived else 'activated'}"
    if "handles" in changes:
        database.get(session, Client, competitor.client_id, lock=True)
        changes["handles"] = _accounts(competitor.id, changes["handles"])
    competitor.sqlmodel_update(changes)
    if "handles" in changes:
        _check_free(session, competitor)
    database.touch(competitor)
    outbox.emit(session, told, competitor)
    return competitor


def _accounts(competitor_id: UUID, handles: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    return [
        {
            "id": str(uuid5(competitor_id, f"{each['network']}:{key_of(each['handle'])}")),
            "network": str(each["network"]),
            "handle": bare(each["handle"]),
        }
        for each in handles
    ]


def _check_free(session: Session, competitor: Competitor) -> None:
    others = select(Competitor.handles).where(
        col(Competitor.client_id) == competitor.client_id, col(Competitor.id) != competitor.id
    )
    with session.no_autoflush:
        taken = {_key(each) for handles in session.exec(others) for each in handles}
    for place, each in enumerate(competitor.handles):
        if _key(each) in taken:
            raise HandleTaken(pointer=f"/handles/{place}")


def _key(account: dict[str, str]) -> tuple[str, str]:
    return account["network"], key_of(account["handle"])
