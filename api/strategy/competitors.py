"""
What can be done to a client's competitors: named, changed, archived and taken up again.

A competitor has an account on each of several networks. An account's id is made of its competitor,
network and handle, so that one that is taken out and put back is the same, with its readings.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid5

from sqlmodel import Session, col, select

from api.clients.networks import Network, bare, key_of
from api.strategy.models import Competitor, CompetitorAccount, CompetitorStatus
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
    session: Session, client_id: UUID, handles: list[dict[str, Any]], **values: Any
) -> Competitor:
    """Name whom a client competes with, and where they are found."""
    client = database.get(session, Client, client_id)
    competitor = Competitor(client_id=client.id, **values)
    database.add(session, competitor)
    _keep(session, competitor, handles)
    outbox.emit(session, "competitor.created", competitor)
    return competitor


def update(session: Session, competitor_id: UUID, **changes: Any) -> Competitor:
    """Change a competitor, archive it, or take it up again."""
    competitor = database.get(session, Competitor, competitor_id, lock=True)
    told = "competitor.updated"
    status = changes.get("status", competitor.status)
    if status is not competitor.status:
        if status not in MOVES[competitor.status]:
            allowed = [str(each) for each in MOVES[competitor.status]]
            raise MoveNotAllowed(competitor.status, allowed)
        archived = status is CompetitorStatus.archived
        told = f"competitor.{'archived' if archived else 'activated'}"
    handles = changes.pop("handles", None)
    competitor.sqlmodel_update(changes)
    database.touch(competitor)
    if handles is not None:
        _keep(session, competitor, handles)
    outbox.emit(session, told, competitor)
    return competitor


def _keep(session: Session, competitor: Competitor, handles: Iterable[dict[str, Any]]) -> None:
    """Make the competitor's accounts these, and no others."""
    wanted = [_account(competitor, **each) for each in handles]
    query = select(CompetitorAccount).where(col(CompetitorAccount.competitor_id) == competitor.id)
    known = {each.id: each for each in session.exec(query.with_for_update())}
    for gone in known.keys() - {each.id for each in wanted}:
        session.delete(known[gone])
    session.flush()
    # In one order, so that two who name the same accounts wait for each other in a row.
    for place, each in sorted(
        enumerate(wanted), key=lambda one: (one[1].network, one[1].handle_key)
    ):
        if (same := known.get(each.id)) is not None:
            same.handle = each.handle
            continue
        taken = HandleTaken(pointer=f"/handles/{place}")
        with database.refusing_twice("uq_competitor_accounts_handle", taken):
            database.add(session, each)
    session.flush()
    session.refresh(competitor, ["handles"])


def _account(competitor: Competitor, network: Network, handle: str) -> CompetitorAccount:
    key = key_of(handle)
    return CompetitorAccount(
        id=uuid5(competitor.id, f"{network}:{key}"),
        client_id=competitor.client_id,
        competitor_id=competitor.id,
        network=network,
        handle=bare(handle),
        handle_key=key,
    )
