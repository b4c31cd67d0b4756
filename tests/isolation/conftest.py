"""Two agencies for the tests of the walls."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine
from starlette.testclient import TestClient

from tests.factories import staffed_agency
from tests.isolation.world import World
from tests.operations import Place


@pytest.fixture(scope="module")
def world(http: TestClient, urls: dict[str, str]) -> Iterator[World]:
    engine = create_engine(urls["owner"], pool_size=1)
    yield new_world(http, engine)
    engine.dispose()


def new_world(http: TestClient, engine: object) -> World:
    ours, theirs = staffed_agency(http), staffed_agency(http)
    return World(
        http,
        engine,  # type: ignore[arg-type]
        ours,
        theirs,
        Place("client one", ours, ours.client_id, "one"),
        Place("client two", ours, ours.other_client_id, "two"),
        Place("another agency", theirs, theirs.client_id, "one"),
    )
