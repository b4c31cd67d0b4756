"""
Every operation, by everybody, on a thing of client one, of client two, and of another agency.

A refusal is compared with its twin, the same request about ids that never were; it must change no
row of either agency. A permission must really work: the cell is sent with a thing of its own.
"""

from collections.abc import Iterable
from typing import Any

import pytest

from tenants.permissions import PERMISSIONS
from tests import recipes
from tests.isolation.matrix import (
    NOBODY,
    PIVOT,
    WHERE,
    expected,
    is_targeted,
    owner_of,
    pivot,
)
from tests.isolation.world import UUIDS, World, expired, outward, twin_of
from tests.operations import Call, Operation, guarded
from tests.people import PEOPLE, by_rank, may

EVERYBODY = (*NOBODY, *PEOPLE)
by_operation = pytest.mark.parametrize("operation", guarded(), ids=str)


class TestMatrix:
    def test_is_written_down(self) -> None:
        """`python -m tests.isolation.matrix --write`, and look at what changed."""
        assert PIVOT.read_text(encoding="utf-8") == pivot()

    @by_operation
    def test_refuses_without_a_trace(self, operation: Operation, world: World) -> None:
        calls = {where: _call(world, operation, where) for where in _where(operation)}
        before = world.fingerprint()

        faults: list[str] = []
        for name in EVERYBODY:
            twins: dict[str, Any] = {}
            for where, call in calls.items():
                faults += _refusal(world, operation, name, where, call, twins)

        assert faults == []
        after = world.fingerprint()
        assert [table for table in before if before[table] != after[table]] == []

    @by_operation
    def test_permits_what_it_says(self, operation: Operation, world: World) -> None:
        seen: dict[str, set[str]] = {name: set() for name in PEOPLE}
        faults = []
        for where in _where(operation):
            for name in PEOPLE:
                answer = _permitted(world, operation, name, where)
                if answer is None:
                    continue
                seen[name] |= set(UUIDS.findall(answer.text))
                if not answer.is_success and not _is_not_set_up(operation, answer):
                    faults.append(f"{name} at {where}: {answer.status_code} {answer.text[:300]}")

        assert faults == []
        assert world.leaks(seen) == []

    def test_is_what_everybody_is_told(self, world: World) -> None:
        """`GET /v1/me`: what they hold by rank, and for each client."""
        slots = {str(world.ours.client_id): "one", str(world.ours.other_client_id): "two"}
        for name, person in world.ours.people.items():
            me = person.get("/v1/me").json()
            assert me["permissions"] == [each for each in PERMISSIONS if by_rank(name, each)], name
            duties = [each for each in me["duties"] if each["client_id"] in slots]
            told = {slots[each["client_id"]]: each["permissions"] for each in duties}
            assert told == {
                slot: [each for each in PERMISSIONS if may(name, each, slot)]
                for slot in PEOPLE[name].duties
            }


def _is_not_set_up(operation: Operation, answer: Any) -> bool:
    """Past every wall, and at the end of what this installation can do."""
    return bool(answer.json().get("code") == recipes.NOT_SET_UP.get(operation.id, ...))


def _where(operation: Operation) -> Iterable[str]:
    return WHERE if is_targeted(operation) else WHERE[:1]


def _is_made_ready(operation: Operation) -> bool:
    """Who may decide is asked only where there is something to decide on."""
    return operation.id in recipes.NARROWER and operation.changes


def _call(world: World, operation: Operation, where: str) -> Call:
    ready_for = "owner" if _is_made_ready(operation) else None
    return world.at(where).call(operation, ready_for=ready_for)


def _refusal(
    world: World,
    operation: Operation,
    name: str,
    where: str,
    call: Call,
    twins: dict[str, Any],
) -> Iterable[str]:
    status = expected(operation, name, where, shared=_is_made_ready(operation))
    if status == 200 or (where != "one" and _is_refused_anywhere(operation, name)):
        return
    answer = _send(world, name, call)
    if answer.status_code != status and not _is_body_only(operation, answer):
        yield f"{name} at {where}: {answer.status_code} for {status}: {answer.text[:200]}"
    if status != 404:
        return
    strangers = _strangers(world, where, call)
    kind = "nothing in it is known" if strangers == call.ids else where
    twin = twins.setdefault(kind, None) or _send(world, name, twin_of(call, strangers))
    twins[kind] = twin
    if outward(twin) != outward(answer):
        yield f"{name} at {where}: not as its twin: {twin.status_code} {twin.text[:200]}"


def _is_refused_anywhere(operation: Operation, name: str) -> bool:
    """Before anything is looked for, it does not matter for what they ask: once is enough."""
    return name in NOBODY or not may(name, operation.permission)


def _is_body_only(operation: Operation, answer: Any) -> bool:
    """A thing named in the body may be refused as a value there, like one that never was."""
    return not operation.things and answer.status_code == 422


def _strangers(world: World, where: str, call: Call) -> set[str]:
    """The ids in a request that its sender may not know."""
    if where == "other agency":
        return call.ids
    return call.ids - {str(each.membership_id) for each in world.ours.people.values()}


def _send(world: World, name: str, call: Call) -> Any:
    if name == "anonymous":
        return call.send_without_credential(world.http)
    if name == "expired":
        return call.send_without_credential(world.http, **expired(world.ours.owner))
    return call.send(world.ours.people[name])


def _is_said_twice(operation: Operation, name: str, where: str) -> bool:
    """Owner and admin hold the same by rank: a change is tried by one of them at each place."""
    return (
        operation.changes
        and (name, where) in {("owner", "two"), ("admin", "one")}
        and (is_targeted(operation))
    )


def _permitted(world: World, operation: Operation, name: str, where: str) -> Any:
    """The answer to somebody who may; None where they may not."""
    person, place = world.ours.people[name], world.at(where)
    given: dict[str, str] = {}
    if owner_of(operation) == "person" and where == "one" and may(name, operation.permission):
        thing = operation.subject or ""
        given = {thing: recipes.OWN[thing](person)}
    elif expected(operation, name, where) != 200 or _is_said_twice(operation, name, where):
        return None
    prepared = operation.id in recipes.BEFORE or operation.id in recipes.AUTHORED
    needed = operation.changes or PEOPLE[name].is_contact or prepared
    ready_for = name if needed else None
    return place.call(operation, given, ready_for=ready_for, but=[person]).send(person)
