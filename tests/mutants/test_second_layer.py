"""
Every mutant of the session's own criteria turns a test red, where they are all that stands: in a
database whose row security is off (`tests/isolation/test_layers.py`).
"""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import true
from sqlalchemy.orm import with_loader_criteria

from tenants import second_layer
from tenants.models import Client
from tenants.tables import AgencyModel, ClientOwned, MaybeClientOwned
from tests.isolation.conftest import new_world
from tests.isolation.test_layers import NARROWED, open_urls, without_policies
from tests.isolation.test_layers import TestSecondLayer as SecondLayer
from tests.isolation.world import World
from tests.mutants import tally

__all__ = ["open_urls", "without_policies"]

# A mixin, or what its criterion says about aliases.
MUTANTS: dict[str, Any] = {
    each.__name__: each for each in (AgencyModel, ClientOwned, MaybeClientOwned, Client)
}


def _without(left_out: type) -> Callable[..., Any]:
    def made(entity: Any, criterion: Any, **options: Any) -> Any:
        return with_loader_criteria(entity, true() if entity is left_out else criterion, **options)

    return made


def _is_red(test: Callable[..., None], about: Any, world: World) -> bool:
    try:
        test(about, world)
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
        monkeypatch.setattr(second_layer, "with_loader_criteria", _without(MUTANTS[name]))
        narrows = SecondLayer().test_narrows_whatever_is_asked
        felt = any(_is_red(narrows, model, world) for model in NARROWED)
        assert tally.note("second layer by a mixin", name, recorded=False, felt=felt) is None
