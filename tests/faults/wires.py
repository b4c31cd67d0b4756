"""A wire to a server that can be cut, or that swallows what it is given."""

import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self


class Wire:
    """
    Listens on a TCP port and passes everything on to a Unix socket. `swallow`: takes connections
    and bytes, and lets nothing through, as a broken route does; nobody is told. `cut`: ends what
    is open, and refuses what comes.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.swallowing = False
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._over = False

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.cut()

    def swallow(self) -> None:
        self.swallowing = True

    def heal(self) -> None:
        """New connections go through again; what was swallowed stays lost."""
        self.swallowing = False
        if self._over:
            self._over = False
            self._listening = socket.create_server(("127.0.0.1", self.port))
            threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()

    def cut(self) -> None:
        self._over = True
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        with self._lock:
            for each in self._open:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
            self._open.clear()

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                near, _ = listening.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            lost = self.swallowing
            with suppress(OSError):
                far.connect(str(self.target))
            with self._lock:
                self._open += [near, far]
            for source, sink in ((near, far), (far, near)):
                arguments = (source, sink, lost)
                threading.Thread(target=self._pump, args=arguments, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, lost: bool) -> None:
        """Pass on, until something is swallowed: from there on nothing of this connection."""
        with suppress(OSError):
            while chunk := source.recv(65536):
                lost = lost or self.swallowing
                if not lost:
                    sink.sendall(chunk)
        if not lost:
            with suppress(OSError):
                sink.shutdown(socket.SHUT_WR)
