"""What comes back when engines, or who watches over them, are killed; and who may hold them."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import redis

from tenants.embedded import Engines
from tests.tenants.embedded.supervising import (
    SUPERVISOR,
    alive,
    eventually,
    kill_supervisor,
    linux,
    ping,
    query,
    supervise,
)


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
