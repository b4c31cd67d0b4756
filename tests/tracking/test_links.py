"""Tracking links: where they lead, who counts, what is never kept; promo codes and their days."""

import asyncio
from collections import Counter
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import QueuePool, event
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from api.tracking import clicks, redirect
from tenants import clock, pools
from tests.collaborations import making
from tests.factories import Staffed, events_of
from tests.tracking.making import clicks as counted
from tests.tracking.making import code, link, on, sales

TARGET = "https://aurora.example/tienda?x=1"


@pytest.fixture
def made(agency: Staffed) -> dict[str, Any]:
    return making.started(agency)


def flush(http: TestClient) -> None:
    """Have the application's loop write what it counted."""
    assert http.portal is not None
    http.portal.call(clicks.clicks.drain)


def follow(http: TestClient, code: str, **options: Any) -> Any:
    return http.get(f"/t/{code}", follow_redirects=False, **options)


class TestCreateTrackingLink:
    def test_makes_an_address_that_leads_to_the_target(
        self, agency: Staffed, http: TestClient, made: dict[str, Any]
    ) -> None:
        found = making.done(link(agency, made, TARGET), 201)
        assert found["url"].endswith(f"/t/{found['code']}")
        answer = follow(http, found["code"])
        assert (answer.status_code, answer.headers["location"]) == (302, TARGET)
        assert answer.headers["cache-control"] == "no-store"
        assert events_of(agency, found["id"]) == ["tracking_link.created"]

    @pytest.mark.parametrize(
        "target",
        [
            *("javascript:alert(1)", "data:text/html,x", "//evil.example", "https://127.0.0.1/"),
            *("http://[::1]/", "https://user:pw@aurora.example/", "http://localhost/", "ftp://a.b"),
            "https://aurora.example/" + "x" * 5_000,
        ],
    )
    def test_refuses_a_target_that_is_none(
        self, agency: Staffed, made: dict[str, Any], target: str
    ) -> None:
        answer = link(agency, made, target)
        assert answer.status_code == 422
        assert agency.executive.get("/v1/tracking-links").json()["data"] == []


class TestFollowTrackingLink:
    def test_goes_nowhere_but_to_the_target(
        self, agency: Staffed, http: TestClient, made: dict[str, Any]
    ) -> None:
        found = making.done(link(agency, made, TARGET), 201)
        asked = {"url": "https://evil.example", "fbclid": "1"}
        answer = follow(http, found["code"], params=asked)
        assert answer.headers["location"] == TARGET

    def test_counts_who_follows_and_nothing_of_them(
        self, agency: Staffed, http: TestClient, made: dict[str, Any]
    ) -> None:
        found = making.done(link(agency, made), 201)
        for _ in range(5):
            follow(http, found["code"])
        flush(http)
        assert counted(agency, found) == 5
        assert sales(agency, made)["clicks"] == 5
        path = f"/v1/tracking-links/{found['id']}/clicks"
        hours = agency.influencer.get(path).json()["data"]
        assert [sorted(each) for each in hours] == [["clicks", "hour", "link_id"]]

    def test_counts_nobody_who_only_looks_ahead(
        self, agency: Staffed, http: TestClient, made: dict[str, Any]
    ) -> None:
        found = making.done(link(agency, made), 201)
        http.head(f"/t/{found['code']}", follow_redirects=False)
        follow(http, found["code"], headers={"Sec-Purpose": "prefetch"})
        flush(http)
        assert counted(agency, found) == 0

    def test_adds_what_is_flushed_twice_in_an_hour(
        self, agency: Staffed, http: TestClient, made: dict[str, Any]
    ) -> None:
        found = making.done(link(agency, made), 201)
        for _ in range(2):
            follow(http, found["code"])
            flush(http)
        assert counted(agency, found) == 2

    def test_finds_no_code_that_there_is_not(self, http: TestClient) -> None:
        for unknown in ("nothing", "a" * 41, "ñ", "a-b"):
            assert follow(http, unknown).status_code == 404

    def test_keeps_no_connection_to_the_database(
        self, agency: Staffed, http: TestClient, made: dict[str, Any]
    ) -> None:
        """Nor does it ask for another while the process remembers where the link leads."""
        found = making.done(link(agency, made), 201)
        lent: list[object] = []
        engine = pools.current().platform
        lend = lambda _, record, __: lent.append(record)  # noqa: E731
        event.listen(engine, "checkout", lend)
        try:
            for _ in range(3):
                assert follow(http, found["code"]).status_code == 302
            assert follow(http, "nothing").status_code == 404
            assert len(lent) == 2
            flush(http)
        finally:
            event.remove(engine, "checkout", lend)
        assert cast(QueuePool, engine.pool).checkedout() == 0

    def test_ends_with_the_link(
        self, agency: Staffed, http: TestClient, made: dict[str, Any]
    ) -> None:
        found = making.done(link(agency, made), 201)
        making.done(agency.executive.post(f"/v1/tracking-links/{found['id']}/end"))
        redirect.forget()
        answer = follow(http, found["code"])
        assert (answer.status_code, answer.json()["code"]) == (410, "link_ended")
        again = agency.executive.post(f"/v1/tracking-links/{found['id']}/end")
        assert again.status_code == 409


