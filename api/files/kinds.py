"""
Which kinds of file are taken, told by their bytes.

A kind is what the bytes are; the name's extension and the declared type only have to agree with
it. Signatures are puremagic's. Two kinds of container need a second look: media files name several
brands (ISO 14496-12 §4.3), and an office document is a ZIP. What a browser or a desktop would run
(HTML, SVG, scripts, programs, office macros) is no kind of ours; nothing is unpacked.
"""

import codecs
import re
import zipfile
from typing import IO

import puremagic

from tenants.errors import Unprocessable

_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"

# media type → its extensions, the usual one first.
EXTENSIONS: dict[str, tuple[str, ...]] = {
    "application/pdf": ("pdf",),
    "application/vnd.ms-excel": ("xls",),
    "application/zip": ("zip",),
    f"{_OPEN}.presentation": ("odp",),
    f"{_OPEN}.spreadsheet": ("ods",),
    f"{_OPEN}.text": ("odt",),
    f"{_OFFICE}.presentationml.presentation": ("pptx",),
    f"{_OFFICE}.spreadsheetml.sheet": ("xlsx",),
    f"{_OFFICE}.wordprocessingml.document": ("docx",),
    "audio/mp4": ("m4a",),
    "audio/mpeg": ("mp3",),
    "audio/wav": ("wav",),
    "image/avif": ("avif",),
    "image/gif": ("gif",),
    "image/heic": ("heic", "heif"),
    "image/jpeg": ("jpg", "jpeg", "jpe", "jfif"),
    "image/png": ("png",),
    "image/tiff": ("tif", "tiff"),
    "image/vnd.adobe.photoshop": ("psd",),
    "image/webp": ("webp",),
    "text/csv": ("csv",),
    "text/plain": ("txt", "json", "ndjson", "jsonl"),
    "video/mp4": ("mp4", "m4v"),
    "video/quicktime": ("mov", "qt"),
    "video/webm": ("webm",),
}
_BY_ENDING = {ending: kind for kind, endings in EXTENSIONS.items() for ending in endings}
# Other names that browsers, systems and puremagic have for them.
_ALIASES = {
    "application/json": "text/plain",  # never run, and nothing here reads it but as text
    "application/jsonl": "text/plain",
    "application/x-ndjson": "text/plain",
    "application/vnd.ms-excel": "text/csv",  # what Windows calls a CSV
    "application/x-photoshop": "image/vnd.adobe.photoshop",
    "application/x-zip-compressed": "application/zip",
    "audio/mp3": "audio/mpeg",
    "audio/vnd.wave": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/x-m4a": "audio/mp4",
    "audio/x-wav": "audio/wav",
    "image/heif": "image/heic",
    "image/jpg": "image/jpeg",
    "video/x-m4v": "video/mp4",
}
_WORKBOOK = "application/vnd.ms-excel"
# What a client sends that does not know.
_UNSAID = ("", "application/octet-stream")
_DOCUMENTS = {
    "word/document.xml": f"{_OFFICE}.wordprocessingml.document",
    "xl/workbook.xml": f"{_OFFICE}.spreadsheetml.sheet",
    "ppt/presentation.xml": f"{_OFFICE}.presentationml.presentation",
}
_ZIPPED = ("application/zip", f"{_OPEN}.", f"{_OFFICE}.")
_HEAD = 4096
_TAIL = 65_536 + 22  # where a ZIP's directory is announced: comment and record (APPNOTE 4.3.16)
_MOST_MEMBERS = 20_000
_LARGEST_DIRECTORY = 4 * 1024 * 1024
_MARKUP = re.compile(rb"\A(\xef\xbb\xbf)?\s*(<[!?a-zA-Z]|#!)")


class FileKindNotTaken(Unprocessable):
    """The bytes are of no kind that is taken; `taken` lists the media types that are."""


class FileKindDiffers(Unprocessable):
    """The extension or the declared type says another kind than the bytes are."""


def of(file: IO[bytes], name: str, declared: str) -> str:
    """The media type of a file, which its name and the type it was declared with must bear out."""
    found = recognised(file)
    if not found:
        raise FileKindNotTaken(pointer="/file", extra={"taken": sorted(EXTENSIONS)})
    if ending := extension(name):
        found = {each for each in found if ending in EXTENSIONS[each]}
    told = declared.partition(";")[0].strip().lower()
    if told not in _UNSAID:
        found = {each for each in found if each in (told, _ALIASES.get(told))}
    if not found:
        raise FileKindDiffers(pointer="/file")
    return min(found)


def extension(name: str) -> str:
    """The extension of a file's name, in lower case; empty when there is none."""
    _, dot, ending = name.rpartition(".")
    return ending.lower() if dot else ""


