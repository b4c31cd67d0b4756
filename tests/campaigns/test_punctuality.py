"""On-time rates, through the API and against a model."""

from collections import Counter
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from api.campaigns.punctuality import Rate
from tests.campaigns import making
from tests.campaigns.making import done, move
from tests.factories import Person, Staffed

NOVEMBER = {"from": "2026-11-01", "to": "2026-11-30"}


def read(person: Person, agency: Staffed, **period: str) -> Any:
    path = f"/v1/clients/{agency.client_id}/delivery"
    return done(person.get(path, params=period or NOVEMBER))


def out(agency: Staffed, line_id: str, due_on: str, day: str, *before: tuple[str, Any]) -> Any:
    """A deliverable that was out on a day, after some other things were done to it."""
    made = making.deliverable(agency, line_id, due_on=due_on)
    for verb, body in before:
        done(move(agency.community, made, verb, body))
    making.in_client_review(agency, made)
    done(move(agency.approver, made, "approve"))
    proof = {"url": "https://instagram.com/p/1", "published_at": f"{day}T12:00:00Z"}
    return done(move(agency.community, made, "deliver", proof))


def moved(due_on: str, cause: str) -> tuple[str, Any]:
    return "redate", {"due_on": due_on, "cause": cause, "reason": "Así fue"}


def counted(causes: Any) -> dict[str, int]:
    return {each["cause"]: each["count"] for each in causes}


class TestOnTimeRate:
    def test_is_of_the_day_promised_and_of_the_day_agreed(self, agency: Staffed) -> None:
        (line,) = making.accepted(agency)["lines"]
        wait = [("block", {"cause": "third_party"}), ("unblock", None)]
        out(agency, line["id"], "2026-11-10", "2026-11-10")
        out(agency, line["id"], "2026-11-10", "2026-11-12", moved("2026-11-12", "client"))
        out(agency, line["id"], "2026-11-10", "2026-11-13", *wait, moved("2026-11-12", "client"))
        out(agency, line["id"], "2026-11-10", "2026-11-11")
        out(agency, line["id"], "2026-10-10", "2026-10-09")
        late = making.deliverable(agency, line["id"], due_on="2026-11-05")
        done(move(agency.community, late, "block", {"cause": "client"}))
        making.deliverable(agency, line["id"], due_on="2026-11-06")

        total = read(agency.executive, agency)["total"]

        assert (total["delivered"], total["late"], total["overdue"]) == (4, 3, 2)
        promised, agreed = total["on_time_as_promised"], total["on_time_as_agreed"]
        assert promised == {
            "value": 0.25,
            "numerator": 1,
            "denominator": 4,
            "missing_reason": None,
        }
        assert (agreed["value"], agreed["numerator"]) == (0.5, 2)
        assert counted(total["late_by_cause"]) == {"client": 1, "third_party": 1, "agency": 1}
        assert counted(total["overdue_by_cause"]) == {"client": 1, "agency": 1}

    def test_is_shown_to_the_client_without_causes(self, agency: Staffed) -> None:
        (line,) = making.accepted(agency)["lines"]
        out(agency, line["id"], "2026-11-10", "2026-11-12", moved("2026-11-12", "agency"))

        for person in (agency.viewer, agency.approver):
            total = read(person, agency)["total"]
            assert (total["late"], total["late_by_cause"]) == (1, None)
            assert total["on_time_as_promised"]["denominator"] == 1
        assert agency.other_contact.get(f"/v1/clients/{agency.client_id}/delivery").status_code in (
            403,
            404,
        )

    def test_is_told_campaign_by_campaign(self, agency: Staffed) -> None:
        campaign = making.active_campaign(agency)
        scope = done(agency.executive.get(f"/v1/campaigns/{campaign['id']}/scope"))
        out(agency, scope["lines"][0]["id"], "2026-11-10", "2026-11-11")
        (line,) = making.accepted(agency)["lines"]
        out(agency, line["id"], "2026-11-10", "2026-11-10")

        told = read(agency.executive, agency)

        values = {
            each["campaign_id"]: each["punctuality"]["on_time_as_promised"]["value"]
            for each in told["campaigns"]
        }
        assert values == {None: 1.0, campaign["id"]: 0.0}
        assert told["total"]["on_time_as_promised"]["value"] == 0.5

    def test_of_nothing_is_missing_with_a_reason(self, agency: Staffed) -> None:
        total = read(agency.executive, agency)["total"]

        rate = total["on_time_as_promised"]
        assert (rate["value"], rate["missing_reason"]) == (None, "no_denominator")

    def test_refuses_a_period_that_goes_back(self, agency: Staffed) -> None:
        path = f"/v1/clients/{agency.client_id}/delivery"
        answer = agency.executive.get(path, params={"from": "2026-11-30", "to": "2026-11-01"})

        assert (answer.status_code, answer.json()["code"]) == (422, "period_backwards")

    @given(numerator=st.integers(0, 10**6), more=st.integers(0, 10**6))
    def test_is_rounded_half_even_to_six_places(self, numerator: int, more: int) -> None:
        rate = Rate(numerator, numerator + more)
        if not rate.denominator:
            assert rate.value is None
            return
        exact = Decimal(numerator) / Decimal(rate.denominator)
        expected = exact.quantize(Decimal("0.000001"), rounding=ROUND_HALF_EVEN)
        assert rate.value == float(expected)

    def test_breaks_ties_to_the_even_digit(self) -> None:
        assert Rate(1, 2_000_000).value == 0.0
        assert Rate(3, 2_000_000).value == 0.000002


class TestAgainstAModel:
    def test_every_late_one_has_one_cause(self, agency: Staffed) -> None:
        """All combinations of moved or not, waited or not, in time or not."""
        (line,) = making.accepted(agency, making.line(quantity=50))["lines"]
        late: Counter[str] = Counter()
        agreed = delivered = 0
        for day in ("2026-11-10", "2026-11-12", "2026-11-14"):
            for move_to in (None, "2026-11-12", "2026-11-08"):
                for waits in (None, "crisis"):
                    steps: list[tuple[str, Any]] = []
                    if waits:
                        steps += [("block", {"cause": waits}), ("unblock", None)]
                    if move_to:
                        steps += [moved(move_to, "client")]
                    out(agency, line["id"], "2026-11-10", day, *steps)
                    due = move_to or "2026-11-10"
                    delivered += 1
                    agreed += day <= due
                    if day > "2026-11-10":
                        late[(waits or "agency") if day > due else "client"] += 1

        total = read(agency.executive, agency)["total"]

        assert total["on_time_as_agreed"]["numerator"] == agreed
        assert (total["delivered"], total["late"]) == (delivered, sum(late.values()))
        assert counted(total["late_by_cause"]) == late
