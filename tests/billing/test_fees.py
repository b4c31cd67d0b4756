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
ODD = {"amount_minor": 310_007, "currency": "EUR"}  # halves of it do not add up to it
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


def notice(agency: Staffed, contract: Any, last: str, **values: Any) -> None:
    body = {"ends_on": last, **values}
    done(agency.executive.post(f"/v1/contracts/{contract['id']}/give-notice", body))


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

    def test_gives_back_once_the_day_of_a_notice_is_over(self, agency: Staffed) -> None:
        contract = signed(agency)
        notice(agency, contract, "2026-10-25")
        look_on(agency, datetime(2026, 10, 25, 21, 59, tzinfo=UTC))
        before = billed(agency, contract)[1:]

        with clock.at(datetime(2026, 10, 25, 23, 1, tzinfo=UTC)):  # Madrid's 26 October
            look_on(agency, clock.now())
            look_on(agency, clock.now())
            done(agency.executive.post(f"/v1/contracts/{contract['id']}/end"))

        assert before == []
        assert billed(agency, contract)[1:] == [("2026-10-26", "2026-10-31", -60_000)]

    def test_gives_back_more_when_it_comes_before_the_notices_day(self, agency: Staffed) -> None:
        contract = signed(agency)
        notice(agency, contract, "2026-10-25")

        done(agency.executive.post(f"/v1/contracts/{contract['id']}/end"))

        assert billed(agency, contract)[1:] == [("2026-10-21", "2026-10-31", -110_000)]

    def test_gives_whole_months_back_that_a_late_notice_frees(self, agency: Staffed) -> None:
        contract = signed(agency, starts_on="2026-09-01")
        look_on(agency, datetime(2026, 11, 5, 9, tzinfo=UTC))

        with clock.at(datetime(2026, 11, 5, 10, tzinfo=UTC)):
            notice(agency, contract, "2026-10-25", given_on="2026-10-01")

        assert billed(agency, contract)[2:] == [
            ("2026-10-26", "2026-10-31", -60_000),
            ("2026-11-01", "2026-11-30", -FEE),
        ]


class TestNoticeTakenBack:
    def test_gives_the_contract_its_end_again(self, agency: Staffed) -> None:
        contract = signed(agency, ends_on="2027-03-31")
        notice(agency, contract, "2026-10-25")

        again = done(agency.executive.post(f"/v1/contracts/{contract['id']}/activate"))
        look_on(agency, datetime(2026, 11, 5, 9, tzinfo=UTC))

        assert (again["status"], again["ends_on"], again["notice_given_on"]) == (
            "active",
            "2027-03-31",
            None,
        )
        assert billed(agency, contract) == [
            ("2026-10-01", "2026-10-31", FEE),
            ("2026-11-01", "2026-11-30", FEE),
        ]

    def test_bills_the_rest_of_a_month_that_began_under_it(self, agency: Staffed) -> None:
        contract = signed(agency, monthly_fee=ODD)
        notice(agency, contract, "2026-11-15")
        with clock.at(datetime(2026, 11, 5, 9, tzinfo=UTC)):
            look_on(agency, clock.now())
            done(agency.executive.post(f"/v1/contracts/{contract['id']}/activate"))

        found = billed(agency, contract)[1:]

        assert [days[:2] for days in found] == [
            ("2026-11-01", "2026-11-15"),
            ("2026-11-16", "2026-11-30"),
        ]
        assert sum(amount for *_, amount in found) == ODD["amount_minor"]

    def test_can_be_given_again(self, agency: Staffed) -> None:
        contract = signed(agency, monthly_fee=ODD)
        path = f"/v1/contracts/{contract['id']}"
        notice(agency, contract, "2026-11-15")
        with clock.at(datetime(2026, 11, 5, 9, tzinfo=UTC)):
            look_on(agency, clock.now())
            done(agency.executive.post(f"{path}/activate"))
            notice(agency, contract, "2026-11-20")
        look_on(agency, datetime(2026, 11, 21, 9, tzinfo=UTC))

        (_, _, october), *november = billed(agency, contract)

        assert october == ODD["amount_minor"]
        assert sum(amount for *_, amount in november) == 206_671  # 20 of 30 days of it

    def test_is_too_late_when_its_day_is_over(self, agency: Staffed) -> None:
        contract = signed(agency)
        notice(agency, contract, "2026-10-25")

        with clock.at(datetime(2026, 10, 26, 9, tzinfo=UTC)):
            answer = agency.executive.post(f"/v1/contracts/{contract['id']}/activate")

        assert (answer.status_code, answer.json()["code"]) == (409, "notice_is_over")


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
