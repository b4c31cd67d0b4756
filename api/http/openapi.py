"""
The document that agency front-ends generate their clients from.

The framework's document is completed here by walking it: shapes named for whoever sees them all
at once, security said on every operation, problems under their own media type, headers on every
answer, bounds on every string, number and list. `python -m openapi.export` writes it to
`openapi/openapi.json`, which is committed.
"""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import RouteContext, iter_route_contexts

from api.http import examples, idempotency
from api.http.problems import Problem
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
    "servers": [
        {
            "url": "/",
            "description": "Production, staging or local: the server that gave this document.",
            "x-internal": False,
        }
    ],
    "openapi_tags": [
        {"name": "identity", "description": "Agencies, people, log-ins and invitations."},
        {"name": "clients", "description": "Clients, contacts, contracts and who serves them."},
        {"name": "approvals", "description": "What is asked of approvers, and what they decided."},
        {"name": "billing", "description": "What clients are to be billed for."},
        {"name": "statements", "description": "A client's money, in one statement."},
        {"name": "budgets", "description": "Budgets, their lines and ledgers, and expenses."},
        {"name": "campaigns", "description": "Campaigns, scopes, lots and deliverables."},
        {"name": "costs", "description": "Time, cost rates, the books and what is left."},
        {
            "name": "collaborations",
            "description": "Influencers' work on campaigns: terms, pieces, rights, results.",
        },
        {"name": "influencers", "description": "The creators an agency works with."},
        {"name": "proof", "description": "Live posts, disclosure, and what was reached."},
        {"name": "tracking", "description": "Links, promo codes, and the sales they brought."},
        {"name": "returns", "description": "What a collaboration brought for what it cost."},
        {"name": "strategy", "description": "What a client wants, and its competitors."},
        {"name": "webhooks", "description": "What Stripe tells of its own accord."},
        {
            "name": "comments",
            "description": "What is said about the work, and to whom.",
        },
        {"name": "files", "description": "Files uploaded for a client, and links to their bytes."},
        {"name": "metrics", "description": "Channels, readings and performance."},
        {"name": "imports", "description": "Figures that come as files, and what they mean."},
        {"name": "community", "description": "How a client's community was answered."},
        {"name": "listening", "description": "Who is spoken of: topics, mentions, share of voice."},
        {"name": "benchmarks", "description": "What is usual in an industry, with its source."},
        {"name": "reports", "description": "The client's report, its versions and share links."},
        {"name": "desk", "description": "Everybody's day, and the agency's overview."},
        {"name": "jobs", "description": "Long work, followed to its end."},
        {"name": "events", "description": "Everything that happened, in order."},
        {"name": "operations", "description": "For the people who run the server."},
    ],
}

