"""Change orders while they are written and on offer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from api.campaigns import change_orders
from tenants import auth, clock, database
from tenants.models import ApprovalMode
from tests.budgets import factories as budgets
from tests.campaigns import making
from tests.campaigns.change_orders.ordering import (
    HUGE,
    ORDERS,
    active_line,
    draft,
    in_force,
    more,
    plan_of,
    quantities,
    sold,
    submit,
)
from tests.campaigns.making import done
from tests.factories import Staffed


class TestDraft:
    def test_numbers_come_once_each(self, agency: Staffed) -> None:
        scope = sold(agency)
        change = more(scope["lines"][0])

        with ThreadPoolExecutor(20) as pool:
            made = list(pool.map(lambda _: draft(agency, scope, change), range(20)))

        assert sorted(order["number"] for order in made) == list(range(1, 21))

    def test_changes_until_it_is_submitted(self, agency: Staffed) -> None:
        scope = sold(agency)
        order = draft(agency, scope, more(scope["lines"][0]))
        path = f"{ORDERS}/{order['id']}"

        changed = done(
            agency.executive.patch(path, {"title": "Otro", "lines": [more(scope["lines"][0], 5)]})
        )
        submit(agency, order)
        late = agency.executive.patch(path, {"title": "Tarde"})
        gone = agency.executive.delete(path)

        assert [line["quantity_delta"] for line in changed["lines"]] == [5]
        assert (late.status_code, late.json()["code"]) == (409, "change_order_not_draft")
        assert gone.json()["code"] == "change_order_not_draft"

    def test_can_be_thrown_away(self, agency: Staffed) -> None:
        scope = sold(agency)
        order = draft(agency, scope, more(scope["lines"][0]))
        path = f"{ORDERS}/{order['id']}"

        assert agency.executive.delete(path).status_code == 204
        assert agency.executive.get(path).status_code == 404

    @pytest.mark.parametrize(
        ("change", "status", "code"),
        [
            ({"quantity_delta": -12}, 409, "nothing_left"),
            ({"quantity_delta": 0}, 422, "changes_nothing"),
            ({}, 422, "changes_nothing"),
            ({"quantity_delta": 201, "plan": True}, 422, "not_plannable"),
            ({"unit_price": {"amount_minor": 1, "currency": "USD"}}, 422, "line_currency"),
            ({"due_on": "2027-01-01", "due_days": 3}, 422, "invalid_request"),
            (HUGE, 422, "scope_too_large"),
        ],
    )
    def test_refuses_what_could_not_be_sold(
        self, agency: Staffed, change: dict[str, Any], status: int, code: str
    ) -> None:
        scope = sold(agency)
        line = {"action": "alter", "line_id": scope["lines"][0]["id"], **change}
        body = {"scope_id": scope["id"], "title": "X", "reason": {"es": "X"}, "lines": [line]}

        answer = agency.executive.post(ORDERS, body)

        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert done(agency.executive.get(ORDERS))["data"] == []

    @pytest.mark.parametrize("part", ["lines", "budget", "cancels"])
    def test_refuses_to_change_anything_twice(self, agency: Staffed, part: str) -> None:
        scope = sold(agency)
        (line,) = scope["lines"]
        changes: list[Any] = [more(line, units) for units in (1, 2)]
        if part == "budget":
            account = active_line(agency, 1000)["id"]
            changes = [{"budget_line_id": account, "amount_minor": amount} for amount in (1, 2)]
        elif part == "cancels":
            changes = [making.deliverable(agency, line["id"])["id"]] * 2
        body = {"scope_id": scope["id"], "title": "X", "reason": {"es": "X"}, part: changes}

        answer = agency.executive.post(ORDERS, body)

        assert (answer.status_code, answer.json()["code"]) == (422, "changed_twice")
        assert answer.json()["errors"][0]["pointer"] == f"/{part}"

    def test_refuses_to_move_no_money(self, agency: Staffed) -> None:
        nothing = {"budget_line_id": active_line(agency, 1000)["id"], "amount_minor": 0}
        body = {"scope_id": sold(agency)["id"], "title": "X", "reason": {"es": "X"}}

        answer = agency.executive.post(ORDERS, {**body, "budget": [nothing]})

        assert (answer.status_code, answer.json()["code"]) == (422, "changes_nothing")

    def test_refuses_to_be_submitted_empty(self, agency: Staffed) -> None:
        order = draft(agency, sold(agency))

        answer = agency.executive.post(f"{ORDERS}/{order['id']}/submit")

        assert (answer.status_code, answer.json()["code"]) == (409, "change_order_empty")

    def test_refuses_a_scope_that_is_not_in_force(self, agency: Staffed) -> None:
        scope = making.scope(agency)
        body = {"scope_id": scope["id"], "title": "X", "reason": {"es": "X"}}

        answer = agency.executive.post(ORDERS, body)

        assert (answer.status_code, answer.json()["code"]) == (409, "scope_not_in_force")

    @pytest.mark.parametrize("part", ["scope", "line", "deliverable", "budget"])
    def test_refuses_what_is_anothers(
        self, agency: Staffed, other_agency: Staffed, part: str
    ) -> None:
        ours, theirs = sold(agency), sold(other_agency)
        line = theirs["lines"][0]
        change: dict[str, Any] = {}
        if part == "line":
            change = {"lines": [more(line)]}
        elif part == "deliverable":
            change = {"cancels": [making.deliverable(other_agency, line["id"])["id"]]}
        elif part == "budget":
            account = active_line(other_agency, 1000)["id"]
            change = {"budget": [{"budget_line_id": account, "amount_minor": 1}]}
        scope_id = (theirs if part == "scope" else ours)["id"]
        body = {"scope_id": scope_id, "title": "X", "reason": {"es": "X"}, **change}

        assert agency.executive.post(ORDERS, body).status_code == 404

    @pytest.mark.parametrize("part", ["line", "deliverable", "budget"])
    def test_refuses_what_is_another_clients(self, agency: Staffed, part: str) -> None:
        ours, other = sold(agency), {"client_id": str(agency.other_client_id)}
        lines = [making.line()]
        theirs = done(
            agency.owner.post("/v1/scopes", {"title": "Otro", "lines": lines, **other}), 201
        )
        change: dict[str, Any] = {"lines": [more(theirs["lines"][0])]}
        if part == "budget":
            plan = {"lines": [budgets.line(1000)], "name": "Otro", **other}
            period = {"period_start": "2026-10-01", "period_end": "2026-12-31"}
            account = done(agency.owner.post("/v1/budgets", plan | period), 201)["lines"][0]
            change = {"budget": [{"budget_line_id": account["id"], "amount_minor": 1}]}
        elif part == "deliverable":
            submit = f"/v1/scopes/{theirs['id']}"
            done(agency.other_executive.post(f"{submit}/submit"))
            done(agency.other_contact.post(f"{submit}/accept"))
            made = plan_of(agency.owner, theirs["lines"][0])
            change = {"cancels": [made["id"]]}
        body = {"scope_id": ours["id"], "title": "X", "reason": {"es": "X"}, **change}

        assert agency.owner.post(ORDERS, body).status_code == 404


class TestOffer:
    def test_is_seen_by_the_client_once_it_is_submitted(self, agency: Staffed) -> None:
        scope = sold(agency)
        order = draft(agency, scope, more(scope["lines"][0]))
        path = f"{ORDERS}/{order['id']}"

        assert agency.approver.get(path).status_code == 404
        submit(agency, order)

        read = done(agency.approver.get(path))
        assert [line["quantity_delta"] for line in read["lines"]] == [3]
        approval = done(agency.approver.get(f"/v1/approvals/{read['approval_id']}"))
        (shown,) = approval["document"]["subjects"]
        assert shown["type"] == "change_orders"
        assert shown["total_delta"] == {"amount_minor": 45000, "currency": "EUR"}
        assert [shown["lines"][0][side]["quantity"] for side in ("before", "after")] == [12, 15]

    def test_is_never_accepted_by_who_made_it(self, agency: Staffed) -> None:
        making.set_mode(agency, ApprovalMode.internal)
        scope = making.scope(agency, campaign_id=making.campaign(agency)["id"])
        done(agency.executive.post(f"/v1/scopes/{scope['id']}/submit"))
        done(agency.strategist.post(f"/v1/scopes/{scope['id']}/accept"))
        order = submit(agency, draft(agency, scope, more(scope["lines"][0])))

        assert agency.executive.post(f"{ORDERS}/{order['id']}/accept").status_code == 403
        assert agency.approver.post(f"{ORDERS}/{order['id']}/accept").status_code == 404
        done(agency.strategist.post(f"{ORDERS}/{order['id']}/accept"))

    def test_can_be_rejected_and_withdrawn(self, agency: Staffed) -> None:
        scope = sold(agency)
        one, two = (draft(agency, scope, more(scope["lines"][0])) for _ in range(2))
        submit(agency, one)
        submit(agency, two)

        rejected = agency.approver.post(f"{ORDERS}/{one['id']}/reject", {"reason": "Caro"})
        withdrawn = agency.executive.post(f"{ORDERS}/{two['id']}/withdraw")
        late = agency.approver.post(f"{ORDERS}/{two['id']}/accept")

        assert (done(rejected)["status"], done(withdrawn)["status"]) == ("rejected", "withdrawn")
        assert (late.status_code, late.json()["code"]) == (409, "move_not_allowed")
        assert quantities(in_force(agency, scope)) == [12]

    def test_expires(self, agency: Staffed) -> None:
        scope = sold(agency)
        until = (clock.now() + timedelta(days=3)).date().isoformat()
        order = draft(agency, scope, more(scope["lines"][0]), valid_until=until)
        submit(agency, order)
        path = f"{ORDERS}/{order['id']}"

        with clock.at(clock.now() + timedelta(days=5)):
            token = agency.approver.headers
            answer = agency.approver.call("POST", f"{path}/accept", headers=token)
            assert (answer.status_code, answer.json()["code"]) == (409, "change_order_expired")
            with database.agency_session(auth.system(agency.agency_id)) as session:
                assert change_orders.expire(session) == 1

        assert done(agency.executive.get(path))["status"] == "expired"
