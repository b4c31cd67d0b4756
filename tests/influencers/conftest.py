"""Letters about programs go to the tests' own mail server; and the database, to look into."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine

from tests.mail.conftest import configure as configure
from tests.mail.conftest import sink as sink


@pytest.fixture
def owner(urls: dict[str, str]) -> Iterator[Engine]:
    """The database as its superuser: to look."""
    engine = create_engine(urls["owner"])
    yield engine
    engine.dispose()
