"""One platform for all faults of a test process, whole again after each."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.stage import FaultyPlatform, Stage, Studio, sign_up


@pytest.fixture(scope="session")
def own_environment(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What child processes get: quick to start, and no rate limit in the way."""
    before = dict(os.environ)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(tmp_path_factory.mktemp("pycache"))
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def standing(
    own_environment: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FaultyPlatform]:
    with FaultyPlatform(tmp_path_factory.mktemp("faults")) as platform:
        yield platform


@pytest.fixture(scope="session")
def record() -> Iterator[dict[str, object]]:
    """Figures worth keeping; `AGENCY_FAULT_FIGURES` names the file they are written to."""
    figures: dict[str, object] = {}
    yield figures
    if target := os.environ.get("AGENCY_FAULT_FIGURES"):
        Path(target).write_text(json.dumps(figures, indent=1))


@pytest.fixture
def stage(standing: FaultyPlatform) -> Iterator[Stage]:
    """The platform, with all its members at work."""
    assert standing.engines
    made = Stage(standing, standing.engines)
    yield made
    standing.watch()


@pytest.fixture
def studio(stage: Stage) -> Studio:
    return sign_up(stage.base)
