"""The collaborations in a report: worked and told through the API, and who may read what."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tenants import clock
from tests.collaborations import making
from tests.factories import Staffed
from tests.proof import making as proof
from tests.proof.test_results import tell
from tests.reports.test_reports import begin, publish
from tests.tracking.making import code, sale, told

WORKED = datetime(2026, 10, 12, 10, 0, tzinfo=UTC)
READ = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
FEE = 86_413
DAYS = {"starts_on": "2026-10-01", "ends_on": "2026-12-31"}


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(READ):
        yield


def delivered(agency: Staffed, fee: int = FEE, **values: Any) -> dict[str, Any]:
    """A collaboration whose one piece went out in October, and was seen there."""
    with clock.at(WORKED):
        made, post = proof.published(agency, fee={"currency": "EUR", "fixed_minor": fee}, **values)
        making.done(proof.confirm(agency, post, "live"))
        return {**made, "post": post}


def brought(agency: Staffed, made: dict[str, Any], **values: int) -> None:
    with clock.at(WORKED):
        said = {name: {"value": value, "quality": "actual"} for name, value in values.items()}
        currency = "EUR" if "revenue_minor" in values else None
        making.done(tell(agency, made, metrics=said, currency=currency))


def internally(agency: Staffed, **values: Any) -> Any:
    body = {"client_id": str(agency.client_id), "period": "month", "starts_on": "2026-10-15"}
    answer = agency.strategist.post("/v1/reports", {**body, "audience": "internal", **values})
    return making.done(answer, 201)["figures"]


def other_of(agency: Staffed) -> dict[str, Any]:
    """Another one, on another campaign and line."""
    return delivered(agency, 50_000)


class TestWhatIsTold:
    def test_is_what_was_agreed_what_is_out_and_what_it_brought(self, agency: Staffed) -> None:
        made = delivered(agency)
        brought(agency, made, reach=2_000, views=10_000, engagements=400)
        with clock.at(WORKED):
            making.done(code(agency, made, **DAYS), 201)
            sold = {"code": "AURORA10", "occurred_at": WORKED.isoformat()}
            told(agency, sale("1", 90_000, **sold))

        found = begin(agency)["figures"]["collaborations"]

        (row,) = found["rows"]
        assert (row["influencer"], row["campaign"]) == (made["influencer_name"], "Lanzamiento")
        assert (row["phase"], row["disclosure"]) == ("delivered", "valid")
        assert (row["agreed"], row["live"], row["verified"]) == (1, 1, 1)
        assert [post["url"] for post in row["posts"]] == [made["post"]["url"]]
        figures = {name: each.get("value") for name, each in row["figures"].items()}
        assert figures == {
            **{"reach": 2_000, "views": 10_000, "engagements": 400},
            **{"clicks": None, "conversions": 1, "revenue": 90_000},
        }
        assert row["figures"]["clicks"] == {"quality": "missing", "lacks": "not_recorded"}
        assert found["totals"]["figures"]["revenue"]["value"] == 90_000

    def test_is_the_same_as_the_page_of_results(self, agency: Staffed) -> None:
        one, two = delivered(agency), other_of(agency)
        for made, views in ((one, 10_000), (two, 700)):
            brought(agency, made, views=views, reach=5)
        rows = begin(agency)["figures"]["collaborations"]["rows"]
        assert len(rows) == 2
        for row in rows:
            page = making.done(agency.executive.get(f"/v1/collaborations/{row['id']}/result"))
            shown = {each["metric"]: each["value"] for each in page["figures"]}
            assert shown == {name: each.get("value") for name, each in row["figures"].items()}

    def test_says_that_a_disclosure_is_being_mended(self, agency: Staffed) -> None:
        with clock.at(WORKED):
            made = proof.approved(agency)
            piece = making.pieces_of(agency.executive, made)[0]
            proof.bound(agency, piece["id"], caption={"caption": "El café de Aurora."})

        (row,) = begin(agency)["figures"]["collaborations"]["rows"]

        assert row["disclosure"] == "mending"

    def test_is_of_the_period_alone(self, agency: Staffed) -> None:
        delivered(agency)
        with clock.at(READ):
            making.contracted(agency)

        october = begin(agency)["figures"]["collaborations"]["rows"]
        september = begin(agency, starts_on="2026-09-01")["figures"]

        assert len(october) == 1
        assert "collaborations" not in september

    def test_ends_with_the_collaboration(self, agency: Staffed) -> None:
        with clock.at(WORKED):
            made = making.contracted(agency)
            path = f"/v1/collaborations/{made['id']}/cancel"
            making.done(agency.executive.post(path, {"reason": "Se aplaza."}))

        (row,) = begin(agency)["figures"]["collaborations"]["rows"]
        november = begin(agency, starts_on="2026-11-01", period="week")["figures"]

        assert (row["phase"], row["agreed"]) == ("ended", 0)
        assert "collaborations" not in november

    def test_is_nothing_where_there_is_none(self, agency: Staffed) -> None:
        with clock.at(WORKED):
            making.offered(agency)

        assert "collaborations" not in begin(agency)["figures"]


class TestMoney:
    def test_of_each_is_for_the_agency_alone(self, agency: Staffed) -> None:
        made = delivered(agency)
        brought(agency, made, engagements=400)

        figures = internally(agency)["collaborations"]

        (row,) = figures["rows"]
        assert row["money"]["agreed_minor"] == row["money"]["spent_minor"] == FEE
        assert row["money"]["owed_minor"] == FEE
        assert "payee_ready" in row["money"]["waits"]
        assert figures["cost"] == {
            "spent_minor": FEE,
            "paid": 1,
            "per_engagement": {"numerator": FEE, "denominator": 400},
        }

    def test_never_tells_a_client_a_fee(self, agency: Staffed) -> None:
        made = delivered(agency)
        brought(agency, made, engagements=400)
        report = begin(agency)
        version = publish(agency, report)
        assert version.status_code == 201, version.text
        path = f"/v1/reports/{report['id']}/versions/1?format=json"

        frozen = making.done(agency.approver.get(path))

        shown = frozen["collaborations"]
        assert shown["rows"][0]["influencer"] == made["influencer_name"]
        assert str(FEE) not in str(shown) + str(report["figures"]["collaborations"])
        assert "money" not in {name for name, each in shown["rows"][0].items() if each}
        assert not shown.get("cost")

    def test_tells_a_client_what_several_cost(self, agency: Staffed) -> None:
        for made in (delivered(agency), other_of(agency)):
            brought(agency, made, engagements=100, conversions=5, revenue_minor=0)

        found = begin(agency)["figures"]["collaborations"]

        spent = FEE + 50_000
        assert found["cost"]["per_engagement"] == {"numerator": spent, "denominator": 200}
        assert found["cost"]["per_conversion"] == {"numerator": spent, "denominator": 10}
        assert str(FEE) not in str(found)

    def test_divides_nothing_by_what_is_not_known_of_each(self, agency: Staffed) -> None:
        brought(agency, delivered(agency), engagements=100)
        other_of(agency)

        cost = begin(agency)["figures"]["collaborations"]["cost"]

        assert cost == {"spent_minor": FEE + 50_000, "paid": 2}

    def test_counts_in_the_investment_once(self, agency: Staffed) -> None:
        delivered(agency)
        other_of(agency)

        figures = internally(agency)

        spent = figures["collaborations"]["cost"]["spent_minor"]
        assert spent == FEE + 50_000
        assert figures["investment"]["total_minor"] == spent
        assert figures["investment"]["other_minor"] == spent
        assert figures["budget"]["totals"]["spent_minor"] == spent
