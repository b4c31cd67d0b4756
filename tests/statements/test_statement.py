"""One statement of a client's money: the same for both sides, each figure with its documents."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from api.campaigns import retainers
from tenants import auth, clock, database
from tests.approvals.asking import set_policy
from tests.budgets import factories as budgets
from tests.campaigns import making
from tests.campaigns.making import done
from tests.factories import Person, Staffed

FIGURES = ("planned_minor", "committed_minor", "actual_minor", "forecast_minor")


@pytest.fixture(autouse=True)
def october() -> Iterator[None]:
    """The 20th of October 2026."""
    with clock.at(datetime(2026, 10, 20, 9, tzinfo=UTC)):
        yield


def agency_hand(agency: Staffed) -> Any:
    return database.agency_session(auth.system(agency.agency_id))


def statement(agency: Staffed, person: Person, **days: str) -> Any:
    path = f"/v1/clients/{agency.client_id}/statement"
    return done(person.get(path, params={"from": "2026-10-01", "to": "2026-12-31", **days}))


def figures(shown: Any) -> tuple[int, ...]:
    return tuple(shown["figures"][name] for name in FIGURES)


def row(read: Any, section: str, category: str | None = None) -> Any:
    (found,) = [
        each for each in read["rows"] if (each["section"], each["category"]) == (section, category)
    ]
    return found


def contract(agency: Staffed, **values: Any) -> Any:
    body = {
        "client_id": str(agency.client_id),
        "title": "Gestión de redes",
        "starts_on": "2026-10-01",
        "monthly_fee": {"amount_minor": 310_000, "currency": "EUR"},
        **values,
    }
    made = done(agency.executive.post("/v1/contracts", body), 201)
    return done(agency.executive.post(f"/v1/contracts/{made['id']}/activate"))


class TestFees:
    def test_are_the_months_that_begin_in_the_period(self, agency: Staffed) -> None:
        signed = contract(agency, ends_on="2026-12-10")

        shown = row(statement(agency, agency.executive), "fees")

        due = 310_000 * 2 + 100_000
        assert figures(shown) == (due, due - 310_000, 310_000, due)
        assert [each["id"] for each in shown["documents"]] == [signed["id"]]

    def test_follow_the_contract_to_its_end(self, agency: Staffed) -> None:
        signed = contract(agency)

        done(agency.executive.post(f"/v1/contracts/{signed['id']}/end"))

        assert figures(row(statement(agency, agency.executive), "fees")) == (
            *(200_000, 0, 200_000, 200_000),
        )

    def test_of_months_before_it_was_put_in_force_are_not_ours(self, agency: Staffed) -> None:
        contract(agency, starts_on="2026-01-01")

        read = statement(agency, agency.executive, **{"from": "2026-09-01", "to": "2026-09-30"})

        assert read["rows"] == []

    def test_are_nothing_while_the_contract_is_a_draft(self, agency: Staffed) -> None:
        body = {"client_id": str(agency.client_id), "title": "Borrador", "starts_on": "2026-10-01"}
        fee = {"monthly_fee": {"amount_minor": 310_000, "currency": "EUR"}}
        done(agency.executive.post("/v1/contracts", body | fee), 201)

        assert statement(agency, agency.executive)["rows"] == []


class TestScopes:
    def test_are_actual_as_they_are_billed(self, agency: Staffed) -> None:
        price = {"amount_minor": 90_000, "currency": "EUR"}
        sold = making.accepted(
            agency,
            making.line(quantity=2),
            making.line(measure="milestone", quantity=2, unit_price=price),
            making.line(measure="pass_through", quantity=1, unit_price=price),
        )
        making.delivered(agency, making.deliverable(agency, sold["lines"][1]["id"]))

        shown = row(statement(agency, agency.executive), "scopes")

        billed = done(agency.executive.get("/v1/billables"))["data"]
        assert figures(shown) == (210_000, 90_000, 120_000, 210_000)
        assert sum(each["amount"]["amount_minor"] for each in billed) == 120_000

    def test_plan_what_a_later_version_would_add(self, agency: Staffed) -> None:
        campaign_id = making.campaign(agency)["id"]
        first = making.accepted(agency, making.line(quantity=2), campaign_id=campaign_id)
        making.submitted(
            agency, making.line(quantity=1), copy_of=first["id"], campaign_id=campaign_id
        )

        shown = row(statement(agency, agency.executive), "scopes")

        assert figures(shown) == (45_000, 0, 30_000, 30_000)
        assert [figures(each)[0] for each in shown["documents"]] == [30_000, 15_000]


class TestRetainers:
    def test_are_the_periods_that_begin_and_what_went_beyond_them(self, agency: Staffed) -> None:
        renewal = {
            "renews": "month",
            "rollover": "none",
            "overage_price": {"amount_minor": 20_000, "currency": "EUR"},
            "settle_after_days": 0,
        }
        line = making.line(measure="hours", quantity=10, due_on=None, renewal=renewal)
        sold = making.accepted(agency, line, starts_on="2026-09-15", ends_on="2027-03-14")
        path = f"/v1/scope-lines/{sold['lines'][0]['id']}/accruals"
        used = {"quantity": 12, "counted_on": "2026-10-19", "reason": "Lanzamiento"}
        done(agency.community.post(path, used), 201)
        with clock.at(datetime(2026, 11, 16, 9, tzinfo=UTC)), agency_hand(agency) as session:
            for each in retainers.due(session):
                retainers.renew(session, each)

        with clock.at(datetime(2026, 11, 16, 10, tzinfo=UTC)):
            read = statement(agency, agency.executive)
            theirs = statement(agency, agency.approver)

        # 15 October and 15 November have begun, 15 December has not; two hours went beyond October.
        month = 10 * 15_000
        assert figures(row(read, "retainers")) == (
            *(3 * month, month, 2 * month + 40_000, 3 * month + 40_000),
        )
        assert [each["section"] for each in read["rows"]] == ["retainers"]
        assert read == theirs

    def test_that_are_offered_are_planned(self, agency: Staffed) -> None:
        renewal = {"renews": "quarter", "rollover": "none"}
        line = making.line(measure="hours", quantity=10, due_on=None, renewal=renewal)
        making.submitted(agency, line, starts_on="2026-11-01")

        shown = row(statement(agency, agency.executive), "retainers")

        assert figures(shown) == (150_000, 0, 0, 0)


class TestBudgets:
    def test_are_what_their_lines_have_come_to(self, agency: Staffed) -> None:
        line = budgets.approved(agency, 100_000)["lines"][0]
        entry = {"kind": "commitment", "amount_minor": 30_000}
        done(agency.strategist.post(f"/v1/budget-lines/{line['id']}/entries", entry), 201)
        spent = {
            "line_id": line["id"],
            "amount_minor": 20_000,
            "currency": "EUR",
            "supplier": "Meta",
        }
        done(agency.strategist.post("/v1/expenses", spent), 201)

        shown = row(statement(agency, agency.executive), "budgets", "paid_media")

        # 20 of the period's 92 days have begun: 20,000 ÷ 20 × 92.
        assert figures(shown) == (100_000, 30_000, 20_000, 92_000)
        assert shown["pass_through"] is True
        assert [each["id"] for each in shown["documents"]] == [line["id"]]

    def test_keep_what_the_client_pays_itself_apart(self, agency: Staffed) -> None:
        lines = [budgets.line(70_000), budgets.line(50_000, paid_by="client")]
        budgets.approved(agency, lines=lines)

        totals = statement(agency, agency.executive)["totals"]

        assert {each["paid_by"]: figures(each)[0] for each in totals} == {
            "agency": 70_000,
            "client": 50_000,
        }

    def test_put_what_was_paid_down_to_who_paid_it(self, agency: Staffed) -> None:
        line = budgets.approved(agency, 100_000)["lines"][0]
        spent = {"line_id": line["id"], "currency": "EUR", "supplier": "Meta"}
        done(agency.strategist.post("/v1/expenses", spent | {"amount_minor": 20_000}), 201)
        by_client = spent | {"amount_minor": 5_000, "paid_by": "client"}
        theirs = done(agency.strategist.post("/v1/expenses", by_client), 201)
        back = {"amount_minor": 1_000, "reason": "Descuento"}
        done(agency.strategist.post(f"/v1/expenses/{theirs['id']}/refund", back))

        totals = statement(agency, agency.executive)["totals"]

        actual = {each["paid_by"]: each["figures"]["actual_minor"] for each in totals}
        forecast = {each["paid_by"]: each["figures"]["forecast_minor"] for each in totals}
        assert actual == {"agency": 20_000, "client": 4_000}
        assert forecast == {"agency": 24_000 * 92 // 20 - 4_000, "client": 4_000}


class TestStatement:
    def test_is_the_same_for_both_sides(self, agency: Staffed) -> None:
        contract(agency)
        making.accepted(agency)
        budgets.approved(agency, 100_000)
        budgets.draft(agency, 55_000)
        making.scope(agency)

        read = statement(agency, agency.executive)

        assert read == statement(agency, agency.approver)
        assert len(read["rows"]) == 3

    def test_shows_nothing_that_is_decided_on_inside(self, agency: Staffed) -> None:
        set_policy(agency, internal_first=True)
        path = f"/v1/budgets/{budgets.draft(agency, 66_000)['id']}"
        done(agency.executive.post(f"{path}/propose"))

        shown = {
            person: [figures(each) for each in statement(agency, getattr(agency, person))["rows"]]
            for person in ("executive", "approver")
        }

        assert shown == {"executive": [], "approver": []}

    def test_adds_up_from_its_documents(self, agency: Staffed) -> None:
        contract(agency)
        making.accepted(agency)
        budgets.approved(agency, 100_000, 40_000)

        read = statement(agency, agency.executive)

        for each in read["rows"]:
            behind = [figures(document) for document in each["documents"]]
            assert figures(each) == tuple(map(sum, zip(*behind, strict=True)))
        summed = [figures(each) for each in read["rows"]]
        assert figures(read["totals"][0]) == tuple(map(sum, zip(*summed, strict=True)))

    def test_never_adds_up_two_currencies(self, agency: Staffed) -> None:
        budgets.approved(agency, 100_000)
        budgets.approved(agency, 7_000, currency="JPY")

        totals = statement(agency, agency.executive)["totals"]

        assert [(each["currency"], figures(each)[0]) for each in totals] == [
            ("EUR", 100_000),
            ("JPY", 7_000),
        ]

    def test_is_for_who_keeps_the_money(self, agency: Staffed) -> None:
        path = f"/v1/clients/{agency.client_id}/statement"

        shown = {
            person: getattr(agency, person).get(path).status_code
            for person in ("owner", "strategist", "approver", "community", "viewer")
        }

        assert shown == {
            "owner": 200,
            "strategist": 200,
            "approver": 200,
            "community": 403,
            "viewer": 403,
        }
        assert agency.other_contact.get(path).status_code == 404

    def test_refuses_sums_that_no_number_holds(self, agency: Staffed) -> None:
        for _ in range(2):
            budgets.approved(agency, 2**53 - 1)
        path = f"/v1/clients/{agency.client_id}/statement"

        answer = agency.executive.get(path, params={"from": "2026-10-01", "to": "2026-10-31"})

        assert (answer.status_code, answer.json()["code"]) == (422, "statement_too_large")

    def test_refuses_a_period_that_ends_before_it_starts(self, agency: Staffed) -> None:
        path = f"/v1/clients/{agency.client_id}/statement"

        answer = agency.executive.get(path, params={"from": "2026-10-02", "to": "2026-10-01"})

        assert (answer.status_code, answer.json()["code"]) == (422, "period_backwards")
