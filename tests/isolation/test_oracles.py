"""
What exists elsewhere shows nowhere: not by a name that is taken, not by a key that was used, not by
the database's own words when two do the same at once.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tenants.ids import new_id
from tests import recipes
from tests.isolation.world import World
from tests.operations import Operation, guarded, makers

creations = pytest.mark.parametrize(
    "operation", sorted({m.id: m for m in makers().values()}.values(), key=str), ids=str
)
posts = pytest.mark.parametrize(
    "operation",
    [
        each
        for each in guarded()
        if each.method == "POST" and each.id not in recipes.BEFORE | recipes.NOT_SET_UP
    ],
    ids=str,
)


class TestNames:
    @creations
    def test_that_others_took_are_free(self, operation: Operation, world: World) -> None:
        """The same slug, address, handle and period in two agencies: each has its own."""
        if operation.is_open:
            pytest.skip("it makes an agency")
        ours, theirs = world.one, world.other
        call = ours.call(operation, ready_for="owner")
        there = theirs.call(operation, ready_for="owner")
        mine, other = call.options.get("json", {}), there.options.get("json", {})
        named = {
            name: value
            for name, value in mine.items()
            if isinstance(value, str) and not name.endswith("_id") and name != "id"
        }
        there.options["json"] = {**other, **named}

        first = call.send(ours.able(operation))
        second = there.send(theirs.able(operation))

        assert first.status_code == second.status_code, (first.text, second.text)
        assert second.is_success

    @creations
    def test_that_two_take_at_once_never_break(self, operation: Operation, world: World) -> None:
        if operation.is_open:
            pytest.skip("it makes an agency")
        call = world.one.call(operation, ready_for="owner")
        by = world.one.able(operation)

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: call.send(by), range(4)))

        assert [each.text for each in answers if each.status_code >= 500] == []
        assert any(each.is_success for each in answers)


class TestKeys:
    @posts
    def test_of_idempotency_are_each_agencys_own(self, operation: Operation, world: World) -> None:
        """The same key, operation and body, at the same time, in two agencies."""
        key = {"Idempotency-Key": f"key-{new_id().hex}"}
        answers = [place.ready(operation) for place in (world.one, world.other)]
        sent = [call.send(by, **key) for call, by in answers]
        assert [each.is_success for each in sent] == [True, True], [each.text for each in sent]
        assert all("idempotent-replayed" not in each.headers for each in sent)
