"""One agency, one client, and one of each thing there, for the tests made from the document."""

from collections.abc import Generator, Iterator

import pytest
from sqlalchemy import Engine, create_engine
from starlette.testclient import TestClient

from tests.factories import staffed_agency
from tests.operations import NoRecipe, Place


@pytest.fixture(scope="module")
def place(http: TestClient) -> Place:
    agency = staffed_agency(http)
    return Place("the client", agency, agency.client_id, "one")


@pytest.fixture(scope="module")
def elsewhere(http: TestClient) -> Place:
    agency = staffed_agency(http)
    return Place("another agency", agency, agency.client_id, "one")


@pytest.fixture(scope="module")
def owner(urls: dict[str, str]) -> Iterator[Engine]:
    """The database as its superuser: to look, and to plant faults."""
    engine = create_engine(urls["owner"], pool_size=1)
    yield engine
    engine.dispose()


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """What has no recipe fails once, by name, in the matrix (`test_permits_what_it_says`)."""
    try:
        return (yield)
    except NoRecipe as missing:
        pytest.skip(f"no recipe: {missing}")
