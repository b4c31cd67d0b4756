"""Retainers by their dates: what is granted, carried, expired, taken off and settled, and when."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, text
from sqlmodel import col, select, update

from api.campaigns import invariants as _rules  # noqa: F401  (registers them)
from api.campaigns import retainers, tasks
from api.campaigns.lot_models import ScopeLot
from tenants import auth, clock, daily, database, invariants, worker
from tenants.jobs import Job
from tenants.models import UserSession
from tests.campaigns import making
from tests.campaigns.making import done, move
from tests.factories import Staffed

MADRID = ZoneInfo("Europe/Madrid")


@pytest.fixture
def agency(agency: Staffed) -> Staffed:
    """Nobody has to log in again for years."""
    with database.platform_session() as session:
        mine = col(UserSession.agency_id) == agency.agency_id
        session.exec(
            update(UserSession).where(mine).values(expires_at=datetime(2040, 1, 1, tzinfo=UTC))
        )
    return agency


@contextmanager
def on(day: str, at: str = "09:00") -> Iterator[None]:
    """It is that day in Madrid, where the client is."""
    local = datetime.combine(date.fromisoformat(day), time.fromisoformat(at), MADRID)
    with clock.at(local.astimezone(UTC)):
        yield


def terms(rollover: str = "none", **values: Any) -> dict[str, Any]:
    return {"renews": "month", "rollover": rollover, **values}


def hours(rollover: str = "none", quantity: int = 10, **values: Any) -> dict[str, Any]:
    """Hours of a month."""
    return making.line(
        kind="hours",
        measure="hours",
        quantity=quantity,
        due_on=None,
        renewal=terms(rollover, **values),
    )


def pieces(rollover: str = "none", quantity: int = 3, **values: Any) -> dict[str, Any]:
    return making.line(quantity=quantity, due_on=None, renewal=terms(rollover, **values))


def sold(
    agency: Staffed, line: dict[str, Any], starts_on: str = "2027-01-01", **values: Any
) -> str:
    """The only line of a scope that the client accepts today."""
    scope = making.accepted(agency, line, starts_on=starts_on, **values)
    found: str = scope["lines"][0]["id"]
    return found


def accrue(
    agency: Staffed, line_id: str, units: int, day: str, reason: str | None = "Asked"
) -> Any:
    body = {"quantity": units, "counted_on": day} | ({"reason": reason} if reason else {})
    return agency.community.post(f"/v1/scope-lines/{line_id}/accruals", body)


def lots(agency: Staffed, line_id: str) -> list[ScopeLot]:
    """The lots of a line, the oldest first, as they are kept; each counts no more than it holds."""
    with database.agency_session(auth.system(agency.agency_id)) as session:
        query = select(ScopeLot).where(col(ScopeLot.line_id) == line_id)
        return list(session.exec(query.order_by(col(ScopeLot.number))))


def renewed(agency: Staffed, line_id: str) -> list[ScopeLot]:
    """The same, as the nightly job leaves them."""
    with database.agency_session(auth.system(agency.agency_id)) as session:
        retainers.renew(session, UUID(line_id))
    return lots(agency, line_id)


def todays(agency: Staffed, kind: str) -> list[Job]:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        return list(session.exec(select(Job).where(col(Job.kind) == kind).order_by(col(Job.id))))


def run(agency: Staffed, kind: str) -> None:
    worker.run_job(agency.agency_id, todays(agency, kind)[-1].id)


def ledger(agency: Staffed, line_id: str) -> list[tuple[str, int, str]]:
    rows = done(agency.viewer.get(f"/v1/scope-lines/{line_id}/ledger?limit=200"))["data"]
    return [(row["kind"], row["quantity"], row["counted_on"]) for row in reversed(rows)]


class TestTerms:
    @pytest.mark.parametrize(
        "unsound",
        [
            terms("capped"),
            terms("none", rollover_cap=3),
            terms("expiring"),
            terms("capped", rollover_cap=3, rollover_periods=1),
            terms("deficit_carry", overage_price={"amount_minor": 1, "currency": "EUR"}),
            terms("none", settle_after_days=32),
            terms("none", overage_price={"amount_minor": 0, "currency": "EUR"}),
            {"renews": "week", "rollover": "none"},
        ],
    )
    def test_are_refused_where_they_are_unsound(self, agency: Staffed, unsound: Any) -> None:
        body = {"client_id": str(agency.client_id), "title": "Cuota"}
        line = making.line(due_on=None, renewal=unsound)

        assert agency.executive.post("/v1/scopes", {**body, "lines": [line]}).status_code == 422
        making.scope(agency, pieces())

    def test_fit_the_line_and_its_scope(self, agency: Staffed) -> None:
        def code(answer: Any) -> str:
            return f"{answer.status_code} {answer.json()['code']}"

        body = {"client_id": str(agency.client_id), "title": "Cuota", "starts_on": "2027-01-01"}
        dollars = {"amount_minor": 100, "currency": "USD"}
        for line, expected in (
            ({**pieces(), "due_on": "2027-01-31"}, "422 renewal_unsound"),
            ({**pieces(), "measure": "milestone"}, "422 renewal_unsound"),
            (pieces(overage_price=dollars), "422 line_currency"),
        ):
            assert code(agency.executive.post("/v1/scopes", {**body, "lines": [line]})) == expected
        undated = making.scope(agency, pieces())
        submit = agency.executive.post(f"/v1/scopes/{undated['id']}/submit")
        day = agency.executive.patch(
            f"/v1/scope-lines/{undated['lines'][0]['id']}", {"due_on": "2027-01-31"}
        )
        assert code(submit) == "409 renewal_without_start"
        assert code(day) == "422 renewal_unsound"

    def test_are_part_of_what_the_client_decides_on(self, agency: Staffed) -> None:
        made = making.submitted(agency, pieces(), making.line(), starts_on="2027-01-01")

        (asked,) = done(agency.approver.get("/v1/approvals?status=open"))["data"]
        shown = done(agency.approver.get(f"/v1/approvals/{asked['id']}"))["document"]

        lines = shown["subjects"][0]["lines"]
        assert lines[0]["renewal"]["rollover"] == made["lines"][0]["renewal"]["rollover"] == "none"
        assert "renewal" not in lines[1]


class TestPeriods:
    def test_go_from_the_scopes_day_to_the_day_before_it(self, agency: Staffed) -> None:
        with on("2027-01-10"):
            line_id = sold(agency, hours(), "2026-10-31", ends_on="2027-02-10")

        found = lots(agency, line_id)

        assert [(str(lot.starts_on), str(lot.ends_on)) for lot in found] == [
            ("2026-10-31", "2026-11-29"),
            ("2026-11-30", "2026-12-30"),
            ("2026-12-31", "2027-01-30"),
        ]
        # Signed late, each can be counted as if it had ended today.
        assert [str(lot.settles_on) for lot in found] == ["2027-01-15"] * 2 + ["2027-02-04"]
        with on("2027-02-01"):
            assert str(renewed(agency, line_id)[-1].ends_on) == "2027-02-10"
        with on("2027-04-01"):
            assert len(renewed(agency, line_id)) == 4

    def test_begin_at_midnight_where_the_client_is_and_wait_for_nobody(
        self, agency: Staffed
    ) -> None:
        with on("2027-01-31"):
            line_id = sold(agency, pieces(quantity=1))
            making.deliverable(agency, line_id)
        with on("2027-01-31", "23:59"):
            full = agency.community.post("/v1/deliverables", {"line_id": line_id})

        with on("2027-02-01", "00:01"):
            made = making.deliverable(agency, line_id)

        assert (full.status_code, full.json()["code"]) == (409, "scope_exhausted")
        assert made["lot_id"] == str(lots(agency, line_id)[1].id)
        assert made["due_on"] == "2027-02-28"

    def test_open_once_however_many_come_at_midnight(self, agency: Staffed) -> None:
        with on("2027-01-31"):
            line_id = sold(agency, pieces(quantity=5))

        with on("2027-02-01", "00:00"), ThreadPoolExecutor(32) as pool:
            answers = list(
                pool.map(
                    lambda _: agency.community.post("/v1/deliverables", {"line_id": line_id}),
                    range(32),
                )
            )

        codes = [answer.status_code for answer in answers]
        assert (codes.count(201), codes.count(409)) == (5, 27)
        first, second = lots(agency, line_id)
        assert (first.expired, second.reserved) == (5, 5)

    def test_of_a_scope_that_begins_later_can_be_planned_ahead(self, agency: Staffed) -> None:
        with on("2027-01-10"):
            line_id = sold(agency, pieces(quantity=1), "2027-02-01")
            making.deliverable(agency, line_id)
            early = accrue(agency, sold(agency, hours(), "2027-02-01"), 1, "2027-01-10")

        assert (early.status_code, early.json()["code"]) == (409, "period_not_open")
        assert [lot.reserved for lot in lots(agency, line_id)] == [1]


class TestRollover:
    def test_none_lets_what_is_left_expire_with_its_period(self, agency: Staffed) -> None:
        with on("2027-01-05"):
            line_id = sold(agency, hours())
            done(accrue(agency, line_id, 4, "2027-01-05"), 201)
        with on("2027-02-02"):
            done(accrue(agency, line_id, 3, "2027-02-02"), 201)

        assert ledger(agency, line_id) == [
            ("grant", 10, "2027-01-01"),
            ("accrual", 4, "2027-01-05"),
            ("grant", 10, "2027-02-01"),
            ("expiry", 6, "2027-02-01"),
            ("accrual", 3, "2027-02-02"),
        ]

    def test_capped_carries_no_more_than_the_cap_the_oldest_expiring_first(
        self, agency: Staffed
    ) -> None:
        with on("2027-01-05"):
            line_id = sold(agency, hours("capped", rollover_cap=12))
            done(accrue(agency, line_id, 2, "2027-01-05"), 201)

        with on("2027-02-10"):
            first, second = renewed(agency, line_id)
            assert (first.available, second.available) == (8, 10)
        with on("2027-03-10"):
            first, second, third = renewed(agency, line_id)
            # 18 were left: of January's 8, the 6 beyond the cap expired.
            assert (first.expired, first.available) == (6, 2)
            assert (second.available, third.available) == (10, 10)
            done(accrue(agency, line_id, 13, "2027-03-10"), 201)

        assert [lot.delivered for lot in lots(agency, line_id)] == [4, 10, 1]

    def test_expiring_lives_so_many_periods_more_and_is_used_first(self, agency: Staffed) -> None:
        # 40 a month, 30 used: 50 the next.
        with on("2027-01-05"):
            line_id = sold(agency, hours("expiring", 40, rollover_periods=1))
            done(accrue(agency, line_id, 30, "2027-01-05"), 201)
        with on("2027-02-05"):
            assert sum(lot.available for lot in renewed(agency, line_id)) == 50
            done(accrue(agency, line_id, 4, "2027-02-05"), 201)

        with on("2027-03-05"):
            first, second, third = renewed(agency, line_id)

        assert (first.delivered, first.expired) == (34, 6)
        assert (second.available, third.available) == (40, 40)
        assert ("expiry", 6, "2027-03-01") in ledger(agency, line_id)

    def test_deficit_is_taken_off_the_next_and_the_one_after(self, agency: Staffed) -> None:
        with on("2027-01-05"):
            line_id = sold(agency, hours("deficit_carry"))
            done(accrue(agency, line_id, 23, "2027-01-05"), 201)

        with on("2027-02-05"):
            done(accrue(agency, line_id, 1, "2027-02-05"), 201)
        with on("2027-03-05"):
            found = renewed(agency, line_id)

        assert [(lot.over_serviced, lot.deducted) for lot in found] == [(13, 0), (1, 10), (0, 4)]
        assert found[-1].available == 6

    def test_deficit_gives_back_what_was_never_used(self, agency: Staffed) -> None:
        with on("2027-01-05"):
            line_id = sold(agency, hours("deficit_carry"))
            wrong = done(accrue(agency, line_id, 13, "2027-01-05"), 201)
        with on("2027-02-05"):
            assert [lot.deducted for lot in renewed(agency, line_id)] == [0, 3]
            path = f"/v1/unit-entries/{wrong['id']}/reverse"
            done(agency.community.post(path, {"reason": "Another client's"}), 201)

        first, second = lots(agency, line_id)
        assert (first.available, first.over_serviced) == (10, 0)
        assert (second.deducted, second.available) == (0, 10)

    def test_ends_with_the_scope(self, agency: Staffed) -> None:
        ends = {"ends_on": "2027-02-14"}
        with on("2027-01-05"):
            capped = sold(agency, hours("capped", rollover_cap=5), **ends)
            owing = sold(agency, hours("deficit_carry"), **ends)

        with on("2027-02-15"):
            for line_id in (capped, owing):
                assert [lot.available for lot in renewed(agency, line_id)] == [0, 0]
                assert ("expiry", 10, "2027-02-15") in ledger(agency, line_id)
            late = accrue(agency, capped, 2, "2027-02-15")
        # What was done after the end is beyond what was sold.
        assert (done(late, 201)["over_quantity"], lots(agency, capped)[-1].over_serviced) == (2, 2)


class TestLateFacts:
    def test_count_in_their_period_until_it_is_settled(self, agency: Staffed) -> None:
        with on("2027-01-05"):
            line_id = sold(agency, hours())
        with on("2027-02-05"):
            assert renewed(agency, line_id)[0].expired == 10
            done(accrue(agency, line_id, 4, "2027-01-31", None), 201)
        with on("2027-02-06"):
            bare = accrue(agency, line_id, 1, "2027-01-31", None)
            beyond = done(accrue(agency, line_id, 1, "2027-01-31"), 201)

        assert (bare.status_code, bare.json()["code"]) == (422, "over_service_reason")
        assert bare.json()["available"] == 0
        assert beyond["over_quantity"] == 1
        first, second = lots(agency, line_id)
        assert (first.delivered, first.expired, first.over_serviced) == (4, 6, 1)
        assert second.available == 10
        assert first.settled_at is not None
        assert ("expiry", -4, "2027-02-01") in ledger(agency, line_id)

    def test_use_what_was_beyond_the_cap_before_what_was_carried(self, agency: Staffed) -> None:
        with on("2027-01-05"):
            line_id = sold(agency, hours("capped", rollover_cap=5))
        with on("2027-02-02"):
            first, _ = renewed(agency, line_id)
            assert (first.expired, first.available) == (5, 5)
            done(accrue(agency, line_id, 7, "2027-01-31", None), 201)

        first, second = lots(agency, line_id)
        # As if counted in time: 7 of 10 used, 3 carried.
        assert (first.delivered, first.expired, first.available) == (7, 0, 3)
        assert second.available == 10

    def test_owe_to_the_period_that_runs_by_then(self, agency: Staffed) -> None:
        with on("2027-01-05"):
            line_id = sold(agency, hours("deficit_carry"))
        with on("2027-02-02"):
            renewed(agency, line_id)
            done(accrue(agency, line_id, 12, "2027-01-31"), 201)

        first, second = lots(agency, line_id)
        assert (first.over_serviced, second.deducted, second.available) == (2, 2, 8)


class TestWorkOfAPeriod:
    def test_keeps_its_units_while_it_goes_on_and_gives_back_none(self, agency: Staffed) -> None:
        with on("2027-01-20"):
            line_id = sold(agency, pieces(quantity=2))
            kept, dropped = (making.deliverable(agency, line_id) for _ in range(2))
        with on("2027-02-20"):
            done(move(agency.community, dropped, "cancel"))
            making.delivered(agency, kept)

        first, second = lots(agency, line_id)
        assert (first.delivered, first.reserved, first.expired) == (1, 0, 1)
        assert (second.available, second.expired) == (2, 0)
        assert ("expiry", 1, "2027-02-20") in ledger(agency, line_id)

    def test_draws_on_the_oldest_that_lives_one_lot_each(self, agency: Staffed) -> None:
        with on("2027-01-20"):
            line_id = sold(agency, pieces("expiring", 3, rollover_periods=2))
            making.deliverable(agency, line_id, units=2)
        with on("2027-02-20"):
            two = making.deliverable(agency, line_id, units=2)
            one = making.deliverable(agency, line_id)
            more = agency.community.post("/v1/deliverables", {"line_id": line_id, "units": 2})

        january, february = lots(agency, line_id)
        assert (two["lot_id"], one["lot_id"]) == (str(february.id), str(january.id))
        # One is free, and two are asked for.
        assert (more.status_code, more.json()["available"]) == (409, 1)

    def test_beyond_counts_on_the_day_it_is_out(self, agency: Staffed) -> None:
        over = {"over_scope": "draft_change_order"}
        done(agency.executive.patch(f"/v1/clients/{agency.client_id}", over))
        with on("2027-01-20"):
            line_id = sold(agency, pieces(quantity=1))
            making.deliverable(agency, line_id)
            beyond = making.deliverable(agency, line_id)
        with on("2027-02-20"):
            making.delivered(agency, beyond)

        assert [lot.over_serviced for lot in lots(agency, line_id)] == [0, 1]
        # One more each month is not what was asked for.
        assert done(agency.executive.get("/v1/change-orders"))["data"] == []

    def test_is_planned_whole_out_of_all_that_lives(self, agency: Staffed) -> None:
        with on("2027-01-20"):
            line_id = sold(agency, pieces("capped", 4, rollover_cap=2))
            scope_id = done(agency.executive.get(f"/v1/scope-lines/{line_id}"))["scope_id"]
        with on("2027-02-11"):
            made = done(agency.community.post(f"/v1/scopes/{scope_id}/plan", {}))

        assert (made["planned"], made["lines"][0]["free"]) == (6, 6)
        assert [lot.reserved for lot in lots(agency, line_id)] == [2, 4]
        days = [row["due_on"] for row in made["lines"][0]["deliverables"]]
        assert days == [f"2027-02-{day}" for day in (13, 16, 19, 22, 25, 28)]


class TestReverse:
    def test_takes_back_all_that_one_accrual_took(self, agency: Staffed) -> None:
        with on("2027-01-05"):
            line_id = sold(agency, hours("expiring", rollover_periods=1))
        with on("2027-02-05"):
            first = done(accrue(agency, line_id, 25, "2027-02-05"), 201)
            rows = done(agency.community.get(f"/v1/scope-lines/{line_id}/accruals"))["data"]
            part = next(row for row in rows if row["part_of"])
            alone = agency.community.post(
                f"/v1/unit-entries/{part['id']}/reverse", {"reason": "Wrong"}
            )
            before = [(lot.delivered, lot.over_serviced) for lot in lots(agency, line_id)]
            done(
                agency.community.post(
                    f"/v1/unit-entries/{first['id']}/reverse", {"reason": "Wrong"}
                ),
                201,
            )

        assert before == [(10, 0), (10, 5)]
        assert (first["quantity"], part["quantity"], part["over_quantity"]) == (10, 15, 5)
        assert (alone.status_code, alone.json()["code"]) == (409, "entry_not_reversible")
        after = lots(agency, line_id)
        assert [(lot.available, lot.over_serviced) for lot in after] == [(10, 0), (10, 0)]


def balance(agency: Staffed, day: str | None = None) -> Any:
    """What client one's viewer is told; all who may ask are told the same."""
    path = f"/v1/clients/{agency.client_id}/balance" + (f"?on={day}" if day else "")
    told = [done(person.get(path)) for person in (agency.viewer, agency.community, agency.owner)]
    assert told[0] == told[1] == told[2]
    return told[0]


