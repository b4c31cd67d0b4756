"""What is left of the price: what counts, what does not, and what cannot be known."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import col, select, update

from tenants import auth, clock, database
from tenants.ids import new_id
from tenants.models import Agency, Client
from tests.budgets import factories as budgets
from tests.campaigns import making
from tests.collaborations import making as collaborations
from tests.costs.making import close, done, entry, rate, refused
from tests.factories import Staffed

NOVEMBER = {"from": "2026-11-01", "to": "2026-11-30"}
MONTHS = {"from": "2026-10-01", "to": "2026-11-30"}


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(datetime(2026, 11, 22, 15, 0, tzinfo=UTC)):
        yield


def margin(agency: Staffed, **asked: Any) -> Any:
    """The whole of client one's margin, in November unless said otherwise."""
    path = f"/v1/clients/{agency.client_id}/margin"
    return done(agency.executive.get(path, params=NOVEMBER | asked))


def total(agency: Staffed, **asked: Any) -> Any:
    (row,) = margin(agency, **asked)["totals"]
    return row


def rows(agency: Staffed, group_by: str, name: str = "executive", **asked: Any) -> Any:
    params = {"group_by": group_by, **MONTHS, **asked}
    return done(agency.people[name].get("/v1/margins", params=params))["rows"]


def hours_line(agency: Staffed, quantity: int = 10, price: int = 10_000, **values: Any) -> str:
    """An accepted line of a service that accrues, in force since the start of the year."""
    line = making.line(
        measure=values.pop("measure", "hours"),
        quantity=quantity,
        due_on=None,
        unit_price={"amount_minor": price, "currency": values.get("currency", "EUR")},
    )
    made = making.accepted(agency, line, starts_on="2026-01-01", **values)
    return str(made["lines"][0]["id"])


def accrue(agency: Staffed, line_id: str, quantity: int, day: str = "2026-11-10") -> Any:
    body = {"quantity": quantity, "counted_on": day, "reason": "La feria"}
    return done(agency.community.post(f"/v1/scope-lines/{line_id}/accruals", body), 201)


def set_currencies(agency: Staffed, agencys: str, clients: str) -> None:
    with database.platform_session() as session:
        row = session.exec(select(Agency).where(col(Agency.id) == agency.agency_id)).one()
        row.currency = agencys
    with database.agency_session(auth.system(agency.agency_id)) as session:
        whose = update(Client).where(col(Client.agency_id) == agency.agency_id)
        session.connection().execute(whose.values(currency=clients))


