"""Paths and methods: what is not there is a problem, and `Allow` says all that is (RFC 9110)."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.operations import Operation, Place, operations
from tests.spec import document, find

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE")
by_path = pytest.mark.parametrize("path", document()["paths"])
reads = [each for each in operations() if each.method == "GET"]


def _concrete(path: str) -> str:
    return path.replace("{", "").replace("}", "")


def _known(path: str) -> set[str]:
    methods = {method.upper() for method in find(_concrete(path)) or {}}
    return methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())


class TestPath:
    @by_path
    def test_says_its_methods(self, path: str, http: TestClient) -> None:
        answer = http.options(_concrete(path))
        assert answer.status_code == 204
        assert set(answer.headers["allow"].split(", ")) == _known(path)

    @by_path
    def test_refuses_the_others(self, path: str, http: TestClient) -> None:
        others = [method for method in METHODS if method not in _known(path)]
        for method in others[-2:]:
            answer = http.request(method, _concrete(path))
            assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
            assert set(answer.headers["allow"].split(", ")) == _known(path)

    @by_path
    def test_does_not_redirect(self, path: str, http: TestClient) -> None:
        answer = http.get(f"{_concrete(path)}/", follow_redirects=False)
        assert answer.status_code in (404, 405, 401)

    @pytest.mark.parametrize("path", ["/nothing", "/v1", "/v1/", "/v1/nothing", "/%00", "//v1//"])
    def test_that_is_not_there_is_a_problem(self, path: str, http: TestClient) -> None:
        answer = http.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert http.options(path).status_code == 404


class TestHead:
    @pytest.mark.parametrize("operation", reads, ids=str)
    def test_is_get_without_its_body(
        self, operation: Operation, place: Place, http: TestClient
    ) -> None:
        if operation.is_open:
            pytest.skip("open operations have tests of their own")
        call = place.call(operation)
        by = place.able(operation)

        get, head = call.send(by), by.call("HEAD", call.path, **call.options)

        assert head.content == b""
        assert (head.status_code, _lasting(head)) == (get.status_code, _lasting(get))


def _lasting(answer: Any) -> dict[str, str]:
    own = ("date", "x-request-id", "traceparent", "ratelimit", "ratelimit-policy")
    return {name: value for name, value in answer.headers.items() if name not in own}
