"""
Every id that a request may carry besides its path: in a body, in a filter. Each is replaced, one at
a time, by an id of another agency, of a client out of sight, and of another kind of thing. The
answer is that of an id that never was, and nothing is stored.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tenants.ids import new_id
from tests import recipes
from tests.factories import Person
from tests.isolation.matrix import owner_of_thing
from tests.isolation.world import World, outward
from tests.operations import Operation, Place, fill, guarded, makers, resolve
from tests.people import PEOPLE, may

# (operation, member) that is kept as it was told, because it names nothing here; and why.
TOLD: dict[tuple[str, str], str] = {
    ("create_client_request", "subject_id"): "a note of what is meant; read as text",
    ("create_commitment", "subject_id"): "a note of what is meant; read as text",
    ("update_client_request", "subject_id"): "a note of what is meant; read as text",
    ("update_commitment", "subject_id"): "a note of what is meant; read as text",
}
# (operation, member) that stores an id without looking for the thing: each is a defect to mend.
UNCHECKED = {
    ("add_budget_line", "campaign_id"): "campaigns stand above budgets, which cannot look there",
    ("update_budget_line", "campaign_id"): "campaigns stand above budgets, which cannot look there",
}


def _ids(schema: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The members of a body that hold an id, or a list of ids."""
    schema = resolve(schema)
    for name, member in schema.get("properties", {}).items():
        kind = resolve(member)
        if kind.get("format") == "uuid":
            yield (*path, name)
        elif kind.get("type") == "array" and resolve(kind["items"]).get("format") == "uuid":
            yield (*path, name, "0")
        elif kind.get("type") == "object" and len(path) < 2:
            yield from _ids(member, (*path, name))


def _members() -> list[Any]:
    return [
        pytest.param(
            operation,
            path,
            id=f"{operation.id}-{'.'.join(path)}",
            marks=[pytest.mark.xfail(strict=True, reason=UNCHECKED[operation.id, path[-1]])]
            if (operation.id, path[-1]) in UNCHECKED
            else [],
        )
        for operation in guarded()
        if operation.body is not None
        for path in _ids(operation.body)
        if (operation.id, path[-1]) not in TOLD
    ]


def _of_a_clients_thing() -> list[Any]:
    """Those that name a client's thing beside another that says which client it is about."""
    return [
        member
        for member in _members()
        for operation, path in [member.values[:2]]
        if _is_of_client(_named(operation, path[-1])) and _has_its_client(operation, path[-1])
    ]


def _named(operation: Operation, name: str) -> str:
    return recipes.THINGS.get((operation.id, name), name.removesuffix("_id"))


def _is_of_client(thing: str) -> bool:
    known = thing in makers() or thing in recipes.MAKE
    return known and thing != "client" and owner_of_thing(thing) == "client"


def _has_its_client(operation: Operation, name: str) -> bool:
    required = resolve(operation.body or {}).get("required", [])
    return bool(operation.things) or any(
        each == "client_id" or _is_of_client(_named(operation, each))
        for each in required
        if each != name
    )


def _filters() -> list[Any]:
    return [
        pytest.param(operation, each["name"], id=f"{operation.id}-{each['name']}")
        for operation in guarded()
        for each in operation.query
        if resolve(each["schema"]).get("format") == "uuid"
    ]


def _stranger(world: World, operation: Operation) -> Person:
    """Who may do it for client one and, if there is such a person, does not see client two."""
    seeing_both = [p for n, p in world.ours.people.items() if PEOPLE[n].sees("two")]
    return world.one.able(operation, but=seeing_both)


def _foreign(world: World, operation: Operation, name: str, by: Person) -> dict[str, str]:
    """Ids that its sender may not name there."""
    found = {
        "of another agency": _thing(world.other, operation, name),
        "of the other agency's client": str(world.other.client_id),
        "of another kind": str(world.ours.agency_id),
    }
    if not PEOPLE[by.name].sees("two") and not _is_the_agencys(_named(operation, name)):
        found["of a client out of sight"] = _thing(world.two, operation, name, people=False)
    return {kind: id for kind, id in found.items() if id}


def _is_the_agencys(thing: str) -> bool:
    """Whether a thing belongs to no client: one that was made for client two is as good."""
    known = thing in makers() or thing in recipes.MAKE
    return known and thing != "client" and owner_of_thing(thing) == "agency"


