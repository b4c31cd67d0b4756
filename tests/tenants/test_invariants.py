"""Rules between rows are looked after every night, and a broken one is seen."""

from collections.abc import Iterator

import pytest
from sqlmodel import col, select

from tenants import auth, daily, database, invariants, worker
from tenants.jobs import Job, JobState
from tests.factories import Staffed

RULE = "tests.no_members"


@pytest.fixture
def broken_rule() -> Iterator[str]:
    """A rule that no agency with people keeps."""
    invariants.hold(
        RULE, "Nobody works here.", "select id from memberships where agency_id = :agency"
    )
    yield RULE
    del invariants.known[RULE]


def tonights(agency: Staffed) -> Job:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        query = select(Job).where(
            col(Job.agency_id) == agency.agency_id, col(Job.kind) == invariants.KIND
        )
        return session.exec(query).one()


class TestNight:
    def test_ends_well_where_everything_holds(self, agency: Staffed) -> None:
        daily.open_day_of(agency.agency_id)

        worker.run_job(agency.agency_id, tonights(agency).id)

        assert tonights(agency).state is JobState.succeeded
        assert tonights(agency).result == {"rules": len(invariants.known)}

    def test_fails_where_a_rule_is_broken(
        self, agency: Staffed, broken_rule: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        daily.open_day_of(agency.agency_id)

        worker.run_job(agency.agency_id, tonights(agency).id)

        assert tonights(agency).state is not JobState.succeeded
        assert f"agency {agency.agency_id} breaks {broken_rule}" in caplog.text

    def test_tells_which_rows_show_it(self, agency: Staffed, broken_rule: str) -> None:
        found = {
            each.invariant.name: each.ids
            for owner, each in invariants.check_all()
            if owner == agency.agency_id
        }

        assert agency.owner.membership_id in found[broken_rule]
