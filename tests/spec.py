"""
The OpenAPI document as the judge of every answer that any test sees.

`Checked` is the HTTP client of the whole suite. An answer whose status, media type, header, member
or problem code the document does not promise fails the test that received it, whatever the test
was about: what front-ends generate their clients from is then what the server really does.
"""

import json
import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import httpx2
from fastapi import FastAPI
from jsonschema import Draft202012Validator, FormatChecker
from starlette.testclient import TestClient

from api.app import create

PROBLEM = "application/problem+json"
ALWAYS = (
    "x-request-id",
    "traceparent",
    "ratelimit",
    "ratelimit-policy",
    "x-content-type-options",
    "strict-transport-security",
    "referrer-policy",
    "content-security-policy",
    "cache-control",
)
NOT_IN_DOCUMENT = ("/docs", "/openapi.json")
_STRONG = re.compile(r'"[!#-~]+"')


class Undocumented(AssertionError):
    """The server answered what the document does not promise."""


class Checked(TestClient):
    """A client that holds every answer against the document."""

    def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        response = super().send(request, **options)
        if not options.get("stream"):
            check(request, response)
        return response


@lru_cache(maxsize=1)
def app() -> FastAPI:
    """The application, made once: half the time of a test run goes into its routes."""
    return create()


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The document of this code."""
    made: dict[str, Any] = app().openapi()
    return made


def check(request: httpx2.Request, response: httpx2.Response) -> None:
    """Fail when the answer breaks a promise."""
    place = f"{request.method} {request.url.path} → {response.status_code}"
    faults = [*_of_any(request, response), *_of_operation(request, response)]
    if faults:
        shown = response.text[:600] if response.content else ""
        raise Undocumented("\n  ".join([place, *faults, shown]))


def _of_any(request: httpx2.Request, response: httpx2.Response) -> list[str]:
    faults = [f"no {name}" for name in ALWAYS if name not in response.headers]
    status = response.status_code
    needed = {401: "www-authenticate", 405: "allow", 429: "retry-after", 503: "retry-after"}
    if needed.get(status, "x-request-id") not in response.headers:
        faults.append(f"{status} without {needed[status]}")
    if status >= 400 and request.method != "HEAD" and not _may_have_no_problem(request, response):
        faults += _of_problem(response)
    if status in (204, 304) and response.content:
        faults.append("a body where there may be none")
    return faults


def _may_have_no_problem(request: httpx2.Request, response: httpx2.Response) -> bool:
    """Where the document promises a page to whoever asks for one, a refusal may be one."""
    if _is_options(request):
        return True
    if _media_type(response) != "text/html" or "text/html" not in request.headers["accept"]:
        return False
    operation = (find(request.url.path) or {}).get(request.method.lower(), {})
    known = operation.get("responses", {}).get(str(response.status_code), {})
    return "text/html" in known.get("content", {})


def _is_options(request: httpx2.Request) -> bool:
    return request.method == "OPTIONS"


def _of_problem(response: httpx2.Response) -> list[str]:
    if _media_type(response) != PROBLEM:
        return [f"{_media_type(response)} for a refusal"]
    problem = response.json()
    schema = {"$ref": "#/components/schemas/Problem"}
    faults = _against(schema, problem)
    if problem.get("status") != response.status_code:
        faults.append("the problem names another status")
    if problem.get("request_id") != response.headers.get("x-request-id"):
        faults.append("the problem names another request")
    return faults


def _of_operation(request: httpx2.Request, response: httpx2.Response) -> list[str]:
    path = request.url.path
    if path.startswith(NOT_IN_DOCUMENT) or _is_options(request):
        return []
    item = find(path)
    method = "get" if request.method == "HEAD" else request.method.lower()
    if item is None or method not in item:
        expected = 404 if item is None else 405
        refused = response.status_code == expected
        return [] if refused else [f"not an operation: expected {expected}"]
    known = item[method]["responses"].get(str(response.status_code))
    if known is None:
        return [f"status not documented: {sorted(item[method]['responses'])}"]
    return [*_of_content(request, response, known), *_of_headers(response, known)]


def _of_content(
    request: httpx2.Request, response: httpx2.Response, known: dict[str, Any]
) -> list[str]:
    content = known.get("content", {})
    if not content or response.status_code == 304 or request.method == "HEAD":
        return [] if not response.content else ["a body that is not documented"]
    kind = _media_type(response)
    if kind not in content:
        return [f"media type not documented: {kind!r}, known {sorted(content)}"]
    if kind == PROBLEM:
        return _of_code(response.json(), known)
    if kind != "application/json":
        return []
    return _against(content[kind].get("schema", {}), response.json())


def _of_code(problem: dict[str, Any], known: dict[str, Any]) -> list[str]:
    """The document names the codes of a status in its description: `problems(...)` writes them."""
    codes = codes_of(known)
    if problem["code"] in codes:
        return []
    return [f"code not documented: {problem['code']}, known {sorted(codes)}; add it to problems()"]


def codes_of(known: dict[str, Any]) -> set[str]:
    return set(re.findall(r"(?:^| · )`([a-z0-9_]+)`: ", known["description"]))


def _of_headers(response: httpx2.Response, known: dict[str, Any]) -> list[str]:
    faults = []
    if response.status_code == 202 and not response.headers.get("location"):
        faults.append("202 without a Location")
    etag = response.headers.get("etag")
    if etag is not None and not _STRONG.fullmatch(etag):
        faults.append(f"not a strong ETag: {etag}")
    if response.status_code in (200, 201) and etag is None and _is_resource(response):
        faults.append("a single resource without an ETag")
    promised = {name.lower() for name in known.get("headers", {})}
    for name in ("etag", "location", "retry-after", "idempotent-replayed"):
        if name in response.headers and name not in promised:
            faults.append(f"header not documented: {name}")
    return faults


def _is_resource(response: httpx2.Response) -> bool:
    if _media_type(response) != "application/json" or not response.content:
        return False
    body = response.json()
    return isinstance(body, dict) and {"id", "version"} <= body.keys()


def _media_type(response: httpx2.Response) -> str:
    return response.headers.get("content-type", "").partition(";")[0].strip()


def find(path: str) -> dict[str, Any] | None:
    """The operations of a concrete path by method; a literal path beats a placeholder's."""
    templates = [template for pattern, template in _templates() if pattern.fullmatch(path)]
    item: dict[str, Any] | None = document()["paths"][templates[0]] if templates else None
    return item


