"""What is kept of readings is what they say, whatever came in whatever order; a fault is seen."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from api.metrics.readings import verified
from tenants import auth, database
from tests.factories import Staffed
from tests.metrics.made import channel_of, counts, performance, reading, record

SAID = st.one_of(st.integers(0, 9), st.sampled_from(["not_offered", "not_yet"]))
METRICS = ("views", "likes", "reach", "followers", "spend_minor")
AT = datetime(2026, 11, 1, tzinfo=UTC)
# Rows that no reading makes, which the application cannot delete.
NEVER_SAID = """
    insert into metric_current
    select (jsonb_populate_record(c, '{"period_start": "2026-09-03"}')).* from metric_current c
    where client_id = :client
"""
NEVER_ADDED = """
    insert into metric_months
    select (jsonb_populate_record(m, '{"month": "2026-09-01"}')).* from metric_months m
    where client_id = :client
"""


@st.composite
def told(draw: st.DrawFn) -> dict[str, Any]:
    """A reading of some day around two ends of months, or of a month, or a total."""
    basis = draw(st.sampled_from(["day", "day", "day", "month", "lifetime"]))
    day = draw(st.sampled_from(["2026-08-31", "2026-09-01", "2026-09-30", "2026-10-01"]))
    said = draw(st.dictionaries(st.sampled_from(METRICS), SAID, min_size=1))
    made: dict[str, Any] = {
        "date": "2026-09-01" if basis == "month" else day,
        "basis": basis,
        "source": draw(st.sampled_from(["api", "manual"])),
        "currency": draw(st.sampled_from(["EUR", "USD"])),
        "missing": {name: each for name, each in said.items() if isinstance(each, str)},
        **{name: each for name, each in said.items() if isinstance(each, int)},
    }
    if draw(st.booleans()):
        made["captured_at"] = (AT + timedelta(hours=draw(st.integers(0, 3)))).isoformat()
    return made


def check(agency: Staffed, *, repair: bool = False) -> verified.Checked:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        return verified.check(session, agency.client_id, repair=repair)


def tampered(agency: Staffed, statement: str, **values: Any) -> None:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        done: Any = session.execute(text(statement), {"client": agency.client_id, **values})
        assert done.rowcount > 0


class TestKept:
    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(st.lists(told(), min_size=1, max_size=12), st.randoms(), st.integers(1, 4))
    def test_is_what_the_readings_say(
        self, agency: Staffed, batch: list[dict[str, Any]], chance: random.Random, parts: int
    ) -> None:
        channel = channel_of(agency)
        rows = [reading(channel, **each) for each in batch for _ in range(chance.choice((1, 2)))]
        chance.shuffle(rows)
        for part in range(parts):
            if piece := rows[part::parts]:
                record(agency, *piece)

        assert check(agency).holds

    @pytest.mark.parametrize(
        ("fault", "current", "months"),
        [
            ("update metric_current set views = 8 where client_id = :client", 1, 1),
            ("update metric_current set held = '{\"views\": []}' where client_id = :client", 1, 0),
            ("update metric_months set cells = '{}' where client_id = :client", 0, 1),
            (NEVER_SAID, 1, 1),
            (NEVER_ADDED, 0, 1),
        ],
    )
    def test_is_found_and_made_anew_where_it_is_not(
        self, agency: Staffed, fault: str, current: int, months: int
    ) -> None:
        counts(record(agency, reading(channel_of(agency), views=7, source="api")))
        asked = {"from": "2026-09-01", "to": "2026-10-31"}
        before = performance(agency, **asked).json()["totals"]
        tampered(agency, fault)

        found = check(agency)
        repaired = check(agency, repair=True)

        assert (found.current, found.months) == (current, months)
        assert repaired.current == current
        assert check(agency).holds
        assert performance(agency, **asked).json()["totals"] == before

    def test_is_told_of_each_client(self, agency: Staffed) -> None:
        record(agency, reading(channel_of(agency), views=7))
        tampered(agency, "update metric_current set views = 8 where client_id = :client")

        broken = {each.client_id for each in verified.verify() if not each.holds}

        assert agency.client_id in broken
        assert agency.other_client_id not in broken


class TestMonths:
    @settings(
        max_examples=20,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(st.integers(0, 75), st.integers(0, 75))
    def test_add_up_to_what_their_days_do(self, agency: Staffed, one: int, other: int) -> None:
        first = date(2026, 8, 15)
        path = f"/v1/channels?client_id={agency.client_id}&limit=1"
        if not agency.owner.get(path).json()["data"]:
            days = [(first + timedelta(n)).isoformat() for n in range(76)]
            rows = [{"views": n, "spend_minor": n * n} for n in range(76)]
            for channel in (channel_of(agency), channel_of(agency)):
                counts(
                    record(
                        agency,
                        *(
                            reading(channel, day, **row)
                            for day, row in zip(days, rows, strict=True)
                        ),
                    )
                )
        start, end = sorted((one, other))
        query = {"from": (first + timedelta(start)).isoformat()}
        query["to"] = (first + timedelta(end)).isoformat()

        whole = performance(agency, **query).json()
        lean = performance(agency, **query, group_by="channel").json()

        views = sum(range(start, end + 1))
        spend = sum(n * n for n in range(start, end + 1))
        assert (whole["totals"]["views"]["value"], lean["totals"]["views"]["value"]) == (
            2 * views,
            2 * views,
        )
        assert lean["totals"]["spend_minor"]["value"] == 2 * spend
        assert lean["totals"] == whole["totals"]
        assert lean["kpis"] == whole["kpis"]
        assert lean["channels"] == whole["channels"]
