"""
All the processes of an installation on one machine, as children of this one.

`agency run` is one `Platform`, and so is a test's: engines, API, workers and relay, each started
again when it dies, none outliving the supervisor.
"""

import ctypes
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from api import installation
from tenants import settings
from tenants.child import Child
from tenants.embedded import EngineFailed, Engines
from tenants.settings import ConfigurationError, Settings

log = logging.getLogger("agency")

PATIENCE = 60.0  # seconds for the API to answer at first
GRACE = 20.0  # seconds for a child to end well; then it is killed, and loses nothing
STEADY = 5.0  # seconds: who lived longer did not die of its start, and starts again at once
LONGEST_PAUSE = 30.0
# Who was killed may well live when started again; who ended by itself probably ends again.
KILLED_PAUSE = 1.0
RETAKE = 2.0  # seconds: a killed predecessor may still be letting the port go


class PortTaken(ConfigurationError):
    """Another process listens there."""


class AlreadyRunning(ConfigurationError):
    """Another supervisor holds the home."""


class StartFailed(Exception):
    """A child does not come up; the message names it."""


@dataclass
class Member:
    """One child: how to start it, and how it has been doing."""

    name: str
    command: Sequence[str]
    keep: Sequence[int] = ()
    child: Child | None = None
    started: float = 0.0
    deaths: int = 0
    not_before: float = 0.0
    environment: dict[str, str] = field(default_factory=dict)

    def start(self, log: Path | None) -> None:
        self.started = time.monotonic()
        self.child = Child(self.command, log=log, env=self.environment, keep=self.keep)

    def mourn(self, code: int) -> float:
        """Count a death; how many seconds to wait before the next life."""
        self.deaths = 0 if time.monotonic() - self.started > STEADY else self.deaths + 1
        longest = KILLED_PAUSE if code == -signal.SIGKILL else LONGEST_PAUSE
        pause = 0.0 if self.deaths == 0 else min(2.0 ** (self.deaths - 2), longest)
        self.not_before = time.monotonic() + pause
        return pause


class Platform:
    """
    The whole platform. With `home` it lives there and takes any free port; otherwise where the
    environment says. Its children write to log files in the home, or with `quiet=False` to our own
    output. Main thread only: a child dies with the thread that made it.
    """

    program = (sys.executable, "-m", "api.cli")

    def __init__(self, home: Path | None = None, *, processes: int = 1, quiet: bool = True) -> None:
        self.configured = settings.load()
        if home is not None:
            self.configured = self.configured.model_copy(update={"home": home, "port": 0})
        self.home = self.configured.home.resolve()
        self.processes, self.quiet = processes, quiet
        self.members: dict[str, Member] = {}
        self.engines: Engines | None = None
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        """Where the API answers, seen from this machine."""
        assert self._socket is not None
        host, port = self._socket.getsockname()[:2]
        if host in ("0.0.0.0", "::"):
            host = "127.0.0.1" if host == "0.0.0.0" else "::1"
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def start(self) -> None:
        """Return when the API answers. Raises ConfigurationError, EngineFailed or StartFailed."""
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        found = installation.addresses(self.configured)
        self._socket = listen(self.configured)
        if self.configured.embedded:
            self.engines = Engines(self.home)
            if not self.engines.start():
                raise AlreadyRunning(f"AGENCY_HOME: {self.home} is in use by another `agency run`")
        (self.home / "log").mkdir(mode=0o700, parents=True, exist_ok=True)
        installation.migrate(found)
        installation.verify(found)
        self.members = {each.name: each for each in self._cast(self._socket.fileno())}
        api, *others = self.members.values()
        api.start(self._log(api))
        self._await_api()  # before the others, who would all read the same code at the same time
        for member in others:
            member.start(self._log(member))

    def _cast(self, listening: int) -> list[Member]:
        serve = ["serve", "--descriptor", str(listening), "--workers", str(self.processes)]
        return [
            self.member("api", *serve, keep=[listening]),
            self.member("relay", "beat"),
            # Two workers, so that nothing long ever stands before what is wanted now; two children,
            # so that what kills one of them holds up nothing either.
            self.member("worker-now", "worker", "--queues", "now", "--concurrency", "2"),
            self.member("worker-long", "worker", "--queues", "render,bulk"),
        ]

    def member(self, name: str, *arguments: str, keep: Sequence[int] = ()) -> Member:
        """A child that runs one command of `agency`."""
        return Member(name, [*self.program, *arguments], keep, environment=self._environment)

    @property
    def _environment(self) -> dict[str, str]:
        """Ours, with what is settled by now: addresses that are handed out name the port we got."""
        assert self._socket is not None
        port = self._socket.getsockname()[1]
        return {**os.environ, "AGENCY_HOME": str(self.home), "AGENCY_PORT": str(port)}

    def _log(self, member: Member) -> Path | None:
        return self.home / "log" / f"{member.name}.log" if self.quiet else None

    def _await_api(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            child = self.members["api"].child
            if child is None or child.poll() is not None:
                raise StartFailed(f"the API ended with {child and child.poll()}")
            if time.monotonic() > deadline:
                raise StartFailed(f"the API does not answer within {PATIENCE:.0f} s")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.base_url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    @property
    def wants_seed(self) -> bool:
        """Whether nobody is there yet. In production nobody gets a password that is printed."""
        if self.configured.environment == "production":
            return False
        return installation.is_empty(installation.addresses(self.configured))

    def fill(self) -> Any:
        """Play the demo into the running platform; what it says of its people, or None."""
        command = [*self.program, "seed", "--json", "--base", self.base_url]
        done = subprocess.run(command, env=self._environment, stdout=subprocess.PIPE, check=False)
        return None if done.returncode else json.loads(done.stdout)

    def watch(self) -> None:
        """One look at everything: start again what has died. Call it every second or so."""
        if self.engines:
            try:
                self.engines.start()  # does nothing while both live
            except EngineFailed as failure:
                log.error("%s", failure)
        for member in self.members.values():
            self._look_after(member)

    def _look_after(self, member: Member) -> None:
        code = member.child.poll() if member.child else None
        if code is not None:
            pause = member.mourn(code)
            log.error("%s ended with %s; again in %.1f s", member.name, code, pause)
            member.child = None
        if member.child is None and time.monotonic() >= member.not_before:
            member.start(self._log(member))

    def stop(self) -> None:
        """End every child, the engines last; what does not end in time is killed."""
        children = [member.child for member in self.members.values() if member.child]
        with ThreadPoolExecutor(max_workers=8) as pool:
            list(pool.map(lambda child: child.stop(GRACE), children))
        self.members.clear()
        if self.engines:
            self.engines.stop()
            self.engines = None
        if self._socket:
            self._socket.close()
            self._socket = None


def listen(configured: Settings) -> socket.socket:
    """The socket the API serves. Port 0 takes any that is free."""
    host, port = configured.host, configured.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    deadline = time.monotonic() + RETAKE
    while True:
        try:
            return socket.create_server((host, port), family=family, backlog=2048)
        except socket.gaierror:
            raise ConfigurationError(f"AGENCY_HOST: {host} is not an address of ours") from None
        except OSError as failure:
            if time.monotonic() > deadline:
                raise PortTaken(
                    f"AGENCY_PORT: cannot listen on {host} port {port}: {failure.strerror}"
                ) from None
        time.sleep(0.05)


def die_with(parent: int) -> None:
    """In a child: end when the parent is killed, instead of lingering with its port or its job."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, int(signal.SIGKILL))  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os._exit(1)
