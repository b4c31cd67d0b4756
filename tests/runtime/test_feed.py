"""Events: told if and only if the change was committed, and in an order that loses none."""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from tenants import auth, clients, database, outbox, pools, sealer, worker
from tenants.models import Client
from tenants.outbox import Event, QueuedEvent
from tests.factories import Staffed
from tests.runtime import kinds
from tests.work import settle


class Fault(Exception):
    """What a test throws after the event was written."""


def _raise(session: database.Session) -> None:
    raise Fault


def _violate(session: database.Session) -> None:
    """The commit itself fails: the database will not have it."""
    statement = "insert into handled values (:a, :a, 'nobody', now())"
    session.connection().execute(text(statement), {"a": session.sight.agency_id})


def _lose_the_connection(session: database.Session) -> None:
    me = session.scalar(text("select pg_backend_pid()"))
    other = pools.current().app.raw_connection()
    try:
        other.cursor().execute(f"select pg_terminate_backend({me})")
    finally:
        other.close()
    session.scalar(text("select 1"))


def _nothing(session: database.Session) -> None:
    pass


def feed(agency: Staffed, after: int = 0, person: str = "owner", **query: Any) -> list[Any]:
    """Every event after a position, page by page."""
    found: list[Any] = []
    page = {"after": after, "limit": 7, **query}
    while True:
        answer = getattr(agency, person).get("/v1/events", params=page)
        assert answer.status_code == 200, answer.text
        found += answer.json()["data"]
        if answer.json()["next_cursor"] is None:
            return found
        page["cursor"] = answer.json()["next_cursor"]


def rename(agency: Staffed, name: str, then: Callable[[database.Session], None]) -> None:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        clients.update(session, agency.client_id, name=name)
        then(session)


class TestEvent:
    def test_is_told_exactly_when_its_change_is_committed(self, agency: Staffed) -> None:
        chance = random.Random(20261122)
        faults = [_nothing, _nothing, _raise, _violate, _lose_the_connection]
        committed = []

        def command(number: int, fault: Callable[[database.Session], None]) -> None:
            try:
                rename(agency, f"Name {number}", fault)
                committed.append(f"Name {number}")
            except Exception:
                assert fault is not _nothing

        plan = [(number, chance.choice(faults)) for number in range(150)]
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda each: command(*each), plan))
        settle()

        told = [event["changed"]["name"] for event in feed(agency, type="client.updated")]
        assert sorted(told) == sorted(committed)
        assert 30 < len(told) < 100


def pausing_writer(agency: Staffed, writer: int) -> None:
    """Tell six events of a type of its own, each long before its commit."""
    pause = random.Random(writer)
    for _ in range(6):
        with database.agency_session(auth.system(agency.agency_id)) as session:
            client = database.get(session, Client, agency.client_id)
            outbox.emit(session, f"test.writer_{'abcdefghijklmnop'[writer]}", client)
            time.sleep(pause.uniform(0, 0.03))


class Followers:
    """Three sealers, and a reader who remembers the last position, while others write."""

    def __init__(self, agency: Staffed) -> None:
        self.agency = agency
        self.over = threading.Event()
        self.seen: list[Any] = []
        self.failures: list[Exception] = []

    def __enter__(self) -> Self:
        ways = (self.read, self.seal, self.seal, self.seal)
        self.threads = [threading.Thread(target=way) for way in ways]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(60)

    def seal(self) -> None:
        while not self.over.is_set():
            try:
                sealer.seal(worker.heard())
            except Exception as failure:
                self.failures.append(failure)

    def read(self) -> None:
        last = False
        while not last:
            last = self.over.is_set()
            sealer.seal(worker.heard())
            after = self.seen[-1]["position"] if self.seen else 0
            self.seen.extend(feed(self.agency, after=after))


class TestSeal:
    def test_loses_no_slow_transaction(self, agency: Staffed) -> None:
        with Followers(agency) as followers, ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda writer: pausing_writer(agency, writer), range(16)))
        sealer.seal(worker.heard())
        rest = feed(agency, after=followers.seen[-1]["position"])

        found = followers.seen + rest
        assert followers.failures == []
        assert [event["position"] for event in found] == list(range(1, 97))
        assert len({event["id"] for event in found}) == 96

    def test_gives_each_position_once_whoever_seals(self, agency: Staffed) -> None:
        for number in range(20):
            rename(agency, f"Name {number}", _nothing)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: sealer.seal(worker.heard()), range(8)))
        sealer.seal(worker.heard())

        assert [event["position"] for event in feed(agency)] == list(range(1, 21))

    def test_is_done_with_what_nobody_listens_to(self, agency: Staffed) -> None:
        with database.agency_session(auth.system(agency.agency_id)) as session:
            outbox.emit(session, "test.unheard", database.get(session, Client, agency.client_id))

        sealer.seal({"client.updated"})

        assert all(each.done_at and not each.due_at for each in queue(agency))


def queue(agency: Staffed) -> list[QueuedEvent]:
    with database.platform_session() as session:
        mine = select(QueuedEvent).where(col(QueuedEvent.agency_id) == agency.agency_id)
        return list(session.exec(mine.order_by(col(QueuedEvent.position))))


