"""The form of a request: what the document does not know is refused, in the order of checks."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.operations import Operation, Place, guarded, resolve
from tests.people import PEOPLE, may

by_operation = pytest.mark.parametrize("operation", guarded(), ids=str)
with_json = pytest.mark.parametrize("operation", [e for e in guarded() if e.body], ids=str)
with_body = pytest.mark.parametrize("operation", [e for e in guarded() if e.takes_body], ids=str)


def _send(operation: Operation, place: Place, **changes: Any) -> Any:
    call = place.call(operation)
    call.options = {**call.options, **changes}
    return call.send(place.able(operation))


def _code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


class TestQuery:
    @by_operation
    def test_refuses_a_parameter_it_does_not_know(self, operation: Operation, place: Place) -> None:
        known = place.call(operation).options.get("params", {})
        answer = _send(operation, place, params={**known, "not_known": "1"})
        assert _code(answer) == (400, "unknown_parameter")

    @by_operation
    def test_refuses_one_given_twice(self, operation: Operation, place: Place) -> None:
        for each in operation.query[:1]:
            answer = _send(operation, place, params=[(each["name"], "1"), (each["name"], "1")])
            assert _code(answer) == (400, "unknown_parameter")


class TestBody:
    @with_json
    def test_refuses_a_member_it_does_not_know(self, operation: Operation, place: Place) -> None:
        body = place.call(operation).options["json"]
        if not isinstance(body, dict):
            pytest.skip("its body is a list")
        answer = _send(operation, place, json={**body, "not_known": 1})
        assert _code(answer) == (422, "invalid_request")
        assert {"/not_known"} == {fault["pointer"] for fault in answer.json()["errors"]}

    @with_json
    def test_says_which_member_is_missing(self, operation: Operation, place: Place) -> None:
        if "oneOf" in (operation.body or {}):
            pytest.skip("which members are needed depends on its kind")
        for name in resolve(operation.body or {}).get("required", []):
            body = dict(place.call(operation).options["json"])
            del body[name]
            answer = _send(operation, place, json=body)
            assert _code(answer) == (422, "invalid_request")
            assert f"/{name}" in {fault["pointer"] for fault in answer.json()["errors"]}

    @with_body
    def test_refuses_another_content_type(self, operation: Operation, place: Place) -> None:
        kinds = ("text/plain", "application/json; charset=latin-1")
        for kind in set(kinds) - operation.document["requestBody"]["content"].keys():
            answer = _send(operation, place, json=None, content=b"{}", headers=_typed(kind))
            assert _code(answer) == (415, "unsupported_media"), kind

    @with_json
    def test_refuses_what_is_no_json(self, operation: Operation, place: Place) -> None:
        for content in (b"{", b'{"a": 1, "a": 2}'):
            answer = _send(
                operation, place, json=None, content=content, headers=_typed("application/json")
            )
            assert _code(answer) == (400, "malformed_body"), content


def _typed(kind: str) -> dict[str, str]:
    return {"Content-Type": kind}


class TestOrderOfChecks:
    @by_operation
    def test_asks_who_before_it_looks(
        self, operation: Operation, place: Place, http: TestClient
    ) -> None:
        call = place.call(operation)
        call.options = {"content": b"{", "headers": _typed("text/nonsense"), "params": {"no": "1"}}
        for credential in ({}, {"Authorization": "Bearer nonsense"}):
            answer = call.send_without_credential(http, **credential)
            assert _code(answer) == (401, "invalid_token")
            assert answer.headers["www-authenticate"].startswith("Bearer")

    @by_operation
    def test_asks_whether_they_may_before_it_looks(
        self, operation: Operation, place: Place
    ) -> None:
        refused = [name for name in PEOPLE if not may(name, operation.permission)]
        call = place.call(operation)
        call.options = {"content": b"{", "headers": _typed("application/json")}
        for name in refused[:2]:
            assert _code(call.send(place.agency.people[name])) == (403, "forbidden")

    @with_json
    def test_reads_the_form_before_it_looks_for_the_thing(
        self, operation: Operation, place: Place, elsewhere: Place
    ) -> None:
        if not operation.things:
            pytest.skip("it names no thing")
        theirs = elsewhere.call(operation)
        theirs.options = {"json": [[]]}
        assert _code(theirs.send(place.able(operation))) == (422, "invalid_request")


class TestPathId:
    @by_operation
    def test_that_is_none_is_refused(self, operation: Operation, place: Place) -> None:
        call = place.call(operation)
        by = place.able(operation)
        for placeholder in operation.things:
            for value in ("0", "%00"):
                call.path = _with(operation, place, placeholder, value)
                assert 400 <= call.send(by).status_code < 500, value


def _with(operation: Operation, place: Place, placeholder: str, value: str) -> str:
    """The operation's path with one of its ids replaced."""
    valid, found = place.call(operation).path.split("/"), operation.path.split("/")
    return "/".join(
        value if part == f"{{{placeholder}}}" else valid[number]
        for number, part in enumerate(found)
    )
