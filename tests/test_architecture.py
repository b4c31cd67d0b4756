"""
The rules of the house that a machine can hold: who may commit, who may look across agencies, which
words there must be. The layers are held by import-linter (`[tool.importlinter]`).
"""

import ast
import importlib
import pkgutil
import re
import string
import subprocess
import sys
import tomllib
import warnings
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import BeforeValidator

import api
import billing
import tenants
from tenants.errors import ApiError
from tenants.permissions import PERMISSIONS
from tenants.shapes import ReadShape, Shape
from tests.operations import guarded, operations, permissions

ROOT = Path(__file__).parent.parent
PACKAGES = (api, billing, tenants)

# Who opens transactions, and so ends them.
COMMITS = {
    "tenants/pipeline.py",
    "tenants/reads.py",
    "migrations/run.py",
    "migrations/roles.py",
}
# Who rings the broker: its message is only a doorbell.
RINGS = {"tenants/worker.py"}
# Who looks across agencies, and what for.
PLATFORM = {
    "api/worker.py": "the beat lists the agencies there are",
    "api/metrics/readings/verified.py": "an operator proves every agency's readings",
    "api/tracking/clicks.py": "clicks of every agency are flushed together",
    "api/tracking/redirect.py": "whoever follows a link names no agency",
    "billing/subscription/by_hand.py": "an operator finds an agency by its slug",
    "billing/provider/inbox.py": "Stripe's events come before it is known whose they are",
    "billing/provider/reconcile.py": "calls to Stripe that nobody is at, whoever made them",
    "billing/provider/references.py": "whose a customer or an account of Stripe's is",
    "billing/tasks.py": "the beat lists whose trial ends, and who has something at Stripe",
    "tenants/agencies.py": "an agency is made before anybody belongs to it",
    "tenants/daily.py": "the beat lists the agencies that have not had their day's jobs",
    "tenants/dead_letters.py": "an operator looks after every agency's work",
    "tenants/invariants.py": "an operator looks at every agency's rows",
    "tenants/invitations.py": "an invitation is accepted by whom no agency knows yet",
    "tenants/mail_proofs.py": "somebody who cannot log in belongs to no agency yet",
    "tenants/relay.py": "claims the events that wait",
    "tenants/sealer.py": "gives committed events their position",
    "tenants/sessions.py": "a log-in begins before its agency is known",
    "tenants/users.py": "a person belongs to several agencies",
}
# Who reads the clock itself.
CLOCKS = {"tenants/clock.py"}


@lru_cache(maxsize=1)
def _everything() -> None:
    """Import every module, so that every class is known."""
    for package in PACKAGES:
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(found.name)


