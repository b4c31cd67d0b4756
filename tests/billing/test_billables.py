"""What clients are billed for, as the work earns it."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

from billing.receivable import billables
from billing.receivable.billable_models import BillableKind
from tenants.ids import new_id
from tests.billing import invoicing
from tests.billing.creators import inside
from tests.campaigns import making
from tests.campaigns.making import done
from tests.factories import Person, Staffed, events_of


def billed(person: Person, **filters: str) -> list[Any]:
    """Kind, amount and source of each billable, the oldest first."""
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    found: list[Any] = done(person.get(f"/v1/billables?{query}"))["data"]
    return [
        (each["kind"], each["amount"]["amount_minor"], each["source_id"])
        for each in reversed(found)
    ]


class TestScope:
    def test_bills_what_is_sold_once_when_it_is_accepted(self, agency: Staffed) -> None:
        offered = making.submitted(
            agency,
            making.line(),
            making.line(measure="milestone", quantity=1),
            making.line(measure="pass_through", quantity=1),
        )
        before = billed(agency.executive)

        done(agency.approver.post(f"/v1/scopes/{offered['id']}/accept"))

        assert before == []
        assert billed(agency.executive) == [("scope", 12 * 15000, offered["id"])]

    def test_bills_what_a_change_adds_to_it(self, agency: Staffed) -> None:
        first = making.accepted(agency)
        body = {
            "scope_id": first["id"],
            "title": "Dos reels menos",
            "reason": {"es": "El lanzamiento se acorta"},
            "lines": [
                {"action": "alter", "line_id": first["lines"][0]["id"], "quantity_delta": -2}
            ],
        }
        order = done(agency.executive.post("/v1/change-orders", body), 201)
        path = f"/v1/change-orders/{order['id']}"
        done(agency.executive.post(f"{path}/submit"))

        result = done(agency.approver.post(f"{path}/accept"))["result_scope_id"]

        assert billed(agency.executive) == [
            ("scope", 12 * 15000, first["id"]),
            ("scope_change", -2 * 15000, result),
        ]

    def test_is_told_in_both_languages(self, agency: Staffed) -> None:
        made = making.accepted(agency)

        (shown,) = done(agency.executive.get("/v1/billables"))["data"]

        assert shown["label"] == {
            "en": f"Scope {made['number']}: Alcance de otoño",
            "es": f"Alcance {made['number']}: Alcance de otoño",
        }
        assert shown["amount"]["currency"] == "EUR"
        assert shown["period_start"] is None


class TestMilestone:
    def test_is_billed_when_it_is_delivered(self, agency: Staffed) -> None:
        making.active_campaign(agency)
        milestone = making.line(measure="milestone", quantity=2, unit_price=_eur(90_000))
        sold = making.accepted(agency, milestone)
        made = making.deliverable(agency, sold["lines"][0]["id"], units=2)
        path = f"kind=milestone&source_id={made['id']}"
        before = done(agency.executive.get(f"/v1/billables?{path}"))["data"]

        making.delivered(agency, made)

        (shown,) = done(agency.executive.get(f"/v1/billables?{path}"))["data"]
        assert before == []
        assert shown["amount"] == _eur(180_000)
        assert shown["label"] == made["label"]

    def test_counted_by_hand_is_billed_too_and_taken_back(self, agency: Staffed) -> None:
        milestone = making.line(measure="milestone", quantity=2, unit_price=_eur(90_000))
        line_id = making.accepted(agency, milestone)["lines"][0]["id"]
        counted = {"quantity": 3, "counted_on": "2026-11-02", "reason": "Una más"}
        path = f"/v1/scope-lines/{line_id}/accruals"
        entry = done(agency.community.post(path, counted), 201)

        reason = {"reason": "No estaba hecho"}
        back = done(agency.community.post(f"/v1/unit-entries/{entry['id']}/reverse", reason), 201)

        assert billed(agency.executive, kind="milestone") == [
            ("milestone", 180_000, entry["id"]),
            ("milestone", -180_000, back["id"]),
        ]

    def test_bills_no_piece_a_second_time(self, agency: Staffed) -> None:
        sold = making.accepted(agency)

        making.delivered(agency, making.deliverable(agency, sold["lines"][0]["id"]))

        assert [kind for kind, *_ in billed(agency.executive)] == ["scope"]


class TestOneSource:
    def test_is_billed_once_whoever_says_it_at_once(self, agency: Staffed) -> None:
        """One acceptance, told by eight: one billable, one event, the first word."""
        source = new_id()

        def add(number: int) -> bool:
            with inside(agency) as session:
                return billables.add(
                    session,
                    BillableKind.monthly_fee,
                    "tests",
                    source,
                    client_id=agency.client_id,
                    label={"es": "Cuota"},
                    amount_minor=100_00 + number,
                    currency="EUR",
                    earned_on=date(2026, 10, 1),
                )

        with ThreadPoolExecutor(8) as pool:
            added = list(pool.map(add, range(8)))

        assert Counter(added) == {False: 7, True: 1}
        (kept,) = done(agency.executive.get(f"/v1/billables?source_id={source}"))["data"]
        assert kept["amount"]["amount_minor"] == 100_00 + added.index(True)
        assert events_of(agency, kept["id"]) == ["billable.added"]

    def test_stands_on_one_invoice_whoever_drafts_it_at_once(self, agency: Staffed) -> None:
        body = {"client_id": str(agency.client_id), "billable_ids": [invoicing.billable(agency)]}

        with ThreadPoolExecutor(6) as pool:
            answers = list(
                pool.map(lambda _: agency.executive.post("/v1/invoices", body), range(6))
            )

        told = Counter((each.status_code, each.json().get("code")) for each in answers)
        assert told == {(201, None): 1, (409, "billable_invoiced"): 5}
        assert invoicing.broken(agency) == {}


class TestList:
    def test_is_for_who_keeps_the_relation(self, agency: Staffed) -> None:
        making.accepted(agency)

        shown = {
            person: getattr(agency, person).get("/v1/billables").status_code
            for person in ("owner", "executive", "strategist", "community", "approver")
        }

        assert shown == {
            "owner": 200,
            "executive": 200,
            "strategist": 403,
            "community": 403,
            "approver": 403,
        }

    def test_is_cut_by_the_day_it_was_earned(self, agency: Staffed) -> None:
        making.accepted(agency)

        assert billed(agency.executive, earned_to="2020-01-01") == []
        assert len(billed(agency.executive, earned_from="2020-01-01")) == 1


def _eur(amount_minor: int) -> dict[str, Any]:
    return {"amount_minor": amount_minor, "currency": "EUR"}
