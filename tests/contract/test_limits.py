"""Bodies have a size, a depth and an end; what goes past is refused early."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from tenants import settings
from tests.operations import Operation, Place, guarded

with_body = pytest.mark.parametrize("operation", [e for e in guarded() if e.takes_body], ids=str)
JSON = {"Content-Type": "application/json"}


def _code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


class TestSize:
    @with_body
    def test_is_limited_by_what_is_said(self, operation: Operation, place: Place) -> None:
        call = place.call(operation)
        kind = next(iter(operation.document["requestBody"]["content"]))
        told = {"Content-Type": kind, "Content-Length": "1000000000"}
        call.options = {"content": b"{}", "headers": told}
        assert _code(call.send(place.able(operation))) == (413, "too_large")

    def test_is_limited_by_what_comes(self, place: Place) -> None:
        sent = 0

        def chunks() -> Iterator[bytes]:
            nonlocal sent
            for _ in range(64):
                sent += 65536
                yield b" " * 65536

        answer = place.agency.owner.call("POST", "/v1/clients", content=chunks(), headers=JSON)

        assert _code(answer) == (413, "too_large")

    def test_may_be_reached(self, place: Place) -> None:
        body = json.dumps({"name": "Luna"}).encode().ljust(_limit())
        answer = place.agency.owner.call("POST", "/v1/clients", content=body, headers=JSON)
        assert answer.status_code == 422

    def test_is_not_asked_of_whom_nobody_knows(self, http: TestClient) -> None:
        """401 comes before the body is read."""
        answer = http.post("/v1/clients", content=b" " * (_limit() + 1), headers=JSON)
        assert _code(answer) == (401, "invalid_token")


class TestForm:
    def test_takes_no_packed_body(self, place: Place) -> None:
        packed = gzip.compress(b" " * 50_000_000)
        headers = {**JSON, "Content-Encoding": "gzip"}
        answer = place.agency.owner.call("POST", "/v1/clients", content=packed, headers=headers)
        assert answer.status_code in (400, 415)

    def test_has_a_depth(self, place: Place) -> None:
        deep = b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
        answer = place.agency.owner.call("POST", "/v1/clients", content=deep, headers=JSON)
        assert _code(answer) == (400, "malformed_body")

    def test_takes_many_members_in_stride(self, place: Place) -> None:
        """Not one error for each: the answer stays small."""
        many = json.dumps({f"k{number}": 1 for number in range(150_000)}).encode()
        assert len(many) < _limit()
        answer = place.agency.owner.call("POST", "/v1/clients", content=many, headers=JSON)
        assert answer.status_code in (400, 422)
        assert len(answer.content) < 100_000


def _limit() -> int:
    return settings.get().body_limit
