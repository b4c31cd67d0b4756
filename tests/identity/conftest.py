"""People who sign up by themselves, with a password."""

import pytest
from starlette.testclient import TestClient

from tests.identity.steps import SignedUp, sign_up


@pytest.fixture
def studio(http: TestClient) -> SignedUp:
    """An agency that signed up through the API, with its owner logged in."""
    return sign_up(http)