PROBLEM = "#/components/schemas/Problem"
_SHAPE = "#/components/schemas/"
_LONGEST = 10_000
# Short where only one domain is spoken of; here all domains stand side by side.
_NAMES = {
    "Admitted": "InvitationAccepted",
    "AdmittedAgency": "JoinedAgency",
    "Amount": "CountedAmount",
    "AllocationCreate": "BudgetAllocationCreate",
    "ChannelFigures": "ChannelPerformance",
    "CommitmentCreate": "BudgetCommitmentCreate",
    "Compare": "ComparedPeriod",
    "Connector": "ChannelConnector",
    "DayFigures": "DayPerformance",
    "DecisionRead": "ApprovalDecisionRead",
    "DecisionRecord": "ApprovalDecisionRecord",
    "Deliverables": "DeliverablesMade",
    "Direction": "KpiDirection",
    "EmailVerify": "EmailVerificationComplete",
    "Duration": "ResponseDuration",
    "EntryKind": "BudgetEntryKind",
    "EntryNoteRead": "BudgetEntryNoteRead",
    "Figure": "MetricTotal",
    "Figures": "MetricTotals",
    "Followers": "FollowersTotal",
    "Level": "ApprovalLevel",
    "Measure": "LineMeasure",
    "NoticeGiven": "ContractNotice",
    "Outcome": "ApprovalOutcome",
    "PasswordReset": "PasswordResetComplete",
    "PastSpan": "PastPerformancePeriod",
    "Price": "UnitPrice",
    "PublishRequest": "ReportPublish",
    "Quality": "FigureQuality",
    "Quorum": "ApprovalQuorum",
    "Rate": "FormulaRate",
    "ReleaseCreate": "BudgetReleaseCreate",
    "ServerRead": "TeamMemberRead",
    "Span": "PerformancePeriod",
    "SubjectRead": "ApprovalSubjectRead",
    "TransferCreate": "BudgetTransferCreate",
    "VersionRead": "ReportVersionRead",
    "VersionStatus": "ReportVersionStatus",
    "WithdrawRequest": "ReportWithdraw",
    # Two of a name: what is made of their modules' would change with a file's place.
    "api__campaigns__delivery_shapes__RateRead": "PunctualityRateRead",
    "api__collaborations__models__Placement": "Placement",
    "api__influencers__models__Placement": "RatePlacement",
    "api__influencers__shapes__RateRead": "InfluencerRateRead",
}
_LANGUAGE = {"type": "string", "description": "A language the platform speaks."}
_LOCALIZED = {
    _LONGEST: ("Localized", "Words by language, as far as they were written."),
    200: ("LocalizedLine", "One line in each language; one language at least."),
    4_000: ("LocalizedText", "A text in each language; one language at least."),
    20_000: ("ReportText", "A report's words in each of its languages; one language at least."),
}
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
    document = _named(document)
    components = document.setdefault("components", {})
    components["securitySchemes"] = {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token from POST /v1/auth/token (RFC9068, RFC8725).",
        }
    }
    shapes = components.setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    shapes |= {**problem.pop("$defs"), "Problem": problem}
    components["schemas"] = dict(sorted(shapes.items()))
    components["headers"] = _HEADERS
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for path, item in document["paths"].items():
        for method, operation in item.items():
            _name_shapes(operation.get("requestBody", {}), schemas)
            _complete_operation(method, path, operation)
    shared: dict[str, Any] = {}
    _tidy(document, shared)
    schemas.update(shared)
    for name, schema in schemas.items():
        _entitle(name, schema)
    return document


def _named(document: dict[str, Any]) -> dict[str, Any]:
    """Every shape under the name that generated clients give it."""
    schemas = document.get("components", {}).get("schemas", {})
    names = {name: _name(name) for name in schemas}

    def reference(found: re.Match[str]) -> str:
        return f'"{_SHAPE}{names.get(found[1], found[1])}"'

    renamed: dict[str, Any] = json.loads(
        re.sub(f'"{re.escape(_SHAPE)}([^"]+)"', reference, json.dumps(document))
    )
    if schemas:
        found = renamed["components"]["schemas"]
        renamed["components"]["schemas"] = {names[old]: found[old] for old in found}
    return renamed


def _name(name: str) -> str:
    """`Page_ClientRead_` reads better as `ClientReadPage`."""
    if page := re.fullmatch("Page_(.+)_", name):
        return f"{_name(page[1])}Page"
    return _NAMES.get(name, name)


def _entitle(name: str, schema: dict[str, Any]) -> None:
    """A shape's title is its name; a member's would only repeat the member's."""
    if name.endswith("Page"):
        schema.setdefault("description", "One page of a list; `next_cursor` leads to the next.")
    schema["title"] = name
    for member in schema.get("properties", {}).values():
        member.pop("title", None)


def _name_shapes(node: Any, schemas: dict[str, Any]) -> None:
    """A body that its route describes itself has named shapes too: a client is made from names."""
    for key, member in list(node.items()) if isinstance(node, dict) else ():
        _name_shapes(member, schemas)
        if isinstance(member, dict) and {"title", "properties"} <= member.keys():
            schemas[member["title"]] = member
            node[key] = {"$ref": f"{_SHAPE}{member['title']}"}


def _complete_operation(method: str, path: str, operation: dict[str, Any]) -> None:
    operation.setdefault("security", [{"bearer": []}])
    if operation["security"]:
        operation.setdefault("parameters", []).extend(_parameters(method))
    for parameter in operation.get("parameters", []):
        parameter["schema"] = _never_null(parameter["schema"])
    for body in operation.get("requestBody", {}).get("content", {}).values():
        body["schema"].pop("title", None)
        name = body["schema"].get("$ref", "").removeprefix(_SHAPE)
        if name in examples.BODIES:
            body["example"] = examples.BODIES[name]
    for status, response in operation["responses"].items():
        # Generators that know one media type an answer take the first.
        content = response.get("content", {})
        if "application/json" in content:
            response["content"] = {"application/json": content["application/json"], **content}
        response["headers"] = {**_headers(method, status), **response.get("headers", {})}
        if int(status) >= 400:
            pages = {kind: content[kind] for kind in ("text/html",) if kind in content}
            problem = {"schema": {"$ref": PROBLEM}}
            response["content"] = {"application/problem+json": problem, **pages}


