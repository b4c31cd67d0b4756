"""Sales and refunds: told in any order and however often, they come to the same."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.tracking.orders import Order, Sums, changes, sums
from tenants.money import part_of
from tests.collaborations import making
from tests.factories import Staffed, events_of, staffed_agency
from tests.tracking.making import (
    MONDAY,
    code,
    days,
    link,
    on,
    refund,
    results,
    sale,
    sales,
    tell,
    told,
)

COMMISSION = {
    "currency": "EUR",
    "fixed_minor": 50_000,
    "commission_bp": 1_000,
    "commission_cap_minor": 100_000,
}


@pytest.fixture
def made(agency: Staffed) -> dict[str, Any]:
    """A collaboration with a tenth of what is sold by its code."""
    collaboration = making.started(agency, fee=COMMISSION)
    making.done(code(agency, collaboration), 201)
    return collaboration


class TestRecordConversions:
    def test_attributes_a_sale_by_its_code(self, agency: Staffed, made: dict[str, Any]) -> None:
        outcome = told(agency, sale(code="aurora10"), sale("2", 5_000))
        assert (outcome["stored"], outcome["attributed"], outcome["unattributed"]) == (2, 1, 1)
        assert days(agency) == [(on(), 1, 0, 10_000, 0, 1_000)]
        listed = agency.executive.get("/v1/conversions").json()["data"]
        assert {(each["order_id"], each["attributed_by"]) for each in listed} == {
            ("1", "code"),
            ("2", "no_touch"),
        }
        assert {each["rule_version"] for each in listed} == {1}

    def test_attributes_a_sale_by_the_link_that_was_followed(
        self, agency: Staffed, made: dict[str, Any]
    ) -> None:
        followed = making.done(link(agency, made), 201)
        touch = {"link": followed["code"], "clicked_at": MONDAY.isoformat()}
        assert told(agency, sale(touches=[touch]))["attributed"] == 1
        assert days(agency)[0][1] == 1

    def test_counts_an_order_once(self, agency: Staffed, made: dict[str, Any]) -> None:
        one = sale(code="AURORA10")
        told(agency, one)
        assert told(agency, one, one)["unchanged"] == 2
        assert days(agency) == [(on(), 1, 0, 10_000, 0, 1_000)]
        assert events_of(agency, agency.client_id).count("conversions.recorded") == 1

    def test_takes_back_what_was_refunded(self, agency: Staffed, made: dict[str, Any]) -> None:
        told(agency, sale(code="AURORA10"), refund(amount=4_000))
        assert days(agency) == [(on(), 1, 0, 10_000, 4_000, 600)]
        before = results(agency.executive, made)
        told(agency, refund(amount=6_000, name="r2"))
        assert days(agency) == [(on(), 1, 1, 10_000, 10_000, 0)]
        after = results(agency.executive, made)
        assert _value(before, "roi") > _value(after, "roi") == -1
        assert making.broken(agency) == []

    def test_keeps_a_refund_until_its_sale_comes(
        self, agency: Staffed, made: dict[str, Any]
    ) -> None:
        assert told(agency, refund())["waiting"] == 1
        assert days(agency) == []
        told(agency, sale(code="AURORA10"))
        assert days(agency) == [(on(), 1, 0, 10_000, 4_000, 600)]

    def test_counts_no_refund_beyond_its_sale(self, agency: Staffed, made: dict[str, Any]) -> None:
        told(agency, sale(code="AURORA10"), refund(amount=25_000))
        assert days(agency) == [(on(), 1, 1, 10_000, 10_000, 0)]
        assert making.broken(agency) == []

    def test_refuses_another_word_about_an_order(
        self, agency: Staffed, made: dict[str, Any]
    ) -> None:
        told(agency, sale(code="AURORA10"))
        answer = tell(agency, sale("2"), sale(amount=9_999))
        assert (answer.status_code, answer.json()["code"]) == (409, "conversion_differs")
        assert answer.json()["errors"][0]["pointer"] == "/conversions/1"
        assert len(agency.executive.get("/v1/conversions").json()["data"]) == 1

    def test_keeps_what_can_be_kept_when_asked_to(
        self, agency: Staffed, made: dict[str, Any]
    ) -> None:
        some = [sale(code="AURORA10"), sale("2", currency="USD"), sale("3"), sale("3", 1)]
        answer = tell(agency, *some, per_item=True)
        assert answer.status_code == 207
        outcome = answer.json()
        assert (outcome["received"], outcome["stored"], outcome["rejected"]) == (4, 2, 2)
        assert [(each["index"], each["code"]) for each in outcome["faults"]] == [
            (1, "conversion_currency_differs"),
            (3, "conversion_differs"),
        ]

    @pytest.mark.parametrize(
        ("fault", "code"),
        [
            ({"currency": "USD"}, "conversion_currency_differs"),
            ({"occurred_at": "2199-01-01T00:00:00Z"}, "conversion_from_the_future"),
            ({"amount_minor": -1}, "invalid_request"),
            ({"order_id": "x" * 10_240}, "invalid_request"),
            ({"order_id": "a\u0000b"}, "malformed_body"),
            ({"refund_id": "r1"}, "invalid_request"),
            ({"currency": "XXX"}, "invalid_request"),
        ],
    )
    def test_keeps_nothing_of_a_batch_with_a_fault(
        self, agency: Staffed, made: dict[str, Any], fault: dict[str, Any], code: str
    ) -> None:
        answer = tell(agency, sale("2", code="AURORA10"), {**sale(), **fault})
        assert answer.json()["code"] == code, answer.text
        assert days(agency) == []
        assert agency.executive.get("/v1/conversions").json()["data"] == []

    def test_takes_a_strange_code_for_nobodys(self, agency: Staffed, made: dict[str, Any]) -> None:
        outcome = told(agency, sale(code="АURORA10"), sale("2", code="🙂" * 50))
        assert (outcome["stored"], outcome["attributed"]) == (2, 0)

    def test_is_of_clients_in_sight(self, agency: Staffed, made: dict[str, Any]) -> None:
        for person, status in (
            (agency.strategist, 200),
            (agency.other_executive, 403),
            (agency.stranger, 403),
            (agency.influencer, 403),
            (agency.approver, 403),
        ):
            answer = tell(agency, sale(person.name), by=person)
            assert answer.status_code in (status, 404 if status == 403 else status), person.name


def _value(found: dict[str, Any], id: str) -> float:
    return float(next(each["value"] for each in found["returns"] if each["id"] == id))


class TestInfluencer:
    def test_sees_sums_and_no_order(self, agency: Staffed, made: dict[str, Any]) -> None:
        told(agency, sale(code="AURORA10"), refund())
        seen = results(agency.influencer, made)
        assert seen["sales"] == sales(agency, made)
        assert (seen["cost"], seen["returns"]) == (None, None)
        assert agency.influencer.get("/v1/conversions").status_code == 403
        other = agency.other_influencer.get(f"/v1/collaborations/{made['id']}/results")
        assert other.status_code == 404


_FACTS = st.lists(
    st.one_of(
        st.tuples(st.just("sale"), st.integers(1, 4), st.just(0)),
        st.tuples(st.just("refund"), st.integers(1, 4), st.integers(1, 3)),
    ),
    min_size=6,
    max_size=14,
)
_AMOUNTS = {1: 10_000, 2: 999, 3: 0, 4: 33_333}


def _fact(kind: str, order: int, number: int) -> dict[str, Any]:
    if kind == "sale":
        given = "AURORA10" if order != 4 else None
        return sale(str(order), _AMOUNTS[order], code=given)
    return refund(str(order), 1_111 * number, f"r{number}")


class TestAnyOrder:
    @settings(
        max_examples=8,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(facts=_FACTS, cuts=st.lists(st.integers(1, 14), min_size=2, max_size=4), data=st.data())
    def test_comes_to_the_same_sums(
        self,
        http: TestClient,
        facts: list[tuple[str, int, int]],
        cuts: list[int],
        data: st.DataObject,
    ) -> None:
        ours = staffed_agency(http)
        collaboration = making.started(ours, fee=COMMISSION)
        making.done(code(ours, collaboration), 201)
        shuffled = data.draw(st.permutations(facts + facts))
        places = sorted({0, *cuts, len(shuffled)})
        for start, end in zip(places, places[1:], strict=False):
            if batch := [_fact(*each) for each in shuffled[start:end]]:
                told(ours, *batch)
        assert days(ours) == _expected(set(facts))
        assert making.broken(ours) == []


def _expected(facts: set[tuple[str, int, int]]) -> list[tuple[Any, ...]]:
    """The sums, worked out from the set of what was told."""
    total = [0] * 5
    sold = {order for kind, order, _ in facts if kind == "sale" and order != 4}
    for order in sold:
        amount = _AMOUNTS[order]
        given = sum(1_111 * n for kind, of, n in facts if kind == "refund" and of == order)
        back = min(given, amount)
        left = amount - back
        each = (1, int(left == 0 and amount > 0), amount, back, part_of(left, 1_000, 10_000))
        total = [a + b for a, b in zip(total, each, strict=True)]
    return [(on(), *total)] if sold else []


class TestOrders:
    @given(st.permutations([3, 7, 11, 29]), st.integers(0, 10_000), st.integers(40, 10_000))
    def test_of_many_refunds_give_back_as_much_as_one(
        self, parts: Sequence[int], share: int, amount: int
    ) -> None:
        owner, day = UUID(int=1), MONDAY.date()
        order = Order("1", "EUR", owner, MONDAY, day, amount, 0, share)
        states = [sums(order)]
        for each in parts:
            order.refunded_minor += each
            states.append(sums(order))
        steps: list[Sums] = []
        for one, two in zip(states, states[1:], strict=False):
            steps += changes([one], [two]).values()
        whole = changes([states[0]], [states[-1]])
        added = Sums(*map(sum, zip(*steps, strict=True))) if steps else Sums()
        assert next(iter(whole.values()), Sums()) == added
