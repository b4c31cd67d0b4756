"""What can be done to a client's channels: opened, changed, archived and taken up again."""

from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.clients.networks import Network, bare, key_of
from api.metrics.models import Channel, ChannelStatus
from tenants import database, outbox
from tenants.errors import Conflict, MoveNotAllowed
from tenants.models import Client
from tenants.pages import Listing

MOVES: dict[ChannelStatus, frozenset[ChannelStatus]] = {
    ChannelStatus.active: frozenset({ChannelStatus.archived}),
    ChannelStatus.archived: frozenset({ChannelStatus.active}),
}


class ChannelExists(Conflict):
    """The client already has this handle on this network, perhaps archived."""


def search(session: Session, page: Any) -> Listing:
    """The channels in sight, newest first; archived ones only when asked for by name."""
    query = select(Channel).where(
        col(Channel.status) == (page.status or ChannelStatus.active),
    )
    if page.client_id:
        query = query.where(col(Channel.client_id) == page.client_id)
    if page.network:
        query = query.where(col(Channel.network) == page.network)
    return Listing(query, Channel, page)


def create(
    session: Session, client_id: UUID, network: Network, handle: str, **values: Any
) -> Channel:
    """Note a client's account on a network."""
    # The client's row serialises two people who add the same account.
    client = database.get(session, Client, client_id, lock=True)
    handle = bare(handle)
    _check_free(session, client.id, network, handle)
    channel = Channel(
        client_id=client.id,
        network=network,
        handle=handle,
        handle_key=key_of(handle),
        **values,
    )
    database.add(session, channel)
    outbox.emit(session, "channel.created", channel)
    return channel


def update(session: Session, channel_id: UUID, **changes: Any) -> Channel:
    """Change a channel, archive it, or take it up again."""
    channel = database.get(session, Channel, channel_id, lock=True)
    told = "channel.updated"
    status = changes.get("status", channel.status)
    if status is not channel.status:
        if status not in MOVES[channel.status]:
            raise MoveNotAllowed(channel.status, [str(each) for each in MOVES[channel.status]])
        told = f"channel.{'archived' if status is ChannelStatus.archived else 'activated'}"
    if "handle" in changes:
        handle = bare(changes["handle"])
        if key_of(handle) != channel.handle_key:
            database.get(session, Client, channel.client_id, lock=True)
            _check_free(session, channel.client_id, channel.network, handle)
        changes |= {"handle": handle, "handle_key": key_of(handle)}
    channel.sqlmodel_update(changes)
    database.touch(channel)
    outbox.emit(session, told, channel)
    return channel


def _check_free(session: Session, client_id: UUID, network: Network, handle: str) -> None:
    taken = select(Channel.id).where(
        col(Channel.client_id) == client_id,
        col(Channel.network) == network,
        col(Channel.handle_key) == key_of(handle),
    )
    if session.exec(taken).first():
        raise ChannelExists(pointer="/handle")
