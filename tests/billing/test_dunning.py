"""What follows when nobody pays, by the client's own calendar."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from api.billing import tasks
from billing.receivable import dunning
from billing.receivable.invoice_models import DunningNotice
from tenants import auth, clock, database
from tenants.jobs import Job
from tests.billing.invoicing import done, equipped, issued, pay, profile, read, refused
from tests.factories import Staffed, events_of


def at(day: str, hour: int = 12, minute: int = 0) -> Any:
    return clock.at(
        datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(
            hour=hour, minute=minute
        )
    )


def follow(agency: Staffed, made: Any, late: int) -> int | None:
    """Look at an invoice so many days after it was due."""
    day = date.fromisoformat(made["due_on"]) + timedelta(days=late)
    with at(day.isoformat()), database.agency_session(auth.system(agency.agency_id)) as session:
        return dunning.follow_up(session, UUID(made["id"]))


def steps(agency: Staffed, made: Any) -> list[int]:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        query = select(DunningNotice.step).where(col(DunningNotice.invoice_id) == UUID(made["id"]))
        return list(session.exec(query.order_by(col(DunningNotice.step))))


class TestOverdue:
    def test_begins_where_the_client_is(self, agency: Staffed) -> None:
        """The last minute of the due day in Madrid is no longer that day in UTC plus two."""
        equipped(agency, terms_days=3)
        made = issued(agency)
        path = f"/v1/invoices?status=overdue&client_id={agency.client_id}"

        with at(made["due_on"], 22, 59):
            before = done(agency.executive.get(path))["data"]
        with at(made["due_on"], 23, 0):
            after = done(agency.executive.get(path))["data"]
            shown = read(agency, made)

        assert (before, [each["id"] for each in after]) == ([], [made["id"]])
        assert (shown["status"], shown["overdue"]) == ("finalised", True)

    def test_is_told_once_and_counts_as_no_edit(self, agency: Staffed) -> None:
        equipped(agency)
        made = issued(agency)

        looked = [follow(agency, made, late) for late in (0, 1, 1, 2)]

        assert looked == [None] * 4
        assert events_of(agency, made["id"]).count("invoice.overdue") == 1
        assert read(agency, made)["version"] == made["version"]


class TestSteps:
    def test_go_out_once_each(self, agency: Staffed) -> None:
        equipped(agency, dunning_days=[3, 10, 20])
        made = issued(agency)

        looked = [follow(agency, made, late) for late in (2, 3, 3, 9, 10, 11, 20, 90)]

        assert looked == [None, 1, None, None, 2, None, 3, None]
        assert steps(agency, made) == [1, 2, 3]

    def test_that_were_missed_are_not_made_up_for(self, agency: Staffed) -> None:
        equipped(agency)
        made = issued(agency)

        assert [follow(agency, made, late) for late in (15, 16, 20)] == [2, None, 3]
        assert steps(agency, made) == [2, 3]

    def test_stop_when_it_is_paid(self, agency: Staffed) -> None:
        equipped(agency)
        made = issued(agency)
        first = follow(agency, made, 3)
        done(pay(agency, made, 100_00), 201)

        assert (first, follow(agency, made, 10)) == (1, None)

    def test_wait_while_it_is_disputed(self, agency: Staffed) -> None:
        equipped(agency)
        made = issued(agency)
        path = f"/v1/invoices/{made['id']}"
        body = {"reason": "No era eso"}

        disputed = done(agency.executive.post(f"{path}/dispute", body))
        waited = follow(agency, made, 3)
        done(agency.executive.post(f"{path}/settle-dispute"))

        assert disputed["dispute"] == "No era eso"
        assert (waited, follow(agency, made, 4)) == (None, 1)
        twice = agency.executive.post(f"{path}/settle-dispute")
        assert refused(twice) == (409, "not_disputed")

    @pytest.mark.parametrize("values", [{"reminded": False}])
    def test_spare_who_is_not_reminded(self, values: dict[str, Any], agency: Staffed) -> None:
        equipped(agency)
        profile(agency, **values)
        made = issued(agency)

        assert follow(agency, made, 30) is None


class TestChore:
    def test_looks_at_all_that_is_late_and_comes_back_at_midnight(self, agency: Staffed) -> None:
        equipped(agency, terms_days=0)
        made = issued(agency)
        actor = auth.system(agency.agency_id)
        day = (date.fromisoformat(made["due_on"]) + timedelta(days=3)).isoformat()

        with at(day):
            found = tasks.follow_up(actor, Job(kind=tasks.CHORE), lambda *_: None)
            again = tasks.follow_up(actor, Job(kind=tasks.CHORE), lambda *_: None)

        assert (found, again) == ({"late": 1, "reminded": 1}, {"late": 1, "reminded": 0})
        with database.agency_session(actor) as session:
            query = select(Job.due_at).where(col(Job.kind) == tasks.MIDNIGHT)
            (due,) = session.exec(query).all()
        assert (due.hour, due.date().isoformat()) == (23, day)
