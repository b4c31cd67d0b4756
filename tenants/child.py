"""A process that ends with the one that made it."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from tenants import identities
from tenants.identities import Identity

PATIENCE = 60.0  # seconds for it to end by itself


class Child:
    """A process that does not outlive this one, in a session of its own.

    ^C in the terminal does not reach it: the supervisor alone hears it and decides who stops when.
    On Linux the kernel sends `stop_signal` when the thread that forked ends, kill -9 included, so
    only the main thread may make one. Without `log` it shares our output. `env` replaces the whole
    environment; `keep` lists file descriptors to inherit. `identity`: ourselves, root as nobody in
    a private user namespace (its files stay root's), or the user nobody.
    """

    def __init__(
        self,
        argv: Sequence[str | Path],
        *,
        log: Path | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        env: Mapping[str, str] | None = None,
        identity: Identity = "self",
        keep: Sequence[int] = (),
    ) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("a child dies with the thread that made it: use the main thread")
        self.stop_signal = stop_signal
        with log.open("ab") if log else contextlib.nullcontext() as output:
            self._process = subprocess.Popen(
                [str(word) for word in argv],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if log else None,
                env=env,
                pass_fds=keep,
                start_new_session=True,
                **identities.become(identity, stop_signal),
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        return self._process.poll()

    def stop(self, timeout: float = PATIENCE) -> int:
        """Ask it to stop; after `timeout` seconds kill its process group. Returns the exit code."""
        if self.poll() is None:
            self._process.send_signal(self.stop_signal)
            try:
                self._process.wait(timeout)
            except subprocess.TimeoutExpired:
                os.killpg(self.pid, signal.SIGKILL)
        return self._process.wait()
