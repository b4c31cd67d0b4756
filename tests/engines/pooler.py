"""PgBouncer in transaction mode before a server, as a child of the tests."""

import os
import pwd
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL, make_url

from tenants.child import Child
from tenants.identities import Identity

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
SERVERS = 8  # connections to the server per log-in: fewer than the application asks for
PORT = 6432  # names the socket only
PATIENCE = 10.0  # seconds

SETTINGS = """
[databases]
* = host={host} port={port}

[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
listen_port = {listen}
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {servers}
max_client_conn = 400
query_wait_timeout = 10
log_connections = 0
log_disconnections = 0
"""


@contextmanager
def pgbouncer(server: URL, roles: Sequence[str]) -> Iterator[URL]:
    """The server's address through a pooler; `roles` may log in there."""
    assert PROGRAM
    with tempfile.TemporaryDirectory(prefix="pgb-") as made:
        folder = Path(made)
        settings = SETTINGS.format(
            host=server.host,
            port=server.port or 5432,
            folder=folder,
            listen=PORT,
            servers=SERVERS,
        )
        (folder / "settings").write_text(settings)
        users = dict.fromkeys(roles, "") | {str(server.username): server.password or ""}
        (folder / "users").write_text("".join(f'"{u}" "{p}"\n' for u, p in users.items()))
        identity: Identity = "self"
        if os.geteuid() == 0:  # it refuses to be root
            os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
            identity = "nobody"
        child = Child([PROGRAM, "-q", folder / "settings"], log=folder / "log", identity=identity)
        url = make_url(f"postgresql+psycopg://{server.username}@/postgres").update_query_dict(
            {"host": str(folder), "port": str(PORT)}
        )
        try:
            _await(child, url, folder / "log")
            yield url
        finally:
            child.stop(PATIENCE)


def _await(child: Child, url: URL, log: Path) -> None:
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            psycopg.connect(address, autocommit=True, connect_timeout=2).close()
        except psycopg.OperationalError:
            if child.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"pgbouncer does not answer: {log.read_text()}") from None
            time.sleep(0.02)
        else:
            return
