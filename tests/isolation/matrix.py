"""
The authorisation matrix: for every operation, everybody, and whose thing it is, what must happen.

Computed from the permission each route names and the table of permissions; written to `matrix.md`
so that people can read it, and a change of anybody's rights shows as a changed line:

    python -m tests.isolation.matrix --write
"""

import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlmodel import SQLModel

from tenants.tables import ClientOwned, InfluencerOwned, MaybeClientOwned, Wall
from tests import recipes
from tests.operations import NoRecipe, Operation, guarded, makers, resolve, singular
from tests.people import PEOPLE, may

PIVOT = Path(__file__).with_name("matrix.md")
WHERE = ("one", "two", "other agency")
NOBODY = ("anonymous", "expired")


def expected(operation: Operation, name: str, where: str, *, shared: bool = True) -> int:
    """
    The status, where 200 stands for any success. `shared`: whether the thing has been put in front
    of the client.
    """
    if name in NOBODY:
        return 401
    if not may(name, operation.permission):
        return 403
    if not is_targeted(operation):
        return 200 if recipes.NARROWER.get(operation.id, _anybody)(name, "one") else 403
    if where == "other agency":
        return 404
    return _of_client(operation, name, where, shared)


def _of_client(operation: Operation, name: str, slot: str, shared: bool) -> int:
    role, owner = PEOPLE[name], owner_of(operation)
    if owner == "person":
        return 404
    if role.is_contact and not _in_front_of_the_client(operation, shared):
        return 404
    if owner == "client" and not role.sees(slot):
        return 404
    if role.rank == "influencer" and _is_influencers(operation) and not role.sees(slot):
        return 404
    if owner == "client" and not may(name, operation.permission, slot):
        return 403
    return 200 if recipes.NARROWER.get(operation.id, _anybody)(name, slot) else 403


def _anybody(name: str, slot: str) -> bool:
    return True


def _in_front_of_the_client(operation: Operation, shared: bool) -> bool:
    if operation.id in recipes.SHOWN:
        return True
    shown = [recipes.SHARED.get(each) for each in operation.things.values()]
    return all(each is not None and (shared or not each) for each in shown)


def _is_influencers(operation: Operation) -> bool:
    """Whether it names what one influencer may see."""
    owned = {singular(n) for n, model in _models().items() if issubclass(model, InfluencerOwned)}
    return bool(owned & {*operation.things.values()})


def is_targeted(operation: Operation) -> bool:
    """Whether it names something that belongs to somebody: in its path, or in its body."""
    return bool(operation.things) or bool(_named_in_body(operation))


@lru_cache(maxsize=512)
def _named_in_body(operation: Operation) -> frozenset[str]:
    """The things of a client that a valid body, or query, has to name."""
    schema = operation.body or operation.form or {}
    asked = [each["name"] for each in operation.query if each.get("required")]
    required = [*resolve(schema).get("required", []), *asked]
    things = [recipes.THINGS.get((operation.id, n), n.removesuffix("_id")) for n in required]
    known = [e for e in things if e == "client" or e in makers() or e in recipes.MAKE]
    return frozenset(each for each in known if owner_of_thing(each) == "client")


def owner_of(operation: Operation) -> str:
    """Whose the thing is: a `client`'s, the `agency`'s, one `person`'s."""
    named = {*operation.things.values(), *_named_in_body(operation)}
    owners = {owner_of_thing(each) for each in named}
    return next((kind for kind in ("person", "client", "agency") if kind in owners), "agency")


@lru_cache(maxsize=256)
def owner_of_thing(thing: str) -> str:
    """From the wall of its table; from a recipe where the table has another name."""
    if thing in recipes.OWNER or thing in recipes.VALUES:
        return recipes.OWNER.get(thing, "agency")
    model = next((m for name, m in _models().items() if singular(name) == thing), None)
    if model is None:
        raise NoRecipe(f"OWNER[{thing!r}]: no table has this name")
    if model.wall is Wall.personal:
        return "person"
    owned = issubclass(model, ClientOwned | MaybeClientOwned) or thing == "client"
    return "client" if owned else "agency"


@lru_cache(maxsize=1)
def _models() -> dict[str, Any]:
    return {each.class_.__tablename__: each.class_ for each in SQLModel._sa_registry.mappers}


def pivot() -> str:
    """The whole matrix, as a table that people read."""
    lines = [
        "# Who may do what",
        "",
        "Made by `python -m tests.isolation.matrix --write` from the permission each route names",
        "and the table of permissions; `tests/isolation/test_matrix.py` sends every cell. A cell",
        "says what happens to a thing of client one / of client two / of another agency (one value",
        "when they are the same, or when no thing is named): `ok`, or the status. Without a",
        "credential everything is 401.",
        "",
        "| operation | permission | " + " | ".join(PEOPLE) + " |",
        "| --- " * (len(PEOPLE) + 2) + "|",
    ]
    for operation in sorted(guarded(), key=lambda each: (each.path, each.method)):
        cells = " | ".join(_cell(operation, name) for name in PEOPLE)
        place = f"{operation.method} {operation.path.removeprefix('/v1')}"
        lines.append(f"| {place} | {operation.permission or 'any log-in'} | {cells} |")
    return "\n".join(lines) + "\n"


def _cell(operation: Operation, name: str) -> str:
    if owner_of(operation) == "person" and may(name, operation.permission):
        return "own / 404"
    found = [expected(operation, name, where) for where in WHERE]
    if not is_targeted(operation):
        found = found[:1]
    if len(set(found)) == 1:
        found = found[:1]
    return " / ".join("ok" if status == 200 else str(status) for status in found)


if __name__ == "__main__":
    if "--write" in sys.argv:
        PIVOT.write_text(pivot(), encoding="utf-8")
    sys.exit(0 if PIVOT.read_text(encoding="utf-8") == pivot() else 1)