@lru_cache(maxsize=1)
def _templates() -> list[tuple[re.Pattern[str], str]]:
    ordered = sorted(document()["paths"], key=lambda path: (path.count("{"), path))
    return [(re.compile(re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(p))), p) for p in ordered]


def _against(schema: dict[str, Any], value: Any) -> list[str]:
    found = sorted(_validator(json.dumps(schema, sort_keys=True)).iter_errors(value), key=str)
    return [f"{fault.json_path}: {fault.message[:200]}" for fault in found[:5]]


@lru_cache(maxsize=512)
def _validator(schema: str) -> Any:
    return Draft202012Validator(_closed(json.loads(schema), ()), format_checker=_FORMATS)


def _closed(node: Any, within: tuple[str, ...]) -> Any:
    """A schema with its references written out, where a member that is not named may not come."""
    if isinstance(node, list):
        return [_closed(member, within) for member in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        # A shape that holds itself is looked at once more, and no deeper.
        inner = document()["components"]["schemas"][name] if within.count(name) < 2 else {}
        return _closed(inner, (*within, name))
    made = {key: _closed(member, within) for key, member in node.items()}
    if made.get("type") == "object" and isinstance(made.get("properties"), dict):
        made.setdefault("additionalProperties", False)
    return made


_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("uuid", raises=ValueError)
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or str(UUID(value)) == value


@_FORMATS.checks("date-time", raises=ValueError)
def _is_instant(value: object) -> bool:
    """RFC 3339, in UTC or with an offset, never naive."""
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@_FORMATS.checks("date", raises=ValueError)
def _is_day(value: object) -> bool:
    return not isinstance(value, str) or date.fromisoformat(value).isoformat() == value