def _thing(place: Place, operation: Operation, name: str, people: bool = True) -> str:
    """What a valid request would name there, at another place."""
    thing = _named(operation, name)
    if thing == "client" or thing in makers() or thing in recipes.MAKE:
        return place.of(thing)
    if people:
        return str(place.agency.executive.membership_id)
    return str(place.client_id)


class TestBody:
    @pytest.mark.parametrize(("operation", "path"), _members())
    def test_names_nothing_of_others(
        self, operation: Operation, path: tuple[str, ...], world: World
    ) -> None:
        by = _stranger(world, operation)
        call = world.one.call(operation, ready_for=by.name, but=[by])
        name = next(step for step in reversed(path) if step != "0")
        foreign = _foreign(world, operation, name, by)
        assert operation.body is not None
        body, schema = call.options["json"], operation.body
        before = world.fingerprint()

        faults = []
        call.options["json"] = _with(body, path, str(new_id()), world.one, schema)
        twin = call.send(by)
        for kind, id in foreign.items():
            call.options["json"] = _with(body, path, id, world.one, schema)
            answer = call.send(by)
            if answer.is_success or outward(answer) != outward(twin):
                faults.append(
                    f"{kind}: {answer.status_code} {answer.text[:200]}; {twin.text[:200]}"
                )

        assert faults == []
        assert not twin.is_success, twin.text
        after = world.fingerprint()
        assert [table for table in before if before[table] != after[table]] == []

    @pytest.mark.parametrize(("operation", "path"), _of_a_clients_thing())
    def test_names_nothing_of_another_client_in_sight(
        self, operation: Operation, path: tuple[str, ...], world: World
    ) -> None:
        """Who sees both clients cannot tie a thing of one to a thing of the other."""
        name, owner = path[-1], world.ours.owner
        by = owner if may(owner.name, operation.permission) else world.one.able(operation)
        call = world.one.call(operation, ready_for=by.name, but=[by])
        body, theirs = call.options["json"], world.two.of(_named(operation, name))
        call.options["json"] = {**body, name: theirs}
        before = world.fingerprint()

        answer = call.send(by)

        assert answer.status_code in (404, 422), answer.text
        after = world.fingerprint()
        assert [table for table in before if before[table] != after[table]] == []


class TestFilter:
    @pytest.mark.parametrize(("operation", "name"), _filters())
    def test_finds_nothing_of_others(self, operation: Operation, name: str, world: World) -> None:
        by = _stranger(world, operation)
        call = world.one.call(operation)
        known = call.options.get("params", {})
        call.options["params"] = {**known, name: str(new_id())}
        twin = call.send(by)
        for kind, id in _foreign(world, operation, name, by).items():
            call.options["params"] = {**known, name: id}
            assert outward(call.send(by)) == outward(twin), kind
        if twin.is_success and operation.is_list:
            assert twin.json()["data"] == []


class TestBulk:
    def test_loses_no_row_for_a_foreign_one(self, world: World) -> None:
        """One reading of another agency's channel among many of our own."""
        mine, theirs = world.one.of("channel"), world.other.of("channel")
        rows = [
            {"date": f"2026-09-{day:02}", "channel": mine, "impressions": 7} for day in range(1, 30)
        ]
        answers = [
            world.ours.community.post(
                "/v1/metrics/daily",
                {"readings": [*rows, {"date": "2026-09-30", "channel": id, "impressions": 7}]},
            ).json()
            for id in (theirs, str(new_id()))
        ]
        assert [answer["rejected"] for answer in answers] == [1, 1]
        assert answers[0]["errors"] == answers[1]["errors"]


def _with(body: Any, path: tuple[str, ...], value: Any, place: Place, schema: Any) -> Any:
    """The body with one id replaced; what leads there is made when it is missing."""
    name, *rest = path
    if not rest:
        return {**body, name: value}
    if rest == ["0"]:
        return {**body, name: [*body.get(name, []), value]}
    inner = resolve(schema)["properties"][name]
    known = body.get(name) if isinstance(body.get(name), dict) else fill(inner, name, place)
    return {**body, name: _with(known, tuple(rest), value, place, inner)}
