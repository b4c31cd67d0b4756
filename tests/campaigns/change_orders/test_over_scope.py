"""Work beyond what was sold: the client's policy decides."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from api.campaigns.lot_models import ScopeLot
from tenants import auth, database
from tenants.models import OverScope
from tests.campaigns import making
from tests.campaigns.change_orders.ordering import (
    ORDERS,
    accept,
    draft,
    in_force,
    more,
    plan,
    plan_of,
    quantities,
    set_policy,
    sold,
)
from tests.campaigns.making import done
from tests.factories import Staffed


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
