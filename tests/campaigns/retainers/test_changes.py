"""Change orders on lines that renew; and the rules between rows see what breaks them."""

from typing import Any

import pytest
from sqlalchemy import create_engine, text

from api.campaigns import invariants as _rules  # noqa: F401  (registers them)
from tenants import auth, database, invariants
from tests.campaigns import making
from tests.campaigns.making import done
from tests.campaigns.retainers.renewing import (
    accrue,
    balance,
    hours,
    lots,
    on,
    pieces,
    renewed,
    sold,
    terms,
)
from tests.factories import Staffed


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
        with on("2026-11-20"):
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
