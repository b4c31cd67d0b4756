"""Every database role in front of every table, with rows of everybody in it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool

from tests.isolation import trespass, walls

by_table = pytest.mark.parametrize("table", walls.models())


@pytest.fixture(scope="module")
def planter(urls: dict[str, str]) -> Iterator[Engine]:
    """A superuser's way in, to plant rows and to become any role."""
    engine = create_engine(urls["owner"], poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(planter: Engine) -> Iterator[Connection]:
    """A transaction of which nothing remains."""
    with planter.connect() as made:
        yield made
        made.rollback()


class TestWalls:
    def test_are_written_down(self, connection: Connection) -> None:
        """`python -m tests.isolation.walls --write`, and look at what changed."""
        assert walls.WRITTEN.read_text(encoding="utf-8") == walls.as_it_is(connection)

    @by_table
    def test_hold_every_role(self, table: str, connection: Connection) -> None:
        assert trespass.faults(trespass.Stage(connection, table)) == []

    @by_table
    def test_hold_every_reference(self, table: str, connection: Connection) -> None:
        assert trespass.references(connection, table) == []

    def test_hold_the_log_ins(self, connection: Connection) -> None:
        assert trespass.logins(connection) == []
