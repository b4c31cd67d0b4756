"""
Every mutant of a permission turns the matrix red: as it is written down, and as it is tried.

What is felt is felt by the very tests of `tests/isolation/test_matrix.py`, in a world of its own
for each mutant, since what it lets through changes things.
"""

from collections.abc import Iterable, Iterator

import pytest
from sqlalchemy import Engine, create_engine
from starlette.testclient import TestClient

from tenants.permissions import PERMISSIONS
from tests.isolation import matrix
from tests.isolation.conftest import new_world
from tests.isolation.test_matrix import TestMatrix as Matrix
from tests.isolation.world import World
from tests.mutants import checks, tally
from tests.mutants.checks import Mutant
from tests.operations import Operation, guarded, operation


class Worlds:
    """Two agencies for each mutant; one pair for all that only read."""

    def __init__(self, http: TestClient, engine: Engine) -> None:
        self.http = http
        self.engine = engine
        self.untouched = self.fresh()

    def fresh(self) -> World:
        return new_world(self.http, self.engine)

    def of(self, operation: Operation) -> World:
        return self.fresh() if operation.changes else self.untouched


@pytest.fixture(scope="module")
def worlds(http: TestClient, urls: dict[str, str]) -> Iterator[Worlds]:
    engine = create_engine(urls["owner"], pool_size=1)
    yield Worlds(http, engine)
    engine.dispose()


def _faults(mutants: Iterable[Mutant], worlds: Worlds) -> list[str]:
    return [fault for each in mutants if (fault := _judge(each, worlds))]


def _judge(mutant: Mutant, worlds: Worlds) -> str | None:
    felt = any(_is_felt(mutant, operation, worlds.of(operation)) for operation in mutant.asked)
    felt = felt or _is_told(mutant, worlds.untouched)
    return tally.note(mutant.kind, mutant.name, recorded=_is_recorded(mutant), felt=felt)


def _is_recorded(mutant: Mutant) -> bool:
    with pytest.MonkeyPatch.context() as patch:
        mutant.write(patch)
        return matrix.pivot() != matrix.PIVOT.read_text(encoding="utf-8")


def _is_felt(mutant: Mutant, operation: Operation, world: World) -> bool:
    with pytest.MonkeyPatch.context() as patch:
        mutant.plant(patch)
        try:
            Matrix().test_refuses_without_a_trace(operation, world)
            Matrix().test_permits_what_it_says(operation, world)
        except AssertionError:
            return True
    return False


def _is_told(mutant: Mutant, world: World) -> bool:
    with pytest.MonkeyPatch.context() as patch:
        mutant.plant(patch)
        try:
            Matrix().test_is_what_everybody_is_told(world)
        except AssertionError:
            return True
    return False


class TestMutants:
    """A handful, so that what runs them stays true."""

    def test_of_a_route_are_seen(self, worlds: Worlds) -> None:
        assert _faults(checks.of_route(operation("list_contacts")), worlds) == []

    def test_of_a_row_are_seen(self, worlds: Worlds) -> None:
        assert _faults(checks.of_row("contracts:read"), worlds) == []

    def test_that_change_nothing_are_not_seen(self, worlds: Worlds) -> None:
        asked = (operation("list_contacts"),)
        nothing = Mutant("nothing", "nothing", lambda _: None, lambda _: None, asked)
        assert not _is_recorded(nothing)
        assert not _is_felt(nothing, asked[0], worlds.of(asked[0]))


@pytest.mark.deep
class TestEveryMutant:
    @pytest.mark.parametrize("operation", [e for e in guarded() if e.permission], ids=str)
    def test_of_a_route_is_seen(self, operation: Operation, worlds: Worlds) -> None:
        assert _faults(checks.of_route(operation), worlds) == []

    @pytest.mark.parametrize("permission", PERMISSIONS)
    def test_of_a_row_is_seen(self, permission: str, worlds: Worlds) -> None:
        assert _faults(checks.of_row(permission), worlds) == []
