"""
Mutants of the checks inside the code, found by reading it: every `if` that refuses with 401, 403 or
404 is left out and turned round, every other question `may(...)` is answered yes and turned round,
and what the second layer adds is left out.

A mutant is put in the place of its function's code, so that whoever imported the function has it.
"""

import ast
import importlib
import inspect
import pkgutil
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

import api
import tenants
from tenants.errors import ApiError

# What refuses nobody anything of an agency's: public pages, and what `make demo` plays.
NOT_ASKED = ("api.demo", "api.documents", "api.http.docs")
REFUSALS = (401, 403, 404)


@dataclass(frozen=True)
class Mutant:
    """`site` counts the places in the function that can be changed."""

    kind: str
    module: str
    function: str
    site: int
    shown: str

    @property
    def name(self) -> str:
        return f"{self.module}.{self.function}: {self.shown}"

    def plant(self) -> None:
        """Change the function, for as long as this process lives."""
        module = importlib.import_module(self.module)
        target = _function(module, self.function)
        tree = deepcopy(_functions(module)[self.function])
        tree.decorator_list = []
        site = list(_sites(tree, module))[self.site][1]
        _change(tree, site, self.kind)
        whole = ast.fix_missing_locations(ast.Module([tree], []))
        namespace: dict[str, Any] = {}
        exec(compile(whole, str(module.__file__), "exec"), vars(module), namespace)
        target.__code__ = namespace[tree.name].__code__


@cache
def found() -> tuple[Mutant, ...]:
    """Every mutant there is, of all the code."""
    return tuple(each for module in _modules() for each in _of(module))


def _modules() -> Iterator[ModuleType]:
    for package in (tenants, api):
        for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not each.name.endswith("__main__") and not each.name.startswith(NOT_ASKED):
                yield importlib.import_module(each.name)


def _of(module: ModuleType) -> Iterator[Mutant]:
    for name, tree in _functions(module).items():
        for number, (kinds, site) in enumerate(_sites(tree, module)):
            shown = ast.unparse(site.test if isinstance(site, ast.If) else site)
            for kind in kinds:
                yield Mutant(kind, module.__name__, name, number, shown)


@cache
def _functions(module: ModuleType) -> dict[str, ast.FunctionDef]:
    """The functions of a module and the methods of its classes, by their qualified names."""
    found: dict[str, ast.FunctionDef] = {}
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.ClassDef):
            methods = (each for each in node.body if isinstance(each, ast.FunctionDef))
            found |= {f"{node.name}.{each.name}": each for each in methods}
    return found


def _function(module: ModuleType, name: str) -> FunctionType:
    owner, _, own = name.rpartition(".")
    found: Any = vars(vars(module)[owner] if owner else module)[own]
    found = getattr(found, "fget", None) or getattr(found, "func", None) or found
    found = inspect.unwrap(getattr(found, "__func__", found))
    assert isinstance(found, FunctionType), name
    return found


GUARD = ("check left out", "check turned round")
QUESTION = ("everybody may", "question turned round")
LAYER = ("second layer left out",)


def _sites(tree: ast.FunctionDef, module: ModuleType) -> Iterator[tuple[tuple[str, ...], ast.AST]]:
    within: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and _refuses(node, module):
            within.update(ast.walk(node.test))
            yield GUARD, node
        elif isinstance(node, ast.If) and "second_layer" in ast.unparse(node.test):
            yield LAYER, node
        elif isinstance(node, ast.Call) and node not in within and _asks(node):
            yield QUESTION, node


def _refuses(node: ast.If, module: ModuleType) -> bool:
    raised = (each.exc for each in node.body if isinstance(each, ast.Raise) and each.exc)
    for raising in raised:
        name = raising.func if isinstance(raising, ast.Call) else raising
        kind: Any = module
        for part in ast.unparse(name).split("."):
            kind = getattr(kind, part, None)
        if isinstance(kind, type) and issubclass(kind, ApiError) and kind.status in REFUSALS:
            return True
    return False


def _asks(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr == "may"


def _change(tree: ast.FunctionDef, site: ast.AST, kind: str) -> None:
    if isinstance(site, ast.If):
        # An early return that a layer's absence takes is taken; what it adds is left out.
        leaves = kind == LAYER[0] and isinstance(site.body[-1], ast.Return)
        turned = ast.UnaryOp(ast.Not(), site.test)
        site.test = turned if kind == GUARD[1] else ast.Constant(leaves)
        return

    class Replacing(ast.NodeTransformer):
        def visit_Call(self, node: ast.Call) -> ast.AST:
            self.generic_visit(node)
            if node is not site:
                return node
            return ast.Constant(True) if kind == QUESTION[0] else ast.UnaryOp(ast.Not(), node)

    Replacing().visit(tree)


def doubles() -> list[str]:
    """Names that stand for more than one mutant."""
    counted = Counter((each.kind, each.name) for each in found())
    return [f"{kind}: {name}" for (kind, name), times in counted.items() if times > 1]
