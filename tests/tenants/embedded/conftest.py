"""Engines in homes of their own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tenants.embedded import Engines


@pytest.fixture(scope="module", autouse=True)
def nothing_left_behind() -> None:
    """These engines are their own: nobody left them anything."""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "home"
    shutil.rmtree(Engines(tmp_path / "home").sockets, ignore_errors=True)


@pytest.fixture
def engines(home: Path) -> Iterator[Engines]:
    engines = Engines(home, fast=True)
    yield engines
    engines.stop()
