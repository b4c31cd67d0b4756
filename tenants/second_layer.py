"""
The second layer of both walls: every ORM query of a session is narrowed to what its caller sees.

It stands in this process and knows nothing of the row policies, so each holds when the other fails.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import column, false, true
from sqlalchemy.orm import with_loader_criteria
from sqlmodel import SQLModel

from tenants import rows
from tenants.sight import Sight
from tenants.tables import (
    AgencyModel,
    ClientOwned,
    InfluencerOwned,
    MaybeClientOwned,
)

# It can be switched off by a test that proves the first layer alone.
on = True


def criteria(sight: Sight) -> Iterator[Any]:
    """What narrows a query of any table to what the caller sees."""
    agency = sight.agency_id
    yield with_loader_criteria(
        AgencyModel, lambda cls: _column_of(cls, "agency_id") == agency, include_aliases=True
    )
    if sight.db_role == "app_influencer":
        yield from _of_influencer(sight.influencer_id)
    elif sight.client_ids is not None:
        yield from _of_clients(sight.client_ids)


def _of_clients(client_ids: frozenset[UUID]) -> Iterator[Any]:
    clients = sorted(client_ids)
    for mixin in (ClientOwned, MaybeClientOwned):
        yield with_loader_criteria(
            mixin, lambda cls: _column_of(cls, "client_id").in_(clients), include_aliases=True
        )
    yield with_loader_criteria(_client(), lambda cls: cls.id.in_(clients), include_aliases=True)


def _of_influencer(influencer_id: UUID | None) -> Iterator[Any]:
    """Theirs, whichever client it is for; and of the rest of what belongs to clients nothing."""
    yield with_loader_criteria(
        InfluencerOwned,
        lambda cls: _column_of(cls, cls.influencer_column) == influencer_id,
        include_aliases=True,
    )
    for mixin in (ClientOwned, MaybeClientOwned):
        yield with_loader_criteria(
            mixin,
            lambda cls: true() if hasattr(cls, "influencer_column") else false(),
            include_aliases=True,
        )
    yield with_loader_criteria(_client(), lambda cls: false(), include_aliases=True)


def _column_of(model: Any, name: str) -> Any:
    """A mapped column; a mixin, which is asked only to learn the criterion's form, has none."""
    return getattr(model, name, None) if hasattr(model, "__mapper__") else column(name)


@cache
def _client() -> Any:
    """The class of `clients`, which stands a floor above this module."""
    return next(m.class_ for m in SQLModel._sa_registry.mappers if m.class_.__name__ == "Client")


def shows(
    sight: Sight, model: type[Any], client_id: UUID | None, influencer_id: UUID | None
) -> bool:
    """The second layer's word on a row of a model: of a client in sight, or the influencer's."""
    if sight.db_role == "app_influencer" and issubclass(model, InfluencerOwned):
        return not on or influencer_id == sight.influencer_id
    return not rows.is_owned(model) or in_sight(sight, client_id)


def in_sight(sight: Sight, client_id: UUID | None) -> bool:
    """The second layer's word on a row of a client: whether the caller sees them."""
    if sight.client_ids is None or not on:
        return True
    return client_id in sight.client_ids