class TestBalance:
    def test_adds_up_on_every_day(self, agency: Staffed) -> None:
        with on("2027-01-05"):
            line_id = sold(agency, hours("capped", rollover_cap=4))
            done(accrue(agency, line_id, 3, "2027-01-05"), 201)
        with on("2027-02-10"):
            done(accrue(agency, line_id, 12, "2027-02-09"), 201)
            done(accrue(agency, line_id, 4, "2027-02-10"), 201)

            days = [balance(agency, day)["lines"] for day in ("2027-01-04", "2027-01-31")]
            (now,) = balance(agency)["lines"]

        shown = [(line["granted"], line["used"], line["remaining"]) for (line,) in days]
        assert shown == [(10, 0, 10), (10, 3, 7)]
        assert (now["carried"], now["expired_before"], now["used"]) == (4, 3, 14)
        assert (now["over"], now["remaining"], now["lots"]) == (2, 0, [])
        assert (now["period_start"], now["period_end"]) == ("2027-02-01", "2027-02-28")

    def test_says_what_lives_until_when(self, agency: Staffed) -> None:
        with on("2027-01-05"):
            line_id = sold(agency, pieces("expiring", 3, rollover_periods=1))
            making.deliverable(agency, line_id)
        with on("2027-02-05"):
            making.deliverable(agency, line_id)
            (line,) = balance(agency)["lines"]
            (past,) = balance(agency, "2027-02-04")["lines"]

        assert (line["carried"], line["granted"], line["reserved"], line["remaining"]) == (
            3,
            3,
            2,
            4,
        )
        assert line["next_expiry"] == "2027-02-28"
        assert [(each["remaining"], each["expires_on"]) for each in line["lots"]] == [
            (1, "2027-02-28"),
            (3, "2027-03-31"),
        ]
        assert (past["reserved"], past["remaining"]) == (None, 6)

    def test_shows_what_is_sold_once_too_and_nothing_that_is_over(self, agency: Staffed) -> None:
        with on("2027-01-05"):
            making.accepted(agency, making.line(quantity=5))
            line_id = sold(agency, hours(), ends_on="2027-01-31")
            assert [line["renews"] for line in balance(agency)["lines"]] == [None, "month"]
        with on("2027-02-05"):
            renewed(agency, line_id)
            (once,) = balance(agency)["lines"]

        assert (once["granted"], once["remaining"], once["period_start"]) == (5, 5, None)

    def test_is_the_clients_own(self, agency: Staffed) -> None:
        path = f"/v1/clients/{agency.client_id}/balance"

        assert agency.other_contact.get(path).status_code == 404
        assert agency.stranger.get(path).status_code in (403, 404)
        assert done(agency.other_contact.get("/v1/retainers"))["data"] == []


