"""
Every operation, read from the OpenAPI document, and a valid request for each.

Nothing here lists operations by hand. What the document cannot say — in which state a thing must
be, who may be named where — stands in `tests/recipes`, a line each; an operation that needs a
line and has none fails the test that tries it, by name.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from api.http import openapi
from api.http.route import Route
from tenants.ids import new_id
from tests.factories import Person, Staffed
from tests.people import may
from tests.spec import app, document

EDITS = ("PATCH", "PUT", "DELETE")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    id: str
    method: str
    path: str
    permission: str | None
    is_open: bool
    document: Mapping[str, Any] = field(repr=False, hash=False, compare=False)

    @property
    def placeholders(self) -> list[str]:
        return re.findall(r"\{(\w+)\}", self.path)

    @cached_property
    def things(self) -> dict[str, str]:
        """Each placeholder and what it names: `/v1/budget-lines/{line_id}` a `budget_line`."""
        found = re.findall(r"/([a-z-]+)/\{(\w+)\}", self.path)
        return {placeholder: singular(collection) for collection, placeholder in found}

    @property
    def subject(self) -> str | None:
        """What the operation is about: the last thing its path names; of a version, its report."""
        named = [thing for thing in self.things.values() if thing != "version"]
        return named[-1] if named else None

    @property
    def changes(self) -> bool:
        return self.method != "GET"

    @cached_property
    def body(self) -> dict[str, Any] | None:
        """The schema of its JSON body."""
        content = self.document.get("requestBody", {}).get("content", {})
        schema: dict[str, Any] | None = content.get("application/json", {}).get("schema")
        return schema

    @cached_property
    def form(self) -> dict[str, Any] | None:
        """The schema of its form, when it takes a file."""
        content = self.document.get("requestBody", {}).get("content", {})
        schema: dict[str, Any] | None = content.get("multipart/form-data", {}).get("schema")
        return schema

    @property
    def takes_body(self) -> bool:
        return "requestBody" in self.document

    @property
    def is_list(self) -> bool:
        return any(each["name"] == "cursor" for each in self.query)

    @property
    def query(self) -> list[dict[str, Any]]:
        return [each for each in self.document.get("parameters", []) if each["in"] == "query"]

    def __str__(self) -> str:
        return self.id


@lru_cache(maxsize=1)
def operations() -> tuple[Operation, ...]:
    """Every operation there is, in the document's order."""
    needed = permissions()
    return tuple(
        Operation(
            id=operation["operationId"],
            method=method.upper(),
            path=path,
            permission=needed.get(operation["operationId"]),
            is_open=operation["security"] == [],
            document=operation,
        )
        for path, item in document()["paths"].items()
        for method, operation in item.items()
    )


@lru_cache(maxsize=1)
def permissions() -> dict[str, str | None]:
    """operation → the permission its route names; routes of the contract only."""
    return {
        str(each.name): each.original_route.needs.permission
        for each in openapi.routes(app())
        if isinstance(each.original_route, Route)
    }


def guarded() -> list[Operation]:
    """The operations that need a log-in."""
    return [each for each in operations() if not each.is_open]


def operation(id: str) -> Operation:
    return next(each for each in operations() if each.id == id)


@lru_cache(maxsize=1)
def makers() -> dict[str, Operation]:
    """thing → the POST on the collection in front of it."""
    posts = {each.path: each for each in operations() if each.method == "POST"}
    found: dict[str, Operation] = {}
    for each in operations():
        for match in re.finditer(r"/([a-z-]+)/\{(\w+)\}", each.path):
            collection = each.path[: match.start(2) - 2]
            if collection in posts:
                found.setdefault(singular(match[1]), posts[collection])
    return found


def singular(collection: str) -> str:
    """`unit-entries` → `unit_entry`."""
    word = collection.replace("-", "_")
    return f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s")


@dataclass
class Call:
    """One request, ready to be sent by anybody."""

    method: str
    path: str
    options: dict[str, Any] = field(default_factory=dict)

    def send(self, by: Person, **headers: str) -> Any:
        sent = dict(self.options)
        sent["headers"] = {**self._match(), **sent.get("headers", {}), **headers}
        return by.call(self.method, self.path, **sent)

    def send_without_credential(self, http: Any, **headers: str) -> Any:
        sent = dict(self.options)
        sent["headers"] = {**self._match(), **sent.get("headers", {}), **headers}
        return http.request(self.method, self.path, **sent)

    def _match(self) -> dict[str, str]:
        return {"If-Match": "*"} if self.method in EDITS else {}

    @property
    def ids(self) -> set[str]:
        said = [self.path, *(self.options.get(name) for name in ("json", "data", "params"))]
        return set(_UUID.findall(str(said)))

    def replacing(self, change: Callable[[str], str]) -> "Call":
        """The same request with its ids changed, in the path and in the body."""
        swap = lambda found: change(found[0])  # noqa: E731
        options = {**self.options}
        for said in {"json", "data", "params"} & options.keys():
            options[said] = _mapped(options[said], lambda text: _UUID.sub(swap, text))
        return Call(self.method, _UUID.sub(swap, self.path), options)


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {key: _mapped(member, change) for key, member in value.items()}
    if isinstance(value, list):
        return [_mapped(member, change) for member in value]
    return change(value) if isinstance(value, str) else value


