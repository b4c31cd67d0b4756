"""Who a sale is attributed to: windows, precedence, the last touch. Pure."""

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from api.tracking import attribution
from api.tracking.attribution import Claim, Code, Link, Touch, Why, attribute
from tenants.ids import new_id
from tests.tracking.making import MONDAY, a_day

ANA, EVA = new_id(), new_id()
RULE = attribution.rules()[0]
CODES = {
    "AURORA10": [
        Code(new_id(), ANA, a_day(-15), a_day(-1)),
        Code(new_id(), EVA, a_day(), a_day(14)),
    ]
}
LINKS = {"ana": Link(new_id(), ANA), "eva": Link(new_id(), EVA)}


def claim(code: str | None = None, *touches: tuple[str, timedelta]) -> Claim:
    followed = [Touch(link, MONDAY - ago) for link, ago in touches]
    return attribute(RULE, code, followed, MONDAY, MONDAY.date(), CODES, LINKS)


def whose(found: Claim) -> tuple[Why, UUID | None]:
    return found.why, found.collaboration_id


DAYS = timedelta(days=1)


class TestAttribute:
    def test_lets_a_code_come_before_a_link(self) -> None:
        assert whose(claim("aurora10", ("ana", DAYS))) == (Why.code, EVA)

    def test_takes_a_code_by_its_days(self) -> None:
        found = attribute(RULE, "AURORA10", [], MONDAY, a_day(-1), CODES, LINKS)
        assert whose(found) == (Why.code, ANA)

    def test_takes_the_link_where_the_code_is_nobodys(self) -> None:
        assert whose(claim("NADIE", ("ana", DAYS))) == (Why.link, ANA)

    def test_takes_the_last_link_whatever_the_order_they_are_told_in(self) -> None:
        touches = [("ana", 3 * DAYS), ("eva", DAYS), ("ana", 2 * DAYS)]
        assert whose(claim(None, *touches)) == (Why.link, EVA)
        assert whose(claim(None, *reversed(touches))) == (Why.link, EVA)

    def test_takes_a_link_for_thirty_days_to_the_instant(self) -> None:
        second = timedelta(seconds=1)
        assert claim(None, ("ana", 30 * DAYS)).why is Why.link
        assert claim(None, ("ana", 30 * DAYS + second)).why is Why.link_outside_window

    def test_takes_no_link_that_was_followed_after_the_sale(self) -> None:
        assert claim(None, ("ana", -DAYS)).why is Why.link_outside_window

    def test_says_why_a_sale_is_nobodys(self) -> None:
        assert claim().why is Why.no_touch
        assert claim("NADIE").why is Why.unknown_code
        assert claim(None, ("nadie", DAYS)).why is Why.unknown_link
        outside = attribute(RULE, "AURORA10", [], MONDAY, a_day(46), CODES, LINKS)
        assert outside.why is Why.code_outside_window

    @given(st.permutations([("ana", 1), ("eva", 1), ("ana", 40), ("eva", 5), ("x", 0)]))
    def test_does_not_depend_on_the_order(self, touches: list[tuple[str, int]]) -> None:
        found = claim(None, *((link, ago * DAYS) for link, ago in touches))
        assert whose(found) == (Why.link, EVA)


class TestRules:
    def test_name_the_version_in_force(self) -> None:
        assert attribution.rule_on(date(2026, 11, 16)).version == 1
        assert attribution.rule_on(date(1999, 1, 1)).version == 1

    def test_are_data(self) -> None:
        assert RULE.precedence == ("code", "link")
        assert RULE.window == timedelta(days=30)