class TestRevenue:
    def test_is_recognised_as_delivered(self, agency: Staffed) -> None:
        line_id = making.accepted(agency)["lines"][0]["id"]
        assert margin(agency)["totals"] == []
        making.delivered(agency, making.deliverable(agency, line_id))
        making.deliverable(agency, line_id)

        shown = margin(agency)

        (row,) = shown["totals"]
        assert (row["revenue_minor"], row["margin_minor"], row["margin_bp"]) == (
            15000,
            15000,
            10000,
        )
        assert (row["currency"], row["quality"]) == ("EUR", "complete")
        (line,) = shown["scope_lines"]
        assert (line["scope_line_id"], line["revenue_minor"]) == (line_id, 15000)

    def test_is_what_was_sold_and_no_more(self, agency: Staffed) -> None:
        line_id = hours_line(agency, quantity=10)
        accrue(agency, line_id, 8)
        beyond = accrue(agency, line_id, 5)

        row = total(agency)
        done(
            agency.community.post(f"/v1/unit-entries/{beyond['id']}/reverse", {"reason": "No"}), 201
        )
        after = total(agency)

        assert (row["revenue_minor"], row["over_serviced_minor"]) == (100_000, 30_000)
        assert (after["revenue_minor"], after["over_serviced_minor"]) == (80_000, 0)

    def test_leaves_out_what_is_passed_through(self, agency: Staffed) -> None:
        accrue(agency, hours_line(agency, measure="pass_through"), 5)

        assert margin(agency)["totals"] == []

    def test_has_the_fee_by_days_in_force(self, agency: Staffed) -> None:
        contract = {
            "client_id": str(agency.client_id),
            "title": "Fee mensual",
            "starts_on": "2026-10-17",
            "ends_on": "2026-11-10",
            "monthly_fee": {"amount_minor": 100_001, "currency": "EUR"},
        }
        made = done(agency.executive.post("/v1/contracts", contract), 201)
        assert margin(agency, **MONTHS)["totals"] == []
        done(agency.executive.post(f"/v1/contracts/{made['id']}/activate"))

        shown = rows(agency, "month")
        cut = margin(agency, **{"from": "2026-11-05", "to": "2026-11-06"})

        # 15 of 31 days, 10 of 30, 2 of 30; half-even.
        found = [(each["month"], each["revenue_minor"]) for each in shown]
        assert found == [("2026-10-01", 48388), ("2026-11-01", 33334)]
        assert [each["revenue_minor"] for each in cut["totals"]] == [6667]
        (of_no_line,) = cut["scope_lines"]
        assert (of_no_line["scope_line_id"], of_no_line["campaign_id"]) == (None, None)

    def test_has_no_fee_of_a_contract_that_never_was(self, agency: Staffed) -> None:
        contract = {
            "client_id": str(agency.client_id),
            "title": "Nunca firmado",
            "starts_on": "2026-10-01",
            "monthly_fee": {"amount_minor": 100_000, "currency": "EUR"},
        }
        made = done(agency.executive.post("/v1/contracts", contract), 201)
        done(agency.executive.post(f"/v1/contracts/{made['id']}/end"))

        assert margin(agency)["totals"] == []

    def test_counts_a_line_in_all_its_versions_once(self, agency: Staffed) -> None:
        campaign = making.active_campaign(agency)
        path = f"/v1/campaigns/{campaign['id']}/scope"
        first = done(agency.executive.get(path))
        making.delivered(agency, making.deliverable(agency, first["lines"][0]["id"]))
        making.accepted(agency, campaign_id=campaign["id"], copy_of=first["id"])
        later = done(agency.executive.get(path))
        making.delivered(agency, making.deliverable(agency, later["lines"][0]["id"]))
        entry(agency.community, agency, scope_line_id=later["lines"][0]["id"])

        shown = margin(agency)

        (line,) = shown["scope_lines"]
        assert line["scope_line_id"] == first["lines"][0]["id"]
        assert (line["revenue_minor"], line["minutes"]) == (30_000, 60)
        (of_campaign,) = shown["campaigns"]
        assert (of_campaign["campaign_id"], of_campaign["minutes"]) == (campaign["id"], 60)

    def test_counts_rounds_beyond_those_included(self, agency: Staffed) -> None:
        line_id = making.accepted(agency, making.line(revision_rounds=0))["lines"][0]["id"]
        reel = making.deliverable(agency, line_id)
        making.in_client_review(agency, reel)
        (asked,) = done(agency.approver.get("/v1/approvals?status=open"))["data"]
        words = {"outcome": "changes_requested", "reason": "Más corto"}
        done(agency.approver.post(f"/v1/approvals/{asked['id']}/decide", words))
        assert margin(agency)["totals"] == []
        making.delivered(agency, reel)

        assert total(agency)["rounds_over"] == 1


