"""The HTTP server around the application."""

import ctypes
import gc
import os
import resource
import socket
import sys
import tempfile
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from api import app, installation, processes
from api.http.connection import PatientProtocol
from api.http.edge import Edge
from tenants import settings
from tenants.settings import Settings

SMALLEST_POOL = 5
COMING_UP = 60  # seconds before a process that says nothing is taken for dead
CONNECTIONS = 10_000
LEAVING = 10  # seconds for requests under way when told to stop


def serve(configured: Settings, workers: int, descriptor: int | None) -> None:
    """
    Serve until told to stop, on a socket that somebody else opened, or on our own. Several
    processes share the socket; one that dies is replaced, and SIGHUP replaces each in turn, the
    next one ready before the old one leaves.
    """
    if descriptor is None:
        listening = processes.listen(configured)
    else:
        listening = socket.socket(fileno=descriptor)
    _allow_connections()
    _keep_memory_together()
    os.environ["AGENCY_POOL_SIZE"] = str(max(configured.pool_size // workers, SMALLEST_POOL))
    if workers > 1:
        os.environ[_PARENT] = str(os.getpid())
        Multiprocess(config(configured, workers), sockets=[listening]).run()
    else:
        uvicorn.Server(config(configured, workers)).run(sockets=[listening])


def _allow_connections() -> None:
    """A connection is an open file, of which many systems allow a process but a thousand."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    possible = CONNECTIONS if hard == resource.RLIM_INFINITY else min(hard, CONNECTIONS)
    if soft != resource.RLIM_INFINITY and soft < possible:
        resource.setrlimit(resource.RLIMIT_NOFILE, (possible, hard))


def _keep_memory_together() -> None:
    """
    Dozens of threads take turns: an arena for each holds memory and gains nothing (mallopt). What a
    password's hash needs is given back at once; by itself the threshold grows to what was freed.
    """
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(_ARENA_MAX, 2)
        libc.mallopt(_MMAP_THRESHOLD, 1 << 20)


_ARENA_MAX, _MMAP_THRESHOLD = -8, -3  # malloc.h


def _spool_on_disk() -> None:
    """An upload under way is kept in the data folder: where there is a `/tmp` it may be memory."""
    folder = settings.get().home / "incoming"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    tempfile.tempdir = str(folder)


def config(configured: Settings, workers: int) -> uvicorn.Config:
    trusted = [each.strip() for each in configured.trusted_proxies.split(",") if each.strip()]
    options: dict[str, Any] = {"forwarded_allow_ips": trusted} if trusted else {}
    return uvicorn.Config(
        "api.server:application",
        factory=True,
        workers=workers,
        http=PatientProtocol,
        ws="none",
        proxy_headers=bool(trusted),
        server_header=False,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=LEAVING,
        timeout_worker_healthcheck=COMING_UP,
        **options,
    )


_PARENT = "AGENCY_SERVER_PARENT"


def application() -> Edge:
    """The application of one server process, connected to the database."""
    if parent := os.environ.get(_PARENT):
        processes.die_with(int(parent))
    settings.get.cache_clear()
    installation.connect(settings.get().pool_size)
    _spool_on_disk()
    made = app.application()
    gc.freeze()  # what is there now stays: the collector need not look at it again and again
    return made