class NoRecipe(Exception):
    """`tests/recipes` needs a line for this; the message says which."""


@dataclass(eq=False)
class Place:
    """A client of an agency, and one of each thing there."""

    name: str
    agency: Staffed
    client_id: UUID
    slot: str  # which of the agency's clients: `one` or `two`
    standing: dict[str, str] = field(default_factory=dict)

    def holder(self, permission: str | None, but: Iterable[Person] = ()) -> Person:
        """Somebody who holds a permission for this client, rather not one of `but`."""
        left_out = {each.name for each in but}
        able = [name for name in self.agency.people if may(name, permission, self.slot)]
        if not able:
            raise NoRecipe(f"nobody holds {permission} for client {self.slot}")
        return self.agency.people[next((n for n in able if n not in left_out), able[0])]

    def able(self, wanted: Operation, but: Iterable[Person] = ()) -> Person:
        """Somebody who may carry an operation out here, rather not one of `but`."""
        from tests import recipes  # noqa: PLC0415  (recipes are written with what is here)

        narrower = recipes.NARROWER.get(wanted.id)
        left_out = {each.name for each in but}
        found = [
            person
            for name, person in self.agency.people.items()
            if may(name, wanted.permission, self.slot)
            if narrower is None or narrower(name, self.slot)
        ]
        if not found:
            raise NoRecipe(f"nobody may {wanted.id} for client {self.slot}")
        return next((person for person in found if person.name not in left_out), found[0])

    def ready(self, wanted: Operation) -> tuple["Call", Person]:
        """A request with a subject of its own, in the state it needs, and who may send it."""
        from tests import recipes  # noqa: PLC0415

        by = self.able(wanted)
        own = {t: recipes.OWN[t](by) for t in wanted.things.values() if t in recipes.OWN}
        return self.call(wanted, own, ready_for=by.name, but=[by]), by

    def of(self, thing: str) -> str:
        """The one that stands here for reading and for reference; made when first asked for."""
        if thing == "client":
            return str(self.client_id)
        if thing not in self.standing:
            self.standing[thing] = self.fresh(thing)
        return self.standing[thing]

    def fresh(self, thing: str, but: Iterable[Person] = ()) -> str:
        """A new one."""
        from tests import recipes  # noqa: PLC0415

        if thing == "client":
            return str(self.client_id)
        if thing in recipes.MAKE:
            return str(recipes.MAKE[thing](self))
        if thing not in makers():
            raise NoRecipe(f"MAKE[{thing!r}]: no POST on its collection makes one")
        answer = self.do(makers()[thing].id, but=but)
        return str(answer.json()["id"])

    def do(
        self,
        id: str,
        given: Mapping[str, str] | None = None,
        but: Iterable[Person] = (),
        by: Person | None = None,
    ) -> Any:
        """Have somebody able carry an operation out, and insist that it is."""
        wanted = operation(id)
        by = by or self.able(wanted, but)
        answer = self.call(wanted, given, but=but).send(by)
        if not answer.is_success:
            raise NoRecipe(f"{id} as {by.name} at {self.name}: {answer.status_code} {answer.text}")
        return answer

    def call(
        self,
        wanted: Operation,
        given: Mapping[str, str] | None = None,
        *,
        ready_for: str | None = None,
        but: Iterable[Person] = (),
    ) -> Call:
        """
        A valid request. `ready_for` somebody by name, it gets a subject of its own, in the state
        the operation needs and, for a contact, in front of the client. `given`: thing → id.
        """
        from tests import recipes  # noqa: PLC0415

        given = dict(given or {})
        path = wanted.path
        for placeholder, thing in wanted.things.items():
            if thing not in given:
                anew = ready_for is not None and thing == wanted.subject
                given[thing] = self._value(wanted, thing, given, anew, but)
            path = path.replace(f"{{{placeholder}}}", given[thing])
        if ready_for is not None:
            for step in recipes.steps(wanted, ready_for):
                step(self, given) if callable(step) else self.do(step, given, but)
        return Call(wanted.method, path, self._options(wanted, given))

    def _value(
        self,
        wanted: Operation,
        thing: str,
        given: Mapping[str, str],
        anew: bool,
        but: Iterable[Person],
    ) -> str:
        from tests import recipes  # noqa: PLC0415

        if thing in recipes.VALUES:
            return str(recipes.VALUES[thing](self, given))
        kind = recipes.SUBJECT.get((wanted.id, thing), thing)
        return self.fresh(kind, but) if anew else self.of(kind)

    def _options(self, wanted: Operation, given: Mapping[str, str]) -> dict[str, Any]:
        from tests.recipes import bodies  # noqa: PLC0415

        options: dict[str, Any] = {}
        if wanted.id in bodies.QUERY:
            options["params"] = bodies.QUERY[wanted.id](self)
        if wanted.id in bodies.CONTENT:
            return {**options, **bodies.CONTENT[wanted.id](self)}
        if wanted.body is not None:
            own = bodies.BODY.get(wanted.id)
            said = own(self, given) if own else {}
            options["json"] = fill(wanted.body, wanted.id, self, said) or _one_change(wanted, self)
        return options

    def reference(self, name: str, within: str = "") -> str:
        """Whom or what a body's `<name>` may name here."""
        from tests import recipes  # noqa: PLC0415

        thing = recipes.THINGS.get((within, name), name.removesuffix("_id"))
        if thing == "client" or thing in makers() or thing in recipes.MAKE:
            return self.of(thing)
        for ending, find in recipes.REFERENCES.items():
            if name.endswith(ending):
                return str(find(self))
        raise NoRecipe(f"REFERENCES[{name!r}]: what may stand there?")