def _files(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), _tree(path)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def _calls(tree: ast.Module) -> list[tuple[ast.Call, str, str]]:
    """Each call: itself, the name it is called on, and its last name."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            on = node.func.value
            found.append((node, on.id if isinstance(on, ast.Name) else "", node.func.attr))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found.append((node, "", node.func.id))
    return found


def _modules_imported(tree: ast.Module) -> set[str]:
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }


def _subclasses(kind: type) -> set[type]:
    _everything()
    found: set[type] = set(kind.__subclasses__())
    return found.union(*(_subclasses(each) for each in found)) if found else found


def _ours(kinds: set[type]) -> list[Any]:
    mine = [
        kind for kind in kinds if kind.__module__.split(".")[0] in ("api", "billing", "tenants")
    ]
    return sorted(mine, key=lambda kind: (kind.__module__, kind.__name__))


class TestLayers:
    def test_are_kept(self) -> None:
        linter = Path(sys.executable).with_name("lint-imports")
        done = subprocess.run(
            [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout

    def test_migrations_import_nothing_of_the_application(self) -> None:
        offenders = [
            name
            for name, tree in _files("migrations/versions")
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            and (node.module or "").split(".")[0] in ("api", "billing", "tenants")
        ]
        assert offenders == []


class TestCode:
    def test_commits_only_where_the_transaction_was_opened(self) -> None:
        found = {
            name
            for name, tree in _files("api", "billing", "tenants", "migrations")
            for _, on, called in _calls(tree)
            if called == "commit" and on not in _modules_imported(tree)
        }
        assert found - COMMITS == set()

    def test_rings_the_broker_in_one_place(self) -> None:
        found = {
            name
            for name, tree in _files("api", "billing", "tenants")
            for _, _, called in _calls(tree)
            if called in ("delay", "apply_async", "send_task")
        }
        assert found - RINGS == set()

    def test_looks_across_agencies_in_few_places(self) -> None:
        found = {
            name
            for name, tree in _files("api", "billing", "tenants")
            for _, _, called in _calls(tree)
            if called == "platform_session"
        }
        assert found - {"tenants/database.py"} == PLATFORM.keys()

    def test_reads_the_clock_in_one_place(self) -> None:
        found = {
            f"{name}:{call.lineno}"
            for name, tree in _files("api", "billing", "tenants")
            for call, on, called in _calls(tree)
            if (on, called) in {("datetime", "now"), ("date", "today"), ("datetime", "utcnow")}
            and name not in CLOCKS
        }
        assert found == set()

    def test_has_no_relationships(self) -> None:
        found = {
            name
            for name, tree in _files("api", "billing", "tenants")
            for _, _, called in _calls(tree)
            if called in ("Relationship", "relationship")
        }
        assert found == set()

    def test_names_the_agency_in_sql_of_its_own(self) -> None:
        """The second layer does not reach text: a domain's names the agency itself."""
        found = [
            f"{name}:{call.lineno}"
            for name, tree in _files("api", "billing")
            for call, _, called in _calls(tree)
            if called == "text"
            and _reads_rows(call)
            and "agency" not in _constant(call)
            and name.count("/") > 1
        ]
        assert found == []

    def test_names_events_as_things_that_happened(self) -> None:
        """`change_order.accepted`: the thing, and what was done to it."""
        names = [
            (name, str(argument.value))
            for name, tree in _files("api", "billing", "tenants")
            for call, _, called in _calls(tree)
            if called == "emit"
            for argument in call.args[1:2]
            if isinstance(argument, ast.Constant)
        ]
        assert names != []
        assert [n for n in names if not re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", n[1])] == []

    @pytest.mark.filterwarnings("default")
    def test_is_small(self) -> None:
        """A module to look at again; a warning, not a wall."""
        limits = {"models.py": 400, "router.py": 400}
        for folder in ("api", "billing", "tenants"):
            for path in sorted((ROOT / folder).rglob("*.py")):
                length = len(path.read_text(encoding="utf-8").splitlines())
                if length > limits.get(path.name, 300):
                    warnings.warn(f"{path.relative_to(ROOT)}: {length} lines", stacklevel=1)


def _constant(call: ast.Call) -> str:
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def _reads_rows(call: ast.Call) -> bool:
    return bool(
        re.match(
            r"\s*(with|select|insert|update|delete)\b.*\b(from|into|update)\b",
            _constant(call),
            re.DOTALL | re.IGNORECASE,
        )
    )


class TestRoutes:
    def test_name_one_permission_or_are_open(self) -> None:
        named = permissions()
        unnamed = [
            each.id for each in operations() if each.path.startswith("/v1/") and not each.is_open
        ]
        assert set(unnamed) - named.keys() == set()

    def test_are_open_where_somebody_without_an_account_stands(self) -> None:
        """Each of these was decided on: the list is short, and changes by hand."""
        assert {each.path for each in operations() if each.is_open} <= {
            "/healthz",
            "/readyz",
            "/metrics",
            "/.well-known/jwks.json",
            "/v1/agencies",
            "/v1/auth/token",
            "/v1/auth/revoke",
            "/v1/auth/password-resets",
            "/v1/auth/password-resets/complete",
            "/v1/me/email-verifications/complete",
            "/v1/invitations/accept",
            "/shared/reports",
            "/files/{token}",
            "/t/{code}",
            "/shared/reports/view",
            "/decide/{token}",
            "/join/{token}",
            "/terms/{token}",
            "/calendar/{token}.ics",
            "/webhooks/stripe/account",
            "/webhooks/stripe/connect",
        }

    def test_need_permissions_that_exist(self) -> None:
        assert {each.permission for each in guarded()} - {None} - PERMISSIONS.keys() == set()

    def test_leave_no_permission_unused(self) -> None:
        code = "\n".join(
            path.read_text(encoding="utf-8")
            for folder in ("api", "billing", "tenants")
            for path in (ROOT / folder).rglob("*.py")
            if path.name != "permissions.py"
        )
        assert [name for name in PERMISSIONS if f'"{name}"' not in code] == []

    def test_permissions_are_in_order(self) -> None:
        assert list(PERMISSIONS) == sorted(PERMISSIONS)


def _constraints(metadata: list[Any]) -> list[Any]:
    """How a stored value is read first is none."""
    return [each for each in metadata if not isinstance(each, BeforeValidator)]


class TestShapes:
    def test_that_go_out_promise_every_member(self) -> None:
        """A default or a constraint makes a member optional to generated clients."""
        offenders = [
            f"{shape.__name__}.{name}"
            for shape in _ours(_subclasses(ReadShape))
            for name, field in shape.model_fields.items()
            if not field.is_required() or _constraints(field.metadata)
        ]
        assert offenders == []

    def test_that_come_in_refuse_what_they_do_not_know(self) -> None:
        shapes = _ours(_subclasses(Shape))
        assert [s.__name__ for s in shapes if s.model_config.get("extra") != "forbid"] == []


class TestRefusals:
    def test_have_words_in_every_language(self) -> None:
        for locale in _locales():
            missing = [
                e.code for e in _ours(_subclasses(ApiError)) if e.code not in locale["problem"]
            ]
            assert missing == []

    def test_of_values_say_what_is_wrong(self) -> None:
        said = re.compile(r'PydanticCustomError\(\s*"(\w+)"')
        for locale in _locales():
            missing = [
                (str(path), code)
                for path, _ in _files("api", "billing", "tenants")
                for code in said.findall((ROOT / path).read_text(encoding="utf-8"))
                if code not in locale["validation"]
            ]
            assert missing == []

    def test_have_no_words_to_spare(self) -> None:
        known = {each.code for each in _ours(_subclasses(ApiError))} | {ApiError.code}
        for locale in _locales():
            assert set(locale["problem"]) - known == set()

    def test_have_each_a_code_of_its_own(self) -> None:
        codes = [each.code for each in _ours(_subclasses(ApiError))]
        assert sorted({code for code in codes if codes.count(code) > 1}) == []

    def test_have_each_one_line_that_says_what(self) -> None:
        without = [
            each.__name__
            for each in _ours(_subclasses(ApiError))
            if not (each.__doc__ or "").strip().splitlines()[0].endswith((".", "`."))
        ]
        assert without == []

    def test_have_a_title_for_every_status(self) -> None:
        used = {str(each.status) for each in _ours(_subclasses(ApiError))}
        for locale in _locales():
            assert used - locale["status"].keys() == set()


class TestWords:
    @pytest.mark.parametrize("folder", ["tenants/locales", "api/documents/locales"])
    def test_are_the_same_in_both_languages(self, folder: str) -> None:
        spanish, english = (_flat(_toml(ROOT / folder / f"{name}.toml")) for name in ("es", "en"))
        assert spanish.keys() == english.keys()
        different = [key for key in english if _places(english[key]) != _places(spanish[key])]
        assert different == []

    def test_hold_no_tab_and_end_as_sentences(self) -> None:
        for locale in _locales():
            unfinished = [
                k for k, said in locale["problem"].items() if not said.endswith((".", "`."))
            ]
            assert unfinished == []


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _locales() -> list[dict[str, Any]]:
    return [_toml(ROOT / "tenants/locales" / f"{name}.toml") for name in ("en", "es")]


def _flat(table: dict[str, Any], before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        name = f"{before}{key}"
        found |= _flat(value, f"{name}.") if isinstance(value, dict) else {name: str(value)}
    return found


def _places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