class TestLabour:
    def test_costs_the_rate_in_force_that_day(self, agency: Staffed) -> None:
        rate(agency, agency.community, "2026-10-01", 3000)
        rate(agency, agency.community, "2026-11-01", 6000)
        rate(agency, agency.strategist, "2026-11-01", 4500)
        entry(agency.community, agency, 90, worked_on="2026-10-31")
        entry(agency.community, agency, 90, worked_on="2026-11-01")
        entry(agency.strategist, agency, 20, worked_on="2026-11-01")
        accrue(agency, hours_line(agency), 1)

        october, november = rows(agency, "month")

        assert (october["month"], october["labour_cost_minor"]) == ("2026-10-01", 4500)
        assert (october["margin_minor"], october["margin_bp"]) == (-4500, None)
        assert (november["month"], november["labour_cost_minor"]) == ("2026-11-01", 10_500)
        assert (november["margin_minor"], november["margin_bp"]) == (-500, -500)
        # 100.00 for 110 minutes.
        assert november["effective_hourly_rate_minor"] == 5455
        assert october["effective_hourly_rate_minor"] == 0

    def test_is_rounded_half_even_entry_by_entry(self, agency: Staffed) -> None:
        rate(agency, agency.community, "2026-10-01", 30)
        for minutes in (1, 1, 3, 5):  # 0.5, 0.5, 1.5 and 2.5 minor units
            entry(agency.community, agency, minutes)

        assert total(agency)["labour_cost_minor"] == 0 + 0 + 2 + 2

    def test_that_has_no_rate_is_missing_and_not_zero(self, agency: Staffed) -> None:
        rate(agency, agency.community, "2026-11-05", 3000)
        entry(agency.community, agency, 60, worked_on="2026-11-04")
        entry(agency.community, agency, 60, worked_on="2026-11-05")
        entry(agency.strategist, agency, 30, worked_on="2026-11-05")

        row = total(agency)

        assert (row["minutes"], row["minutes_without_rate"]) == (150, 90)
        assert (row["labour_cost_minor"], row["quality"]) == (3000, "partial")

    def test_that_costs_nothing_is_known(self, agency: Staffed) -> None:
        rate(agency, agency.community, "2026-10-01", 0)
        entry(agency.community, agency)

        row = total(agency)

        assert (row["minutes_without_rate"], row["quality"]) == (0, "complete")

    @pytest.mark.parametrize(("currency", "hourly"), [("JPY", 2501), ("KWD", 9_123)])
    def test_is_minor_units_of_any_currency(
        self, agency: Staffed, currency: str, hourly: int
    ) -> None:
        set_currencies(agency, currency, currency)
        rate(agency, agency.community, "2026-10-01", hourly, currency=currency)
        entry(agency.community, agency, 90)

        row = total(agency)

        assert (row["currency"], row["labour_currency"]) == (currency, currency)
        assert row["labour_cost_minor"] == round(hourly * 90 / 60)

    def test_of_a_closed_period_stays(self, agency: Staffed) -> None:
        made = rate(agency, agency.community, "2026-10-01", 3000)
        entry(agency.community, agency, 60, worked_on="2026-10-20")
        october = {"from": "2026-10-01", "to": "2026-10-31"}
        before = margin(agency, **october)
        done(close(agency, "2026-10-31"))

        body = {"hourly": {"amount_minor": 9000, "currency": "EUR"}}
        changed = agency.owner.patch(f"/v1/cost-rates/{made['id']}", body)
        rate(agency, agency.community, "2026-11-01", 9000)

        assert refused(changed) == (409, "books_closed")
        assert margin(agency, **october) == before


