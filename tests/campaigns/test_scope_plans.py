"""Planning a whole scope, through the API."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.campaigns import scope_plans
from tenants import clock
from tests.campaigns import making
from tests.campaigns.making import done
from tests.factories import Staffed, events_of

TWO = (
    making.line(quantity=3, due_on="2026-12-31"),
    making.line(
        quantity=2, measure="milestone", label={"es": "Guía"}, kind="guide", due_on="2026-12-15"
    ),
)
SERVICE = making.line(measure="hours", kind="hours", quantity=40, due_on=None)


def plan(agency: Staffed, scope: Any, *lines: dict[str, Any], **more: Any) -> Any:
    body = {"lines": list(lines), **more}
    return agency.community.post(f"/v1/scopes/{scope['id']}/plan", body)


def planned(agency: Staffed) -> list[Any]:
    return list(done(agency.community.get("/v1/deliverables?limit=200"))["data"])


class TestPlanScope:
    def test_makes_every_unit_of_what_is_reviewed(self, agency: Staffed) -> None:
        scope = making.accepted(agency, *TWO, SERVICE)

        made = done(plan(agency, scope))

        assert (made["planned"], [each["free"] for each in made["lines"]]) == (5, [3, 2])
        assert [each["label"]["es"] for each in made["lines"][0]["deliverables"]] == [
            "Reels 1/3",
            "Reels 2/3",
            "Reels 3/3",
        ]
        rows = {row["id"]: row for row in planned(agency)}
        told = [each for line in made["lines"] for each in line["deliverables"]]
        assert {each["id"] for each in told} == set(rows)
        assert all(rows[each["id"]]["due_on"] == each["due_on"] for each in told)
        assert events_of(agency, told[0]["id"]) == ["deliverable.planned"]

    def test_called_twice_plans_nothing_twice(self, agency: Staffed) -> None:
        scope = making.accepted(agency, *TWO)
        done(plan(agency, scope))

        again = done(plan(agency, scope))

        assert (again["planned"], len(planned(agency))) == (0, 5)

    def test_fills_the_numbers_that_are_free(self, agency: Staffed) -> None:
        scope = making.accepted(agency, TWO[0])
        first = done(plan(agency, scope))["lines"][0]["deliverables"]
        done(making.move(agency.community, first[1], "cancel"))

        again = done(plan(agency, scope))

        assert [each["label"]["en"] for each in again["lines"][0]["deliverables"]] == ["Reels 2/3"]

    def test_gives_what_ten_ask_for_at_once_to_one(self, agency: Staffed) -> None:
        scope = making.accepted(agency, *TWO)

        with ThreadPoolExecutor(10) as pool:
            answers = [done(each) for each in pool.map(lambda _: plan(agency, scope), range(10))]

        assert sorted(each["planned"] for each in answers) == [0] * 9 + [5]
        assert len(planned(agency)) == 5

    def test_previews_the_same_and_makes_nothing(self, agency: Staffed) -> None:
        scope = making.accepted(agency, *TWO)
        choice = {"line_id": scope["lines"][0]["id"], "count": 2, "first_due_on": "2026-12-01"}

        shown = done(plan(agency, scope, choice, preview=True))
        nothing = planned(agency)
        made = done(plan(agency, scope, choice))

        for line in made["lines"]:
            for each in line["deliverables"]:
                assert each.pop("id") is not None
                each["id"] = None
        assert (nothing, shown) == ([], made)

    def test_goes_week_by_week_to_who_is_named(self, agency: Staffed) -> None:
        scope = making.accepted(agency, *TWO)
        first, second = scope["lines"]
        somebody = str(agency.community.membership_id)
        weekly = {"first_due_on": "2026-12-04", "every_days": 7, "assignee_id": somebody}

        made = done(
            plan(
                agency,
                scope,
                {"line_id": first["id"], **weekly},
                {"line_id": second["id"], "count": 0},
            )
        )

        (weeks, none) = made["lines"]
        assert [each["due_on"] for each in weeks["deliverables"]] == [
            "2026-12-04",
            "2026-12-11",
            "2026-12-18",
        ]
        assert none["deliverables"] == []
        assert {row["assignee_id"] for row in planned(agency)} == {somebody}

    def test_spreads_a_line_without_a_day_over_the_period(self, agency: Staffed) -> None:
        line = making.line(quantity=4, due_on=None)
        first = clock.today("Europe/Madrid") + timedelta(days=10)
        day = [(first + timedelta(days=each)).isoformat() for each in range(31)]
        scope = making.accepted(agency, line, starts_on=day[0], ends_on=day[-1])

        made = done(plan(agency, scope))

        due = [each["due_on"] for each in made["lines"][0]["deliverables"]]
        assert due == [day[7], day[15], day[23], day[30]]

    def test_plans_all_or_nothing(self, agency: Staffed) -> None:
        scope = making.accepted(agency, TWO[0], making.line(due_on=None))

        answer = plan(agency, scope)

        assert (answer.status_code, answer.json()["code"]) == (422, "due_day_missing")
        assert answer.json()["line_id"] == scope["lines"][1]["id"]
        assert planned(agency) == []

    @pytest.mark.parametrize("policy", ["block", "flag", "draft_change_order"])
    def test_never_goes_beyond_what_was_sold(self, agency: Staffed, policy: str) -> None:
        done(agency.executive.patch(f"/v1/clients/{agency.client_id}", {"over_scope": policy}))
        scope = making.accepted(agency, TWO[0])

        answer = plan(agency, scope, {"line_id": scope["lines"][0]["id"], "count": 4})

        assert (answer.status_code, answer.json()["code"]) == (409, "scope_exhausted")
        assert (answer.json()["available"], planned(agency)) == (3, [])

    def test_refuses_more_than_a_thousand_at_once(self, agency: Staffed) -> None:
        scope = making.accepted(agency, making.line(quantity=10_000))
        line_id = scope["lines"][0]["id"]

        refused = plan(agency, scope)
        part = done(plan(agency, scope, {"line_id": line_id, "count": 1_000}))

        assert (refused.status_code, refused.json()["code"]) == (409, "too_many_at_once")
        assert (refused.json()["most"], refused.json()["asked"]) == (1_000, 10_000)
        assert part["lines"][0]["deliverables"][-1]["label"]["en"] == "Reels 1000/10000"
        assert making.lot_of(agency, scope["id"])["planned"] == 1_000

    def test_refuses_what_is_not_in_force(self, agency: Staffed) -> None:
        answer = plan(agency, making.submitted(agency))

        assert (answer.status_code, answer.json()["code"]) == (409, "scope_not_in_force")

    def test_refuses_a_line_of_another_scope_and_a_service(self, agency: Staffed) -> None:
        scope, other = making.accepted(agency, *TWO, SERVICE), making.accepted(agency)

        foreign = plan(agency, scope, {"line_id": other["lines"][0]["id"]})
        service = plan(agency, scope, {"line_id": scope["lines"][2]["id"]})

        assert foreign.status_code == 404
        assert (service.status_code, service.json()["code"]) == (422, "line_without_deliverables")

    def test_refuses_what_does_not_make_sense(self, agency: Staffed) -> None:
        scope = making.accepted(agency, TWO[0])
        line = {"line_id": scope["lines"][0]["id"]}

        for lines in ([line, line], [{**line, "every_days": 7}]):
            assert plan(agency, scope, *lines).status_code == 422
        late = plan(agency, scope, {**line, "first_due_on": "2200-12-30", "every_days": 7})
        assert (late.status_code, late.json()["code"]) == (422, "due_too_late")
        stranger = str(agency.approver.membership_id)
        nobody = plan(agency, scope, {**line, "assignee_id": stranger})
        assert (nobody.status_code, nobody.json()["code"]) == (422, "assignee_not_staff")


class TestSpread:
    @given(
        start=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
        length=st.integers(-30, 400),
        wanted=st.integers(1, 300),
    )
    def test_is_even_in_order_inside_and_ends_on_the_last_day(
        self, start: date, length: int, wanted: int
    ) -> None:
        end = start + timedelta(days=length)
        days = scope_plans.spread(start, end, wanted)

        assert len(days) == wanted
        assert days == sorted(days)
        assert days[-1] == end
        assert all(min(start, end) <= day <= end for day in days)
        gaps = {(later - day).days for day, later in zip(days, days[1:], strict=False)}
        assert not gaps or max(gaps) - min(gaps) <= 1
