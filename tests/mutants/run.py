"""A run of pytest against one mutant, in a process that is forked from one that imported this."""

import os
import sys
from pathlib import Path

import pytest

from tests.mutants import guards
from tests.spec import document

# Half of what a run costs, once for all of them.
guards.found()
document()


ARGUMENTS = (
    "-x",
    "-q",
    "-p",
    "no:cacheprovider",
    # It collects the whole heap, thrice a run.
    "-p",
    "no:unraisableexception",
    # What was imported before the fork is no test module.
    "-W",
    "ignore::pytest.PytestAssertRewriteWarning",
)
# Exit codes that no accident has.
GREEN, RED = 100, 101


class Planting:
    """Plants a mutant when every test has been imported."""

    def __init__(self, number: int | None) -> None:
        self.number = number

    def pytest_collection_finish(self) -> None:
        if self.number is not None:
            guards.found()[self.number].plant()


def against(number: int | None, tests: tuple[str, ...], server: str, said: Path) -> None:
    """Ends the process with `GREEN` or `RED`; what pytest says is in a file."""
    os.environ["AGENCY_TEST_POSTGRES"] = server
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    with said.open("w", encoding="utf-8") as sys.stdout:
        code = pytest.main([*ARGUMENTS, *tests], [Planting(number)])
    failed = "\nFAILED " in said.read_text(encoding="utf-8")
    os._exit({(0, False): GREEN, (1, True): RED}.get((int(code), failed), 1))