class TestListRetainers:
    def test_shows_each_in_the_period_that_runs(self, agency: Staffed) -> None:
        with on("2027-01-05"):
            line_id = sold(agency, hours("expiring", rollover_periods=1))
            making.accepted(agency, making.line(quantity=5))
            done(accrue(agency, line_id, 3, "2027-01-05"), 201)
            ahead = sold(agency, hours(), "2027-03-01")
        with on("2027-02-05"):
            renewed(agency, line_id)
            rows = done(agency.viewer.get("/v1/retainers"))["data"]
            other = f"/v1/retainers?client_id={agency.other_client_id}"
            assert done(agency.owner.get(other))["data"] == []
            (told,) = balance(agency)["lines"][:1]

        (row,) = rows
        assert ahead != row["line_id"] == line_id
        assert (row["carried"], row["granted"], row["remaining"]) == (7, 10, 17)
        assert {name: told[name] for name in row if name in told} == {
            name: row[name] for name in row if name in told
        }


class TestBills:
    def test_each_period_as_it_begins_and_beyond_it_once_settled(self, agency: Staffed) -> None:
        price = {"amount_minor": 2_000, "currency": "EUR"}
        with on("2027-01-05"):
            line_id = sold(agency, hours(overage_price=price))
        with on("2027-01-31"):
            done(accrue(agency, line_id, 13, "2027-01-31"), 201)
        with on("2027-02-03"):
            done(accrue(agency, line_id, 1, "2027-01-31"), 201)
        with on("2027-02-06"):
            renewed(agency, line_id)
            renewed(agency, line_id)

        rows = done(agency.executive.get("/v1/billables"))["data"]
        told = [(row["kind"], row["amount"]["amount_minor"], row["earned_on"]) for row in rows]
        assert sorted(told) == [
            ("overage", 4 * 2_000, "2027-02-06"),
            ("retainer_period", 150_000, "2027-01-01"),
            ("retainer_period", 150_000, "2027-02-01"),
        ]
        assert {row["label"]["en"] for row in rows} == {
            "Retainer: Reels",
            "Beyond the retainer: Reels",
        }


