"""A database that lives as long as a `with`: an embedded engine in a throw-away folder."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.engine import Engine

from migrations import run
from tenants.embedded import Engines


@contextmanager
def migrated() -> Iterator[Engine]:
    """The owner's way into a database at the newest revision."""
    with (
        tempfile.TemporaryDirectory(prefix="agency-") as folder,
        Engines(Path(folder), fast=True) as engines,
    ):
        run.upgrade(engines.owner_url, "app_login", "platform_login")
        engine = create_engine(engines.owner_url)
        yield engine
        engine.dispose()