def heard(agency: Staffed) -> str | None:
    """How often `kinds.note` did its part."""
    with database.agency_session(auth.system(agency.agency_id)) as session:
        return database.get(session, Client, agency.client_id).sector.get("en")


def alter(agency: Staffed, assignment: str) -> None:
    with database.platform_session() as session:
        session.connection().execute(
            text(f"update event_queue set {assignment} where agency_id = :agency"),
            {"agency": agency.agency_id},
        )


class TestHandler:
    @pytest.fixture
    def told(self, agency: Staffed) -> QueuedEvent:
        """A sealed event that `kinds.note` listens to."""
        rename(agency, "Alba", _nothing)
        sealer.seal(worker.heard())
        return queue(agency)[0]

    def test_hears_it_once(self, agency: Staffed, told: QueuedEvent) -> None:
        with ThreadPoolExecutor(4) as pool:
            ring = lambda _: worker.handle_event(told.agency_id, told.event_id)  # noqa: E731
            list(pool.map(ring, range(4)))
        settle()

        assert heard(agency) == "1"
        assert queue(agency)[0].done_at

    def test_does_not_hear_it_again_after_a_lost_end(
        self, agency: Staffed, told: QueuedEvent
    ) -> None:
        """The worker died between the handler's commit and its note that all is done."""
        worker.handle_event(told.agency_id, told.event_id)
        alter(agency, "done_at = null, due_at = now()")

        settle()

        assert heard(agency) == "1"
        assert queue(agency)[0].done_at

    def test_tries_again_after_a_failure(self, agency: Staffed, told: QueuedEvent) -> None:
        kinds.failing.add(agency.client_id)
        worker.handle_event(told.agency_id, told.event_id)
        assert (heard(agency), queue(agency)[0].done_at) == (None, None)

        kinds.failing.discard(agency.client_id)
        alter(agency, "due_at = now()")
        settle()

        assert heard(agency) == "1"
        assert (queue(agency)[0].attempts, queue(agency)[0].problem) == (2, None)

    def test_gives_up_after_many(self, agency: Staffed, told: QueuedEvent) -> None:
        kinds.failing.add(agency.client_id)
        alter(agency, f"attempts = {sealer.ATTEMPTS - 1}")

        worker.handle_event(told.agency_id, told.event_id)

        left = queue(agency)[0]
        assert (left.done_at, left.due_at) == (None, None)
        causes = {"tests.runtime.kinds.note": "RuntimeError"}
        assert left.problem == {"code": "event_gave_up", "causes": causes}

    def test_changes_nothing_for_another_agency(
        self, agency: Staffed, other_agency: Staffed, told: QueuedEvent
    ) -> None:
        worker.handle_event(other_agency.agency_id, told.event_id)

        assert (heard(agency), heard(other_agency)) == (None, None)
        assert (queue(agency)[0].attempts, queue(other_agency)) == (0, [])


class TestListEvents:
    @pytest.fixture
    def two(self, agency: Staffed) -> Staffed:
        """Both clients were changed, and one of another agency."""
        agency.owner.patch(f"/v1/clients/{agency.client_id}", {"name": "Alba"})
        agency.owner.patch(f"/v1/clients/{agency.other_client_id}", {"name": "Brisa"})
        sealer.seal([])
        return agency

    def test_says_who_changed_what(self, two: Staffed) -> None:
        first, second = feed(two)

        assert (first["position"], second["position"]) == (1, 2)
        assert (first["type"], first["subject_id"]) == ("client.updated", str(two.client_id))
        assert (first["actor_kind"], first["actor_label"]) == ("user", "Owner")
        assert first["changed"]["name"] == "Alba"

    def test_goes_on_from_a_position(self, two: Staffed) -> None:
        assert [event["position"] for event in feed(two, after=1)] == [2]
        assert feed(two, after=2) == []

    def test_goes_by_pages_and_filters(self, two: Staffed) -> None:
        assert [event["position"] for event in feed(two, limit=1)] == [1, 2]
        only = feed(two, client_id=str(two.other_client_id), limit=1)
        assert [event["position"] for event in only] == [2]
        assert feed(two, subject_id=str(UUID(int=1))) == []
        assert feed(two, type="client.created") == []

    def test_shows_only_what_is_in_sight(self, two: Staffed, other_agency: Staffed) -> None:
        assert [event["position"] for event in feed(two, person="strategist")] == [1]
        assert feed(other_agency) == []
        for person in (two.stranger, two.approver):
            answer = person.get("/v1/events")
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")

    def test_holds_back_what_is_not_sealed(self, agency: Staffed) -> None:
        agency.owner.patch(f"/v1/clients/{agency.client_id}", {"name": "Alba"})

        with database.agency_session(auth.system(agency.agency_id)) as session:
            assert session.exec(select(Event.id)).all()
        assert feed(agency) == []

    @pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=201", "type=%00"])
    def test_refuses_nonsense(self, agency: Staffed, query: str) -> None:
        assert agency.owner.get(f"/v1/events?{query}").status_code == 422
