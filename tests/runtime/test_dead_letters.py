"""What people do to jobs: taken back, asked for again, looked after when nobody could do them."""

import threading
from pathlib import Path
from uuid import UUID

import pytest

from tenants import auth, database, dead_letters, jobs, sealer, worker
from tenants.jobs import JobState
from tenants.models import Client
from tests.factories import Staffed, events_of
from tests.runtime import kinds
from tests.runtime.asking import alter, ask, row, rung
from tests.runtime.conftest import eventually
from tests.work import settle


class TestCancelJob:
    def test_ends_it_before_it_began(self, agency: Staffed) -> None:
        job_id = ask(agency, "tests.rename", client=str(agency.client_id), name="Alba")

        first = agency.executive.post(f"/v1/jobs/{job_id}/cancel")
        second = agency.executive.post(f"/v1/jobs/{job_id}/cancel")
        settle()

        assert (first.status_code, first.json()["state"]) == (200, "cancelled")
        assert (second.status_code, second.json()) == (200, first.json())
        assert (row(agency, job_id).state, row(agency, job_id).attempts) == ("cancelled", 0)
        assert events_of(agency, job_id) == ["job.cancelled"]

    def test_stops_it_while_it_runs(self, agency: Staffed, tmp_path: Path) -> None:
        job_id = ask(agency, "tests.linger", folder=str(tmp_path))
        running = threading.Thread(target=worker.run_job, args=(agency.agency_id, job_id))
        running.start()
        assert eventually(lambda: row(agency, job_id).progress > 0)

        answer = agency.executive.post(f"/v1/jobs/{job_id}/cancel")
        running.join(10)

        assert (answer.status_code, running.is_alive()) == (200, False)
        assert row(agency, job_id).state is JobState.cancelled

    def test_refuses_what_has_ended(self, agency: Staffed) -> None:
        job_id = ask(agency, "tests.refuse")
        settle()

        answer = agency.executive.post(f"/v1/jobs/{job_id}/cancel")

        assert (answer.status_code, answer.json()["code"]) == (409, "move_not_allowed")
        assert answer.json()["allowed"] == ["queued"]
        assert row(agency, job_id).state is JobState.failed

    def test_refuses_who_cannot_see_it(self, agency: Staffed, other_agency: Staffed) -> None:
        job_id = ask(agency, "tests.refuse", client_id=agency.other_client_id)

        for person in (agency.strategist, other_agency.owner):
            answer = person.post(f"/v1/jobs/{job_id}/cancel")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert row(agency, job_id).state is JobState.queued


class TestRequeueJob:
    @pytest.fixture
    def given_up(self, agency: Staffed) -> UUID:
        """A job whose last attempt broke."""
        job_id = ask(agency, "tests.break", quoted="nobody")
        alter(job_id, f"attempts = {jobs.ATTEMPTS - 1}")
        worker.run_job(agency.agency_id, job_id)
        assert row(agency, job_id).state is JobState.failed
        return job_id

    def test_tries_it_again_as_often_as_a_new_one(self, agency: Staffed, given_up: UUID) -> None:
        answer = agency.executive.post(f"/v1/jobs/{given_up}/requeue")

        assert (answer.status_code, answer.json()["state"]) == (200, "queued")
        assert answer.json()["problem"] is None
        for attempt in range(jobs.ATTEMPTS):
            assert row(agency, given_up).state is JobState.queued, attempt
            alter(given_up, "due_at = now(), lease_until = null")
            assert rung(given_up)
            worker.run_job(agency.agency_id, given_up)
        assert row(agency, given_up).state is JobState.failed
        assert row(agency, given_up).attempts == 2 * jobs.ATTEMPTS
        assert events_of(agency, given_up) == ["job.requeued"]

    def test_leaves_a_former_worker_without_it(self, agency: Staffed, given_up: UUID) -> None:
        """Attempts are not counted anew, or a worker thought dead could take its place."""
        stale = row(agency, given_up)
        with database.agency_session(auth.system(agency.agency_id)) as session:
            jobs.requeue(session, given_up)
        for _ in range(jobs.ATTEMPTS):
            with database.agency_session(auth.system(agency.agency_id)) as session:
                claimed = jobs.claim(session, given_up)
                assert claimed
                assert not jobs.beat(session, stale, 1, 1)
                jobs.retry(session, claimed, "RuntimeError")
            alter(given_up, "due_at = now()")

    def test_refuses_what_has_not_failed(self, agency: Staffed) -> None:
        job_id = ask(agency, "tests.rename", client=str(agency.client_id), name="Alba")

        answer = agency.executive.post(f"/v1/jobs/{job_id}/requeue")

        assert (answer.status_code, answer.json()["code"]) == (409, "move_not_allowed")
        assert row(agency, job_id).state is JobState.queued


class TestDeadLetters:
    def test_say_which_and_why_and_can_be_tried_again(self, agency: Staffed) -> None:
        broken, refused = ask(agency, "tests.break", quoted="nobody"), ask(agency, "tests.refuse")
        alter(broken, f"attempts = {jobs.ATTEMPTS - 1}")
        for each in (broken, refused):
            worker.run_job(agency.agency_id, each)

        mine = [each for each in dead_letters.find() if each.agency_id == agency.agency_id]
        assert [(e.what, e.id, e.kind, e.cause) for e in mine] == [
            ("job", broken, "tests.break", "RuntimeError")
        ]
        assert dead_letters.requeue(broken)
        assert row(agency, broken).state is JobState.queued
        assert not dead_letters.requeue(broken)

    def test_hold_the_jobs_that_their_workers_died_of(self, agency: Staffed) -> None:
        job_id = ask(agency, "tests.refuse")
        lost = "state = 'running', lease_until = now() - interval '1 s'"
        alter(job_id, f"{lost}, attempts = {jobs.ATTEMPTS}")
        assert not rung(job_id)

        (letter,) = dead_letters.find(job_id)
        assert letter.cause == "WorkerLost"
        shown = agency.executive.get(f"/v1/jobs/{job_id}").json()
        assert shown["problem"]["code"] == "job_gave_up"
        assert "WorkerLost" not in str(shown)

    def test_hold_events_too(self, agency: Staffed, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sealer, "ATTEMPTS", 1)
        kinds.failing.add(agency.client_id)
        agency.owner.patch(f"/v1/clients/{agency.client_id}", {"name": "Alba"})
        settle()
        mine = [each for each in dead_letters.find() if each.agency_id == agency.agency_id]
        assert [(each.what, each.kind) for each in mine] == [("event", "client.updated")]
        assert "RuntimeError" in mine[0].cause

        kinds.failing.clear()
        assert dead_letters.requeue(mine[0].id)
        settle()

        with database.agency_session(auth.system(agency.agency_id)) as session:
            client = database.get(session, Client, agency.client_id)
        assert client.sector == {"en": "1"}
        assert not dead_letters.find(mine[0].id)
