"""
What readings are about: how a row names it, whose it is, and who holds it meanwhile.

    channel        its id, or `network:handle`
    post           its id, or `network:external_id`
    campaign       its id
    collaboration  its id
    competitor     the id of one of its accounts, or `network:handle`

The rows of a batch's subjects are locked, kind after kind and each in the order of their ids: one
batch at a time tells what is measured of a subject, and two batches never wait for each other.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import or_, tuple_
from sqlmodel import col, select

from api.campaigns.models import Campaign
from api.clients.networks import Network, key_of
from api.collaborations.models import Collaboration
from api.metrics.models import Channel, SubjectType
from api.metrics.posts.models import PublishedPost
from api.strategy.models import CompetitorAccount
from tenants import clock
from tenants.models import Client

Named = tuple[SubjectType, str]
PERMISSION = "metrics:write"


@dataclass(frozen=True)
class Place:
    """A subject that the caller may write figures of."""

    type: SubjectType
    id: str
    client: Client
    client_id: str
    today: date


@dataclass(frozen=True)
class Kind:
    """How subjects of a kind are found: the model, and its second name besides the id."""

    model: Any
    second_name: tuple[str, str] | None = None  # the network's column, and that of the key
    key: Callable[[str], str] = str


KINDS: dict[SubjectType, Kind] = {
    SubjectType.channel: Kind(Channel, ("network", "handle_key"), key_of),
    SubjectType.campaign: Kind(Campaign),
    SubjectType.post: Kind(PublishedPost, ("network", "external_id")),
    SubjectType.collaboration: Kind(Collaboration),
    SubjectType.competitor: Kind(CompetitorAccount, ("network", "handle_key"), key_of),
}


def places(session: Any, named: Iterable[Named]) -> dict[Named, Place | str]:
    """Each subject as rows name it → the subject, locked; or the code of what is wrong."""
    wanted: dict[SubjectType, set[str]] = defaultdict(set)
    for type, name in named:
        wanted[type].add(name)
    found: dict[Named, Place | str] = {}
    for type in KINDS:
        for name, rows in _found(session, KINDS[type], wanted[type]).items():
            found[type, name] = _place(session.sight, type, rows)
    return found


def hold(session: Any, client_id: UUID) -> None:
    """Hold all that can be measured of a client, so that nobody tells figures of it meanwhile."""
    for kind in KINDS.values():
        session.exec(
            select(kind.model.id)
            .where(kind.model.client_id == client_id)
            .order_by(kind.model.id)
            .with_for_update(key_share=True)
        ).all()


def _found(session: Any, kind: Kind, names: set[str]) -> dict[str, list[tuple[Any, Client]]]:
    if not names:
        return {}
    meant = {name: _uuid(name) or _second(kind, name) for name in names}
    wanted = [col(kind.model.id).in_([each for each in meant.values() if isinstance(each, UUID)])]
    if kind.second_name:
        columns = tuple_(*(getattr(kind.model, column) for column in kind.second_name))
        wanted.append(columns.in_([each for each in meant.values() if isinstance(each, tuple)]))
    rows = session.exec(
        select(kind.model, Client)
        .join(Client, col(Client.id) == kind.model.client_id)
        .where(or_(*wanted))
        .order_by(kind.model.id)
        .with_for_update(key_share=True, of=kind.model)
    ).all()
    by_name: Mapping[Any, list[tuple[Any, Client]]] = defaultdict(list)
    for row, client in rows:
        by_name[row.id].append((row, client))
        if kind.second_name:
            by_name[tuple(getattr(row, column) for column in kind.second_name)].append(
                (row, client)
            )
    return {name: by_name[each] for name, each in meant.items()}


def _place(sight: Any, type: SubjectType, found: Sequence[tuple[Any, Client]]) -> Place | str:
    if not found:
        return f"unknown_{type}"
    if len(found) > 1:
        return f"ambiguous_{type}"
    row, client = found[0]
    if not sight.may(PERMISSION, client.id):
        return "not_permitted"
    return Place(type, str(row.id), client, str(client.id), clock.today(client.timezone))


def _uuid(name: str) -> UUID | None:
    try:
        return UUID(name) if len(name) == 36 else None
    except ValueError:
        return None


def _second(kind: Kind, name: str) -> tuple[Network, str] | None:
    network, _, key = name.partition(":")
    if not kind.second_name or network.strip().lower() not in set(Network):
        return None
    return Network(network.strip().lower()), kind.key(key.strip())