class TestNight:
    def test_renews_where_the_day_has_begun(self, agency: Staffed) -> None:
        with on("2027-01-31"):
            line_id = sold(agency, hours())
        with on("2027-01-31", "12:00"):
            daily.open_day_of(agency.agency_id)
            run(agency, tasks.RENEWAL)
            assert len(lots(agency, line_id)) == 1
            (again,) = todays(agency, tasks.MIDNIGHT)
            assert again.due_at == datetime(2027, 1, 31, 23, tzinfo=UTC)
        with on("2027-02-01", "00:01"):
            run(agency, tasks.MIDNIGHT)
            assert len(lots(agency, line_id)) == 2


def ordered(agency: Staffed, scope: Any, *changes: Any, **values: Any) -> tuple[Any, Any]:
    """A change order's preview, and what its acceptance made of the scope."""
    body = {"scope_id": scope["id"], "title": "Más", "reason": {"es": "Más"}, "lines": changes}
    order = done(agency.executive.post("/v1/change-orders", {**body, **values}), 201)
    path = f"/v1/change-orders/{order['id']}"
    done(agency.executive.post(f"{path}/submit"))
    shown = done(agency.approver.get(f"{path}/preview"))
    result = done(agency.approver.post(f"{path}/accept"))
    return shown, done(agency.executive.get(f"/v1/scopes/{result['result_scope_id']}"))


