"""Lists, a page at a time: whatever comes and goes, what was there throughout is seen once."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import Person
from tests.operations import Operation, Place, guarded, makers

lists = pytest.mark.parametrize("operation", [e for e in guarded() if e.is_list], ids=str)


def _page(operation: Operation, place: Place, by: Person, **query: Any) -> Any:
    call = place.call(operation)
    known = call.options.get("params", {})
    return by.get(call.path, params={**known, **query})


def _walk(
    operation: Operation, place: Place, by: Person, between: Any, limit: int = 1
) -> list[str]:
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = _page(operation, place, by, limit=limit, **cursor)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert len(body["data"]) <= limit
        seen += [str(row["id"]) for row in body["data"]]
        if body["next_cursor"] is None:
            return seen
        cursor = {"cursor": body["next_cursor"]}
        between()


def _add(operation: Operation, place: Place) -> None:
    maker = next((m for m in makers().values() if m.path == operation.path), None)
    if maker is not None:
        place.do(maker.id)


class TestList:
    @lists
    def test_shows_everything_once(self, operation: Operation, place: Place) -> None:
        by = place.able(operation)
        for _ in range(3):
            _add(operation, place)
        whole = _page(operation, place, by, limit=200, include="total").json()
        there = [row["id"] for row in whole["data"]]
        added = iter(range(2))

        def add() -> None:
            if next(added, None) is not None:
                _add(operation, place)

        seen = _walk(operation, place, by, add, limit=max(1, len(there) // 3))

        assert len(seen) == len(set(seen))
        assert set(there) <= set(seen)
        assert [id for id in seen if id in there] == there
        assert whole["total"] == len(there)

    @lists
    def test_refuses_what_is_no_page(self, operation: Operation, place: Place) -> None:
        by = place.able(operation)
        for limit in ("0", "-1", "201", "1000000000", str(2**63), "x", "1.5", "", "NaN"):
            assert _page(operation, place, by, limit=limit).status_code == 422, limit
        for cursor in (
            "nonsense",
            "e30.e30",
            ".",
            "..",
            "bnVsbA.AAAA",
            "W10.AAAAAAAAAAAAAAAAAAAAAA",
        ):
            answer = _page(operation, place, by, cursor=cursor)
            assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor"), cursor

    @lists
    def test_binds_its_cursor(self, operation: Operation, place: Place, elsewhere: Place) -> None:
        by = place.able(operation)
        _add(operation, place)
        _add(operation, place)
        cursor = _page(operation, place, by, limit=1).json()["next_cursor"]
        if cursor is None:
            pytest.skip("there is one page")

        theirs = elsewhere.able(operation)
        tampered = cursor[:-2] + ("AA" if not cursor.endswith("AA") else "BB")
        assert _page(operation, elsewhere, theirs, cursor=cursor).status_code == 400
        assert _page(operation, place, by, cursor=tampered).status_code == 400
        filters = [
            each
            for each in operation.query
            if each["name"].endswith("_id") and not each.get("required")
            if each["name"] not in place.call(operation).options.get("params", {})
        ]
        for each in filters[:1]:
            narrowed = {each["name"]: str(place.client_id), "cursor": cursor}
            assert _page(operation, place, by, **narrowed).status_code == 400


class TestClients:
    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(limits=st.lists(st.integers(1, 4), min_size=8, max_size=8), moves=st.data())
    def test_are_complete_while_others_come_and_go(
        self, limits: list[int], moves: Any, place: Place
    ) -> None:
        owner = place.agency.owner
        there = {row["id"] for row in owner.get("/v1/clients?limit=200").json()["data"]}
        lasting, seen, cursor = set(there), [], ""
        for limit in limits * 40:
            body = owner.get(f"/v1/clients?limit={limit}{cursor}").json()
            seen += [row["id"] for row in body["data"]]
            if body["next_cursor"] is None:
                break
            cursor = f"&cursor={body['next_cursor']}"
            move = moves.draw(st.sampled_from(["add", "rename", "end", "nothing", "nothing"]))
            lasting -= _move(place, move, there)

        assert len(seen) == len(set(seen))
        assert lasting <= set(seen)


def _move(place: Place, move: str, there: set[str]) -> set[str]:
    """Change the list behind the reader's back; which rows are no longer in it."""
    owner, some = place.agency.owner, sorted(there)[-1]
    if move == "add":
        place.do("create_client")
    elif move == "rename":
        owner.patch(f"/v1/clients/{some}", {"name": "Otro nombre"})
    elif move == "end":
        owner.patch(f"/v1/clients/{some}", {"status": "ended"})
        return {some}
    return set()
