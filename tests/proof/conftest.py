"""The network on which posts are looked up."""

import pytest

from api.proof import watching
from tests.proof.making import Network


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    """It answers what the test says."""
    made = Network()
    monkeypatch.setattr(watching, "looker", lambda: made)
    return made