def _never_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is there or it is not: there is no way to send null in an address."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind.get("type") != "null"]
    rest = {key: value for key, value in schema.items() if key not in ("anyOf", "title")}
    if not kinds:
        return rest
    return {**kinds[0], **rest} if len(kinds) == 1 else {"anyOf": kinds, **rest}


def _parameters(method: str) -> list[dict[str, Any]]:
    named = []
    if method == "post":
        named.append(("Idempotency-Key", False, "Send it again with the same key: done once."))
    if method in ("patch", "put", "delete"):
        named.append(("If-Match", True, "The ETag you saw, or `*`; without it 428."))
    if method == "get":
        named.append(("If-None-Match", False, "The ETag you have: 304 when it still holds."))
    return [
        {
            "name": name,
            "in": "header",
            "required": required,
            "description": description,
            "schema": _KEY if name == "Idempotency-Key" else _TEXT,
        }
        for name, required, description in named
    ]


_TEXT = {"type": "string", "maxLength": 300, "pattern": "^[\\x20-\\x7E]*$"}
_KEY = {
    "type": "string",
    "minLength": 1,
    "maxLength": idempotency.LONGEST,
    "pattern": idempotency.PATTERN,
}
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
    "WWW-Authenticate": {"description": "How to authenticate (RFC 9110).", "schema": _TEXT},
}


def _headers(method: str, status: str) -> dict[str, Any]:
    names = ["RateLimit", "RateLimit-Policy", "X-Request-Id"]
    if status == "401":
        names.append("WWW-Authenticate")
    if status in ("202", "409", "429", "503"):
        names.append("Retry-After")
    if status.startswith("2") or status == "304":
        names.append("ETag")
    if status.startswith("2") and method == "post":
        names.append("Idempotent-Replayed")
    if status in ("201", "202", "303"):
        names.append("Location")
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _tidy(node: Any, shapes: dict[str, Any]) -> None:
    """Every schema in words that generators take, with its ends."""
    for key, member in list(enumerate(node)) if isinstance(node, list) else list(node.items()):
        if isinstance(member, list | dict):
            _tidy(member, shapes)
        if isinstance(member, dict):
            _reword(member)
            _bound(member)
            node[key] = _by_language(member, shapes)


def _by_language(schema: dict[str, Any], shapes: dict[str, Any]) -> dict[str, Any]:
    """A language, and words by language, are named shapes wherever they stand."""
    words = schema.get("properties", {})
    if schema.get("enum") == ["es", "en"] and "type" in schema:
        shapes["Language"] = {**_LANGUAGE, "enum": schema["enum"]}
        said: dict[str, Any] = {key: schema[key] for key in ("default",) if key in schema}
        return {"$ref": f"{_SHAPE}Language", **said}
    if schema.get("type") != "object" or words.keys() != {"es", "en"} or "$ref" in words["es"]:
        return schema
    name, description = _LOCALIZED[words["es"]["maxLength"]]
    least = {key: schema[key] for key in ("minProperties",) if key in schema}
    shapes[name] = {
        "type": "object",
        "description": description,
        "properties": words,
        "additionalProperties": False,
        **least,
    }
    return {"$ref": f"{_SHAPE}{name}"}


def _reword(schema: dict[str, Any]) -> None:
    # pydantic writes `le` where a validator stands between a number and its bound.
    if isinstance(schema.get("le"), int):
        schema["maximum"] = schema.pop("le")
    keys = schema.get("propertyNames", {}).get("enum")
    value = schema.get("additionalProperties")
    if keys and isinstance(value, dict) and "enum" not in value:
        del schema["propertyNames"]
        schema["properties"] = {key: copy.deepcopy(value) for key in keys}
        schema["additionalProperties"] = False


def _bound(schema: dict[str, Any]) -> None:
    """Give an open-ended schema its ends; what a model already says stays."""
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
    if "patternProperties" in schema:
        schema.setdefault("additionalProperties", False)