class TestClicks:
    def test_wait_for_a_database_that_does_not_answer(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        written: list[clicks.Counts] = []

        def fails(counts: clicks.Counts) -> None:
            raise OperationalError("", None, Exception())

        async def counting() -> Counter[Any]:
            some = clicks.Clicks()
            followed = clicks.Followed(*[UUID(int=1)] * 4)
            some.count(followed)
            monkeypatch.setattr(clicks, "add", fails)
            await some.drain()
            some.count(followed)
            monkeypatch.setattr(clicks, "add", written.append)
            await some.drain()
            return some.waiting

        assert not asyncio.run(counting())
        assert [sum(each.values()) for each in written] == [2]

    def test_are_flushed_within_the_fifth_of_a_second_that_a_kill_may_cost(self) -> None:
        assert clicks.PAUSE <= 0.1

    def test_are_of_their_hour(self, monkeypatch: pytest.MonkeyPatch) -> None:
        written: list[clicks.Counts] = []
        monkeypatch.setattr(clicks, "add", written.append)

        async def counting() -> None:
            some = clicks.Clicks()
            some.count(clicks.Followed(*[UUID(int=1)] * 4))
            await some.drain()

        asyncio.run(counting())
        ((_, hour),) = written[0]
        assert hour == clock.now().replace(minute=0, second=0, microsecond=0)


class TestPromoCode:
    def test_is_one_influencers_at_a_time(self, agency: Staffed, made: dict[str, Any]) -> None:
        making.done(code(agency, made), 201)
        answer = code(agency, made, "aurora10", starts_on=on(45), ends_on=on(76))
        assert answer.status_code == 409
        assert (answer.json()["starts_on"], answer.json()["ends_on"]) == (on(-15), on(45))
        making.done(code(agency, made, starts_on=on(46), ends_on=on(76)), 201)
        assert making.broken(agency) == []

    def test_takes_no_day_of_another_by_being_changed(
        self, agency: Staffed, made: dict[str, Any]
    ) -> None:
        first = making.done(code(agency, made), 201)
        making.done(code(agency, made, starts_on=on(46), ends_on=on(76)), 201)
        path = f"/v1/promo-codes/{first['id']}"
        assert agency.executive.patch(path, {"ends_on": on(46)}).status_code == 409
        shorter = making.done(agency.executive.patch(path, {"ends_on": on(-6)}))
        assert shorter["ends_on"] == on(-6)
        backwards = agency.executive.patch(path, {"ends_on": on(-16)})
        assert backwards.json()["code"] == "code_window_backwards"

    @pytest.mark.parametrize("name", ["CAFÉ10", "АURORA", "A B", "a", "x" * 41, "-A", "🙂🙂", ""])
    def test_has_plain_letters(self, agency: Staffed, made: dict[str, Any], name: str) -> None:
        answer = code(agency, made, name)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
