"""Answers that are bytes already: negotiated, tagged by their hash, read after the commit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from tenants.errors import NotAcceptable

_OFFICE = "application/vnd.openxmlformats-officedocument"
# What each format is called where it is asked for by its type, and sent.
TYPES = {
    "json": "application/json",
    "html": "text/html",
    "pdf": "application/pdf",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "csv": "text/csv",
    "pptx": f"{_OFFICE}.presentationml.presentation",
}


@dataclass(frozen=True)
class Deferred:
    """An answer whose bytes come over a network: made after the commit, with no session held."""

    build: Callable[[], Response]


def stored(
    session: Session,
    sha256: str,
    media_type: str,
    body: bytes | Callable[[], bytes],
    *,
    headers: dict[str, str] | None = None,
) -> Response | Deferred:
    """Bytes that never change, under their hash: here, or yet to be read. 304 when known."""
    kind = media_type.partition(";")[0].rpartition("/")[2]
    made = {
        "ETag": f'"{sha256}.{kind}"',
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization, Accept, Accept-Language",
        **(headers or {}),
    }
    if f"{sha256}.{kind}" in known_tags(session):
        return Response(status_code=304, headers=made)
    if isinstance(body, bytes):
        return Response(body, headers=made, media_type=media_type)
    return Deferred(lambda: Response(body(), headers=made, media_type=media_type))


def known_tags(session: Session) -> list[str]:
    """The tags, without their quotes, of what the caller has already (RFC 9110 §13.1.2)."""
    asked = _request(session).headers.get("if-none-match", "")
    return [tag.strip().removeprefix("W/").strip('"') for tag in asked.split(",")]


def preferred_locale(session: Session) -> str:
    """The language the caller would rather have."""
    return str(session.info["exchange"].locale)


def negotiate(session: Session, formats: Sequence[str]) -> str:
    """The format that Accept prefers (RFC 9110 §12.5.1); for `*/*` the first of those there are."""
    header = _request(session).headers.get("accept", "") or "*/*"
    ranked = sorted(_ranges(header), key=lambda each: -each[1])
    for media_range, quality in ranked:
        for name in formats:
            if quality > 0 and _matches(media_range, TYPES[name]):
                return name
    raise NotAcceptable


def _ranges(header: str) -> list[tuple[str, float]]:
    found = []
    for part in header.split(",")[:30]:
        media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weights = [piece[2:] for piece in parameters if piece.startswith("q=")]
        try:
            found.append((media_range, float(weights[0]) if weights else 1.0))
        except ValueError:
            found.append((media_range, 0.0))
    return found


def _matches(media_range: str, media_type: str) -> bool:
    if media_range in ("*/*", media_type):
        return True
    return media_range.endswith("/*") and media_type.startswith(media_range[:-1])


def _request(session: Session) -> Request:
    made: Any = session.info["exchange"].request
    assert isinstance(made, Request)
    return made
