"""Jobs: rows that workers claim, hold, finish or lose."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from tenants import auth, clock, database, jobs, relay, worker
from tenants.jobs import Job, JobState, Queue
from tenants.relay import Relay
from tests.factories import Staffed
from tests.runtime.asking import alter, ask, row, rung
from tests.work import settle


class TestRunJob:
    def test_of_a_kind_that_nobody_knows_waits_for_who_does(self, agency: Staffed) -> None:
        job_id = ask(agency, "tests.of_another_release")

        worker.run_job(agency.agency_id, job_id)

        with database.agency_session(auth.system(agency.agency_id)) as session:
            row = database.get(session, Job, job_id)
        assert (row.state, row.attempts) == (JobState.queued, 1)

    def test_does_it_and_keeps_the_result(self, agency: Staffed) -> None:
        job_id = ask(agency, "tests.rename", client=str(agency.client_id), name="Alba")

        settle()

        shown = agency.executive.get(f"/v1/jobs/{job_id}").json()
        assert (shown["state"], shown["result"]) == ("succeeded", {"renamed": 1})
        assert (shown["progress"], shown["total"]) == (1, 1)
        client = agency.executive.get(f"/v1/clients/{agency.client_id}").json()
        assert client["name"] == "Alba"

    def test_waits_until_it_is_due(self, agency: Staffed) -> None:
        later = clock.now() + timedelta(hours=1)
        job_id = ask(agency, "tests.rename", due_at=later, client=str(agency.client_id), name="A")

        worker.run_job(agency.agency_id, job_id)
        assert not rung(job_id)
        assert row(agency, job_id).state is JobState.queued

        with clock.at(later):
            settle()
        assert row(agency, job_id).state is JobState.succeeded

    def test_ends_at_once_when_it_is_refused(self, agency: Staffed) -> None:
        job_id = ask(agency, "tests.refuse")

        settle()

        spanish = {"Accept-Language": "es"}
        shown = agency.executive.get(f"/v1/jobs/{job_id}", headers=spanish).json()
        assert (shown["state"], shown["problem"]["code"]) == ("failed", "unprocessable")
        assert shown["problem"]["detail"] == "Los valores enviados no son coherentes entre sí."

    def test_tries_again_and_then_gives_up(
        self, agency: Staffed, caplog: pytest.LogCaptureFixture
    ) -> None:
        job_id = ask(agency, "tests.break", quoted="secret@people.example")

        for attempt in range(1, jobs.ATTEMPTS + 1):
            assert row(agency, job_id).state is JobState.queued
            worker.run_job(agency.agency_id, job_id)
            assert row(agency, job_id).attempts == attempt
            assert not rung(job_id)
            alter(job_id, "due_at = now()")

        ended = row(agency, job_id)
        assert (ended.state, ended.problem and ended.problem["code"]) == (
            JobState.failed,
            "job_gave_up",
        )
        assert "RuntimeError" in caplog.text
        assert "secret@people.example" not in caplog.text

    def test_changes_nothing_when_rung_twice(self, agency: Staffed) -> None:
        job_id = ask(agency, "tests.rename", client=str(agency.client_id), name="Alba")
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: worker.run_job(agency.agency_id, job_id), range(8)))

        assert row(agency, job_id).attempts == 1

    def test_refuses_a_message_that_names_another_agency(
        self, agency: Staffed, other_agency: Staffed
    ) -> None:
        theirs = str(other_agency.client_id)
        job_id = ask(other_agency, "tests.rename", client=theirs, name="Taken")

        worker.run_job(agency.agency_id, job_id)

        untouched = row(other_agency, job_id)
        assert (untouched.state, untouched.attempts) == (JobState.queued, 0)

    def test_reaches_no_row_of_another_agency(self, agency: Staffed, other_agency: Staffed) -> None:
        theirs = str(other_agency.client_id)
        job_id = ask(agency, "tests.rename", client=theirs, name="Taken")

        settle()

        assert row(agency, job_id).result == {"renamed": 0}

    def test_refuses_a_message_without_an_agency(self, agency: Staffed) -> None:
        job_id = ask(agency, "tests.rename", client=str(agency.client_id), name="Alba")

        for arguments in ((str(job_id),), ("", str(job_id)), (None, str(job_id))):
            with pytest.raises((TypeError, ValueError, AttributeError)):
                worker._job_bell(*arguments)

        assert row(agency, job_id).attempts == 0


class TestLostWorker:
    @pytest.fixture
    def lost(self, agency: Staffed) -> UUID:
        """A job whose worker was killed: running, and nobody beats."""
        job_id = ask(agency, "tests.rename", client=str(agency.client_id), name="Alba")
        with database.agency_session(auth.system(agency.agency_id)) as session:
            assert jobs.claim(session, job_id)
        return job_id

    def test_keeps_its_job_for_the_lease(self, lost: UUID) -> None:
        assert not rung(lost)

    def test_loses_its_job_after_the_lease(self, agency: Staffed, lost: UUID) -> None:
        alter(lost, "lease_until = now() - interval '1 ms'")

        settle()

        ended = row(agency, lost)
        assert (ended.state, ended.attempts) == (JobState.succeeded, 2)

    def test_is_not_followed_for_ever(self, agency: Staffed, lost: UUID) -> None:
        alter(lost, f"lease_until = now() - interval '1 s', attempts = {jobs.ATTEMPTS}")

        settle()

        ended = row(agency, lost)
        assert ended.state is JobState.failed
        assert ended.problem
        assert ended.problem["code"] == "job_gave_up"
        assert ended.finished_at

    def test_leaves_its_job_to_who_has_it_now(self, agency: Staffed, lost: UUID) -> None:
        stale = row(agency, lost)
        alter(lost, "lease_until = now() - interval '1 s'")
        assert rung(lost)

        with database.agency_session(auth.system(agency.agency_id)) as session:
            current = jobs.claim(session, lost)
            assert current
            assert not jobs.beat(session, stale, 7, 9)
            assert not jobs.succeed(session, stale, {"renamed": 99}, 7, 9)
            assert jobs.beat(session, current, 1, 9)

    def test_changes_nothing_when_it_comes_back(self, agency: Staffed, lost: UUID) -> None:
        stale = row(agency, lost)
        alter(lost, "lease_until = now() - interval '1 s'")
        settle()

        with database.agency_session(auth.system(agency.agency_id)) as session:
            assert not jobs.beat(session, stale, 7, 9)
            assert not jobs.succeed(session, stale, {"renamed": 99}, 7, 9)
            assert not jobs.retry(session, stale, "RuntimeError")

        assert row(agency, lost).result == {"renamed": 1}


class TestDoorbell:
    def test_rings_once_until_its_time_is_over(self, agency: Staffed) -> None:
        job_id = ask(agency, "tests.refuse")

        assert [rung(job_id), rung(job_id)] == [True, False]
        alter(job_id, "lease_until = now() - interval '1 s'")
        assert rung(job_id)

    def test_rings_again_at_once_when_the_broker_failed(self, agency: Staffed) -> None:
        job_id = ask(agency, "tests.refuse")

        def lost(due: jobs.Due) -> None:
            raise ConnectionError

        broken = Relay(ring_job=lost, ring_event=lambda told: None)
        assert broken.ring_jobs() == 0
        assert rung(job_id)


class TestPeriod:
    def test_has_one_job_however_many_relays_ask(
        self, agency: Staffed, other_agency: Staffed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Two relays do the same chore at the same time, and both again at their next start."""
        hour = datetime(2026, 11, 22, 10, tzinfo=UTC)
        asked: list[UUID] = []

        def chore() -> None:
            for each in (agency, other_agency):
                with database.agency_session(auth.system(each.agency_id)) as session:
                    asked.append(jobs.enqueue(session, "tests.refuse", period=hour).id)

        monkeypatch.setattr(worker, "chores", [(0.0, chore)])
        relays = [Relay() for _ in range(8)]
        for _ in range(2):
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(lambda relay: relay.do_chores(), relays))

        assert len(asked) == 32
        assert len(set(asked)) == 2
        settle()
        assert {row(agency, each).attempts for each in asked[:1]} == {1}

    def test_is_another_for_another_hour_kind_and_client(self, agency: Staffed) -> None:
        hour = datetime(2026, 11, 22, 10, tzinfo=UTC)
        with database.agency_session(auth.system(agency.agency_id)) as session:
            ids = {
                jobs.enqueue(session, kind, client_id=client, period=period).id
                for kind in ("tests.refuse", "tests.nothing")
                for client in (None, agency.client_id, agency.other_client_id)
                for period in (hour, hour + timedelta(hours=1))
            }
        assert len(ids) == 12
        assert {each.version for each in ids} == {7}


