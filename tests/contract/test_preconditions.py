"""ETag, If-Match and If-None-Match: nobody overwrites what they have not seen (RFC 9110 §13)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests import recipes
from tests.isolation.matrix import expected
from tests.operations import EDITS, Call, Operation, Place, guarded, operations
from tests.people import PEOPLE
from tests.spec import document

edits = pytest.mark.parametrize("operation", [e for e in guarded() if e.method in EDITS], ids=str)


def _versioned(operation: Operation) -> bool:
    content = operation.document["responses"].get("200", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    shape = document()["components"]["schemas"].get(name, {})
    return bool({"id", "version"} <= shape.get("properties", {}).keys())


single_reads = pytest.mark.parametrize(
    "operation", [e for e in guarded() if e.method == "GET" and _versioned(e)], ids=str
)


def _code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


class TestIfMatch:
    @edits
    def test_is_required(self, operation: Operation, place: Place) -> None:
        call, by = place.ready(operation)

        answer = by.call(call.method, call.path, **call.options)

        assert _code(answer) == (428, "precondition_required")

    @edits
    def test_refuses_what_is_not_the_version(self, operation: Operation, place: Place) -> None:
        call, by = place.ready(operation)
        for match in ('"0.s.en"', 'W/"1.s.en"', "nonsense"):
            answer = call.send(by, **{"If-Match": match})
            assert _code(answer) == (412, "precondition_failed"), match

    @edits
    def test_is_decided_after_the_thing_was_found(
        self, operation: Operation, place: Place, elsewhere: Place
    ) -> None:
        if not operation.things:
            pytest.skip("it names no thing")
        call = elsewhere.call(operation)
        by = place.able(operation)

        stale = call.send(by, **{"If-Match": '"0.s.en"'})
        missing = by.call(call.method, call.path, **call.options)

        assert _code(stale) == _code(missing) == (404, "not_found")

    @edits
    def test_lets_one_of_many_win(self, operation: Operation, place: Place) -> None:
        call, by = place.ready(operation)
        etag = _etag(operation, call, place)
        if etag is None:
            pytest.skip("nothing reads it by itself")
        if operation.id in recipes.NOT_SET_UP:
            pytest.skip("this installation is not set up for it")

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: call.send(by, **{"If-Match": etag}), range(8)))

        statuses = [answer.status_code for answer in answers]
        assert sum(status < 300 for status in statuses) == 1, statuses
        assert set(statuses) - {200, 204} <= {404, 409, 412}


def _etag(operation: Operation, call: Call, place: Place) -> str | None:
    reads = [e for e in operations() if e.method == "GET" and e.path == operation.path]
    if not reads:
        return None
    answer = place.holder(reads[0].permission).get(call.path)
    etag: str | None = answer.headers.get("etag")
    return etag


class TestIfNoneMatch:
    @single_reads
    def test_saves_the_body(self, operation: Operation, place: Place) -> None:
        call, by = place.ready(operation)
        etag = call.send(by).headers["etag"]

        for sent in (etag, f'"other", {etag}', f"W/{etag}", "*"):
            answer = call.send(by, **{"If-None-Match": sent})
            assert (answer.status_code, answer.content) == (304, b"")
            assert answer.headers["etag"] == etag
        assert call.send(by, **{"If-None-Match": '"0.s.en"'}).status_code == 200

    @single_reads
    def test_tells_nobody_who_may_not_know(
        self, operation: Operation, place: Place, elsewhere: Place
    ) -> None:
        if not operation.things:
            pytest.skip("it names no thing")
        call, by = place.ready(operation)
        etag = call.send(by).headers["etag"]
        stranger = elsewhere.able(operation)

        assert call.send(stranger, **{"If-None-Match": etag}).status_code == 404
        for name in PEOPLE:
            if name != by.name and expected(operation, name, "one", shared=False) != 200:
                answer = call.send(place.agency.people[name], **{"If-None-Match": etag})
                assert answer.status_code in (403, 404)
