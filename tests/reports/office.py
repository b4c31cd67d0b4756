"""Reads spreadsheets and slides back with what the standard library has, as a stranger would."""

import io
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

Value = str | float | None


def entries(body: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sheets(body: bytes) -> dict[str, list[list[Value]]]:
    """Every sheet's cells by row, under its name."""
    files = entries(body)
    texts = _shared(files)
    book = ElementTree.fromstring(files["xl/workbook.xml"])
    names = [sheet.attrib["name"] for sheet in book.iter(f"{_MAIN}sheet")]
    return {
        name: list(_rows(files[f"xl/worksheets/sheet{number}.xml"], texts))
        for number, name in enumerate(names, start=1)
    }


def formulas(body: bytes) -> list[str]:
    """Every formula and link of a workbook, and of the workbooks inside a presentation."""
    found = []
    for name, content in entries(body).items():
        if name.endswith(".xlsx"):
            found += formulas(content)
        elif name.startswith("xl/worksheets/"):
            root = ElementTree.fromstring(content)
            found += [str(node.text) for node in root.iter(f"{_MAIN}f")]
            found += [name for node in root.iter(f"{_MAIN}hyperlink")]
        if name.endswith(".rels") and b"hyperlink" in content:
            found.append(name)
    return found


def _shared(files: dict[str, bytes]) -> list[str]:
    root = ElementTree.fromstring(files["xl/sharedStrings.xml"])
    return [
        "".join(node.text or "" for node in item.iter(f"{_MAIN}t"))
        for item in root.iter(f"{_MAIN}si")
    ]


def _rows(sheet: bytes, texts: list[str]) -> Iterator[list[Value]]:
    for row in ElementTree.fromstring(sheet).iter(f"{_MAIN}row"):
        yield [_value(cell, texts) for cell in row.iter(f"{_MAIN}c")]


def _value(cell: ElementTree.Element, texts: list[str]) -> Value:
    value = cell.find(f"{_MAIN}v")
    if value is None or value.text is None:
        return None
    return texts[int(value.text)] if cell.get("t") == "s" else float(value.text)