class TestDirectCost:
    def test_is_what_the_agency_paid_net_of_what_it_got_back(self, agency: Staffed) -> None:
        lines = [
            budgets.line(100_000, category)
            for category in ("production", "paid_media", "influencers", "fees")
        ]
        budget = budgets.approved(agency, lines=lines)
        production, media, influencers, fees = (each["id"] for each in budget["lines"])
        by_us = {"paid_by": "agency", "spent_on": "2026-11-03"}
        printed = done(budgets.fact(agency.owner, production, 30_000, **by_us), 201)
        done(budgets.fact(agency.owner, production, 90_000, **by_us), 201)  # beyond: unfunded
        refund = {"amount_minor": 10_000, "reason": "Devuelto", "booked_on": "2026-11-04"}
        done(agency.owner.post(f"/v1/expenses/{printed['id']}/refund", refund))
        done(budgets.fact(agency.owner, fees, 500, **by_us | {"paid_by": "client"}), 201)
        done(budgets.fact(agency.owner, fees, 700, **by_us | {"spent_on": "2026-10-31"}), 201)
        done(budgets.fact(agency.owner, media, 40_000, **by_us), 201)
        done(budgets.fact(agency.owner, influencers, 2_000, **by_us), 201)

        row = total(agency)

        assert row["direct_cost_minor"] == 30_000 + 90_000 - 10_000
        assert row["pass_through_minor"] == 42_000
        assert (row["margin_minor"], row["margin_bp"]) == (-110_000, None)

    def test_is_its_campaigns(self, agency: Staffed) -> None:
        campaign = making.campaign(agency)["id"]
        line = budgets.line(100_000, "production", campaign_id=campaign)
        budget = budgets.approved(agency, lines=[line])
        spent = {"paid_by": "agency", "spent_on": "2026-11-03"}
        done(budgets.fact(agency.owner, budget["lines"][0]["id"], 5_000, **spent), 201)

        (row,) = margin(agency)["campaigns"]

        assert (row["campaign_id"], row["direct_cost_minor"]) == (campaign, 5_000)

    def test_is_its_collaborations_campaigns(self, agency: Staffed) -> None:
        one, other, third = (collaborations.campaign(agency) for _ in range(3))
        ours: dict[str, Any] = {"paid_by": "agency", "pass_through": False}
        shared = collaborations.budget_line(agency, **ours)
        named = collaborations.budget_line(agency, **ours, campaign_id=other)
        collaborations.approved(agency, line_id=shared, campaign_id=one)
        collaborations.approved(agency, line_id=named, campaign_id=third)
        (paid,) = done(agency.executive.get("/v1/expenses", params={"line_id": shared}))["data"]
        back = {"amount_minor": 30_000, "reason": "Menos días en línea."}
        done(agency.strategist.post(f"/v1/expenses/{paid['id']}/refund", back))
        spent = {"paid_by": "agency", "spent_on": "2026-11-22"}
        done(budgets.fact(agency.owner, shared, 700, **spent), 201)

        found = margin(agency)

        costs = {each["campaign_id"]: each["direct_cost_minor"] for each in found["campaigns"]}
        fee = collaborations.FEE
        assert costs == {one: fee - 30_000, other: fee, None: 700}
        assert found["totals"][0]["direct_cost_minor"] == 2 * fee - 30_000 + 700

    def test_has_what_was_earned_after_its_budget_closed(self, agency: Staffed) -> None:
        ours: dict[str, Any] = {"paid_by": "agency", "pass_through": False}
        line_id = collaborations.budget_line(agency, **ours)
        made = collaborations.started(agency, line_id=line_id)
        collaborations.closed_budget(agency, line_id)
        (asked,) = collaborations.pieces_of(agency.influencer, made)
        handed = done(collaborations.submit(agency.influencer, asked["id"]), 201)
        done(collaborations.decide(agency.approver, handed))
        collaborations.asked_back(agency, made, 30_000)

        found = margin(agency)

        (row,) = found["campaigns"]
        assert (row["campaign_id"], row["direct_cost_minor"]) == (made["campaign_id"], 70_000)
        assert found["totals"][0]["direct_cost_minor"] == 70_000


class TestCurrencies:
    def test_are_never_added_up(self, agency: Staffed) -> None:
        """The client's scopes are in euro, and the agency counts in dollars."""
        set_currencies(agency, "USD", "EUR")
        rate(agency, agency.community, "2026-10-01", 3000, currency="USD")
        entry(agency.community, agency, 60)
        accrue(agency, hours_line(agency), 1)

        row = total(agency)

        assert (row["currency"], row["revenue_minor"]) == ("EUR", 10_000)
        assert (row["labour_currency"], row["labour_cost_minor"]) == ("USD", 3000)
        assert (row["margin_minor"], row["margin_bp"]) == (None, None)
        assert (row["quality"], row["effective_hourly_rate_minor"]) == ("mixed_currency", 10_000)

    def test_of_one_client_stand_side_by_side(self, agency: Staffed) -> None:
        dollars = hours_line(agency, currency="USD")
        accrue(agency, dollars, 1)
        accrue(agency, hours_line(agency), 2)

        shown = margin(agency)

        found = [(each["currency"], each["revenue_minor"]) for each in shown["totals"]]
        assert found == [("EUR", 20_000), ("USD", 10_000)]
        assert {each["quality"] for each in shown["totals"]} == {"mixed_currency"}
        assert {each["margin_minor"] for each in shown["totals"]} == {None}
        quality = {each["scope_line_id"]: each["quality"] for each in shown["scope_lines"]}
        assert quality.pop(dollars) == "mixed_currency"
        assert set(quality.values()) == {"complete"}


