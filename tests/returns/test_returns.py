"""What a collaboration brought for what it cost, with each figure's quality and source."""

from typing import Any

from tests.collaborations import making
from tests.factories import Staffed
from tests.proof.test_results import tell
from tests.tracking.making import code, link, refund, results, sale, told

FEE = {"currency": "EUR", "fixed_minor": 50_000, "product": "Café", "product_value_minor": 5_000}


def _returns(found: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    names = ("value", "numerator", "denominator", "missing_reason")
    return {each["id"]: tuple(each[name] for name in names) for each in found["returns"]}


class TestGetResults:
    def test_divides_what_it_cost_by_what_it_brought(self, agency: Staffed) -> None:
        made = making.started(agency, fee=FEE)
        making.done(code(agency, made), 201)
        metrics = {"reach": 2_000, "views": 10_000, "engagements": 400}
        said = {name: {"value": value, "quality": "actual"} for name, value in metrics.items()}
        making.done(tell(agency, made, metrics=said))
        told(agency, sale("1", 90_000, code="AURORA10"), sale("2", 40_000, code="AURORA10"))
        told(agency, refund("2", 20_000))
        found = results(agency.executive, made)
        assert found["cost"] == {
            "currency": "EUR",
            "fee_minor": 50_000,
            "commission_minor": 0,
            "product_minor": 5_000,
            "total_minor": 55_000,
        }
        assert _returns(found) == {
            "cost_per_reach": (27.5, 55_000, 2_000, None),
            "cpv": (5.5, 55_000, 10_000, None),
            "cpe": (137.5, 55_000, 400, None),
            "cpa": (27_500.0, 55_000, 2, None),
            "roi": (1.0, 55_000, 55_000, None),
            "revenue_roi": (2.0, 110_000, 55_000, None),
        }

    def test_says_why_there_is_none(self, agency: Staffed) -> None:
        made = making.started(agency, fee=FEE)
        making.done(tell(agency, made, metrics={"views": {"value": 0}}))
        found = _returns(results(agency.executive, made))
        assert found["cpv"][0] is None
        assert found["cpv"][3] == "no_denominator"
        assert found["cost_per_reach"][3] == "not_recorded"
        assert found["roi"][3] == "not_recorded"

    def test_counts_here_what_can_be_counted_here(self, agency: Staffed) -> None:
        made = making.started(agency)
        metrics = {"clicks": {"value": 900}, "conversions": {"value": 9}}
        making.done(tell(agency, made, metrics=metrics))
        before = {each["metric"]: each for each in results(agency.executive, made)["figures"]}
        assert (before["clicks"]["value"], before["clicks"]["source"]) == (900, "instagram")
        making.done(link(agency, made), 201)
        after = {each["metric"]: each for each in results(agency.executive, made)["figures"]}
        assert (after["clicks"]["value"], after["clicks"]["source"]) == (0, "tracking")
        assert (after["conversions"]["value"], after["conversions"]["quality"]) == (0, "actual")

    def test_holds_estimates_only_where_they_are_switched_on(self, agency: Staffed) -> None:
        made = making.started(agency)
        piece = making.pieces_of(agency.executive, made)[0]
        metrics = {"views": {"value": 10_000}, "likes": {"value": 100}}
        making.done(tell(agency, made, deliverable_id=piece["id"], metrics=metrics))
        assert "emv" not in _returns(results(agency.executive, made))
        switch = {"settings": {"estimated_media_value": True}}
        making.done(agency.owner.patch("/v1/agency", switch))
        found = results(agency.executive, made)["returns"][-1]
        assert (found["id"], found["value"], found["quality"]) == ("emv", 12_800, "estimated")
        assert (found["rate_card"], found["currency"]) == ("default 1", "EUR")


class TestResultPage:
    def test_says_the_same_figures_to_the_client(self, agency: Staffed) -> None:
        made = making.started(agency)
        making.done(code(agency, made), 201)
        metrics = {"views": {"value": 10_000, "quality": "actual"}}
        making.done(tell(agency, made, metrics=metrics))
        told(agency, sale("1", 90_000, code="AURORA10"), refund("1", 20_000))
        for person in (agency.approver, agency.influencer, agency.executive):
            answer = person.get(f"/v1/collaborations/{made['id']}/result")
            found = {each["metric"]: each for each in making.done(answer)["figures"]}
            assert (found["views"]["value"], found["views"]["source"]) == (10_000, "instagram")
            assert (found["revenue"]["value"], found["revenue"]["quality"]) == (70_000, "actual")
            assert (found["reach"]["value"], found["reach"]["quality"]) == (None, "missing")


class TestReadings:
    def test_are_of_a_collaboration_too(self, agency: Staffed) -> None:
        made = making.started(agency)
        row = {"date": "2026-11-16", "collaboration": made["id"], "views": 5}
        answer = agency.executive.post("/v1/metrics/daily", {"readings": [row]})
        assert (answer.status_code, answer.json()["stored"]) == (200, 1)
        stranger = {**row, "collaboration": made["campaign_id"]}
        answer = agency.executive.post("/v1/metrics/daily", {"readings": [stranger]})
        assert answer.json()["errors"][0]["code"] == "unknown_collaboration"
