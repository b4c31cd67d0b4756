"""
Every mutant of the session's own criteria turns a test red, where they are all that stands: in a
database whose row security is off (`tests/isolation/test_layers.py`).
"""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import true
from sqlalchemy.orm import with_loader_criteria

from tenants import database
from tenants.models import Client
from tenants.tables import AgencyModel, ClientOwned, MaybeClientOwned
from tests.isolation.conftest import new_world
from tests.isolation.test_layers import TestSecondLayer as SecondLayer
from tests.isolation.test_layers import open_urls, without_policies
from tests.isolation.world import World
from tests.mutants import tally
from tests.operations import Operation, guarded

__all__ = ["open_urls", "without_policies"]

# A mixin, or what its criterion says about aliases.
MUTANTS: dict[str, Any] = {
    each.__name__: each for each in (AgencyModel, ClientOwned, MaybeClientOwned, Client)
}


def _without(left_out: type) -> Callable[..., Any]:
    def made(entity: Any, criterion: Any, **options: Any) -> Any:
        return with_loader_criteria(entity, true() if entity is left_out else criterion, **options)

    return made


def _is_red(operation: Operation, world: World) -> bool:
    try:
        SecondLayer().test_holds_alone(operation, world)
    except AssertionError:
        return True
    return False


@pytest.mark.deep
class TestEveryMutant:
    @pytest.mark.parametrize("name", MUTANTS)
    def test_of_the_second_layer_is_seen(
        self, name: str, without_policies: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world = new_world(without_policies.http, without_policies.owner)
        monkeypatch.setattr(database, "with_loader_criteria", _without(MUTANTS[name]))
        # What names a thing of a client in its path finds the most: it comes first.
        asked = sorted(guarded(), key=lambda each: -len(each.things))
        felt = any(_is_red(operation, world) for operation in asked)
        assert tally.note("second layer by a mixin", name, recorded=False, felt=felt) is None
