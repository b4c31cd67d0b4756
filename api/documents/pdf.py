"""One accessible PDF (PDF/UA-1), the same bytes for the same content on every machine.

Content reaches the template only as input values, never as source, and only the letters bundled
here are used. A character none of them has would be an empty box to some and silence to others,
so the accessible format refuses it: then the document is made without that promise, and says so
(`accessible`), because a client must get their paper all the same.

It is laid out by a process of its own (`typesetter.py`), within a time and a memory that no
content can stretch.
"""

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from api.documents.html import FONTS
from tenants.errors import ApiError

TIME = 30  # seconds, of the clock and of the processors
MEMORY = 300 << 20  # bytes of data; eight pages take less than 110 MB, five hundred lines 120
_THREADS = "2"


class DocumentTooHeavy(ApiError):
    """The PDF took longer or more memory than one may. Shorten the report; all else is there."""


@dataclass(frozen=True, slots=True)
class PdfDocument:
    """`accessible` tells whether the bytes hold the PDF/UA-1 promise."""

    body: bytes
    accessible: bool


def document(
    template: Path, view: Mapping[str, object], drawings: Mapping[str, str], at: dt.datetime
) -> PdfDocument:
    """
    Lays `view` out with `template`; `drawings` are SVG by name, `at` is the date it bears. Raises
    DocumentTooHeavy when it takes too much.
    """
    order = {
        "template": str(template),
        "root": str(template.parent),
        "fonts": str(FONTS),
        "at": at.replace(microsecond=0).isoformat(),  # a PDF keeps whole seconds
        "inputs": {"view": json.dumps(view, ensure_ascii=False, sort_keys=True), **drawings},
        "seconds": TIME,
        "memory": MEMORY,
    }
    made = _typeset(json.dumps(order).encode())
    return PdfDocument(made[1:], accessible=made[:1] == b"1")


def _typeset(order: bytes) -> bytes:
    command = [sys.executable, "-I", str(Path(__file__).with_name("typesetter.py"))]
    # Nothing of ours to read: no setting, no secret, no variable of the interpreter's.
    environment = {"RAYON_NUM_THREADS": _THREADS}
    try:
        ended = subprocess.run(
            command, input=order, capture_output=True, timeout=TIME, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise DocumentTooHeavy from None
    if ended.returncode < 0 or b"memory allocation" in ended.stderr[-2000:]:
        raise DocumentTooHeavy
    if ended.returncode or not ended.stdout:
        raise RuntimeError(ended.stderr.decode(errors="replace")[-2000:])
    return ended.stdout
