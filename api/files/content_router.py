"""
Where links lead: a file's bytes, always as an attachment and never as a page of ours.

Whoever holds a link may have them; no cookie and no account is asked for, and none would be used.
"""

import re
from typing import Any
from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from api.files import kinds, links
from api.http import limits
from api.http.open_route import OpenRoute, open_router
from api.http.problems import problems
from tenants import storage
from tenants.errors import ApiError, NotFound
from tenants.storage import StoredFile

SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class LinkRoute(OpenRoute):
    """An open route that counts requests of the log-in a good link names, not of its address."""

    async def charge(self, request: Request) -> None:
        try:
            login = links.read(request.path_params["token"]).login
        except ApiError:
            await limits.charge_address(request)
        else:
            await limits.charge(request, login)


router = open_router("files", LinkRoute)

_BYTES: dict[str, Any] = {
    kind: {"schema": {"type": "string", "format": "binary", "maxLength": 50 * 1024 * 1024}}
    for kind in sorted(kinds.EXTENSIONS)
}


@router.get(
    "/files/{token}",
    response_class=Response,
    responses={
        200: {"description": "The file.", "content": _BYTES},
        206: {"description": "The part that `Range` asked for.", "content": _BYTES},
        **problems(NotFound, links.FileLinkExpired),
    },
)
def open_file_link(token: str, request: Request) -> Response:
    """Download a file by its link; one range of bytes may be asked for."""
    file = links.opened(token)
    start, end = _range(request.headers.get("range", ""), file.size)
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "Content-Disposition": _attachment(file),
        "Content-Length": str(end - start),
        "Content-Security-Policy": SANDBOX,
        "ETag": f'"{file.sha256}"',
    }
    partial = (start, end) != (0, file.size)
    if partial:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
    pieces = storage.stream(file.agency_id, file.sha256, start, end)
    return StreamingResponse(pieces, 206 if partial else 200, headers, file.media_type)


def _range(header: str, size: int) -> tuple[int, int]:
    """
    What of the bytes to send, as (from, up to and without): one range, or all of them when none
    was asked for that can be served (RFC 9110 §14.2 lets a server pass over the others).
    """
    asked = _RANGE.fullmatch(header)
    first, last = asked.groups() if asked else ("", "")
    if first:
        start, end = int(first), min(int(last or size) + 1, size)
    elif last:
        start, end = max(size - int(last), 0), size
    else:
        return 0, size
    return (start, end) if start < end else (0, size)


def _attachment(file: StoredFile) -> str:
    """RFC 6266: the name in UTF-8, and in ASCII for whoever knows no better."""
    plain = re.sub(r"[^ !#-\[\]-~]", "_", file.name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}"
