"""One accessible PDF (PDF/UA-1), the same bytes for the same content on every machine.

Content reaches the template only as input values, never as source, and only the letters bundled
here are used. A character none of them has would be an empty box to some and silence to others,
so the accessible format refuses it: then the document is made without that promise, and says so
(`accessible`), because a client must get their paper all the same.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from api.documents.html import FONTS

_BROKEN_PROMISE = "PDF/UA-1 error"


@dataclass(frozen=True, slots=True)
class PdfDocument:
    """`accessible` tells whether the bytes hold the PDF/UA-1 promise."""

    body: bytes
    accessible: bool


def document(
    template: Path, view: Mapping[str, object], drawings: Mapping[str, str], at: dt.datetime
) -> PdfDocument:
    """Lays `view` out with `template`; `drawings` are SVG by name, `at` is the date it bears."""
    import typst  # noqa: PLC0415 - megabytes, for those processes only that render

    inputs = {
        "view": json.dumps(view, ensure_ascii=False, sort_keys=True),
        **drawings,
    }
    try:
        return PdfDocument(_compiled(template, inputs, at, "ua-1"), accessible=True)
    except typst.TypstError as error:
        if _BROKEN_PROMISE not in error.message:
            raise
    return PdfDocument(_compiled(template, inputs, at, None), accessible=False)


def _compiled(
    template: Path, inputs: dict[str, str], at: dt.datetime, standard: Literal["ua-1"] | None
) -> bytes:
    import typst  # noqa: PLC0415

    made: bytes = typst.compile(
        str(template),
        root=str(template.parent),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        pdf_standards=standard,
        timestamp=at.replace(microsecond=0),  # a PDF keeps whole seconds
        sys_inputs=inputs,
    )
    return made


@lru_cache(maxsize=1)
def _fonts() -> Any:
    import typst  # noqa: PLC0415

    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    )