def kept(line: Any) -> dict[str, Any]:
    names = ("origin_id", "quantity", "renewal", "label", "measure", "due_days")
    return {name: line[name] for name in names}


class TestChangeOrders:
    def test_change_the_periods_that_open_afterwards(self, agency: Staffed) -> None:
        with on("2027-01-05"):
            scope = making.accepted(agency, hours(), starts_on="2027-01-01")
            (line,) = scope["lines"]
            done(accrue(agency, line["id"], 4, "2027-01-05"), 201)
            price = {"amount_minor": 20_000, "currency": "EUR"}
            change = {"action": "alter", "line_id": line["id"], "quantity_delta": -4}
            shown, after = ordered(agency, scope, {**change, "unit_price": price})
        (line,) = after["lines"]
        with on("2027-02-05"):
            first, second = renewed(agency, line["id"])

        assert [kept(each) for each in shown["after"]] == [kept(each) for each in after["lines"]]
        assert (first.quantity, first.delivered, second.quantity) == (10, 4, 6)
        bills = done(agency.executive.get("/v1/billables"))["data"]
        assert sorted(row["amount"]["amount_minor"] for row in bills) == [120_000, 150_000]

    def test_add_a_line_from_the_period_that_runs_and_take_one_out(self, agency: Staffed) -> None:
        with on("2027-01-05"):
            scope = making.accepted(agency, hours(), starts_on="2026-11-15")
            (line,) = scope["lines"]
            fresh = {"action": "add", **pieces("capped", 2, rollover_cap=1)}
            shown, after = ordered(
                agency, scope, {"action": "remove", "line_id": line["id"]}, fresh
            )
            (added,) = after["lines"]
            gone = lots(agency, line["id"])
            made = making.deliverable(agency, added["id"])
        with on("2027-01-16"):
            assert len(renewed(agency, added["id"])) == 2

        assert shown["after"][0]["renewal"] == added["renewal"]
        # Of the line that was there before, all that was left expired with it.
        assert [(lot.expired, lot.available) for lot in gone] == [(10, 0), (10, 0)]
        assert all(lot.closed_at for lot in gone)
        assert str(lots(agency, added["id"])[0].starts_on) == "2026-12-15"
        assert made["due_on"] == "2027-01-14"

    def test_move_the_end(self, agency: Staffed) -> None:
        with on("2027-01-05"):
            ends = {"starts_on": "2027-01-01", "ends_on": "2027-01-20"}
            scope = making.accepted(agency, hours("capped", rollover_cap=9), **ends)
            _, after = ordered(agency, scope, ends_on="2027-02-20")
        (line,) = after["lines"]
        with on("2027-02-05"):
            first, second = renewed(agency, line["id"])
            assert (str(first.ends_on), str(first.expires_on)) == ("2027-01-31", "2027-02-20")
            assert (first.available, second.available) == (9, 10)
        with on("2027-02-21"):
            assert [lot.available for lot in renewed(agency, line["id"])] == [0, 0]

    def test_leave_the_terms_of_a_line_that_goes_on(self, agency: Staffed) -> None:
        campaign_id = making.campaign(agency)["id"]
        first = making.accepted(agency, hours(), starts_on="2026-10-01", campaign_id=campaign_id)
        second = making.scope(
            agency, copy_of=first["id"], starts_on="2026-10-01", campaign_id=campaign_id
        )
        path = f"/v1/scope-lines/{second['lines'][0]['id']}"
        done(agency.executive.patch(path, {"renewal": terms("deficit_carry")}))

        other = agency.executive.post(f"/v1/scopes/{second['id']}/submit")
        done(agency.executive.patch(path, {"renewal": terms()}))
        same = agency.executive.post(f"/v1/scopes/{second['id']}/submit")

        assert (other.status_code, other.json()["code"]) == (409, "renewal_changed")
        assert same.status_code == 200

    def test_call_off_what_renews_with_its_campaign(self, agency: Staffed) -> None:
        campaign_id = making.campaign(agency)["id"]
        scope = making.accepted(
            agency, pieces(quantity=2), starts_on="2026-11-01", campaign_id=campaign_id
        )
        (line,) = scope["lines"]
        making.deliverable(agency, line["id"])

        done(agency.executive.post(f"/v1/campaigns/{campaign_id}/cancel"))

        (lot,) = lots(agency, line["id"])
        assert (lot.reserved, lot.expired, lot.available) == (0, 2, 0)
        assert balance(agency)["lines"] == []


