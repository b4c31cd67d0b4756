"""Says at the end of a deep run what was seen of the mutants."""

from typing import Any

from tests.mutants import tally


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if terminalreporter.config.option.markexpr == "deep":
        for line in tally.table():
            terminalreporter.write_line(line)
