"""The database as its superuser: to look."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine


@pytest.fixture(scope="module")
def owner(urls: dict[str, str]) -> Iterator[Engine]:
    engine = create_engine(urls["owner"])
    yield engine
    engine.dispose()
