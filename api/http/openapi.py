"""
The document that agency front-ends generate their clients from.

The framework's document is completed here by walking it once: security said on every operation,
problems under their own media type, headers on every answer, bounds on every string, number and
list. `python -m openapi.export` writes it to `openapi/openapi.json`, which is committed.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import RouteContext, iter_route_contexts

from tenants.money import LARGEST

INFORMATION: dict[str, Any] = {
    "title": "Agency platform",
    "version": "1.0.0",
    "summary": "Sold, promised, delivered, proven, reported, paid: a social-media agency's work.",
    "description": (
        "One API for an agency's people, its clients and its creators. A tenant comes from the "
        "credential, never from the path. Every refusal is a problem (RFC 9457) with a stable "
        "`code`. Lists are cursored, single resources carry an ETag, and a POST may be sent again "
        "with an `Idempotency-Key`."
    ),
    "contact": {
        "name": "Platform team",
        "url": "https://agency.example",
        "email": "api@agency.example",
    },
    "license_info": {"name": "Proprietary", "identifier": "LicenseRef-Proprietary"},
    "servers": [{"url": "/", "description": "This server.", "x-internal": False}],
    "openapi_tags": [
        {"name": "identity", "description": "Agencies, people, log-ins and invitations."},
        {"name": "clients", "description": "Clients, contacts, contracts and who serves them."},
        {"name": "approvals", "description": "What is asked of approvers, and what they decided."},
        {"name": "budgets", "description": "Budgets, their lines and ledgers, and expenses."},
        {"name": "campaigns", "description": "Campaigns, scopes, lots and deliverables."},
        {"name": "metrics", "description": "Channels, readings and performance."},
        {"name": "reports", "description": "The client's report, its versions and share links."},
        {"name": "jobs", "description": "Long work, followed to its end."},
        {"name": "events", "description": "Everything that happened, in order."},
        {"name": "operations", "description": "For the people who run the server."},
    ],
}

PROBLEM = "#/components/schemas/Problem"
_LONGEST = 10_000
_FORMATS = {"uuid": 36, "date-time": 64, "date": 10, "uri": 2048}


def routes(app: FastAPI) -> Iterator[RouteContext]:
    """Every route there is: `app.routes` hides those of included routers."""
    return iter(iter_route_contexts(app.routes))


def install(app: FastAPI) -> None:
    """Serve the completed document from `app.openapi`."""
    build = app.openapi

    def completed() -> dict[str, Any]:
        if not getattr(app, "completed_openapi", None):
            app.completed_openapi = complete(build())  # type: ignore[attr-defined]
        document: dict[str, Any] = app.completed_openapi  # type: ignore[attr-defined]
        return document

    app.openapi = completed  # type: ignore[method-assign]


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """Add what holds for every operation."""
    document = _name_pages(document)
    components = document.setdefault("components", {})
    components["securitySchemes"] = {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token from POST /v1/auth/token (RFC 9068, RFC 8725).",
        }
    }
    components["headers"] = _HEADERS
    for name in ("HTTPValidationError", "ValidationError"):
        components.get("schemas", {}).pop(name, None)
    for name, schema in components.get("schemas", {}).items():
        if name.endswith("Page"):
            schema.setdefault("description", "One page of a list; `next_cursor` leads to the next.")
    for path, item in document["paths"].items():
        for method, operation in item.items():
            _name_shapes(operation.get("requestBody", {}), components.setdefault("schemas", {}))
            _complete_operation(method, path, operation)
    _bound(components.get("schemas", {}))
    _bound(document["paths"])
    return document


def _name_pages(document: dict[str, Any]) -> dict[str, Any]:
    """`Page_ClientRead_` reads better as `ClientReadPage` in a generated client."""
    text = json.dumps(document)
    named: dict[str, Any] = json.loads(re.sub(r"\bPage_(\w+?)_(?=\")", r"\1Page", text))
    return named


def _name_shapes(node: Any, schemas: dict[str, Any]) -> None:
    """A body that its route describes itself has named shapes too: a client is made from names."""
    for key, member in list(node.items()) if isinstance(node, dict) else ():
        _name_shapes(member, schemas)
        if isinstance(member, dict) and {"title", "properties"} <= member.keys():
            schemas[member["title"]] = member
            node[key] = {"$ref": f"#/components/schemas/{member['title']}"}


def _complete_operation(method: str, path: str, operation: dict[str, Any]) -> None:
    operation.setdefault("security", [{"bearer": []}])
    if operation["security"]:
        operation.setdefault("parameters", []).extend(_parameters(method))
    for status, response in operation["responses"].items():
        response["headers"] = {**_headers(status), **response.get("headers", {})}
        if int(status) >= 400:
            response["content"] = {"application/problem+json": {"schema": {"$ref": PROBLEM}}}


def _parameters(method: str) -> list[dict[str, Any]]:
    named = []
    if method == "post":
        named.append(("Idempotency-Key", False, "Send it again with the same key: done once."))
    if method in ("patch", "put", "delete"):
        named.append(("If-Match", False, "The ETag you saw, or `*`; without it 428."))
    if method == "get":
        named.append(("If-None-Match", False, "The ETag you have: 304 when it still holds."))
    return [
        {
            "name": name,
            "in": "header",
            "required": required,
            "description": description,
            "schema": {"type": "string", "maxLength": 300, "pattern": "^[\\x20-\\x7E]*$"},
        }
        for name, required, description in named
    ]


_TEXT = {"type": "string", "maxLength": 300, "pattern": "^[\\x20-\\x7E]*$"}
_HEADERS: dict[str, Any] = {
    "RateLimit": {"description": "What is left of the limit nearest its end.", "schema": _TEXT},
    "RateLimit-Policy": {"description": "That limit: quota and window.", "schema": _TEXT},
    "X-Request-Id": {"description": "Names this exchange in our logs.", "schema": _TEXT},
    "ETag": {"description": "The version of a single resource.", "schema": _TEXT},
    "Location": {"description": "Where the result or the job is.", "schema": _TEXT},
    "Retry-After": {
        "description": "Seconds to wait.",
        "schema": {"type": "integer", "format": "int32", "minimum": 0, "maximum": 86400},
    },
    "Idempotent-Replayed": {"description": "`true` on a stored answer.", "schema": _TEXT},
}


def _headers(status: str) -> dict[str, Any]:
    names = ["RateLimit", "RateLimit-Policy", "X-Request-Id"]
    if status in ("202", "409", "429", "503"):
        names.append("Retry-After")
    if status.startswith("2"):
        names += ["ETag", "Idempotent-Replayed"]
    if status == "304":
        names.append("ETag")
    if status in ("201", "202"):
        names.append("Location")
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _bound(node: Any) -> None:
    """Give every open-ended schema its ends; what a model already says stays."""
    for member in node if isinstance(node, list) else node.values():
        if isinstance(member, list | dict):
            _bound(member)
    if isinstance(node, dict):
        _bound_one(node)


def _bound_one(schema: dict[str, Any]) -> None:
    kind = schema.get("type")
    if kind == "string" and "enum" not in schema and "const" not in schema:
        form = schema.get("format", "")
        schema.setdefault("maxLength", _FORMATS.get(form, _LONGEST))
        if not form:
            schema.setdefault("pattern", "^[^\\x00]*$")
    elif kind == "integer":
        schema.setdefault("format", "int64")
        schema.setdefault("minimum", -LARGEST)
        schema.setdefault("maximum", LARGEST)
    elif kind == "array":
        schema.setdefault("maxItems", _LONGEST)
