"""A link of a client's budget, and limits that nobody has used."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from api.http import limits
from tests.factories import Staffed
from tests.mail.links.handed_out import Link, handed_out


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    limits._limiter.cache_clear()
    yield
    limits._limiter.cache_clear()


@pytest.fixture
def link(agency: Staffed, http: TestClient) -> Link:
    return handed_out(agency, http)
