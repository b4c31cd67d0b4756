"""
Mutants of who may do what: the permission a route names, and the rows of the table of permissions.

Each is judged with the expectation of before: what is written down and what was computed from it
stay, while the running code follows the mutant.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from api.http import openapi
from api.http.route import Needs, Route
from tenants import permissions
from tenants.permissions import PERMISSIONS, Duty
from tests import people
from tests.isolation import matrix
from tests.operations import Operation, guarded
from tests.spec import app

# A permission that no route names → the operations that ask for it inside.
INSIDE = {
    "approvals:decide": ("decide_approval", "accept_scope"),
    "approvals:decide_internal": ("decide_approval",),
}


@dataclass(frozen=True)
class Mutant:
    """`plant` changes the running code, `write` what the matrix is computed from."""

    kind: str
    name: str
    plant: Callable[[pytest.MonkeyPatch], None]
    write: Callable[[pytest.MonkeyPatch], None]
    asked: tuple[Operation, ...]


def of_route(operation: Operation) -> Iterator[Mutant]:
    """A route without its permission, with one that all have, with its neighbour's."""
    assert operation.permission is not None
    yield _of_route("route without a permission", operation, None)
    everybody = operation.permission in permissions.EVERYBODY
    other = "agency:write" if everybody else "account:read"
    yield _of_route("route with another permission", operation, other)
    if (neighbour := _neighbour(operation.permission)) is not None:
        yield _of_route("route with its neighbour's permission", operation, neighbour)


def _neighbour(permission: str) -> str | None:
    """The next permission of the same area that others hold."""
    area = [each for each in PERMISSIONS if each.split(":")[0] == permission.split(":")[0]]
    at = area.index(permission)
    return next(
        (e for e in area[at + 1 :] + area[:at] if _holders(e) != _holders(permission)), None
    )


def _holders(permission: str) -> set[str]:
    return {name for name in people.PEOPLE if people.may(name, permission)}


def _of_route(kind: str, operation: Operation, permission: str | None) -> Mutant:
    route = _routes()[operation.id]
    changed = replace(operation, permission=permission)
    listed = [changed if each == operation else each for each in guarded()]
    return Mutant(
        kind,
        f"{operation.id} with {permission}",
        lambda patch: patch.setattr(route, "needs", Needs(permission)),
        lambda patch: patch.setattr(matrix, "guarded", lambda: listed),
        (operation,),
    )


def _routes() -> dict[str, Route]:
    found = (each.original_route for each in openapi.routes(app()))
    return {str(each.name): each for each in found if isinstance(each, Route)}


def of_row(permission: str) -> Iterator[Mutant]:
    """A row of the table with one duty more, and a rank with this permission more."""
    duties = PERMISSIONS[permission]
    for duty in Duty:
        if duty not in duties:
            wider = {**PERMISSIONS, permission: duties | {duty}}
            yield _of_table("row wider", f"{permission} to {duty}", permission, PERMISSIONS, wider)
    if permission not in permissions.MEMBER | permissions.EVERYBODY:
        members = permissions.MEMBER | {permission}
        name = f"{permission} to every member"
        yield _of_table("rank wider", name, permission, permissions.MEMBER, members)
    if permission in permissions.NOT_BY_RANK:
        less = permissions.NOT_BY_RANK - {permission}
        name = f"{permission} to owner and admin"
        yield _of_table("rank wider", name, permission, permissions.NOT_BY_RANK, less)


def _of_table(kind: str, name: str, permission: str, table: object, wider: object) -> Mutant:
    """`table` is one of the tables of `tenants.permissions`, wherever it is known by its name."""
    known = next(name for name, value in vars(permissions).items() if value is table)

    def plant(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(permissions, known, wider)

    def write(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(people, known, wider)

    inside = INSIDE.get(permission, ())
    asked = [e for e in guarded() if e.permission == permission or e.id in inside]
    # Reading leaves nothing behind: ask it first.
    return Mutant(kind, name, plant, write, tuple(sorted(asked, key=lambda each: each.changes)))