def resolve(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow `$ref`, and take the first kind of several that is not null."""
    while True:
        if "$ref" in schema:
            schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        elif "anyOf" in schema or "oneOf" in schema:
            kinds = schema.get("anyOf") or schema["oneOf"]
            schema = next(kind for kind in kinds if kind.get("type") != "null")
        else:
            return schema


def fill(
    schema: Mapping[str, Any], name: str, place: Place, said: Mapping[str, Any] | None = None
) -> Any:
    """The smallest valid value: what is required, ids of this place, examples where given."""
    schema = resolve(schema)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("examples"):
        return schema["examples"][0]
    kind = schema.get("type")
    if kind == "object":
        return _object(schema, name, place, said or {})
    if kind == "array":
        members = schema.get("minItems", 0)
        return [fill(schema["items"], name.removesuffix("s"), place) for _ in range(members)]
    if kind == "string":
        return _string(schema, name, place)
    if kind in ("integer", "number"):
        return max(int(schema.get("minimum", 1)), 1)
    return {"boolean": True, "null": None}.get(str(kind))


def _one_change(wanted: Operation, place: Place) -> dict[str, Any]:
    """The first member of an update whose members may all be left out."""
    members = resolve(wanted.body or {}).get("properties", {})
    if wanted.method != "PATCH" or not members:
        return {}
    name, schema = next(iter(members.items()))
    return {name: fill(schema, name, place)}


def _object(
    schema: Mapping[str, Any], within: str, place: Place, said: Mapping[str, Any]
) -> dict[str, Any]:
    members = schema.get("properties", {})
    needed = [name for name in schema.get("required", []) if name not in said]
    made = {
        name: place.reference(name, within)
        if resolve(members[name]).get("format") == "uuid"
        else fill(members[name], name, place)
        for name in needed
    }
    if not {**made, **said} and schema.get("minProperties"):
        first = next(iter(members), "one")
        made[first] = fill(members.get(first) or schema["additionalProperties"], first, place)
    return {**made, **said}


_FORMS: dict[str, Callable[[], str]] = {
    "date": lambda: "2026-12-01",
    "date-time": lambda: "2026-12-01T09:30:00Z",
    "email": lambda: f"somebody.{new_id().hex[-12:]}@people.example",
    "uri": lambda: "https://example.com/page",
}


def _string(schema: Mapping[str, Any], name: str, place: Place) -> str:
    form = schema.get("format", "")
    if form == "uuid":
        return place.reference(name)
    if form in _FORMS:
        return _FORMS[form]()
    if name in ("slug", "code", "handle"):
        return f"made-{new_id().hex[-12:]}"
    longest = schema.get("maxLength", 40)
    text = f"{name or 'text'} {new_id().hex[-8:]}"[:longest]
    return text.ljust(schema.get("minLength", 1), "x")