class TestClasses:
    def test_wanted_now_waits_behind_no_bulk(
        self, agency: Staffed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(relay, "BATCH", 3)
        settle()
        earlier = clock.now() - timedelta(hours=1)
        bulk = [ask(agency, "tests.refuse", queue=Queue.bulk, due_at=earlier) for _ in range(9)]
        now = [ask(agency, "tests.refuse") for _ in range(2)]

        heard: list[UUID] = []
        Relay(ring_job=lambda due: heard.append(due.id)).ring_jobs()

        assert set(now) <= set(heard)
        assert len(set(heard) & set(bulk)) == 3

    def test_a_chore_that_has_more_lets_bells_ring_between(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        left = iter([True, True, False])
        done: list[str] = []
        monkeypatch.setattr(worker, "chores", [(60.0, lambda: next(left))])
        here = Relay(ring_job=lambda due: None, ring_event=lambda told: None)
        stop = threading.Event()

        def turn(name: str, answer: int = 0) -> Callable[[], int]:
            return lambda: done.append(name) or answer  # type: ignore[func-returns-value]

        monkeypatch.setattr(here, "seal", turn("seal"))
        monkeypatch.setattr(here, "ring_events", turn("ring"))
        monkeypatch.setattr(here, "ring_jobs", turn("ring"))
        monkeypatch.setattr(stop, "wait", lambda pause: stop.set() if pause else None)

        here.run(stop)

        assert next(left, None) is None
        assert done == ["seal", "ring", "ring"] * 3


class TestGetJob:
    @pytest.fixture(params=[True, False])
    def shared(self, request: pytest.FixtureRequest) -> bool:
        return bool(request.param)

    def test_shows_contacts_what_is_shared(self, agency: Staffed, shared: bool) -> None:
        job_id = ask(agency, "tests.refuse", shared=shared)

        answers = [
            person.get(f"/v1/jobs/{job_id}").status_code
            for person in (agency.executive, agency.viewer, agency.other_contact)
        ]

        assert answers == [200, 200 if shared else 404, 404]

    def test_answers_the_same_for_hidden_and_missing(
        self, agency: Staffed, other_agency: Staffed
    ) -> None:
        job_id = ask(agency, "tests.refuse")

        answers = [other_agency.owner.get(f"/v1/jobs/{each}") for each in (job_id, uuid4())]

        bodies = [{**answer.json(), "request_id": ""} for answer in answers]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert json.dumps(bodies[0]) == json.dumps(bodies[1])
