"""`Idempotency-Key`: the same request again gets the same answer, and nothing happens twice."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine

from tenants.ids import new_id
from tests import recipes
from tests.factories import Person
from tests.isolation.world import World
from tests.operations import Call, Operation, Place, guarded, operation

_POSTS = [e for e in guarded() if e.method == "POST" and e.id not in recipes.NOT_SET_UP]
posts = pytest.mark.parametrize("operation", _POSTS, ids=str)
JSON = {"Content-Type": "application/json"}
# Those whose subject needs nothing done to it first: the guarantee is the same for all.
simple_posts = pytest.mark.parametrize(
    "operation",
    [e for e in _POSTS if e.id not in recipes.BEFORE],
    ids=str,
)
REPLAYED = "idempotent-replayed"


def _key() -> str:
    return f"key-{new_id().hex}"


@pytest.fixture(scope="module")
def world(place: Place, elsewhere: Place, owner: Engine) -> World:
    """To look at every row, before and after."""
    http = place.agency.owner.client
    return World(http, owner, place.agency, elsewhere.agency, place, place, elsewhere)


@dataclass(frozen=True)
class Sent:
    """One request with a key, and its first answer."""

    call: Call
    by: Person
    key: str
    answer: Any


_sent: dict[str, Sent] = {}


def _first(operation: Operation, place: Place) -> Sent:
    """The first request of an operation, sent once for all the tests that send it again."""
    if operation.id not in _sent:
        (call, by), key = place.ready(operation), _key()
        answer = call.send(by, **{"Idempotency-Key": key})
        assert answer.is_success, answer.text
        _sent[operation.id] = Sent(call, by, key, answer)
    return _sent[operation.id]


class TestKey:
    @posts
    def test_gives_the_same_answer_again(
        self, operation: Operation, place: Place, world: World
    ) -> None:
        sent = _first(operation, place)
        first, before = sent.answer, world.fingerprint()

        again = sent.call.send(sent.by, **{"Idempotency-Key": f'"{sent.key}"'})

        assert again.headers[REPLAYED] == "true"
        assert REPLAYED not in first.headers
        assert (again.status_code, again.content) == (first.status_code, first.content)
        for name in ("content-type", "etag", "location"):
            assert again.headers.get(name) == first.headers.get(name)
        assert world.fingerprint() == before

    @posts
    def test_happens_once_for_many_at_once(self, operation: Operation, place: Place) -> None:
        (call, by), key = place.ready(operation), _key()

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: call.send(by, **{"Idempotency-Key": key}), range(6)))

        _once(answers)

    def test_happens_once_for_fifty_at_once(self, place: Place) -> None:
        wanted = operation("create_client")
        (call, by), key = place.ready(wanted), _key()
        before = by.get("/v1/clients?limit=200").json()["data"]

        with ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(lambda _: call.send(by, **{"Idempotency-Key": key}), range(50)))

        _once(answers)
        assert len(by.get("/v1/clients?limit=200").json()["data"]) == len(before) + 1

    @posts
    def test_refuses_another_body(self, operation: Operation, place: Place) -> None:
        sent = _first(operation, place)
        call, by, key = sent.call, sent.by, sent.key
        if "json" not in call.options:
            pytest.skip("it takes no JSON")

        spaced = json.dumps(call.options["json"]) + " "
        other = Call(call.method, call.path, {"content": spaced, "headers": JSON})
        answer = other.send(by, **{"Idempotency-Key": key})

        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")

    @posts
    def test_is_each_persons_own(self, operation: Operation, place: Place) -> None:
        sent = _first(operation, place)

        other = place.able(operation, but=[sent.by])
        answer = sent.call.send(other, **{"Idempotency-Key": sent.key})

        assert other is sent.by or REPLAYED not in answer.headers

    @simple_posts
    def test_is_each_paths_own(self, operation: Operation, place: Place) -> None:
        if not operation.placeholders or operation.subject == "client":
            pytest.skip("it has one path")
        (call, by), key = place.ready(operation), _key()
        call.send(by, **{"Idempotency-Key": key})

        answer = place.ready(operation)[0].send(by, **{"Idempotency-Key": key})

        assert answer.is_success
        assert REPLAYED not in answer.headers

    @posts
    def test_refuses_one_it_cannot_keep(self, operation: Operation, place: Place) -> None:
        call = place.call(operation)
        by = place.able(operation)
        for key in ("k" * 256, '""'):
            answer = call.send(by, **{"Idempotency-Key": key})
            assert (answer.status_code, answer.json()["code"]) == (400, "invalid_idempotency_key")

    @simple_posts
    def test_keeps_no_refusal(self, operation: Operation, place: Place, elsewhere: Place) -> None:
        """What was refused may be sent again with the same key, put right."""
        (call, by), key = place.ready(operation), _key()
        wrong = Call(call.method, call.path, {**call.options, "params": {"not_known": "1"}})

        assert wrong.send(by, **{"Idempotency-Key": key}).status_code == 400
        answer = call.send(by, **{"Idempotency-Key": key})

        assert answer.is_success, answer.text
        assert REPLAYED not in answer.headers

    def test_keeps_no_refusal_of_a_verb(self, place: Place) -> None:
        key, body = _key(), {"name": "Luna", "lead_membership_id": str(new_id())}
        by = place.agency.owner
        refused = by.post("/v1/clients", body, headers={"Idempotency-Key": key})
        assert refused.status_code in (404, 422)

        body["lead_membership_id"] = str(place.agency.executive.membership_id)
        answer = by.post("/v1/clients", body, headers={"Idempotency-Key": key})

        assert answer.status_code == 201


def _once(answers: list[Any]) -> None:
    fresh = [each for each in answers if each.is_success and REPLAYED not in each.headers]
    replays = [each for each in answers if REPLAYED in each.headers]
    others = [each for each in answers if each not in fresh and each not in replays]
    assert len(fresh) == 1, [each.status_code for each in answers]
    assert {each.content for each in replays} <= {fresh[0].content}
    assert {each.json()["code"] for each in others} <= {"request_in_flight"}