class TestMargins:
    def test_of_clients_come_worst_first(self, agency: Staffed) -> None:
        rate(agency, agency.executive, "2026-10-01", 6000)
        accrue(agency, hours_line(agency), 1)
        entry(agency.executive, agency, 30)
        entry(agency.executive, agency, 10, client_id=str(agency.other_client_id))

        shown = rows(agency, "client", "owner")

        assert [each["client_id"] for each in shown] == [
            str(agency.other_client_id),
            str(agency.client_id),
        ]
        assert [each["margin_bp"] for each in shown] == [None, 7000]

    def test_are_of_the_clients_whose_account_one_runs(self, agency: Staffed) -> None:
        """The executive also serves client two, whose account is somebody else's."""
        entry(agency.executive, agency)
        entry(agency.executive, agency, client_id=str(agency.other_client_id))
        one, two = str(agency.client_id), str(agency.other_client_id)

        for group_by in ("client", "campaign", "scope_line"):
            assert {e["client_id"] for e in rows(agency, group_by, "owner")} == {one, two}
            assert {e["client_id"] for e in rows(agency, group_by)} == {one}
            assert {e["client_id"] for e in rows(agency, group_by, "other_executive")} == {two}
        (month,) = rows(agency, "month")
        (everybodys,) = rows(agency, "month", "owner")
        assert (month["minutes"], everybodys["minutes"]) == (60, 120)
        assert [e["client_id"] for e in rows(agency, "client", "owner", client_id=two)] == [two]
        asked = {"group_by": "client", "client_id": two}
        assert refused(agency.executive.get("/v1/margins", params=asked)) == (403, "forbidden")
        asked["client_id"] = str(new_id())
        assert refused(agency.executive.get("/v1/margins", params=asked)) == (404, "not_found")

    def test_add_up_to_the_same_however_grouped(self, agency: Staffed) -> None:
        rate(agency, agency.community, "2026-10-01", 3131)
        line_id = hours_line(agency)
        accrue(agency, line_id, 3)
        accrue(agency, line_id, 2, "2026-10-31")
        for day, of in (("2026-10-31", {"scope_line_id": line_id}), ("2026-11-01", {})):
            entry(agency.community, agency, 47, worked_on=day, **of)

        shown = margin(agency, **MONTHS)

        found = [shown["totals"], shown["campaigns"], shown["scope_lines"]]
        found += [rows(agency, each) for each in ("client", "campaign", "scope_line", "month")]
        for name in ("revenue_minor", "labour_cost_minor", "minutes", "margin_minor"):
            assert len({sum(row[name] for row in each) for each in found}) == 1, name

    def test_are_refused_to_all_others(self, agency: Staffed, other_agency: Staffed) -> None:
        path = f"/v1/clients/{agency.client_id}/margin"

        for name in ("strategist", "community", "stranger", "approver", "viewer"):
            for each in (path, "/v1/margins"):
                assert refused(agency.people[name].get(each)) == (403, "forbidden"), name
        assert refused(agency.other_executive.get(path)) == (404, "not_found")
        assert refused(other_agency.owner.get(path)) == (404, "not_found")

    def test_are_of_a_period_that_makes_sense(self, agency: Staffed) -> None:
        path = f"/v1/clients/{agency.client_id}/margin"

        backwards = agency.executive.get(path, params={"from": "2026-11-02", "to": "2026-11-01"})
        long = agency.executive.get(path, params={"from": "2026-01-01", "to": "2027-02-05"})
        with clock.at(datetime(2026, 10, 31, 23, 30, tzinfo=UTC)):
            unsaid = done(agency.executive.get(path))

        assert refused(backwards) == (422, "period_backwards")
        assert refused(long) == (422, "margins_too_large")
        assert (unsaid["period_start"], unsaid["period_end"]) == ("2026-11-01", "2026-11-30")

    def test_that_no_number_of_json_holds_are_refused(self, agency: Staffed) -> None:
        line_id = hours_line(agency, quantity=1, price=10**12)
        accrue(agency, line_id, 10_000)

        path = f"/v1/clients/{agency.client_id}/margin"

        assert refused(agency.executive.get(path, params=NOVEMBER)) == (422, "margins_too_large")
