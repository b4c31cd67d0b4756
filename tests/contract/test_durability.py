"""
A 2xx is durable: when the commit fails, no operation has said that it went well.

A deferred constraint, planted by the database's owner, fails the commit of any transaction that has
told an event under a request id that begins with `doomed`. Every change tells an event, so every
operation that changes something meets it, after its verb has run and its answer was built.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from tenants.ids import new_id
from tests import recipes
from tests.isolation.world import World
from tests.operations import Operation, Place, guarded

changes = pytest.mark.parametrize(
    "operation",
    [e for e in guarded() if e.changes and e.id not in recipes.NOT_SET_UP],
    ids=str,
)
# They tell nothing, for nothing of the agency's changes; the reason stands beside each.
SILENT = {
    "create_file_link": "a link is signed, and nothing is kept of it",
    "activate_budget": "the client's decision has made it active",
    "end_other_sessions": "nobody else is logged in as this person",
}
RETRIED = {"create_client", "update_client", "activate_contract"}

PLANT = """
create function fail_at_commit() returns trigger language plpgsql as $$
begin
    raise exception 'planted' using errcode = {code};
end $$;
create constraint trigger doomed after insert on events deferrable initially deferred
for each row when (new.request_id like 'doomed%') execute function fail_at_commit();
"""
REMOVE = "drop trigger doomed on events; drop function fail_at_commit"


@pytest.fixture(scope="module", params=["'23514'", "'40001'"], ids=["refused", "serialization"])
def doom(request: pytest.FixtureRequest, owner: Engine) -> Iterator[str]:
    with owner.begin() as connection:
        connection.execute(text(PLANT.format(code=request.param)))
    yield request.param
    with owner.begin() as connection:
        connection.execute(text(REMOVE))


class TestCommit:
    @changes
    def test_that_fails_is_never_a_success(
        self, operation: Operation, doom: str, place: Place, elsewhere: Place, owner: Engine
    ) -> None:
        if operation.id in SILENT:
            pytest.skip(SILENT[operation.id])
        if "40001" in doom and operation.id not in RETRIED:
            pytest.skip("what is retried is the same for all: three of them will do")
        http = place.agency.owner.client
        world = World(http, owner, place.agency, elsewhere.agency, place, place, elsewhere)
        call, by = place.ready(operation)
        before = world.fingerprint()

        answer = call.send(by, **{"X-Request-Id": f"doomed-{new_id()}"})

        assert answer.status_code >= 400, answer.text
        assert world.fingerprint() == before
        if "40001" in doom:
            assert (answer.status_code, answer.json()["code"]) == (409, "concurrent_change")

    def test_that_holds_is_a_success(self, doom: str, place: Place) -> None:
        """The plant dooms nobody else."""
        call = place.call(next(each for each in guarded() if each.id == "create_client"))
        assert call.send(place.agency.owner).status_code == 201
