"""The books, and what an hour costs: final once closed, known to owner and admin alone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, text

from api.costs import books
from tenants import auth, clock, database, invariants
from tests.costs.making import close, done, enter, ids, rate, refused, set_rate
from tests.factories import Person, Staffed, events_of
from tests.work import settle

RATES = "/v1/cost-rates"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(datetime(2026, 11, 22, 15, 0, tzinfo=UTC)):
        yield


class TestCloseTheBooks:
    def test_begins_with_no_day_closed(self, agency: Staffed) -> None:
        read = agency.community.get("/v1/books")

        assert done(read) == {"version": 1, "closed_through": None}
        assert read.headers["etag"] == '"1.s.en"'

    def test_moves_on_and_for_a_reason_back(self, agency: Staffed) -> None:
        done(close(agency, "2026-10-31"))
        further = done(close(agency, "2026-11-15"))
        same = done(close(agency, "2026-11-15"))
        silent = close(agency, "2026-10-31")
        opened_silently = close(agency, None)
        back = done(close(agency, "2026-10-31", "A supplier's invoice came late"))
        opened = done(close(agency, None, "Another month to correct"))

        assert further["closed_through"] == "2026-11-15"
        assert same == further
        assert refused(silent) == refused(opened_silently) == (422, "reopening_reason")
        assert (back["closed_through"], opened["closed_through"]) == ("2026-10-31", None)
        assert done(agency.admin.get("/v1/books")) == opened
        settle()
        told = done(agency.owner.get("/v1/events?type=books.reopened"))["data"]
        assert [each["changed"]["reason"] for each in told] == [
            "A supplier's invoice came late",
            "Another month to correct",
        ]
        assert events_of(agency, told[0]["subject_id"]) == [
            *["books.closed"] * 2,
            *["books.reopened"] * 2,
        ]

    def test_closes_no_day_that_is_not_over_where_the_agency_is(self, agency: Staffed) -> None:
        with clock.at(datetime(2026, 10, 31, 23, 30, tzinfo=UTC)):
            assert close(agency, "2026-10-31").status_code == 200  # it is November in Madrid
            assert refused(close(agency, "2026-11-01")) == (422, "day_not_over")

    def test_is_owners_and_admins(self, agency: Staffed) -> None:
        for name in ("executive", "strategist", "stranger", "approver"):
            answer = agency.people[name].put("/v1/books", {"closed_through": "2026-10-31"})
            assert refused(answer) == (403, "forbidden")
        assert refused(agency.approver.get("/v1/books")) == (403, "forbidden")
        answer = agency.admin.put("/v1/books", {"closed_through": "2026-10-31"})
        assert answer.status_code == 200

    def test_opens_what_was_closed(self, agency: Staffed) -> None:
        done(close(agency, "2026-11-15"))
        assert refused(enter(agency.community, agency)) == (409, "books_closed")
        done(close(agency, "2026-11-01", "A day was forgotten"))
        assert enter(agency.community, agency).status_code == 201

    def test_waits_for_whoever_is_writing(self, agency: Staffed, owner: Engine) -> None:
        """What was entered before is in; the day is closed when they are done."""
        with ThreadPoolExecutor(1) as pool:
            with writing(agency) as session:
                books.check_open(session, date(2026, 10, 31))
                closing = pool.submit(close, agency, "2026-10-31")
                until_somebody_waits(owner)
                assert not closing.done()
            assert closing.result().status_code == 200

    def test_is_waited_for_by_whoever_writes(self, agency: Staffed, owner: Engine) -> None:
        with ThreadPoolExecutor(1) as pool:
            with writing(agency) as session:
                books.put(session, date(2026, 11, 2), None)
                entering = pool.submit(enter, agency.community, agency)
                until_somebody_waits(owner)
                assert not entering.done()
            assert refused(entering.result()) == (409, "books_closed")

    def test_leaves_nothing_newer_in_closed_days(self, agency: Staffed, owner: Engine) -> None:
        people = [agency.community, agency.strategist, agency.executive]

        def one(number: int) -> Any:
            if number == 12:
                return close(agency, "2026-11-02")
            return enter(people[number % 3], agency, 1)

        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(one, range(24)))

        made = [each.json() for each in answers if each.status_code == 201]
        assert {each.status_code for each in answers} <= {200, 201, 409}
        for each in made:
            found = agency.owner.patch(f"/v1/time-entries/{each['id']}", {"minutes": 2})
            assert refused(found) == (409, "books_closed")
        assert invariants.check_agency(agency.agency_id) == []


def writing(agency: Staffed) -> Any:
    return database.agency_session(auth.system(agency.agency_id))


def until_somebody_waits(owner: Engine) -> None:
    """Until a lock of the books is asked for and not given."""
    waiting = text(
        "select count(*) from pg_locks join pg_database d on d.oid = database"
        " where d.datname = current_database() and locktype = 'advisory' and not granted"
    )
    for _ in range(10_000):
        with owner.connect() as connection:
            if connection.execute(waiting).scalar_one():
                return
    raise AssertionError("nobody waits")


class TestCostRates:
    def test_are_set_from_a_day_on(self, agency: Staffed) -> None:
        made = rate(agency, agency.community, "2026-10-01", 3250)
        later = rate(agency, agency.community, "2026-11-01", 3500)
        rate(agency, agency.strategist, "2026-11-01", 0)

        assert made["hourly"] == {"amount_minor": 3250, "currency": "EUR"}
        mine = f"{RATES}?membership_id={agency.community.membership_id}"
        assert ids(agency.admin.get(mine)) == {made["id"], later["id"]}
        assert done(agency.owner.get(f"{RATES}/{made['id']}")) == made
        assert events_of(agency, made["id"]) == ["cost_rate.created"]

    def test_are_never_two_on_a_day(self, agency: Staffed) -> None:
        def one(amount: int) -> Any:
            return set_rate(agency, agency.community, "2026-10-01", amount)

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(one, range(3000, 3008)))

        assert sorted(each.status_code for each in answers) == [201] + [409] * 7
        assert {refused(e) for e in answers if e.status_code == 409} == {(409, "rate_exists")}

    def test_are_corrected_and_taken_back_while_open(self, agency: Staffed) -> None:
        made = rate(agency, agency.community, "2026-11-01", 3250)
        path = f"{RATES}/{made['id']}"

        right = done(agency.owner.patch(path, {"hourly": {**made["hourly"], "amount_minor": 3300}}))

        assert (right["hourly"]["amount_minor"], right["version"]) == (3300, 2)
        assert agency.owner.delete(path).status_code == 204
        assert agency.owner.get(path).status_code == 404
        kinds = [f"cost_rate.{each}" for each in ("created", "updated", "removed")]
        assert events_of(agency, made["id"]) == kinds

    def test_rewrite_no_closed_day(self, agency: Staffed) -> None:
        made = rate(agency, agency.community, "2026-10-01", 3250)
        new = rate(agency, agency.community, "2026-11-01", 3300)
        done(close(agency, "2026-10-31"))
        path, hourly = f"{RATES}/{made['id']}", {"hourly": {**made["hourly"], "amount_minor": 1}}

        refusals = [
            agency.owner.patch(path, hourly),
            agency.owner.delete(path),
            set_rate(agency, agency.community, "2026-10-31", 9999),
            set_rate(agency, agency.strategist, "2020-01-01", 9999),
        ]

        for each in refusals:
            assert refused(each) == (409, "books_closed")
            assert each.json()["closed_through"] == "2026-10-31"
        assert done(agency.owner.patch(f"{RATES}/{new['id']}", hourly))["version"] == 2
        assert set_rate(agency, agency.strategist, "2026-11-01", 9999).status_code == 201

    def test_are_in_the_agencys_currency_and_of_its_people(self, agency: Staffed) -> None:
        dollars = set_rate(agency, agency.community, "2026-10-01", 3000, currency="USD")
        contact = set_rate(agency, agency.approver, "2026-10-01", 3000)
        below = set_rate(agency, agency.community, "2026-10-01", -1)
        above = set_rate(agency, agency.community, "2026-10-01", 10**11 + 1)

        assert refused(dollars) == (422, "rate_currency")
        assert refused(contact) == (422, "rate_for_staff")
        assert refused(below) == refused(above) == (422, "invalid_request")

    def test_are_nobodys_to_know_but_the_owners_and_admins(
        self, agency: Staffed, other_agency: Staffed
    ) -> None:
        made = rate(agency, agency.community, "2026-10-01", 3250)
        body = {"hourly": made["hourly"]}
        settle()

        def tries(person: Person) -> list[Any]:
            path = f"{RATES}/{made['id']}"
            return [
                person.get(RATES),
                person.get(path),
                person.patch(path, body),
                person.delete(path),
                person.post(RATES, {k: made[k] for k in ("membership_id", "starts_on", "hourly")}),
            ]

        for name in ("executive", "community", "stranger", "approver", "viewer"):
            for each in tries(agency.people[name]):
                assert refused(each) == (403, "forbidden"), name
        for name in ("executive", "community"):
            told = done(agency.people[name].get("/v1/events?limit=200"))["data"]
            assert [each for each in told if each["subject_type"] == "cost_rates"] == []
        assert other_agency.owner.get(f"{RATES}/{made['id']}").status_code == 404
