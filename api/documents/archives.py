"""ZIP files that are the same bytes whenever they are made: Office documents are such files."""

import io
import re
import zipfile
from datetime import datetime

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first day a ZIP knows
_DATED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")


def stable(body: bytes, at: datetime) -> bytes:
    """The archive with every entry of one day, and the documents in it dated `at`."""
    made = io.BytesIO()
    moment = f"{at:%Y-%m-%dT%H:%M:%SZ}".encode()
    with (
        zipfile.ZipFile(io.BytesIO(body)) as source,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, _settled(name, source.read(name), at, moment))
    return made.getvalue()


def _settled(name: str, content: bytes, at: datetime, moment: bytes) -> bytes:
    if name.endswith(".xlsx"):
        return stable(content, at)
    if name == "docProps/core.xml":
        return _DATED.sub(rb"\g<1>" + moment + rb"\g<3>", content)
    return content
