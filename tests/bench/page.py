"""The table of `docs/performance.md`, made by the bench."""

import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.data import Size
from tests.bench.load import Measured

PAGE = Path("docs/performance.md")
BEGIN, END = "<!-- bench: {} -->", "<!-- end of bench: {} -->"
HEAD = (
    "| operation | ours, CPU ms (server + database) | twin, CPU ms | ratio | goal"
    " | ours /s | twin /s | ours p99 ms | twin p99 ms |"
)
LINE = "|---|--:|--:|--:|--:|--:|--:|--:|--:|"


@dataclass(frozen=True)
class Facts:
    """What one run found."""

    size: Size
    lines: list[Any]
    memory: float
    crowd: Measured
    noise_before: float
    noise: float


def noise() -> float:
    """How busy the machine is with something else: work to be done, per core."""
    return os.getloadavg()[0] / (os.cpu_count() or 1)


def row(line: Any) -> str:
    ours, twin = line.ours, line.twin
    cells = [line.name, f"{ours.server_ms:.2f} + {ours.database_ms:.2f}"]
    if twin:
        ratio = ours.cpu_ms / twin.cpu_ms
        cells += [f"{twin.server_ms:.2f} + {twin.database_ms:.2f}", f"{ratio:.2f}"]
    else:
        cells += ["", ""]
    cells.append(line.goal)
    cells += [f"{ours.rate:,.0f}", f"{twin.rate:,.0f}" if twin else ""]
    cells += [f"{ours.p99_ms:.0f}", f"{twin.p99_ms:.0f}" if twin else ""]
    return f"| {' | '.join(cells)} |"


def write(facts: Facts) -> None:
    """Put this run's table where the last one of its size stood."""
    name = facts.size.name
    begin, end = BEGIN.format(name), END.format(name)
    text = PAGE.read_text()
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    said = (
        f"{facts.size.readings:,} readings of {facts.size.agencies} agencies, on"
        f" {time.strftime('%Y-%m-%d')}: Python {platform.python_version()}, {os.cpu_count()} cores,"
        f" {facts.noise_before:.1f} other tasks a core waiting before the run and"
        f" {facts.noise:.1f} on average. Memory of the API process afterwards:"
        f" {facts.memory:.0f} MiB. One campaign over 128 connections: p99 {facts.crowd.p99_ms:.0f}"
        f" ms, {facts.crowd.rate:,.0f} /s."
    )
    table = "\n".join([HEAD, LINE, *map(row, facts.lines)])
    PAGE.write_text(f"{before}{begin}\n{said}\n\n{table}\n{end}{after}")
