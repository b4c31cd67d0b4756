"""
What Stripe's own library can ask, read from the library that is installed: each operation's verb,
path and the type of its parameters; and whether a form's parameters are of that type.

So a request that Stripe would refuse for its shape (unknown, missing or mistyped parameters) is
refused here too, at the version that ships. Values of open enums pass, as they do in the types.
"""

import ast
import importlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, NotRequired, Union, get_args, get_origin

import stripe
from stripe._request_options import RequestOptions
from typing_extensions import get_type_hints, is_typeddict

_ROOT = Path(stripe.__file__).parent
_OPTIONS = set(RequestOptions.__annotations__)


@dataclass(frozen=True)
class Known:
    """An operation of the library."""

    verb: str
    path: str
    module: str
    params: str | None

    @property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\{\w+\}", r"([^/]+)", self.path) + "$")


@lru_cache(maxsize=1)
def operations() -> tuple[Known, ...]:
    """Every operation of a service class."""
    found: dict[tuple[str, str], Known] = {}
    for file in sorted(_ROOT.rglob("_*_service.py")):
        for known in _of(file):
            found.setdefault((known.verb, known.path), known)
    return tuple(found.values())


def _of(file: Path) -> Iterator[Known]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    imports = {
        alias.asname or alias.name: node.module or ""
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and _is_request(call):
                    name = _params_of(node)
                    yield Known(_verb(call), _path(call), imports.get(name or "", ""), name)


def _is_request(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "_request"


def _verb(call: ast.Call) -> str:
    first = call.args[0]
    assert isinstance(first, ast.Constant)
    return str(first.value)


def _path(call: ast.Call) -> str:
    path = call.args[1]
    if isinstance(path, ast.Call):
        assert isinstance(path.func, ast.Attribute)
        path = path.func.value  # "…".format(…)
    assert isinstance(path, ast.Constant)
    return str(path.value)


def _params_of(function: ast.FunctionDef) -> str | None:
    for each in (*function.args.args, *function.args.kwonlyargs):
        if each.arg == "params" and each.annotation is not None:
            found = re.search(r"(\w+Params)", ast.unparse(each.annotation))
            return found[1] if found else None
    return None


def matching(verb: str, path: str) -> Known | None:
    """The library's operation behind a request; one without placeholders before one with."""
    found = [each for each in operations() if each.verb == verb and each.pattern.match(path)]
    return min(found, key=lambda each: each.path.count("{"), default=None)


@cache
def type_of(known: Known) -> Any:
    if known.params is None:
        return None
    return getattr(importlib.import_module(known.module), known.params)


@cache
def _members(kind: Any) -> dict[str, Any]:
    module = importlib.import_module(kind.__module__)
    names = {**vars(stripe), **vars(module), "Mapping": Mapping, "StripeContext": str}
    hints = get_type_hints(kind, globalns=names, localns=names, include_extras=True)
    return {name: hint for name, hint in hints.items() if name not in _OPTIONS or name == "expand"}


def faults(value: Any, kind: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """What of a form's value is not of a type: where, and what."""
    origin = get_origin(kind)
    if is_typeddict(kind):
        yield from _faults_of_members(value, kind, at)
    elif origin is NotRequired:
        yield from faults(value, get_args(kind)[0], at)
    elif origin is Union or str(origin) == "<class 'types.UnionType'>":
        tried = [list(faults(value, each, at)) for each in get_args(kind) if each is not type(None)]
        if all(tried):
            yield from min(tried, key=len)
    elif origin in (list, dict):
        yield from _faults_of_many(value, kind, at)
    elif not _fits(value, kind):
        yield at, f"Invalid value for {getattr(kind, '__name__', kind)}"


def _faults_of_members(value: Any, kind: Any, at: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        yield at, "Invalid object"
        return
    members = _members(kind)
    for name, each in value.items():
        where = f"{at}[{name}]" if at else name
        if name not in members:
            yield where, f"Received unknown parameter: {where}"
        else:
            yield from faults(each, members[name], where)
    for name, hint in members.items():
        if get_origin(hint) is not NotRequired and name not in value:
            where = f"{at}[{name}]" if at else name
            yield where, f"Missing required param: {where}."


def _faults_of_many(value: Any, kind: Any, at: str) -> Iterator[tuple[str, str]]:
    each = get_args(kind)
    if get_origin(kind) is list:
        if not isinstance(value, list):
            yield at, "Invalid array"
            return
        for place, member in enumerate(value):
            yield from faults(member, each[0], f"{at}[{place}]")
    elif not isinstance(value, dict):
        yield at, "Invalid hash"
    else:
        for name, member in value.items():
            yield from faults(member, each[1], f"{at}[{name}]")


def _fits(value: Any, kind: Any) -> bool:
    """Whether a form's text says a value of a plain type."""
    if kind is Any:
        return True
    if not isinstance(value, str):
        return False
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    if kind is bool:
        return value in ("true", "false")
    if kind is int:
        return re.fullmatch(r"-?\d+", value) is not None
    if kind in (float, Decimal):
        return re.fullmatch(r"-?\d+(\.\d+)?", value) is not None
    return kind is str


def read_form(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """`items[0][price]=…` as what it says: hashes, and arrays where all names are numbers."""
    root: dict[str, Any] = {}
    for name, value in pairs:
        first, _, rest = name.partition("[")
        steps = [first, *(step.rstrip("]") for step in rest.split("[") if rest)]
        here = root
        for step in steps[:-1]:
            here = here.setdefault(step, {})
        last = steps[-1] or str(len(here))  # `expand[]`
        here[last] = value
    return {name: _arrays(value) for name, value in root.items()}


def _arrays(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    made = {name: _arrays(each) for name, each in value.items()}
    if made and all(name.isdigit() for name in made):
        return [made[name] for name in sorted(made, key=int)]
    return made
