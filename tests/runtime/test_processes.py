"""The platform's processes: started, killed, started again, ended."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from api.processes import Platform, listen
from tenants import auth, clients, database, jobs
from tenants.jobs import Job, JobState
from tenants.models import Client
from tenants.outbox import QueuedEvent
from tests.factories import Staffed
from tests.runtime.conftest import Crew, eventually

linux = pytest.mark.skipif(sys.platform != "linux", reason="needs PR_SET_PDEATHSIG and /proc")


def ask(agency: Staffed, kind: str, **args: Any) -> UUID:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        return jobs.enqueue(session, kind, client_id=agency.client_id, **args).id


def row(agency: Staffed, job_id: UUID) -> Job:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        return database.get(session, Job, job_id)


def attempts(folder: Path) -> list[int]:
    """The processes that began the job, in order."""
    file = folder / "attempts"
    return [int(line) for line in file.read_text().split()] if file.exists() else []


class TestWorker:
    def test_does_what_a_request_asked_for(self, agency: Staffed, crew: Crew) -> None:
        wanted = [
            ask(agency, "tests.rename", client=str(agency.client_id), name="Alba")
            for _ in range(20)
        ]
        agency.owner.patch(f"/v1/clients/{agency.other_client_id}", {"name": "Brisa"})

        assert eventually(
            lambda: {row(agency, each).state for each in wanted} == {JobState.succeeded}
        )
        assert {row(agency, each).attempts for each in wanted} == {1}
        other = f"/v1/clients/{agency.other_client_id}"
        assert eventually(lambda: agency.owner.get(other).json()["sector"] == {"en": "1"})

    @linux
    @pytest.mark.deep
    @pytest.mark.parametrize("victim", ["child", "parent"])
    def test_is_succeeded_within_seconds_when_killed(
        self, agency: Staffed, crew: Crew, tmp_path: Path, victim: str
    ) -> None:
        job_id = ask(agency, "tests.linger", folder=str(tmp_path))
        assert eventually(lambda: row(agency, job_id).progress > 0)

        os.kill(crew.worker.pid if victim == "parent" else attempts(tmp_path)[0], signal.SIGKILL)
        if victim == "parent":
            crew.start_worker()
        assert eventually(lambda: len(attempts(tmp_path)) == 2, seconds=20)
        (tmp_path / "go").touch()

        assert eventually(lambda: row(agency, job_id).state is JobState.succeeded)
        assert row(agency, job_id).result == {"attempt": 2}
        assert len(set(attempts(tmp_path))) == 2

    def test_is_not_brought_down_by_poison(self, agency: Staffed, crew: Crew) -> None:
        poison = ask(agency, "tests.die")
        assert eventually(lambda: row(agency, poison).attempts > 0)

        sound = ask(agency, "tests.rename", client=str(agency.client_id), name="Alba")

        assert eventually(lambda: row(agency, sound).state is JobState.succeeded)

    def test_finds_its_work_when_the_broker_forgets_everything(
        self, agency: Staffed, crew: Crew, forget: Callable[[], object]
    ) -> None:
        """Doorbells are lost with the broker's memory; rows are not."""
        wanted = []
        for _ in range(60):
            wanted.append(ask(agency, "tests.refuse"))
            forget()

        def states() -> set[JobState]:
            return {row(agency, each).state for each in wanted}

        assert eventually(lambda: states() == {JobState.failed}, seconds=45)

    @pytest.mark.deep
    def test_loses_and_doubles_nothing_when_killed_over_and_over(
        self, agency: Staffed, crew: Crew
    ) -> None:
        """Three kills while two hundred events drain; each is heard once in effect."""
        changes = 200
        for number in range(changes):
            with database.agency_session(auth.system(agency.agency_id)) as session:
                clients.update(session, agency.client_id, name=f"Name {number}")

        def heard() -> int:
            with database.agency_session(auth.system(agency.agency_id)) as session:
                sector = database.get(session, Client, agency.client_id).sector
            return int(sector.get("en", "0"))

        for share in (1, 60, 120):
            assert eventually(lambda share=share: heard() >= share)  # type: ignore[misc]
            os.kill(crew.worker.pid, signal.SIGKILL)
            crew.start_worker()

        assert eventually(lambda: heard() == changes, seconds=45)
        with database.platform_session() as session:
            mine = select(QueuedEvent).where(
                col(QueuedEvent.agency_id) == agency.agency_id, col(QueuedEvent.done_at).is_(None)
            )
            assert eventually(lambda: session.exec(mine).all() == [])


