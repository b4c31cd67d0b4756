"""Offers end by themselves."""

from datetime import timedelta

from sqlmodel import col, select

from api.campaigns import tasks
from tenants import auth, clock, daily, database, worker
from tenants.jobs import Job
from tests.campaigns import making
from tests.campaigns.making import done
from tests.factories import Staffed


def todays(agency: Staffed) -> list[Job]:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        query = select(Job).where(
            col(Job.agency_id) == agency.agency_id, col(Job.kind) == tasks.KIND
        )
        return list(session.exec(query.order_by(col(Job.id))))


class TestExpiry:
    def test_is_a_job_a_day(self, agency: Staffed) -> None:
        while daily.open_the_day():
            pass
        (first,) = todays(agency)

        with clock.at(clock.now() + timedelta(days=1)):
            daily.open_day_of(agency.agency_id)

        assert [each.id for each in todays(agency)][:1] == [first.id]
        assert len(todays(agency)) == 2

    def test_ends_what_nobody_decided_on(self, agency: Staffed) -> None:
        until = (clock.now() + timedelta(days=1)).date().isoformat()
        offered = making.submitted(agency, valid_until=until)
        stands = making.submitted(agency)

        with clock.at(clock.now() + timedelta(days=3)):
            daily.open_day_of(agency.agency_id)
            worker.run_job(agency.agency_id, todays(agency)[-1].id)

        read = {each["id"]: each for each in done(agency.executive.get("/v1/scopes"))["data"]}
        assert read[offered["id"]]["status"] == "expired"
        assert read[stands["id"]]["status"] == "submitted"
        assert todays(agency)[-1].result == {"scopes": 1, "change_orders": 0}
