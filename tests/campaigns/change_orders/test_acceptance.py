"""Change orders, through the API: what they lead to is what they said, and all of it or nothing."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenants import clock
from tests.campaigns import making
from tests.campaigns.change_orders.ordering import (
    ORDERS,
    PRICE,
    accept,
    active_line,
    draft,
    in_force,
    more,
    plan,
    quantities,
    sold,
    submit,
)
from tests.campaigns.making import done
from tests.factories import Staffed, events_of


class TestAccept:
    def test_makes_the_next_version_of_the_scope(self, agency: Staffed) -> None:
        scope = sold(agency, making.line(), making.line(quantity=4, kind="story"))
        reels, stories = scope["lines"]
        before = clock.now().isoformat()
        order = draft(
            agency,
            scope,
            more(reels, unit_price=PRICE),
            {"action": "remove", "line_id": stories["id"]},
            {"action": "add", **making.line(kind="post", quantity=5), "plan": True},
            ends_on="2027-01-31",
        )
        shown = done(agency.executive.get(f"{ORDERS}/{order['id']}/preview"))

        accepted = accept(agency, order)

        result = in_force(agency, scope)
        assert (accepted["status"], accepted["result_scope_id"]) == ("accepted", result["id"])
        assert (result["version_number"], result["ends_on"]) == (2, "2027-01-31")
        assert [(line["kind"], line["quantity"]) for line in result["lines"]] == [
            ("reel", 15),
            ("post", 5),
        ]
        assert result["total"]["amount_minor"] == 15 * 20000 + 5 * 15000
        assert shown["total_after"] == result["total"]
        assert shown["total_before"] == scope["total"]
        planned = done(agency.executive.get("/v1/deliverables"))["data"]
        assert len(planned) == 5
        former = done(agency.executive.get(f"/v1/scopes/{scope['id']}"))
        assert (former["status"], former["superseded_at"]) == ("superseded", result["accepted_at"])
        # The fold, at any date.
        assert quantities(in_force(agency, scope, before)) == [12, 4]
        assert in_force(agency, scope, before)["id"] == scope["id"]
        assert events_of(agency, order["id"]) == [
            "change_order.created",
            "change_order.submitted",
            "change_order.accepted",
        ]

    def test_goes_on_counting_where_the_former_version_stood(self, agency: Staffed) -> None:
        scope = sold(agency)
        (reels,) = scope["lines"]
        making.delivered(agency, making.deliverable(agency, reels["id"]))
        making.deliverable(agency, reels["id"], units=11)

        accept(agency, draft(agency, scope, more(reels)))

        now = in_force(agency, scope)
        counted = making.lot_of(agency, now["id"])
        assert (counted["contracted"], counted["delivered"], counted["planned"]) == (15, 1, 11)
        (line,) = now["lines"]
        assert (line["continues"], line["origin_id"]) == (reels["id"], reels["id"])
        assert plan(agency.community, line, units=3).status_code == 201
        assert plan(agency.community, line).json()["code"] == "scope_exhausted"
        assert plan(agency.community, reels).json()["code"] == "scope_not_in_force"

    def test_calls_off_and_dates_anew(self, agency: Staffed) -> None:
        scope = sold(agency)
        (reels,) = scope["lines"]
        kept, gone = (making.deliverable(agency, reels["id"]) for _ in range(2))
        redated = {"action": "alter", "line_id": reels["id"], "due_on": "2027-01-15"}

        accept(agency, draft(agency, scope, redated, cancels=[gone["id"]]))

        read = {
            each["id"]: done(agency.executive.get(f"/v1/deliverables/{each['id']}"))
            for each in (kept, gone)
        }
        assert (read[kept["id"]]["due_on"], read[gone["id"]]["status"]) == (
            "2027-01-15",
            "cancelled",
        )
        assert read[kept["id"]]["original_due_on"] == "2026-12-31"
        dates = done(agency.executive.get(f"/v1/deliverables/{kept['id']}/dates"))["data"]
        assert [each["cause"] for each in dates] == ["client"]

    def test_moves_the_budget(self, agency: Staffed) -> None:
        scope = sold(agency)
        line = active_line(agency, 100_000)
        order = draft(agency, scope, budget=[{"budget_line_id": line["id"], "amount_minor": 5000}])

        accept(agency, order)

        read = done(agency.executive.get(f"/v1/budget-lines/{line['id']}"))
        assert read["allocated_minor"] == 105_000

    @pytest.mark.parametrize("short", ["budget", "scope"])
    def test_is_all_or_nothing(self, agency: Staffed, short: str) -> None:
        scope = sold(agency)
        (reels,) = scope["lines"]
        line = active_line(agency, 100_000)
        amount = -100_001 if short == "budget" else -1
        order = draft(
            agency,
            scope,
            more(reels, -11),
            budget=[{"budget_line_id": line["id"], "amount_minor": amount}],
        )
        submit(agency, order)
        if short == "scope":
            making.deliverable(agency, reels["id"], units=2)

        answer = agency.approver.post(f"{ORDERS}/{order['id']}/accept")

        code = {"budget": "line_exceeded", "scope": "scope_below_work"}[short]
        assert (answer.status_code, answer.json()["code"]) == (409, code)
        assert in_force(agency, scope)["id"] == scope["id"]
        read = done(agency.executive.get(f"/v1/budget-lines/{line['id']}"))
        assert read["allocated_minor"] == 100_000
        assert done(agency.executive.get(f"{ORDERS}/{order['id']}"))["status"] == "submitted"

    def test_happens_once_however_often_at_once(self, agency: Staffed) -> None:
        scope = sold(agency)
        order = submit(agency, draft(agency, scope, more(scope["lines"][0])))
        path = f"{ORDERS}/{order['id']}/accept"

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: agency.approver.post(path), range(6)))

        assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
        assert quantities(in_force(agency, scope)) == [15]

    def test_leaves_others_standing_that_change_other_lines(self, agency: Staffed) -> None:
        scope = sold(agency, making.line(), making.line(kind="story"))
        first, second = (
            submit(agency, draft(agency, scope, more(line))) for line in scope["lines"]
        )
        stale = submit(agency, draft(agency, scope, more(scope["lines"][0], 1)))

        for order in (first, second):
            done(agency.approver.post(f"{ORDERS}/{order['id']}/accept"))
        answer = agency.approver.post(f"{ORDERS}/{stale['id']}/accept")

        assert quantities(in_force(agency, scope)) == [15, 15]
        assert in_force(agency, scope)["version_number"] == 3
        assert (answer.status_code, answer.json()["code"]) == (412, "content_changed")

    def test_leaves_what_can_no_longer_be_accepted_to_be_refused(self, agency: Staffed) -> None:
        scope = sold(agency, making.line())
        line = scope["lines"][0]
        less = 1 - line["quantity"]
        first, second = (submit(agency, draft(agency, scope, more(line, less))) for _ in range(2))
        done(agency.approver.post(f"{ORDERS}/{first['id']}/accept"))

        accepted = agency.approver.post(f"{ORDERS}/{second['id']}/accept")
        refused = agency.approver.post(f"{ORDERS}/{second['id']}/reject", {"reason": "No more"})

        assert (accepted.status_code, accepted.json()["code"]) == (409, "nothing_left")
        assert done(refused)["status"] == "rejected"

    def test_waits_while_another_version_is_decided_on(self, agency: Staffed) -> None:
        scope = sold(agency)
        order = submit(agency, draft(agency, scope, more(scope["lines"][0])))
        values = {"campaign_id": scope["campaign_id"], "copy_of": scope["id"]}
        making.submitted(agency, **values)

        answer = agency.approver.post(f"{ORDERS}/{order['id']}/accept")

        assert (answer.status_code, answer.json()["code"]) == (409, "scope_already_submitted")

    def test_of_a_scope_without_campaign_follows_its_versions(self, agency: Staffed) -> None:
        scope = making.accepted(agency)
        first, second = (draft(agency, scope, more(scope["lines"][0], 1)) for _ in range(2))

        one = accept(agency, first)
        two = accept(agency, second)

        read = done(agency.executive.get(f"/v1/scopes/{two['result_scope_id']}"))
        assert (quantities(read), read["copy_of"]) == ([14], one["result_scope_id"])


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["add", "alter", "remove"]),
        st.integers(0, 2),
        st.integers(-3, 5),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda change: change[1],
)


def _change(scope: Any, action: str, place: int, delta: int, price: int) -> dict[str, Any]:
    amount = {"amount_minor": price * 1000, "currency": "EUR"}
    if action == "add" or place >= len(scope["lines"]):
        return {"action": "add", **making.line(quantity=1 + abs(delta), unit_price=amount)}
    line_id = scope["lines"][place]["id"]
    if action == "remove":
        return {"action": "remove", "line_id": line_id}
    return {
        "action": "alter",
        "line_id": line_id,
        "quantity_delta": delta,
        "unit_price": amount,
    }


class TestPreview:
    @settings(
        max_examples=12,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(st.lists(CHANGES, min_size=1, max_size=3))
    def test_is_what_acceptance_leads_to(self, agency: Staffed, orders: list[Any]) -> None:
        lines = [making.line(quantity=4 + place, kind=f"kind_{place}") for place in range(3)]
        first = sold(agency, *lines)
        for changes in orders:
            scope = in_force(agency, first)
            body = {
                "scope_id": scope["id"],
                "title": "Cambio",
                "reason": {"es": "Porque sí"},
                "lines": [_change(scope, *change) for change in changes],
            }
            made = agency.executive.post(ORDERS, body)
            if made.status_code != 201:
                assert made.json()["code"] in ("nothing_left", "changes_nothing")
                continue
            shown = done(agency.executive.get(f"{ORDERS}/{made.json()['id']}/preview"))
            accept(agency, made.json())

            result = in_force(agency, first)
            names = ("kind", "measure", "quantity", "network", "revision_rounds", "due_on", "label")
            assert [{name: line[name] for name in names} for line in shown["after"]] == [
                {name: line[name] for name in names} for line in result["lines"]
            ]
            prices = [line["unit_price"]["amount_minor"] for line in result["lines"]]
            assert [line["unit_price_minor"] for line in shown["after"]] == prices
            assert shown["total_after"] == result["total"]
