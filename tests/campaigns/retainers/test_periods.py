"""Retainers by their dates: what is granted, carried, expired, taken off and settled, and when."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from api.campaigns import tasks
from tenants import daily
from tests.campaigns import making
from tests.campaigns.making import done
from tests.campaigns.retainers.renewing import (
    accrue,
    hours,
    ledger,
    lots,
    on,
    pieces,
    renewed,
    run,
    sold,
    terms,
    todays,
)
from tests.factories import Staffed


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
