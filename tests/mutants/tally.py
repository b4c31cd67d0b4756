"""What was seen of the mutants: by a record (the catalogue, a written table), by behaviour."""

from collections import defaultdict
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.mutants.survivors import SURVIVORS, UNFELT

# So many of a kind are named.
LISTED = 12


@dataclass
class Score:
    """Of how many mutants of a kind, how many were seen, and how."""

    made: int = 0
    recorded: int = 0
    felt: int = 0
    survived: list[str] = field(default_factory=list)
    unfelt: list[str] = field(default_factory=list)


SCORES: dict[str, Score] = defaultdict(Score)


def note(kind: str, name: str, *, recorded: bool, felt: bool) -> str | None:
    """Count a mutant; what is wrong about it, if anything is."""
    score = SCORES[kind]
    score.made += 1
    score.recorded += recorded
    score.felt += felt
    mutant = f"{kind}: {name}"
    if not felt:
        score.unfelt.append(name)
    if recorded or felt:
        return f"{mutant}: is seen; it is no survivor any more" if mutant in SURVIVORS else None
    score.survived.append(name)
    return None if mutant in SURVIVORS else f"{mutant}: nobody saw it"


def told() -> dict[str, dict[str, Any]]:
    """The scores as plain data: a process of its own tells them so to the one that sums up."""
    return {kind: asdict(score) for kind, score in SCORES.items()}


def hear(scores: dict[str, dict[str, Any]]) -> None:
    """Add what another process counted."""
    for kind, score in scores.items():
        for name, counted in score.items():
            setattr(SCORES[kind], name, getattr(SCORES[kind], name) + counted)


def table() -> list[str]:
    """The scores, as lines of a table; empty when nothing was counted."""
    lines = [f"{'mutants':40}{'made':>7}{'record':>9}{'felt':>9}{'seen':>9}"]
    for kind, score in sorted(SCORES.items()):
        seen = score.made - len(score.survived)
        parts = (100 * part / score.made for part in (score.recorded, score.felt, seen))
        lines.append(f"{kind:40}{score.made:7}" + "".join(f"{part:8.1f}%" for part in parts))
        if kind in UNFELT and score.unfelt:
            lines.append(f"    {UNFELT[kind]}")
        elif len(score.unfelt) <= LISTED:
            lines += [f"    not felt: {name}" for name in score.unfelt]
    return lines if SCORES else []
