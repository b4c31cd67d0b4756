"""What is found when rows contradict each other."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

import api.costs.rules
from tenants import auth, clock, database, invariants
from tests.costs.making import close, done, entry, rate
from tests.factories import Staffed

assert api.costs.rules
NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(NOW):
        yield


def broken(agency: Staffed) -> set[str]:
    return {each.invariant.name for each in invariants.check_agency(agency.agency_id)}


def change(agency: Staffed, statement: str) -> None:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        session.connection().execute(text(statement), {"later": NOW + timedelta(hours=1)})


class TestRules:
    def test_hold_of_what_the_verbs_do(self, agency: Staffed) -> None:
        made = [entry(agency.community, agency, worked_on=f"2026-11-0{n}") for n in (1, 2, 3)]
        rate(agency, agency.community, "2026-10-01", 3000)
        done(agency.community.patch(f"/v1/time-entries/{made[0]['id']}", {"minutes": 9}))
        agency.community.delete(f"/v1/time-entries/{made[1]['id']}")
        done(close(agency, "2026-11-02"))
        done(close(agency, "2026-11-01", "One day to correct"))

        assert broken(agency) == set()

    @pytest.mark.parametrize(
        ("statement", "rule"),
        [
            ("update time_entries set minutes = minutes + 1", "time_days.minutes"),
            ("delete from time_entries", "time_days.minutes"),
            ("update time_days set minutes = minutes - 1", "time_days.minutes"),
            ("update time_entries set updated_at = :later", "time_entries.closed"),
            ("update cost_rates set updated_at = :later", "cost_rates.closed"),
        ],
    )
    def test_are_seen_to_be_broken(self, agency: Staffed, statement: str, rule: str) -> None:
        entry(agency.community, agency)
        rate(agency, agency.community, "2026-10-01", 3000)
        done(close(agency, "2026-11-02"))

        change(agency, statement)

        assert broken(agency) == {rule}
