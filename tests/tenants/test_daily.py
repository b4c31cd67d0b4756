"""Each agency's day is opened once, and a platform's night holds nobody up."""

from datetime import timedelta

import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient

import api.worker  # noqa: F401  (the kinds there are)
from tenants import auth, clock, daily, database
from tenants.jobs import Job, Queue
from tests.factories import Staffed, staffed_agency


def todays(agency: Staffed) -> list[Job]:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        query = select(Job).where(
            col(Job.agency_id) == agency.agency_id, col(Job.queue) == Queue.bulk
        )
        return list(session.exec(query.order_by(col(Job.id))))


@pytest.fixture
def opened() -> None:
    """The day of every agency that other tests made is open."""
    while daily.open_the_day():
        pass


def test_is_opened_for_some_agencies_between_two_rings(
    opened: None, http: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daily, "AT_ONCE", 2)
    fresh = [staffed_agency(http) for _ in range(3)]

    assert daily.open_the_day() is True
    assert sorted(bool(todays(each)) for each in fresh) == [False, True, True]
    assert daily.open_the_day() is False
    assert daily.open_the_day() is False

    assert all({job.kind for job in todays(each)} == set(daily._kinds) for each in fresh)
    assert all(len(todays(each)) == len(daily._kinds) for each in fresh)


def test_gives_what_a_later_release_adds_on_the_same_day(
    agency: Staffed, opened: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {job.id for job in todays(agency)}
    monkeypatch.setattr(daily, "_kinds", [*daily._kinds, "tests.nightly"])
    while daily.open_the_day():
        pass

    added = [job for job in todays(agency) if job.id not in before]
    assert [job.kind for job in added] == ["tests.nightly"]


def test_comes_again_tomorrow(agency: Staffed, opened: None) -> None:
    with clock.at(clock.now() + timedelta(days=1)):
        daily.open_day_of(agency.agency_id)

    assert len(todays(agency)) == 2 * len(daily._kinds)
