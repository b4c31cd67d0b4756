"""
Who decides, by the level of what is asked: the agency's own people, or the client.

The matrix asks it of what is before the client; here it is asked of what is not yet.
"""

from typing import Any

import pytest

from tests.isolation.world import World
from tests.people import PEOPLE, may


@pytest.fixture
def inside(world: World) -> dict[str, Any]:
    """A deliverable in the agency's own review, asked for by the owner."""
    deliverable = world.one.fresh("deliverable")
    for step in ("start_deliverable", "submit_deliverable"):
        world.one.do(step, {"deliverable": deliverable}, by=world.ours.owner)
    made: dict[str, Any] = world.ours.owner.get(f"/v1/deliverables/{deliverable}").json()
    assert made["status"] == "internal_review"
    return made


class TestInternalReview:
    @pytest.mark.parametrize("name", [each for each in PEOPLE if each != "owner"])
    def test_is_decided_by_whom_it_says(
        self, name: str, world: World, inside: dict[str, Any]
    ) -> None:
        path = f"/v1/approvals/{inside['approval_id']}/decide"
        answer = world.ours.people[name].post(path, {"outcome": "approved"})
        assert answer.is_success == may(name, "approvals:decide_internal", "one"), answer.text
        after = world.ours.owner.get(f"/v1/deliverables/{inside['id']}").json()
        assert (after["status"] == "internal_review") != answer.is_success