def recognised(file: IO[bytes]) -> set[str]:
    """The kinds that bytes can be, by the bytes alone: few, and none when they are not taken."""
    file.seek(0)
    head = file.read(_HEAD)
    if head.startswith(b"PK\x03\x04"):
        return _in_zip(file)
    if head.startswith(_COMPOUND):
        return {_WORKBOOK} if _is_workbook(file) else set()
    is_text = _is_text(file)
    # In UTF-16 the signatures of other kinds are found by chance.
    known = set() if is_text and head[:2] in _UTF16 else _signed(head)
    if known or _MARKUP.match(_narrowed(head)):
        return known
    return {"text/csv", "text/plain"} if is_text else set()


def _signed(head: bytes) -> set[str]:
    return {kind for part in _parts(head) for kind in _told(part)}


def _narrowed(head: bytes) -> bytes:
    """The beginning of a text in UTF-16, as it would be in UTF-8."""
    if head[:2] not in _UTF16:
        return head
    return head[: len(head) // 2 * 2].decode("utf-16", "ignore").encode()


def _parts(head: bytes) -> list[bytes]:
    """The beginning of a file; of a media file, one beginning for each brand that it names."""
    if head[4:8] != b"ftyp":
        return [head]
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))]
    return [head[:8] + brand + head[12:64] for brand in brands[:32]]


def _told(head: bytes) -> set[str]:
    """The kinds whose signature fits best."""
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return set()
    told = [(_named(each.mime_type, each.extension), each.confidence) for each in found]
    known = [each for each in told if each[0] in EXTENSIONS and not each[0].startswith(_ZIPPED)]
    best = max((confidence for _, confidence in known), default=0)
    return {kind for kind, confidence in known if confidence == best}


def _named(media_type: str, ending: str) -> str:
    """The kind of a signature; puremagic knows some by their extension alone."""
    return _ALIASES.get(media_type, media_type) or _BY_ENDING.get(ending.lstrip("."), "")


def _in_zip(file: IO[bytes]) -> set[str]:
    """A ZIP, and which document it is. Its directory is measured before it is read."""
    if not _has_a_small_directory(file):
        return set()
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            if any(name.endswith("vbaProject.bin") for name in names):
                return set()
            found = {kind for name, kind in _DOCUMENTS.items() if name in names}
            if "mimetype" in names:
                with archive.open("mimetype") as said:
                    found.add(said.read(100).decode("ascii", "replace"))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return set()
    return {"application/zip"} | (found & EXTENSIONS.keys())


def _has_a_small_directory(file: IO[bytes]) -> bool:
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    record = tail[tail.rfind(b"PK\x05\x06") :][:22]
    if len(record) < 22:
        return False
    members, length = int.from_bytes(record[10:12], "little"), record[12:16]
    return members <= _MOST_MEMBERS and int.from_bytes(length, "little") <= _LARGEST_DIRECTORY


def _is_text(file: IO[bytes]) -> bool:
    """UTF-8, or UTF-16 with its mark, without control characters to its end."""
    file.seek(0)
    marked = file.read(2) in _UTF16
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-16" if marked else "utf-8")()
    try:
        while piece := file.read(65_536):
            if _CONTROL.search(decoder.decode(piece)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")  # MS-CFB §2.2
_MOST_SECTORS = 64  # of a compound file's directory


def _is_workbook(file: IO[bytes]) -> bool:
    """A compound file (MS-CFB) with the stream of a workbook (MS-XLS §2.1.2), and no macros."""
    file.seek(0)
    head = file.read(512)
    size = 1 << min(int.from_bytes(head[30:32], "little"), 12)
    names = set()
    sector, table = int.from_bytes(head[48:52], "little"), head[76:512]
    for _ in range(_MOST_SECTORS):
        found = _sector(file, sector, size)
        names |= {_entry(found[at : at + 128]) for at in range(0, len(found), 128)}
        place, within = divmod(sector * 4, size)
        chained = _sector(file, int.from_bytes(table[place * 4 : place * 4 + 4], "little"), size)
        sector = int.from_bytes(chained[within : within + 4] or b"\xff" * 4, "little")
        if sector >= 0xFFFFFFFA:  # the chain ends here
            break
    return bool(names & {"Workbook", "Book"}) and not names & {"_VBA_PROJECT_CUR", "Macros", "VBA"}


def _sector(file: IO[bytes], number: int, size: int) -> bytes:
    file.seek((number + 1) * size)
    return file.read(size)


def _entry(entry: bytes) -> str:
    """The name of an entry of the directory (MS-CFB §2.6.1)."""
    length = min(int.from_bytes(entry[64:66], "little"), 64)
    return entry[: max(length - 2, 0)].decode("utf-16-le", "replace")


_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
