"""The documentation page and the document, served without any request to anywhere else."""

import json
from functools import lru_cache
from pathlib import Path
from threading import Lock

from fastapi import APIRouter, Request, Response

from api.http.problems import language, problems
from tenants import errors, words

router = APIRouter(include_in_schema=False)

_ASSETS = Path(__file__).parent / "assets"
_making = Lock()
_TYPES = {".js": "text/javascript", ".css": "text/css"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)


@router.get("/openapi.json")
def get_openapi(request: Request) -> Response:
    """The OpenAPI document. It takes seconds to make: once, however many ask at first."""
    with _making:
        content = _document(request.app)
    return Response(content, media_type="application/json")


@lru_cache(maxsize=2)
def _document(app: object) -> bytes:
    return json.dumps(app.openapi(), ensure_ascii=False).encode()  # type: ignore[attr-defined]


@router.get("/docs")
def get_docs() -> Response:
    """The document, to read and to try."""
    return _asset("index.html", "text/html; charset=utf-8")


@router.get("/docs/{name}", responses=problems(errors.NotFound))
def get_docs_asset(name: str) -> Response:
    """A part of the documentation page."""
    path = _ASSETS / name
    if name not in _names() or path.suffix not in _TYPES:
        raise errors.NotFound
    return _asset(name, _TYPES[path.suffix])


@router.get("/problems/{code}", responses=problems(errors.NotFound))
def get_problem_type(code: str, request: Request) -> Response:
    """What a problem's `type` says: its code, its status, and what to do about it."""
    kind = _problem_types().get(code)
    if kind is None:
        raise errors.NotFound
    locale = language(request)
    lines = [f"{kind.code} ({kind.status})", "", (kind.__doc__ or "").strip()]
    if words.knows("problem", code):
        lines += ["", words.catalogue(locale)["problem"][code]]
    return Response("\n".join(lines) + "\n", media_type="text/plain; charset=utf-8")


def _problem_types() -> dict[str, type[errors.ApiError]]:
    found, open_kinds = {}, [errors.ApiError]
    while open_kinds:
        kind = open_kinds.pop()
        found[kind.code] = kind
        open_kinds += kind.__subclasses__()
    return found


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(path.name for path in _ASSETS.iterdir())


def _asset(name: str, media_type: str) -> Response:
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "public, max-age=3600"}
    return Response((_ASSETS / name).read_bytes(), headers=headers, media_type=media_type)
