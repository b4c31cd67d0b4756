"""A contract's monthly fee is billed as its months begin, and given back beyond its end."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.clients import fees
from tenants import auth, clock, database
from tests.campaigns.making import done
from tests.factories import Staffed

FEE = 310_000
DAYS = st.dates(date(2024, 1, 1), date(2029, 12, 31))


@pytest.fixture(autouse=True)
def october() -> Iterator[None]:
    """The 20th of October 2026."""
    with clock.at(datetime(2026, 10, 20, 9, tzinfo=UTC)):
        yield


def signed(agency: Staffed, **values: Any) -> Any:
    body = {
        "client_id": str(agency.client_id),
        "title": "Gestión de redes",
        "starts_on": "2026-10-01",
        "monthly_fee": {"amount_minor": FEE, "currency": "EUR"},
        **values,
    }
    made = done(agency.executive.post("/v1/contracts", body), 201)
    return done(agency.executive.post(f"/v1/contracts/{made['id']}/activate"))


def billed(agency: Staffed, contract: Any) -> list[tuple[str, str, int]]:
    """First day, last day and amount of what was billed of a contract, the oldest first."""
    found = done(agency.executive.get(f"/v1/billables?source_id={contract['id']}"))["data"]
    return [
        (each["period_start"], each["period_end"], each["amount"]["amount_minor"])
        for each in reversed(found)
    ]


def look_on(agency: Staffed, day: datetime) -> int:
    with clock.at(day), database.agency_session(auth.system(agency.agency_id)) as session:
        return fees.bill_all(session)


class TestBilling:
    def test_begins_when_the_contract_is_put_in_force(self, agency: Staffed) -> None:
        contract = signed(agency)

        assert billed(agency, contract) == [("2026-10-01", "2026-10-31", FEE)]

    def test_leaves_the_months_before_to_who_billed_them(self, agency: Staffed) -> None:
        contract = signed(agency, starts_on="2024-03-01")

        assert billed(agency, contract) == [("2026-10-01", "2026-10-31", FEE)]

    def test_takes_a_part_of_a_month_by_its_days(self, agency: Staffed) -> None:
        contract = signed(agency, starts_on="2026-10-15", ends_on="2026-11-10")

        look_on(agency, datetime(2026, 11, 5, 9, tzinfo=UTC))

        assert billed(agency, contract) == [
            ("2026-10-15", "2026-10-31", 170_000),
            ("2026-11-01", "2026-11-10", 103_333),
        ]

    def test_bills_each_month_once_and_misses_none(self, agency: Staffed) -> None:
        contract = signed(agency)
        january = datetime(2027, 1, 3, 9, tzinfo=UTC)

        found = [look_on(agency, january), look_on(agency, january)]

        assert found == [3, 0]
        assert [first for first, *_ in billed(agency, contract)] == [
            "2026-10-01",
            "2026-11-01",
            "2026-12-01",
            "2027-01-01",
        ]

    def test_begins_a_month_on_the_clients_day(self, agency: Staffed) -> None:
        signed(agency)

        found = [
            look_on(agency, datetime(2026, 10, 31, 22, 59, tzinfo=UTC)),
            look_on(agency, datetime(2026, 10, 31, 23, 1, tzinfo=UTC)),  # Madrid's 1 November
        ]

        assert found == [0, 1]

    def test_waits_for_a_contract_that_starts_later(self, agency: Staffed) -> None:
        contract = signed(agency, starts_on="2026-10-25")
        before = billed(agency, contract)

        look_on(agency, datetime(2026, 10, 25, 9, tzinfo=UTC))

        assert before == []
        assert billed(agency, contract) == [("2026-10-25", "2026-10-31", 70_000)]


class TestEnd:
    def test_gives_back_what_was_billed_beyond_it(self, agency: Staffed) -> None:
        contract = signed(agency)

        done(agency.executive.post(f"/v1/contracts/{contract['id']}/end"))

        assert billed(agency, contract) == [
            ("2026-10-01", "2026-10-31", FEE),
            ("2026-10-21", "2026-10-31", -110_000),
        ]

    def test_gives_back_once(self, agency: Staffed) -> None:
        contract = signed(agency)
        path = f"/v1/contracts/{contract['id']}"

        done(agency.executive.post(f"{path}/give-notice", {"ends_on": "2026-10-25"}))
        with clock.at(datetime(2026, 10, 27, 9, tzinfo=UTC)):
            done(agency.executive.post(f"{path}/end"))

        assert billed(agency, contract)[1:] == [("2026-10-26", "2026-10-31", -60_000)]

    def test_gives_back_the_rest_when_it_comes_earlier(self, agency: Staffed) -> None:
        contract = signed(agency)
        path = f"/v1/contracts/{contract['id']}"

        done(agency.executive.post(f"{path}/give-notice", {"ends_on": "2026-10-25"}))
        done(agency.executive.post(f"{path}/end"))

        assert billed(agency, contract)[1:] == [
            ("2026-10-26", "2026-10-31", -60_000),
            ("2026-10-21", "2026-10-31", -50_000),
        ]


class TestParts:
    @given(first=DAYS, length=st.integers(0, 700))
    @settings(max_examples=200, deadline=None)
    def test_are_the_days_in_order_without_a_gap(self, first: date, length: int) -> None:
        last = first + timedelta(days=length)

        found = list(fees.months(first, last))

        days = [
            start + timedelta(days=n) for start, end in found for n in range((end - start).days + 1)
        ]
        assert days == [first + timedelta(days=n) for n in range(length + 1)]
        assert all(start.month == end.month for start, end in found)