class TestInvariants:
    @pytest.mark.parametrize(
        ("rule", "fault"),
        [
            ("scope_lots.counts", "update scope_lots set delivered = delivered - 1"),
            ("scope_lots.reserved", "update scope_lots set reserved = reserved - 1"),
            (
                "scope_lots.balance",
                "update unit_entries set counted_on = counted_on - 40 where kind = 'accrual' and",
            ),
            ("scope_lots.one_after_the_other", "update scope_lots set ends_on = ends_on - 1"),
        ],
    )
    def test_see_what_breaks_them(
        self, agency: Staffed, urls: dict[str, str], rule: str, fault: str
    ) -> None:
        with on("2027-01-05"):
            line_id = sold(agency, pieces(quantity=5))
            making.deliverable(agency, line_id)
            done(accrue(agency, line_id, 3, "2027-01-05"), 201)
        with on("2027-02-05"):
            renewed(agency, line_id)
        with database.agency_session(auth.system(agency.agency_id)) as session:
            before = [each.invariant.name for each in invariants.check(session)]

        owner = create_engine(urls["owner"])
        with owner.begin() as connection:
            joined = fault if fault.endswith("and") else f"{fault} where number = 1 and"
            connection.execute(text(f"{joined} agency_id = :agency"), {"agency": agency.agency_id})
        owner.dispose()
        with database.agency_session(auth.system(agency.agency_id)) as session:
            after = [each.invariant.name for each in invariants.check(session)]

        assert (before, rule in after) == ([], True)
