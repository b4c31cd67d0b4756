"""
Write the OpenAPI document, or check that the committed one is the one this code makes.

    python -m openapi.export            writes openapi/openapi.json
    python -m openapi.export --check    exits with 1 when it would change
"""

import json
import sys
from pathlib import Path

from api.app import create

TARGET = Path(__file__).with_name("openapi.json")


def render() -> str:
    """The document as it is committed: sorted by nothing, one change a line."""
    return json.dumps(create().openapi(), ensure_ascii=False, indent=1) + "\n"


def main(arguments: list[str]) -> int:
    made = render()
    if "--check" in arguments:
        same = TARGET.exists() and TARGET.read_text(encoding="utf-8") == made
        if not same:
            sys.stderr.write(f"{TARGET.name} is out of date: python -m openapi.export\n")
        return 0 if same else 1
    TARGET.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
