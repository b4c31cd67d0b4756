"""The HTTP server around the application."""

import os
import socket
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from api import app, installation, processes
from api.http.edge import Edge
from tenants import settings
from tenants.settings import Settings

SMALLEST_POOL = 5


def serve(configured: Settings, workers: int, descriptor: int | None) -> None:
    """Serve until told to stop, on a socket that somebody else opened, or on our own."""
    if descriptor is None:
        listening = processes.listen(configured)
    else:
        listening = socket.socket(fileno=descriptor)
    os.environ["AGENCY_POOL_SIZE"] = str(max(configured.pool_size // workers, SMALLEST_POOL))
    if workers > 1:
        os.environ[_PARENT] = str(os.getpid())
        Multiprocess(config(configured, workers), sockets=[listening]).run()
    else:
        uvicorn.Server(config(configured, workers)).run(sockets=[listening])


def config(configured: Settings, workers: int) -> uvicorn.Config:
    trusted = [each.strip() for each in configured.trusted_proxies.split(",") if each.strip()]
    options: dict[str, Any] = {"forwarded_allow_ips": trusted} if trusted else {}
    return uvicorn.Config(
        "api.server:application",
        factory=True,
        workers=workers,
        proxy_headers=bool(trusted),
        server_header=False,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=10,
        **options,
    )


_PARENT = "AGENCY_SERVER_PARENT"


def application() -> Edge:
    """The application of one server process, connected to the database."""
    if parent := os.environ.get(_PARENT):
        processes.die_with(int(parent))
    settings.get.cache_clear()
    installation.connect(settings.get().pool_size)
    return app.application()
