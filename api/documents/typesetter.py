"""
The process that lays out one PDF and ends: what it asks of the machine is bounded from outside.

Reads one order (JSON) from its input and writes to its output: a digit that tells whether the
document holds the PDF/UA-1 promise, then the document. Imports nothing of the application.
"""

import datetime as dt
import json
import resource
import sys
from typing import Any, Literal

import typst

_BROKEN_PROMISE = "PDF/UA-1 error"


def main() -> None:
    order = json.load(sys.stdin.buffer)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (order["memory"],) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (order["seconds"],) * 2)
    sys.stdout.buffer.write(laid_out(order))


def laid_out(order: dict[str, Any]) -> bytes:
    try:
        return b"1" + _compiled(order, "ua-1")
    except typst.TypstError as error:
        if _BROKEN_PROMISE not in error.message:
            raise
    return b"0" + _compiled(order, None)


def _compiled(order: dict[str, Any], standard: Literal["ua-1"] | None) -> bytes:
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[order["fonts"]]
    )
    made: bytes = typst.compile(
        order["template"],
        root=order["root"],
        font_paths=fonts,
        ignore_system_fonts=True,
        pdf_standards=standard,
        timestamp=dt.datetime.fromisoformat(order["at"]),
        sys_inputs=order["inputs"],
    )
    return made


if __name__ == "__main__":
    main()
