"""Figures of the past come out as they were known; campaigns and posts are measured as such."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tenants import clock
from tests.factories import Staffed
from tests.metrics.made import (
    campaign_of,
    channel_of,
    counts,
    performance,
    post_of,
    reading,
    record,
)

START = datetime(2026, 11, 2, 9, tzinfo=UTC)


def totals(agency: Staffed, as_of: datetime | None = None, **query: str) -> Any:
    asked = query | ({"as_of": as_of.isoformat()} if as_of else {})
    answer = performance(agency, **asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


class TestAsOf:
    def test_tells_what_was_known_then(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        said: list[dict[str, Any]] = [
            {"views": 5, "likes": 1, "spend_minor": 70},
            {"views": 9, "missing": {"likes": "not_offered"}},
            {"likes": 4, "followers": 10, "source": "api"},
        ]
        shown = []
        for hour, values in enumerate(said):
            with clock.at(START + timedelta(hours=hour)):
                counts(record(agency, reading(channel, "2026-10-05", **values)))
                shown.append(totals(agency))

        for hour, then in enumerate(shown):
            with clock.at(START + timedelta(days=1)):
                again = totals(agency, START + timedelta(hours=hour))
            for part in ("totals", "followers", "channels", "days", "compared_with"):
                assert again[part] == then[part], (hour, part)

    def test_goes_by_when_it_came_not_by_what_it_says(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        early = (START - timedelta(days=1)).isoformat()
        with clock.at(START):
            record(agency, reading(channel, "2026-10-05", views=5))
        with clock.at(START + timedelta(hours=2)):
            record(agency, reading(channel, "2026-10-06", views=7, captured_at=early))
            before = totals(agency, START + timedelta(hours=1))

        assert before["totals"]["views"]["value"] == 5
        assert before["as_of"] == "2026-11-02T10:00:00Z"

    def test_that_is_to_come_is_now(self, agency: Staffed) -> None:
        record(agency, reading(channel_of(agency), views=5))

        late = totals(agency, datetime(2199, 1, 1, tzinfo=UTC))

        assert late["totals"] == totals(agency)["totals"]
        assert late["as_of"] < "2199"


class TestCampaign:
    def test_has_figures_of_its_own(self, agency: Staffed) -> None:
        campaign, other = campaign_of(agency), campaign_of(agency)
        channel = channel_of(agency)
        counts(
            record(
                agency,
                {"date": "2026-10-01", "campaign": campaign, "views": 5, "spend_minor": 100},
                {"date": "2026-10-02", "campaign": campaign, "views": 6, "leads": 2},
                {"date": "2026-10-01", "campaign": other, "views": 70},
                reading(channel, "2026-10-01", views=900),
            )
        )

        path = f"/v1/campaigns/{campaign}/performance"
        made = agency.executive.get(path, params={"from": "2026-10-01", "to": "2026-10-31"}).json()

        assert made["totals"]["views"]["value"] == 11
        assert made["totals"]["views"]["complete"] is False
        assert [day["views"] for day in made["days"]][:3] == [5, 6, None]
        assert made["channels"] is None
        assert totals(agency)["totals"]["views"]["value"] == 900

    def test_of_another_client_is_none(self, agency: Staffed, other_agency: Staffed) -> None:
        row = {"date": "2026-10-01", "campaign": campaign_of(other_agency), "views": 5}

        answer = record(agency, row)

        assert counts(answer) == (0, 0, 1)
        assert answer.json()["errors"][0]["code"] == "unknown_campaign"


class TestPost:
    def test_is_noted_once(self, agency: Staffed) -> None:
        channel = channel_of(agency)

        first, again = post_of(agency, channel), post_of(agency, channel)

        assert first.status_code == 201, first.text
        assert (again.status_code, again.json()["code"]) == (409, "post_exists")
        assert post_of(agency, channel_of(agency)).status_code == 201

    def test_belongs_to_a_campaign_of_its_client_alone(
        self, agency: Staffed, other_agency: Staffed
    ) -> None:
        channel = channel_of(agency)

        theirs = post_of(agency, channel, campaign_id=campaign_of(other_agency))
        made = post_of(agency, channel, campaign_id=campaign_of(agency))

        assert theirs.status_code == 404
        assert made.status_code == 201, made.text

    def test_is_named_by_the_networks_id(self, agency: Staffed) -> None:
        made = post_of(agency, channel_of(agency)).json()
        row = {"date": "2026-10-03", "basis": "lifetime", "views": 40}

        one = record(agency, {**row, "post": "instagram:1799"})
        same = record(agency, {**row, "post": made["id"]})

        assert (counts(one), counts(same)) == ((1, 0, 0), (0, 1, 0))

    def test_of_two_channels_needs_its_own_id(self, agency: Staffed) -> None:
        for _ in range(2):
            post_of(agency, channel_of(agency))

        answer = record(agency, {"date": "2026-10-03", "post": "instagram:1799", "views": 1})

        assert answer.json()["errors"][0]["code"] == "ambiguous_post"

    def test_is_listed_by_when_it_was_published(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        for day in (1, 2, 3):
            at = f"2026-10-0{day}T00:00:00Z"
            post_of(agency, channel, external_id=str(day), published_at=at)

        path = "/v1/published-posts?published_from=2026-10-02&published_to=2026-10-02"
        found = agency.community.get(path).json()["data"]

        assert [each["external_id"] for each in found] == ["2"]

    def test_is_put_right(self, agency: Staffed) -> None:
        made = post_of(agency, channel_of(agency))
        path, campaign = f"/v1/published-posts/{made.json()['id']}", campaign_of(agency)

        right = agency.community.patch(
            path, {"campaign_id": campaign, "format": "reel"}, version=made.headers["ETag"]
        )

        assert right.status_code == 200, right.text
        assert (right.json()["campaign_id"], right.json()["format"]) == (campaign, "reel")


class TestSubject:
    @pytest.mark.parametrize("named", [(), ("channel", "post")])
    def test_is_one_thing(self, agency: Staffed, named: tuple[str, ...]) -> None:
        row = {"date": "2026-10-01", "views": 1} | dict.fromkeys(named, "instagram:x")

        answer = record(agency, row)

        assert answer.json()["errors"][0]["code"] == "one_subject"
