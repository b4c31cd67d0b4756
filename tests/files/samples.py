"""The beginnings of files, as the programs that make them write them."""

import io
import zipfile
from typing import Any

from tests.campaigns import making
from tests.factories import Staffed
from tests.imports import exports

PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000") + b"\0" * 32
GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
CSV = b"fecha,visualizaciones\n2026-10-01,5\n"


def media(brand: bytes, *others: bytes) -> bytes:
    """The head of an ISO base media file (ISO 14496-12 §4.3)."""
    brands = brand + b"\0\0\2\0" + b"".join(others)
    return (len(brands) + 8).to_bytes(4, "big") + b"ftyp" + brands + b"\0\0\0\x08free"


MP4 = media(b"isom", b"isom", b"iso2", b"mp41")


def document(media_type: str) -> bytes:
    """An OpenDocument file: a ZIP that says what it is (ODF 1.3 part 2, §3.3)."""
    return zipped("mimetype", mimetype=media_type.encode())


def zipped(*names: str, **contents: bytes) -> bytes:
    """A ZIP of these names."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, contents.get(name, b"x"))
    return made.getvalue()


OPEN = "application/vnd.oasis.opendocument"
OFFICE = "application/vnd.openxmlformats-officedocument"
_TYPES = "[Content_Types].xml"
TAKEN: dict[str, tuple[str, bytes]] = {
    "brief.docx": (f"{OFFICE}.wordprocessingml.document", zipped(_TYPES, "word/document.xml")),
    "plan.xlsx": (f"{OFFICE}.spreadsheetml.sheet", zipped(_TYPES, "xl/workbook.xml")),
    "pitch.pptx": (f"{OFFICE}.presentationml.presentation", zipped("ppt/presentation.xml")),
    "brief.odt": (f"{OPEN}.text", document(f"{OPEN}.text")),
    "plan.ods": (
        f"{OPEN}.spreadsheet",
        document(f"{OPEN}.spreadsheet"),
    ),
    "fonts.zip": ("application/zip", zipped("a.ttf")),
    "brief.zip": ("application/zip", zipped("word/document.xml")),
    "brief.pdf": ("application/pdf", PDF),
    "logo.png": ("image/png", PNG),
    "logo.gif": ("image/gif", GIF),
    "photo.JPG": ("image/jpeg", bytes.fromhex("ffd8ffe000104a46494600") + b"\0" * 40),
    "photo.jpeg": ("image/jpeg", bytes.fromhex("ffd8ffdb0043") + b"\0" * 40),
    "photo.webp": ("image/webp", b"RIFF\x24\0\0\0WEBPVP8 " + b"\0" * 40),
    "photo.heic": ("image/heic", media(b"heic", b"mif1", b"heic")),
    "photo.heif": ("image/heic", media(b"mif1", b"mif1", b"heic")),
    "photo.avif": ("image/avif", media(b"avif", b"mif1", b"miaf")),
    "photo.tif": ("image/tiff", b"II*\0" + b"\0" * 40),
    "layers.psd": ("image/vnd.adobe.photoshop", b"8BPS\0\x01" + b"\0" * 40),
    "reel.mp4": ("video/mp4", MP4),
    "stream.mp4": ("video/mp4", media(b"iso5", b"iso5", b"iso6", b"mp41")),
    "reel.mov": ("video/quicktime", media(b"qt  ", b"qt  ")),
    "reel.webm": (
        "video/webm",
        bytes.fromhex("1a45dfa39f4286810142f7810142f2810442f381084282847765626d") + b"\0" * 40,
    ),
    "voice.m4a": ("audio/mp4", media(b"M4A ", b"M4A ", b"mp42", b"isom")),
    "song.mp3": ("audio/mpeg", b"ID3\x03\0\0\0\0\0\0" + b"\0" * 40),
    "song.wav": ("audio/wav", b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 40),
    "metrics.csv": ("text/csv", CSV),
    "marked.csv": ("text/csv", b"\xef\xbb\xbf" + CSV),
    "excel.csv": ("text/csv", CSV.decode().encode("utf-16")),
    "followers.xls": ("application/vnd.ms-excel", exports.workbook(Metrics=[("Date", "Views")])),
    "figures.json": ("text/plain", b'{"readings": []}'),
    "figures.ndjson": ("text/plain", b'{"views": 5}\n{"views": 6}\n'),
    "notes.txt": ("text/plain", "BMW pregunta por el reel: ¿mañana?\n".encode()),
}
NOT_TAKEN: dict[str, bytes] = {
    "page.html": b"<!DOCTYPE html><html><script>alert(1)</script></html>",
    "page.txt": b"\n  <script>alert(1)</script>",
    "old.html": b"<p>hello",
    "logo.svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "drawn.svg": b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>',
    "setup.exe": b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff" + b"\0" * 80,
    "tool": b"\x7fELF\x02\x01\x01" + b"\0" * 60,
    "run.sh": b"#!/bin/sh\necho hello\n",
    "macros.docm": zipped("word/document.xml", "word/vbaProject.bin"),
    "macros.zip": zipped("xl/workbook.xml", "xl/vbaProject.bin"),
    "old.doc": bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600,
    "macros.xls": exports.compound(b"", "Workbook", "_VBA_PROJECT_CUR"),
    "letter.xls": exports.compound(b"", "WordDocument"),
    "wide.html": "<!DOCTYPE html><script>alert(1)</script>".encode("utf-16"),
    "latin.csv": "métricas;1\n".encode("latin-1"),
    "bytes.txt": b"text\0and more",
    "broken.zip": b"PK\x03\x04" + b"\0" * 100,
    "crowded.zip": zipped(*(f"{n}" for n in range(20_001))),
}


def begun(agency: Staffed) -> Any:
    """A deliverable that somebody works on, of a client that reviews."""
    line = making.accepted(agency)["lines"][0]
    made = making.deliverable(agency, line["id"])
    return making.done(making.move(agency.community, made, "start"))
