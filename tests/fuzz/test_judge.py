"""The judge is awake: for each of its checks, a fault put into the answers is found."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.factories import Staffed
from tests.fuzz.effort import Effort
from tests.operations import Place

CHANNELS, TARGETS, CLIENTS = "/v1/channels", "/v1/kpi-targets", "/v1/clients"


@dataclass(frozen=True)
class Answer:
    """One answer on its way out, and what it answers."""

    method: str
    path: str
    credential: str | None
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def lists_channels(self) -> bool:
        return (self.method, self.path, self.status) == ("GET", CHANNELS, 200)

    def named(self, **headers: str) -> "Answer":
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers={**self.headers, **more})

    def refused(self, status: int, code: str) -> "Answer":
        words = dict.fromkeys(("type", "title", "detail", "request_id"), "x")
        problem = {**words, "status": status, "code": code, "errors": []}
        said = self.named(content_type="application/problem+json")
        return replace(said, status=status, body=json.dumps(problem).encode())


Fault = Callable[[Answer, dict[str, Answer]], Answer]


def _without_a_member(answer: Answer, _: dict[str, Answer]) -> Answer:
    if not answer.lists_channels:
        return answer
    page = json.loads(answer.body)
    del page["next_cursor"]
    return replace(answer, body=json.dumps(page).encode())


def _takes_anything(answer: Answer, _: dict[str, Answer]) -> Answer:
    if (answer.method, answer.path, answer.status) != ("GET", CHANNELS, 422):
        return answer
    page = b'{"data": [], "next_cursor": null, "total": null}'
    return replace(answer.named(content_type="application/json"), status=200, body=page)


def _still_there(answer: Answer, kept: dict[str, Answer]) -> Answer:
    if answer.method == "GET" and answer.path.startswith(f"{TARGETS}/"):
        if answer.status == 200:
            kept[answer.path] = answer
        return kept.get(answer.path, answer)
    return answer


def _never_there(answer: Answer, _: dict[str, Answer]) -> Answer:
    read = answer.method == "GET" and answer.path.startswith(f"{TARGETS}/")
    return answer.refused(404, "not_found") if read and answer.status == 200 else answer


def _open(answer: Answer, kept: dict[str, Answer]) -> Answer:
    if answer.lists_channels:
        kept["channels"] = answer
    if answer.status == 401 and (answer.method, answer.path) == ("GET", CHANNELS):
        return kept.get("channels", answer)
    return answer


def _shared_cache(answer: Answer, kept: dict[str, Answer]) -> Answer:
    if answer.method == "GET" and answer.path.startswith(f"{CLIENTS}/") and answer.credential:
        if answer.status == 200:
            kept.setdefault(answer.path, answer)
        return kept.get(answer.path, answer)
    return answer


FAULTS: dict[str, tuple[str, Fault]] = {
    "allow_header_conformance": (
        CHANNELS,
        lambda a, _: a.named(allow="GET, PUT") if a.method == "OPTIONS" else a,
    ),
    "content_type_conformance": (
        CHANNELS,
        lambda a, _: a.named(content_type="text/plain") if a.lists_channels else a,
    ),
    "ensure_resource_availability": (TARGETS, _never_there),
    "ignored_auth": (CHANNELS, _open),
    "missing_required_header": (
        TARGETS,
        lambda a, _: a.refused(412, "precondition_failed") if a.status == 428 else a,
    ),
    "negative_data_rejection": (CHANNELS, _takes_anything),
    "not_a_server_error": (
        CHANNELS,
        lambda a, _: a.refused(500, "internal_error") if a.lists_channels else a,
    ),
    "object_level_authorization": (CLIENTS, _shared_cache),
    "positive_data_acceptance": (
        CHANNELS,
        lambda a, _: a.refused(422, "invalid_request") if a.lists_channels else a,
    ),
    "response_headers_conformance": (CHANNELS, lambda a, _: a.named(ratelimit="x" * 400)),
    "response_schema_conformance": (CHANNELS, _without_a_member),
    "status_code_conformance": (
        CHANNELS,
        lambda a, _: replace(a, status=418) if a.lists_channels else a,
    ),
    "unsupported_method": (
        CHANNELS,
        lambda a, _: replace(a, status=200) if a.status == 405 else a,
    ),
    "use_after_free": (TARGETS, _still_there),
}


class Planted:
    """The application with a fault in what it answers."""

    def __init__(self, app: ASGIApp, fault: Fault) -> None:
        self.app, self.fault, self.kept = app, fault, dict[str, Answer]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sent: list[Message] = []

        async def keep(message: Message) -> None:
            sent.append(dict(message))

        await self.app(scope, receive, keep)
        made = self.fault(_answer(scope, sent), self.kept)
        headers = {**made.headers, "content-length": str(len(made.body))}
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": made.status, "headers": raw})
        await send({"type": "http.response.body", "body": made.body})


def _answer(scope: Scope, sent: list[Message]) -> Answer:
    headers = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return Answer(
        scope["method"],
        scope["path"],
        dict(scope["headers"]).get(b"authorization"),
        sent[0]["status"],
        {name.lower(): value for name, value in headers.items()},
        b"".join(message.get("body", b"") for message in sent[1:]),
    )


@pytest.mark.deep
@pytest.mark.parametrize("check", FAULTS)
def test_check_finds_its_fault(check: str, agency: Staffed, other_agency: Staffed) -> None:
    from tests.fuzz.judge import judge  # noqa: PLC0415  (see test_document)
    from tests.fuzz.seeds import Seeds  # noqa: PLC0415

    path, fault = FAULTS[check]
    here = Place("the client", agency, agency.client_id, "one")
    there = Place("another agency", other_agency, other_agency.client_id, "one")

    verdict = judge(
        Seeds(agency.owner, here, there),
        Effort(examples=4, walks=1 if path == CHANNELS else 80),
        only=f"^{path}(/[^/]+)?$",
        around=lambda app: Planted(app, fault),
    )

    assert check in {where.split(" · ")[0] for where in verdict.findings}, str(verdict)


def test_every_check_has_a_fault() -> None:
    from schemathesis.checks import CHECKS, load_all_checks  # noqa: PLC0415

    load_all_checks()
    assert set(CHECKS.get_all_names()) - {"max_response_time"} == FAULTS.keys()