def descendants(pid: int) -> set[int]:
    """Every living process below one."""
    rows = subprocess.run(["ps", "-eo", "pid=,ppid=,stat="], capture_output=True, text=True)
    table = [line.split() for line in rows.stdout.splitlines()]
    children: dict[int, list[int]] = {}
    for each, parent, state in table:
        if not state.startswith("Z"):
            children.setdefault(int(parent), []).append(int(each))
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        for child in children.get(waiting.pop(), []):
            found.add(child)
            waiting.append(child)
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def get(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except OSError:
        return 0


class Command:
    """`agency`, in a process of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.started: list[subprocess.Popen[str]] = []

    def __call__(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", *arguments],
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process


@pytest.fixture
def command(quick_start: dict[str, str]) -> Iterator[Command]:
    made = Command(quick_start)
    yield made
    for process in made.started:
        process.kill()
        process.communicate()


def url_of(process: "subprocess.Popen[str]") -> str:
    """Where a started platform says it is."""
    assert process.stdout
    for line in process.stdout:
        if line.startswith("agency: http"):
            return line.split()[1]
    raise AssertionError(process.stderr and process.stderr.read())


@linux
class TestRun:
    def test_serves_and_leaves_nothing_behind(self, command: Command, tmp_path: Path) -> None:
        running = command("run", "--no-demo", AGENCY_HOME=str(tmp_path), AGENCY_PORT="0")
        url = url_of(running)
        assert (get(f"{url}/healthz"), get(f"{url}/readyz")) == (200, 200)
        family = descendants(running.pid)
        assert len(family) > 6

        running.send_signal(signal.SIGTERM)

        assert running.wait(40) == 0
        assert not any(alive(pid) for pid in family)

    @pytest.mark.deep
    def test_recovers_when_killed(self, command: Command, tmp_path: Path) -> None:
        first = command("run", "--no-demo", AGENCY_HOME=str(tmp_path), AGENCY_PORT="0")
        url = url_of(first)
        family = descendants(first.pid)
        second = command("run", "--no-demo", AGENCY_HOME=str(tmp_path), AGENCY_PORT="0")
        _, complaint = second.communicate(timeout=60)
        assert (second.returncode, complaint.startswith("agency: AGENCY_HOME: ")) == (2, True)

        first.kill()
        port = url.rpartition(":")[2]
        third = command("run", "--no-demo", AGENCY_HOME=str(tmp_path), AGENCY_PORT=port)

        assert url_of(third) == url
        assert get(f"{url}/readyz") == 200
        assert eventually(lambda: not any(alive(pid) for pid in family))
        third.terminate()
        assert third.wait(40) == 0


@linux
@pytest.mark.deep
class TestPlatform:
    def test_starts_again_what_dies(
        self, tmp_path: Path, quick_start: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        monkeypatch.setenv("PYTHONPYCACHEPREFIX", quick_start["PYTHONPYCACHEPREFIX"])
        with Platform(tmp_path / "home") as platform:
            for name in ("api", "relay", "worker-now"):
                member = platform.members[name]
                assert member.child
                before = member.child.pid
                os.kill(before, signal.SIGKILL)

                def reborn(member: Any = member, before: int = before) -> bool:
                    platform.watch()
                    return bool(member.child and member.child.pid != before)

                assert eventually(reborn), name
            assert eventually(lambda: get(f"{platform.base_url}/readyz") == 200)
            pids = [member.child.pid for member in platform.members.values() if member.child]
        assert not any(alive(pid) for pid in pids)


def test_children_hand_out_addresses_with_the_port_there_is(tmp_path: Path) -> None:
    platform = Platform(tmp_path)
    platform._socket = listen(platform.configured)

    told = platform.member("api", "serve").environment

    platform.stop()
    assert told["AGENCY_HOME"] == str(tmp_path)
    assert int(told["AGENCY_PORT"]) > 0


class TestConfiguration:
    def end(self, command: Command, *arguments: str, **environment: str) -> tuple[int, str]:
        process = command(*arguments, **environment)
        out, complaint = process.communicate(timeout=60)
        assert out == ""
        return process.returncode, complaint

    def test_names_a_port_that_is_taken(self, command: Command, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as holder:
            port = str(holder.getsockname()[1])
            code, complaint = self.end(command, "run", AGENCY_HOME=str(tmp_path), AGENCY_PORT=port)

        assert (code, complaint.count("\n")) == (2, 1)
        assert complaint.startswith("agency: AGENCY_PORT: ")
        assert port in complaint
        assert not (tmp_path / "pg18").exists()

    @pytest.mark.parametrize(
        ("environment", "named"),
        [
            ({"AGENCY_PORT": "http"}, "AGENCY_PORT"),
            ({"AGENCY_DATABASE_URL": "postgresql://x:hush@h/d"}, "AGENCY_OWNER_DATABASE_URL"),
            ({"AGENCY_BROKER_URL": "http://x:hush@h"}, "AGENCY_BROKER_URL"),
            ({"AGENCY_SECRET": "hush"}, "AGENCY_SECRET"),
            ({"AGENCY_ENVIRONMENT": "production"}, "AGENCY_DATABASE_URL"),
        ],
    )
    def test_names_the_setting_at_fault(
        self, command: Command, tmp_path: Path, environment: dict[str, str], named: str
    ) -> None:
        code, complaint = self.end(command, "run", **{"AGENCY_HOME": str(tmp_path), **environment})

        assert (code, complaint.count("\n")) == (2, 1)
        assert named in complaint
        assert "hush" not in complaint

    @pytest.fixture
    def external(self, urls: dict[str, str], tmp_path: Path, engines: object) -> dict[str, str]:
        """A database and a broker of somebody else's."""
        return {
            "AGENCY_HOME": str(tmp_path),
            "AGENCY_PORT": "0",
            "AGENCY_OWNER_DATABASE_URL": urls["owner"],
            "AGENCY_DATABASE_URL": urls["app"],
            "AGENCY_PLATFORM_DATABASE_URL": urls["platform"],
            "AGENCY_BROKER_URL": "redis://127.0.0.1:1/0",
        }

    def test_names_a_database_without_its_broker(
        self, command: Command, external: dict[str, str]
    ) -> None:
        del external["AGENCY_BROKER_URL"]

        code, complaint = self.end(command, "serve", **external)

        assert (code, complaint.count("\n")) == (2, 1)
        assert "AGENCY_BROKER_URL" in complaint

    def test_refuses_a_log_in_that_passes_the_walls(
        self, command: Command, external: dict[str, str]
    ) -> None:
        external["AGENCY_DATABASE_URL"] = external["AGENCY_OWNER_DATABASE_URL"]

        code, complaint = self.end(command, "serve", **external)

        assert (code, complaint.count("\n")) == (2, 1)
        assert complaint.startswith("agency: AGENCY_DATABASE_URL: ")

    def test_refuses_a_schema_of_another_release(
        self, command: Command, external: dict[str, str], urls: dict[str, str]
    ) -> None:
        external["AGENCY_OWNER_DATABASE_URL"] = urls["owner"].replace(
            urls["owner"].partition("?")[0].rpartition("/")[2], "postgres", 1
        )

        code, complaint = self.end(command, "serve", **external)

        assert (code, complaint.count("\n")) == (2, 1)
        assert "agency migrate" in complaint

    def test_is_shown_without_its_secrets(self, command: Command, external: dict[str, str]) -> None:
        external["AGENCY_SECRET"] = "hush" * 10
        process = command("config", **external)
        shown, _ = process.communicate(timeout=60)

        assert process.returncode == 0
        assert "AGENCY_PORT=0" in shown
        assert "AGENCY_VALKEY_URL=(not set)" in shown
        assert "hush" not in shown
        assert urls_hidden(shown, external)

    def test_prints_the_document(self, command: Command, tmp_path: Path) -> None:
        process = command("openapi", AGENCY_HOME=str(tmp_path))
        document, _ = process.communicate(timeout=60)

        assert "/v1/events" in json.loads(document)["paths"]


def urls_hidden(shown: str, external: dict[str, str]) -> bool:
    return not any(url in shown for name, url in external.items() if name.endswith("_URL"))
