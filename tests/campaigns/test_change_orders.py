"""Change orders, through the API: what they lead to is what they said, and all of it or nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from api.campaigns import change_orders
from api.campaigns.lot_models import ScopeLot
from tenants import auth, clock, database
from tenants.models import ApprovalMode, Client, OverScope
from tests.budgets import factories as budgets
from tests.campaigns import making
from tests.campaigns.making import done
from tests.factories import Person, Staffed, events_of

ORDERS = "/v1/change-orders"
PRICE = {"amount_minor": 20000, "currency": "EUR"}
HUGE = {"quantity_delta": 1_000_000, "unit_price": {"amount_minor": 10**12, "currency": "EUR"}}


def sold(agency: Staffed, *lines: dict[str, Any]) -> Any:
    """A campaign's accepted scope: twelve reels, unless said."""
    campaign_id = making.campaign(agency)["id"]
    return making.accepted(agency, *lines, campaign_id=campaign_id)


def draft(agency: Staffed, scope: Any, *changes: dict[str, Any], **values: Any) -> Any:
    body = {
        "scope_id": scope["id"],
        "title": "Más reels",
        "reason": {"es": "El lanzamiento se alarga"},
        "lines": list(changes),
        **values,
    }
    return done(agency.executive.post(ORDERS, body), 201)


def more(line: Any, units: int = 3, **values: Any) -> dict[str, Any]:
    return {"action": "alter", "line_id": line["id"], "quantity_delta": units, **values}


def submit(agency: Staffed, order: Any) -> Any:
    return done(agency.executive.post(f"{ORDERS}/{order['id']}/submit"))


def accept(agency: Staffed, order: Any) -> Any:
    submit(agency, order)
    return done(agency.approver.post(f"{ORDERS}/{order['id']}/accept"))


def in_force(agency: Staffed, scope: Any, as_of: str | None = None) -> Any:
    path = f"/v1/campaigns/{scope['campaign_id']}/scope"
    return done(agency.executive.get(path, params={"as_of": as_of} if as_of else {}))


def active_line(agency: Staffed, allocated: int) -> Any:
    """A line of an active budget."""
    return budgets.approved(agency, allocated)["lines"][0]


def quantities(scope: Any) -> list[int]:
    return [line["quantity"] for line in scope["lines"]]


def set_policy(agency: Staffed, policy: OverScope) -> None:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        database.get(session, Client, agency.client_id).over_scope = policy


def plan(person: Person, line: Any, **values: Any) -> Any:
    return person.post("/v1/deliverables", {"line_id": line["id"], **values})


def plan_of(person: Person, line: Any) -> Any:
    return done(plan(person, line), 201)


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


class TestOverScope:
    def test_blocks_unless_the_client_agreed_to_more(self, agency: Staffed) -> None:
        (line,) = sold(agency)["lines"]

        answer = plan(agency.community, line, units=13)

        assert (answer.status_code, answer.json()["code"]) == (409, "scope_exhausted")
        assert answer.json()["available"] == 12

    @pytest.mark.parametrize("policy", list(OverScope))
    def test_fifty_at_once_get_exactly_what_was_sold(
        self, agency: Staffed, policy: OverScope
    ) -> None:
        set_policy(agency, policy)
        scope = sold(agency)
        (line,) = scope["lines"]

        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda _: plan(agency.community, line), range(50)))

        made = [answer.json() for answer in answers if answer.status_code == 201]
        inside = [row for row in made if not row["over_scope"]]
        assert len(inside) == 12
        assert len(made) == (12 if policy is OverScope.block else 50)
        counted = making.lot_of(agency, scope["id"])
        assert (counted["planned"], counted["planned_over"]) == (len(made), len(made) - 12)
        drafts = done(agency.executive.get(ORDERS))["data"]
        assert len(drafts) == (1 if policy is OverScope.draft_change_order else 0)

    def test_is_over_serviced_once_it_is_delivered(self, agency: Staffed) -> None:
        set_policy(agency, OverScope.flag)
        scope = sold(agency, making.line(quantity=1))
        (line,) = scope["lines"]
        inside, beyond = (plan(agency.community, line).json() for _ in range(2))

        for made in (inside, beyond):
            making.delivered(agency, made)

        counted = making.lot_of(agency, scope["id"])
        assert (counted["delivered"], counted["over_serviced"]) == (2, 1)
        assert counted["planned"] == 0
        with database.agency_session(auth.system(agency.agency_id)) as session:
            lot = session.exec(select(ScopeLot)).one()
        assert (lot.delivered, lot.over_serviced, lot.reserved) == (1, 1, 0)

    def test_cancelled_gives_nothing_back(self, agency: Staffed) -> None:
        set_policy(agency, OverScope.flag)
        scope = sold(agency, making.line(quantity=1))
        (line,) = scope["lines"]
        inside, beyond = (plan(agency.community, line).json() for _ in range(2))
        done(making.move(agency.community, beyond, "cancel"))

        again = plan(agency.community, line).json()
        done(making.move(agency.community, inside, "cancel"))

        assert again["over_scope"]
        assert not plan(agency.community, line).json()["over_scope"]

    def test_drafts_one_change_for_all_lines_at_once(self, agency: Staffed) -> None:
        set_policy(agency, OverScope.draft_change_order)
        lines = sold(agency, making.line(quantity=1), making.line(quantity=1))["lines"]

        with ThreadPoolExecutor(10) as pool:
            list(pool.map(lambda place: plan_of(agency.community, lines[place % 2]), range(12)))

        (order,) = done(agency.executive.get(ORDERS))["data"]
        read = done(agency.executive.get(f"{ORDERS}/{order['id']}"))
        assert [line["quantity_delta"] for line in read["lines"]] == [5, 5]

    def test_is_covered_before_more_is_planned(self, agency: Staffed) -> None:
        set_policy(agency, OverScope.flag)
        scope = sold(agency, making.line(quantity=1))
        (line,) = scope["lines"]
        for _ in range(4):
            plan_of(agency.community, line)

        accept(agency, draft(agency, scope, more(line, 5, plan=True)))

        rows = done(agency.executive.get("/v1/deliverables"))["data"]
        assert (len(rows), sum(row["over_scope"] for row in rows)) == (6, 0)
        now = in_force(agency, scope)
        counted = making.lot_of(agency, now["id"])
        assert (counted["contracted"], counted["planned"]) == (6, 6)

    def test_drafts_the_change_that_covers_it(self, agency: Staffed) -> None:
        set_policy(agency, OverScope.draft_change_order)
        scope = sold(agency, making.line(quantity=2))
        (line,) = scope["lines"]
        rows = [plan(agency.community, line).json() for _ in range(5)]
        (order,) = done(agency.executive.get(ORDERS))["data"]

        accept(agency, order)

        assert order["drafted_by_us"]
        read = done(agency.executive.get("/v1/deliverables"))["data"]
        assert len(read) == len(rows)
        assert not any(row["over_scope"] for row in read)
        now = in_force(agency, scope)
        assert quantities(now) == [5]
        assert making.lot_of(agency, now["id"])["planned"] == 5
