"""What a retainer's units go to: the work of its periods, what is taken back, what is billed."""

from tests.campaigns import making
from tests.campaigns.making import done, move
from tests.campaigns.retainers.renewing import (
    accrue,
    hours,
    ledger,
    lots,
    on,
    pieces,
    renewed,
    sold,
)
from tests.factories import Staffed


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
